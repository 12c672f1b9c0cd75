//! Old trees retire: their rows of `log` and `logerreur` go, with old rejects and, where asked for, old runs. The runs that the rows were
//! folded into stay as they are (section 9 of `doc/fusion.md`). Everything happens in one transaction, or nothing.

use std::path::PathBuf;

use serde_json::json;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::issues::{self, Touched};
use smartetl_store::prune::{self, Months, StoredMonth};
use smartetl_store::upkeep::{self, Upkeep};
use smartetl_store::{Month, catalogue, fusion};
use sqlx::{Connection, PgConnection};

use super::fuse;
use crate::errors::{ErrorCode, Failure};

const DAY_US: i64 = 24 * 3_600_000_000;
/// Trees that went on until so shortly before the first row that is kept stay too, µs: their last rows may be on their way.
const MARGIN_US: i64 = DAY_US;

/// What is to go.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whole months of rows that are kept, besides the current one.
    pub months: u16,
    /// The same of runs; all of them where it is left out.
    pub dataset_months: Option<u16>,
    /// Days for which trees stay after rows of them were stored last: others may still be on their way. 0: none.
    pub settled_after: u16,
    /// Only say what would go.
    pub dry_run: bool,
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    /// The clock of the fuse, and the moment that months are counted from, unless that is still to come.
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
    /// Trees with rows of this day of UTC and later are kept.
    pub rows_from: Option<String>,
    /// Runs that retire, and how many trees they are of.
    pub retired_runs: u64,
    pub retired_trees: u64,
    /// Old trees that stay for now, because rows of them came lately.
    pub unsettled_trees: u64,
    pub months: Vec<Emptied>,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    pub bytes: u64,
    /// Runs and days of jobs that were removed because they are older than what is kept of them.
    pub runs: u64,
    pub job_days: u64,
}

/// A month of which rows went.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Emptied {
    pub table: &'static str,
    /// Its first day.
    pub month: String,
    /// About so many.
    pub bytes: u64,
}

/// Removes it. What is not fused yet is fused before.
///
/// # Errors
/// When the server refuses or is gone, a fuse fails, or others hold a month for more than half a minute. Nothing has gone then.
pub async fn prune(connection: &mut PgConnection, request: &Request) -> anyhow::Result<Report> {
    let until = Month::of(request.as_of.min(request.now));
    let first_kept = until.before(request.months);
    let (kept_from, _) = first_kept.bounds();
    let since = Moment(kept_from.0 - MARGIN_US);
    let unsettled = Moment(request.now.0 - i64::from(request.settled_after) * DAY_US);
    let unsettled = (request.settled_after > 0).then_some(unsettled);
    if !request.dry_run {
        // Before anybody waits for this.
        let months = likely(connection, first_kept, since, unsettled).await?;
        if !prune::are_free(connection, &months).await? {
            return Err(held().into());
        }
    }
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let mut report = Report {
        dry_run: request.dry_run,
        rows_from: Some(first_kept.first_day().to_string()),
        ..Report::default()
    };
    if !request.dry_run {
        fuse_again(&mut transaction, request).await?;
    }
    if fusion::state(&mut transaction).await?.is_none() {
        return Ok(report);
    }
    prune::stay(&mut transaction, since, unsettled).await?;
    let retiring = prune::retiring(&mut transaction).await?;
    report.retired_runs = retiring.runs.cast_unsigned();
    report.retired_trees = retiring.trees.cast_unsigned();
    report.unsettled_trees = prune::unsettled(&mut transaction, since)
        .await?
        .cast_unsigned();
    if !request.dry_run {
        prune::retire(&mut transaction, since, &request.config).await?;
    }
    let months = prune::months_before(&mut transaction, first_kept).await?;
    let Months {
        rewritten,
        mut going,
    } = prune::look(&mut transaction, months).await?;
    rewritten.iter().for_each(|stored| report.add(stored));
    let of_rejects = prune::look_for_rejects(&mut transaction, kept_from, &mut going).await?;
    if let Some(months) = request.dataset_months {
        let before = until.before(months).first_day();
        (report.runs, report.job_days) = prune::old_days(&mut transaction, before).await?;
        if report.runs > 0 {
            prune::look_for_left_out(&mut transaction, kept_from, &mut going).await?;
        }
    }
    for line in going.values() {
        report.rows_log += line.rows_log.cast_unsigned();
        report.rows_error += line.rows_error.cast_unsigned();
        report.rejects += line.rejects.cast_unsigned();
    }
    if request.dry_run {
        transaction.rollback().await?;
        return Ok(report);
    }
    prune::set_aside(&mut transaction, &rewritten).await?;
    prune::account(&mut transaction, &going).await?;
    prune::remove_rejects(&mut transaction, &of_rejects).await?;
    prune::remove_upkeep(&mut transaction, kept_from).await?;
    if report.runs > 0 {
        let jobs = prune::remove_days(&mut transaction, kept_from).await?;
        fuse_again(&mut transaction, request).await?;
        catalogue::look_again(&mut transaction, &jobs).await?;
        catalogue::find_renamed(&mut transaction).await?;
        // They know only of runs that are there.
        let touched = Touched {
            all: true,
            ..Touched::default()
        };
        issues::settle(&mut transaction, &touched, request.rules).await?;
    }
    let figures = json!({
        "rows_log": report.rows_log, "rows_error": report.rows_error, "rejects": report.rejects,
        "retired_runs": report.retired_runs, "runs": report.runs, "rows_from": report.rows_from,
    });
    upkeep::record(&mut transaction, Upkeep::Prune, true, &figures).await?;
    if !prune::rewrite(&mut transaction, &rewritten).await? {
        return Err(held().into());
    }
    transaction.commit().await?;
    Ok(report)
}

/// The months of which something goes if nothing is fused meanwhile.
async fn likely(
    connection: &mut PgConnection,
    first_kept: Month,
    since: Moment,
    unsettled: Option<Moment>,
) -> anyhow::Result<Vec<StoredMonth>> {
    let mut transaction = connection.begin().await?;
    prune::stay(&mut transaction, since, unsettled).await?;
    let months = prune::months_before(&mut transaction, first_kept).await?;
    let found = prune::look(&mut transaction, months).await?;
    transaction.rollback().await?;
    Ok(found.rewritten)
}

/// Whoever reads months for long, as a backup or a proof does, or has rows of theirs on their way.
fn held() -> Failure {
    Failure::new(
        ErrorCode::StatementTimeout,
        [
            "others read or write old months of log or logerreur for more than half a minute: nothing was removed",
            "d’autres lisent ou écrivent de vieux mois de log ou de logerreur depuis plus d’une demi-minute\u{a0}: rien n’a été purgé",
        ],
    )
    .hint([
        "prune when no backup, proof or load of old files is going on",
        "lancez la purge hors sauvegarde, preuve ou chargement de vieux fichiers",
    ])
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
        rules: request.rules,
        as_of: request.as_of,
        now: request.now,
        full: false,
        because: fuse::Because::OfRows,
        gathered: None,
        folder: request.folder.clone(),
    };
    fuse::fuse(connection, async || None, again).await?;
    Ok(())
}
