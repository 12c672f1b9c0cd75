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
