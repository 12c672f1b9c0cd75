import { useWouldGo } from '../../api/source';
import { number } from '../../format/number';
import { Answer } from '../../parts/Answer';
import { Form } from '../../parts/Form';
import styles from '../../parts/form.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

interface Props {
  source: number;
  /** It could be loaded again. */
  canComeBack: boolean;
  take: (how: 'unload' | 'unload_force') => void;
}

/** What would go, before it goes. */
export function TakeBackForm({ source, canComeBack, take }: Props) {
  const { t } = useWords();
  const lang = useLang();
  const wouldGo = useWouldGo(source);
  return (
    <Answer query={wouldGo} lines={3} height={90}>
      {(gone) => {
        const rows = (gone?.rows_log ?? 0) + (gone?.rows_error ?? 0);
        const runs = gone?.runs ?? 0;
        // Trying folds nothing: none counted does not mean none.
        const told =
          runs === 0 ? t('source.runsAnewAll') : t('source.runsAnew', { count: runs, told: number(runs, lang) });
        return (
          <Form
            act={t('source.unload')}
            submit={() => {
              take(canComeBack ? 'unload' : 'unload_force');
            }}
          >
            <p>
              {t('source.wouldGo', { count: rows, told: number(rows, lang) })} {told}
            </p>
            {!canComeBack && (
              <label className={styles.line}>
                <input type="checkbox" required /> {t('source.forever')}
              </label>
            )}
          </Form>
        );
      }}
    </Answer>
  );
}
