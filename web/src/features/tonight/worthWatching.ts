import type { Night } from '../../api/night';

/** Root jobs with something to say, as `project/job`. */
export function worthWatching(night: Night): Set<string> {
  const { failed, lost, unverified, running, recovered, late, not_seen, deadlines } = night;
  const jobs = [failed, lost, unverified, running, recovered, late, not_seen, deadlines].flat();
  return new Set(jobs.map(({ project, job }) => `${project ?? ''}/${job}`));
}
