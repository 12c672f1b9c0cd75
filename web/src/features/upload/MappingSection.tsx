import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';
import styles from './upload.module.css';

interface Props {
  text: string;
  wrong: { text: string; line: number | null } | null;
  change: (text: string) => void;
}

const LEAST = 12;
const MOST = 32;

/** The mapping as it is written, tried as it is typed. */
export function MappingSection({ text, wrong, change }: Props) {
  const { t } = useWords();
  const lines = text.split('\n').length;
  return (
    <Section title={t('upload.mapping')}>
      <textarea
        className={styles.mapping}
        aria-label={t('upload.mapping')}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : 'wrong-mapping'}
        spellCheck={false}
        rows={Math.min(MOST, Math.max(LEAST, lines + 1))}
        value={text}
        onChange={(event) => {
          change(event.currentTarget.value);
        }}
      />
      {wrong !== null && (
        <p id="wrong-mapping" className={styles.wrong} role="alert">
          {wrong.line !== null && `${t('sources.line', { told: String(wrong.line) })} · `}
          {wrong.text}
        </p>
      )}
    </Section>
  );
}
