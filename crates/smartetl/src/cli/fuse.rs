//! `smartetl fuse`: what is stored and not fused yet becomes runs and days.

use super::{Context, Database, Outcome, load};
use crate::jobs::overlap_lines;
use crate::output::{self, ReportFormat, counted};
use smartetl_core::model::Moment;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Fold everything again, not only what is new
    #[arg(long)]
    full: bool,
    /// The clock of the fuse, like 2026-11-23T07:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<jiff::Timestamp>,
    /// How to write what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let intake = load::intake(context, &database).await?;
    let as_of = args.as_of.map(|at| Moment(at.as_microsecond()));
    let report = intake.fuse(as_of, args.full, None).await?;
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            output::print(&format!(
                "{}{}: {}\n",
                overlap_lines(&report.overlaps),
                counted(report.batches, "batch", "batches"),
                load::fused(&report)
            ))?;
        }
    }
    Ok(Outcome::Done)
}
