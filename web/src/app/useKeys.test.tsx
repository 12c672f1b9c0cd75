import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { useKeys } from './useKeys';

const help = vi.fn();

function Page({ role }: { role: string }) {
  useKeys({ '?': help });
  return (
    <>
      <button>elsewhere</button>
      <div role={role}>
        <button>within</button>
      </div>
    </>
  );
}

/** How often `?` was heard. */
async function heard(role: string, at: string) {
  help.mockClear();
  const { getByRole, unmount } = render(<Page role={role} />);
  getByRole('button', { name: at }).focus();
  await userEvent.keyboard('?');
  unmount();
  return help.mock.calls.length;
}

it('a menu takes keys while it is used, and no longer once it is left', async () => {
  expect(await heard('menu', 'within')).toBe(0);
  expect(await heard('menu', 'elsewhere')).toBe(1);
});

it('an open dialog takes all keys', async () => {
  expect(await heard('dialog', 'elsewhere')).toBe(0);
  expect(await heard('group', 'elsewhere')).toBe(1);
});
