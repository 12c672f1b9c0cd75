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

-- What Grafana shows, and what its alert rules watch: dashboards read these views and functions and no table, so that a change of a
-- table does not break them. A business day as a moment (`at`) is its midnight on the local clock; what a clock says (`_clock`) is a
-- moment around 2000-01-02, the day itself, so that 22:00 of the evening before comes below 05:00. Labels are French.

-- What keeps the system alive, as those who did it say.
CREATE TABLE upkeep (
    kind   text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    ok     boolean NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX upkeep_kind ON upkeep (kind, at);
COMMENT ON TABLE upkeep IS 'What was done to keep the data safe, and how it came out: backups, proofs, looks at the disk';
COMMENT ON COLUMN upkeep.kind IS 'What was done: backup, verify, disk';
COMMENT ON COLUMN upkeep.at IS 'When it was done';
COMMENT ON COLUMN upkeep.ok IS 'Whether it came out well';
COMMENT ON COLUMN upkeep.detail IS 'Its figures: of backup bytes, rows and file; of verify checks, findings and notes; of disk total_bytes and free_bytes';

-- A cause is looked for by its signature: when it first came, how often.
CREATE INDEX dataset_cause ON dataset (environment, cause_signature, business_day) WHERE cause_signature IS NOT NULL;
-- How much came in when.
CREATE INDEX batch_committed ON batch (committed_at);

-- Words.

CREATE FUNCTION grafana_zone() RETURNS text LANGUAGE sql STABLE
RETURN coalesce((SELECT timezone FROM fuse_state), 'UTC');
COMMENT ON FUNCTION grafana_zone() IS 'The zone of the business days';

CREATE FUNCTION grafana_clock(of_moment timestamptz, of_day date, of_zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE
RETURN (timestamp '2000-01-02' + (of_moment AT TIME ZONE of_zone - of_day::timestamp)) AT TIME ZONE of_zone;
COMMENT ON FUNCTION grafana_clock(timestamptz, date, text) IS 'What the local clock showed, as a moment around 2000-01-02, which stands for the business day';

CREATE FUNCTION grafana_local_day(of_moment timestamptz) RETURNS date LANGUAGE sql STABLE
RETURN (of_moment AT TIME ZONE grafana_zone())::date;
COMMENT ON FUNCTION grafana_local_day(timestamptz) IS 'The day of a moment on the local clock: time ranges are in UTC';

CREATE FUNCTION grafana_chosen_day(of_environment text, of_choice text) RETURNS date LANGUAGE sql STABLE
RETURN CASE
    WHEN of_choice ~ '^\d{4}-\d\d-\d\d$' THEN of_choice::date
    ELSE coalesce((SELECT max(business_day) FROM job_day WHERE environment = of_environment), grafana_local_day(now()))
END;
COMMENT ON FUNCTION grafana_chosen_day(text, text) IS 'The business day of that name; the newest one for any other word, so that a bookmark shows the last night';

CREATE FUNCTION grafana_night_of(of_day date) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN extract(day FROM of_day) = 1 THEN
        'nuit du ' || extract(day FROM of_day - 1) || ' '
            || ('{janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre}'::text[])[extract(month FROM of_day - 1)]
            || ' au 1er '
    ELSE 'nuit du ' || CASE WHEN extract(day FROM of_day) = 2 THEN '1er' ELSE extract(day FROM of_day - 1)::text END
        || ' au ' || extract(day FROM of_day) || ' '
END || ('{janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre}'::text[])[extract(month FROM of_day)];
COMMENT ON FUNCTION grafana_night_of(date) IS 'A business day as people say it: the night before it';

CREATE FUNCTION grafana_counted(of_number bigint, of_one text, of_many text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN of_number || ' ' || CASE WHEN of_number < 2 THEN of_one ELSE of_many END;
COMMENT ON FUNCTION grafana_counted(bigint, text, text) IS 'A number with its word, as French counts';

CREATE FUNCTION grafana_is_job(of_project text, of_job text, of_choice text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN of_job = of_choice OR of_project || '/' || of_job = of_choice;
COMMENT ON FUNCTION grafana_is_job(text, text, text) IS 'Whether this job was chosen, by its name alone or by PROJECT/JOB';

CREATE FUNCTION grafana_kind(of_types text[], of_day date) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN of_types && '{holiday,closure}' THEN 'holiday'
    WHEN extract(isodow FROM of_day) = 6 THEN 'saturday'
    WHEN extract(isodow FROM of_day) = 7 THEN 'sunday'
    ELSE 'working'
END;
COMMENT ON FUNCTION grafana_kind(text[], date) IS 'Nights that have the same habits: working, saturday, sunday, holiday';

CREATE FUNCTION grafana_category(of_word text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE of_word
    WHEN 'connection' THEN 'connexion'
    WHEN 'timeout' THEN 'délai dépassé'
    WHEN 'authentication' THEN 'authentification'
    WHEN 'permission' THEN 'droits insuffisants'
    WHEN 'missing_file' THEN 'fichier absent'
    WHEN 'missing_object' THEN 'table ou objet absent'
    WHEN 'constraint' THEN 'contrainte violée'
    WHEN 'data_format' THEN 'format de donnée'
    WHEN 'data_quality' THEN 'qualité des données'
    WHEN 'schema_change' THEN 'structure modifiée'
    WHEN 'resource' THEN 'ressources'
    WHEN 'lock' THEN 'verrou'
    WHEN 'configuration' THEN 'paramétrage'
    WHEN 'dependency' THEN 'dépendance en échec'
    WHEN 'code' THEN 'erreur de programme'
    WHEN 'external_api' THEN 'API externe'
    WHEN 'cancelled' THEN 'arrêt volontaire'
    WHEN 'unknown' THEN 'non classé'
    ELSE of_word
END;
COMMENT ON FUNCTION grafana_category(text) IS 'A category in French';

CREATE FUNCTION grafana_blame(of_word text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE of_word
    WHEN 'data' THEN 'données'
    WHEN 'platform' THEN 'infrastructure'
    WHEN 'external' THEN 'partenaire'
    WHEN 'code' THEN 'développement'
    ELSE coalesce(of_word, 'non déterminé')
END;
COMMENT ON FUNCTION grafana_blame(text) IS 'Who must act, in French';

CREATE FUNCTION grafana_reason(of_word text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE of_word
    WHEN 'field_count' THEN 'nombre de champs'
    WHEN 'quote' THEN 'guillemets'
    WHEN 'encoding' THEN 'encodage'
    WHEN 'missing_value' THEN 'valeur absente'
    WHEN 'bad_time' THEN 'date illisible'
    WHEN 'time_out_of_range' THEN 'date hors limites'
    WHEN 'bad_number' THEN 'nombre illisible'
    WHEN 'unknown_word' THEN 'mot inconnu'
    WHEN 'too_long' THEN 'valeur trop longue'
    WHEN 'bad_value' THEN 'valeur impossible'
    WHEN 'json' THEN 'JSON illisible'
    WHEN 'schema' THEN 'message non conforme'
    WHEN 'schema_version' THEN 'version de message inconnue'
    ELSE of_word
END;
COMMENT ON FUNCTION grafana_reason(text) IS 'The reason of a reject in French';

-- What can be chosen. None of these is ever empty: an empty list would make `IN ()` of a panel.

CREATE VIEW grafana_environment AS
SELECT environment, CASE environment WHEN 'PROD' THEN 0 WHEN 'UNMAPPED' THEN 2 ELSE 1 END AS rank
FROM (SELECT environment FROM horizon UNION SELECT 'PROD') AS known;
COMMENT ON VIEW grafana_environment IS 'The environments to choose from; PROD is always there and first';
COMMENT ON COLUMN grafana_environment.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_environment.rank IS 'Place in the list: PROD 0, UNMAPPED last';

CREATE VIEW grafana_job AS
WITH named AS (
    SELECT environment, coalesce(project, '') AS project, job, min(family) AS family,
           coalesce(min(source_app), '(sans application)') AS application, min(domain) AS domain, min(owner) AS owner,
           min(criticality) AS criticality, min(deadline) AS deadline, min(runbook_url) AS runbook_url,
           min(first_seen) AS first_seen, max(last_seen) AS last_seen, bool_and(retired_at IS NOT NULL) AS is_retired
    FROM job GROUP BY environment, coalesce(project, ''), job
)
SELECT environment, project, job, family, application, domain, owner, criticality, deadline, runbook_url, first_seen, last_seen,
       is_retired,
       CASE
           WHEN EXISTS (SELECT FROM job AS other WHERE other.environment = named.environment AND other.criticality IS NOT NULL)
               THEN coalesce(criticality = 1, false)
           ELSE deadline IS NOT NULL
       END AS is_vital
FROM named;
COMMENT ON VIEW grafana_job IS 'The catalogue of jobs, one row for each name whatever tools know it';
COMMENT ON COLUMN grafana_job.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_job.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_job.job IS 'The job';
COMMENT ON COLUMN grafana_job.family IS 'The name without version, context and number at its end';
COMMENT ON COLUMN grafana_job.application IS 'The application that its data comes from; "(sans application)" where nobody said';
COMMENT ON COLUMN grafana_job.domain IS 'The business domain; completed by people';
COMMENT ON COLUMN grafana_job.owner IS 'Who answers for it; completed by people';
COMMENT ON COLUMN grafana_job.criticality IS '1 vital, 2 important, 3 comfort; completed by people';
COMMENT ON COLUMN grafana_job.deadline IS 'When it must be ready, local time; completed by people';
COMMENT ON COLUMN grafana_job.runbook_url IS 'Address of what to do when it fails; completed by people';
COMMENT ON COLUMN grafana_job.first_seen IS 'Start of its first run';
COMMENT ON COLUMN grafana_job.last_seen IS 'Start of its latest run';
COMMENT ON COLUMN grafana_job.is_retired IS 'It was retired; completed by people';
COMMENT ON COLUMN grafana_job.is_vital IS 'Its criticality is 1; where no job of the environment has a criticality: it has a deadline';

CREATE VIEW grafana_family AS
SELECT DISTINCT environment, family FROM job
UNION ALL
SELECT environment, '(aucune famille)' FROM grafana_environment AS known
WHERE NOT EXISTS (SELECT FROM job WHERE job.environment = known.environment);
COMMENT ON VIEW grafana_family IS 'The families to choose from';
COMMENT ON COLUMN grafana_family.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_family.family IS 'The name without version, context and number at its end';

CREATE VIEW grafana_application AS
SELECT environment, coalesce(source_app, '(sans application)') AS application FROM job
UNION
SELECT environment, '(sans application)' FROM grafana_environment;
COMMENT ON VIEW grafana_application IS 'The applications to choose from';
COMMENT ON COLUMN grafana_application.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_application.application IS 'The application that its data comes from; "(sans application)" where nobody said';

CREATE VIEW grafana_day AS
WITH known AS (
    SELECT environment, business_day, min(grafana_kind(day_type, business_day)) AS kind
    FROM job_day GROUP BY environment, business_day
), zone AS (SELECT grafana_zone() AS zone)
SELECT environment, business_day, kind, business_day::timestamp AT TIME ZONE zone AS at,
       (business_day - interval '6 hours') AT TIME ZONE zone AS from_at,
       (business_day + interval '18 hours') AT TIME ZONE zone AS until_at
FROM (
    SELECT environment, business_day, kind FROM known
    UNION ALL
    SELECT environment, (now() AT TIME ZONE (SELECT grafana_zone()))::date, 'working' FROM grafana_environment AS empty
    WHERE NOT EXISTS (SELECT FROM job_day WHERE job_day.environment = empty.environment)
) AS days CROSS JOIN zone;
COMMENT ON VIEW grafana_day IS 'The business days to choose from; today where none is known';
COMMENT ON COLUMN grafana_day.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_day.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_day.kind IS 'Nights that have the same habits: working, saturday, sunday, holiday (or the company is closed)';
COMMENT ON COLUMN grafana_day.at IS 'Midnight at which it begins on the local clock';
COMMENT ON COLUMN grafana_day.from_at IS '18:00 of the evening before: where a picture of the night begins';
COMMENT ON COLUMN grafana_day.until_at IS '18:00 of the day: where a picture of the night ends';

-- Nights.

CREATE VIEW grafana_job_day AS
SELECT day.environment, day.business_day, day.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()) AS at,
       grafana_kind(day.day_type, day.business_day) AS kind, coalesce(day.project, '') AS project, day.job,
       coalesce(named.family, day.job) AS family, coalesce(named.application, '(sans application)') AS application,
       named.owner, named.criticality, coalesce(named.is_vital, false) AS is_vital, named.runbook_url,
       day.verdict, day.final_status, day.runs, day.attempts_failed, day.first_failure_at, day.recovered_at, day.recovered_by,
       (extract(epoch FROM day.recovered_at - day.first_failure_at) * 1000)::bigint AS recovery_ms,
       day.ready_at, day.deadline_at,
       (extract(epoch FROM day.deadline_at
           - coalesce(day.ready_at, CASE WHEN now() < day.deadline_at + interval '1 day' THEN now() END)) * 1000)::bigint AS margin_ms,
       CASE
           WHEN day.deadline_at IS NULL THEN NULL
           WHEN day.ready_at <= day.deadline_at THEN 'kept'
           WHEN day.ready_at IS NULL AND now() < day.deadline_at THEN 'open'
           ELSE 'missed'
       END AS due_state,
       day.cause_signature, day.cause_job, day.cause_step, day.category, grafana_category(day.category) AS category_label,
       day.blame, grafana_blame(day.blame) AS blame_label,
       (SELECT left(run.error_message, 500) FROM dataset AS run
        WHERE run.environment = day.environment AND run.business_day = day.business_day AND run.is_root AND run.job = day.job
          AND run.project IS NOT DISTINCT FROM day.project AND run.cause_signature = day.cause_signature
        ORDER BY run.started_at, run.run_key LIMIT 1) AS error_message
FROM job_day AS day
LEFT JOIN grafana_job AS named
    ON named.environment = day.environment AND named.project = coalesce(day.project, '') AND named.job = day.job;
COMMENT ON VIEW grafana_job_day IS 'One row per environment, project, root job and business day, with what the catalogue says of the job';
COMMENT ON COLUMN grafana_job_day.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_job_day.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_job_day.at IS 'Midnight at which it begins on the local clock';
COMMENT ON COLUMN grafana_job_day.kind IS 'Nights that have the same habits: working, saturday, sunday, holiday (or the company is closed)';
COMMENT ON COLUMN grafana_job_day.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_job_day.job IS 'The root job';
COMMENT ON COLUMN grafana_job_day.family IS 'The name without version, context and number at its end';
COMMENT ON COLUMN grafana_job_day.application IS 'The application that its data comes from; "(sans application)" where nobody said';
COMMENT ON COLUMN grafana_job_day.owner IS 'Who answers for it; completed by people';
COMMENT ON COLUMN grafana_job_day.criticality IS '1 vital, 2 important, 3 comfort; completed by people';
COMMENT ON COLUMN grafana_job_day.is_vital IS 'Its criticality is 1; where no job of the environment has a criticality: it has a deadline';
COMMENT ON COLUMN grafana_job_day.runbook_url IS 'Address of what to do when it fails; completed by people';
COMMENT ON COLUMN grafana_job_day.verdict IS 'ok (none failed), recovered (failed and made good), failed, lost, running, unverified';
COMMENT ON COLUMN grafana_job_day.final_status IS 'Status of the last of them, as in dataset';
COMMENT ON COLUMN grafana_job_day.runs IS 'How many root runs count: scheduled ones and reruns';
COMMENT ON COLUMN grafana_job_day.attempts_failed IS 'How many of them failed or never ended';
COMMENT ON COLUMN grafana_job_day.first_failure_at IS 'When the first of them failed, or was last heard of; kept when it was made good later';
COMMENT ON COLUMN grafana_job_day.recovered_at IS 'When it was made good';
COMMENT ON COLUMN grafana_job_day.recovered_by IS 'What made it good: schedule, rerun, person';
COMMENT ON COLUMN grafana_job_day.recovery_ms IS 'From the first failure until it was made good, in milliseconds';
COMMENT ON COLUMN grafana_job_day.ready_at IS 'End of the first success, or when it was made good';
COMMENT ON COLUMN grafana_job_day.deadline_at IS 'When it had to be ready; NULL where no deadline is known';
COMMENT ON COLUMN grafana_job_day.margin_ms IS 'From ready_at, or from now where it is not ready and was due less than a day ago, until deadline_at, in milliseconds; negative when it is too late';
COMMENT ON COLUMN grafana_job_day.due_state IS 'kept, missed or open; NULL without a deadline';
COMMENT ON COLUMN grafana_job_day.cause_signature IS 'Signature of the cause of the first failure; kept when it was made good later';
COMMENT ON COLUMN grafana_job_day.cause_job IS 'The job of that cause';
COMMENT ON COLUMN grafana_job_day.cause_step IS 'The step of that cause; NULL where none is said';
COMMENT ON COLUMN grafana_job_day.category IS 'What kind of cause: connection, timeout, authentication, permission, missing_file, missing_object, constraint, data_format, data_quality, schema_change, resource, lock, configuration, dependency, code, external_api, cancelled, unknown';
COMMENT ON COLUMN grafana_job_day.category_label IS 'The same in French';
COMMENT ON COLUMN grafana_job_day.blame IS 'Who must act: data, platform, external, code; NULL where nobody can say';
COMMENT ON COLUMN grafana_job_day.blame_label IS 'The same in French';
COMMENT ON COLUMN grafana_job_day.error_message IS 'The message of that cause, at most 500 characters';

CREATE VIEW grafana_due AS
SELECT environment, business_day, at, project, job, family, application, owner, criticality, verdict, ready_at, deadline_at,
       margin_ms, due_state
FROM grafana_job_day WHERE deadline_at IS NOT NULL
UNION ALL
-- Of the jobs that usually stand in such a night, those of which no run was seen.
SELECT absent.environment, absent.business_day, absent.at, named.project, named.job, named.family, named.application, named.owner,
       named.criticality, 'missing', NULL, due.deadline_at,
       CASE WHEN now() < due.deadline_at + interval '1 day' THEN (extract(epoch FROM due.deadline_at - now()) * 1000)::bigint END,
       CASE
           WHEN now() < due.deadline_at THEN 'open'
           WHEN (SELECT max(last_event_at) FROM horizon WHERE horizon.environment = absent.environment) >= due.deadline_at THEN 'missed'
           ELSE 'unknown'
       END
FROM grafana_day AS absent
JOIN grafana_job AS named ON named.environment = absent.environment AND named.deadline IS NOT NULL AND NOT named.is_retired
CROSS JOIN LATERAL (
    SELECT max(before.deadline_at AT TIME ZONE zone + (absent.business_day - before.business_day) * interval '1 day')
               AT TIME ZONE zone AS deadline_at,
           count(*) AS nights
    FROM job_day AS before CROSS JOIN (SELECT grafana_zone() AS zone) AS zone
    WHERE before.environment = absent.environment AND coalesce(before.project, '') = named.project AND before.job = named.job
      AND before.business_day IN (absent.business_day - 7, absent.business_day - 14, absent.business_day - 21, absent.business_day - 28)
      AND before.deadline_at IS NOT NULL
    GROUP BY zone
) AS due
WHERE due.nights >= 3 AND NOT EXISTS (
    SELECT FROM job_day AS day
    WHERE day.environment = absent.environment AND day.business_day = absent.business_day
      AND coalesce(day.project, '') = named.project AND day.job = named.job
);
COMMENT ON VIEW grafana_due IS 'Jobs with a deadline, one row for each business day; also of those that have not run although they stood in three of the four weeks before';
COMMENT ON COLUMN grafana_due.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_due.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_due.at IS 'Midnight at which it begins on the local clock';
COMMENT ON COLUMN grafana_due.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_due.job IS 'The root job';
COMMENT ON COLUMN grafana_due.family IS 'The name without version, context and number at its end';
COMMENT ON COLUMN grafana_due.application IS 'The application that its data comes from; "(sans application)" where nobody said';
COMMENT ON COLUMN grafana_due.owner IS 'Who answers for it; completed by people';
COMMENT ON COLUMN grafana_due.criticality IS '1 vital, 2 important, 3 comfort; completed by people';
COMMENT ON COLUMN grafana_due.verdict IS 'As in job_day; missing where no run was seen';
COMMENT ON COLUMN grafana_due.ready_at IS 'End of the first success, or when it was made good';
COMMENT ON COLUMN grafana_due.deadline_at IS 'When it had to be ready';
COMMENT ON COLUMN grafana_due.margin_ms IS 'From ready_at, or from now where it is not ready and was due less than a day ago, until deadline_at, in milliseconds; negative when it is too late';
COMMENT ON COLUMN grafana_due.due_state IS 'kept, missed, open, or unknown where no run was seen and the logs end before the deadline';

-- Runs.

CREATE VIEW grafana_run AS
SELECT run.run_key, run.job_number, run.system, run.environment, run.host, coalesce(run.project, '') AS project, run.job,
       coalesce(named.family, run.job) AS family, coalesce(named.application, '(sans application)') AS application,
       run.job_version, run.is_root, run.root_job, run.attempt, run.business_day, run.started_at, run.ended_at, run.last_event_at,
       run.duration_ms, coalesce(run.self_duration_ms, run.duration_ms) AS self_duration_ms, run.status, run.outcome,
       coalesce(run.rows_out, run.rows_in) AS row_count, run.rows_rejected, run.errors, run.warnings, run.trigger,
       run.cause_run_key = run.run_key AS is_cause, run.cause_signature, run.cause_job, run.cause_step, run.category,
       grafana_category(run.category) AS category_label, run.blame, grafana_blame(run.blame) AS blame_label, run.retryable,
       coalesce(run.first_error_at, run.ended_at, run.last_event_at) AS failed_at, left(run.error_message, 500) AS error_message
FROM dataset AS run
LEFT JOIN grafana_job AS named
    ON named.environment = run.environment AND named.project = coalesce(run.project, '') AND named.job = run.job;
COMMENT ON VIEW grafana_run IS 'One row per run, with what the catalogue says of its job';
COMMENT ON COLUMN grafana_run.run_key IS 'dataset.run_key';
COMMENT ON COLUMN grafana_run.job_number IS 'Hash by which the runs of a job are found together';
COMMENT ON COLUMN grafana_run.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN grafana_run.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_run.host IS 'The machine, as the tool says it';
COMMENT ON COLUMN grafana_run.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_run.job IS 'The job of the run; child jobs are runs of their own';
COMMENT ON COLUMN grafana_run.family IS 'The name without version, context and number at its end';
COMMENT ON COLUMN grafana_run.application IS 'The application that its data comes from; "(sans application)" where nobody said';
COMMENT ON COLUMN grafana_run.job_version IS 'The version of the job';
COMMENT ON COLUMN grafana_run.is_root IS 'It was started by no other run';
COMMENT ON COLUMN grafana_run.root_job IS 'The job at the root of its tree';
COMMENT ON COLUMN grafana_run.attempt IS 'Which try, from 1';
COMMENT ON COLUMN grafana_run.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_run.started_at IS 'When the run began';
COMMENT ON COLUMN grafana_run.ended_at IS 'When it ended; NULL while it is running or where its end was never written';
COMMENT ON COLUMN grafana_run.last_event_at IS 'Its last sign of life';
COMMENT ON COLUMN grafana_run.duration_ms IS 'End minus start, in milliseconds; NULL without an end';
COMMENT ON COLUMN grafana_run.self_duration_ms IS 'duration_ms without the time in which its children ran, in milliseconds';
COMMENT ON COLUMN grafana_run.status IS 'Its status, as in dataset';
COMMENT ON COLUMN grafana_run.outcome IS 'status, refined: success_with_errors, success_with_warnings';
COMMENT ON COLUMN grafana_run.row_count IS 'Rows of data that it wrote, or read where no writing was measured; NULL not measured';
COMMENT ON COLUMN grafana_run.rows_rejected IS 'Rows of data that it refused, its children left out; NULL not measured, 0 measured as none';
COMMENT ON COLUMN grafana_run.errors IS 'Different errors, copies and wrappers left out';
COMMENT ON COLUMN grafana_run.warnings IS 'Different warnings';
COMMENT ON COLUMN grafana_run.trigger IS 'Why it started: scheduled, rerun, manual, reprocess, unknown';
COMMENT ON COLUMN grafana_run.is_cause IS 'The cause stands in this run, and not in one below';
COMMENT ON COLUMN grafana_run.cause_signature IS 'Signature of the error that is the cause, here or below; NULL where no message was written';
COMMENT ON COLUMN grafana_run.cause_job IS 'The job of that cause';
COMMENT ON COLUMN grafana_run.cause_step IS 'The step of that cause; NULL where none is said';
COMMENT ON COLUMN grafana_run.category IS 'What kind of cause: connection, timeout, authentication, permission, missing_file, missing_object, constraint, data_format, data_quality, schema_change, resource, lock, configuration, dependency, code, external_api, cancelled, unknown';
COMMENT ON COLUMN grafana_run.category_label IS 'The same in French';
COMMENT ON COLUMN grafana_run.blame IS 'Who must act: data, platform, external, code; NULL where nobody can say';
COMMENT ON COLUMN grafana_run.blame_label IS 'The same in French';
COMMENT ON COLUMN grafana_run.retryable IS 'Whether trying again can help';
COMMENT ON COLUMN grafana_run.failed_at IS 'When its first error was written; else its end, or its last sign of life';
COMMENT ON COLUMN grafana_run.error_message IS 'The message of that cause, at most 500 characters';

CREATE VIEW grafana_error AS
SELECT run.environment, run.business_day, run.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()) AS at, run.failed_at,
       run.project, run.job, run.family, run.application, run.cause_step, run.cause_signature, run.category, run.category_label,
       run.blame, run.blame_label, run.retryable, run.error_message,
       (SELECT min(business_day) FROM dataset AS earlier
        WHERE earlier.environment = run.environment AND earlier.cause_signature = run.cause_signature) AS first_day
FROM grafana_run AS run WHERE run.is_cause;
COMMENT ON VIEW grafana_error IS 'Runs in which a cause stands: each failure once, however many runs it made fail';
COMMENT ON COLUMN grafana_error.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_error.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_error.at IS 'Midnight at which it begins on the local clock';
COMMENT ON COLUMN grafana_error.failed_at IS 'When its first error was written; else its end, or its last sign of life';
COMMENT ON COLUMN grafana_error.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_error.job IS 'The job of the run; child jobs are runs of their own';
COMMENT ON COLUMN grafana_error.family IS 'The name without version, context and number at its end';
COMMENT ON COLUMN grafana_error.application IS 'The application that its data comes from; "(sans application)" where nobody said';
COMMENT ON COLUMN grafana_error.cause_step IS 'The step of that cause; NULL where none is said';
COMMENT ON COLUMN grafana_error.cause_signature IS 'Signature of the error that is the cause, here or below; NULL where no message was written';
COMMENT ON COLUMN grafana_error.category IS 'What kind of cause: connection, timeout, authentication, permission, missing_file, missing_object, constraint, data_format, data_quality, schema_change, resource, lock, configuration, dependency, code, external_api, cancelled, unknown';
COMMENT ON COLUMN grafana_error.category_label IS 'The same in French';
COMMENT ON COLUMN grafana_error.blame IS 'Who must act: data, platform, external, code; NULL where nobody can say';
COMMENT ON COLUMN grafana_error.blame_label IS 'The same in French';
COMMENT ON COLUMN grafana_error.retryable IS 'Whether trying again can help';
COMMENT ON COLUMN grafana_error.error_message IS 'The message of that cause, at most 500 characters';
COMMENT ON COLUMN grafana_error.first_day IS 'The first business day of this signature in this environment';

CREATE FUNCTION grafana_job_numbers(of_environment text, of_job text) RETURNS bigint[] LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE known AS (
        (SELECT job_number, environment, project, job FROM dataset ORDER BY job_number LIMIT 1)
        UNION ALL
        SELECT following.job_number, following.environment, following.project, following.job
        FROM known CROSS JOIN LATERAL (
            SELECT job_number, environment, project, job FROM dataset
            WHERE dataset.job_number > known.job_number ORDER BY job_number LIMIT 1
        ) AS following
    )
    SELECT coalesce(array_agg(job_number), '{}') FROM known
    WHERE environment = of_environment AND grafana_is_job(coalesce(project, ''), job, of_job);
END;
COMMENT ON FUNCTION grafana_job_numbers(text, text) IS 'By which dataset_job finds the runs of a job; takes a step in the index for each known job';

CREATE FUNCTION grafana_job_run(of_environment text, of_job text) RETURNS SETOF grafana_run LANGUAGE sql STABLE ROWS 500
BEGIN ATOMIC
    SELECT run.* FROM grafana_run AS run
    WHERE run.job_number = ANY ((SELECT grafana_job_numbers(of_environment, of_job))::bigint[]);
END;
COMMENT ON FUNCTION grafana_job_run(text, text) IS 'The runs of a job';

CREATE FUNCTION grafana_job_night(of_environment text, of_job text, since date, until date)
RETURNS TABLE (
    business_day date, at timestamptz, kind text, runs bigint, duration_p50_ms double precision, duration_p95_ms double precision,
    usual_low_ms double precision, usual_p50_ms double precision, usual_high_ms double precision, end_clock timestamptz,
    usual_end_clock timestamptz, deadline_clock timestamptz, row_count bigint, usual_row_count double precision
) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH zone AS MATERIALIZED (SELECT grafana_zone() AS zone),
    kinds AS MATERIALIZED (
        SELECT business_day, min(grafana_kind(day_type, business_day)) AS kind FROM job_day
        WHERE environment = of_environment AND business_day BETWEEN since - 56 AND until GROUP BY business_day
    ),
    good AS MATERIALIZED (
        SELECT run.business_day, coalesce(kinds.kind, grafana_kind('{}', run.business_day)) AS kind, run.duration_ms, run.ended_at,
               coalesce(run.rows_out, run.rows_in) AS row_count
        FROM dataset AS run LEFT JOIN kinds ON kinds.business_day = run.business_day
        WHERE run.job_number = ANY ((SELECT grafana_job_numbers(of_environment, of_job))::bigint[])
          AND run.business_day BETWEEN since - 56 AND until AND run.started_at >= since::timestamptz - interval '58 days'
          AND run.started_at < until::timestamptz + interval '2 days'
          AND run.status = 'success' AND run.trigger NOT IN ('manual', 'reprocess')
    ),
    nights AS MATERIALIZED (
        SELECT good.business_day, good.kind, count(*) AS runs,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS duration_p50_ms,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS duration_p95_ms,
               grafana_clock(min(ended_at), good.business_day, zone) AS end_clock, sum(row_count)::bigint AS row_count
        FROM good CROSS JOIN zone GROUP BY good.business_day, good.kind, zone
    )
    SELECT night.business_day, night.business_day::timestamp AT TIME ZONE zone, night.kind, night.runs, night.duration_p50_ms,
           night.duration_p95_ms, usual.low_ms, usual.p50_ms, usual.high_ms, night.end_clock, usual_end.clock,
           (SELECT grafana_clock(min(job_day.deadline_at), night.business_day, zone) FROM job_day
            WHERE job_day.environment = of_environment AND job_day.business_day = night.business_day
              AND grafana_is_job(coalesce(job_day.project, ''), job_day.job, of_job)),
           night.row_count, weekday.row_count
    FROM nights AS night CROSS JOIN zone
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) >= 8 THEN percentile_cont(0.1) WITHIN GROUP (ORDER BY duration_ms) END AS low_ms,
               CASE WHEN count(*) >= 8 THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) END AS p50_ms,
               CASE WHEN count(*) >= 8 THEN percentile_cont(0.9) WITHIN GROUP (ORDER BY duration_ms) END AS high_ms
        FROM good AS earlier
        WHERE earlier.kind = night.kind AND earlier.business_day BETWEEN night.business_day - 56 AND night.business_day - 1
    ) AS usual
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) >= 8 THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY earlier.end_clock) END AS clock
        FROM nights AS earlier
        WHERE earlier.kind = night.kind AND earlier.business_day BETWEEN night.business_day - 56 AND night.business_day - 1
    ) AS usual_end
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(earlier.row_count) >= 3 THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY earlier.row_count) END AS row_count
        FROM nights AS earlier
        WHERE extract(isodow FROM earlier.business_day) = extract(isodow FROM night.business_day)
          AND earlier.business_day BETWEEN night.business_day - 56 AND night.business_day - 1
    ) AS weekday
    WHERE night.business_day >= since;
