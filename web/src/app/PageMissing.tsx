import { Problem } from '../api/problem';
import { ProblemPanel } from '../parts/ProblemPanel';

export function PageMissing() {
  return <ProblemPanel error={new Problem(404, {})} isPage />;
}
