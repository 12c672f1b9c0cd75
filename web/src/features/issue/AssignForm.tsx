import { Button } from '@mantine/core';
import { useId } from 'react';
import { useActs } from '../../acts/useActs';
import type { Issue } from '../../api/issues';
import { useSession } from '../../api/session';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { useWords } from '../../words/useWords';
import { KnownNames } from './KnownNames';

/** To somebody, to oneself, to nobody. */
export function AssignForm({ issue }: { issue: Issue }) {
  const { t } = useWords();
  const act = useActs();
  const names = useId();
  const { data: session } = useSession();
  return (
    <FormButton label={t('acts.assign')}>
      {(close) => {
        const give = (to: string | undefined) => {
          act(issue, { kind: 'assign', ...(to === undefined ? {} : { text: to }) });
          close();
        };
        const me = session?.name;
        const others = (
          <>
            {me != null && me !== issue.assignee && (
              <Button
                variant="default"
                size="compact-md"
                onClick={() => {
                  give(me);
                }}
              >
                {t('acts.toMe', { me })}
              </Button>
            )}
            {issue.assignee !== null && (
              <Button
                variant="default"
                size="compact-md"
                onClick={() => {
                  give(undefined);
                }}
              >
                {t('acts.toNobody')}
              </Button>
            )}
          </>
        );
        return (
          <Form
            act={t('acts.assign')}
            others={others}
            submit={(form) => {
              give(filled(form, 'to'));
            }}
          >
            <label>
              {t('acts.to')}
              <input name="to" required defaultValue={issue.assignee ?? ''} autoComplete="off" list={names} />
            </label>
            <KnownNames id={names} />
          </Form>
        );
      }}
    </FormButton>
  );
}
