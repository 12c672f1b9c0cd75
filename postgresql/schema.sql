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

-- What each column means, for whoever reads the tables: psql, a notebook, a tool for reports. Durations are milliseconds, sizes bytes,
-- times are stored in UTC, missing is NULL.

COMMENT ON COLUMN source.source IS 'Number of the path';
COMMENT ON COLUMN source.path IS 'Absolute path of the file';
COMMENT ON COLUMN source.lineage IS 'The content that the path holds: checkpoint.lineage';
COMMENT ON COLUMN source.size_bytes IS 'Size of the file when it was last read, in bytes; -1 as long as it was not read to its end';
COMMENT ON COLUMN source.modified_at IS 'When the file was last changed, as the file system says';
COMMENT ON COLUMN source.inode IS 'Number of the file in its file system';
COMMENT ON COLUMN source.device IS 'Number of its file system';
COMMENT ON COLUMN source.seen_at IS 'When smartETL last looked into it';

COMMENT ON COLUMN checkpoint.lineage IS 'Number of the content';
COMMENT ON COLUMN checkpoint.kind IS 'What kind of source it is: file';
COMMENT ON COLUMN checkpoint.head_length IS 'How much of the beginning head_hash covers, in bytes of content (after decompression)';
COMMENT ON COLUMN checkpoint.head_hash IS 'Hash of the beginning, by which known content is found';
COMMENT ON COLUMN checkpoint.next_record IS 'Records that were read: the next one has this number, from 0';
COMMENT ON COLUMN checkpoint.next_byte IS 'Content that was read, in bytes after decompression; 0 for Parquet';
COMMENT ON COLUMN checkpoint.next_line IS 'The line, or row of a Parquet file, at which reading goes on; from 1';
COMMENT ON COLUMN checkpoint.content_hash IS 'Hash of all content that was read; NULL before the first batch';
COMMENT ON COLUMN checkpoint.hash_state IS 'Inner state of that hash, for going on';
COMMENT ON COLUMN checkpoint.tail_length IS 'How much of the end of what was read tail_hash covers, in bytes';
COMMENT ON COLUMN checkpoint.tail_hash IS 'Hash of the end of what was read';
COMMENT ON COLUMN checkpoint.unterminated IS 'The last record was taken although its line had no end';
COMMENT ON COLUMN checkpoint.reading IS 'How it is read: container, dialect, columns, form of times, zone; what is appended is read in the same way';
COMMENT ON COLUMN checkpoint.opened_at IS 'When it was first seen';

COMMENT ON COLUMN batch.batch IS 'Number of the batch, ascending but with gaps';
COMMENT ON COLUMN batch.source IS 'Where its records were read: source.source';
COMMENT ON COLUMN batch.lineage IS 'The content that they belong to: checkpoint.lineage';
COMMENT ON COLUMN batch.dialect IS 'What read them: talend, generic';
COMMENT ON COLUMN batch.zone IS 'The zone in which local times were read, a name of the IANA database';
COMMENT ON COLUMN batch.configuration_hash IS 'Hash of the settings that decide how rows become runs';
COMMENT ON COLUMN batch.first_record IS 'Number of its first record in the source, from 0';
COMMENT ON COLUMN batch.first_line IS 'Line, or row of a Parquet file, of its first record; from 1';
COMMENT ON COLUMN batch.records IS 'How many records were read = records_with_rows + rejects + silent';
COMMENT ON COLUMN batch.records_with_rows IS 'How many of them became rows';
COMMENT ON COLUMN batch.rows_log IS 'How many rows of log they became';
COMMENT ON COLUMN batch.rows_error IS 'How many rows of logerreur they became';
COMMENT ON COLUMN batch.rejects IS 'How many could not become rows: they stand in reject';
COMMENT ON COLUMN batch.silent IS 'How many have nothing to tell, as the tool means it';
COMMENT ON COLUMN batch.log_checksum IS 'Sum of the hashes of its rows of log, for `smartetl verify`';
COMMENT ON COLUMN batch.error_checksum IS 'Sum of the hashes of its rows of logerreur';
COMMENT ON COLUMN batch.reject_checksum IS 'Sum of the hashes of its rows of reject';
COMMENT ON COLUMN batch.fused IS 'Its rows are part of dataset';
COMMENT ON COLUMN batch.committed_at IS 'When it was stored';

