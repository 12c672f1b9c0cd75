import { expect, it } from 'vitest';
import { show } from '../../testing/show';
import { PieceText } from './PieceText';

it('marks what matched, and shows markup as text', async () => {
  const piece = [
    { text: '<b>', matches: false },
    { text: 'ORA-12541', matches: true },
    { text: '</b>', matches: false },
  ];
  const { container } = await show(<PieceText piece={piece} />);
  expect(container.querySelector('mark')?.parentElement?.textContent).toBe('<b>ORA-12541</b>');
  expect(container.querySelector('mark')?.textContent).toBe('ORA-12541');
  expect(container.querySelector('b')).toBeNull();
});

it('says nothing that the title says already', async () => {
  const { container } = await show(<PieceText piece={[{ text: 'load', matches: true }]} than="load" />);
  expect(container.querySelector('code')).toBeNull();
});
