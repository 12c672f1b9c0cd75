import { useTranslation } from 'react-i18next';
import { useLang } from '../words/useLang';
import styles from './ExportLinks.module.css';
import { exportAddress, EXPORTED, type Filter } from './exportAddress';

/** The list with its filters as a file. */
export function ExportLinks({ path, filter = {} }: { path: string; filter?: Filter }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <span className={styles.links}>
      {(['csv', 'parquet'] as const).map((format) => (
        <a
          key={format}
          href={exportAddress(path, filter, format, lang)}
          download
          title={t('export.what', { most: EXPORTED })}
        >
          {t(`export.${format}`)}
        </a>
      ))}
    </span>
  );
}