COMMENT ON COLUMN reject.batch IS 'The batch that stored it: batch.batch';
COMMENT ON COLUMN reject.line IS 'Where its record starts in the source: line of a text, row of a Parquet file; from 1';
COMMENT ON COLUMN reject.column_name IS 'The column at fault, where one is';
COMMENT ON COLUMN reject.reason IS 'Why: field_count, quote, encoding, missing_value, bad_time, time_out_of_range, bad_number, unknown_word, too_long, bad_value';
COMMENT ON COLUMN reject.detail IS 'What was found and what was expected';
COMMENT ON COLUMN reject.raw IS 'The record as it was written, secrets masked';

COMMENT ON COLUMN log.batch IS 'The batch that stored it: batch.batch';
COMMENT ON COLUMN log.line IS 'Where its record starts in the source: line of a text, row of a Parquet file; from 1';
COMMENT ON COLUMN log.seq IS 'Which row of its record it is, from 0';
COMMENT ON COLUMN log.moment IS 'When it happened; stored in UTC, as precise as the source, at most microseconds';
COMMENT ON COLUMN log.moment_ambiguous IS 'The local time occurred twice or never (change of the clocks): moment is the earlier reading';
COMMENT ON COLUMN log.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN log.environment IS 'Only where the source or its mapping says so; the fold derives it from context otherwise';
COMMENT ON COLUMN log.host IS 'The machine, as the tool says it';
COMMENT ON COLUMN log.project IS 'The project of the job';
COMMENT ON COLUMN log.job IS 'The job';
COMMENT ON COLUMN log.context IS 'The context of the run, as the tool says it';
COMMENT ON COLUMN log.run_id IS 'The run, as the tool names it; may come back over the years';
COMMENT ON COLUMN log.parent_run_id IS 'The run that started this one, as the tool names it; NULL at the root';
COMMENT ON COLUMN log.root_run_id IS 'The root of the run tree, as the tool names it; the run itself at the root';
COMMENT ON COLUMN log.step IS 'The component or task; NULL for a row of the whole run';
COMMENT ON COLUMN log.attempt IS 'Which try, from 1; NULL where the tool does not say';
COMMENT ON COLUMN log.map_index IS 'Which part of a mapped task, from 0; NULL for others';
COMMENT ON COLUMN log.job_id IS 'The tool''s own id of the job, which survives a rename';
COMMENT ON COLUMN log.job_version IS 'The version of the job';
COMMENT ON COLUMN log.event IS 'begin, end or metric';
COMMENT ON COLUMN log.status IS 'How it stands or ended: running, success, failed, skipped, cancelled, upstream_failed, retrying, unknown';
COMMENT ON COLUMN log.duration_reported_ms IS 'Duration as the tool says it, in milliseconds; may be wrong';
COMMENT ON COLUMN log.label IS 'The name of what was measured';
COMMENT ON COLUMN log.count IS 'How much was measured under this label';
COMMENT ON COLUMN log.rows_in IS 'Rows of data read; NULL where not measured';
COMMENT ON COLUMN log.rows_out IS 'Rows of data written; NULL where not measured';
COMMENT ON COLUMN log.rows_rejected IS 'Rows of data refused; NULL where not measured';
COMMENT ON COLUMN log.message IS 'What the tool wrote, secrets masked';

