import { Button } from '@mantine/core';
import { useMay } from '../../api/session';
import { useSource, useSourceAct, type SourceAct } from '../../api/source';
import { isTask } from '../../api/uploads';
import { FormButton } from '../../parts/FormButton';
import head from '../../parts/head.module.css';
import { ProblemPanel } from '../../parts/ProblemPanel';
import styles from '../../parts/form.module.css';
import { useWords } from '../../words/useWords';
import { TakeBackForm } from './TakeBackForm';

interface Props {
  source: number;
  /** Is told the task that reads it again or takes it back: its number goes by that. */
  leave: (task: number) => void;
}

/** How it was read, and what can be done: read it again, take it back. */
export function SourceActs({ source, leave }: Props) {
  const { t } = useWords();
  const may = useMay('operator');
  const { data } = useSource(source);
  const act = useSourceAct(source);
  if (!data) return null;
  const begin = (how: SourceAct) => {
    act.mutate(how, {
      onSuccess: (answer) => {
        if (isTask(answer)) leave(answer.task);
      },
    });
  };
  return (
    <>
      {data.reading && (
        <p className={head.facts}>
          {data.reading.how} · {t('frame.zone', { zone: data.reading.timezone })}
        </p>
      )}
      {data.why_not !== null && <p>{data.why_not}</p>}
      {act.error && <ProblemPanel error={act.error} />}
      {may && (
        <div className={styles.acts} role="group" aria-label={t('acts.label')}>
          {data.can_reload && (
            <Button
              variant="default"
              size="compact-md"
              disabled={act.isPending}
              onClick={() => {
                begin('reload');
              }}
            >
              {t('source.reload')}
            </Button>
          )}
          {data.can_unload && (
            <FormButton label={t('source.unload')} isBusy={act.isPending}>
              {(close) => (
                <TakeBackForm
                  source={source}
                  canComeBack={data.can_reload || data.other_paths.length > 0}
                  take={(how) => {
                    begin(how);
                    close();
                  }}
                />
              )}
            </FormButton>
          )}
        </div>
      )}
    </>
  );
}
