import { useTranslation } from 'react-i18next';
import type { Explanation } from '../../api/run';
import { Section } from '../../parts/Section';
import { useWord } from '../../words/useWord';
import styles from './Knowledge.module.css';

/** What is known about the code and the category: what it means, what to check first, whether trying again helps. */
export function Knowledge({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation();
  const word = useWord();
  const [first, ...others] = explanation.knowledge;
  if (!first) return null;
  const told = (known: typeof first) => (
    <dl className={styles.known} key={known.about}>
      <dt>{word('category', known.about)}</dt>
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
          <summary>{explanation.category_name}</summary>
          {told(known)}
        </details>
      ))}
    </Section>
  );
}
