//! Numbers about what is stored: for the status page and for monitoring. Reads only.

use smartetl_core::model::Moment;
use sqlx::{FromRow, PgConnection};

use crate::StoreError;
use crate::consumers::{self, Consumer, Lag};

/// Everything together.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub sources: Vec<Sources>,
    /// Rejected records by reason, most first.
    pub rejects: Vec<(String, i64)>,
    /// The latest moment of each (system, environment).
    pub horizons: Vec<(String, String, Moment)>,
    /// Runs whose context names no environment, by context, most first.
    pub unmapped: Vec<(Option<String>, i64)>,
    pub fuse: Option<LastFuse>,
    /// Empty where Kafka was never used.
    pub consumers: Vec<Consumer>,
    pub lags: Vec<Lag>,
}

/// What was read of one dialect.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Sources {
    pub dialect: String,
    pub sources: i64,
    pub batches: i64,
    pub batches_not_fused: i64,
    pub records: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub silent: i64,
    /// Rows that came after their trees had retired.
    pub left_out: i64,
    /// Microseconds since 1970.
    pub last_commit: i64,
}

/// The last fuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastFuse {
    pub fused_at: Moment,
    pub as_of: Moment,
    /// Runs that it wrote.
    pub runs: i64,
}

impl LastFuse {
    fn of((fused_at, as_of, runs): (i64, i64, i64)) -> Self {
        Self {
            fused_at: Moment(fused_at),
            as_of: Moment(as_of),
            runs,
        }
    }
}

/// Reads them.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn facts(connection: &mut PgConnection) -> Result<Facts, StoreError> {
    let sources = sqlx::query_as(SOURCES).fetch_all(&mut *connection).await?;
    let rejects = sqlx::query_as(REJECTS).fetch_all(&mut *connection).await?;
    let unmapped = unmapped(connection).await?;
    let horizons = crate::fusion::horizons(&mut *connection).await?;
    let fuse: Option<(i64, i64, i64)> = sqlx::query_as(LAST_FUSE)
        .fetch_optional(&mut *connection)
        .await?;
    Ok(Facts {
        sources,
        rejects,
        horizons,
        unmapped,
        consumers: consumers::consumers(&mut *connection).await?,
        lags: consumers::lags(&mut *connection).await?,
        fuse: fuse.map(LastFuse::of),
    })
}

/// The few of them that are told with everything.
#[derive(Clone, Debug, Default)]
pub struct Brief {
    pub fuse: Option<LastFuse>,
    /// When rows were committed last.
    pub committed_at: Option<Moment>,
    /// Runs whose context names no environment, by context, most first.
    pub unmapped: Vec<(Option<String>, i64)>,
    /// Kafka was used.
    pub kafka: bool,
}

/// Reads them.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn brief(connection: &mut PgConnection) -> Result<Brief, StoreError> {
    let fuse: Option<(i64, i64, i64)> = sqlx::query_as(LAST_FUSE)
        .fetch_optional(&mut *connection)
        .await?;
    let (committed_at, kafka): (Option<i64>, bool) =
        sqlx::query_as(BRIEF).fetch_one(&mut *connection).await?;
    Ok(Brief {
        fuse: fuse.map(LastFuse::of),
        committed_at: committed_at.map(Moment),
        unmapped: unmapped(connection).await?,
        kafka,
    })
}

pub(crate) const BRIEF: &str = "SELECT (extract(epoch FROM max(committed_at)) * 1000000)::bigint, EXISTS (SELECT FROM consumer) FROM batch";

/// What changes when anything changes that people look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    pub fuse: Option<LastFuse>,
    /// The newest one; 0 before the first.
    pub batch: i64,
    /// What is stored of the newest batches: numbers are taken before a batch is committed, so that an older one may come later.
    pub batches: i64,
    /// The last act with an issue, and how often something was said of problems, or taken back.
    pub act: i64,
    pub said: i64,
    /// What is said of jobs: a list that people import writes rows of `job`, and no fuse need follow.
    pub jobs: i64,
    /// Tasks that were asked for, and that ended.
    pub tasks: i64,
    /// When rows were pruned last, microseconds; 0 before the first time.
    pub pruned: i64,
}