END;
COMMENT ON FUNCTION grafana_job_night(text, text, date, date) IS 'A job night by night: durations of its good runs, end of the first one on the clock and rows, beside what was usual in the eight weeks before: the tenth to the ninetieth percentile on days of the same kind (from 8 runs on), the median of rows on the same weekday (from 3 nights on)';

CREATE FUNCTION grafana_job_version(of_environment text, of_job text)
RETURNS TABLE (at timestamptz, version text, version_before text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT changed.started_at, changed.job_version, changed.version_before FROM (
        SELECT started_at, job_version, lag(job_version) OVER (PARTITION BY job_number ORDER BY started_at, run_key) AS version_before
        FROM dataset
        WHERE job_number = ANY ((SELECT grafana_job_numbers(of_environment, of_job))::bigint[]) AND job_version IS NOT NULL
    ) AS changed
    WHERE changed.job_version <> changed.version_before;
END;
COMMENT ON FUNCTION grafana_job_version(text, text) IS 'When a job ran in another version than before';

CREATE FUNCTION grafana_job_step(of_environment text, of_job text, of_day date)
RETURNS TABLE (step text, duration_ms bigint, usual_ms double precision, runs bigint) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH numbers AS MATERIALIZED (SELECT grafana_job_numbers(of_environment, of_job) AS numbers),
    run AS MATERIALIZED (
        (SELECT 0 AS place, run_id, root_run_id, system, job, batches, started_at, last_event_at FROM dataset
         WHERE job_number = ANY ((SELECT numbers FROM numbers)::bigint[]) AND started_at < of_day::timestamptz + interval '2 days'
           AND business_day <= of_day
         ORDER BY started_at DESC, run_key LIMIT 1)
        UNION ALL
        (SELECT 1, run_id, root_run_id, system, job, batches, started_at, last_event_at FROM dataset
         WHERE job_number = ANY ((SELECT numbers FROM numbers)::bigint[]) AND started_at < of_day::timestamptz + interval '2 days'
           AND business_day < of_day AND status = 'success'
         ORDER BY started_at DESC, run_key LIMIT 7)
    ),
    -- Read once for all these runs: months and batches that hold none of them are left out before they are read.
    line AS MATERIALIZED (
        SELECT batch, moment, system, job, run_id, root_run_id, step, event, duration_reported_ms FROM log
        WHERE batch = ANY ((SELECT array_agg(DISTINCT batch) FROM run, unnest(run.batches) AS batch)::bigint[])
          AND moment BETWEEN (SELECT min(started_at) FROM run) AND (SELECT max(last_event_at) FROM run)
          AND job = ANY ((SELECT array_agg(DISTINCT job) FROM run)::text[]) AND step IS NOT NULL AND event IN ('begin', 'end')
    ),
    timed AS (
        SELECT run.place, run.started_at, line.step,
               CASE
                   WHEN bool_and(line.duration_reported_ms >= 0) FILTER (WHERE line.event = 'end')
                       THEN sum(line.duration_reported_ms) FILTER (WHERE line.event = 'end')
                   ELSE extract(epoch FROM max(line.moment) FILTER (WHERE line.event = 'end')
                       - min(line.moment) FILTER (WHERE line.event = 'begin')) * 1000
               END::bigint AS duration_ms
        FROM line JOIN run
            ON line.batch = ANY (run.batches) AND line.moment BETWEEN run.started_at AND run.last_event_at
           AND line.root_run_id = run.root_run_id AND line.run_id = run.run_id AND line.job = run.job AND line.system = run.system
        GROUP BY run.place, run.started_at, line.step
    )
    SELECT last.step, last.duration_ms, usual.usual_ms, usual.runs
    FROM timed AS last
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY before.duration_ms) AS usual_ms, count(before.duration_ms) AS runs
        FROM timed AS before WHERE before.place = 1 AND before.step = last.step
    ) AS usual
    WHERE last.place = 0 AND last.duration_ms IS NOT NULL;
