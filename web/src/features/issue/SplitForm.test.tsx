import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { show } from '../../testing/show';
import { SplitForm } from './SplitForm';

const signatures = ['a', 'b', 'c'].map((signature) => ({ signature, text: `text ${signature}` }));

it('all are chosen at first: it falls apart', async () => {
  const say = vi.fn();
  await show(<SplitForm signatures={signatures} say={say} />);
  await userEvent.click(screen.getByRole('button', { name: 'Split' }));
  expect(say).toHaveBeenCalledWith({});
});

it('those that are chosen are sent, in their order', async () => {
  const say = vi.fn();
  await show(<SplitForm signatures={signatures} say={say} />);
  await userEvent.click(screen.getByLabelText('text a'));
  await userEvent.click(screen.getByLabelText('text b'));
  await userEvent.click(screen.getByLabelText('text b'));
  expect(screen.getByText(/become a problem of their own/)).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Split' }));
  expect(say).toHaveBeenCalledWith({ signatures: ['b', 'c'] });
});

it('nothing is sent where none is chosen', async () => {
  const say = vi.fn();
  await show(<SplitForm signatures={signatures} say={say} />);
  for (const { text } of signatures) await userEvent.click(screen.getByLabelText(text));
  await userEvent.click(screen.getByRole('button', { name: 'Split' }));
  expect(say).not.toHaveBeenCalled();
});
