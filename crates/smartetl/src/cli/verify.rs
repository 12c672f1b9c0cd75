//! `smartetl verify`: proves that what was loaded is stored, once and unchanged, and that `dataset` follows from it.

use super::again::folder;
use super::{Context, Database, Outcome};
use crate::errors::runnable;
use crate::jobs::told;
use crate::jobs::verify::{self, Report, Request};
use crate::output::{self, Column, ReportFormat, Sheet, counted};
use smartetl_core::fuse::FuseConfig;
use std::fmt::Write as _;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Fold all rows again as well, and compare with dataset and `job_day`
    #[arg(long)]
    recompute: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let request = Request {
        config: FuseConfig::from(&context.settings_of(&mut connection).await?),
        recompute: args.recompute,
        folder: super::database::scratch(context)?,
    };
    let report = verify::verify(&mut connection, request)
        .await
        .map_err(told)?;
    match args.format {
        ReportFormat::Table => output::print(&runnable(&text(&report), &folder(context)))?,
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
    }
    Ok(if report.is_ok() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

/// Of a unit that is told in the plural.
fn one(unit: &str) -> &str {
    match unit {
        "batches" => "batch",
        many => many.strip_suffix('s').unwrap_or(many),
    }
}

fn text(report: &Report) -> String {
    let columns = ["check", "result", "looked at", "what it says"];
    let mut sheet = Sheet::new(columns.map(Column::text).into());
    for check in &report.checks {
        let result = match check.findings {
            0 => "ok".to_owned(),
            found => format!("FAIL: {}", counted(found, "finding", "findings")),
        };
        sheet.push([
            Some(check.name.to_owned()),
            Some(result),
            Some(counted(check.looked_at, one(check.unit), check.unit)),
            Some(check.says.to_owned()),
        ]);
    }
    let mut text = sheet.to_table(output::terminal_width());
    // Writing to memory cannot fail.
    for finding in &report.findings {
        let _ = write!(
            text,
            "\n{}: {}\n  --> {}\n  hint: {}\n",
            finding.check, finding.what, finding.place, finding.todo
        );
    }
    let (told, all) = (
        report.findings.len() as u64,
        report
            .checks
            .iter()
            .map(|check| check.findings)
            .sum::<u64>(),
    );
    if told < all {
        let more = counted(all - told, "more finding is", "more findings are");
        let _ = write!(text, "\n{more} not listed.\n");
    }
    if !report.notes.is_empty() {
        text.push('\n');
    }
    for note in &report.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}
