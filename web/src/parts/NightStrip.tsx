import { Link } from '@tanstack/react-router';
import { useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { flushSync } from 'react-dom';
import type { Heatmap } from '../api/night';
import { useTeller } from '../app/useTeller';
import { weekday } from '../format/day';
import { span } from '../format/duration';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import { counted, look, paths, signs } from './heatCells';
import styles from './NightStrip.module.css';
import { stepped } from './useRoving';

interface Props {
  job: Heatmap['jobs'][number];
  days: string[];
  cell: number;
  height: number;
}

/** The nights of a job as cells. One link lies over them and leads to the night that is pointed at, or that the arrows went to:
 * a link for each of thousands of cells would be slow. */
export function NightStrip({ job, days, cell, height }: Props) {
  const { t } = useWords();
  const word = useWord();
  const teller = useTeller();
  const strip = useRef<SVGSVGElement>(null);
  const last = days.length - 1;
  const [stood, stand] = useState<number>();
  const [pointed, point] = useState<number>();
  const byDay = new Map(job.days.map((day) => [day.business_day, day]));
  const looks = days.map((day) => look(byDay.get(day)));
  const summary = counted(looks)
    .map(([of, count]) => `${count} ${word('verdict', of, count)}`)
    .join(', ');

  const at = Math.min(pointed ?? stood ?? last, last);
  const day = days[at];
  const tell = (of: string) => {
    const facts = byDay.get(of);
    const verdict = word('verdict', look(facts), 1);
    const late = facts?.late_ms ?? 0;
    const behind = late > 0 ? `, ${t('tonight.heatLate', { span: span(late, teller.lang) })}` : '';
    return `${job.job} · ${weekday(of, teller)} · ${verdict}${behind}`;
  };
  const aim = (event: MouseEvent<SVGSVGElement>) => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    point(Math.max(0, Math.min(last, Math.floor(left / cell))));
  };
  const go = (event: KeyboardEvent) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const next = isPlain ? stepped(event.key, at, days.length) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    // Another link, so that its name is read out.
    flushSync(() => {
      point(undefined);
      stand(next);
    });
    strip.current?.querySelector('a')?.focus();
  };
  return (
    <svg
      ref={strip}
      className={styles.strip}
      width={cell * days.length}
      height={height}
      role="group"
      aria-label={t('tonight.heatRow', { job: job.job, told: summary })}
      onMouseMove={aim}
      onPointerDown={aim}
      onMouseLeave={() => {
        point(undefined);
      }}
    >
      {[...paths(looks, cell, height)].map(([of, d]) => (
        <path key={of} d={d} className={styles[of]} />
      ))}
      {[...signs(looks, cell, height)].map(([of, d]) => (
        <path key={of} d={d} className={styles[`sign-${of}`]} />
      ))}
      {day !== undefined && (
        <Link
          key={stood ?? 'newest'}
          to="/"
          search={{ day }}
          className={styles.link}
          aria-label={tell(day)}
          onKeyDown={go}
        >
          <title>{tell(day)}</title>
          <rect width={cell * days.length} height={height} />
          <rect className={styles.ring} x={at * cell - 1} width={cell + 1} height={height} />
        </Link>
      )}
    </svg>
  );
}
