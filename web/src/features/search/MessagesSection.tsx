import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useAbout } from '../../api/about';
import { useMessages, within } from '../../api/search';
import { plusDays } from '../../format/day';
import { Category } from '../../parts/Category';
import { ExportLinks } from '../../parts/ExportLinks';
import { FilterDay } from '../../parts/FilterDay';
import { Moment } from '../../parts/Moment';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import { useWords } from '../../words/useWords';
import { PieceText } from './PieceText';
import styles from './search.module.css';

/** So many business days are searched where nobody says which. */
const WEEK = 7;

/** Raw messages within a period; the newest first. */
export function MessagesSection({ q, environment }: { q: string; environment: string }) {
  const { t } = useWords();
  const { data: about } = useAbout();
  const search = useSearch({ from: '/search' });
  const navigate = useNavigate();
  const newest = about?.environments.find((of) => of.environment === environment)?.newest_day ?? '';
  const to = search.to ?? newest;
  const from = search.from ?? plusDays(to, 1 - WEEK);
  const messages = useMessages(q, environment, { from, to });
  const items = messages.data?.pages.flatMap((page) => page.items) ?? [];
  const filter = { q, from, to, ...within(environment) };
  const day = (name: 'from' | 'to', value: string) => (
    <FilterDay
      label={t(`search.${name}`)}
      value={value}
      choose={(chosen) => {
        void navigate({ to: '/search', search: (before) => ({ ...before, [name]: chosen }) });
      }}
    />
  );
  return (
    <Section
      title={t('search.messages')}
      {...(items.length > 0 ? { aside: <ExportLinks path="/api/v1/search/messages" filter={filter} /> } : {})}
    >
      <div className={styles.period} role="group" aria-label={t('search.period')}>
        {day('from', from)}
        {day('to', to)}
      </div>
      {messages.error && <ProblemPanel error={messages.error} retry={() => void messages.refetch()} />}
      {messages.isPending && <Skeleton lines={6} height={240} />}
      {messages.data && items.length === 0 && <p>{t(messages.hasNextPage ? 'search.goOn' : 'search.noMessage')}</p>}
      <ul className={styles.hits}>
        {items.map((message) => (
          <li key={message.error}>
            <div>
              {message.category !== null && <Category of={message.category} />}{' '}
              {message.run_key === null ? (
                message.job
              ) : (
                <Link to="/runs/$key" params={{ key: message.run_key }} data-row="">
                  {message.job}
                </Link>
              )}{' '}
              <span className={styles.aside}>
                {message.step !== null && `› ${message.step} · `}
                <Moment at={message.moment} />
              </span>
            </div>
            <PieceText piece={message.piece} />
          </li>
        ))}
      </ul>
      <More query={messages} />
    </Section>
  );
}
