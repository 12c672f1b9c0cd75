import { useKeys } from './useKeys';

/** Rows that `j` and `k` go through: the links that stand for their row. */
const ROWS = 'main [data-row]';

function step(by: 1 | -1) {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)].filter((row) => row.offsetParent !== null);
  const now = rows.findIndex((row) => row === document.activeElement);
  const next = now === -1 ? (by === 1 ? 0 : rows.length - 1) : now + by;
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}

/** `j` and `k` move through the rows of a page, `/` goes to the search. */
export function useRowKeys() {
  useKeys({
    j: () => {
      step(1);
    },
    k: () => {
      step(-1);
    },
    '/': () => {
      const boxes = [...document.querySelectorAll<HTMLInputElement>('[data-key="search"]')];
      boxes.findLast((box) => box.offsetParent !== null)?.focus();
    },
  });
}
