/** A screen on which less stands beside each other; the styles have the same figure. */
export const NARROW = '(max-width: 720px)';
