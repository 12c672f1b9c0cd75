import filters from './filters.module.css';

interface Props {
  label: string;
  /** What stands where nothing is chosen. */
  any: string;
  value: string | undefined;
  /** Words with what people call them. */
  options: (readonly [string, string])[];
  choose: (value: string | undefined) => void;
}

export function FilterSelect({ label, any, value, options, choose }: Props) {
  const isOther = value !== undefined && !options.some(([of]) => of === value);
  return (
    <label className={filters.field}>
      <span className="hidden">{label}</span>
      <select
        value={value ?? ''}
        data-chosen={value !== undefined}
        onChange={(event) => {
          choose(event.currentTarget.value === '' ? undefined : event.currentTarget.value);
        }}
      >
        <option value="">{any}</option>
        {isOther && <option value={value}>{value}</option>}
        {options.map(([of, told]) => (
          <option key={of} value={of}>
            {told}
          </option>
        ))}
      </select>
    </label>
  );
}
