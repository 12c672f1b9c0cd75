//! A run as it is read back for people.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use smartetl_core::model::{Blame, Category, Evidence, Moment, Outcome, RunStatus, Trigger};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub run_key: Uuid,
    pub tree: i64,
    pub job_number: i64,
    pub system: String,
    pub environment: String,
    pub host: Option<String>,
    pub project: Option<String>,
    pub job: String,
    pub job_version: Option<String>,
    pub context: Option<String>,
    pub run_id: String,
    pub root_run_id: String,
    pub parent_run_key: Option<Uuid>,
    pub root_run_key: Uuid,
    pub is_root: bool,
    pub depth: i32,
    pub root_job: String,
    pub attempt: i32,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    pub last_event_at: Moment,
    pub duration_ms: Option<i64>,
    pub self_duration_ms: Option<i64>,
    pub status: RunStatus,
    pub outcome: Outcome,
    pub tree_status: RunStatus,
    pub steps: Option<i32>,
    pub steps_failed: Option<i32>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub rows_rejected: Option<i64>,
    pub errors: i64,
    pub warnings: i64,
    pub cause: Option<Cause>,
    pub first_error_at: Option<Moment>,
    pub trigger: Trigger,
    pub rerun_of: Option<Uuid>,
    pub business_day: Date,
    pub evidence: Evidence,
    pub quality_reasons: Vec<String>,
    pub batches: Vec<i64>,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub category: Category,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    pub run_key: Option<Uuid>,
    pub job: Option<String>,
    pub step: Option<String>,
    pub message: Option<String>,
}

impl Run {
    /// Until when it is known to have run.
    pub fn until(&self) -> Moment {
        self.ended_at.unwrap_or(self.last_event_at)
    }
}

/// What is read of a run; the table is called `run`.
pub(crate) const RUN_COLUMNS: &str = "run.run_key, run.tree, run.job_number, run.system, run.environment, run.host, run.project, run.job, \
     run.job_version, run.context, run.run_id, run.root_run_id, run.parent_run_key, run.root_run_key, run.is_root, run.depth, \
     run.root_job, run.attempt, (extract(epoch FROM run.started_at) * 1000000)::bigint AS started_us, \
     (extract(epoch FROM run.ended_at) * 1000000)::bigint AS ended_us, \
     (extract(epoch FROM run.last_event_at) * 1000000)::bigint AS last_event_us, run.duration_ms, run.self_duration_ms, run.status, \
     run.outcome, run.tree_status, run.steps, run.steps_failed, run.rows_in, run.rows_out, run.rows_rejected, run.errors, run.warnings, \
     run.category, run.blame, run.retryable, run.cause_run_key, run.cause_job, run.cause_step, run.error_message, \
     (extract(epoch FROM run.first_error_at) * 1000000)::bigint AS first_error_us, run.trigger, run.rerun_of, \
     run.business_day - date '1970-01-01' AS business_day, run.evidence, run.quality_reasons, run.batches";

impl FromRow<'_, PgRow> for Run {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let category: Option<String> = row.try_get("category")?;
        let blame: Option<String> = row.try_get("blame")?;
        let cause = match category {
            None => None,
            Some(_) => Some(Cause {
                category: word(row, "category", Category::parse)?,
                blame: blame.as_deref().and_then(Blame::parse),
                retryable: row.try_get("retryable")?,
                run_key: row.try_get("cause_run_key")?,
                job: row.try_get("cause_job")?,
                step: row.try_get("cause_step")?,
                message: row.try_get("error_message")?,
            }),
        };
        Ok(Self {
            run_key: row.try_get("run_key")?,
            tree: row.try_get("tree")?,
            job_number: row.try_get("job_number")?,
            system: row.try_get("system")?,
            environment: row.try_get("environment")?,
            host: row.try_get("host")?,
            project: row.try_get("project")?,
            job: row.try_get("job")?,
            job_version: row.try_get("job_version")?,
            context: row.try_get("context")?,
            run_id: row.try_get("run_id")?,
            root_run_id: row.try_get("root_run_id")?,
            parent_run_key: row.try_get("parent_run_key")?,
            root_run_key: row.try_get("root_run_key")?,
            is_root: row.try_get("is_root")?,
            depth: row.try_get("depth")?,
            root_job: row.try_get("root_job")?,
            attempt: row.try_get("attempt")?,
            started_at: Moment(row.try_get("started_us")?),
            ended_at: option_moment(row, "ended_us")?,
            last_event_at: Moment(row.try_get("last_event_us")?),
            duration_ms: row.try_get("duration_ms")?,
            self_duration_ms: row.try_get("self_duration_ms")?,
            status: word(row, "status", RunStatus::parse)?,
            outcome: word(row, "outcome", Outcome::parse)?,
            tree_status: word(row, "tree_status", RunStatus::parse)?,
            steps: row.try_get("steps")?,
            steps_failed: row.try_get("steps_failed")?,
            rows_in: row.try_get("rows_in")?,
            rows_out: row.try_get("rows_out")?,
            rows_rejected: row.try_get("rows_rejected")?,
            errors: row.try_get("errors")?,
            warnings: row.try_get("warnings")?,
            cause,
            first_error_at: option_moment(row, "first_error_us")?,
            trigger: word(row, "trigger", Trigger::parse)?,
            rerun_of: row.try_get("rerun_of")?,
            business_day: date(row.try_get("business_day")?),
            evidence: word(row, "evidence", Evidence::parse)?,
            quality_reasons: row.try_get("quality_reasons")?,
            batches: row.try_get("batches")?,
        })
    }
}

/// A word of a vocabulary; another one was written by nobody who is known.
pub(super) fn word<T>(
    row: &PgRow,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> sqlx::Result<T> {
    let word: String = row.try_get(column)?;
    parse(&word).ok_or_else(|| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("`{word}` is no {column}").into(),
    })
}

pub(super) fn option_moment(row: &PgRow, column: &str) -> sqlx::Result<Option<Moment>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Moment))
}

pub(super) fn date(days: i32) -> Date {
    let days: Span = days.days();
    Date::constant(1970, 1, 1).saturating_add(days)
}
