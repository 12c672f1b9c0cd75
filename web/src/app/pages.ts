/** The pages of the navigation, in its order. */
export const PAGES = [
  { to: '/', name: 'tonight' },
  { to: '/jobs', name: 'jobs' },
  { to: '/runs', name: 'runs' },
] as const;
