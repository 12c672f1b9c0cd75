import { expect, it } from 'vitest';
import { saidOf } from './saidOf';

it('what is emptied is not said any more, and what is not asked for stays', () => {
  const form = new FormData();
  for (const [name, value] of Object.entries({ family: 'load', owner: ' ', deadline: '07:30', criticality: '1' })) {
    form.set(name, value);
  }
  expect(saidOf(form, { system: 'talend', calendar: 'fr', retired_at: null })).toEqual({
    system: 'talend',
    calendar: 'fr',
    family: 'load',
    owner: null,
    domain: null,
    source_app: null,
    deadline: '07:30',
    runbook_url: null,
    criticality: 1,
  });
});
