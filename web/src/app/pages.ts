/** The pages of the navigation, in its order. */
export const PAGES = [
  { to: '/', name: 'tonight' },
  { to: '/issues', name: 'issues' },
  { to: '/jobs', name: 'jobs' },
  { to: '/runs', name: 'runs' },
  { to: '/search', name: 'search' },
  { to: '/sources', name: 'sources' },
] as const;
