import { useEffect, useMemo, useState } from 'react';
import { useAbout } from '../api/about';
import type { Teller } from '../format/teller';
import { useLang } from '../words/useLang';

const TICK_MS = 30_000;

/** Tells times in the reader's language and in the zone that smartETL works in. */
export function useTeller(): Teller {
  const lang = useLang();
  const { data: about } = useAbout();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, TICK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  const zone = about?.timezone ?? 'UTC';
  return useMemo(() => ({ lang, zone, now }), [lang, zone, now]);
}
