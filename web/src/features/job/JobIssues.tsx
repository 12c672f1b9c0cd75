import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useIssues } from '../../api/issues';
import { IssuesTable } from '../../parts/IssuesTable';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';

const LISTED = 5;

/** What fails in its family again and again, open issues first. */
export function JobIssues({ environment, family }: { environment: string; family: string }) {
  const { t } = useTranslation();
  const search = { family, all: true };
  const issues = useIssues(environment, search);
  const [page] = issues.data?.pages ?? [];
  if (!page) return null;
  const all = (
    <Link to="/issues" search={{ environment, ...search }}>
      {t('job.allIssues')} →
    </Link>
  );
  return (
    <Section title={t('issues.title')} {...(page.items.length > 0 ? { aside: all } : {})}>
      {page.items.length === 0 ? (
        <p className={table.sub}>{t('job.noIssue')}</p>
      ) : (
        <IssuesTable issues={page.items.slice(0, LISTED)} />
      )}
    </Section>
  );
}
