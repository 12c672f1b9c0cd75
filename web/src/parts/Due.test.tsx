import { expect, it } from 'vitest';
import { show } from '../testing/show';
import { Due } from './Due';

it.each([
  ['kept', 14_760_000, '4 h 6 min', 'kept'],
  ['open', 1_080_000, '18 min', 'close'],
  ['missed', -1_080_000, '− 18 min', 'missed'],
  ['unknown', -1_080_000, '–', ''],
])('%s by %i ms', async (state, margin, told, tone) => {
  const { container } = await show(<Due state={state} margin={margin} />);
  expect(container.textContent).toContain(told);
  expect(container.querySelector('span')?.className ?? '').toContain(tone);
});
