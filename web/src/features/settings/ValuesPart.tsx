import { useSettings, type Setting } from '../../api/settings';
import { NONE } from '../../format/number';
import { Answer } from '../../parts/Answer';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { inSections } from './inSections';
import styles from './settings.module.css';

/** Zone, business day, calendar, retention and the rest: what holds, why, and how it is changed. */
export function ValuesPart() {
  const { t } = useWords();
  const settings = useSettings();
  return (
    <Answer query={settings} lines={12} height={600}>
      {({ items, file, file_read: isRead, redaction }) => (
        <>
          {file !== null && <p className={table.sub}>{t(isRead ? 'settings.file' : 'settings.noFile', { file })}</p>}
          {inSections(items).map(([name, of]) => (
            <SettingsTable key={name} name={name} items={of} />
          ))}
          <Section title={t('settings.redaction')}>
            <div className={table.wide}>
              <table className={`${table.table} ${table.dense} ${styles.halves}`}>
                <thead>
                  <tr>
                    <th>{t('settings.written')}</th>
                    <th>{t('settings.stored')}</th>
                  </tr>
                </thead>
                <tbody>
                  {redaction.map(({ written, stored }) => (
                    <tr key={written}>
                      <td className={table.path}>
                        <code>{written}</code>
                      </td>
                      <td className={table.path}>
                        <code>{stored}</code>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Section>
        </>
      )}
    </Answer>
  );
}

function SettingsTable({ name, items }: { name: string; items: Setting[] }) {
  const { t } = useWords();
  const word = useWord();
  return (
    <Section title={name === '' ? t('settings.general') : name}>
      <table className={`${table.table} ${table.dense} ${styles.values}`}>
        <thead>
          <tr>
            <th>{t('settings.setting')}</th>
            <th>{t('settings.value')}</th>
            <th className={table.secondary}>{t('settings.from')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((setting) => (
            <tr key={setting.key}>
              <td className={table.name}>
                <code>{setting.key}</code>
                <div className={table.sub}>{setting.meaning}</div>
              </td>
              <td className={styles.value}>
                <b>{setting.value ?? NONE}</b>
              </td>
              <td className={`${table.secondary} ${styles.value}`}>
                {word('layer', setting.layer)} {setting.place}
                <div className={table.sub}>{setting.how}</div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
