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

it('a name that a person gave stands above what the messages share', async () => {
  const { container } = await show(<IssueText title="Oracle away" template={template} variables={[]} />);
  expect(screen.getByRole('heading', { name: 'Oracle away' })).toBeTruthy();
  expect(container.querySelector('pre')?.textContent).toBe(template);
});

it('what nobody named has no heading', async () => {
  const { container } = await show(<IssueText title={template} template={template} variables={[]} />);
  expect(screen.queryByRole('heading')).toBeNull();
  expect(container.querySelector('pre')?.textContent).toBe(template);
});

it('values stand at their place and below, with how many there are besides', async () => {
  const { container } = await show(<IssueText title={template} template={template} variables={[host]} />, 'fr');
  expect(container.querySelector('pre span')?.getAttribute('title')).toContain('db1 ×12');
  expect(screen.getByRole('listitem').textContent).toBe('<*> db1 ×12 · rien ×2 · et 4 autres');
});
