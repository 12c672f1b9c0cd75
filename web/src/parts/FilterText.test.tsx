import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { show } from '../testing/show';
import { FilterText } from './FilterText';

it('a part of a name is looked for as such, and a whole name stays whole where nothing is typed', async () => {
  const choose = vi.fn();
  const { getByLabelText } = await show(<FilterText label="Job" hint="" value="load_stocks" isName choose={choose} />);
  const field = getByLabelText('Job');
  expect(field).toHaveProperty('value', 'load_stocks');
  await userEvent.type(field, '{Enter}');
  expect(choose).not.toHaveBeenCalled();
  await userEvent.clear(field);
  await userEvent.type(field, ' stocks {Enter}');
  expect(choose).toHaveBeenCalledWith('*stocks*');
});