COMMENT ON COLUMN logerreur.batch IS 'The batch that stored it: batch.batch';
COMMENT ON COLUMN logerreur.line IS 'Where its record starts in the source: line of a text, row of a Parquet file; from 1';
COMMENT ON COLUMN logerreur.seq IS 'Which row of its record it is, from 0';
COMMENT ON COLUMN logerreur.moment IS 'When it happened; stored in UTC, as precise as the source, at most microseconds';
COMMENT ON COLUMN logerreur.moment_ambiguous IS 'The local time occurred twice or never (change of the clocks): moment is the earlier reading';
COMMENT ON COLUMN logerreur.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN logerreur.environment IS 'Only where the source or its mapping says so; the fold derives it from context otherwise';
COMMENT ON COLUMN logerreur.host IS 'The machine, as the tool says it';
COMMENT ON COLUMN logerreur.project IS 'The project of the job';
COMMENT ON COLUMN logerreur.job IS 'The job';
COMMENT ON COLUMN logerreur.context IS 'The context of the run, as the tool says it';
COMMENT ON COLUMN logerreur.run_id IS 'The run, as the tool names it; may come back over the years';
COMMENT ON COLUMN logerreur.parent_run_id IS 'The run that started this one, as the tool names it; NULL at the root';
COMMENT ON COLUMN logerreur.root_run_id IS 'The root of the run tree, as the tool names it; the run itself at the root';
COMMENT ON COLUMN logerreur.step IS 'The component or task; NULL for a row of the whole run';
COMMENT ON COLUMN logerreur.attempt IS 'Which try, from 1; NULL where the tool does not say';
COMMENT ON COLUMN logerreur.map_index IS 'Which part of a mapped task, from 0; NULL for others';
COMMENT ON COLUMN logerreur.severity IS 'fatal, error or warning';
COMMENT ON COLUMN logerreur.error_type IS 'The exception class, as far as the tool names one';
COMMENT ON COLUMN logerreur.error_code IS 'The code of the error, as far as one is found';
COMMENT ON COLUMN logerreur.code_scheme IS 'What error_code belongs to: sqlstate, oracle, errno, http, exit and others';
COMMENT ON COLUMN logerreur.message IS 'The message, secrets masked';
COMMENT ON COLUMN logerreur.message_truncated IS 'The tool cut the message at the width of its column';
COMMENT ON COLUMN logerreur.stack IS 'The stack trace, secrets masked';
COMMENT ON COLUMN logerreur.signature IS 'Hash of the message with its variable parts masked: the same error has the same one';
COMMENT ON COLUMN logerreur.category IS 'What kind of cause: connection, timeout, authentication, permission, missing_file, missing_object, constraint, data_format, data_quality, schema_change, resource, lock, configuration, dependency, code, external_api, cancelled, unknown';
COMMENT ON COLUMN logerreur.rule IS 'What decided the category: the id of a rule, scheme:code, wrapped:rule where a parent repeats its child''s error, or none';
COMMENT ON COLUMN logerreur.confidence IS 'How sure the category is, from 0 to 1';
COMMENT ON COLUMN logerreur.blame IS 'Who must act: data, platform, external, code; NULL where nobody can say';
COMMENT ON COLUMN logerreur.retryable IS 'Whether trying again can help; NULL where unknown';

