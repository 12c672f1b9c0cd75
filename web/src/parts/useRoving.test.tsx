import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { stepped, useRoving } from './useRoving';

function Bars({ names }: { names: string[] }) {
  return (
    <div {...useRoving<HTMLDivElement>()}>
      {names.map((name) => (
        <a key={name} href={`#${name}`} tabIndex={-1}>
          {name}
        </a>
      ))}
    </div>
  );
}

it('many links are one stop, from which arrows go on', async () => {
  const user = userEvent.setup();
  const { rerender } = render(<Bars names={['a', 'b', 'c']} />);
  const now = () => document.activeElement?.textContent;
  await user.tab();
  expect(now()).toBe('c');
  await user.keyboard('{ArrowLeft}');
  expect(now()).toBe('b');
  await user.tab();
  expect(document.activeElement).toBe(document.body);
  await user.tab({ shift: true });
  expect(now()).toBe('b');
  rerender(<Bars names={['c', 'd']} />);
  await user.tab();
  expect(now()).toBe('d');
});

it('nobody is led beyond the ends', () => {
  expect(stepped('ArrowLeft', 0, 3)).toBe(0);
  expect(stepped('ArrowRight', 2, 3)).toBe(2);
  expect(stepped('End', 0, 3)).toBe(2);
  expect(stepped('Enter', 1, 3)).toBeUndefined();
});
