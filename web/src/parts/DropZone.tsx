import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useMay } from '../api/session';
import { useUpload } from '../api/uploads';
import { percent } from '../format/number';
import { ProblemPanel } from './ProblemPanel';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import styles from './DropZone.module.css';

const ofFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

/** A file that is dropped anywhere on the page is sent, and looked at on a page of its own; nothing for those who may not. */
export function DropZone() {
  const { t } = useWords();
  const lang = useLang();
  const navigate = useNavigate();
  const may = useMay('operator');
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [sent, setSent] = useState(0);
  const upload = useUpload(setSent);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (!file || upload.isPending) return;
    setSent(0);
    upload.mutate(file, {
      onSuccess: (answer) =>
        void navigate({ to: '/sources/uploads/$upload', params: { upload: answer.upload.upload } }),
    });
  };
  const drop = useEffectEvent(take);
  useEffect(() => {
    if (!may) return;
    const over = (event: DragEvent) => {
      if (!ofFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const out = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const fall = (event: DragEvent) => {
      if (!ofFiles(event)) return;
      event.preventDefault();
      setOver(false);
      drop(event.dataTransfer?.files);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', out);
    window.addEventListener('drop', fall);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', out);
      window.removeEventListener('drop', fall);
    };
  }, [may]);
  if (!may) return null;
  return (
    <>
      <div className={styles.zone}>
        <Button
          variant="default"
          size="compact-md"
          disabled={upload.isPending}
          onClick={() => {
            chooser.current?.click();
          }}
        >
          {t('upload.choose')}…
        </Button>
        <span>{upload.isPending ? t('upload.sending', { share: percent(sent, lang) }) : t('upload.drop')}</span>
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label={t('upload.choose')}
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = '';
          }}
        />
      </div>
      {upload.error && <ProblemPanel error={upload.error} />}
      {isOver && (
        <div className={styles.over} aria-hidden>
          {t('upload.here')}
        </div>
      )}
    </>
  );
}
