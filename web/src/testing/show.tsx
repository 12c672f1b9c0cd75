import { MantineProvider } from '@mantine/core';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { theme } from '../app/theme';
import type { Lang } from '../format/lang';
import { Speaking } from '../words/Speaking';
import { startWords } from '../words/i18n';

/** Renders in one language, without a server. */
export async function show(what: ReactNode, lang: Lang = 'en') {
  await startWords(lang);
  return render(
    <MantineProvider theme={theme}>
      <Speaking>{what}</Speaking>
    </MantineProvider>,
  );
}
