import { useNavigate } from '@tanstack/react-router';
import { useState, type MouseEvent } from 'react';
import type { Heatmap } from '../api/night';
import { useTeller } from '../app/useTeller';
import { weekday } from '../format/day';
import { span } from '../format/duration';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import { look, paths, signs } from './heatCells';
import styles from './NightStrip.module.css';

interface Props {
  job: Heatmap['jobs'][number];
  days: string[];
  cell: number;
  height: number;
}

/** The nights of a job as cells; each leads to its night. What they say is told as a text besides. */
export function NightStrip({ job, days, cell, height }: Props) {
  const { t } = useWords();
  const word = useWord();
  const teller = useTeller();
  const navigate = useNavigate();
  const [told, setTold] = useState('');
  const byDay = new Map(job.days.map((day) => [day.business_day, day]));
  const looks = days.map((day) => look(byDay.get(day)));
  const counts = Map.groupBy(looks, (of) => of);
  const summary = [...counts].map(([of, { length }]) => `${length} ${word('verdict', of, length)}`).join(', ');

  const dayAt = (event: MouseEvent<SVGSVGElement>) =>
    days[Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left) / cell)];
  const tell = (day: string | undefined) => {
    if (day === undefined) return;
    const facts = byDay.get(day);
    const verdict = word('verdict', look(facts), 1);
    const late = facts?.late_ms ?? 0;
    const behind = late > 0 ? `, ${t('tonight.heatLate', { span: span(late, teller.lang) })}` : '';
    setTold(`${job.job} · ${weekday(day, teller)} · ${verdict}${behind}`);
  };
  return (
    <svg
      className={styles.strip}
      width={cell * days.length}
      height={height}
      role="img"
      aria-label={t('tonight.heatRow', { job: job.job, told: summary })}
      onMouseMove={(event) => {
        tell(dayAt(event));
      }}
      onClick={(event) => {
        const day = dayAt(event);
        if (day !== undefined) void navigate({ to: '/', search: { day } });
      }}
    >
      <title>{told}</title>
      {[...paths(looks, cell, height)].map(([of, d]) => (
        <path key={of} d={d} className={styles[of]} />
      ))}
      {[...signs(looks, cell, height)].map(([of, d]) => (
        <path key={of} d={d} className={styles[`sign-${of}`]} />
      ))}
    </svg>
  );
}
