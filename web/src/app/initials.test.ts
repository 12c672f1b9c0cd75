import { expect, it } from 'vitest';
import { initials } from './initials';

it.each([
  ['Claire Lemoine', 'CL'],
  ['claire.lemoine@example.com', 'CL'],
  ['ann', 'A'],
  ['émile', 'É'],
  ['  ', '?'],
])('of %s', (name, told) => {
  expect(initials(name)).toBe(told);
});