END;
COMMENT ON FUNCTION grafana_job_step(text, text, date) IS 'The steps of the last run of a job up to a business day, with the median of the seven good runs of earlier days';

CREATE FUNCTION grafana_chain(of_environment text, of_day date)
RETURNS TABLE (at timestamptz, job text, state integer, family text, application text, chosen_by text) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH run AS MATERIALIZED (
        SELECT job, coalesce(project, '') AS project, started_at, status, outcome, duration_ms,
               CASE
                   WHEN status IN ('lost', 'unverified') THEN greatest(last_event_at, started_at + interval '10 minutes')
                   ELSE greatest(coalesce(ended_at, last_event_at), started_at + interval '1 minute')
               END AS until
        FROM dataset WHERE environment = of_environment AND business_day = of_day AND is_root
    ),
    ranked AS (
        SELECT job, project, row_number() OVER (ORDER BY max(duration_ms) DESC NULLS LAST, job, project) AS place
        FROM run GROUP BY job, project
    ),
    chosen AS MATERIALIZED (
        SELECT ranked.job, ranked.project, coalesce(named.family, ranked.job) AS family,
               coalesce(named.application, '(sans application)') AS application,
               CASE WHEN named.is_vital THEN CASE WHEN named.criticality = 1 THEN 'criticality' ELSE 'deadline' END ELSE 'duration' END
                   AS chosen_by
        FROM ranked
        LEFT JOIN grafana_job AS named
            ON named.environment = of_environment AND named.project = ranked.project AND named.job = ranked.job
        WHERE named.is_vital OR ranked.place <= 15 AND NOT EXISTS (
            SELECT FROM grafana_job AS vital WHERE vital.environment = of_environment AND vital.is_vital
        )
    ),
    moments AS (
        SELECT run.started_at AS at FROM run JOIN chosen USING (job, project)
        UNION
        SELECT run.until FROM run JOIN chosen USING (job, project)
    )
    SELECT moments.at, chosen.job,
           (SELECT CASE
                WHEN run.status = 'failed' THEN 4
                WHEN run.status = 'lost' THEN 5
                WHEN run.status = 'unverified' THEN 6
                WHEN run.status IN ('cancelled', 'skipped') THEN 7
                WHEN run.status = 'running' THEN 2
                WHEN run.outcome = 'success_with_errors' THEN 3
                ELSE 1
            END
            FROM run
            WHERE run.job = chosen.job AND run.project = chosen.project AND run.started_at <= moments.at
              AND (moments.at < run.until OR run.status = 'running')
            ORDER BY run.started_at DESC LIMIT 1),
           chosen.family, chosen.application, chosen.chosen_by
    FROM moments CROSS JOIN chosen;
END;
COMMENT ON FUNCTION grafana_chain(text, date) IS 'How the vital jobs of a night stood at each moment at which one of them changed: 1 success, 2 running, 3 success with errors, 4 failed, 5 lost, 6 unverified, 7 cancelled, NULL not running; where nobody said which jobs are vital, the fifteen that took longest';

-- Collection.

CREATE VIEW grafana_source AS
WITH zone AS MATERIALIZED (SELECT grafana_zone() AS zone)
SELECT known.system, known.environment, known.last_event_at, extract(epoch FROM now() - known.last_event_at)::bigint AS silent_s,
       usual.weeks AS usual_weeks,
       known.last_event_at < now() - interval '30 minutes' AND usual.weeks >= 3 AS is_silent
FROM horizon AS known CROSS JOIN zone
CROSS JOIN LATERAL (
    SELECT count(*) AS weeks FROM generate_series(1, 4) AS week
    WHERE EXISTS (
        SELECT FROM (
            -- A few days of runs, whatever the planner thinks of their starts.
            SELECT started_at FROM dataset AS run
            WHERE run.environment = known.environment AND run.system = known.system AND run.is_root AND run.trigger <> 'manual'
              AND run.business_day BETWEEN (now() AT TIME ZONE zone)::date - 7 * week - 1 AND (now() AT TIME ZONE zone)::date - 7 * week + 1
            OFFSET 0
        ) AS run
        WHERE run.started_at > (greatest(known.last_event_at, now() - interval '1 day') AT TIME ZONE zone - 7 * week * interval '1 day')
              AT TIME ZONE zone
          AND run.started_at < (now() AT TIME ZONE zone - 7 * week * interval '1 day' - interval '30 minutes') AT TIME ZONE zone
    )
) AS usual;
COMMENT ON VIEW grafana_source IS 'The latest log of each system and environment, and whether more should have come';
COMMENT ON COLUMN grafana_source.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';
COMMENT ON COLUMN grafana_source.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_source.last_event_at IS 'The latest moment of all its runs';
COMMENT ON COLUMN grafana_source.silent_s IS 'How long ago that was, in seconds';
COMMENT ON COLUMN grafana_source.usual_weeks IS 'In how many of the four weeks before a root run began in the same hours, from the last log (at most a day back) until half an hour ago';
COMMENT ON COLUMN grafana_source.is_silent IS 'It says nothing for half an hour, and in three of the four weeks before it did';

CREATE VIEW grafana_batch AS
SELECT committed_at, dialect, records, rows_log + rows_error AS row_count, rejects, silent, fused FROM batch;
COMMENT ON VIEW grafana_batch IS 'What came in: one row per transaction that stored rows';
COMMENT ON COLUMN grafana_batch.committed_at IS 'When it was stored';
COMMENT ON COLUMN grafana_batch.dialect IS 'What read them: talend, openlineage, generic; smartetl where they came as messages of our own';
COMMENT ON COLUMN grafana_batch.records IS 'How many records were read';
COMMENT ON COLUMN grafana_batch.row_count IS 'How many rows of log and logerreur they became';
COMMENT ON COLUMN grafana_batch.rejects IS 'How many could not become rows: they stand in reject';
COMMENT ON COLUMN grafana_batch.silent IS 'How many have nothing to tell, as the tool means it';
COMMENT ON COLUMN grafana_batch.fused IS 'Its rows are part of dataset';

CREATE VIEW grafana_reject AS
SELECT batch.committed_at, batch.dialect, source.path, reject.line, reject.column_name, reject.reason,
       grafana_reason(reject.reason) AS reason_label, reject.detail
FROM reject JOIN batch USING (batch) LEFT JOIN source USING (source);
COMMENT ON VIEW grafana_reject IS 'Records that could not become rows, with their source';
COMMENT ON COLUMN grafana_reject.committed_at IS 'When it was stored';
COMMENT ON COLUMN grafana_reject.dialect IS 'What read them: talend, openlineage, generic; smartetl where they came as messages of our own';
COMMENT ON COLUMN grafana_reject.path IS 'Absolute path of the file';
COMMENT ON COLUMN grafana_reject.line IS 'Where its record starts in the source: line of a text, row of a Parquet file; from 1';
COMMENT ON COLUMN grafana_reject.column_name IS 'The column at fault, where one is';
COMMENT ON COLUMN grafana_reject.reason IS 'Why: field_count, quote, encoding, missing_value, bad_time, time_out_of_range, bad_number, unknown_word, too_long, bad_value, json, schema, schema_version';
COMMENT ON COLUMN grafana_reject.reason_label IS 'The same in French';
COMMENT ON COLUMN grafana_reject.detail IS 'What was found and what was expected';

CREATE VIEW grafana_reject_rate AS
SELECT dialect, sum(records)::bigint AS records, sum(rejects)::bigint AS rejects,
       sum(rejects)::double precision / nullif(sum(records), 0)::double precision AS share
FROM batch WHERE committed_at > now() - interval '1 hour' GROUP BY dialect;
COMMENT ON VIEW grafana_reject_rate IS 'The share of records of the last hour that could not become rows';
COMMENT ON COLUMN grafana_reject_rate.dialect IS 'What read them: talend, openlineage, generic; smartetl where they came as messages of our own';
COMMENT ON COLUMN grafana_reject_rate.records IS 'How many records were read in the last hour';
COMMENT ON COLUMN grafana_reject_rate.rejects IS 'How many of them could not become rows';
COMMENT ON COLUMN grafana_reject_rate.share IS 'The second by the first, between 0 and 1';

CREATE VIEW grafana_lag AS
SELECT group_name, topic, number, lag_rows, stored_at, row_rate,
       CASE
           WHEN lag_rows = 0 THEN 0
           ELSE greatest(lag_rows / nullif(row_rate, 0), extract(epoch FROM now() - coalesce(stored_at, opened_at)))
       END AS lag_s
FROM (
    SELECT consumer.group_name, consumer_partition.topic, consumer_partition.number, checkpoint.opened_at,
           greatest(consumer_partition.end_offset - checkpoint.next_record, 0) AS lag_rows,
           (SELECT committed_at FROM batch WHERE batch.lineage = consumer_partition.partition
            ORDER BY first_record DESC LIMIT 1) AS stored_at,
           (SELECT coalesce(sum(records), 0)::double precision / 900 FROM batch
            WHERE batch.lineage = consumer_partition.partition AND committed_at > now() - interval '15 minutes') AS row_rate
    FROM consumer_partition JOIN consumer USING (consumer) JOIN checkpoint ON checkpoint.lineage = consumer_partition.partition
) AS behind;
COMMENT ON VIEW grafana_lag IS 'How far consumers are behind in each partition of Kafka';
COMMENT ON COLUMN grafana_lag.group_name IS 'The group of consumers that share the partitions';
COMMENT ON COLUMN grafana_lag.topic IS 'The topic';
COMMENT ON COLUMN grafana_lag.number IS 'The number of the partition in its topic';
COMMENT ON COLUMN grafana_lag.lag_rows IS 'Messages that are not stored, as the consumer last saw it';
COMMENT ON COLUMN grafana_lag.stored_at IS 'When something of the partition was last stored; NULL where nothing ever was';
COMMENT ON COLUMN grafana_lag.row_rate IS 'Messages stored per second, over the last 15 minutes';
COMMENT ON COLUMN grafana_lag.lag_s IS 'Seconds until it has caught up at the pace of the last 15 minutes, or since it last stored something where that is more; 0 where nothing waits';

CREATE VIEW grafana_consumer AS
SELECT consumer, group_name, host, version, started_at, seen_at, extract(epoch FROM now() - seen_at)::bigint AS unseen_s,
       ended_at IS NULL AND seen_at > now() - interval '30 seconds' AS is_alive, messages, rows_log + rows_error AS row_count, rejects,
       CASE WHEN batches > 0 THEN commit_ms::double precision / batches END AS commit_ms, rebalances, last_error
