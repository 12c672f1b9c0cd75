const LEAST = 10;

/** A new password. */
export function PasswordField({ label, name }: { label: string; name: string }) {
  return (
    <label>
      {label}
      <input name={name} type="password" autoComplete="new-password" required minLength={LEAST} />
    </label>
  );
}
