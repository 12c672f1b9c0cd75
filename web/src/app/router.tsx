import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
  type RouterHistory,
} from '@tanstack/react-router';
import { askIssues, askJob, askNight } from './early';
import { Frame } from './Frame';
import { PageBroken } from './PageBroken';
import { PageMissing } from './PageMissing';
import { parseQuery, writeQuery } from './query';
import {
  errorsSearch,
  findSearch,
  issuesSearch,
  jobsSearch,
  rootSearch,
  runSearch,
  runsSearch,
  settingsSearch,
  sourceSearch,
  tonightSearch,
} from './search';

/** Who asks before a page does; nobody in tests of addresses. */
interface Context {
  client: QueryClient | undefined;
}

const root = createRootRouteWithContext<Context>()({
  component: Frame,
  validateSearch: rootSearch,
  // A reader stays in an environment until another one is chosen.
  search: { middlewares: [retainSearchParams(['environment'])] },
  notFoundComponent: PageMissing,
  errorComponent: PageBroken,
});

const getParentRoute = () => root;

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    validateSearch: tonightSearch,
    loaderDeps: ({ search: { day, environment } }) => ({ day, environment }),
    loader: ({ context, deps }) => {
      askNight(context.client, deps);
    },
    component: lazyRouteComponent(() => import('../features/tonight/TonightPage'), 'TonightPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs',
    validateSearch: runsSearch,
    component: lazyRouteComponent(() => import('../features/runs/RunsPage'), 'RunsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs/$key',
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import('../features/run/RunPage'), 'RunPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/jobs',
    validateSearch: jobsSearch,
    component: lazyRouteComponent(() => import('../features/jobs/JobsPage'), 'JobsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/jobs/$environment/$project/$job',
    loader: ({ context, params }) => {
      askJob(context.client, params);
    },
    component: lazyRouteComponent(() => import('../features/job/JobPage'), 'JobPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/issues',
    validateSearch: issuesSearch,
    loaderDeps: ({ search }) => search,
    loader: ({ context, deps }) => {
      askIssues(context.client, deps);
    },
    component: lazyRouteComponent(() => import('../features/issues/IssuesPage'), 'IssuesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/issues/$id',
    component: lazyRouteComponent(() => import('../features/issue/IssuePage'), 'IssuePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/errors',
    validateSearch: errorsSearch,
    component: lazyRouteComponent(() => import('../features/errors/ErrorsPage'), 'ErrorsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/sources',
    component: lazyRouteComponent(() => import('../features/sources/SourcesPage'), 'SourcesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/sources/uploads/$upload',
    component: lazyRouteComponent(() => import('../features/upload/UploadPage'), 'UploadPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/sources/$source',
    validateSearch: sourceSearch,
    component: lazyRouteComponent(() => import('../features/source/SourcePage'), 'SourcePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/search',
    validateSearch: findSearch,
    component: lazyRouteComponent(() => import('../features/search/SearchPage'), 'SearchPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/settings',
    validateSearch: settingsSearch,
    component: lazyRouteComponent(() => import('../features/settings/SettingsPage'), 'SettingsPage'),
  }),
] as const;

/** The history is the browser's, unless a test has one. */
export function newRouter({ client, history }: { client?: QueryClient; history?: RouterHistory } = {}) {
  return createRouter({
    routeTree: root.addChildren(routes),
    context: { client },
    basepath: '/app',
    parseSearch: parseQuery,
    stringifySearch: writeQuery,
    ...(history === undefined ? {} : { history }),
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

export type AppRouter = ReturnType<typeof newRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