FROM consumer WHERE ended_at IS NULL OR ended_at > now() - interval '1 day';
COMMENT ON VIEW grafana_consumer IS 'Processes that store what comes through Kafka, until a day after their end';
COMMENT ON COLUMN grafana_consumer.consumer IS 'A name drawn at the start of the process';
COMMENT ON COLUMN grafana_consumer.group_name IS 'The group of consumers that share the partitions';
COMMENT ON COLUMN grafana_consumer.host IS 'The machine that it runs on';
COMMENT ON COLUMN grafana_consumer.version IS 'Version of smartETL';
COMMENT ON COLUMN grafana_consumer.started_at IS 'When it started';
COMMENT ON COLUMN grafana_consumer.seen_at IS 'When it last wrote this line, every two seconds: one that is silent for longer hangs or is gone';
COMMENT ON COLUMN grafana_consumer.unseen_s IS 'How long ago that was, in seconds';
COMMENT ON COLUMN grafana_consumer.is_alive IS 'It has not ended and wrote its line in the last 30 seconds';
COMMENT ON COLUMN grafana_consumer.messages IS 'Messages read since it started';
COMMENT ON COLUMN grafana_consumer.row_count IS 'Rows of log and logerreur stored';
COMMENT ON COLUMN grafana_consumer.rejects IS 'Rejects stored';
COMMENT ON COLUMN grafana_consumer.commit_ms IS 'Time that one transaction took on average, in milliseconds';
COMMENT ON COLUMN grafana_consumer.rebalances IS 'Times that partitions were given to it or taken from it';
COMMENT ON COLUMN grafana_consumer.last_error IS 'Why it could not go on when that happened last; NULL where it never did';

CREATE VIEW grafana_fusion AS
SELECT fused_at, extract(epoch FROM now() - fused_at)::bigint AS age_s, waiting.batches AS waiting_batches,
       coalesce(waiting.row_count, 0)::bigint AS waiting_row_count, coalesce(extract(epoch FROM now() - waiting.since), 0)::bigint AS waiting_s
FROM (SELECT max(fused_at) AS fused_at FROM fuse_state) AS last CROSS JOIN (
    SELECT count(*) AS batches, sum(rows_log + rows_error) AS row_count, min(committed_at) AS since FROM batch WHERE NOT fused
) AS waiting;
COMMENT ON VIEW grafana_fusion IS 'The last fuse, and what waits for the next one; always one row';
COMMENT ON COLUMN grafana_fusion.fused_at IS 'When the last fuse ended; NULL where there was none';
COMMENT ON COLUMN grafana_fusion.age_s IS 'How long ago that was, in seconds';
COMMENT ON COLUMN grafana_fusion.waiting_batches IS 'Batches whose rows are not part of dataset yet';
COMMENT ON COLUMN grafana_fusion.waiting_row_count IS 'Their rows of log and logerreur';
COMMENT ON COLUMN grafana_fusion.waiting_s IS 'For how long the oldest of them has waited, in seconds; 0 where none waits';

CREATE VIEW grafana_clock_gap AS
SELECT child.environment, child.business_day, child.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()) AS at,
       coalesce(child.host, '(serveur non indiqué)') AS host, coalesce(parent.host, '(serveur non indiqué)') AS parent_host,
       count(*) AS runs, max(extract(epoch FROM parent.started_at - child.started_at))::double precision AS gap_s
FROM dataset AS child JOIN dataset AS parent ON parent.run_key = child.parent_run_key
WHERE child.quality_reasons @> '{clocks_apart}' AND parent.started_at > child.started_at
GROUP BY child.environment, child.business_day, child.host, parent.host;
COMMENT ON VIEW grafana_clock_gap IS 'Servers whose clocks are apart: child runs that began more than a minute before the parent that started them';
COMMENT ON COLUMN grafana_clock_gap.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_clock_gap.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_clock_gap.at IS 'Midnight at which it begins on the local clock';
COMMENT ON COLUMN grafana_clock_gap.host IS 'The machine of the child run; "(serveur non indiqué)" where the logs name none';
COMMENT ON COLUMN grafana_clock_gap.parent_host IS 'The machine of its parent';
COMMENT ON COLUMN grafana_clock_gap.runs IS 'How many runs show it';
COMMENT ON COLUMN grafana_clock_gap.gap_s IS 'By how many seconds the clocks are apart at least';

CREATE VIEW grafana_table_size AS
SELECT coalesce(root.relname, part.relname)::text AS table_name, sum(pg_total_relation_size(part.oid))::bigint AS size_bytes
FROM pg_class AS part LEFT JOIN pg_inherits ON inhrelid = part.oid LEFT JOIN pg_class AS root ON root.oid = inhparent
WHERE part.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'dataset'::regclass) AND part.relkind = 'r'
GROUP BY 1;
COMMENT ON VIEW grafana_table_size IS 'What tables take on the disk, with their partitions and indexes';
COMMENT ON COLUMN grafana_table_size.table_name IS 'The table';
COMMENT ON COLUMN grafana_table_size.size_bytes IS 'What it takes, in bytes';

CREATE VIEW grafana_space AS
WITH today AS MATERIALIZED (SELECT (now() AT TIME ZONE grafana_zone())::date AS today),
counted AS MATERIALIZED (
    SELECT pg_database_size(current_database())::double precision AS size_bytes, (SELECT count(*) FROM dataset) AS runs,
           (SELECT count(*) FROM dataset WHERE business_day > today - 28 AND business_day <= today) AS new_runs,
           least(greatest(today - (SELECT min(business_day) FROM dataset), 1), 28) AS days
    FROM today
),
grown AS MATERIALIZED (
    SELECT size_bytes, runs, new_runs, days, size_bytes * new_runs / nullif(runs, 0) / days AS growth_bytes FROM counted
)
SELECT size_bytes, runs, new_runs, days, growth_bytes, disk.at AS disk_at, disk.total_bytes, disk.free_bytes,
       disk.free_bytes / nullif(growth_bytes, 0) AS days_left
FROM grown
LEFT JOIN LATERAL (
    SELECT at, (detail ->> 'total_bytes')::double precision AS total_bytes,
           coalesce((detail ->> 'free_bytes')::double precision, (detail ->> 'total_bytes')::double precision - size_bytes) AS free_bytes
    FROM upkeep WHERE kind = 'disk' ORDER BY at DESC LIMIT 1
) AS disk ON true;
COMMENT ON VIEW grafana_space IS 'The size of the database, how it grows, and how long the disk will do; always one row';
COMMENT ON COLUMN grafana_space.size_bytes IS 'Size of the database, in bytes';
COMMENT ON COLUMN grafana_space.runs IS 'Runs in dataset';
COMMENT ON COLUMN grafana_space.new_runs IS 'Those of the last 28 business days, whenever they were loaded';
COMMENT ON COLUMN grafana_space.days IS 'How many days these are: 28, or since the first business day, at least 1';
COMMENT ON COLUMN grafana_space.growth_bytes IS 'Growth of the database in a day, in bytes: its size by its runs, times the runs of a day';
COMMENT ON COLUMN grafana_space.disk_at IS 'When the disk was last looked at (upkeep, kind disk); NULL where nobody did';
COMMENT ON COLUMN grafana_space.total_bytes IS 'Size of that disk, in bytes';
COMMENT ON COLUMN grafana_space.free_bytes IS 'What was free on it, in bytes; what the database leaves where only its size was said';
COMMENT ON COLUMN grafana_space.days_left IS 'Days until it is full at this pace; NULL where nothing grows or nobody looked at the disk';

CREATE VIEW grafana_upkeep AS
SELECT wanted.kind, last.at, last.ok, last.detail, extract(epoch FROM now() - last.at)::bigint AS age_s, good.at AS good_at,
       extract(epoch FROM now() - coalesce(good.at, started.at))::bigint AS good_age_s
FROM (VALUES ('backup'), ('verify'), ('disk')) AS wanted (kind)
CROSS JOIN (SELECT coalesce(min(opened_at), now()) AS at FROM checkpoint) AS started
LEFT JOIN LATERAL (SELECT at, ok, detail FROM upkeep WHERE upkeep.kind = wanted.kind ORDER BY at DESC LIMIT 1) AS last ON true
LEFT JOIN LATERAL (SELECT at FROM upkeep WHERE upkeep.kind = wanted.kind AND ok ORDER BY at DESC LIMIT 1) AS good ON true;
COMMENT ON VIEW grafana_upkeep IS 'The last backup, the last proof and the last look at the disk';
COMMENT ON COLUMN grafana_upkeep.kind IS 'What was done: backup, verify, disk';
COMMENT ON COLUMN grafana_upkeep.at IS 'When it was last done; NULL where it never was';
COMMENT ON COLUMN grafana_upkeep.ok IS 'Whether it came out well then';
COMMENT ON COLUMN grafana_upkeep.detail IS 'Its figures: of backup bytes, rows and file; of verify checks, findings and notes; of disk total_bytes and free_bytes';
COMMENT ON COLUMN grafana_upkeep.age_s IS 'How long ago it was last done, in seconds';
COMMENT ON COLUMN grafana_upkeep.good_at IS 'When it last came out well';
COMMENT ON COLUMN grafana_upkeep.good_age_s IS 'How long ago it last came out well, in seconds; since the first source was read where it never did';

-- What wakes people. One row is one alert; texts become its labels, so none of them may change while the alert lasts.

CREATE VIEW grafana_storm AS
SELECT last_hour.environment, last_hour.failures, usual.failures AS usual_failures
FROM (
    SELECT environment, count(*) AS failures FROM dataset
    WHERE business_day >= (now() AT TIME ZONE (SELECT grafana_zone()))::date - 1 AND cause_run_key = run_key
      AND coalesce(first_error_at, ended_at, last_event_at) BETWEEN now() - interval '1 hour' AND now()
    GROUP BY environment
) AS last_hour
CROSS JOIN LATERAL (
    SELECT count(*)::double precision / (28 * 24) AS failures FROM dataset
    WHERE dataset.environment = last_hour.environment AND cause_run_key = run_key
      AND business_day BETWEEN (now() AT TIME ZONE (SELECT grafana_zone()))::date - 29 AND (now() AT TIME ZONE (SELECT grafana_zone()))::date - 2
) AS usual;
COMMENT ON VIEW grafana_storm IS 'Failures of the last hour by environment';
COMMENT ON COLUMN grafana_storm.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_storm.failures IS 'Runs with a cause of their own that failed in the last hour';
COMMENT ON COLUMN grafana_storm.usual_failures IS 'How many of them there are in an hour on average, over four weeks';

CREATE VIEW grafana_vital_failed AS
WITH recent AS MATERIALIZED (
    SELECT DISTINCT ON (environment, project, job) environment, project, job, category, blame, business_day, verdict, first_failure_at
    FROM job_day
    WHERE environment IN (SELECT environment FROM horizon) AND business_day >= (now() AT TIME ZONE (SELECT grafana_zone()))::date - 7
    ORDER BY environment, project, job, business_day DESC
)
SELECT day.environment, coalesce(day.project, '') AS project, day.job, grafana_category(day.category) AS category_label,
       grafana_blame(day.blame) AS blame_label, day.business_day, day.first_failure_at,
       greatest(extract(epoch FROM now() - day.first_failure_at) / 60, 1)::bigint AS open_minutes
FROM recent AS day JOIN grafana_job AS named
    ON named.environment = day.environment AND named.project = coalesce(day.project, '') AND named.job = day.job
WHERE day.verdict = 'failed' AND named.is_vital AND NOT EXISTS (
    SELECT FROM dataset AS newer
    WHERE newer.environment = day.environment AND newer.business_day BETWEEN day.business_day AND day.business_day + 8
      AND newer.job = day.job AND newer.is_root AND newer.project IS NOT DISTINCT FROM day.project
      AND newer.started_at > day.first_failure_at AND newer.status IN ('running', 'success')
);
COMMENT ON VIEW grafana_vital_failed IS 'Vital jobs whose newest business day failed, and of which no newer run is going on or has succeeded';
COMMENT ON COLUMN grafana_vital_failed.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_vital_failed.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_vital_failed.job IS 'The root job';
COMMENT ON COLUMN grafana_vital_failed.category_label IS 'What kind of cause, in French';
COMMENT ON COLUMN grafana_vital_failed.blame_label IS 'Who must act, in French';
COMMENT ON COLUMN grafana_vital_failed.business_day IS 'The day that the night prepares';
COMMENT ON COLUMN grafana_vital_failed.first_failure_at IS 'When the first of them failed, or was last heard of; kept when it was made good later';
COMMENT ON COLUMN grafana_vital_failed.open_minutes IS 'Minutes since then, at least 1';

CREATE VIEW grafana_no_end AS
SELECT run.environment, coalesce(run.project, '') AS project, run.job, run.status, run.started_at, run.last_event_at,
       usual.median_ms AS usual_ms, (extract(epoch FROM now() - run.started_at) / 60)::bigint AS open_minutes
FROM dataset AS run
CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY recent.duration_ms) AS median_ms FROM (
        SELECT duration_ms FROM dataset AS before
        WHERE before.job_number = run.job_number AND before.started_at < run.started_at AND before.status = 'success'
        ORDER BY before.started_at DESC LIMIT 20
    ) AS recent
) AS usual
WHERE run.ended_at IS NULL AND run.is_root AND run.business_day >= (now() AT TIME ZONE (SELECT grafana_zone()))::date - 1
  AND (run.status = 'lost' OR run.status = 'running'
       AND now() - run.last_event_at > greatest(interval '1 hour', coalesce(usual.median_ms, 0) * 4 * interval '1 millisecond'))
  AND NOT EXISTS (
      SELECT FROM dataset AS newer WHERE newer.job_number = run.job_number AND newer.started_at > run.started_at AND newer.is_root
  );
COMMENT ON VIEW grafana_no_end IS 'Root runs since yesterday that gave no end and have no newer attempt: lost ones, and those that are silent for more than an hour and four times the usual duration';
COMMENT ON COLUMN grafana_no_end.environment IS 'PROD, REC, DEV or others; UNMAPPED where none is known';
COMMENT ON COLUMN grafana_no_end.project IS 'The project of the job; empty where it has none';
COMMENT ON COLUMN grafana_no_end.job IS 'The root job';
COMMENT ON COLUMN grafana_no_end.status IS 'Its status, as in dataset';
COMMENT ON COLUMN grafana_no_end.started_at IS 'When the run began';
COMMENT ON COLUMN grafana_no_end.last_event_at IS 'Its last sign of life';
COMMENT ON COLUMN grafana_no_end.usual_ms IS 'Median duration of its last 20 good runs, in milliseconds';
COMMENT ON COLUMN grafana_no_end.open_minutes IS 'Minutes since it began';

-- What old rows leave behind when they are pruned: the ledger goes on to account for them, and the days that were folded from them
-- stay as they are.

