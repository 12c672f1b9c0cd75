import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { useIssues, type Issue } from '../../api/issues';
import { Answer } from '../../parts/Answer';
import form from '../../parts/form.module.css';
import { useWords } from '../../words/useWords';
import { others } from './others';

const SHOWN = 8;

/** Which other issue means the same: the id and the name of this one stay. */
export function MergeForm({ issue, say }: { issue: Issue; say: (asked: Schemas['MergeAsked']) => void }) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const issues = useIssues(issue.environment, { all: true });
  return (
    <div className={form.form}>
      <p>{t('acts.mergeWhat')}</p>
      <label>
        {t('acts.other')}
        <input
          value={text}
          autoComplete="off"
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
      </label>
      <Answer query={issues} lines={4} height={120}>
        {({ pages }) => {
          const found = others(
            pages.flatMap((page) => page.items),
            issue,
            text,
          );
          return (
            <ul className={form.choices}>
              {found.length === 0 && <li>{t('issues.none')}</li>}
              {found.slice(0, SHOWN).map((other) => (
                <li key={other.issue}>
                  <button
                    type="button"
                    onClick={() => {
                      say({ other: other.issue });
                    }}
                  >
                    <b>{other.family}</b> <span>{other.id}</span> {other.title ?? t('error.noMessage')}
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </div>
  );
}
