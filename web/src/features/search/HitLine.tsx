import { Link } from '@tanstack/react-router';
import type { Group, Hit } from '../../api/search';
import { JobLink } from '../../parts/JobLink';
import { Moment } from '../../parts/Moment';
import { State } from '../../parts/State';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { PieceText } from './PieceText';
import styles from './search.module.css';

/** One thing that was found: what it is called, where it matched, when it was. */
export function HitLine({ kind, hit }: { kind: Group['kind']; hit: Hit }) {
  const word = useWord();
  const asides = [
    hit.environment,
    kind === 'run' ? hit.job : hit.family,
    hit.state === null ? null : word('issueState', hit.state),
    hit.category === null ? null : word('category', hit.category),
    hit.by,
  ].filter((aside) => aside !== null);
  return (
    <li>
      <div>
        {hit.outcome !== null && <State of={hit.outcome} />} <HitLink kind={kind} hit={hit} />{' '}
        <span className={styles.aside}>
          {asides.join(' · ')} {hit.at !== null && <Moment at={hit.at} />}
        </span>
      </div>
      <PieceText piece={hit.piece} than={hit.title} />
    </li>
  );
}

function HitLink({ kind, hit }: { kind: Group['kind']; hit: Hit }) {
  const { t } = useWords();
  const title = hit.title === '' ? t('error.noMessage') : hit.title;
  switch (kind) {
    case 'job':
      return <JobLink environment={hit.environment ?? ''} project={hit.project} job={hit.job ?? title} isRow />;
    case 'run':
      return (
        <Link to="/runs/$key" params={{ key: hit.run_key ?? '' }} data-row="">
          {title}
        </Link>
      );
    case 'source':
      return (
        <Link to="/sources/$source" params={{ source: String(hit.source ?? '') }} data-row="">
          {title}
        </Link>
      );
    case 'issue':
    case 'note':
      return (
        <Link to="/issues/$id" params={{ id: hit.issue ?? '' }} data-row="">
          {title}
        </Link>
      );
  }
}