CREATE TABLE pruned (
    batch           bigint PRIMARY KEY,
    rows_log        bigint NOT NULL,
    rows_error      bigint NOT NULL,
    rejects         bigint NOT NULL,
    log_checksum    bigint NOT NULL,
    error_checksum  bigint NOT NULL,
    reject_checksum bigint NOT NULL,
    pruned_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pruned IS 'What was removed of a batch by `smartetl prune`: what the ledger says of it is what is stored and what stands here';
COMMENT ON COLUMN pruned.batch IS 'The batch that the rows were of';
COMMENT ON COLUMN pruned.rows_log IS 'Rows of log that were removed';
COMMENT ON COLUMN pruned.rows_error IS 'Rows of logerreur that were removed';
COMMENT ON COLUMN pruned.rejects IS 'Rejects that were removed';
COMMENT ON COLUMN pruned.log_checksum IS 'Wrapping sum of the hashes of these rows of log';
COMMENT ON COLUMN pruned.error_checksum IS 'The same for these rows of logerreur';
COMMENT ON COLUMN pruned.reject_checksum IS 'The same for these rejects';
COMMENT ON COLUMN pruned.pruned_at IS 'When that last happened';

ALTER TABLE fuse_state ADD COLUMN closed_before date;
COMMENT ON COLUMN fuse_state.closed_before IS 'Business days before this one are closed: their rows are pruned, and no fuse changes their runs; NULL while everything is kept';
CREATE FUNCTION first_open_day() RETURNS date LANGUAGE sql STABLE
RETURN coalesce((SELECT closed_before FROM fuse_state), '-infinity');
COMMENT ON FUNCTION first_open_day() IS 'The first business day that is not closed: its runs are what the rows fold to';

COMMENT ON COLUMN upkeep.kind IS 'What was done: backup, verify, prune, disk';

-- Dashboards and alerts know the calendar, and count as failures what failed. What smartETL itself does in Airflow (environment SMARTETL)
-- is no job of the nights.

-- Only the configuration knows the days to come.
ALTER TABLE fuse_state ADD COLUMN holidays date[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN fuse_state.holidays IS 'Public holidays and days on which the company is closed, from three years before the clock of the last fuse until the end of the next year';
UPDATE fuse_state SET holidays = coalesce(
    (SELECT array_agg(DISTINCT business_day ORDER BY business_day) FROM job_day WHERE day_type && '{holiday,closure}'), '{}'
);

-- Words.

CREATE FUNCTION grafana_wakes(of_environment text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN of_environment NOT IN ('DEV', 'REC', 'SMARTETL');
COMMENT ON FUNCTION grafana_wakes(text) IS 'Whether somebody is told when jobs of this environment are in trouble';

CREATE FUNCTION grafana_on_day(of_moment timestamptz, of_day date, other_day date, of_zone text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
RETURN (other_day::timestamp + (of_moment AT TIME ZONE of_zone - of_day::timestamp)) AT TIME ZONE of_zone;
COMMENT ON FUNCTION grafana_on_day(timestamptz, date, date, text) IS 'A moment of a business day, at the same time of another one';

CREATE FUNCTION grafana_alike(of_day date) RETURNS TABLE (place bigint, alike date) LANGUAGE sql STABLE ROWS 4
BEGIN ATOMIC
    WITH closed AS MATERIALIZED (SELECT coalesce((SELECT holidays FROM fuse_state), '{}') AS days),
    candidate AS (
        SELECT unnest(days) AS day FROM closed WHERE of_day = ANY (days)
        UNION ALL
        SELECT of_day - 7 * week FROM closed CROSS JOIN generate_series(1, 8) AS week
        WHERE of_day <> ALL (days) AND of_day - 7 * week <> ALL (days)
    )
    SELECT row_number() OVER (ORDER BY day DESC), day FROM candidate WHERE day < of_day AND day >= of_day - 400 ORDER BY day DESC LIMIT 4;
END;
COMMENT ON FUNCTION grafana_alike(date) IS 'The last four days before that have the same habits: the same weekday, holidays left out, within eight weeks; for a holiday the last holidays, within 400 days';

CREATE OR REPLACE VIEW grafana_environment AS
SELECT environment, CASE environment WHEN 'PROD' THEN 0 WHEN 'SMARTETL' THEN 2 WHEN 'UNMAPPED' THEN 3 ELSE 1 END AS rank
FROM (SELECT environment FROM horizon UNION SELECT 'PROD') AS known;
COMMENT ON COLUMN grafana_environment.rank IS 'Place in the list: PROD 0, SMARTETL and UNMAPPED last';

-- Nights.

CREATE OR REPLACE VIEW grafana_due AS
SELECT environment, business_day, at, project, job, family, application, owner, criticality, verdict, ready_at, deadline_at,
       margin_ms, due_state
FROM grafana_job_day WHERE deadline_at IS NOT NULL
UNION ALL
-- Of the jobs that usually stand in such a night, those of which no run was seen.
SELECT due.environment, due.business_day, due.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()), due.project, due.job,
       named.family, named.application, named.owner, named.criticality, 'missing', NULL, due.deadline_at,
       CASE WHEN now() < due.deadline_at + interval '1 day' THEN (extract(epoch FROM due.deadline_at - now()) * 1000)::bigint END,
       CASE
           WHEN now() < due.deadline_at THEN 'open'
           WHEN (SELECT max(last_event_at) FROM horizon WHERE horizon.environment = due.environment) >= due.deadline_at THEN 'missed'
           ELSE 'unknown'
       END
FROM (
    SELECT night.environment, night.business_day, coalesce(before.project, '') AS project, before.job,
           max(before.deadline_at AT TIME ZONE (SELECT grafana_zone()) + (night.business_day - before.business_day) * interval '1 day')
               AT TIME ZONE (SELECT grafana_zone()) AS deadline_at
    FROM grafana_day AS night
    CROSS JOIN LATERAL grafana_alike(night.business_day) AS usual
    JOIN job_day AS before
        ON before.environment = night.environment AND before.business_day = usual.alike AND before.deadline_at IS NOT NULL
    GROUP BY night.environment, night.business_day, coalesce(before.project, ''), before.job
    HAVING count(*) >= 3
) AS due
JOIN grafana_job AS named
    ON named.environment = due.environment AND named.project = due.project AND named.job = due.job
   AND named.deadline IS NOT NULL AND NOT named.is_retired
WHERE NOT EXISTS (
    SELECT FROM job_day AS day
    WHERE day.environment = due.environment AND day.business_day = due.business_day
      AND coalesce(day.project, '') = due.project AND day.job = due.job
);
COMMENT ON VIEW grafana_due IS 'Jobs with a deadline, one row for each business day; also of those that have not run although they stood in three of the last four nights of the same kind';

CREATE OR REPLACE FUNCTION grafana_chain(of_environment text, of_day date)
RETURNS TABLE (at timestamptz, job text, state integer, family text, application text, chosen_by text) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH run AS MATERIALIZED (
        SELECT job, coalesce(project, '') AS project, started_at, status, outcome, duration_ms,
               CASE
                   WHEN status IN ('lost', 'unverified') THEN greatest(last_event_at, started_at + interval '10 minutes')
                   ELSE greatest(coalesce(ended_at, last_event_at), started_at + interval '1 minute')
               END AS until
        FROM dataset WHERE environment = of_environment AND business_day = of_day AND is_root
    ),
    ranked AS (
        SELECT job, project, row_number() OVER (ORDER BY max(duration_ms) DESC NULLS LAST, job, project) AS place
        FROM run GROUP BY job, project
    ),
    chosen AS MATERIALIZED (
        SELECT ranked.job, ranked.project, coalesce(named.family, ranked.job) AS family,
               CASE WHEN count(*) OVER (PARTITION BY ranked.job) > 1 AND ranked.project <> '' THEN ranked.project || '/' || ranked.job ELSE ranked.job END
                   AS shown,
               coalesce(named.application, '(sans application)') AS application,
               CASE WHEN named.is_vital THEN CASE WHEN named.criticality = 1 THEN 'criticality' ELSE 'deadline' END ELSE 'duration' END
                   AS chosen_by
        FROM ranked
        LEFT JOIN grafana_job AS named
            ON named.environment = of_environment AND named.project = ranked.project AND named.job = ranked.job
        WHERE named.is_vital OR ranked.place <= 15 AND NOT EXISTS (
            SELECT FROM grafana_job AS vital WHERE vital.environment = of_environment AND vital.is_vital
        )
    ),
    moments AS (
        SELECT run.started_at AS at FROM run JOIN chosen USING (job, project)
        UNION
        SELECT run.until FROM run JOIN chosen USING (job, project)
    )
    SELECT moments.at, chosen.shown,
           (SELECT CASE
                WHEN run.status = 'failed' THEN 4
                WHEN run.status = 'lost' THEN 5
                WHEN run.status = 'unverified' THEN 6
                WHEN run.status IN ('cancelled', 'skipped') THEN 7
                WHEN run.status = 'running' THEN 2
                WHEN run.outcome = 'success_with_errors' THEN 3
                ELSE 1
            END
            FROM run
            WHERE run.job = chosen.job AND run.project = chosen.project AND run.started_at <= moments.at
              AND (moments.at < run.until OR run.status = 'running')
            ORDER BY run.started_at DESC LIMIT 1),
           chosen.family, chosen.application, chosen.chosen_by
    FROM moments CROSS JOIN chosen;
END;
COMMENT ON FUNCTION grafana_chain(text, date) IS 'How the vital jobs of a night stood at each moment at which one of them changed: 1 success, 2 running, 3 success with errors, 4 failed, 5 lost, 6 unverified, 7 cancelled, NULL not running; where nobody said which jobs are vital, the fifteen that took longest. A name that several projects have is PROJECT/JOB';

-- Failures.

CREATE OR REPLACE VIEW grafana_run AS
SELECT run.run_key, run.job_number, run.system, run.environment, run.host, coalesce(run.project, '') AS project, run.job,
       coalesce(named.family, run.job) AS family, coalesce(named.application, '(sans application)') AS application,
       run.job_version, run.is_root, run.root_job, run.attempt, run.business_day, run.started_at, run.ended_at, run.last_event_at,
       run.duration_ms, coalesce(run.self_duration_ms, run.duration_ms) AS self_duration_ms, run.status, run.outcome,
       coalesce(run.rows_out, run.rows_in) AS row_count, run.rows_rejected, run.errors, run.warnings, run.trigger,
       run.cause_run_key = run.run_key AS is_cause, run.cause_signature, run.cause_job, run.cause_step, run.category,
       grafana_category(run.category) AS category_label, run.blame, grafana_blame(run.blame) AS blame_label, run.retryable,
       coalesce(run.first_error_at, run.ended_at, run.last_event_at) AS failed_at, left(run.error_message, 500) AS error_message,
       run.cause_run_key = run.run_key AND (run.status IN ('failed', 'lost') OR EXISTS (
           SELECT FROM dataset AS above
           WHERE above.tree = run.tree AND above.cause_run_key = run.run_key AND above.status IN ('failed', 'lost')
       )) AS is_failure
FROM dataset AS run
LEFT JOIN grafana_job AS named
    ON named.environment = run.environment AND named.project = coalesce(run.project, '') AND named.job = run.job;
COMMENT ON COLUMN grafana_run.is_failure IS 'The cause of its tree stands in it, and a run failed or was lost by it: this one or one above it';

CREATE OR REPLACE FUNCTION grafana_job_run(of_environment text, of_job text) RETURNS SETOF grafana_run LANGUAGE sql STABLE ROWS 500
BEGIN ATOMIC
    SELECT run.* FROM grafana_run AS run
    WHERE run.job_number = ANY ((SELECT grafana_job_numbers(of_environment, of_job))::bigint[]);
END;

CREATE OR REPLACE VIEW grafana_error AS
SELECT run.environment, run.business_day, run.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()) AS at, run.failed_at,
       run.project, run.job, run.family, run.application, run.cause_step, run.cause_signature, run.category, run.category_label,
       run.blame, run.blame_label, run.retryable, run.error_message,
       (SELECT min(business_day) FROM dataset AS earlier
        WHERE earlier.environment = run.environment AND earlier.cause_signature = run.cause_signature) AS first_day
FROM grafana_run AS run WHERE run.is_failure;
COMMENT ON VIEW grafana_error IS 'Runs in which the cause of a failure stands: each failure once, however many runs it made fail; errors of runs that succeeded are no failures';

CREATE OR REPLACE VIEW grafana_storm AS
WITH today AS MATERIALIZED (SELECT grafana_local_day(now()) AS today)
SELECT last_hour.environment, last_hour.failures, usual.failures AS usual_failures
FROM (
    SELECT environment, count(*) AS failures FROM grafana_error
    WHERE business_day >= (SELECT today FROM today) - 1 AND failed_at BETWEEN now() - interval '1 hour' AND now()
    GROUP BY environment
) AS last_hour
CROSS JOIN LATERAL (
    SELECT count(*)::double precision / (28 * 24) AS failures FROM grafana_error
    WHERE grafana_error.environment = last_hour.environment
      AND business_day BETWEEN (SELECT today FROM today) - 29 AND (SELECT today FROM today) - 2
) AS usual;

CREATE OR REPLACE VIEW grafana_vital_failed AS
WITH today AS MATERIALIZED (SELECT grafana_local_day(now()) AS today),
recent AS MATERIALIZED (
    SELECT DISTINCT ON (environment, project, job) environment, project, job, category, blame, business_day, verdict, first_failure_at
    FROM job_day
    WHERE environment IN (SELECT environment FROM horizon) AND business_day >= (SELECT today FROM today) - 7
    ORDER BY environment, project, job, business_day DESC
),
-- Where nobody said which jobs are vital.
longest AS MATERIALIZED (
    SELECT environment, project, job FROM (
        SELECT environment, project, job,
               row_number() OVER (PARTITION BY environment ORDER BY max(duration_ms) DESC NULLS LAST, job, project) AS place
        FROM dataset
        WHERE environment IN (SELECT environment FROM horizon EXCEPT SELECT environment FROM grafana_job WHERE is_vital)
          AND business_day >= (SELECT today FROM today) - 7 AND is_root
        GROUP BY environment, project, job
    ) AS ranked
    WHERE place <= 15
)
SELECT day.environment, coalesce(day.project, '') AS project, day.job, grafana_category(day.category) AS category_label,
       grafana_blame(day.blame) AS blame_label, day.business_day, day.first_failure_at,
       greatest(extract(epoch FROM now() - day.first_failure_at) / 60, 1)::bigint AS open_minutes
FROM recent AS day JOIN grafana_job AS named
    ON named.environment = day.environment AND named.project = coalesce(day.project, '') AND named.job = day.job
WHERE day.verdict IN ('failed', 'lost')
  AND (named.is_vital OR EXISTS (
      SELECT FROM longest
      WHERE longest.environment = day.environment AND longest.project IS NOT DISTINCT FROM day.project AND longest.job = day.job
  ))
  AND NOT EXISTS (
      SELECT FROM dataset AS newer
      WHERE newer.environment = day.environment AND newer.business_day BETWEEN day.business_day AND day.business_day + 8
        AND newer.job = day.job AND newer.is_root AND newer.project IS NOT DISTINCT FROM day.project
        AND newer.started_at > day.first_failure_at AND newer.status IN ('running', 'success')
  );
COMMENT ON VIEW grafana_vital_failed IS 'Vital jobs whose newest business day failed or gave no end, and of which no newer run is going on or has succeeded; where nobody said which jobs of an environment are vital, the fifteen that took longest in eight days';

CREATE OR REPLACE VIEW grafana_no_end AS
SELECT run.environment, coalesce(run.project, '') AS project, run.job, run.status, run.started_at, run.last_event_at,
       usual.median_ms AS usual_ms, (extract(epoch FROM now() - run.started_at) / 60)::bigint AS open_minutes, run.system
FROM dataset AS run
CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY recent.duration_ms) AS median_ms FROM (
        SELECT duration_ms FROM dataset AS before
        WHERE before.job_number = run.job_number AND before.started_at < run.started_at AND before.status = 'success'
        ORDER BY before.started_at DESC LIMIT 20
    ) AS recent
) AS usual
WHERE run.ended_at IS NULL AND run.is_root AND run.business_day >= (now() AT TIME ZONE (SELECT grafana_zone()))::date - 1
  AND (run.status = 'lost' OR run.status = 'running'
       AND now() - run.last_event_at > greatest(interval '1 hour', coalesce(usual.median_ms, 0) * 4 * interval '1 millisecond'))
  AND NOT EXISTS (
      SELECT FROM dataset AS newer WHERE newer.job_number = run.job_number AND newer.started_at > run.started_at AND newer.is_root
  );
COMMENT ON COLUMN grafana_no_end.system IS 'The tool that wrote it: talend, airflow, or what a mapping says';

-- Collection.

CREATE OR REPLACE VIEW grafana_source AS
WITH zone AS MATERIALIZED (SELECT grafana_zone() AS zone),
-- The business days around this moment, and the days that are like them.
expected AS MATERIALIZED (
    SELECT day.day, usual.place, usual.alike
    FROM (SELECT grafana_local_day(now()) + shift AS day FROM generate_series(-1, 1) AS shift) AS day
    CROSS JOIN LATERAL grafana_alike(day.day) AS usual
)
SELECT known.system, known.environment, known.last_event_at, extract(epoch FROM now() - known.last_event_at)::bigint AS silent_s,
       usual.weeks AS usual_weeks,
       known.last_event_at < now() - interval '30 minutes' AND usual.weeks >= 3 AS is_silent
