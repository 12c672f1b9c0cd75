import { renderHook } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { useWhole } from './useWhole';

const fetchNextPage = vi.fn();
const there = { hasNextPage: true, isFetching: false, error: null as Error | null, fetchNextPage };

it('page after page comes, one at a time, until the end', () => {
  fetchNextPage.mockClear();
  const { rerender } = renderHook(useWhole, { initialProps: there });
  expect(fetchNextPage).toHaveBeenCalledTimes(1);
  rerender({ ...there, isFetching: true });
  expect(fetchNextPage).toHaveBeenCalledTimes(1);
  rerender(there);
  expect(fetchNextPage).toHaveBeenCalledTimes(2);
  rerender({ ...there, isFetching: true });
  rerender({ ...there, hasNextPage: false });
  expect(fetchNextPage).toHaveBeenCalledTimes(2);
});

it('a failure is not tried again and again', () => {
  fetchNextPage.mockClear();
  renderHook(useWhole, { initialProps: { ...there, error: new Error('away') } });
  expect(fetchNextPage).not.toHaveBeenCalled();
});
