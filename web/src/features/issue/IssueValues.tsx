import { useState } from 'react';
import type { Variable } from '../../api/issues';
import { TextButton } from '../../parts/TextButton';
import { useWords } from '../../words/useWords';
import styles from './IssueValues.module.css';
import { ValuesLine } from './ValuesLine';

/** More places than these are folded until they are asked for. */
const SHOWN = 4;

/** What stands in each place in which its messages differ, in the order of the places; nothing where none is known. */
export function IssueValues({ variables }: { variables: Variable[] }) {
  const { t } = useWords();
  const [isWhole, setWhole] = useState(false);
  if (variables.length === 0) return null;
  return (
    <>
      <ul className={styles.places} aria-label={t('issue.values')}>
        {variables.slice(0, isWhole ? undefined : SHOWN).map((variable, index) => (
          <ValuesLine key={index} variable={variable} />
        ))}
      </ul>
      {variables.length > SHOWN && (
        <TextButton
          isOpen={isWhole}
          act={() => {
            setWhole(!isWhole);
          }}
        >
          {t(isWhole ? 'error.less' : 'error.whole')}
        </TextButton>
      )}
    </>
  );
}
