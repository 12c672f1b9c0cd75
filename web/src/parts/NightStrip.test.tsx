import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from '@tanstack/react-router';
import { fireEvent } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { Heatmap } from '../api/night';
import { TellerContext } from '../app/tellerContext';
import { show } from '../testing/show';
import { NightStrip } from './NightStrip';

const days = ['2026-11-24', '2026-11-25', '2026-11-26'];
const job = {
  job: 'nightly',
  project: null,
  days: [
    { business_day: '2026-11-24', verdict: 'failed', late_ms: null },
    { business_day: '2026-11-26', verdict: 'ok', late_ms: 3_600_000 },
  ],
} as Heatmap['jobs'][number];

async function strip() {
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  const shown = await show(
    <RouterContextProvider router={router}>
      <TellerContext value={{ lang: 'en', zone: 'Europe/Paris', now: Date.parse('2026-11-27T07:00:00Z') }}>
        <NightStrip job={job} days={days} cell={10} height={16} />
      </TellerContext>
    </RouterContextProvider>,
  );
  const link = () => shown.getByRole('link');
  return { link, told: () => [link().getAttribute('aria-label'), link().getAttribute('href')] };
}

it('is a link to its newest night, from which arrows go to the others', async () => {
  const { link, told } = await strip();
  const user = userEvent.setup();
  expect(told()).toEqual(['nightly · Thu 26 Nov · late, 1 h late', '/?day=2026-11-26']);
  await user.tab();
  await user.keyboard('{ArrowLeft}');
  expect(told()).toEqual(['nightly · Wed 25 Nov · not run', '/?day=2026-11-25']);
  expect(document.activeElement).toBe(link());
  await user.keyboard('{Home}{ArrowLeft}');
  expect(told()).toEqual(['nightly · Tue 24 Nov · failed', '/?day=2026-11-24']);
  await user.keyboard('{End}');
  expect(told()[1]).toBe('/?day=2026-11-26');
});

it('leads to the night that is pointed at, with any button', async () => {
  const { link, told } = await strip();
  fireEvent.mouseMove(link(), { clientX: 15 });
  expect(told()[1]).toBe('/?day=2026-11-25');
  fireEvent.pointerDown(link(), { clientX: 2 });
  expect(told()[1]).toBe('/?day=2026-11-24');
});
