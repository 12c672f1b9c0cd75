import type { CompareLine } from '../../api/compare';
import { optionDuration } from '../../format/duration';
import { NONE, optionNumber } from '../../format/number';
import { changesOf } from '../../parts/compareLines';
import table from '../../parts/table.module.css';
import { Took } from '../../parts/Took';
import { useWords } from '../../words/useWords';
import { rowsOf } from './stepLines';

export function StepRow({ line }: { line: CompareLine }) {
  const { t, lang } = useWords();
  const { duration_ms: took } = line;
  const rows = rowsOf(line);
  const changes = changesOf(line).map((what) => t(`job.changes.${what}`));
  return (
    <tr>
      <td className={table.name}>{line.step}</td>
      <td className={`${table.number} ${table.tight}`}>
        <Took took={took.this} usual={took.usual} />
      </td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>{optionDuration(took.usual, lang)}</td>
      <td className={`${table.number} ${table.tight}`}>{optionNumber(rows.this, lang)}</td>
      <td className={`${table.number} ${table.tight} ${table.secondary}`}>{optionNumber(rows.usual, lang)}</td>
      <td className={table.secondary}>{changes.length === 0 ? NONE : changes.join(', ')}</td>
    </tr>
  );
}
