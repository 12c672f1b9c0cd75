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
