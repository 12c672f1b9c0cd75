import { expect, it } from 'vitest';
import type { Setting } from '../../api/settings';
import { inSections } from './inSections';

it('settings stand under what is before their last dot', () => {
  const keys = ['timezone', 'http.port', 'lang', 'http.bind', 'environments.PROD'];
  const told = inSections(keys.map((key) => ({ key }) as Setting));
  expect(told.map(([name, of]) => [name, of.map(({ key }) => key)])).toEqual([
    ['', ['timezone', 'lang']],
    ['http', ['http.port', 'http.bind']],
    ['environments', ['environments.PROD']],
  ]);
});
