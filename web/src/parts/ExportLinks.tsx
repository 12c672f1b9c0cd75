import { number } from '../format/number';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import styles from './ExportLinks.module.css';
import { exportAddress, MOST_OF_FILE, type Filter } from './exportAddress';

interface Props {
  path: string;
  filter?: Filter;
  /** What the file holds, where it is not the beginning of a list. */
  what?: string;
}

/** The list with its filters as a file. */
export function ExportLinks({ path, filter = {}, what }: Props) {
  const { t } = useWords();
  const lang = useLang();
  return (
    <span className={styles.links}>
      {(['csv', 'parquet'] as const).map((format) => (
        <a
          key={format}
          href={exportAddress(path, filter, format, lang)}
          download
          title={what ?? t('export.what', { most: number(MOST_OF_FILE, lang) })}
        >
          {t(`export.${format}`)}
        </a>
      ))}
    </span>
  );
}
