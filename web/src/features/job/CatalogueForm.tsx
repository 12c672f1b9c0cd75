import { useEditJob } from '../../api/catalogue';
import type { JobName } from '../../api/job';
import type { Job } from '../../api/jobs';
import { useMay } from '../../api/session';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { tell } from '../../parts/toasts';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { saidOf, TEXTS } from './saidOf';

const TOLD_MS = 6000;

interface Props {
  job: Job;
  name: JobName;
  /** What its next change has to name. */
  tag: string | undefined;
}

/** The catalogue's line of the job, changed where it is shown; nothing for those who may not. */
export function CatalogueForm({ job, name, tag }: Props) {
  const { t } = useWords();
  const word = useWord();
  const may = useMay('operator');
  const edit = useEditJob(name, tag);
  if (!may) return null;
  return (
    <FormButton label={t('catalogue.edit')} isBusy={edit.isPending} isQuiet>
      {(close) => (
        <>
          {edit.error && <ProblemPanel error={edit.error} />}
          <Form
            act={t('acts.save')}
            isBusy={edit.isPending}
            submit={(form) => {
              edit.mutate(saidOf(form, job), {
                onSuccess: (answer) => {
                  close();
                  const done = answer.changes.length === 0 ? 'catalogue.same' : 'catalogue.done';
                  const effect = answer.deadline_without_effect ? ` ${t('catalogue.noEffect')}` : '';
                  tell({ text: t(done) + effect, lasts: TOLD_MS });
                },
              });
            }}
          >
            {TEXTS.map((field) => (
              <label key={field}>
                {t(`catalogue.${field}`)}
                <input
                  name={field}
                  type={field === 'deadline' ? 'time' : 'text'}
                  defaultValue={job[field] ?? ''}
                  autoComplete="off"
                />
              </label>
            ))}
            <label>
              {t('catalogue.criticality')}
              <select name="criticality" defaultValue={job.criticality === null ? '' : String(job.criticality)}>
                <option value="">–</option>
                {Object.keys(en.criticality).map((level) => (
                  <option key={level} value={level}>
                    {word('criticality', level)}
                  </option>
                ))}
              </select>
            </label>
          </Form>
        </>
      )}
    </FormButton>
  );
}
