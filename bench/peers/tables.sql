-- What the peers write: the columns of the logs with typed times, the category of each error, one row per run.
CREATE TABLE log (
  moment timestamptz, run_id text, parent_run_id text, root_run_id text, system_pid bigint, project text, job text,
  job_id text, job_version text, environment text, step text, event text, status text, duration_reported_ms bigint);
CREATE TABLE logerreur (
  moment timestamptz, run_id text, root_run_id text, parent_run_id text, project text, job text, environment text,
  priority integer, error_type text, step text, message text, error_code integer, category text);
CREATE TABLE dataset (
  environment text, project text, job text, run_id text, started_at timestamptz, ended_at timestamptz,
  duration_ms bigint, duration_reported_ms bigint, status text, category text, error_rows bigint);
