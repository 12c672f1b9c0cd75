/** A short word about what was just done: that it was, with a way back; or why not. */
export type Toast = { key: string; lasts?: number } & (
  { text: string; undo?: () => void; problem?: undefined } | { problem: unknown; text?: undefined; undo?: undefined }
);

type Told = Toast extends infer T ? (T extends Toast ? Omit<T, 'key'> & { key?: string } : never) : never;

let all: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(to: readonly Toast[]) {
  all = to;
  for (const listener of listeners) listener();
}

export const toasts = {
  now: () => all,
  listen: (listener: () => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

/** More would hide the page. */
const MOST = 4;

/** Says it until it is closed; with `lasts`, for so many milliseconds. */
export function tell(told: Told) {
  last += 1;
  const toast: Toast = { ...told, key: told.key ?? `toast-${String(last)}` };
  change([...all, toast].slice(-MOST));
  if (toast.lasts !== undefined) {
    setTimeout(() => {
      untell(toast.key);
    }, toast.lasts);
  }
}

/** Whoever looks now has nothing to do with what was told. */
export function untellAll() {
  change([]);
}

export function untell(key: string) {
  change(all.filter((toast) => toast.key !== key));
}
