import { useTranslation } from 'react-i18next';

/** A defect of the app itself: said plainly, with what helps to find it. */
export function PageBroken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <section role="alert">
      <h1>{t('state.broken')}</h1>
      <p>{t('state.brokenWhat')}</p>
      <pre>{error instanceof Error ? (error.stack ?? error.message) : String(error)}</pre>
    </section>
  );
}
