//! One run: how it is found, its tree, the last good run of its job, and the rows of `log` and `logerreur` behind it.

use smartetl_core::classify::ErrorFacts;
use smartetl_core::fuse::{TREE_INFERRED, tree_hash};
use smartetl_core::model::{Category, Event, Moment, RowStatus, Severity};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::run::{RUN_COLUMNS, Run, word};
use super::{Filter, numbers};
use crate::StoreError;

/// Rows of one tree that are read; a tree with more is cut there.
const MOST_ROWS: i64 = 50_000;

/// What a run is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'n> {
    /// The first and the last key that it may have.
    Keys([Uuid; 2]),
    /// The id that the tool gave it, if that also names its tree: such runs are found by an index.
    OfTree(&'n str),
    /// The id that the tool gave it. All runs are looked at.
    Id(&'n str),
}

/// The newest runs of this name, on the days and of the job of a filter.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn named(
    connection: &mut PgConnection,
    name: Name<'_>,
    filter: &Filter,
    limit: u32,
) -> Result<Vec<Run>, StoreError> {
    let numbers = numbers(connection, filter).await?;
    let (keys, run_id) = match name {
        Name::Keys(keys) => (Some(keys), None),
        Name::OfTree(run_id) | Name::Id(run_id) => (None, Some(run_id)),
    };
    let trees: Option<Vec<i64>> = match name {
        Name::OfTree(run_id) => {
            let places = crate::fusion::horizons(&mut *connection).await?;
            let trees = places
                .iter()
                .map(|(system, environment, _)| tree_hash(system, environment, run_id) as i64);
            Some(trees.collect())
        }
        Name::Keys(_) | Name::Id(_) => None,
    };
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(named_sql()))
        .bind(keys.map(|[first, _]| first))
        .bind(keys.map(|[_, last]| last))
        .bind(run_id)
        .bind(trees)
        .bind(numbers)
        .bind(filter.environments())
        .bind(filter.since())
        .bind(filter.until())
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?)
}

fn named_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run WHERE ($1::uuid IS NULL OR run.run_key BETWEEN $1 AND $2::uuid) \
         AND ($3::text IS NULL OR run.run_id = $3) AND ($4::bigint[] IS NULL OR run.tree = ANY ($4)) \
         AND ($5::bigint[] IS NULL OR run.job_number = ANY ($5)) AND ($6::text[] IS NULL OR run.environment = ANY ($6)) \
         AND ($7::integer IS NULL OR run.business_day >= date '1970-01-01' + $7) \
         AND ($8::integer IS NULL OR run.business_day <= date '1970-01-01' + $8) ORDER BY run.started_at DESC, run.run_key LIMIT $9"
    )
}

/// All runs of the tree that a run belongs to, by start.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn tree(connection: &mut PgConnection, run: &Run) -> Result<Vec<Run>, StoreError> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(tree_sql()))
        .bind(run.tree)
        .bind(run.root_run_key)
        .fetch_all(connection)
        .await?)
}

fn tree_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run WHERE run.tree = $1 AND run.root_run_key = $2 \
         ORDER BY run.started_at, run.depth, run.job, run.run_key"
    )
}

/// The last run of the same job before this one that came to a good end with all below it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn last_good(
    connection: &mut PgConnection,
    run: &Run,
) -> Result<Option<Run>, StoreError> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(last_good_sql()))
        .bind(run.job_number)
        .bind(run.started_at.0)
        .fetch_optional(connection)
        .await?)
}

fn last_good_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run WHERE run.job_number = $1 AND run.started_at < to_timestamp($2::numeric / 1000000) \
         AND run.status = 'success' AND run.tree_status = 'success' AND run.duration_ms IS NOT NULL \
         ORDER BY run.started_at DESC, run.run_key LIMIT 1"
    )
}

/// The runs of the same job that began last before this one and first after it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn before_and_after(
    connection: &mut PgConnection,
    run: &Run,
) -> Result<[Option<Run>; 2], StoreError> {
    let mut found = [None, None];
    for (place, statement) in found.iter_mut().zip([before_sql(), after_sql()]) {
        *place = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(run.job_number)
            .bind(run.started_at.0)
            .bind(run.run_key)
            .fetch_optional(&mut *connection)
            .await?;
    }
    Ok(found)
}

fn before_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run WHERE run.job_number = $1 \
         AND (run.started_at, run.run_key) < (to_timestamp($2::numeric / 1000000), $3::uuid) \
         AND run.started_at <= to_timestamp($2::numeric / 1000000) \
         ORDER BY run.started_at DESC, run.run_key DESC LIMIT 1"
    )
}

