import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useAbout } from '../api/about';
import { useLang } from '../words/useLang';
import { TellerContext } from './tellerContext';

const TICK_MS = 30_000;

/** Lets all parts below tell times: one of them knows the zone and looks at the clock, however many there are. */
export function Telling({ children }: { children: ReactNode }) {
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
  const teller = useMemo(() => ({ lang, zone, now }), [lang, zone, now]);
  return <TellerContext value={teller}>{children}</TellerContext>;
}
