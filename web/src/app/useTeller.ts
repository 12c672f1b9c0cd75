import { use } from 'react';
import type { Teller } from '../format/teller';
import { TellerContext } from './tellerContext';

/** Tells times in the reader's language and in the zone that smartETL works in. */
export function useTeller(): Teller {
  const teller = use(TellerContext);
  if (teller === undefined) throw new Error('nothing tells times here');
  return teller;
}