COMMENT ON COLUMN dataset.run_key IS 'The run, for ever the same: a hash of its key and, where ids come back, its first moment';
COMMENT ON COLUMN dataset.tree IS 'Hash by which the runs of a tree are found together';
COMMENT ON COLUMN dataset.job_number IS 'Hash by which the runs of a job are found together';
COMMENT ON COLUMN dataset.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN dataset.environment IS 'From context through the vocabulary of the configuration: PROD, REC, DEV or others; UNMAPPED where it says none';
COMMENT ON COLUMN dataset.host IS 'The machine, as the tool says it';
COMMENT ON COLUMN dataset.project IS 'The project of the job';
COMMENT ON COLUMN dataset.job IS 'The job of the run; child jobs are runs of their own';
COMMENT ON COLUMN dataset.job_id IS 'The tool''s own id of the job, which survives a rename';
COMMENT ON COLUMN dataset.job_version IS 'The version of the job';
COMMENT ON COLUMN dataset.context IS 'The context of the run, as the tool says it';
COMMENT ON COLUMN dataset.run_id IS 'The run, as the tool names it; may come back over the years';
COMMENT ON COLUMN dataset.root_run_id IS 'The root of the run tree, as the tool names it; the run itself at the root';
COMMENT ON COLUMN dataset.parent_run_key IS 'The run that started this one; NULL at the root';
COMMENT ON COLUMN dataset.root_run_key IS 'The root of its tree; the run itself at the root';
COMMENT ON COLUMN dataset.is_root IS 'It was started by no other run';
COMMENT ON COLUMN dataset.depth IS '0 at the root, one more for each run between';
COMMENT ON COLUMN dataset.root_job IS 'The job at the root of its tree';
COMMENT ON COLUMN dataset.attempt IS 'Which try, from 1';
COMMENT ON COLUMN dataset.started_at IS 'When it began';
COMMENT ON COLUMN dataset.ended_at IS 'When it ended; NULL while it is running or where its end was never written';
COMMENT ON COLUMN dataset.last_event_at IS 'Its last sign of life';
COMMENT ON COLUMN dataset.duration_ms IS 'End minus start, in milliseconds; NULL without an end';
COMMENT ON COLUMN dataset.duration_reported_ms IS 'Duration as the tool says it, in milliseconds; may be wrong';
COMMENT ON COLUMN dataset.self_duration_ms IS 'duration_ms without the time in which its children ran, in milliseconds';
COMMENT ON COLUMN dataset.status IS 'success, failed, running, lost (no end although others went on), cancelled, skipped or unverified (its source is silent)';
COMMENT ON COLUMN dataset.outcome IS 'status, refined: success_with_errors, success_with_warnings';
COMMENT ON COLUMN dataset.tree_status IS 'The worst status of the run and all below it: failed, lost, running, unverified, cancelled, success, skipped';
COMMENT ON COLUMN dataset.steps IS 'How many steps have begun or ended; NULL where the tool logs none';
COMMENT ON COLUMN dataset.steps_failed IS 'How many of them failed at last; NULL where the tool logs none';
COMMENT ON COLUMN dataset.rows_in IS 'Rows of data that it read, its children left out; NULL not measured, 0 measured as none';
COMMENT ON COLUMN dataset.rows_out IS 'Rows of data that it wrote, its children left out; NULL not measured, 0 measured as none';
COMMENT ON COLUMN dataset.rows_rejected IS 'Rows of data that it refused, its children left out; NULL not measured, 0 measured as none';
COMMENT ON COLUMN dataset.errors IS 'Different errors, copies and wrappers left out';
COMMENT ON COLUMN dataset.error_rows IS 'Rows of logerreur that are no warnings, copies included';
COMMENT ON COLUMN dataset.warnings IS 'Different warnings';
COMMENT ON COLUMN dataset.first_error_at IS 'When its own first error was written';
COMMENT ON COLUMN dataset.cause_signature IS 'Signature of the error that is the cause, here or below; NULL where no message was written';
COMMENT ON COLUMN dataset.cause_run_key IS 'The run in which the cause stands';
COMMENT ON COLUMN dataset.cause_job IS 'The job of that run';
COMMENT ON COLUMN dataset.cause_step IS 'The step at which the error was written; NULL where none is said';
COMMENT ON COLUMN dataset.category IS 'What kind of cause: connection, timeout, authentication, permission, missing_file, missing_object, constraint, data_format, data_quality, schema_change, resource, lock, configuration, dependency, code, external_api, cancelled, unknown';
COMMENT ON COLUMN dataset.blame IS 'Who must act: data, platform, external, code; NULL where nobody can say';
COMMENT ON COLUMN dataset.retryable IS 'Whether trying again can help; NULL where unknown';
COMMENT ON COLUMN dataset.error_message IS 'The message of the cause, secrets masked';
COMMENT ON COLUMN dataset.business_day IS 'The day that the night of its root prepares: the local date of its start, moved by the setting business_day.border';
COMMENT ON COLUMN dataset.evidence IS 'What is known of it: full, no_end, no_begin, errors_only, steps_only';
COMMENT ON COLUMN dataset.quality IS 'From 0 to 1: 1 where nothing is doubtful';
COMMENT ON COLUMN dataset.quality_reasons IS 'What is doubtful: end_missing, begin_missing, errors_only, parent_inferred, parent_missing, ambiguous_id, clocks_apart, time_ambiguous, message_truncated';
COMMENT ON COLUMN dataset.batches IS 'The batches that hold its rows, ascending: batch.batch';
COMMENT ON COLUMN dataset.as_of IS 'The clock of the fuse that wrote it: what was running or lost then';
COMMENT ON COLUMN dataset.fused_at IS 'When it was written';
COMMENT ON COLUMN dataset.trigger IS 'Why it started: scheduled, rerun, manual, reprocess, unknown';
COMMENT ON COLUMN dataset.trigger_evidence IS 'What says so: context, run_id, repeats_failed_run, cadence';
COMMENT ON COLUMN dataset.rerun_of IS 'The failed run that it repeats: run_key';

