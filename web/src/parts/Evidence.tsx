import type { Explanation } from '../api/run';
import { percent } from '../format/number';
import { useWords } from '../words/useWords';
import styles from './Evidence.module.css';
import { Section } from './Section';

interface Props {
  explanation: Explanation;
  /** The category that is shown: a person may have said another one. */
  category: string | null | undefined;
}

/** Why the category is what it is: all that speaks, in the order in which it is looked at. */
export function Evidence({ explanation, category }: Props) {
  const { t, lang, word } = useWords();
  return (
    <Section title={t('run.evidence')}>
      <ol className={styles.list}>
        {explanation.evidence.map((evidence, index) => (
          <li key={index} className={evidence.decided ? styles.decided : undefined}>
            {t('run.evidenceRow', {
              place: word('place', evidence.place),
              found: evidence.found,
              category: word('category', evidence.category),
            }).replace(/ “”| «\u00a0\u00a0»/, '')}{' '}
            <code>
              {evidence.rule} · {percent(evidence.confidence, lang)}
            </code>
            {evidence.decided && (
              <b> ← {t(evidence.category === category ? 'run.decidedMark' : 'run.wouldDecideMark')}</b>
            )}
          </li>
        ))}
      </ol>
      {explanation.otherwise && (
        <p className={styles.otherwise}>
          {t('run.otherwise', {
            category: word('category', explanation.otherwise.category),
            rule: explanation.otherwise.rule,
          })}
        </p>
      )}
    </Section>
  );
}
