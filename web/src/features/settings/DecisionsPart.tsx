import { Button } from '@mantine/core';
import { useUndoing } from '../../acts/useSaying';
import { useOverrides } from '../../api/access';
import { useMay } from '../../api/session';
import { ExportLinks } from '../../parts/ExportLinks';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { DecisionRow } from './DecisionRow';

/** What people said of problems, and the way back. */
export function DecisionsPart() {
  const { t } = useWords();
  const overrides = useOverrides();
  const undoing = useUndoing();
  const may = useMay('operator');
  const items = overrides.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={t('settings.decisions')} aside={<ExportLinks path="/api/v1/overrides" />}>
      {overrides.error && <ProblemPanel error={overrides.error} retry={() => void overrides.refetch()} />}
      {overrides.isPending && <Skeleton lines={8} height={320} />}
      {overrides.data && items.length === 0 && <p className={table.sub}>{t('settings.noDecision')}</p>}
      {items.length > 0 && (
        <div className={table.wide}>
          <table className={`${table.table} ${table.dense}`}>
            <thead>
              <tr>
                <th>{t('issue.when')}</th>
                <th className={table.secondary}>{t('issue.who')}</th>
                <th>{t('issue.what')}</th>
                <th>
                  <span className="hidden">{t('acts.label')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <DecisionRow key={one.override} one={one}>
                  {may && (
                    <Button
                      variant="default"
                      size="compact-sm"
                      disabled={undoing.isPending}
                      onClick={() => {
                        undoing.mutate(one.override);
                      }}
                    >
                      {t('settings.takeBack')}
                    </Button>
                  )}
                </DecisionRow>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More query={overrides} />
    </Section>
  );
}
