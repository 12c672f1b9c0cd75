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
