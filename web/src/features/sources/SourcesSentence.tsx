import type { Source } from '../../api/sources';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

/** `46 sources: 15,036 rows. 12 records could not become rows.` Of none, what to do next. */
export function SourcesSentence({ sources, hasMore }: { sources: Source[]; hasMore: boolean }) {
  const { t } = useWords();
  const lang = useLang();
  if (sources.length === 0) {
    return (
      <Sentence
        parts={[
          { tone: 'plain', text: t('sources.none') },
          { tone: 'quiet', text: t('empty.text') },
        ]}
      />
    );
  }
  const told = number(sources.length, lang);
  const rows = sources.reduce((sum, source) => sum + source.rows_log + source.rows_error, 0);
  const rejects = sources.reduce((sum, source) => sum + source.rejects, 0);
  const all = hasMore ? t('sources.atLeast', { told }) : t('sources.sentence', { count: sources.length, told });
  // Of a part of them no number is told.
  if (hasMore) return <Sentence parts={[{ tone: 'plain', text: `${all}.` }]} />;
  return (
    <Sentence
      parts={[
        { tone: 'plain', text: `${all}, ${t('sources.rowsOf', { count: rows, told: number(rows, lang) })}.` },
        rejects === 0
          ? { tone: 'quiet', text: t('sources.noReject') }
          : { tone: 'bad', text: t('sources.rejectsOf', { count: rejects, told: number(rejects, lang) }) },
      ]}
    />
  );
}
