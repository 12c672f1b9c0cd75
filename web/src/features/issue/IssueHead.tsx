import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Issue } from '../../api/issues';
import { useTeller } from '../../app/useTeller';
import { moment } from '../../format/moment';
import { number } from '../../format/number';
import head from '../../parts/head.module.css';
import { lostTime } from '../../parts/lostTime';
import { Sentence } from '../../parts/Sentence';
import { useWords } from '../../words/useWords';
import { mutedTold } from '../../parts/mutedTold';

/** What fails, since when, and how often; what it says stands within. */
export function IssueHead({ issue, children }: { issue: Issue; children: ReactNode }) {
  const { t, lang, word } = useWords();
  const teller = useTeller();
  const told = (count: number) => ({ count, told: number(count, teller.lang) });
  const isOpen = issue.state !== 'resolved';
  const from = isOpen ? issue.opened_at : issue.since;
  const since = from === null ? '' : `${t('issue.since', { at: moment(from, teller) })} `;
  const seen = issue.last_seen === null ? null : t('issue.seen', { at: moment(issue.last_seen, teller) });
  const sums = [
    t('issues.runsOf', told(issue.runs)),
    seen,
    issue.blocked === 0 ? null : t('issue.blocked', told(issue.blocked)),
    lostTime(issue.lost_ms, { t, lang }),
  ].filter((sum) => sum !== null);
  const state = isOpen
    ? word('issueState', issue.state)
    : t(issue.resolved_by === 'person' ? 'issue.byPerson' : 'issue.byItself');
  const asides = [
    issue.acknowledged_by === null ? null : t('issue.acknowledged', { by: issue.acknowledged_by }),
    issue.assignee === null ? null : t('issue.assigned', { to: issue.assignee }),
    mutedTold(issue, teller, t),
    issue.regressions === 0 ? null : t('issues.regressions', told(issue.regressions)),
  ].filter((aside) => aside !== null);
  return (
    <header>
      <div className={head.top}>
        <Link to="/issues">{t('issues.title')}</Link> › {issue.id}
      </div>
      <Sentence
        isName
        parts={[
          { tone: 'plain', text: issue.family },
          { tone: isOpen ? 'bad' : 'plain', text: `${word('category', issue.category ?? 'unknown')}, ${state}` },
          { tone: 'quiet', text: `${since}(${sums.join(', ')}).` },
        ]}
      />
      {children}
      <p className={head.facts}>
        {issue.environment}
        {asides.map((aside) => ` · ${aside}`)}
        {issue.jobs.map((job) => (
          <span key={job}>
            {' · '}
            <Link to="/runs" search={{ environment: issue.environment, job, all: true }}>
              {job}
            </Link>
          </span>
        ))}
      </p>
    </header>
  );
}