COMMENT ON COLUMN job_day.environment IS 'From context through the vocabulary of the configuration: PROD, REC, DEV or others; UNMAPPED where it says none';
COMMENT ON COLUMN job_day.project IS 'The project of the job';
COMMENT ON COLUMN job_day.job IS 'The root job';
COMMENT ON COLUMN job_day.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN job_day.runs IS 'How many root runs count: scheduled ones and reruns';
COMMENT ON COLUMN job_day.attempts_failed IS 'How many of them failed or never ended';
COMMENT ON COLUMN job_day.first_status IS 'Status of the first of them, as in dataset';
COMMENT ON COLUMN job_day.first_failure_at IS 'When the first of them failed, or was last heard of; kept when it was made good later';
COMMENT ON COLUMN job_day.final_status IS 'Status of the last of them, as in dataset';
COMMENT ON COLUMN job_day.verdict IS 'ok (none failed), recovered (failed and made good), failed, lost, running, unverified';
COMMENT ON COLUMN job_day.recovered_at IS 'When it was made good';
COMMENT ON COLUMN job_day.recovered_by IS 'What made it good: schedule, rerun, person';
COMMENT ON COLUMN job_day.ready_at IS 'End of the first success, or when it was made good';
COMMENT ON COLUMN job_day.deadline_at IS 'When it had to be ready; NULL where no deadline is known';
COMMENT ON COLUMN job_day.late_ms IS 'How much later than deadline_at it was ready, in milliseconds; NULL where no deadline is known';
COMMENT ON COLUMN job_day.cause_signature IS 'Signature of the cause of the first failure; kept when it was made good later';
COMMENT ON COLUMN job_day.cause_job IS 'The job of that cause';
COMMENT ON COLUMN job_day.cause_step IS 'The step of that cause; NULL where none is said';
COMMENT ON COLUMN job_day.category IS 'What kind of cause: connection, timeout, authentication, permission, missing_file, missing_object, constraint, data_format, data_quality, schema_change, resource, lock, configuration, dependency, code, external_api, cancelled, unknown';
COMMENT ON COLUMN job_day.blame IS 'Who must act: data, platform, external, code; NULL where nobody can say';
COMMENT ON COLUMN job_day.day_type IS 'What day it is: working, saturday, sunday, holiday, eve, day_after, month_end (last working day), month_start (first)';

