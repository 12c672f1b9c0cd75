import { Button } from '@mantine/core';
import { useActs } from '../../acts/useActs';
import type { Issue } from '../../api/issues';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { useWords } from '../../words/useWords';

interface Props {
  issue: Issue;
  kind: 'note' | 'runbook';
  before: string | null;
}

/** A note, or where it is written what to do; the last one counts. */
export function TextForm({ issue, kind, before }: Props) {
  const { t } = useWords();
  const act = useActs();
  return (
    <FormButton label={t(`acts.${kind}`)} isQuiet>
      {(close) => {
        const away = before !== null && (
          <Button
            variant="default"
            size="compact-md"
            onClick={() => {
              act(issue, { kind });
              close();
            }}
          >
            {t('acts.takeAway')}
          </Button>
        );
        return (
          <Form
            act={t('acts.save')}
            others={away}
            submit={(form) => {
              const text = filled(form, 'text');
              if (text !== undefined) act(issue, { kind, text });
              close();
            }}
          >
            <label>
              {t(`acts.${kind}What`)}
              <input name="text" required defaultValue={before ?? ''} autoComplete="off" />
            </label>
          </Form>
        );
      }}
    </FormButton>
  );
}
