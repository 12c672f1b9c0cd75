import './app/styles';
import { noop } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { aboutQuery } from './api/about';
import { SESSION_QUERY } from './api/session';
import { App } from './app/App';
import { newQueryClient } from './app/queryClient';
import { newRouter } from './app/router';
import { langOfTag } from './format/lang';
import { startWords } from './words/i18n';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for the app');
const client = newQueryClient();
const router = newRouter({ client });
const { language } = await startWords();
// What every page needs is on its way while the first one is drawn.
client.query(SESSION_QUERY).catch(noop);
client.query(aboutQuery(langOfTag(language) ?? 'en')).catch(noop);
void router.load();
createRoot(root).render(
  <StrictMode>
    <App client={client} router={router} />
  </StrictMode>,
);