COMMENT ON COLUMN job.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN job.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN job.project IS 'The project of the job';
COMMENT ON COLUMN job.job IS 'The job';
COMMENT ON COLUMN job.job_id IS 'The tool''s own id of the job, which survives a rename';
COMMENT ON COLUMN job.family IS 'The name without version, context and number at its end';
COMMENT ON COLUMN job.source_app IS 'The application that its data comes from; completed by people';
COMMENT ON COLUMN job.domain IS 'The business domain; completed by people';
COMMENT ON COLUMN job.owner IS 'Who answers for it; completed by people';
COMMENT ON COLUMN job.criticality IS '1 vital, 2 important, 3 comfort; completed by people';
COMMENT ON COLUMN job.deadline IS 'When it must be ready, local time; completed by people';
COMMENT ON COLUMN job.calendar IS 'The days on which it runs; completed by people';
COMMENT ON COLUMN job.runbook_url IS 'Address of what to do when it fails; completed by people';
COMMENT ON COLUMN job.first_seen IS 'Start of its first run';
COMMENT ON COLUMN job.last_seen IS 'Start of its latest run';
COMMENT ON COLUMN job.retired_at IS 'When it was retired; completed by people';
COMMENT ON COLUMN job.renamed_from IS 'The name that it had before, by its job_id';

COMMENT ON COLUMN horizon.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN horizon.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN horizon.last_event_at IS 'The latest moment of all its runs';

COMMENT ON COLUMN fuse_state.one IS 'There is one row';
COMMENT ON COLUMN fuse_state.as_of IS 'The clock of the last fuse';
COMMENT ON COLUMN fuse_state.fused_at IS 'When it ended';
COMMENT ON COLUMN fuse_state.configuration_hash IS 'Hash of the settings that decide how rows become runs: when they change, everything is folded again';
COMMENT ON COLUMN fuse_state.runs IS 'How many runs it wrote';
COMMENT ON COLUMN fuse_state.timezone IS 'The zone of the business days, a name of the IANA database';

COMMENT ON COLUMN run_history.run_key IS 'dataset.run_key';
COMMENT ON COLUMN run_history.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN run_history.project IS 'The project of the job';
COMMENT ON COLUMN run_history.job IS 'The job';
COMMENT ON COLUMN run_history.started_at IS 'When the run began';
COMMENT ON COLUMN run_history.status IS 'Its status, as in dataset';
COMMENT ON COLUMN run_history.previous_status IS 'Status of the run of this job before; NULL for the first';
COMMENT ON COLUMN run_history.runs_since_success IS 'Runs since the last success; 0 for a success';

COMMENT ON SEQUENCE batch_seq IS 'Numbers of batches';

-- Meanings that grew: days on which the company is closed, lines that are no JSON.
COMMENT ON COLUMN job_day.day_type IS 'What day it is: working, saturday, sunday, holiday, closure (the company is closed), eve, day_after, month_end (last working day), month_start (first)';
COMMENT ON COLUMN reject.reason IS 'Why: field_count, quote, encoding, missing_value, bad_time, time_out_of_range, bad_number, unknown_word, too_long, bad_value, json';

-- Where errors are folded that name a run and no tree (section 2.6 of doc/fusion.md): how the next fuse finds the trees that hang together.
CREATE TABLE adrift (
    own_tree bigint NOT NULL,
    run_id   text NOT NULL,
    tree     bigint NOT NULL,
    PRIMARY KEY (own_tree, tree)
);
CREATE INDEX adrift_tree ON adrift (tree);
COMMENT ON TABLE adrift IS 'Where errors that name a run and no tree are folded';
COMMENT ON COLUMN adrift.own_tree IS 'The number of the tree in which their run would be the root';
COMMENT ON COLUMN adrift.run_id IS 'The run that they name';
COMMENT ON COLUMN adrift.tree IS 'The number of the tree in which they are folded: the same where no other was found';

COMMENT ON COLUMN dataset.quality_reasons IS 'What is doubtful: end_missing, begin_missing, errors_only, parent_inferred, parent_missing, tree_inferred (errors of it name no tree), ambiguous_id, clocks_apart, time_ambiguous, message_truncated';

