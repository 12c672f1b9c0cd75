import { Link } from '@tanstack/react-router';
import type { CompareLine } from '../../api/compare';
import { optionDuration } from '../../format/duration';
import { NONE, optionNumber } from '../../format/number';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './Compare.module.css';

const INDENT = 14;

/** A run of the tree or one of its steps; what is not as it was is marked. */
export function CompareRow({ line, isFirst }: { line: CompareLine; isFirst: boolean }) {
  const { t } = useWords();
  const lang = useLang();
  const changed = new Set(line.changes.map(({ what }) => what));
  const told = line.step ?? line.job;
  const name =
    line.step === null && line.run_key !== null ? (
      <Link to="/runs/$key" params={{ key: line.run_key }} search={{ view: 'compare' }}>
        {told}
      </Link>
    ) : (
      told
    );
  const numbers = (of: CompareLine['duration_ms'], tell: typeof optionNumber, isChanged: boolean) => (
    <>
      <td className={`${table.number} ${table.tight} ${isChanged ? styles.changed : ''}`}>
        {isChanged && (
          <>
            <span aria-hidden>≠ </span>
            <span className="hidden">{t('compare.changed')} </span>
          </>
        )}
        {tell(of.this, lang)}
      </td>
      <td className={`${table.number} ${table.tight} ${styles.quiet}`}>{tell(of.last_good, lang)}</td>
      <td className={`${table.number} ${table.tight} ${styles.quiet}`}>{tell(of.usual, lang)}</td>
    </>
  );
  const { version } = line;
  return (
    <tr aria-current={isFirst ? 'true' : undefined}>
      <td className={table.name} style={{ paddingLeft: line.level * INDENT }}>
        {name}
        {line.missing && <span className={table.sub}> {t('run.missing')}</span>}
        {changed.has('added') && <span className={table.sub}> {t('compare.added')}</span>}
      </td>
      {numbers(line.duration_ms, optionDuration, changed.has('duration'))}
      {numbers(line.rows_out, optionNumber, changed.has('rows_out'))}
      <td className={`${table.tight} ${changed.has('version') ? styles.changed : ''}`}>{version.this ?? NONE}</td>
      <td className={`${table.tight} ${styles.quiet}`}>{version.last_good ?? NONE}</td>
      <td className={`${table.tight} ${styles.quiet}`}>{version.usual ?? NONE}</td>
    </tr>
  );
}
