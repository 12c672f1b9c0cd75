import type { Night } from '../../api/night';

/** What is said where no cause is known: nothing failed, or no error was written about what did. */
export function noCause({ failed, lost, recovered }: Night['counts']): 'noCause' | 'noError' {
  return failed + lost + recovered === 0 ? 'noCause' : 'noError';
}
