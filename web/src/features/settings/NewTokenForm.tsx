import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import styles from '../../parts/form.module.css';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

type Scope = Schemas['Scope'];

const MOST_DAYS = 3650;
const DAYS = 365;

/** What a token is for, what it may, and how long. */
export function NewTokenForm({ make }: { make: (asked: Schemas['TokenAsked']) => void }) {
  const { t } = useWords();
  const word = useWord();
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  return (
    <Form
      act={t('settings.newToken')}
      isBusy={scopes.length === 0}
      submit={(form) => {
        const days = filled(form, 'days');
        make({ name: filled(form, 'name') ?? '', scopes, ...(days === undefined ? {} : { days: Number(days) }) });
      }}
    >
      <label>
        {t('settings.tokenFor')}
        <input name="name" required autoComplete="off" />
      </label>
      {(Object.keys(en.scope) as Scope[]).map((scope) => (
        <label key={scope} className={styles.line}>
          <input
            type="checkbox"
            checked={scopes.includes(scope)}
            onChange={(event) => {
              setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((of) => of !== scope));
            }}
          />
          {word('scope', scope)}
        </label>
      ))}
      <label>
        {t('settings.days')}
        <input type="number" name="days" min={1} max={MOST_DAYS} defaultValue={DAYS} />
      </label>
    </Form>
  );
}