fn after_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run WHERE run.job_number = $1 \
         AND (run.started_at, run.run_key) > (to_timestamp($2::numeric / 1000000), $3::uuid) \
         AND run.started_at >= to_timestamp($2::numeric / 1000000) \
         ORDER BY run.started_at, run.run_key LIMIT 1"
    )
}

/// An error as it was written.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Struck {
    pub system: String,
    pub error_type: Option<String>,
    pub error_code: Option<String>,
    pub code_scheme: Option<String>,
    pub message: Option<String>,
    pub stack: Option<String>,
    pub rule: String,
}

impl Struck {
    /// What rules look at.
    pub fn facts(&self) -> ErrorFacts<'_> {
        ErrorFacts {
            system: &self.system,
            error_type: self.error_type.as_deref(),
            error_code: self.error_code.as_deref(),
            code_scheme: self.code_scheme.as_deref(),
            message: self.message.as_deref(),
            stack: self.stack.as_deref(),
        }
    }
}

/// The error behind the cause of a run; `None` where no row says what it was.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn struck(
    connection: &mut PgConnection,
    run: &Run,
) -> Result<Option<Struck>, StoreError> {
    let Some(key) = run.cause.as_ref().and_then(|cause| cause.run_key) else {
        return Ok(None);
    };
    let filter = Filter::default();
    let found = named(connection, Name::Keys([key, key]), &filter, 1).await?;
    let Some(of) = found.first() else {
        return Ok(None);
    };
    let first = of
        .first_error_at
        .unwrap_or(of.started_at)
        .min(of.started_at);
    Ok(sqlx::query_as(STRUCK)
        .bind(&of.batches)
        .bind(&of.system)
        .bind(first.0)
        .bind(of.until().max(of.last_event_at).0)
        .bind(key)
        .bind(&of.run_id)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const STRUCK: &str = "SELECT system, error_type, error_code, code_scheme, message, stack, rule FROM logerreur \
     WHERE batch = ANY ($1) AND system = $2 AND run_id = $6 \
     AND moment BETWEEN to_timestamp($3::numeric / 1000000) AND to_timestamp($4::numeric / 1000000) \
     AND signature = (SELECT cause_signature FROM dataset WHERE run_key = $5::uuid) ORDER BY moment, batch, line LIMIT 1";

/// A row of `log` of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub moment: Moment,
    pub job: String,
    pub context: Option<String>,
    pub run_id: String,
    pub step: Option<String>,
    pub attempt: Option<i32>,
    pub map_index: Option<i32>,
    pub event: Event,
    pub status: Option<RowStatus>,
    pub duration_reported_ms: Option<i64>,
    pub label: Option<String>,
    pub count: Option<i64>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub message: Option<String>,
}

/// A row of `logerreur` of a tree; of rows with the same signature in one step of one run only the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLine {
    /// What names the first of its rows: batch-line-seq.
    pub error: String,
    pub moment: Moment,
    pub job: String,
    pub context: Option<String>,
    pub run_id: String,
    pub step: Option<String>,
    pub severity: Severity,
    pub error_type: Option<String>,
    pub error_code: Option<String>,
    pub message: Option<String>,
    pub message_truncated: bool,
    pub category: Category,
    pub rule: String,
    /// How often it was written.
    pub rows: i64,
}

/// The rows behind a tree, each kind by moment.
#[derive(Clone, Debug, Default)]
pub struct RowsOfTree {
    pub log: Vec<LogLine>,
    pub errors: Vec<ErrorLine>,
    /// There are more, which are left out: the latest ones.
    pub is_cut: bool,
}

