import { useWords } from '../words/useWords';

/** A defect of the app itself: said plainly, with what helps to find it. */
export function PageBroken({ error }: { error: unknown }) {
  const { t } = useWords();
  return (
    <section role="alert">
      <h1>{t('state.broken')}</h1>
      <p>{t('state.brokenWhat')}</p>
      <pre>{error instanceof Error ? (error.stack ?? error.message) : String(error)}</pre>
    </section>
  );
}
