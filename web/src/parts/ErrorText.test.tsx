import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { show } from '../testing/show';
import { ErrorText } from './ErrorText';

it('shows markup in a message as text', async () => {
  const message = '<img src=x onerror="alert(1)"> <script>alert(2)</script>';
  const { container } = await show(<ErrorText text={message} />);
  expect(container.querySelector('pre')?.textContent).toBe(message);
  expect(container.querySelector('img, script')).toBeNull();
});

it('says where no message was written', async () => {
  await show(<ErrorText text={null} />, 'fr');
  expect(screen.getByText('aucun message n’a été écrit')).toBeTruthy();
});
