import type { Upload } from '../../api/uploads';
import { percent } from '../../format/number';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './upload.module.css';

const SAMPLES = 3;
const ALL = 100;

/** Where each column would go, how sure that is, and what only a person can tell. */
export function Proposal({ proposal }: { proposal: NonNullable<Upload['proposal']> }) {
  const { t } = useWords();
  const lang = useLang();
  return (
    <>
      {proposal.questions.length > 0 && (
        <Section title={t('upload.questions')}>
          <ul className={styles.questions}>
            {proposal.questions.map((question) => (
              <li key={question.text} className={question.grave ? styles.grave : undefined}>
                {question.grave && '! '}
                {question.text}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t('upload.columns', { shape: proposal.shape })}>
        <div className={table.wide}>
          <table className={`${table.table} ${table.dense}`}>
            <thead>
              <tr>
                <th>{t('upload.column')}</th>
                <th>{t('upload.target')}</th>
                <th className={table.number}>{t('upload.sure')}</th>
                <th className={table.secondary}>{t('upload.samples')}</th>
              </tr>
            </thead>
            <tbody>
              {proposal.columns.map((column) => (
                <tr key={`${column.column} ${column.target}`}>
                  <td className={table.name}>{column.column}</td>
                  <td>
                    <code>{column.target}</code>
                  </td>
                  <td className={table.number}>{percent(column.confidence / ALL, lang)}</td>
                  <td className={table.secondary}>
                    <code>{column.samples.slice(0, SAMPLES).join(' · ')}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {proposal.unused.length > 0 && (
          <p className={table.sub}>{t('upload.unused', { columns: proposal.unused.join(', ') })}</p>
        )}
      </Section>
    </>
  );
}
