import { useSearchAnswer } from '../../api/search';
import { Answer } from '../../parts/Answer';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { HitLine } from './HitLine';
import styles from './search.module.css';

/** What was found, by kind, the best first. */
export function FoundSection({ q, environment }: { q: string; environment: string }) {
  const { t } = useWords();
  const found = useSearchAnswer(q, environment);
  return (
    <Answer query={found} lines={8} height={320}>
      {({ alike, groups }) => (
        <>
          {groups.length === 0 && <p>{t('search.nothing')}</p>}
          {alike && groups.length > 0 && <p>{t('search.alike')}</p>}
          {groups.map(({ kind, hits, more }) => (
            <Section key={kind} title={t(`search.${kind}`)}>
              <ul className={styles.hits}>
                {hits.map((hit, index) => (
                  <HitLine key={index} kind={kind} hit={hit} />
                ))}
              </ul>
              {more && <p className={table.sub}>{t('search.more')}</p>}
            </Section>
          ))}
        </>
      )}
    </Answer>
  );
}
