import { Fragment } from 'react';
import styles from './Sentence.module.css';

interface Part {
  tone: string;
  text: string;
}

interface Props {
  parts: Part[];
  /** It begins with a name, which stays as it is. */
  isName?: boolean;
}

/** The sentence that a person would say, as smartETL words it, its first letter a capital. */
export function Sentence({ parts, isName = false }: Props) {
  return (
    <h1 className={styles.sentence}>
      {parts.map(({ tone, text }, index) => (
        <Fragment key={index}>
          <span className={styles[tone]}>
            {index === 0 && !isName ? text.charAt(0).toUpperCase() + text.slice(1) : text}
          </span>{' '}
        </Fragment>
      ))}
    </h1>
  );
}
