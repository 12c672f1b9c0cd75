//! The catalogue of jobs, as far as it is filled by what is seen. It follows from `dataset` and must never depend on the
//! order in which rows came; what people wrote into it is left alone.

use smartetl_core::fuse::{JobKey, job_hash};
use smartetl_core::model::Moment;
use sqlx::PgConnection;

use crate::StoreError;

/// A job as a fuse saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenJob {
    pub key: JobKey,
    /// That of the latest run that has one.
    pub job_id: Option<String>,
    pub family: String,
    pub first_seen: Moment,
    pub last_seen: Moment,
}

/// Fills the catalogue with what was seen. These must be all runs of the jobs in `dataset`, or the jobs are to be looked at
/// with [`look_again`] too.
pub async fn see_jobs(connection: &mut PgConnection, jobs: &[SeenJob]) -> Result<(), StoreError> {
    let column = |pick: fn(&SeenJob) -> String| jobs.iter().map(pick).collect::<Vec<_>>();
    sqlx::query(SEE_JOBS)
        .bind(column(|job| job.key.environment.clone()))
        .bind(column(|job| job.key.system.clone()))
        .bind(column(|job| job.key.project.clone()))
        .bind(column(|job| job.key.job.clone()))
        .bind(
            jobs.iter()
                .map(|job| job.job_id.clone())
                .collect::<Vec<_>>(),
        )
        .bind(column(|job| job.family.clone()))
        .bind(jobs.iter().map(|job| job.first_seen.0).collect::<Vec<_>>())
        .bind(jobs.iter().map(|job| job.last_seen.0).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const SEE_JOBS: &str = "INSERT INTO job (environment, system, project, job, job_id, family, first_seen, last_seen) \
     SELECT environment, system, nullif(project, ''), job, job_id, family, to_timestamp(first_us::numeric / 1000000), \
     to_timestamp(last_us::numeric / 1000000) \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[]) \
     AS seen (environment, system, project, job, job_id, family, first_us, last_us) \
     ON CONFLICT (environment, system, project, job) DO UPDATE SET \
     job_id = coalesce(EXCLUDED.job_id, job.job_id), first_seen = least(job.first_seen, EXCLUDED.first_seen), \
     last_seen = greatest(job.last_seen, EXCLUDED.last_seen)";

/// Says of these jobs what `dataset` says now. A job that only looked like one until more of its rows came, and about which
/// nobody wrote anything, goes.
pub async fn look_again(connection: &mut PgConnection, jobs: &[JobKey]) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let column = |pick: fn(&JobKey) -> String| jobs.iter().map(pick).collect::<Vec<_>>();
    let numbers: Vec<i64> = jobs
        .iter()
        .map(|key| job_hash(&key.system, &key.environment, &key.project, &key.job) as i64)
        .collect();
    for statement in [FORGET_JOBS, LOOK_AGAIN] {
        sqlx::query(statement)
            .bind(column(|key| key.environment.clone()))
            .bind(column(|key| key.system.clone()))
            .bind(column(|key| key.project.clone()))
            .bind(column(|key| key.job.clone()))
            .bind(numbers.clone())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

// What was taken for the same job under an earlier name goes with it; of a row that goes as well, a statement can only do one
// of both.
pub(crate) const FORGET_JOBS: &str = "WITH gone AS (DELETE FROM job \
     USING unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) \
     AS touched (environment, system, project, job, number) \
     WHERE job.environment = touched.environment AND job.system = touched.system \
     AND job.project IS NOT DISTINCT FROM nullif(touched.project, '') AND job.job = touched.job \
     AND num_nonnulls(source_app, domain, owner, criticality, deadline, calendar, runbook_url, retired_at) = 0 \
     AND NOT EXISTS (SELECT FROM dataset WHERE dataset.job_number = touched.number AND dataset.environment = touched.environment \
     AND dataset.system = touched.system AND dataset.project IS NOT DISTINCT FROM nullif(touched.project, '')) \
     RETURNING job.environment, job.system, job.project, job.job, job.job_id) \
     UPDATE job SET renamed_from = NULL FROM gone WHERE job.environment = gone.environment AND job.system = gone.system \
     AND job.project IS NOT DISTINCT FROM gone.project AND job.job_id = gone.job_id AND job.renamed_from = gone.job \
     AND NOT EXISTS (SELECT FROM gone AS also WHERE also.environment = job.environment AND also.system = job.system \
     AND also.project IS NOT DISTINCT FROM job.project AND also.job = job.job)";

// Each of the three goes along the index of a job's runs from one end and stops at the first that fits. Without any job id
// in the catalogue there is none in `dataset`, and none is looked for.
pub(crate) const LOOK_AGAIN: &str = "UPDATE job SET first_seen = first_run.started_at, last_seen = last_run.started_at, \
     job_id = last_id.job_id \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) \
     AS touched (environment, system, project, job, number) \
     CROSS JOIN LATERAL (SELECT started_at FROM dataset WHERE dataset.job_number = touched.number \
     AND dataset.environment = touched.environment AND dataset.system = touched.system \
     AND dataset.project IS NOT DISTINCT FROM nullif(touched.project, '') ORDER BY started_at LIMIT 1) AS first_run \
     CROSS JOIN LATERAL (SELECT started_at FROM dataset WHERE dataset.job_number = touched.number \
     AND dataset.environment = touched.environment AND dataset.system = touched.system \
     AND dataset.project IS NOT DISTINCT FROM nullif(touched.project, '') ORDER BY started_at DESC LIMIT 1) AS last_run \
     JOIN job AS known ON known.environment = touched.environment AND known.system = touched.system \
     AND known.project IS NOT DISTINCT FROM nullif(touched.project, '') AND known.job = touched.job \
     LEFT JOIN LATERAL (SELECT job_id FROM dataset WHERE known.job_id IS NOT NULL AND dataset.job_number = touched.number \
     AND dataset.environment = touched.environment AND dataset.system = touched.system \
     AND dataset.project IS NOT DISTINCT FROM nullif(touched.project, '') AND dataset.job_id IS NOT NULL \
     ORDER BY started_at DESC, run_key DESC LIMIT 1) AS last_id ON true \
     WHERE job.environment = touched.environment AND job.system = touched.system \
     AND job.project IS NOT DISTINCT FROM nullif(touched.project, '') AND job.job = touched.job \
     AND (job.first_seen, job.last_seen, job.job_id) \
     IS DISTINCT FROM (first_run.started_at, last_run.started_at, last_id.job_id)";

/// A job id that stood under another name before continues that name's history.
pub async fn find_renamed(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query(NOT_RENAMED).execute(&mut *connection).await?;
    sqlx::query(FIND_RENAMED).execute(connection).await?;
    Ok(())
}

// Only what was found by the job id is taken back, never what a person wrote.
pub(crate) const NOT_RENAMED: &str = "UPDATE job SET renamed_from = NULL FROM job AS before \
     WHERE before.environment = job.environment AND before.system = job.system \
     AND before.project IS NOT DISTINCT FROM job.project AND before.job_id = job.job_id \
     AND before.job = job.renamed_from AND before.last_seen >= job.first_seen";

pub(crate) const FIND_RENAMED: &str = "UPDATE job SET renamed_from = before.job FROM job AS before \
     WHERE before.environment = job.environment AND before.system = job.system \
     AND before.project IS NOT DISTINCT FROM job.project AND before.job_id = job.job_id AND before.job <> job.job \
     AND before.last_seen < job.first_seen AND job.renamed_from IS DISTINCT FROM before.job \
     AND NOT EXISTS (SELECT FROM job AS between_them WHERE between_them.environment = job.environment \
     AND between_them.system = job.system AND between_them.project IS NOT DISTINCT FROM job.project \
     AND between_them.job_id = job.job_id AND between_them.first_seen > before.first_seen \
     AND between_them.first_seen < job.first_seen)";
