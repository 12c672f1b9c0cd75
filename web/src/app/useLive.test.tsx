import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useLive } from './useLive';

/** As a browser's, whose server is told of by the tests. */
class Events extends EventTarget {
  static readonly CLOSED = 2;
  static opened: Events[] = [];
  readyState = 0;
  constructor() {
    super();
    Events.opened.push(this);
  }
  close() {
    this.readyState = Events.CLOSED;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Events);
  Events.opened = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function listening() {
  const client = new QueryClient();
  const asked = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
  renderHook(useLive, {
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });
  const happens = (what: 'open' | 'error' | 'changed') => Events.opened.at(-1)?.dispatchEvent(new Event(what));
  return { asked, happens };
}

it('a connection that breaks asks whether smartETL is there, without ending a question that goes on', () => {
  const { asked, happens } = listening();
  happens('error');
  expect(asked.mock.calls).toEqual([[{ queryKey: ['about'] }, { cancelRefetch: false }]]);
});

it('when it is back all is asked for again, since nobody said what changed meanwhile', () => {
  const { asked, happens } = listening();
  happens('open');
  vi.runAllTimers();
  expect(asked).not.toHaveBeenCalled();
  happens('error');
  happens('open');
  vi.runAllTimers();
  expect(asked.mock.calls.at(-1)).toEqual([]);
});

it('an answer that is no is asked for again later', () => {
  const { happens } = listening();
  Events.opened[0]?.close();
  happens('error');
  expect(Events.opened).toHaveLength(1);
  vi.runAllTimers();
  expect(Events.opened).toHaveLength(2);
});
