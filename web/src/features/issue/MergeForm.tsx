import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { useIssuesFound, type Issue } from '../../api/issues';
import { Answer } from '../../parts/Answer';
import form from '../../parts/form.module.css';
import { useWords } from '../../words/useWords';
import { others } from './others';

/** So long after the last key it is looked for. */
const REST_MS = 250;

/** Which other issue means the same: the id and the name of this one stay. */
export function MergeForm({ issue, say }: { issue: Issue; say: (asked: Schemas['MergeAsked']) => void }) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), REST_MS);
  const issues = useIssuesFound(issue.environment, asked);
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
        {({ items, next }) => {
          const found = others(items, issue);
          return (
            <>
              <ul className={form.choices}>
                {found.length === 0 && <li>{t('issues.none')}</li>}
                {found.map((other) => (
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
              {next !== null && <p>{t('search.more')}</p>}
            </>
          );
        }}
      </Answer>
    </div>
  );
}
