import './app/styles';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { newQueryClient } from './app/queryClient';
import { newRouter } from './app/router';
import { startWords } from './words/i18n';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for the app');
await startWords();
createRoot(root).render(
  <StrictMode>
    <App client={newQueryClient()} router={newRouter()} />
  </StrictMode>,
);
