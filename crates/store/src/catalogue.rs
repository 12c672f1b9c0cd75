//! The catalogue of jobs, as far as it is filled by what is seen. It follows from `dataset` and must never depend on the
//! order in which rows came; what people wrote into it is left alone. At its end: how people read and write it.

use jiff::civil::Time;
use smartetl_core::fuse::{JobKey, job_hash};
use smartetl_core::model::{Moment, job_family};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};

use crate::StoreError;
use crate::export::like;
use crate::looking::NamedJob;

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
    let touched = |statement| {
        sqlx::query(statement)
            .bind(column(|key| key.environment.clone()))
            .bind(column(|key| key.system.clone()))
            .bind(column(|key| key.project.clone()))
            .bind(column(|key| key.job.clone()))
            .bind(numbers.clone())
    };
    touched(FORGET_JOBS)
        .bind(column(|key| job_family(&key.job)))
        .execute(&mut *connection)
        .await?;
    touched(LOOK_AGAIN).execute(&mut *connection).await?;
    Ok(())
}

// What was taken for the same job under an earlier name goes with it; of a row that goes as well, a statement can only do one
// of both. A family that does not follow from the name was written by a person.
pub(crate) const FORGET_JOBS: &str = "WITH gone AS (DELETE FROM job \
     USING unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) \
     AS touched (environment, system, project, job, number, family) \
     WHERE job.environment = touched.environment AND job.system = touched.system \
     AND job.project IS NOT DISTINCT FROM nullif(touched.project, '') AND job.job = touched.job \
     AND num_nonnulls(source_app, domain, owner, criticality, deadline, calendar, runbook_url, retired_at) = 0 \
     AND job.family = touched.family \
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

/// What people say of a job. Texts are never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub family: String,
    pub source_app: Option<String>,
    pub domain: Option<String>,
    pub owner: Option<String>,
    /// 1 vital, 2 important, 3 comfort.
    pub criticality: Option<i16>,
    /// By the local clock; from the border of the business day on it is that of the evening before.
    pub deadline: Option<Time>,
    pub calendar: Option<String>,
    pub runbook_url: Option<String>,
    pub retired_at: Option<Moment>,
}

/// A job as the catalogue has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: NamedJob,
    pub job_id: Option<String>,
    pub said: Said,
    pub first_seen: Moment,
    pub last_seen: Moment,
    pub renamed_from: Option<String>,
}

/// The jobs of the catalogue, by name; of these environments, and with names like `job`, in which `*` stands for anything, where
/// they are given.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn entries(
    connection: &mut PgConnection,
    environments: &[String],
    job: Option<&str>,
) -> Result<Vec<Entry>, StoreError> {
    Ok(sqlx::query_as(ENTRIES)
        .bind(environments)
        .bind(job.map(like))
        .fetch_all(connection)
        .await?)
}

pub(crate) const ENTRIES: &str = "SELECT environment, system, project, job, job_id, family, source_app, domain, owner, criticality, \
     (extract(epoch FROM deadline) * 1000000)::bigint AS deadline_us, calendar, runbook_url, \
     (extract(epoch FROM first_seen) * 1000000)::bigint AS first_seen_us, \
     (extract(epoch FROM last_seen) * 1000000)::bigint AS last_seen_us, \
     (extract(epoch FROM retired_at) * 1000000)::bigint AS retired_us, renamed_from FROM job \
     WHERE (cardinality($1::text[]) = 0 OR environment = ANY ($1)) AND ($2::text IS NULL OR job ILIKE $2) \
     ORDER BY environment, project NULLS FIRST, job, system";

impl FromRow<'_, PgRow> for Entry {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: NamedJob::from_row(row)?,
            job_id: row.try_get("job_id")?,
            said: Said {
                family: row.try_get("family")?,
                source_app: row.try_get("source_app")?,
                domain: row.try_get("domain")?,
                owner: row.try_get("owner")?,
                criticality: row.try_get("criticality")?,
                deadline: row
                    .try_get::<Option<i64>, _>("deadline_us")?
                    .map(time_of_day),
                calendar: row.try_get("calendar")?,
                runbook_url: row.try_get("runbook_url")?,
                retired_at: row.try_get::<Option<i64>, _>("retired_us")?.map(Moment),
            },
            first_seen: Moment(row.try_get("first_seen_us")?),
            last_seen: Moment(row.try_get("last_seen_us")?),
            renamed_from: row.try_get("renamed_from")?,
        })
    }
}

/// The server also knows 24:00, which is taken as the last moment of the day.
fn time_of_day(microseconds: i64) -> Time {
    let span = jiff::SignedDuration::from_micros(microseconds);
    Time::midnight().saturating_add(span)
}

/// Writes what people say of these jobs. The caller holds [`crate::fusion::lock`].
///
/// # Errors
/// When the server refuses or is gone.
pub async fn say(
    connection: &mut PgConnection,
    jobs: &[(&NamedJob, &Said)],
) -> Result<(), StoreError> {
    let name = |pick: fn(&NamedJob) -> &str| jobs.iter().map(|(name, _)| pick(name)).collect();
    let said = |pick: fn(&Said) -> Option<&str>| jobs.iter().map(|(_, said)| pick(said)).collect();
    let (environments, systems): (Vec<&str>, Vec<&str>) =
        (name(|name| &name.environment), name(|name| &name.system));
    let (projects, names): (Vec<&str>, Vec<&str>) = (
        name(|name| name.project.as_deref().unwrap_or_default()),
        name(|name| &name.job),
    );
    let columns: [Vec<Option<&str>>; 6] = [
        said(|said| Some(&said.family)),
        said(|said| said.source_app.as_deref()),
        said(|said| said.domain.as_deref()),
        said(|said| said.owner.as_deref()),
        said(|said| said.calendar.as_deref()),
        said(|said| said.runbook_url.as_deref()),
    ];
    let criticalities: Vec<Option<i16>> = jobs.iter().map(|(_, said)| said.criticality).collect();
    let deadlines: Vec<Option<String>> = jobs
        .iter()
        .map(|(_, said)| said.deadline.map(|deadline| deadline.to_string()))
        .collect();
    let retired: Vec<Option<i64>> = jobs
        .iter()
        .map(|(_, said)| said.retired_at.map(|at| at.0))
        .collect();
    let mut query = sqlx::query(SAY)
        .bind(environments)
        .bind(systems)
        .bind(projects)
        .bind(names);
    for column in columns {
        query = query.bind(column);
    }
    query
        .bind(criticalities)
        .bind(deadlines)
        .bind(retired)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const SAY: &str = "UPDATE job SET family = said.family, source_app = said.source_app, domain = said.domain, owner = said.owner, \
     calendar = said.calendar, runbook_url = said.runbook_url, criticality = said.criticality, deadline = said.deadline::time, \
     retired_at = to_timestamp(said.retired_us::numeric / 1000000) \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], \
     $10::text[], $11::smallint[], $12::text[], $13::bigint[]) AS said (environment, system, project, job, family, source_app, \
     domain, owner, calendar, runbook_url, criticality, deadline, retired_us) \
     WHERE job.environment = said.environment AND job.system = said.system \
     AND job.project IS NOT DISTINCT FROM nullif(said.project, '') AND job.job = said.job";
