-- All tables of smartETL, to read. Generated from crates/store/migrations; do not edit, `smartetl migrate` makes them.

-- What smartETL stores. How dataset and job_day come about stands in doc/fusion.md; vocabularies are text from Rust enums.

CREATE SEQUENCE batch_seq;

-- Where bytes came from: one row per path that was read.
CREATE TABLE source (
    source       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path         text NOT NULL UNIQUE,
    lineage      bigint,
    size_bytes   bigint NOT NULL,
    modified_at  timestamptz,
    inode        bigint,
    device       bigint,
    seen_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE source IS 'Where bytes came from: one row per path that was read';

-- How far a lineage (a source''s content, whatever its path) has been read. Advances in the transaction of the rows,
-- by compare-and-set on next_record.
CREATE TABLE checkpoint (
    lineage       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    head_length   integer NOT NULL,
    head_hash     bytea NOT NULL,
    next_record   bigint NOT NULL DEFAULT 0,
    next_byte     bigint NOT NULL DEFAULT 0,
    next_line     bigint NOT NULL DEFAULT 1,
    content_hash  bytea,
    hash_state    bytea,
    tail_length   integer NOT NULL DEFAULT 0,
    tail_hash     bytea,
    unterminated  boolean NOT NULL DEFAULT false,
    reading       jsonb,
    opened_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX checkpoint_head ON checkpoint (head_length, head_hash);
COMMENT ON TABLE checkpoint IS 'How far the content of a source has been read; committed with the rows';

-- The ledger: one row per transaction that stored rows.
CREATE TABLE batch (
    batch              bigint PRIMARY KEY,
    source             bigint NOT NULL,
    lineage            bigint NOT NULL,
    dialect            text NOT NULL,
    zone               text NOT NULL,
    configuration_hash bigint NOT NULL,
    first_record       bigint NOT NULL,
    first_line         bigint NOT NULL,
    records            bigint NOT NULL,
    records_with_rows  bigint NOT NULL,
    rows_log           bigint NOT NULL,
    rows_error         bigint NOT NULL,
    rejects            bigint NOT NULL,
    silent             bigint NOT NULL,
    log_checksum       bigint NOT NULL,
    error_checksum     bigint NOT NULL,
    reject_checksum    bigint NOT NULL,
    fused              boolean NOT NULL DEFAULT false,
    committed_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT batch_conserves CHECK (records = records_with_rows + rejects + silent)
);
CREATE INDEX batch_lineage ON batch (lineage, first_record);
CREATE INDEX batch_not_fused ON batch (batch) WHERE NOT fused;
COMMENT ON TABLE batch IS 'The ledger: one row per transaction that stored rows';

-- Records that could not become rows: kept, redacted, with their place.
CREATE TABLE reject (
    batch        bigint NOT NULL,
    line         bigint NOT NULL,
    column_name  text,
    reason       text NOT NULL,
    detail       text NOT NULL,
    raw          text NOT NULL
);
CREATE INDEX reject_batch ON reject USING brin (batch) WITH (pages_per_range = 4);
COMMENT ON TABLE reject IS 'Records that could not become rows, redacted';

CREATE TABLE log (
    batch                bigint NOT NULL,
    line                 bigint NOT NULL,
    seq                  integer NOT NULL,
    moment               timestamptz NOT NULL,
    moment_ambiguous     boolean NOT NULL,
    system               text NOT NULL,
    environment          text,
    host                 text,
    project              text,
    job                  text NOT NULL,
    job_id               text,
    job_version          text,
    context              text,
    run_id               text NOT NULL,
    parent_run_id        text,
    root_run_id          text NOT NULL,
    step                 text,
    attempt              integer,
    map_index            integer,
    event                text NOT NULL,
    status               text,
    duration_reported_ms bigint,
    label                text,
    count                bigint,
    rows_in              bigint,
    rows_out             bigint,
    rows_rejected        bigint,
    message              text
) PARTITION BY RANGE (moment);
CREATE INDEX log_batch ON log USING brin (batch) WITH (pages_per_range = 16);
COMMENT ON TABLE log IS 'Something began, ended or was measured; partitioned by UTC month';

CREATE TABLE logerreur (
    batch             bigint NOT NULL,
    line              bigint NOT NULL,
    seq               integer NOT NULL,
    moment            timestamptz NOT NULL,
    moment_ambiguous  boolean NOT NULL,
    system            text NOT NULL,
    environment       text,
    host              text,
    project           text,
    job               text NOT NULL,
    context           text,
    run_id            text NOT NULL,
    parent_run_id     text,
    root_run_id       text NOT NULL,
    step              text,
    attempt           integer,
    map_index         integer,
    severity          text NOT NULL,
    error_type        text,
    error_code        text,
    code_scheme       text,
    message           text,
    message_truncated boolean NOT NULL,
    stack             text,
    signature         uuid NOT NULL,
    category          text NOT NULL,
    rule              text NOT NULL,
    confidence        real NOT NULL,
    blame             text,
    retryable         boolean
) PARTITION BY RANGE (moment);
CREATE INDEX logerreur_batch ON logerreur USING brin (batch) WITH (pages_per_range = 16);
COMMENT ON TABLE logerreur IS 'Something went wrong; partitioned by UTC month';

CREATE TABLE dataset (
    run_key              uuid PRIMARY KEY,
    tree                 bigint NOT NULL,
    job_number           bigint NOT NULL,
    system               text NOT NULL,
    environment          text NOT NULL,
    host                 text,
    project              text,
    job                  text NOT NULL,
    job_id               text,
    job_version          text,
    context              text,
    run_id               text NOT NULL,
    root_run_id          text NOT NULL,
    parent_run_key       uuid,
    root_run_key         uuid NOT NULL,
    is_root              boolean NOT NULL,
    depth                integer NOT NULL,
    root_job             text NOT NULL,
    attempt              integer NOT NULL,
    started_at           timestamptz NOT NULL,
    ended_at             timestamptz,
    last_event_at        timestamptz NOT NULL,
    duration_ms          bigint,
    duration_reported_ms bigint,
    self_duration_ms     bigint,
    status               text NOT NULL,
    outcome              text NOT NULL,
    tree_status          text NOT NULL,
    steps                integer,
    steps_failed         integer,
    rows_in              bigint,
    rows_out             bigint,
    rows_rejected        bigint,
    errors               bigint NOT NULL,
    error_rows           bigint NOT NULL,
    warnings             bigint NOT NULL,
    first_error_at       timestamptz,
    cause_signature      uuid,
    cause_run_key        uuid,
    cause_job            text,
    cause_step           text,
    category             text,
    blame                text,
    retryable            boolean,
    error_message        text,
    business_day         date NOT NULL,
    evidence             text NOT NULL,
    quality              real NOT NULL,
    quality_reasons      text[] NOT NULL,
    batches              bigint[] NOT NULL,
    as_of                timestamptz NOT NULL,
    fused_at             timestamptz NOT NULL,
    trigger              text NOT NULL,
    trigger_evidence     text,
    rerun_of             uuid
);
CREATE INDEX dataset_tree ON dataset (tree);
CREATE INDEX dataset_day ON dataset (environment, business_day);
CREATE INDEX dataset_job ON dataset (job_number, started_at);
CREATE INDEX dataset_open ON dataset (tree) WHERE ended_at IS NULL;
COMMENT ON TABLE dataset IS 'One row per run, folded from log and logerreur';

CREATE TABLE job_day (
    environment      text NOT NULL,
    project          text,
    job              text NOT NULL,
    business_day     date NOT NULL,
    runs             bigint NOT NULL,
    attempts_failed  bigint NOT NULL,
    first_status     text NOT NULL,
    first_failure_at timestamptz,
    final_status     text NOT NULL,
    verdict          text NOT NULL,
    recovered_at     timestamptz,
    recovered_by     text,
    ready_at         timestamptz,
    deadline_at      timestamptz,
    late_ms          bigint,
    cause_signature  uuid,
    cause_job        text,
    cause_step       text,
    category         text,
    blame            text,
    day_type         text[] NOT NULL,
    UNIQUE NULLS NOT DISTINCT (environment, business_day, project, job)
);
COMMENT ON TABLE job_day IS 'One row per environment, project, root job and business day';

CREATE TABLE job (
    environment  text NOT NULL,
    system       text NOT NULL,
    project      text,
    job          text NOT NULL,
    job_id       text,
    family       text NOT NULL,
    source_app   text,
    domain       text,
    owner        text,
    criticality  smallint CHECK (criticality BETWEEN 1 AND 3),
    deadline     time,
    calendar     text,
    runbook_url  text,
    first_seen   timestamptz NOT NULL,
    last_seen    timestamptz NOT NULL,
    retired_at   timestamptz,
    renamed_from text,
    UNIQUE NULLS NOT DISTINCT (environment, system, project, job)
);
COMMENT ON TABLE job IS 'The catalogue of jobs: filled by what is seen, completed by people';

-- How far each source of logs has come (the horizon of the rules for open runs).
CREATE TABLE horizon (
    system        text NOT NULL,
    environment   text NOT NULL,
    last_event_at timestamptz NOT NULL,
    PRIMARY KEY (system, environment)
);
COMMENT ON TABLE horizon IS 'The latest moment seen of each system and environment';

CREATE TABLE fuse_state (
    one                boolean PRIMARY KEY DEFAULT true CHECK (one),
    as_of              timestamptz NOT NULL,
    fused_at           timestamptz NOT NULL,
    configuration_hash bigint NOT NULL,
    runs               bigint NOT NULL
);
COMMENT ON TABLE fuse_state IS 'The clock and the configuration of the last fuse';

-- Per environment, project and job: what the run before came to, and how many runs since the last success. Cancelled,
-- skipped, manual and reprocessing runs are left out.
CREATE VIEW run_history AS
SELECT run_key, environment, project, job, started_at, status,
       lag(status) OVER history AS previous_status,
       count(*) OVER (PARTITION BY environment, project, job, successes ORDER BY started_at, run_key)
           - CASE WHEN successes = 0 THEN 0 ELSE 1 END AS runs_since_success
FROM (
    SELECT run_key, environment, project, job, started_at, status,
           count(*) FILTER (WHERE status = 'success')
               OVER (PARTITION BY environment, project, job ORDER BY started_at, run_key) AS successes
    FROM dataset
    WHERE is_root AND status NOT IN ('cancelled', 'skipped') AND trigger NOT IN ('manual', 'reprocess')
) AS counted
WINDOW history AS (PARTITION BY environment, project, job ORDER BY started_at, run_key);
COMMENT ON VIEW run_history IS 'Root runs with the status of the run before and the runs since the last success';

-- `smartetl sql` reads through a role that cannot write.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smartetl_read') THEN
        CREATE ROLE smartetl_read NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END
$$;
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO smartetl_read', current_schema());
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO smartetl_read', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO smartetl_read', current_schema());
    EXECUTE format('GRANT smartetl_read TO %I', current_user);
EXCEPTION
    WHEN undefined_object OR insufficient_privilege THEN NULL;
END
$$;

-- What nearly all rows say need not be sent: one row of each record, a moment that is certain, a run without trouble.
ALTER TABLE log ALTER COLUMN seq SET DEFAULT 0, ALTER COLUMN moment_ambiguous SET DEFAULT false;
ALTER TABLE logerreur ALTER COLUMN seq SET DEFAULT 0, ALTER COLUMN moment_ambiguous SET DEFAULT false;
ALTER TABLE dataset ALTER COLUMN errors SET DEFAULT 0, ALTER COLUMN error_rows SET DEFAULT 0,
    ALTER COLUMN warnings SET DEFAULT 0, ALTER COLUMN quality_reasons SET DEFAULT '{}';

-- Days first: dates are compared much faster than texts when the index is built.
DROP INDEX dataset_day;
CREATE INDEX dataset_day ON dataset (business_day, environment);

-- Every row costs the server as much for these as a tenth of its COPY. They are made for each partition after it was filled.
DROP INDEX log_batch;
DROP INDEX logerreur_batch;

-- The zone of the business days, for commands that are not told one.
ALTER TABLE fuse_state ADD COLUMN timezone text;