-- What goes through Kafka. A partition is a lineage of its own (checkpoint, kind 'kafka', next_record = the next offset), committed with
-- the rows of its messages. A lineage that a producer sends is a stream: nobody else may read it from then on.

CREATE TABLE stream (
    stream       uuid PRIMARY KEY,
    lineage      bigint NOT NULL,
    from_record  bigint NOT NULL,
    messages     bigint NOT NULL DEFAULT 0,
    is_ours      boolean NOT NULL,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    retired_at   timestamptz
);
CREATE UNIQUE INDEX stream_lineage ON stream (lineage) WHERE retired_at IS NULL;
COMMENT ON TABLE stream IS 'Lineages whose records come as messages: from which record on, and how many messages the broker has taken';
COMMENT ON COLUMN stream.stream IS 'The name of the lineage in messages: the same in all databases';
COMMENT ON COLUMN stream.lineage IS 'The lineage whose records come as messages';
COMMENT ON COLUMN stream.from_record IS 'The first record that was sent; those before it were loaded';
COMMENT ON COLUMN stream.messages IS 'Messages up to the checkpoint that the broker has taken; 0 where another database knows them';
COMMENT ON COLUMN stream.is_ours IS 'A producer with this database sends it; its checkpoint is how far the broker has taken it';
COMMENT ON COLUMN stream.opened_at IS 'When it was first sent or received';
COMMENT ON COLUMN stream.retired_at IS 'When it was taken back: what still comes of it is dropped';

CREATE TABLE stream_high (
    stream    uuid NOT NULL,
    partition bigint NOT NULL,
    record    bigint NOT NULL,
    PRIMARY KEY (stream, partition)
);
COMMENT ON TABLE stream_high IS 'The highest record of a stream that was stored from a partition: what is not above it was stored before';
COMMENT ON COLUMN stream_high.stream IS 'The stream';
COMMENT ON COLUMN stream_high.partition IS 'The lineage of the partition';
COMMENT ON COLUMN stream_high.record IS 'The number of the record, from 0';

COMMENT ON COLUMN batch.dialect IS 'What read them: talend, openlineage, generic; smartetl where they came as messages of our own';
COMMENT ON COLUMN reject.reason IS 'Why: field_count, quote, encoding, missing_value, bad_time, time_out_of_range, bad_number, unknown_word, too_long, bad_value, json, schema, schema_version';
COMMENT ON COLUMN checkpoint.kind IS 'What it is: file, kafka (a partition), stream (content that comes only as messages)';
COMMENT ON COLUMN checkpoint.next_record IS 'How many records are stored or sent; of a partition, the offset of the next message';

-- What is posted over HTTP. A way of posting is a lineage of its own (checkpoint, kind 'http', next_record = records received). What
-- is posted again under the same key is answered with what it came to the first time.

