import { useEffect, useRef, type KeyboardEvent } from 'react';

/** Where a key leads from one of so many; nowhere for other keys. */
export function stepped(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'ArrowRight':
    case 'ArrowDown':
      return Math.min(count - 1, at + 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** Many small links, drawn with `tabIndex={-1}`, are one stop of the Tab key: arrows, Home and End go from one to the next. */
export function useRoving<E extends Element>() {
  const place = useRef<E>(null);
  const links = () => [...(place.current?.querySelectorAll('a') ?? [])];
  const stand = (chosen: HTMLElement | SVGElement | undefined) => {
    for (const link of links()) link.setAttribute('tabindex', link === chosen ? '0' : '-1');
  };
  // The newest stands last, until another one was gone to.
  useEffect(() => {
    const all = links();
    if (!all.some((link) => link.getAttribute('tabindex') === '0')) stand(all.at(-1));
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const all = links();
    const now = all.findIndex((link) => link === document.activeElement);
    const next =
      now === -1 || event.ctrlKey || event.metaKey || event.altKey ? undefined : stepped(event.key, now, all.length);
    const link = next === undefined ? undefined : all[next];
    if (!link) return;
    event.preventDefault();
    stand(link);
    link.focus();
  };
  return { ref: place, onKeyDown };
}
