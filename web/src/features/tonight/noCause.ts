import type { Night } from '../../api/night';
import { isSilent } from './freshness';

type Known = Pick<Night, 'counts' | 'no_logs_since' | 'nights_without_jobs'>;

/** What is said where no cause is known: nothing failed, as far as logs came, or no error was written about what did. */
export function noCause(night: Known): 'noCause' | 'noCauseSoFar' | 'noError' {
  const { failed, lost, recovered, unverified } = night.counts;
  if (failed + lost + recovered > 0) return 'noError';
  return isSilent(night) || unverified > 0 ? 'noCauseSoFar' : 'noCause';
}
