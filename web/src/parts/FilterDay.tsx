import filters from './filters.module.css';

interface Props {
  label: string;
  value: string | undefined;
  choose: (value: string | undefined) => void;
}

/** A business day to filter by. */
export function FilterDay({ label, value, choose }: Props) {
  return (
    <label className={filters.field}>
      <span className="hidden">{label}</span>
      <input
        type="date"
        title={label}
        value={value ?? ''}
        onChange={(event) => {
          choose(event.currentTarget.value === '' ? undefined : event.currentTarget.value);
        }}
      />
    </label>
  );
}
