import { expect, it } from 'vitest';
import type { Setting } from '../../api/settings';
import { isOfSettings } from './isOfSettings';

const settings = (password: string | null) =>
  [
    { key: 'http.token', value: '***' },
    { key: 'http.password', value: password },
  ] as Setting[];

it('only admin’s password is that of the settings, and only where one is set', () => {
  expect(isOfSettings('admin', settings('***'))).toBe(true);
  expect(isOfSettings('admin', settings(null))).toBe(false);
  expect(isOfSettings('ann', settings('***'))).toBe(false);
  expect(isOfSettings('admin', [])).toBe(false);
});