FROM horizon AS known CROSS JOIN zone
CROSS JOIN LATERAL (
    SELECT count(DISTINCT expected.place) AS weeks FROM expected
    WHERE EXISTS (
        SELECT FROM (
            -- A day of runs, whatever the planner thinks of their starts.
            SELECT started_at AT TIME ZONE zone + (expected.day - expected.alike) * interval '1 day' AS started FROM dataset AS run
            WHERE run.environment = known.environment AND run.system = known.system AND run.is_root AND run.trigger <> 'manual'
              AND run.business_day = expected.alike
            OFFSET 0
        ) AS run
        WHERE run.started AT TIME ZONE zone > greatest(known.last_event_at, now() - interval '1 day')
          AND run.started AT TIME ZONE zone < now() - interval '30 minutes'
    )
) AS usual;
COMMENT ON COLUMN grafana_source.usual_weeks IS 'On how many of the last four days like this one a root run began in the same hours, from the last log (at most a day back) until half an hour ago';
COMMENT ON COLUMN grafana_source.is_silent IS 'It says nothing for half an hour, and on three of the last four days like this one it did';

CREATE VIEW grafana_group AS
SELECT had.group_name, had.partitions, alive.consumers > 0 AS is_alive, alive.consumers, alive.unseen_s
FROM (
    SELECT group_name, count(*) AS partitions FROM consumer_partition JOIN consumer USING (consumer) GROUP BY group_name
) AS had
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE ended_at IS NULL AND seen_at > now() - interval '30 seconds') AS consumers,
           extract(epoch FROM now() - max(seen_at))::bigint AS unseen_s
    FROM consumer WHERE consumer.group_name = had.group_name
) AS alive;
COMMENT ON VIEW grafana_group IS 'Groups of consumers that have partitions, whether or not somebody still reads them';
COMMENT ON COLUMN grafana_group.group_name IS 'The group of consumers that share the partitions';
COMMENT ON COLUMN grafana_group.partitions IS 'How many partitions the group has read';
COMMENT ON COLUMN grafana_group.is_alive IS 'At least one of its consumers has not ended and wrote its line in the last 30 seconds';
COMMENT ON COLUMN grafana_group.consumers IS 'How many of its consumers did';
COMMENT ON COLUMN grafana_group.unseen_s IS 'How long ago the last one wrote its line, in seconds';

CREATE OR REPLACE VIEW grafana_fusion AS
SELECT fused_at, age_s, waiting_batches, waiting_row_count, waiting_s, least(age_s, waiting_s) AS late_s
FROM (
    SELECT fused_at, extract(epoch FROM now() - fused_at)::bigint AS age_s, waiting.batches AS waiting_batches,
           coalesce(waiting.row_count, 0)::bigint AS waiting_row_count, coalesce(extract(epoch FROM now() - waiting.since), 0)::bigint AS waiting_s
    FROM (SELECT max(fused_at) AS fused_at FROM fuse_state) AS last CROSS JOIN (
        SELECT count(*) AS batches, sum(rows_log + rows_error) AS row_count, min(committed_at) AS since FROM batch WHERE NOT fused
    ) AS waiting
) AS fusion;
COMMENT ON COLUMN grafana_fusion.late_s IS 'For how long a fuse has been missing, in seconds: since the last one, or since there is something to fuse where that is less; 0 where nothing waits';

CREATE OR REPLACE VIEW grafana_space AS
WITH today AS MATERIALIZED (SELECT (now() AT TIME ZONE grafana_zone())::date AS today),
counted AS MATERIALIZED (
    SELECT pg_database_size(current_database())::double precision AS size_bytes, (SELECT count(*) FROM dataset) AS runs,
           (SELECT count(*) FROM dataset WHERE business_day > today - 28 AND business_day <= today) AS new_runs,
           least(greatest(today - (SELECT min(business_day) FROM dataset), 1), 28) AS days
    FROM today
),
grown AS MATERIALIZED (
    SELECT size_bytes, runs, new_runs, days, size_bytes * new_runs / nullif(runs, 0) / days AS growth_bytes FROM counted
)
SELECT size_bytes, runs, new_runs, days, growth_bytes, disk.at AS disk_at, disk.total_bytes, disk.free_bytes,
       disk.free_bytes / nullif(growth_bytes, 0) AS days_left
FROM grown
LEFT JOIN LATERAL (
    SELECT at, (detail ->> 'total_bytes')::double precision AS total_bytes,
           CASE
               WHEN at > now() - interval '26 hours' THEN coalesce(
                   (detail ->> 'free_bytes')::double precision, (detail ->> 'total_bytes')::double precision - size_bytes
               )
           END AS free_bytes
    FROM upkeep WHERE kind = 'disk' ORDER BY at DESC LIMIT 1
) AS disk ON true;
COMMENT ON COLUMN grafana_space.free_bytes IS 'What was free on it, in bytes; what the database leaves where only its size was said. NULL where nobody looked for 26 hours: what was free then says nothing of today';
COMMENT ON COLUMN grafana_space.days_left IS 'Days until it is full at this pace; NULL where nothing grows or nobody looked at the disk for 26 hours';

-- What a run says about its errors: which signatures, so that errors can be followed from night to night and a correction finds the runs it concerns.

ALTER TABLE dataset ADD COLUMN error_signatures uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN dataset.error_signatures IS 'The signatures of its own errors that count, each once, ascending; empty where there are none';
ALTER TABLE dataset ADD COLUMN ruled_category text, ADD COLUMN ruled_blame text, ADD COLUMN ruled_retryable boolean;
COMMENT ON COLUMN dataset.ruled_category IS 'The category that the rule gave, where a person corrected it; NULL elsewhere';
COMMENT ON COLUMN dataset.ruled_blame IS 'The same of blame';
COMMENT ON COLUMN dataset.ruled_retryable IS 'The same of retryable';
CREATE INDEX dataset_signatures ON dataset USING gin (error_signatures) WHERE error_signatures <> '{}';

-- A state that an earlier version left knows no templates.
ALTER TABLE fuse_state ADD COLUMN grouped boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN fuse_state.grouped IS 'Whether the templates are those of all signatures: false after signatures went';

CREATE TABLE signature (
    signature uuid NOT NULL,
    cut       boolean NOT NULL,
    version   smallint NOT NULL,
    text      text NOT NULL,
    template  uuid NOT NULL,
    problem   uuid NOT NULL,
    kept      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (signature, cut)
);
CREATE INDEX signature_template ON signature (template);
CREATE INDEX signature_problem ON signature (problem);
COMMENT ON TABLE signature IS 'What the errors of logerreur say, each once: their masked texts, the templates that these make together, and the problems that they are by people''s word';
COMMENT ON COLUMN signature.signature IS 'Signature of the error: logerreur.signature';
COMMENT ON COLUMN signature.cut IS 'Whether the source cut the message: logerreur.message_truncated';
COMMENT ON COLUMN signature.version IS 'Version of the masks that made the text; an older one waits for `smartetl regroup`';
COMMENT ON COLUMN signature.text IS 'The message with its variable parts masked, behind its class, with its code';
COMMENT ON COLUMN signature.template IS 'The template that it has among all: template.template';
COMMENT ON COLUMN signature.problem IS 'The problem that it is: problem.problem';
COMMENT ON COLUMN signature.kept IS 'Rows of it were pruned: it stays, although no row may have it any more';

CREATE TABLE template (
    template uuid PRIMARY KEY,
    text     text NOT NULL
);
COMMENT ON TABLE template IS 'Signatures that mean the same by what their messages share; the same for the same set of messages, in whatever order they came';
COMMENT ON COLUMN template.template IS 'Hash of the words that stay';
COMMENT ON COLUMN template.text IS 'The smallest of its messages with <*> for what varies; ends in … if its messages are cut';

CREATE TABLE template_alias (
    alias    uuid PRIMARY KEY,
    template uuid NOT NULL
);
COMMENT ON TABLE template_alias IS 'Ids that templates had before others came, or with an earlier version of the masks';
COMMENT ON COLUMN template_alias.alias IS 'The id that is no more';
COMMENT ON COLUMN template_alias.template IS 'The template that took over most of its signatures';

CREATE TABLE override (
    override   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('merge', 'split', 'rename', 'correct')),
    problem    uuid NOT NULL,
    other      uuid,
    signatures uuid[],
    each       boolean NOT NULL DEFAULT false,
    title      text,
    category   text,
    blame      text,
    retryable  boolean,
    made_at    timestamptz NOT NULL DEFAULT now(),
    made_by    text NOT NULL,
    undone_at  timestamptz,
    undone_by  text,
    CHECK ((undone_at IS NULL) = (undone_by IS NULL)),
    CHECK ((kind = 'merge') = (other IS NOT NULL)),
    CHECK ((kind = 'rename') = (title IS NOT NULL)),
    CHECK ((kind = 'correct') = (category IS NOT NULL))
);
COMMENT ON TABLE override IS 'What people said of problems, in the order in which they said it; nothing is deleted, only undone';
COMMENT ON COLUMN override.override IS 'Its number: later ones win';
COMMENT ON COLUMN override.kind IS 'merge (both mean the same), split (they do not), rename, correct (the category is another one)';
COMMENT ON COLUMN override.problem IS 'The problem that it was said of; of a merge the one whose id stays';
COMMENT ON COLUMN override.other IS 'Of a merge: the other problem';
COMMENT ON COLUMN override.signatures IS 'Of a split: the signatures that became a problem of their own; of a correction: that of the error that was looked at';
COMMENT ON COLUMN override.each IS 'Of a split: each signature became a problem of its own; where it is false and there are no signatures, a merged problem was taken apart';
COMMENT ON COLUMN override.title IS 'Of a rename: the title';
COMMENT ON COLUMN override.category IS 'Of a correction: the category';
COMMENT ON COLUMN override.blame IS 'Of a correction: who must act';
COMMENT ON COLUMN override.retryable IS 'Of a correction: whether trying again can help';
COMMENT ON COLUMN override.made_at IS 'When it was said';
COMMENT ON COLUMN override.made_by IS 'Who said it';
COMMENT ON COLUMN override.undone_at IS 'When it was undone; NULL as long as it holds';
COMMENT ON COLUMN override.undone_by IS 'Who undid it';

CREATE TABLE problem (
    problem    uuid PRIMARY KEY,
    title      text NOT NULL,
    renamed    boolean NOT NULL,
    text       text NOT NULL,
    category   text,
    blame      text,
    retryable  boolean,
    signatures bigint NOT NULL
);
COMMENT ON TABLE problem IS 'Signatures that mean the same by people''s word: a template, unless somebody merged or split it';
COMMENT ON COLUMN problem.problem IS 'The template''s id; of a merged one that of the first, of what was split off its own';
COMMENT ON COLUMN problem.title IS 'What people call it; its text where nobody named it';
COMMENT ON COLUMN problem.renamed IS 'Whether somebody named it';
COMMENT ON COLUMN problem.text IS 'What its messages share';
COMMENT ON COLUMN problem.category IS 'The category that a person gave it; NULL where rows keep the one of their rule';
COMMENT ON COLUMN problem.blame IS 'With it: who must act';
COMMENT ON COLUMN problem.retryable IS 'With it: whether trying again can help';
COMMENT ON COLUMN problem.signatures IS 'How many different messages it has, cut ones counted apart';

CREATE VIEW error AS
SELECT logerreur.batch || '-' || logerreur.line || '-' || logerreur.seq AS error, logerreur.batch, logerreur.line, logerreur.seq,
       logerreur.moment, logerreur.system, logerreur.environment, logerreur.host, logerreur.project, logerreur.job, logerreur.context,
       logerreur.run_id, logerreur.parent_run_id, logerreur.root_run_id, logerreur.step, logerreur.attempt, logerreur.map_index,
       logerreur.severity, logerreur.error_type, logerreur.error_code, logerreur.code_scheme, logerreur.message,
       logerreur.message_truncated, logerreur.stack, logerreur.signature, signature.template, signature.problem, problem.title,
       coalesce(problem.category, logerreur.category) AS category, logerreur.rule, logerreur.confidence,
       CASE WHEN problem.category IS NULL THEN logerreur.blame ELSE problem.blame END AS blame,
       CASE WHEN problem.category IS NULL THEN logerreur.retryable ELSE problem.retryable END AS retryable,
       problem.category IS NOT NULL AS corrected
FROM logerreur
LEFT JOIN signature ON signature.signature = logerreur.signature AND signature.cut = logerreur.message_truncated
LEFT JOIN problem ON problem.problem = signature.problem;
COMMENT ON VIEW error IS 'The rows of logerreur with the problem that they are and what people say of it';
COMMENT ON COLUMN logerreur.rule IS 'What decided the category: the id of a rule, scheme:code, wrapped:rule where a parent repeats its child''s error, model where no rule spoke and the message is like known ones, or none';
DO $$
DECLARE
    named record;
BEGIN
    -- What both have means the same.
    FOR named IN
        SELECT attname, col_description(attrelid, attnum) AS meaning FROM pg_attribute
        WHERE attrelid = 'logerreur'::regclass AND attnum > 0 AND NOT attisdropped
        AND attname IN (SELECT view.attname FROM pg_attribute AS view WHERE view.attrelid = 'error'::regclass AND view.attnum > 0)
    LOOP
        EXECUTE format('COMMENT ON COLUMN error.%I IS %L', named.attname, named.meaning);
    END LOOP;
END $$;
COMMENT ON COLUMN error.error IS 'What people type to name the row: batch-line-seq';
COMMENT ON COLUMN error.template IS 'The template of its message: template.template; NULL until the rows are fused';
COMMENT ON COLUMN error.problem IS 'The problem that it is: problem.problem';
COMMENT ON COLUMN error.title IS 'What the problem is called';
COMMENT ON COLUMN error.category IS 'What kind of cause: a person''s word, else that of the rule';
COMMENT ON COLUMN error.blame IS 'Who must act: a person''s word, else that of the rule';
COMMENT ON COLUMN error.retryable IS 'Whether trying again can help: a person''s word, else that of the rule';
COMMENT ON COLUMN error.corrected IS 'Whether a person gave the category';

-- Dashboards count problems, not signatures.

CREATE OR REPLACE VIEW grafana_run AS
SELECT run.run_key, run.job_number, run.system, run.environment, run.host, coalesce(run.project, '') AS project, run.job,
       coalesce(named.family, run.job) AS family, coalesce(named.application, '(sans application)') AS application,
       run.job_version, run.is_root, run.root_job, run.attempt, run.business_day, run.started_at, run.ended_at, run.last_event_at,
       run.duration_ms, coalesce(run.self_duration_ms, run.duration_ms) AS self_duration_ms, run.status, run.outcome,
       coalesce(run.rows_out, run.rows_in) AS row_count, run.rows_rejected, run.errors, run.warnings, run.trigger,
       run.cause_run_key = run.run_key AS is_cause, run.cause_signature, run.cause_job, run.cause_step, run.category,
       grafana_category(run.category) AS category_label, run.blame, grafana_blame(run.blame) AS blame_label, run.retryable,
       coalesce(run.first_error_at, run.ended_at, run.last_event_at) AS failed_at, left(run.error_message, 500) AS error_message,
       run.cause_run_key = run.run_key AND (run.status IN ('failed', 'lost') OR EXISTS (
           SELECT FROM dataset AS above
           WHERE above.tree = run.tree AND above.cause_run_key = run.run_key AND above.status IN ('failed', 'lost')
       )) AS is_failure,
       coalesce((SELECT problem FROM signature WHERE signature.signature = run.cause_signature ORDER BY cut LIMIT 1), run.cause_signature) AS problem,
       (SELECT title FROM signature JOIN problem USING (problem) WHERE signature.signature = run.cause_signature AND renamed ORDER BY cut LIMIT 1) AS problem_title
FROM dataset AS run
LEFT JOIN grafana_job AS named
    ON named.environment = run.environment AND named.project = coalesce(run.project, '') AND named.job = run.job;
COMMENT ON COLUMN grafana_run.problem IS 'The problem that the cause is; its signature until it is grouped, NULL where no message was written';
COMMENT ON COLUMN grafana_run.problem_title IS 'What people call it; NULL where nobody named it';

