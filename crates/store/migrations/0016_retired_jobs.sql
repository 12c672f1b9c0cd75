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
