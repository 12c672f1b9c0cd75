import type { Reading } from '../../api/uploads';
import { useTeller } from '../../app/useTeller';
import { FilterText } from '../../parts/FilterText';
import { useWords } from '../../words/useWords';
import styles from './upload.module.css';

const FIELDS = ['timezone', 'environment', 'host'] as const;

/** What the file itself may not say. */
export function ReadingFields({ reading, change }: { reading: Reading; change: (to: Reading) => void }) {
  const { t } = useWords();
  const { zone } = useTeller();
  return (
    <div className={styles.fields} role="group" aria-label={t('upload.fields')}>
      {FIELDS.map((field) => (
        <FilterText
          key={field}
          label={t(`upload.${field}`)}
          hint={field === 'timezone' ? t('upload.zoneHint', { zone }) : t(`upload.${field}`)}
          value={reading[field] ?? undefined}
          choose={(value) => {
            change({ ...reading, [field]: value });
          }}
        />
      ))}
    </div>
  );
}
