import { describe, expect, it } from 'vitest';
import en from './en.json';
import fr from './fr.json';
import { startWords } from './i18n';

function texts(words: object, path = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(words) as [string, unknown][]) {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') all.set(name, value);
    else if (typeof value === 'object' && value !== null) texts(value, name).forEach((text, of) => all.set(of, text));
  }
  return all;
}

const [english, french] = [texts(en), texts(fr)];
const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

describe('both languages', () => {
  it('say the same things', () => {
    expect([...french.keys()]).toEqual([...english.keys()]);
  });
  it.each([...english])('fill in the same: %s', (key, text) => {
    const [one, other] = [placeholders(text), placeholders(french.get(key) ?? '')];
    // A singular may leave its number out.
    if (key.endsWith('_one')) return;
    expect(other).toEqual(one);
  });
});

describe('French is set as French people set it', () => {
  it.each([...french])('%s', (_, text) => {
    const prose = text.replace(/`[^`]*`/g, '');
    expect(prose).not.toMatch(/ [:;!?»]|« |['"]|…\u00a0| logs?\b/);
    for (const found of prose.matchAll(/[:;!?»](?=\s|$)/g)) {
      expect(prose.slice(0, found.index), text).toMatch(/[\u00a0\u202f]$/);
    }
  });
});

it('in French none is a singular, which says its number therefore', () => {
  for (const [key, text] of french) if (key.endsWith('_one')) expect(text, key).not.toMatch(/\b1\b/);
});

it('numbers choose their words', async () => {
  const words = await startWords('fr');
  expect(words.t('verdict.recovered', { count: 0 })).toBe('rattrapé');
  expect(words.t('verdict.recovered', { count: 2 })).toBe('rattrapés');
  expect(words.t('verdict.recovered', { count: 1_000_000 })).toBe('rattrapés');
  await words.changeLanguage('en');
  expect(words.t('verdict.not_seen', { count: 0 })).toBe('not seen');
});
