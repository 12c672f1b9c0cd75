/** What stands in an address; what is not a text there, or is empty, counts as not there. */
type Raw = Record<string, unknown>;

export function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A flag that is set; one that is not is not written. */
function flag(raw: Raw, name: string): true | undefined {
  return text(raw, name) === 'true' ? true : undefined;
}

export interface RootSearch {
  environment?: string | undefined;
}

export const rootSearch = (raw: Raw): RootSearch => ({ environment: text(raw, 'environment') });

export interface TonightSearch {
  day?: string | undefined;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function tonightSearch(raw: Raw): TonightSearch {
  const day = text(raw, 'day');
  return { day: day !== undefined && DAY.test(day) ? day : undefined };
}

/** Which jobs are meant: names may have stars, and where several have one name, the others tell them apart. */
export interface WhichJobs {
  job?: string | undefined;
  project?: string | undefined;
  system?: string | undefined;
}

const whichJobs = (raw: Raw): WhichJobs => ({
  job: text(raw, 'job'),
  project: text(raw, 'project'),
  system: text(raw, 'system'),
});

/** Filters of the list of runs: the words of the commands. */
export interface RunsSearch extends WhichJobs {
  day?: string | undefined;
  status?: string | undefined;
  category?: string | undefined;
  /** Child runs too. */
  all?: boolean | undefined;
}

export function runsSearch(raw: Raw): RunsSearch {
  return {
    ...whichJobs(raw),
    day: tonightSearch(raw).day,
    status: text(raw, 'status'),
    category: text(raw, 'category'),
    all: flag(raw, 'all'),
  };
}

export const JOB_COLUMNS = ['job', 'last', 'firstTry', 'usual', 'trend', 'rows', 'start', 'since'] as const;
export type JobColumn = (typeof JOB_COLUMNS)[number];

export interface JobsSearch {
  q?: string | undefined;
  sort?: JobColumn | undefined;
  /** Those that only other jobs start, and retired ones, too. */
  all?: boolean | undefined;
}

export function jobsSearch(raw: Raw): JobsSearch {
  const sort = text(raw, 'sort');
  return {
    q: text(raw, 'q'),
    sort: JOB_COLUMNS.find((column) => column === sort),
    all: flag(raw, 'all'),
  };
}

/** Whose issues: of whoever looks, so that the address is good for everybody, or nobody's. */
export const WHOSE = ['me', 'nobody'] as const;
export type Whose = (typeof WHOSE)[number];

/** Filters of the list of issues. */
export interface IssuesSearch {
  state?: string | undefined;
  family?: string | undefined;
  category?: string | undefined;
  blame?: string | undefined;
  assignee?: Whose | undefined;
  /** That occurred on this business day. */
  day?: string | undefined;
  /** Only muted ones. */
  muted?: boolean | undefined;
  /** Resolved and muted ones too. */
  all?: boolean | undefined;
}

export function issuesSearch(raw: Raw): IssuesSearch {
  const assignee = text(raw, 'assignee');
  return {
    state: text(raw, 'state'),
    family: text(raw, 'family'),
    category: text(raw, 'category'),
    blame: text(raw, 'blame'),
    assignee: WHOSE.find((of) => of === assignee),
    day: tonightSearch(raw).day,
    muted: flag(raw, 'muted'),
    all: flag(raw, 'all'),
  };
}

/** Filters of the list of errors. */
export interface ErrorsSearch extends WhichJobs {
  /** Of this run and all below it. */
  run?: string | undefined;
  issue?: string | undefined;
  category?: string | undefined;
  blame?: string | undefined;
  /** Business days between which they were written. */
  from?: string | undefined;
  to?: string | undefined;
}

export function errorsSearch(raw: Raw): ErrorsSearch {
  return {
    ...whichJobs(raw),
    run: text(raw, 'run'),
    issue: text(raw, 'issue'),
    category: text(raw, 'category'),
    blame: text(raw, 'blame'),
    ...period(raw),
  };
}

export interface SourceSearch {
  /** The batch whose rejects are listed. */
  batch?: number | undefined;
  /** What was done with it last. */
  task?: number | undefined;
}

function counted(raw: Raw, name: string): number | undefined {
  const told = Number(text(raw, name));
  return Number.isSafeInteger(told) && told > 0 ? told : undefined;
}

export function sourceSearch(raw: Raw): SourceSearch {
  return { batch: counted(raw, 'batch'), task: counted(raw, 'task') };
}

export const SETTINGS_PARTS = ['account', 'values', 'users', 'tokens', 'audit', 'decisions'] as const;
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

export interface SettingsSearch {
  part?: SettingsPart | undefined;
}

export function settingsSearch(raw: Raw): SettingsSearch {
  const part = text(raw, 'part');
  return { part: SETTINGS_PARTS.find((of) => of === part) };
}

export interface FindSearch {
  /** What is looked for. */
  q?: string | undefined;
  /** Business days between which messages are searched. */
  from?: string | undefined;
  to?: string | undefined;
}

export const findSearch = (raw: Raw): FindSearch => ({ q: text(raw, 'q'), ...period(raw) });

export interface RunSearch {
  /** Beside the last good run, line by line. */
  view?: 'compare' | undefined;
}

export const runSearch = (raw: Raw): RunSearch => ({ view: text(raw, 'view') === 'compare' ? 'compare' : undefined });

function period(raw: Raw): { from: string | undefined; to: string | undefined } {
  const day = (name: string) => tonightSearch({ day: raw[name] }).day;
  return { from: day('from'), to: day('to') };
}
