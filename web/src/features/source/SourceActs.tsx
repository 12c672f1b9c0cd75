import { Button } from '@mantine/core';
import { useMay } from '../../api/session';
import { useSource, useSourceAct } from '../../api/source';
import { isTask } from '../../api/uploads';
import { FormButton } from '../../parts/FormButton';
import head from '../../parts/head.module.css';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { TaskProgress } from '../../parts/TaskProgress';
import styles from '../../parts/form.module.css';
import { useWords } from '../../words/useWords';
import { TakeBackForm } from './TakeBackForm';

interface Props {
  source: number;
  /** Is told the task that takes it back. */
  leave: (task: number) => void;
}

/** How it was read, and what can be done: read it again, take it back. */
export function SourceActs({ source, leave }: Props) {
  const { t } = useWords();
  const may = useMay('operator');
  const { data } = useSource(source);
  const act = useSourceAct(source);
  if (!data) return null;
  const task = data.task ?? (act.data && isTask(act.data) ? act.data.task : null);
  return (
    <>
      {data.reading && (
        <p className={head.facts}>
          {data.reading.how} · {t('frame.zone', { zone: data.reading.timezone })}
        </p>
      )}
      {data.why_not !== null && <p>{data.why_not}</p>}
      {act.error && <ProblemPanel error={act.error} />}
      {task !== null && <TaskProgress key={task} task={task} />}
      {may && (
        <div className={styles.acts} role="group" aria-label={t('acts.label')}>
          {data.can_reload && (
            <Button
              variant="default"
              size="compact-md"
              disabled={act.isPending}
              onClick={() => {
                act.mutate('reload');
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
                    act.mutate(how, {
                      onSuccess: (answer) => {
                        if (isTask(answer)) leave(answer.task);
                      },
                    });
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
