import type { About } from '../api/about';
import { DropZone } from '../parts/DropZone';
import { Nothing } from '../parts/Nothing';
import { WaysToBring } from '../parts/WaysToBring';
import { useWords } from '../words/useWords';

/** No night yet: how to bring logs, or why stored ones make none. */
export function NothingYet({ about }: { about: About }) {
  const { t } = useWords();
  if (!about.empty) {
    return <Nothing title={t('empty.noNight')} {...(about.scheduled ? { what: t('empty.scheduled') } : {})} />;
  }
  return (
    <Nothing title={t('empty.title')} what={t('empty.text')}>
      <DropZone />
      <WaysToBring watched={about.watched} />
    </Nothing>
  );
}
