import { useState } from 'react';
import type { ActAsked } from '../../acts/held';
import { useActs } from '../../acts/useActs';
import type { Issue } from '../../api/issues';
import { useTeller } from '../../app/useTeller';
import { plusDays } from '../../format/day';
import { dateOf, local } from '../../format/local';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import styles from '../../parts/form.module.css';
import { useWords } from '../../words/useWords';

const WAYS = ['mute_until', 'mute_occurrences', 'mute_next_version'] as const;
const WEEK = 7;
const TIMES = 3;

/** Until a day, for so many more runs, or until its next version. */
export function MuteForm({ issue }: { issue: Issue }) {
  const { t } = useWords();
  const act = useActs();
  const teller = useTeller();
  const [way, setWay] = useState<(typeof WAYS)[number]>('mute_until');
  const now = local(teller.now, teller.zone);
  const today = now ? dateOf(now) : '';
  return (
    <FormButton label={t('acts.mute')}>
      {(close) => {
        const submit = (form: FormData) => {
          const note = filled(form, 'why');
          act(issue, { ...muted(way, form), ...(note === undefined ? {} : { note }) });
          close();
        };
        return (
          <Form act={t('acts.mute')} submit={submit}>
            {WAYS.map((of) => (
              <label key={of} className={styles.line}>
                <input
                  type="radio"
                  name="way"
                  checked={way === of}
                  onChange={() => {
                    setWay(of);
                  }}
                />
                {t(`acts.${of}`)}
              </label>
            ))}
            {way === 'mute_until' && (
              <label>
                {t('acts.day')}
                <input
                  type="date"
                  name="until"
                  required
                  min={plusDays(today, 1)}
                  defaultValue={plusDays(today, WEEK)}
                />
              </label>
            )}
            {way === 'mute_occurrences' && (
              <label>
                {t('acts.times')}
                <input type="number" name="times" required min={1} max={1_000_000} defaultValue={TIMES} />
              </label>
            )}
            <label>
              {t('acts.why')}
              <input name="why" autoComplete="off" />
            </label>
          </Form>
        );
      }}
    </FormButton>
  );
}

function muted(way: (typeof WAYS)[number], form: FormData): ActAsked {
  if (way === 'mute_until') return { kind: way, until: filled(form, 'until') ?? '' };
  if (way === 'mute_occurrences') return { kind: way, occurrences: Number(filled(form, 'times')) };
  return { kind: way };
}
