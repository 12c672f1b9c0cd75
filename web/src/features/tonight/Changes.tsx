import type { Night } from '../../api/night';
import { percent } from '../../format/number';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './Changes.module.css';
import { ChangeList } from './ChangeList';

/** What is otherwise than in the night before. */
export function Changes({ night }: { night: Night }) {
  const { t } = useWords();
  const lang = useLang();
  const { changes, first_try: now, first_try_before: before } = night;
  return (
    <Section title={t('tonight.changes')}>
      {changes === null ? (
        <p className={table.sub}>{t('tonight.firstNight')}</p>
      ) : (
        <ChangeList changes={changes} environment={night.environment} />
      )}
      {now.share !== null && (
        <p className={styles.rate}>
          <b>{t('tonight.firstTry', { share: percent(now.share, lang) })}</b>
          {before.share !== null && `, ${t('tonight.firstTryBefore', { share: percent(before.share, lang) })}`}
        </p>
      )}
    </Section>
  );
}
