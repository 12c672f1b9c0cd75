import { useTopics } from '../../api/topics';
import { span } from '../../format/duration';
import { number } from '../../format/number';
import { Moment } from '../../parts/Moment';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

const SECOND_MS = 1000;

/** Kafka: how far behind each topic is, and who stores it; nothing where there is none. */
export function TopicsSection() {
  const { t } = useWords();
  const lang = useLang();
  const { data } = useTopics();
  if (!data || (data.topics.length === 0 && data.consumers.length === 0)) return null;
  return (
    <>
      <Section title={t('topics.title')}>
        <div className={table.wide}>
          <table className={`${table.table} ${table.dense}`}>
            <thead>
              <tr>
                <th>{t('topics.topic')}</th>
                <th className={table.number}>{t('topics.behind')}</th>
                <th className={table.number}>{t('topics.waits')}</th>
                <th className={`${table.number} ${table.secondary}`}>{t('sources.rows')}</th>
                <th className={`${table.number} ${table.secondary}`}>{t('sources.rejects')}</th>
                <th className={table.secondary}>{t('sources.stored')}</th>
              </tr>
            </thead>
            <tbody>
              {data.topics.flatMap((topic) =>
                topic.partitions.map((of) => (
                  <tr key={`${topic.topic}/${of.partition}/${of.group}`}>
                    <td className={table.name}>
                      {topic.topic}{' '}
                      <span className={table.sub}>
                        {t('topics.partition', { number: of.partition })} · {of.group}
                      </span>
                    </td>
                    <td className={table.number}>{number(of.messages_behind, lang)}</td>
                    <td className={table.number}>{span(of.seconds_behind * SECOND_MS, lang)}</td>
                    <td className={`${table.number} ${table.secondary}`}>
                      {number(of.rows_log + of.rows_error, lang)}
                    </td>
                    <td className={`${table.number} ${table.secondary}`}>{number(of.rejects, lang)}</td>
                    <td className={`${table.tight} ${table.secondary}`}>
                      <Moment at={of.stored_at} />
                    </td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      </Section>
      <Section title={t('topics.consumers')}>
        <div className={table.wide}>
          <table className={`${table.table} ${table.dense}`}>
            <thead>
              <tr>
                <th>{t('topics.consumer')}</th>
                <th>{t('topics.state')}</th>
                <th className={table.number}>{t('topics.messages')}</th>
                <th className={table.secondary}>{t('topics.seen')}</th>
              </tr>
            </thead>
            <tbody>
              {data.consumers.map((of) => (
                <tr key={`${of.group}/${of.consumer}`}>
                  <td className={table.name}>
                    {of.consumer} <span className={table.sub}>{of.host}</span>
                    {of.last_error !== null && <div className={table.sub}>{of.last_error}</div>}
                  </td>
                  <td className={of.alive || of.ended ? undefined : table.bad}>
                    {t(of.alive ? 'topics.alive' : of.ended ? 'topics.ended' : 'topics.silent')}
                  </td>
                  <td className={table.number}>{number(of.messages, lang)}</td>
                  <td className={`${table.tight} ${table.secondary}`}>
                    <Moment at={of.seen_at} withAge />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
    </>
  );
}