/// Reads the rows behind a tree. Rows that stand in several sources come once.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn rows_of(
    connection: &mut PgConnection,
    tree: &[Run],
) -> Result<RowsOfTree, StoreError> {
    let Some(root) = tree.first() else {
        return Ok(RowsOfTree::default());
    };
    let mut batches: Vec<i64> = tree
        .iter()
        .flat_map(|run| run.batches.iter().copied())
        .collect();
    batches.sort_unstable();
    batches.dedup();
    let first = tree
        .iter()
        .flat_map(|run| [Some(run.started_at), run.first_error_at])
        .flatten()
        .min();
    let last = tree
        .iter()
        .map(|run| run.until().max(run.last_event_at))
        .max();
    let (first, last) = (
        first.unwrap_or(root.started_at).0,
        last.unwrap_or(root.last_event_at).0,
    );
    // Errors that name no tree (section 2.6 of `doc/fusion.md`) say the run as its root.
    let run_ids: Vec<&str> = tree
        .iter()
        .filter(|run| {
            run.quality_reasons
                .iter()
                .any(|reason| reason == TREE_INFERRED)
        })
        .map(|run| run.run_id.as_str())
        .collect();
    let mut log: Vec<LogLine> = sqlx::query_as(LOG_OF_TREE)
        .bind(&batches)
        .bind(&root.system)
        .bind(&root.root_run_id)
        .bind(first)
        .bind(last)
        .bind(MOST_ROWS + 1)
        .fetch_all(&mut *connection)
        .await?;
    let mut errors: Vec<ErrorLine> = sqlx::query_as(ERRORS_OF_TREE)
        .bind(&batches)
        .bind(&root.system)
        .bind(&root.root_run_id)
        .bind(first)
        .bind(last)
        .bind(MOST_ROWS + 1)
        .bind(run_ids)
        .fetch_all(&mut *connection)
        .await?;
    let is_cut = log.len().max(errors.len()) > MOST_ROWS as usize;
    log.truncate(MOST_ROWS as usize);
    errors.truncate(MOST_ROWS as usize);
    Ok(RowsOfTree {
        log,
        errors,
        is_cut,
    })
}

pub(crate) const LOG_OF_TREE: &str = "SELECT DISTINCT (extract(epoch FROM moment) * 1000000)::bigint AS moment_us, job, context, run_id, \
     step, attempt, map_index, event, status, duration_reported_ms, label, count, rows_in, rows_out, message FROM log \
     WHERE batch = ANY ($1) AND system = $2 AND root_run_id = $3 \
     AND moment BETWEEN to_timestamp($4::numeric / 1000000) AND to_timestamp($5::numeric / 1000000) \
     ORDER BY moment_us, run_id, event, step, label LIMIT $6";

pub(crate) const ERRORS_OF_TREE: &str = "SELECT (extract(epoch FROM min(moment)) * 1000000)::bigint AS moment_us, job, \
     context, run_id, step, min(severity) AS severity, (array_agg(error_type ORDER BY moment, batch, line))[1] AS error_type, \
     (array_agg(error_code ORDER BY moment, batch, line))[1] AS error_code, \
     (array_agg(message ORDER BY moment, batch, line))[1] AS message, bool_and(message_truncated) AS message_truncated, \
     category, min(rule) AS rule, count(DISTINCT (moment, severity, message)) AS rows, \
     (array_agg(error ORDER BY moment, batch, line))[1] AS error FROM error \
     WHERE batch = ANY ($1) AND system = $2 AND (root_run_id = $3 OR root_run_id = run_id AND run_id = ANY ($7)) \
     AND moment BETWEEN to_timestamp($4::numeric / 1000000) AND to_timestamp($5::numeric / 1000000) \
     GROUP BY job, context, run_id, step, signature, category ORDER BY moment_us, run_id, step LIMIT $6";

impl FromRow<'_, PgRow> for LogLine {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let status: Option<String> = row.try_get("status")?;
        Ok(Self {
            moment: Moment(row.try_get("moment_us")?),
            job: row.try_get("job")?,
            context: row.try_get("context")?,
            run_id: row.try_get("run_id")?,
            step: row.try_get("step")?,
            attempt: row.try_get("attempt")?,
            map_index: row.try_get("map_index")?,
            event: word(row, "event", Event::parse)?,
            status: status.as_deref().and_then(RowStatus::parse),
            duration_reported_ms: row.try_get("duration_reported_ms")?,
            label: row.try_get("label")?,
            count: row.try_get("count")?,
            rows_in: row.try_get("rows_in")?,
            rows_out: row.try_get("rows_out")?,
            message: row.try_get("message")?,
        })
    }
}

impl FromRow<'_, PgRow> for ErrorLine {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            error: row.try_get("error")?,
            moment: Moment(row.try_get("moment_us")?),
            job: row.try_get("job")?,
            context: row.try_get("context")?,
            run_id: row.try_get("run_id")?,
            step: row.try_get("step")?,
            severity: word(row, "severity", Severity::parse)?,
            error_type: row.try_get("error_type")?,
            error_code: row.try_get("error_code")?,
            message: row.try_get("message")?,
            message_truncated: row.try_get("message_truncated")?,
            category: word(row, "category", Category::parse)?,
            rule: row.try_get("rule")?,
            rows: row.try_get("rows")?,
        })
    }
}
