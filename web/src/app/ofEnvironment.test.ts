import { expect, it } from 'vitest';
import { listBehind } from './ofEnvironment';
import { newRouter } from './router';

it('what a page shows is not in another environment: its list is', () => {
  expect(listBehind('/runs/$key')).toBe('/runs');
  expect(listBehind('/runs')).toBeUndefined();
  expect(listBehind(undefined)).toBeUndefined();
});

it('is asked for pages that there are', () => {
  const routes = Object.keys(newRouter().routesById);
  const behind = routes.filter((route) => listBehind(route) !== undefined);
  expect(behind.map(listBehind)).toEqual(['/runs', '/jobs', '/issues']);
  for (const route of behind) expect(routes).toContain(listBehind(route));
});
