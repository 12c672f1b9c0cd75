import { useAudit } from '../../api/access';
import { ExportLinks } from '../../parts/ExportLinks';
import { Moment } from '../../parts/Moment';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import table from '../../parts/table.module.css';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { auditWords } from './auditWords';

/** Who did what, the latest first. */
export function AuditPart() {
  const { t } = useWords();
  const word = useWord();
  const audit = useAudit();
  const items = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={t('settings.audit')} aside={<ExportLinks path="/api/v1/audit" />}>
      {audit.error && <ProblemPanel error={audit.error} retry={() => void audit.refetch()} />}
      {audit.isPending && <Skeleton lines={12} height={480} />}
      {audit.data && items.length === 0 && <p className={table.sub}>{t('settings.noAudit')}</p>}
      {items.length > 0 && (
        <div className={table.wide}>
          <table className={`${table.table} ${table.dense}`}>
            <thead>
              <tr>
                <th>{t('issue.when')}</th>
                <th>{t('issue.who')}</th>
                <th>{t('issue.what')}</th>
                <th className={table.secondary}>{t('settings.by')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((entry, index) => {
                const [vocabulary, kind] = auditWords(entry.kind);
                return (
                  <tr key={index}>
                    <td className={table.tight}>
                      <Moment at={entry.at} />
                    </td>
                    <td className={table.name}>{entry.who}</td>
                    <td>
                      {word(vocabulary, kind)} <b>{entry.target}</b> <span className={table.sub}>{entry.detail}</span>
                    </td>
                    <td className={`${table.tight} ${table.secondary}`}>
                      {entry.way !== null && t(`settings.way.${entry.way as 'local'}`)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <More query={audit} />
    </Section>
  );
}
