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
