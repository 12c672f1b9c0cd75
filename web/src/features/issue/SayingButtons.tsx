import { useSaying } from '../../acts/useSaying';
import type { Issue, IssueAnswer } from '../../api/issues';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { useWords } from '../../words/useWords';
import { CorrectForm } from './CorrectForm';
import { MergeForm } from './MergeForm';
import { SplitForm } from './SplitForm';

/** What can be said of the problem: of which kind it is, what it is called, what else means the same. */
export function SayingButtons({ issue, signatures }: Pick<IssueAnswer, 'signatures'> & { issue: Issue }) {
  const { t } = useWords();
  const saying = useSaying(issue);
  const isBusy = saying.isPending;
  return (
    <>
      <FormButton label={t('acts.correct')} isBusy={isBusy} isQuiet>
        {(close) => (
          <CorrectForm
            issue={issue}
            say={(body) => {
              saying.mutate({ kind: 'category', body });
              close();
            }}
          />
        )}
      </FormButton>
      <FormButton label={t('acts.rename')} isBusy={isBusy} isQuiet>
        {(close) => (
          <Form
            act={t('acts.rename')}
            submit={(form) => {
              saying.mutate({ kind: 'rename', body: { title: filled(form, 'title') ?? '' } });
              close();
            }}
          >
            <label>
              {t('acts.title')}
              <input name="title" required defaultValue={issue.title ?? ''} autoComplete="off" />
            </label>
          </Form>
        )}
      </FormButton>
      <FormButton label={t('acts.merge')} isBusy={isBusy} isQuiet>
        {(close) => (
          <MergeForm
            issue={issue}
            say={(body) => {
              saying.mutate({ kind: 'merge', body });
              close();
            }}
          />
        )}
      </FormButton>
      <FormButton
        label={t('acts.split')}
        isBusy={isBusy}
        isQuiet
        refusal={signatures.length === 1 ? t('issue.splitNone') : undefined}
      >
        {(close) => (
          <SplitForm
            signatures={signatures}
            say={(body) => {
              saying.mutate({ kind: 'split', body });
              close();
            }}
          />
        )}
      </FormButton>
    </>
  );
}
