/** The pages of the navigation, in its order. */
export const PAGES = [
  { to: '/', name: 'tonight' },
  { to: '/runs', name: 'runs' },
] as const;