CREATE OR REPLACE FUNCTION grafana_job_run(of_environment text, of_job text) RETURNS SETOF grafana_run LANGUAGE sql STABLE ROWS 500
BEGIN ATOMIC
    SELECT run.* FROM grafana_run AS run
    WHERE run.job_number = ANY ((SELECT grafana_job_numbers(of_environment, of_job))::bigint[]);
END;

CREATE OR REPLACE VIEW grafana_error AS
SELECT run.environment, run.business_day, run.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()) AS at, run.failed_at,
       run.project, run.job, run.family, run.application, run.cause_step, run.cause_signature, run.category, run.category_label,
       run.blame, run.blame_label, run.retryable, run.error_message,
       (SELECT min(business_day) FROM dataset AS earlier
        WHERE earlier.environment = run.environment AND earlier.cause_signature = ANY (ARRAY(
            SELECT run.cause_signature UNION SELECT signature.signature FROM signature WHERE signature.problem = run.problem))) AS first_day,
       run.problem, run.problem_title
FROM grafana_run AS run WHERE run.is_failure;
COMMENT ON COLUMN grafana_error.first_day IS 'The first business day of this problem in this environment';
COMMENT ON COLUMN grafana_error.problem IS 'The problem that the cause is; its signature until it is grouped, NULL where no message was written';
COMMENT ON COLUMN grafana_error.problem_title IS 'What people call it; NULL where nobody named it';

CREATE OR REPLACE VIEW grafana_job_day AS
SELECT day.environment, day.business_day, day.business_day::timestamp AT TIME ZONE (SELECT grafana_zone()) AS at,
       grafana_kind(day.day_type, day.business_day) AS kind, coalesce(day.project, '') AS project, day.job,
       coalesce(named.family, day.job) AS family, coalesce(named.application, '(sans application)') AS application,
       named.owner, named.criticality, coalesce(named.is_vital, false) AS is_vital, named.runbook_url,
       day.verdict, day.final_status, day.runs, day.attempts_failed, day.first_failure_at, day.recovered_at, day.recovered_by,
       (extract(epoch FROM day.recovered_at - day.first_failure_at) * 1000)::bigint AS recovery_ms,
       day.ready_at, day.deadline_at,
       (extract(epoch FROM day.deadline_at
           - coalesce(day.ready_at, CASE WHEN now() < day.deadline_at + interval '1 day' THEN now() END)) * 1000)::bigint AS margin_ms,
       CASE
           WHEN day.deadline_at IS NULL THEN NULL
           WHEN day.ready_at <= day.deadline_at THEN 'kept'
           WHEN day.ready_at IS NULL AND now() < day.deadline_at THEN 'open'
           ELSE 'missed'
       END AS due_state,
       day.cause_signature, day.cause_job, day.cause_step, day.category, grafana_category(day.category) AS category_label,
       day.blame, grafana_blame(day.blame) AS blame_label,
       (SELECT left(run.error_message, 500) FROM dataset AS run
        WHERE run.environment = day.environment AND run.business_day = day.business_day AND run.is_root AND run.job = day.job
          AND run.project IS NOT DISTINCT FROM day.project AND run.cause_signature = day.cause_signature
        ORDER BY run.started_at, run.run_key LIMIT 1) AS error_message,
       coalesce((SELECT problem FROM signature WHERE signature.signature = day.cause_signature ORDER BY cut LIMIT 1), day.cause_signature) AS problem,
       (SELECT title FROM signature JOIN problem USING (problem) WHERE signature.signature = day.cause_signature AND renamed ORDER BY cut LIMIT 1) AS problem_title
FROM job_day AS day
LEFT JOIN grafana_job AS named
    ON named.environment = day.environment AND named.project = coalesce(day.project, '') AND named.job = day.job;
COMMENT ON COLUMN grafana_job_day.problem IS 'The problem that the cause is; its signature until it is grouped, NULL where no message was written';
COMMENT ON COLUMN grafana_job_day.problem_title IS 'What people call it; NULL where nobody named it';

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

-- Whole trees retire when their rows are pruned: their runs stay as they are. Days are not closed any more.

CREATE TABLE retired (
    system      text NOT NULL,
    root_run_id text NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (system, root_run_id)
);
COMMENT ON TABLE retired IS 'Trees whose rows were removed by `smartetl prune`: their runs stay as they are, and rows that come late count nothing';
COMMENT ON COLUMN retired.system IS 'The tool that wrote the rows';
COMMENT ON COLUMN retired.root_run_id IS 'The root that the rows name, whatever the environment';
COMMENT ON COLUMN retired.until IS 'Rows up to here count nothing: the last moment of the runs; infinity where run ids never come back';

ALTER TABLE dataset ADD COLUMN is_retired boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN dataset.is_retired IS 'The rows were removed by `smartetl prune`: no fuse changes the run any more';
COMMENT ON COLUMN dataset.batches IS 'The batches that hold its rows, ascending: batch.batch; none when it has retired';
CREATE INDEX dataset_retired ON dataset (run_id) WHERE is_retired AND run_id <> root_run_id;

-- What was pruned before: all rows before a month are gone, runs of its first days and before were closed. Trees that began before the
-- month cannot be folded again, but those that still run with rows that are left.
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT system, root_run_id, max(last_event_at) AS until
FROM dataset
CROSS JOIN (
    SELECT closed_before, date_trunc('month', closed_before::timestamp) AT TIME ZONE 'UTC' AS kept_from
    FROM fuse_state WHERE closed_before IS NOT NULL
) AS closed
GROUP BY system, root_run_id
HAVING bool_or(business_day < closed_before AND started_at < kept_from)
    AND NOT bool_or(status = 'running' AND last_event_at >= kept_from);
INSERT INTO retired (system, root_run_id, until)
SELECT system, root_run_id,
       CASE WHEN system IN ('airflow', 'dbt', 'spark', 'openlineage', 'ssis', 'hop', 'adf') THEN 'infinity' ELSE until END
FROM gone;
UPDATE dataset SET is_retired = true, batches = '{}' FROM gone
WHERE dataset.system = gone.system AND dataset.root_run_id = gone.root_run_id;
DELETE FROM adrift WHERE EXISTS (SELECT FROM dataset WHERE dataset.tree = adrift.tree AND is_retired);
-- The next fuse folds what is left as a whole.
UPDATE fuse_state SET configuration_hash = configuration_hash # 1 WHERE closed_before IS NOT NULL;

DROP FUNCTION first_open_day();
ALTER TABLE fuse_state DROP COLUMN closed_before;

-- What retires is known by its jobs and by what its rows said of their environment: one id may be that of runs of many jobs, and of several
-- environments.

CREATE TEMP TABLE retired_before ON COMMIT DROP AS SELECT system, root_run_id FROM retired;
DELETE FROM retired;
ALTER TABLE retired DROP CONSTRAINT retired_pkey;
ALTER TABLE retired ADD COLUMN job text NOT NULL, ADD COLUMN said text, ADD COLUMN since timestamptz NOT NULL;
-- Ids, names and words may be longer than an index takes. Names of jobs may be cut at 50 characters; one root may be that of hundreds of them.
CREATE UNIQUE INDEX retired_key ON retired (hashtextextended(root_run_id, 0), hashtextextended(left(job, 50), 0), hashtextextended(root_run_id, 1),
    hashtextextended(job, 0), hashtextextended(job, 1), hashtextextended(said, 0), hashtextextended(said, 1), system, since) NULLS NOT DISTINCT;
COMMENT ON TABLE retired IS 'When rows stood that were removed by `smartetl prune`, by tree and job: their runs stay as they are, and rows that come late count nothing';
COMMENT ON COLUMN retired.root_run_id IS 'The root that the rows named';
COMMENT ON COLUMN retired.job IS 'The job that they named';
COMMENT ON COLUMN retired.said IS 'What they said of their environment, or else their context; empty where nothing; NULL where that is not known any more: all count as the same';
COMMENT ON COLUMN retired.since IS 'Rows from here on count nothing: 24 hours before the first row; -infinity where run ids never come back';
COMMENT ON COLUMN retired.until IS 'Rows up to here count nothing: 24 hours behind the last row; infinity where run ids never come back';

-- Rows of one execution may name their environment by several words.
CREATE TABLE environment_word (
    word        text NOT NULL,
    environment text NOT NULL,
    CONSTRAINT environment_word_is_there_once EXCLUDE USING hash (word WITH =)
);
COMMENT ON TABLE environment_word IS 'Which environment a word names, of the words that rows said which retired or came since';
COMMENT ON COLUMN environment_word.word IS 'What rows said of their environment, or else their context';
COMMENT ON COLUMN environment_word.environment IS 'By the vocabulary of the last fuse; UNMAPPED where it names none';
ALTER TABLE batch ADD COLUMN left_out bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN batch.left_out IS 'Rows that counted nothing when the batch was fused: they came after their trees had retired';

-- Where trees retired in the step before, those stayed of which a run was still going on, with runs of the same id whose rows are gone:
-- no fuse may look for these rows. Nothing is missing where nothing was pruned.
CREATE TEMP TABLE candidate ON COMMIT DROP AS
SELECT run_key, system, root_run_id, run_id, started_at - interval '1 hour' AS first, last_event_at + interval '1 hour' AS last
FROM dataset
WHERE NOT is_retired AND (EXISTS (SELECT FROM retired_before) OR EXISTS (SELECT FROM pruned))
    AND (system, root_run_id) IN (SELECT system, root_run_id FROM dataset WHERE NOT is_retired AND status = 'running');
ANALYZE candidate;
CREATE TEMP TABLE rowless ON COMMIT DROP AS
SELECT run_key FROM candidate
WHERE NOT EXISTS (SELECT FROM log WHERE log.system = candidate.system AND log.root_run_id = candidate.root_run_id
        AND log.run_id = candidate.run_id AND log.moment BETWEEN first AND last)
    AND NOT EXISTS (SELECT FROM logerreur WHERE logerreur.system = candidate.system AND logerreur.root_run_id = candidate.root_run_id
        AND logerreur.run_id = candidate.run_id AND logerreur.moment BETWEEN first AND last);
UPDATE dataset SET is_retired = true, batches = '{}' FROM rowless WHERE dataset.run_key = rowless.run_key;

-- The step before let all runs of an id retire, those of today too, which have all their rows. Nobody can tell these from runs of which
-- a part of the rows is gone, unless it is known which rows were pruned: trees that began behind that are folded again.
CREATE TEMP TABLE released ON COMMIT DROP AS
SELECT tree.root_run_key FROM (
    SELECT root_run_key, system, root_run_id, min(started_at) AS first FROM dataset WHERE is_retired GROUP BY 1, 2, 3
) AS tree
WHERE first >= (SELECT max((detail->>'rows_from')::date) FROM upkeep WHERE kind = 'prune' AND ok)::timestamp AT TIME ZONE 'UTC'
    AND NOT EXISTS (SELECT FROM upkeep WHERE kind = 'prune' AND ok AND (detail->>'runs')::bigint > 0)
    -- Where ids never come back, late rows of a job count nothing for ever.
    AND NOT (system IN ('airflow', 'dbt', 'spark', 'openlineage', 'ssis', 'hop', 'adf') AND EXISTS (
        SELECT FROM dataset AS old WHERE old.is_retired AND old.system = tree.system AND old.root_run_id = tree.root_run_id
            AND old.root_run_key <> tree.root_run_key));
UPDATE dataset SET is_retired = false FROM released
WHERE dataset.root_run_key = released.root_run_key AND is_retired;

-- What their rows said is gone. Runs that are folded keep what they have.
WITH run AS (
    SELECT run_key, system, root_run_id, job, started_at, last_event_at,
        system IN ('airflow', 'dbt', 'spark', 'openlineage', 'ssis', 'hop', 'adf') AS lasts
    FROM dataset WHERE is_retired
), next AS (
    SELECT run.run_key, min(kept.started_at) - interval '1 hour' AS until
    FROM run JOIN dataset AS kept USING (system, root_run_id)
    WHERE NOT kept.is_retired AND kept.started_at > run.started_at GROUP BY run.run_key
)
INSERT INTO retired (system, root_run_id, job, said, since, until)
SELECT system, root_run_id, job, NULL, CASE WHEN lasts THEN '-infinity' ELSE started_at - interval '24 hours' END,
    max(CASE WHEN lasts THEN 'infinity' ELSE least(last_event_at + interval '24 hours', next.until) END)
FROM run LEFT JOIN next USING (run_key)
GROUP BY 1, 2, 3, 5;

DELETE FROM adrift WHERE EXISTS (SELECT FROM dataset WHERE dataset.tree = adrift.tree AND is_retired)
    AND NOT EXISTS (SELECT FROM dataset WHERE dataset.tree = adrift.tree AND NOT is_retired);
-- Rows that counted nothing may count now.
UPDATE fuse_state SET configuration_hash = configuration_hash # 2 WHERE EXISTS (SELECT FROM retired_before) OR EXISTS (SELECT FROM retired);

-- Templates are made anew where other rules made them; who takes rows back looks for others with their signatures; what people
-- did with an issue follows most of its jobs.

ALTER TABLE fuse_state ADD COLUMN template_version smallint;
COMMENT ON COLUMN fuse_state.template_version IS 'Version of the rules that made the templates: where it is another one, the next fuse makes all of them anew; NULL where that was not noted';

CREATE INDEX logerreur_signature ON logerreur (signature, batch);

COMMENT ON COLUMN template.text IS 'The smallest of its messages with <*> for what varies; … stands where its messages are cut, and in long ones for what is not shown';

ALTER TABLE issue_act ADD COLUMN jobs jsonb;
COMMENT ON COLUMN issue_act.jobs IS 'The jobs that the issue was of then, at most 200, each as system, project and name; NULL where that was not noted';
COMMENT ON COLUMN issue_act.family IS 'The family that the issue was of then; that counts to which most of its jobs belong now';

-- Who may use the service, and what people changed there. Secrets stand as hashes only, and not even these are for those who may read
-- the tables: without a policy, row security shows rows to nobody but the owner.

