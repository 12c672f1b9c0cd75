import { useUsers } from '../../api/access';
import { useMay } from '../../api/session';

/** The names of accounts, for a field in which any name can be typed. Only administrators are told who has one. */
export function KnownNames({ id }: { id: string }) {
  const users = useUsers(useMay('admin'));
  return (
    <datalist id={id}>
      {users.data?.items.map(({ name }) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
