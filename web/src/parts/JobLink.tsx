import { Link } from '@tanstack/react-router';
import styles from './JobLink.module.css';

interface Props {
  environment: string;
  project: string | null;
  job: string;
  /** It stands for its row: `j` and `k` come here. */
  isRow?: boolean;
  isQuiet?: boolean;
}

/** Leads to the page of a job. */
export function JobLink({ environment, project, job, isRow = false, isQuiet = false }: Props) {
  return (
    <Link
      to="/jobs/$environment/$project/$job"
      params={{ environment, project: project ?? '-', job }}
      className={isQuiet ? styles.quiet : styles.job}
      data-row={isRow ? '' : undefined}
      title={project === null ? job : `${project} › ${job}`}
    >
      {job}
    </Link>
  );
}
