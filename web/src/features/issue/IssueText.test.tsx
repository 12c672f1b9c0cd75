import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { show } from '../../testing/show';
import { IssueText } from './IssueText';

const template = 'Connection to <*> refused';
const host = {
  mark: '<*>',
  values: [
    { value: 'db1', messages: 12 },
    { value: '', messages: 2 },
  ],
  different: 6,
};

it('values stand at their place and below, with how many there are besides', async () => {
  const { container } = await show(<IssueText title={template} template={template} variables={[host]} />, 'fr');
  expect(container.querySelector('pre span')?.getAttribute('title')).toContain('db1 ×12');
  expect(screen.getByRole('listitem').textContent).toBe('<*> db1 ×12 · rien ×2 · et 4 autres');
});