CREATE TABLE posted (
    key         uuid PRIMARY KEY,
    content     uuid NOT NULL,
    batch       bigint NOT NULL,
    receipt     jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX posted_received ON posted USING brin (received_at, batch);
COMMENT ON TABLE posted IS 'What was posted over HTTP in the last 7 days under a key, and what it came to: posting it again changes nothing';
COMMENT ON COLUMN posted.key IS 'Hash of the idempotency key, or of the event itself';
COMMENT ON COLUMN posted.content IS 'Hash of what was posted under it';
COMMENT ON COLUMN posted.batch IS 'The batch that holds its rows';
COMMENT ON COLUMN posted.receipt IS 'What it came to: records, rows, rejects';
COMMENT ON COLUMN posted.received_at IS 'When it was stored';

COMMENT ON COLUMN checkpoint.kind IS 'What it is: file, kafka (a partition), stream (content that comes only as messages), http (what is posted)';
COMMENT ON COLUMN checkpoint.next_record IS 'How many records are stored or sent; of a partition, the offset of the next message; of what is posted, all records received';

-- A stream goes to one place: its highest records are kept by partition, so the rest of it must not come by others.

ALTER TABLE stream ADD COLUMN cluster text, ADD COLUMN topic_log text, ADD COLUMN topic_error text;
COMMENT ON COLUMN stream.cluster IS 'The Kafka cluster that it is sent to, by its id; NULL where another database knows it, or nothing was sent since it is kept';
COMMENT ON COLUMN stream.topic_log IS 'The topic of its rows of log';
COMMENT ON COLUMN stream.topic_error IS 'The topic of its rows of logerreur and its rejects';

-- Consumers of Kafka say about themselves how they are: a line for each process, written every few seconds beside its batches.

CREATE TABLE consumer (
    consumer      uuid PRIMARY KEY,
    group_name    text NOT NULL,
    host          text NOT NULL,
    pid           integer NOT NULL,
    version       text NOT NULL,
    started_at    timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    messages      bigint NOT NULL,
    known         bigint NOT NULL,
    rows_log      bigint NOT NULL,
    rows_error    bigint NOT NULL,
    rejects       bigint NOT NULL,
    batches       bigint NOT NULL,
    commit_ms     bigint NOT NULL,
    rebalances    bigint NOT NULL,
    last_error    text
);
CREATE INDEX consumer_group_name ON consumer (group_name, seen_at);
COMMENT ON TABLE consumer IS 'Processes that store what comes through Kafka; old lines go, but the newest of a group stays';
COMMENT ON COLUMN consumer.consumer IS 'A name drawn at the start of the process';
COMMENT ON COLUMN consumer.group_name IS 'The group of consumers that share the partitions';
COMMENT ON COLUMN consumer.host IS 'The machine that it runs on';
COMMENT ON COLUMN consumer.pid IS 'Number of the process on its machine';
COMMENT ON COLUMN consumer.version IS 'Version of smartETL';
COMMENT ON COLUMN consumer.started_at IS 'When it started';
COMMENT ON COLUMN consumer.seen_at IS 'When it last wrote this line, every two seconds: one that is silent for longer hangs or is gone';
COMMENT ON COLUMN consumer.ended_at IS 'When it ended as it should; NULL while it runs, and where it was killed';
COMMENT ON COLUMN consumer.messages IS 'Messages read since it started';
COMMENT ON COLUMN consumer.known IS 'Those of them whose record was stored before';
COMMENT ON COLUMN consumer.rows_log IS 'Rows of log stored';
COMMENT ON COLUMN consumer.rows_error IS 'Rows of logerreur stored';
COMMENT ON COLUMN consumer.rejects IS 'Rejects stored';
COMMENT ON COLUMN consumer.batches IS 'Transactions committed';
COMMENT ON COLUMN consumer.commit_ms IS 'Time that these transactions took in all';
COMMENT ON COLUMN consumer.rebalances IS 'Times that partitions were given to it or taken from it';
COMMENT ON COLUMN consumer.last_error IS 'Why it could not go on when that happened last; NULL where it never did';

CREATE TABLE consumer_partition (
    partition   bigint PRIMARY KEY,
    consumer    uuid NOT NULL REFERENCES consumer ON DELETE CASCADE,
    topic       text NOT NULL,
    number      integer NOT NULL,
    end_offset  bigint NOT NULL,
    seen_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX consumer_partition_consumer ON consumer_partition (consumer);
COMMENT ON TABLE consumer_partition IS 'Where partitions end, as the consumer that had them last saw it: the lag is what lies between checkpoint.next_record and that';
COMMENT ON COLUMN consumer_partition.partition IS 'The lineage of the partition';
COMMENT ON COLUMN consumer_partition.consumer IS 'The consumer that had it last';
COMMENT ON COLUMN consumer_partition.topic IS 'The topic';
COMMENT ON COLUMN consumer_partition.number IS 'The number of the partition in its topic';
COMMENT ON COLUMN consumer_partition.end_offset IS 'The offset of the next message that comes';
COMMENT ON COLUMN consumer_partition.seen_at IS 'When that was so';