CREATE TABLE account (
    account    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    role       text NOT NULL,
    password   text NOT NULL,
    made_at    timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_name ON account (lower(name));
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE account IS 'Who may log in to the service; only the owner of the tables sees rows of it';
COMMENT ON COLUMN account.account IS 'Its number';
COMMENT ON COLUMN account.name IS 'What the person is called, and what they log in with';
COMMENT ON COLUMN account.role IS 'viewer, operator, admin: each may do what those before it may';
COMMENT ON COLUMN account.password IS 'The password as argon2id made it';
COMMENT ON COLUMN account.made_at IS 'When it was added';
COMMENT ON COLUMN account.changed_at IS 'When its role or password was set last';

CREATE TABLE session (
    hash       bytea PRIMARY KEY,
    account    bigint NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_account ON session (account);
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE session IS 'Browsers that are logged in; only the owner of the tables sees rows of it';
COMMENT ON COLUMN session.hash IS 'SHA-256 of what the cookie says';
COMMENT ON COLUMN session.account IS 'Whose it is';
COMMENT ON COLUMN session.made_at IS 'When they logged in';
COMMENT ON COLUMN session.expires_at IS 'From then on it counts nothing';

CREATE TABLE api_token (
    token      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    hash       bytea NOT NULL UNIQUE,
    scopes     text[] NOT NULL,
    made_at    timestamptz NOT NULL,
    made_by    text NOT NULL,
    expires_at timestamptz
);
CREATE UNIQUE INDEX api_token_name ON api_token (lower(name));
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE api_token IS 'Programs that may use the service; only the owner of the tables sees rows of it';
COMMENT ON COLUMN api_token.token IS 'Its number';
COMMENT ON COLUMN api_token.name IS 'What it is for';
COMMENT ON COLUMN api_token.hash IS 'SHA-256 of the token, which is shown once and kept nowhere';
COMMENT ON COLUMN api_token.scopes IS 'What it may: read, act, admin, post';
COMMENT ON COLUMN api_token.made_at IS 'When it was made';
COMMENT ON COLUMN api_token.made_by IS 'Who made it';
COMMENT ON COLUMN api_token.expires_at IS 'From then on it counts nothing; NULL where it never expires';

CREATE TABLE audit (
    audit  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL,
    who    text NOT NULL,
    way    text NOT NULL,
    kind   text NOT NULL,
    target text,
    detail text
);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE audit IS 'Who changed what, besides issue_act and override, which say it themselves; never removed. Only the owner of the tables sees rows of it';
COMMENT ON COLUMN audit.audit IS 'Its number';
COMMENT ON COLUMN audit.at IS 'When';
COMMENT ON COLUMN audit.who IS 'Who: an account, a token, or the user of the machine';
COMMENT ON COLUMN audit.way IS 'How they came: local, session, token, command';
COMMENT ON COLUMN audit.kind IS 'What they did: login, login_failed, user_add, user_role, user_password, user_remove, token_create, token_revoke, job_edit';
COMMENT ON COLUMN audit.target IS 'What they did it with: the name of an account, of a token, of a job';
COMMENT ON COLUMN audit.detail IS 'What it is from now on; never a secret';

-- What is needed to find things: texts without accents and case, words with their French and English stems, beginnings of the ids of runs.
-- With the extension pg_trgm, parts of words are found by an index, and words that are only alike at all; without it everything
-- else is found just so, more slowly.

CREATE OR REPLACE FUNCTION search_plain(of_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(replace(replace(replace(replace(translate(of_text,
    'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝŸýÿ',
    'aaaaaaaaaaaacceeeeeeeeiiiiiiiinnoooooooooouuuuuuuuyyyy'),
    'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'));
COMMENT ON FUNCTION search_plain(text) IS 'A text in small letters, without accents';

CREATE OR REPLACE FUNCTION search_words(of_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT to_tsvector('pg_catalog.french'::regconfig, words) || to_tsvector('pg_catalog.english'::regconfig, words)
        || to_tsvector('pg_catalog.simple'::regconfig, words)
    -- What stands between words is cut away first: of a name like J_Load.customers each part is a word.
    FROM (SELECT regexp_replace(search_plain(left(of_text, 10000)), '[[:space:]!-/:-@\[-`{-~]+', ' ', 'g') AS words) AS plain
);
COMMENT ON FUNCTION search_words(text) IS 'The words of a text, as they stand and by their French and English stems';

CREATE OR REPLACE FUNCTION search_query(of_text text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_tsquery('pg_catalog.french'::regconfig, of_text) || to_tsquery('pg_catalog.english'::regconfig, of_text)
    || to_tsquery('pg_catalog.simple'::regconfig, of_text);
COMMENT ON FUNCTION search_query(text) IS 'A question to search_words, in the form of to_tsquery';

CREATE INDEX IF NOT EXISTS job_words ON job USING gin (search_words(job || ' ' || coalesce(project, '') || ' ' || family || ' '
    || coalesce(owner, '') || ' ' || coalesce(domain, '') || ' ' || coalesce(source_app, '')));
CREATE INDEX IF NOT EXISTS problem_words ON problem USING gin (search_words(title || ' ' || text));
CREATE INDEX IF NOT EXISTS issue_act_words ON issue_act USING gin (search_words(text)) WHERE kind = 'note';

-- Ids may be longer than an index takes.
CREATE INDEX IF NOT EXISTS dataset_run_id ON dataset (left(run_id, 64) text_pattern_ops, started_at);

DO $$
DECLARE
    home text;
BEGIN
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION
        -- It is not installed on the server, or may not be made here.
        WHEN OTHERS THEN NULL;
    END;
    SELECT quote_ident(nspname) INTO home FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
    IF home IS NULL THEN
        CREATE OR REPLACE FUNCTION search_likeness(of_word text, of_text text) RETURNS real LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN 0::real;
    ELSE
        EXECUTE format('CREATE OR REPLACE FUNCTION search_likeness(of_word text, of_text text) RETURNS real LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
            'RETURN %s.word_similarity(of_word, of_text)', home);
        EXECUTE format('CREATE INDEX IF NOT EXISTS job_parts ON job USING gin (search_plain(job) %s.gin_trgm_ops)', home);
        EXECUTE format('CREATE INDEX IF NOT EXISTS source_parts ON source USING gin (lower(path COLLATE "C") %s.gin_trgm_ops)', home);
    END IF;
END
$$;
COMMENT ON FUNCTION search_likeness(text, text) IS 'How much of a text is like a word, from 0 to 1; 0 where the server lacks pg_trgm';

-- Long work that people ask for through the service: it goes on when they close the page, and is gone on with when the service begins anew.

CREATE TABLE task (
    task        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    target      text NOT NULL,
    asked       jsonb NOT NULL,
    place       text NOT NULL,
    state       text NOT NULL,
    who         text NOT NULL,
    made_at     timestamptz NOT NULL,
    begun_at    timestamptz,
    ended_at    timestamptz,
    tries       integer NOT NULL,
    total_bytes bigint,
    bytes       bigint NOT NULL,
    records     bigint NOT NULL,
    told        jsonb
);
CREATE INDEX task_open ON task (task) WHERE ended_at IS NULL;
COMMENT ON TABLE task IS 'Long work that people ask for through the service, one at a time';
COMMENT ON COLUMN task.task IS 'Its number';
COMMENT ON COLUMN task.kind IS 'unload: rows of a source are taken back; reload: they are, and it is read again; load: what is new of it is read';
COMMENT ON COLUMN task.target IS 'The path of the source';
COMMENT ON COLUMN task.asked IS 'How it is to be done';
COMMENT ON COLUMN task.place IS 'The folder of whoever does it: a service with this folder goes on with it';
COMMENT ON COLUMN task.state IS 'waiting, running, done, failed';
COMMENT ON COLUMN task.who IS 'Who asked for it: an account, a token, or the user of the machine';
COMMENT ON COLUMN task.made_at IS 'When it was asked for';
COMMENT ON COLUMN task.begun_at IS 'When it was begun last; NULL while it waits';
COMMENT ON COLUMN task.ended_at IS 'When it was done or failed; NULL before';
COMMENT ON COLUMN task.tries IS 'How often it was begun: more than once where the service ended in the middle';
COMMENT ON COLUMN task.total_bytes IS 'The size of the file; NULL where none is read';
COMMENT ON COLUMN task.bytes IS 'So much of its content is read, unpacked';
COMMENT ON COLUMN task.records IS 'So many records are stored';
COMMENT ON COLUMN task.told IS 'What came of it, with texts in both languages; NULL before';

CREATE TABLE upload (
    upload     text PRIMARY KEY,
    name       text NOT NULL,
    path       text NOT NULL UNIQUE,
    place      text NOT NULL,
    size_bytes bigint NOT NULL,
    who        text NOT NULL,
    made_at    timestamptz NOT NULL
);
COMMENT ON TABLE upload IS 'Files that people sent through the service; what nobody loads goes after a day';
COMMENT ON COLUMN upload.upload IS 'Its id, by chance';
COMMENT ON COLUMN upload.name IS 'What it was called where it came from';
COMMENT ON COLUMN upload.path IS 'Where it is kept, and so the path of its source';
COMMENT ON COLUMN upload.place IS 'The folder of whoever keeps it';
COMMENT ON COLUMN upload.size_bytes IS 'Its size as it was sent';
COMMENT ON COLUMN upload.who IS 'Who sent it: an account, a token, or the user of the machine';
COMMENT ON COLUMN upload.made_at IS 'When';

COMMENT ON COLUMN audit.kind IS 'What they did: login, login_failed, user_add, user_role, user_password, user_remove, token_create, token_revoke, job_edit, source_unload, source_reload, upload_add, upload_load, upload_remove';
COMMENT ON COLUMN audit.target IS 'What they did it with: the name of an account, of a token, of a job, the path of a source, the name of a file';

-- Errors that never ended a run have a category, too.

COMMENT ON COLUMN issue.category IS 'As the last run says whose cause it was; where it never was a cause, what its masked message says';

-- Root runs of a job, and the good ones among them, newest first: jobs that others start have thousands of runs and none of these.
-- A job number always stands; saying so keeps the planner from reading a whole index for questions that name no job.
CREATE INDEX dataset_root ON dataset (job_number, started_at) WHERE is_root AND job_number IS NOT NULL;
CREATE INDEX dataset_good ON dataset (job_number, started_at)
    WHERE is_root AND status = 'success' AND tree_status = 'success' AND duration_ms IS NOT NULL AND job_number IS NOT NULL;

-- What the habits of a job are told from stands in the index: the list of jobs reads some hundred runs of each and nothing else of them.
DROP INDEX IF EXISTS dataset_job;
CREATE INDEX dataset_job ON dataset (job_number, started_at)
    INCLUDE (business_day, trigger, status, evidence, duration_ms, rows_out, rows_in);

-- Somebody is told when smartETL itself is gone, when a file cannot be read at all, and when a vital job fails again after it was good.

CREATE TABLE process (
    process       uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('server', 'reader', 'producer')),
    host          text NOT NULL,
    pid           integer NOT NULL,
    version       text NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    unreadable    jsonb NOT NULL DEFAULT '[]',
    ended_at      timestamptz
);
CREATE INDEX process_kind ON process (kind, seen_at);
COMMENT ON TABLE process IS 'Processes that should go on for ever, consumers apart, which have a table of their own; lines go after 30 days, but the newest of a kind stays';
COMMENT ON COLUMN process.process IS 'A name drawn at the start of the process';
COMMENT ON COLUMN process.kind IS 'server: up and serve; reader: follow; producer: produce';
COMMENT ON COLUMN process.host IS 'The machine that it runs on';
COMMENT ON COLUMN process.pid IS 'Number of the process on its machine';
COMMENT ON COLUMN process.version IS 'Version of smartETL';
COMMENT ON COLUMN process.started_at IS 'When it started';
COMMENT ON COLUMN process.seen_at IS 'When it last wrote this line, every minute while its work gets on: one that is silent for longer hangs or is gone';
COMMENT ON COLUMN process.unreadable IS 'What it cannot read at the moment, or not to its end: objects with path and reason, a hundred at most';
COMMENT ON COLUMN process.ended_at IS 'When it ended as it should; NULL while it runs, and where it was killed';

CREATE VIEW grafana_process AS
SELECT kind, bool_or(ended_at IS NULL AND seen_at > now() - interval '5 minutes') AS is_alive,
       (array_agg(ended_at IS NOT NULL ORDER BY seen_at DESC))[1] AS has_ended,
       extract(epoch FROM now() - max(seen_at))::bigint AS unseen_s
FROM process GROUP BY kind;
COMMENT ON VIEW grafana_process IS 'Kinds of processes that should go on for ever, and whether one of each does';
COMMENT ON COLUMN grafana_process.kind IS 'server: up and serve; reader: follow; producer: produce';
COMMENT ON COLUMN grafana_process.is_alive IS 'One of them has not ended and wrote its line in the last five minutes';
COMMENT ON COLUMN grafana_process.has_ended IS 'The last one that was seen ended as it should: somebody stopped it';
COMMENT ON COLUMN grafana_process.unseen_s IS 'How long ago one of them last wrote its line, in seconds';

CREATE VIEW grafana_unreadable AS
SELECT kind, host, path, reason, seen_at
FROM process CROSS JOIN LATERAL jsonb_to_recordset(unreadable) AS finding (path text, reason text)
WHERE ended_at IS NULL AND seen_at > now() - interval '5 minutes';
COMMENT ON VIEW grafana_unreadable IS 'Files and folders that cannot be read at all, or not to their end, as processes that run say it';
COMMENT ON COLUMN grafana_unreadable.kind IS 'server, reader or producer: who reads it';
COMMENT ON COLUMN grafana_unreadable.host IS 'The machine where that process runs';
COMMENT ON COLUMN grafana_unreadable.path IS 'The file, folder or glob';
COMMENT ON COLUMN grafana_unreadable.reason IS 'Why it cannot be read, in the language of that process';
COMMENT ON COLUMN grafana_unreadable.seen_at IS 'When it was last said';

CREATE VIEW grafana_own_job AS
SELECT job, status, failed_s FROM (
    SELECT DISTINCT ON (job) job, status, extract(epoch FROM now() - coalesce(ended_at, last_event_at))::bigint AS failed_s
    FROM dataset
    WHERE environment = 'SMARTETL' AND is_root AND business_day >= (now() AT TIME ZONE (SELECT grafana_zone()))::date - 7
      AND status <> 'running'
    ORDER BY job, started_at DESC
) AS newest
WHERE status IN ('failed', 'lost');
COMMENT ON VIEW grafana_own_job IS 'DAGs of smartETL whose newest run of the last week that is over failed or gave no end';
COMMENT ON COLUMN grafana_own_job.job IS 'The DAG';
COMMENT ON COLUMN grafana_own_job.status IS 'failed or lost';
COMMENT ON COLUMN grafana_own_job.failed_s IS 'How long ago it failed, or was last heard of, in seconds';

CREATE OR REPLACE VIEW grafana_vital_failed AS
WITH today AS MATERIALIZED (SELECT grafana_local_day(now()) AS today),
recent AS MATERIALIZED (
    SELECT DISTINCT ON (environment, project, job) environment, project, job, category, blame, business_day, verdict
    FROM job_day
    WHERE environment IN (SELECT environment FROM horizon) AND business_day >= (SELECT today FROM today) - 7
    ORDER BY environment, project, job, business_day DESC
),
-- Where nobody said which jobs are vital.
longest AS MATERIALIZED (
    SELECT environment, project, job FROM (
        SELECT environment, project, job,
               row_number() OVER (PARTITION BY environment ORDER BY max(duration_ms) DESC NULLS LAST, job, project) AS place
        FROM dataset
        WHERE environment IN (SELECT environment FROM horizon EXCEPT SELECT environment FROM grafana_job WHERE is_vital)
          AND business_day >= (SELECT today FROM today) - 7 AND is_root
        GROUP BY environment, project, job
    ) AS ranked
    WHERE place <= 15
)
SELECT day.environment, coalesce(day.project, '') AS project, day.job, grafana_category(day.category) AS category_label,
       grafana_blame(day.blame) AS blame_label, day.business_day, open.failed_at AS first_failure_at,
       greatest(extract(epoch FROM now() - open.failed_at) / 60, 1)::bigint AS open_minutes
FROM recent AS day JOIN grafana_job AS named
    ON named.environment = day.environment AND named.project = coalesce(day.project, '') AND named.job = day.job
CROSS JOIN LATERAL (
    SELECT max(started_at) AS started_at FROM dataset AS run
    WHERE run.environment = day.environment AND run.business_day BETWEEN day.business_day AND day.business_day + 8
      AND run.job = day.job AND run.is_root AND run.project IS NOT DISTINCT FROM day.project AND run.status IN ('running', 'success')
) AS good
-- Failures of the day that no later run has made good.
CROSS JOIN LATERAL (
    SELECT min(coalesce(run.ended_at, run.last_event_at)) AS failed_at FROM dataset AS run
    WHERE run.environment = day.environment AND run.business_day = day.business_day AND run.job = day.job AND run.is_root
      AND run.project IS NOT DISTINCT FROM day.project AND run.status IN ('failed', 'lost')
      AND (good.started_at IS NULL OR coalesce(run.ended_at, run.last_event_at) >= good.started_at)
) AS open
WHERE day.verdict IN ('failed', 'lost') AND open.failed_at IS NOT NULL
  AND (named.is_vital OR EXISTS (
      SELECT FROM longest
      WHERE longest.environment = day.environment AND longest.project IS NOT DISTINCT FROM day.project AND longest.job = day.job
  ));
COMMENT ON COLUMN grafana_vital_failed.first_failure_at IS 'When the first of them failed, or was last heard of, that no later run has made good';
