import filters from './filters.module.css';

interface Props {
  label: string;
  hint: string;
  value: string | undefined;
  /** `/` comes here. */
  isSearch?: boolean;
  choose: (value: string | undefined) => void;
}

/** A text to filter by; it counts when it is confirmed or left. */
export function FilterText({ label, hint, value, isSearch = false, choose }: Props) {
  const take = (text: string) => {
    const told = text.trim() === '' ? undefined : text.trim();
    if (told !== value) choose(told);
  };
  return (
    <label className={filters.field}>
      <span className="hidden">{label}</span>
      <input
        // Another address brings another value.
        key={value}
        type="search"
        defaultValue={value}
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
