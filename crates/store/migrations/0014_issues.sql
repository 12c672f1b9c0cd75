-- Issues: all occurrences of one problem in one job family of one environment, with a state. What stands in `issue` is computed
-- (doc/issues.md); what people did stands in `issue_act`, and is neither computed nor removed.

CREATE TABLE issue (
    issue             uuid PRIMARY KEY,
    problem           uuid NOT NULL,
    environment       text NOT NULL,
    family            text NOT NULL,
    state             text NOT NULL,
    since             timestamptz NOT NULL,
    opened_at         timestamptz NOT NULL,
    resolved_by       text,
    acknowledged_at   timestamptz,
    acknowledged_by   text,
    muted             text,
    muted_at          timestamptz,
    muted_by          text,
    muted_until       timestamptz,
    muted_left        integer,
    assignee          text,
    note              text,
    runbook           text,
    first_seen        timestamptz NOT NULL,
    last_seen         timestamptz NOT NULL,
    last_run_key      uuid NOT NULL,
    runs              bigint NOT NULL,
    runs_since_opened bigint NOT NULL,
    days              bigint NOT NULL,
    regressions       bigint NOT NULL,
    failed_runs       bigint NOT NULL,
    lost_ms           bigint NOT NULL,
    successes         integer,
    jobs              text[] NOT NULL,
    category          text,
    blame             text,
    retryable         boolean,
    signatures        uuid[] NOT NULL,
    CONSTRAINT issue_is_one UNIQUE (environment, family, problem)
);
COMMENT ON TABLE issue IS 'All occurrences of one problem in one job family of one environment; an occurrence is a run with such an error among its own';
COMMENT ON COLUMN issue.issue IS 'Hash of problem, environment and family; its first digits are enough for commands';
COMMENT ON COLUMN issue.problem IS 'What went wrong: problem.problem';
COMMENT ON COLUMN issue.environment IS 'The environment of its jobs: what fails in DEV is another issue than the same in PROD';
COMMENT ON COLUMN issue.family IS 'The family of its jobs, by the catalogue';
COMMENT ON COLUMN issue.state IS 'new, ongoing, resolved, regressed';
COMMENT ON COLUMN issue.since IS 'Since when it is in that state';
COMMENT ON COLUMN issue.opened_at IS 'When it was first seen since it was last resolved; of a resolved one, before that';
COMMENT ON COLUMN issue.resolved_by IS 'Of a resolved one: itself (scheduled successes of its jobs), person';
COMMENT ON COLUMN issue.acknowledged_at IS 'When somebody said that they know it, since opened_at';
COMMENT ON COLUMN issue.acknowledged_by IS 'Who said so';
COMMENT ON COLUMN issue.muted IS 'until (a moment: muted_until), occurrences (so many more: muted_left), next_version (of one of its jobs); NULL where it is not muted';
COMMENT ON COLUMN issue.muted_at IS 'From when on it was muted';
COMMENT ON COLUMN issue.muted_by IS 'Who muted it';
COMMENT ON COLUMN issue.muted_until IS 'Until when; from then on it is not muted';
COMMENT ON COLUMN issue.muted_left IS 'With how many more occurrences it is not muted any more';
COMMENT ON COLUMN issue.assignee IS 'Who deals with it';
COMMENT ON COLUMN issue.note IS 'What was noted last';
COMMENT ON COLUMN issue.runbook IS 'Where it is written what to do';
COMMENT ON COLUMN issue.first_seen IS 'The first error of its first run';
COMMENT ON COLUMN issue.last_seen IS 'The first error of its last run';
COMMENT ON COLUMN issue.last_run_key IS 'Its last run: dataset.run_key';
COMMENT ON COLUMN issue.runs IS 'Runs with such an error, however they ended';
COMMENT ON COLUMN issue.runs_since_opened IS 'Those of them since opened_at';
COMMENT ON COLUMN issue.days IS 'Business days with such runs';
COMMENT ON COLUMN issue.regressions IS 'How often it came back after it was resolved';
COMMENT ON COLUMN issue.failed_runs IS 'Runs that failed or never ended because of it, those above included; each counts for the problem of its cause only';
COMMENT ON COLUMN issue.lost_ms IS 'The time that the failed ones of these took, each without that of its child runs; milliseconds';
COMMENT ON COLUMN issue.successes IS 'Scheduled successes since the last occurrence, of the job that has fewest; NULL where it is resolved, or all its jobs are retired';
COMMENT ON COLUMN issue.jobs IS 'The jobs that it touched';
COMMENT ON COLUMN issue.category IS 'As the last run says whose cause it was; NULL where it never was a cause';
COMMENT ON COLUMN issue.blame IS 'The same: who must act';
COMMENT ON COLUMN issue.retryable IS 'The same: whether trying again can help';
COMMENT ON COLUMN issue.signatures IS 'The signatures that occurred';

CREATE TABLE issue_act (
    act         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    at          timestamptz NOT NULL,
    made_at     timestamptz NOT NULL,
    made_by     text NOT NULL,
    text        text,
    until       timestamptz,
    occurrences bigint,
    environment text NOT NULL,
    family      text NOT NULL,
    problem     uuid NOT NULL,
    signatures  uuid[] NOT NULL,
    system      text,
    project     text,
    job         text
);
CREATE INDEX issue_act_family ON issue_act (environment, family);
COMMENT ON TABLE issue_act IS 'What people did with issues; never removed';
COMMENT ON COLUMN issue_act.act IS 'Its number';
COMMENT ON COLUMN issue_act.kind IS 'ack, resolve, reopen, mute_until, mute_occurrences, mute_next_version, unmute, assign, note, runbook';
COMMENT ON COLUMN issue_act.at IS 'From when on it holds';
COMMENT ON COLUMN issue_act.made_at IS 'When it was done';
COMMENT ON COLUMN issue_act.made_by IS 'Who did it: the user of the machine, or whom they named';
COMMENT ON COLUMN issue_act.text IS 'The note, the assignee or the link; NULL where one is taken away';
COMMENT ON COLUMN issue_act.until IS 'Of mute_until';
COMMENT ON COLUMN issue_act.occurrences IS 'Of mute_occurrences';
COMMENT ON COLUMN issue_act.environment IS 'The environment of the issue';
COMMENT ON COLUMN issue_act.family IS 'The family that the issue was of then; that of its job counts where the catalogue has it';
COMMENT ON COLUMN issue_act.problem IS 'The problem that the issue was of then; that which holds most of its signatures counts';
COMMENT ON COLUMN issue_act.signatures IS 'The signatures that the issue was made of then, at most 200';
COMMENT ON COLUMN issue_act.system IS 'The tool of the job that ran last then';
COMMENT ON COLUMN issue_act.project IS 'The project of that job';
COMMENT ON COLUMN issue_act.job IS 'That job';

ALTER TABLE fuse_state ADD COLUMN issue_rules bigint;
COMMENT ON COLUMN fuse_state.issue_rules IS 'Hash of the rules by which issues were computed; others make the next fuse compute all of them again';

CREATE INDEX dataset_error ON dataset (job_number, started_at) WHERE error_signatures <> '{}';
