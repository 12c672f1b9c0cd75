import filters from './filters.module.css';
import { asked, shown } from './nameFilter';

interface Props {
  label: string;
  hint: string;
  value: string | undefined;
  /** `/` comes here. */
  isSearch?: boolean;
  /** A name of which a part is enough; what links name stays whole until something else is typed. */
  isName?: boolean;
  choose: (value: string | undefined) => void;
}

/** A text to filter by; it counts when it is confirmed or left. */
export function FilterText({ label, hint, value, isSearch = false, isName = false, choose }: Props) {
  const stands = isName && value !== undefined ? shown(value) : value;
  const take = (text: string) => {
    const told = text.trim() === '' ? undefined : text.trim();
    if (told !== stands) choose(isName && told !== undefined ? asked(told) : told);
  };
  return (
    <label className={filters.field}>
      <span className="hidden">{label}</span>
      <input
        // Another address brings another value.
        key={value}
        type="search"
        defaultValue={stands}
        placeholder={hint}
        aria-label={label}
        data-key={isSearch ? 'search' : undefined}
        onBlur={(event) => {
          take(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take(event.currentTarget.value);
        }}
      />
    </label>
  );
}
