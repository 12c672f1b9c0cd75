import type { Act } from '../../api/issues';
import { useTeller } from '../../app/useTeller';
import { moment } from '../../format/moment';
import { number } from '../../format/number';
import { Moment } from '../../parts/Moment';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** What people did, in the order in which it holds; nothing where nobody did anything. */
export function IssueActs({ acts }: { acts: Act[] }) {
  const { t } = useWords();
  const teller = useTeller();
  const word = useWord();
  if (acts.length === 0) return null;
  const about = (act: Act) =>
    [
      act.text,
      act.until === null ? null : moment(act.until, teller),
      act.occurrences === null ? null : number(act.occurrences, teller.lang),
    ].filter((part) => part !== null);
  return (
    <Section title={t('issue.history')}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th>{t('issue.when')}</th>
            <th>{t('issue.who')}</th>
            <th>{t('issue.what')}</th>
          </tr>
        </thead>
        <tbody>
          {acts.map((act) => (
            <tr key={act.act}>
              <td className={table.tight}>
                <Moment at={act.at} />
              </td>
              <td className={table.tight}>{act.by}</td>
              <td>
                {word('act', act.kind)} <span className={table.sub}>{about(act).join(' · ')}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
