import type { Schemas } from '../api/client';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import styles from './Knowledge.module.css';
import { Section } from './Section';

/** What is known about the code and the category: what it means, what to check first, whether trying again helps. */
export function Knowledge({ known: all }: { known: Schemas['KnowledgeFacts'][] }) {
  const { t } = useWords();
  const word = useWord();
  const [first, ...others] = all;
  if (!first) return null;
  const told = (known: typeof first) => (
    <dl className={styles.known} key={known.about}>
      <dt className={styles.word}>{word('category', known.about)}</dt>
      <dd>{known.means}</dd>
      <dt>{t('run.check')}</dt>
      <dd>{known.check}</dd>
      <dt>{t('run.retry')}</dt>
      <dd>{known.retry}</dd>
      <dd>
        <a href={known.source} rel="noreferrer noopener" target="_blank">
          {t('run.source')} ↗
        </a>
      </dd>
    </dl>
  );
  return (
    <Section title={t('run.knowledge')}>
      {told(first)}
      {others.map((known) => (
        <details key={known.about} className={styles.more}>
          <summary className={styles.word}>{word('category', known.about)}</summary>
          {told(known)}
        </details>
      ))}
    </Section>
  );
}
