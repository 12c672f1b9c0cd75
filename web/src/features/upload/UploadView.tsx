import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useLoadUpload, usePreview, useRemoveUpload, useTask, type Reading, type Upload } from '../../api/uploads';
import { useMay } from '../../api/session';
import { useTeller } from '../../app/useTeller';
import { useTitle } from '../../app/useTitle';
import { size } from '../../format/number';
import head from '../../parts/head.module.css';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Sentence } from '../../parts/Sentence';
import { TaskProgress } from '../../parts/TaskProgress';
import { useWords } from '../../words/useWords';
import { MappingSection } from './MappingSection';
import { PreviewSection } from './PreviewSection';
import { Proposal } from './Proposal';
import { ReadingFields } from './ReadingFields';
import { uploadTold } from './uploadTold';
import styles from './upload.module.css';

/** So long after the last key the mapping is tried. */
const REST_MS = 500;

/** What a file is, how its rows would come out, and the button that loads it. */
export function UploadView({ answer }: { answer: Upload }) {
  const { t } = useWords();
  const { lang } = useTeller();
  const navigate = useNavigate();
  const may = useMay('operator');
  const { upload, recognised, proposal, why_not: whyNot } = answer;
  const first: Reading = proposal ? { mapping: proposal.mapping } : {};
  const [reading, setReading] = useState<Reading>(first);
  const [asked] = useDebouncedValue(reading, REST_MS);
  const isChanged = asked !== first && JSON.stringify(asked) !== JSON.stringify(first);
  const tried = usePreview(upload.upload, asked, isChanged);
  const load = useLoadUpload(upload.upload);
  const remove = useRemoveUpload(upload.upload);
  useTitle(upload.name);
  const trial = isChanged ? tried.data : { wrong: null, preview: answer.preview };
  const error = load.error ?? remove.error ?? tried.error;
  const begun = useTask(load.data?.task).data ?? load.data;
  const told = uploadTold(answer, begun);
  // After a failure it can be tried in another way.
  const isOpen = upload.source === null && (begun === undefined || begun.state === 'failed');
  const how = begun?.loaded?.reading ?? recognised?.how ?? (isOpen ? whyNot : null);
  return (
    <article>
      <div className={head.top}>
        <Link to="/sources">{t('sources.title')}</Link> › {t('upload.title')}
      </div>
      <Sentence
        isName
        parts={[
          { tone: 'plain', text: upload.name },
          { tone: told.tone, text: t(`upload.${told.key}`, { name: recognised?.name ?? '' }) },
          { tone: 'quiet', text: `(${size(upload.size_bytes, lang)})` },
        ]}
      />
      {how !== null && <p className={head.facts}>{how}</p>}
      {error && <ProblemPanel error={error} />}
      {begun && <TaskProgress task={begun.task} />}
      {!begun && upload.source !== null && (
        <Link to="/sources/$source" params={{ source: String(upload.source) }}>
          {t('task.toSource')} →
        </Link>
      )}
      {isOpen && may && (recognised ?? proposal) && (
        <div className={styles.acts}>
          <Button
            size="compact-md"
            disabled={load.isPending || trial?.wrong != null}
            onClick={() => {
              load.mutate(reading);
            }}
          >
            {t('upload.load')}
          </Button>
          <Button
            variant="default"
            size="compact-md"
            disabled={remove.isPending}
            onClick={() => {
              remove.mutate(undefined, { onSuccess: () => void navigate({ to: '/sources' }) });
            }}
          >
            {t('upload.remove')}
          </Button>
        </div>
      )}
      {isOpen && <ReadingFields reading={reading} change={setReading} />}
      {proposal && isOpen && (
        <>
          <Proposal proposal={proposal} />
          <MappingSection
            text={reading.mapping ?? ''}
            wrong={trial?.wrong ?? null}
            change={(mapping) => {
              setReading({ ...reading, mapping });
            }}
          />
        </>
      )}
      {trial?.preview && isOpen && (
        <PreviewSection preview={trial.preview} isOld={tried.isFetching || asked !== reading} />
      )}
    </article>
  );
}