/// Reads it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn news(connection: &mut PgConnection) -> Result<News, StoreError> {
    let fuse: Option<(i64, i64, i64)> = sqlx::query_as(LAST_FUSE)
        .fetch_optional(&mut *connection)
        .await?;
    let (batch, batches, act, said, jobs, tasks, pruned) =
        sqlx::query_as(NEWS).fetch_one(connection).await?;
    Ok(News {
        fuse: fuse.map(LastFuse::of),
        batch,
        batches,
        act,
        said,
        jobs,
        tasks,
        pruned,
    })
}

pub(crate) const NEWS: &str = "SELECT coalesce(max(batch), 0), coalesce(sum(hashtext(row::text)), 0)::bigint, (SELECT coalesce(max(act), 0) FROM issue_act), \
     (SELECT count(*) + count(undone_at) FROM override), (SELECT coalesce(sum(hashtext(xmin::text)), 0)::bigint FROM job), \
     (SELECT count(*) + count(ended_at) FROM task), \
     (SELECT coalesce((extract(epoch FROM max(at)) * 1000000)::bigint, 0) FROM upkeep WHERE kind = 'prune') \
     FROM (SELECT batch, xmin AS row FROM batch ORDER BY batch DESC LIMIT 200) AS newest";

/// A text that is another one when runs, issues, jobs or what people say of them may be others.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn version(connection: &mut PgConnection) -> Result<String, StoreError> {
    Ok(format!("{:?}", news(connection).await?))
}

pub(crate) const SOURCES: &str = "SELECT dialect, count(DISTINCT source) AS sources, count(*) AS batches, \
     count(*) FILTER (WHERE NOT fused) AS batches_not_fused, sum(records)::bigint AS records, \
     sum(rows_log)::bigint AS rows_log, sum(rows_error)::bigint AS rows_error, sum(rejects)::bigint AS rejects, \
     sum(silent)::bigint AS silent, sum(left_out)::bigint AS left_out, (extract(epoch FROM max(committed_at)) * 1000000)::bigint AS last_commit \
     FROM batch GROUP BY dialect ORDER BY dialect";

pub(crate) const REJECTS: &str =
    "SELECT reason, count(*) FROM reject GROUP BY reason ORDER BY count(*) DESC, reason";

/// Contexts that name no environment, with the number of their runs, most first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn unmapped(
    connection: &mut PgConnection,
) -> Result<Vec<(Option<String>, i64)>, StoreError> {
    Ok(sqlx::query_as(UNMAPPED).fetch_all(connection).await?)
}

/// Of the last month only: what was once unmapped and is no longer written needs nobody. The index of the days knows the newest one.
pub(crate) const UNMAPPED: &str = "SELECT context, count(*) FROM dataset WHERE environment = 'UNMAPPED' AND business_day > \
     (SELECT max(business_day) - 31 FROM dataset) GROUP BY context ORDER BY count(*) DESC, context LIMIT 20";

pub(crate) const LAST_FUSE: &str = "SELECT (extract(epoch FROM fused_at) * 1000000)::bigint, \
     (extract(epoch FROM as_of) * 1000000)::bigint, runs FROM fuse_state";

/// Rows of the last month that came after their trees had retired, and count nothing.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn left_out_lately(connection: &mut PgConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(LEFT_OUT_LATELY)
        .fetch_one(connection)
        .await?)
}

const LEFT_OUT_LATELY: &str = "SELECT coalesce(sum(left_out), 0)::bigint FROM batch WHERE committed_at > now() - interval '31 days'";

/// Whether a run is open whose status only the clock can change.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn is_any_running(connection: &mut PgConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(IS_ANY_RUNNING)
        .fetch_one(connection)
        .await?)
}

pub(crate) const IS_ANY_RUNNING: &str =
    "SELECT EXISTS (SELECT FROM dataset WHERE ended_at IS NULL AND status = 'running')";
