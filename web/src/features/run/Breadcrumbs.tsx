import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { RunAnswer } from '../../api/run';
import { useWords } from '../../words/useWords';
import styles from './Breadcrumbs.module.css';

/** The runs above this one, from the root down. */
export function Breadcrumbs({ answer }: { answer: RunAnswer }) {
  const { t } = useWords();
  return (
    <nav className={styles.crumbs} aria-label={t('run.partOf')}>
      <Link to="/runs" search={{ day: answer.run.business_day }}>
        {t('nav.runs')}
      </Link>
      {answer.parents.map((parent) => (
        <Fragment key={parent.run_key}>
          {' › '}
          <Link to="/runs/$key" params={{ key: parent.run_key }}>
            {parent.job}
          </Link>
        </Fragment>
      ))}
      {' › '}
      <span>{answer.run.job}</span>
    </nav>
  );
}
