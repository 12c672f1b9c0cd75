import type { Schemas } from '../../api/client';
import type { Issue } from '../../api/issues';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

type Category = Schemas['Category'];
type Blame = Schemas['Blame'];

/** Of which category it is, and, where that differs from what the category usually means, who acts and whether trying again helps. */
export function CorrectForm({ issue, say }: { issue: Issue; say: (asked: Schemas['CorrectAsked']) => void }) {
  const { t } = useWords();
  const word = useWord();
  const submit = (form: FormData) => {
    const blame = filled(form, 'blame') as Blame | undefined;
    const retryable = filled(form, 'retryable');
    say({
      category: (filled(form, 'category') ?? 'unknown') as Category,
      ...(blame === undefined ? {} : { blame }),
      ...(retryable === undefined ? {} : { retryable: retryable === 'yes' }),
    });
  };
  return (
    <Form act={t('acts.correct')} submit={submit}>
      <label>
        {t('runs.category')}
        <select name="category" defaultValue={issue.category ?? 'unknown'}>
          {Object.keys(en.category).map((of) => (
            <option key={of} value={of}>
              {word('category', of)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('issues.blame')}
        <select name="blame" defaultValue="">
          <option value="">{t('acts.asUsual')}</option>
          {Object.keys(en.blame).map((of) => (
            <option key={of} value={of}>
              {word('blame', of)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('run.retry')}
        <select name="retryable" defaultValue="">
          <option value="">{t('acts.asUsual')}</option>
          <option value="yes">{t('run.retryable')}</option>
          <option value="no">{t('run.notRetryable')}</option>
        </select>
      </label>
      <p>{t('acts.forAll')}</p>
    </Form>
  );
}
