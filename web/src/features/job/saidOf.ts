import type { Said } from '../../api/catalogue';
import type { Job } from '../../api/jobs';
import { filled } from '../../parts/filled';

/** Fields that are typed as texts. */
export const TEXTS = ['family', 'owner', 'domain', 'source_app', 'deadline', 'runbook_url'] as const;

/** All that is said of a job: what the form has, and what it does not ask for as it was. */
export function saidOf(form: FormData, job: Pick<Job, 'system' | 'calendar' | 'retired_at'>): Said {
  const criticality = filled(form, 'criticality');
  return {
    system: job.system,
    calendar: job.calendar,
    ...(job.retired_at === null ? {} : { retired_at: job.retired_at }),
    ...Object.fromEntries(TEXTS.map((field) => [field, filled(form, field) ?? null])),
    criticality: criticality === undefined ? null : Number(criticality),
  };
}
