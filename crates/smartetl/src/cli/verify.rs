//! `smartetl verify`: proves that what was loaded is stored, once and unchanged, and that `dataset` follows from it.

use super::{Context, Database, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::jobs::verify::{self, Report, Request};
use crate::output::{self, Column, ReportFormat, Sheet};
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
    if !smartetl_store::is_current(&mut connection).await? {
        let failure = Failure::new(
            ErrorCode::SchemaOutdated,
            "the tables of smartETL are not there, or of another version",
        );
        return Err(failure.hint("run `smartetl migrate`").into());
    }
    let request = Request {
        config: FuseConfig::from(&context.settings),
        recompute: args.recompute,
        folder: super::database::scratch(context)?,
    };
    let report = verify::verify(&mut connection, request).await?;
    match args.format {
        ReportFormat::Table => output::print(&text(&report))?,
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
    }
    Ok(if report.is_ok() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

fn text(report: &Report) -> String {
    let columns = ["check", "result", "looked at", "what it says"];
    let mut sheet = Sheet::new(columns.map(Column::text).into());
    for check in &report.checks {
        let result = match check.findings {
            0 => "ok".to_owned(),
            1 => "FAIL: 1 finding".to_owned(),
            many => format!("FAIL: {many} findings"),
        };
        sheet.push([
            Some(check.name.to_owned()),
            Some(result),
            Some(format!("{} {}", check.looked_at, check.unit)),
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
        let _ = write!(text, "\n{} more findings are not listed.\n", all - told);
    }
    if !report.notes.is_empty() {
        text.push('\n');
    }
    for note in &report.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}
