import styles from './StateMark.module.css';

/** Verdicts of nights and outcomes of runs, by what they look like. */
const LOOKS: Record<string, string> = {
  ok: 'ok',
  success: 'ok',
  success_with_errors: 'recovered',
  success_with_warnings: 'recovered',
  recovered: 'recovered',
  failed: 'failed',
  lost: 'lost',
  running: 'running',
  late: 'late',
  unverified: 'unverified',
  not_seen: 'unverified',
};

/** Colour and shape of a state; the word stands beside it. */
export function StateMark({ of }: { of: string }) {
  return <i aria-hidden className={`${styles.mark} ${styles[LOOKS[of] ?? 'none']}`} />;
}
