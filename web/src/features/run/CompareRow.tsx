import { Link } from '@tanstack/react-router';
import type { CompareLine } from '../../api/compare';
import { optionDuration } from '../../format/duration';
import type { Lang } from '../../format/lang';
import { NONE, optionNumber } from '../../format/number';
import { changesOf, type Kind } from '../../parts/compareLines';
import { State } from '../../parts/State';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './Compare.module.css';

const INDENT = 14;

interface Props {
  line: CompareLine;
  kinds: Kind[];
  isFirst: boolean;
}

/** A run of the tree or one of its steps; what is not as it was is marked. */
export function CompareRow({ line, kinds, isFirst }: Props) {
  const { t } = useWords();
  const lang = useLang();
  const changes = changesOf(line);
  const told = line.step ?? line.job;
  const name =
    line.step === null && line.run_key !== null ? (
      <Link to="/runs/$key" params={{ key: line.run_key }} search={{ view: 'compare' }}>
        {told}
      </Link>
    ) : (
      told
    );
  return (
    <tr aria-current={isFirst ? 'true' : undefined}>
      <td className={table.name} style={{ paddingLeft: line.level * INDENT }}>
        {name}
        {line.missing && <span className={table.sub}> {t('run.missing')}</span>}
        {changes.includes('added') && <span className={table.sub}> {t('compare.added')}</span>}
      </td>
      <td className={table.tight}>
        {changes.includes('outcome') && <Changed />}
        {line.outcome === null ? NONE : <State of={line.outcome} />}
      </td>
      <td className={`${table.tight} ${styles.quiet}`}>
        {line.last_good_outcome === null ? NONE : <State of={line.last_good_outcome} />}
      </td>
      {kinds.map((kind) => {
        const [now, good, usual] = values(line, kind, lang);
        const isChanged = changes.includes(kind === 'duration_ms' ? 'duration' : kind);
        const look = `${table.tight} ${kind === 'version' ? '' : table.number}`;
        return [
          <td key={kind} className={`${look} ${isChanged ? styles.changed : ''}`}>
            {isChanged && <Changed />}
            {now}
          </td>,
          <td key={`${kind}.good`} className={`${look} ${styles.quiet}`}>
            {good}
          </td>,
          <td key={`${kind}.usual`} className={`${look} ${styles.quiet}`}>
            {usual}
          </td>,
        ];
      })}
    </tr>
  );
}

/** This run's, that of the last good one, and the usual one, as they are told. */
function values(line: CompareLine, kind: Kind, lang: Lang): [string, string, string] {
  if (kind === 'version') {
    const { this: now, last_good, usual } = line.version;
    return [now ?? NONE, last_good ?? NONE, usual ?? NONE];
  }
  const tell = kind === 'duration_ms' ? optionDuration : optionNumber;
  const { this: now, last_good, usual } = line[kind];
  return [tell(now, lang), tell(last_good, lang), tell(usual, lang)];
}

function Changed() {
  const { t } = useWords();
  return (
    <>
      <span aria-hidden>≠ </span>
      <span className="hidden">{t('compare.changed')} </span>
    </>
  );
}
