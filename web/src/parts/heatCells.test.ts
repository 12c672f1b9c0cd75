import { expect, it } from 'vitest';
import { look, paths, signs } from './heatCells';

const day = (verdict: string, late_ms: number | null = null) =>
  ({ business_day: '2026-11-23', verdict, runs: 1, late_ms }) as Parameters<typeof look>[0];

it('a night that came out well behind its deadline is late, never plain', () => {
  expect(look(day('ok'))).toBe('ok');
  expect(look(day('ok', -60_000))).toBe('ok');
  expect(look(day('ok', 60_000))).toBe('late');
  expect(look(day('recovered', 60_000))).toBe('recovered');
  expect(look(undefined)).toBe('none');
});

it('each look is one path, and what is not plain has a sign besides its colour', () => {
  const looks = ['ok', 'failed', 'ok', 'recovered', 'lost'] as const;
  const drawn = paths([...looks], 10, 15);
  expect([...drawn.keys()]).toEqual(['ok', 'failed', 'recovered', 'lost']);
  expect(drawn.get('ok')).toBe('M0 1h9v13h-9zM20 1h9v13h-9z');
  expect([...signs([...looks], 10, 15).keys()]).toEqual(['recovered', 'lost']);
});
