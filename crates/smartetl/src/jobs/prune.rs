//! Old rows go: months of `log` and `logerreur`, rejects, and, where asked for, old runs. The days that the rows were folded into are
//! closed: their runs stay as they are. Everything happens in one transaction, or nothing.

use std::path::PathBuf;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::model::Moment;
use smartetl_store::prune::{self, Going, StoredMonth};
use smartetl_store::{Month, fusion};
use sqlx::{Connection, PgConnection};

use super::fuse;

/// Days at the beginning of the first month that is kept which are closed too: a night begins on the evening before its day, on
/// a clock that may be fourteen hours ahead of UTC.
const MARGIN_DAYS: i64 = 2;

/// What is to go.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whole months of rows that are kept, besides the current one.
    pub months: u16,
    /// The same of runs; all of them where it is left out.
    pub dataset_months: Option<u16>,
    /// Only say what would go.
    pub dry_run: bool,
    pub config: FuseConfig,
    /// The moment that months are counted from, and the clock of the fuse.
    pub as_of: Moment,
    /// When it really is.
    pub now: Moment,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// What went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub dry_run: bool,
    /// Rows of this day of UTC and later are kept.
    pub rows_from: Option<String>,
    /// The first business day that is not closed.
    pub first_open_day: Option<String>,
    pub months: Vec<Emptied>,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    pub bytes: u64,
    /// Runs and days of jobs that were removed because they are older than what is kept of them.
    pub runs: u64,
    pub job_days: u64,
}

/// A month that was emptied.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Emptied {
    pub table: &'static str,
    /// Its first day.
    pub month: String,
    pub bytes: u64,
}

/// Removes it. What is not fused yet is fused before.
///
/// # Errors
/// When the server refuses or is gone, a fuse fails, or others hold a month for more than half a minute. Nothing has gone then.
pub async fn prune(connection: &mut PgConnection, request: &Request) -> anyhow::Result<Report> {
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let first_kept = Month::of(request.as_of).before(request.months);
    let (kept_from, _) = first_kept.bounds();
    let mut report = Report {
        dry_run: request.dry_run,
        rows_from: Some(first_kept.first_day().to_string()),
        ..Report::default()
    };
    let months = prune::months_before(&mut transaction, first_kept).await?;
    if !request.dry_run {
        // What comes into these months from now on waits until they are empty; what is there already is folded first.
        if !months.is_empty() {
            prune::hold(&mut transaction, &months).await?;
        }
        fuse_again(&mut transaction, request).await?;
    }
    let Some(state) = fusion::state(&mut transaction).await? else {
        return Ok(report);
    };
    let mut first_open = state.closed_before;
    let mut going = Going::new();
    for stored in &months {
        prune::look(&mut transaction, stored, &mut going).await?;
        report.add(stored);
    }
    if !months.is_empty() {
        let behind = first_kept.first_day().saturating_add(days(MARGIN_DAYS));
        let open_from = first_open.map_or(behind, |open| open.max(behind));
        first_open = Some(open_from);
        if !request.dry_run {
            prune::close(&mut transaction, open_from).await?;
            prune::empty(&mut transaction, &months, kept_from).await?;
        }
    }
    prune::remove_rejects(&mut transaction, kept_from, &mut going).await?;
    prune::account(&mut transaction, &going).await?;
    prune::remove_upkeep(&mut transaction, kept_from).await?;
    for line in going.values() {
        report.rows_log += line.rows_log.cast_unsigned();
        report.rows_error += line.rows_error.cast_unsigned();
        report.rejects += line.rejects.cast_unsigned();
    }
    report.first_open_day = first_open.map(|day| day.to_string());
    if let (Some(months), Some(first_open)) = (request.dataset_months, first_open) {
        let from = Month::of(request.as_of).before(months).first_day();
        let removed = prune::remove_runs(&mut transaction, from.min(first_open)).await?;
        (report.runs, report.job_days) = removed;
    }
    if !request.dry_run && (!months.is_empty() || report.runs > 0) {
        fuse_again(&mut transaction, request).await?;
    }
    if request.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, stored: &StoredMonth) {
        let bytes = stored.bytes.cast_unsigned();
        self.bytes += bytes;
        self.months.push(Emptied {
            table: stored.table.table(),
            month: stored.month.first_day().to_string(),
            bytes,
        });
    }
}

async fn fuse_again(connection: &mut PgConnection, request: &Request) -> anyhow::Result<()> {
    let again = fuse::Request {
        config: request.config.clone(),
        as_of: request.as_of,
        now: request.now,
        full: false,
        gathered: None,
        folder: request.folder.clone(),
    };
    fuse::fuse(connection, async || None, again).await?;
    Ok(())
}

fn days(count: i64) -> jiff::Span {
    jiff::Span::new().days(count)
}
