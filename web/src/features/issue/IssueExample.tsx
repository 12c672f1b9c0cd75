import { Link } from '@tanstack/react-router';
import type { IssueAnswer } from '../../api/issues';
import { ErrorText } from '../../parts/ErrorText';
import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';

const LINES = 8;

/** An error of its last run, as it was written. */
export function IssueExample({ example }: { example: NonNullable<IssueAnswer['example']> }) {
  const { t } = useWords();
  const run = (
    <Link to="/runs/$key" params={{ key: example.run_key }}>
      {t('issue.exampleRun')} →
    </Link>
  );
  return (
    <Section title={t('issue.example')} aside={run}>
      {example.error_type !== null && <code>{example.error_type}</code>}
      <ErrorText text={example.message} lines={LINES} canCopy />
    </Section>
  );
}
