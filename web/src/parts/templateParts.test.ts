import { expect, it } from 'vitest';
import { templateParts } from './templateParts';

it('variable parts are told from the rest, and nothing is lost', () => {
  const text = 'index <*> out of <number> in <b onclick="x">';
  const parts = templateParts(text);
  expect(parts.filter((part) => part.isVariable).map((part) => part.text)).toEqual(['<*>', '<number>']);
  expect(parts.map((part) => part.text).join('')).toBe(text);
  expect(templateParts('nothing varies')).toEqual([{ text: 'nothing varies', isVariable: false }]);
});
