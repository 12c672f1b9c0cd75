import { useState } from 'react';
import type { Schemas } from '../../api/client';
import type { IssueAnswer } from '../../api/issues';
import { Form } from '../../parts/Form';
import form from '../../parts/form.module.css';
import { useWords } from '../../words/useWords';
import styles from './SplitForm.module.css';
import { splitAsked } from './splitAsked';

interface Props {
  signatures: IssueAnswer['signatures'];
  say: (asked: Schemas['SplitAsked']) => void;
}

/** Which of its signatures become a problem of their own; all of them, and it falls apart. */
export function SplitForm({ signatures, say }: Props) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<readonly string[]>(signatures.map(({ signature }) => signature));
  return (
    <Form
      act={t('acts.split')}
      submit={() => {
        say(splitAsked(signatures, chosen));
      }}
    >
      <ul className={`${form.choices} ${styles.signatures}`}>
        {signatures.map(({ signature, text }) => (
          <li key={signature}>
            <label className={form.line}>
              <input
                type="checkbox"
                checked={chosen.includes(signature)}
                // One must be chosen: the browser says so, and where.
                required={chosen.length === 0}
                onChange={(event) => {
                  const others = chosen.filter((of) => of !== signature);
                  setChosen(event.currentTarget.checked ? [...others, signature] : others);
                }}
              />
              <span title={text} className={styles.text}>
                {text === '' ? t('error.noMessage') : text}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <p>{t(chosen.length === signatures.length ? 'acts.splitWhat' : 'issue.splitSome')}</p>
    </Form>
  );
}
