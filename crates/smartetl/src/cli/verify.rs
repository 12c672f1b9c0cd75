//! `smartetl verify`: proves that what was loaded is stored, once and unchanged, and that `dataset` follows from it.

use super::again::folder;
use super::{Context, Database, Outcome, disk};
use crate::errors::runnable;
use crate::jobs::told;
use crate::jobs::verify::{self, Check, Report, Request};
use crate::night::Lang;
use crate::output::{self, Column, ReportFormat, Sheet, counted};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_store::upkeep::{self, Upkeep};
use sqlx::PgConnection;
use std::fmt::Write as _;
use std::path::Path;

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
        rules: Rules::from(&context.settings),
        recompute: args.recompute,
        folder: super::database::scratch(context)?,
    };
    let report = match verify::verify(&mut connection, request).await {
        Ok(report) => report,
        Err(error) => {
            database.note_failure(Upkeep::Verify, &error).await;
            return Err(told(error));
        }
    };
    let folder_of_server = disk::folder(context, &database)?;
    let written = write_down(&mut connection, &report, folder_of_server.as_deref());
    if let Err(error) = written.await {
        // Whoever may only read has proved everything all the same.
        tracing::warn!("how it came out is not written down for dashboards: {error}");
    }
    match args.format {
        ReportFormat::Table => {
            output::print(&runnable(&text(&report, context.lang()), &folder(context)))?
        }
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
    }
    Ok(if report.is_ok() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

/// For dashboards and alerts: how the proof came out, and where the server is on this machine, how full its disk is.
async fn write_down(
    connection: &mut PgConnection,
    report: &Report,
    folder_of_server: Option<&Path>,
) -> anyhow::Result<()> {
    let findings: u64 = report.checks.iter().map(|check| check.findings).sum();
    let figures = serde_json::json!({
        "checks": report.checks.len(), "findings": findings, "notes": report.notes.len(),
    });
    upkeep::record(connection, Upkeep::Verify, report.is_ok(), &figures).await?;
    if let Some(folder) = folder_of_server {
        disk::record(connection, folder).await?;
    }
    Ok(())
}

/// Things that were looked at: `3 batches`.
fn looked_at(check: &Check, lang: Lang) -> String {
    let [en, fr] = match check.unit {
        "batches" => [["batch", "batches"], ["lot", "lots"]],
        "rows" => [["row", "rows"], ["ligne", "lignes"]],
        "lineages" => [["lineage", "lineages"], ["contenu", "contenus"]],
        "files" => [["file", "files"], ["fichier", "fichiers"]],
        "runs" => [["run", "runs"], ["exécution", "exécutions"]],
        "days" => [["day", "days"], ["journée", "journées"]],
        "horizons" => [["horizon", "horizons"], ["horizon", "horizons"]],
        "runs of such errors" => [
            ["run of such errors", "runs of such errors"],
            [
                "exécution avec de telles erreurs",
                "exécutions avec de telles erreurs",
            ],
        ],
        other => [[other, other], [other, other]],
    };
    let words = match lang {
        Lang::En => en,
        Lang::Fr => fr,
    };
    lang.counted(check.looked_at, words)
}

fn text(report: &Report, lang: Lang) -> String {
    let colon = lang.colon();
    let columns = match lang {
        Lang::En => ["check", "result", "looked at", "what it says"],
        Lang::Fr => ["contrôle", "résultat", "examiné", "ce qu’il affirme"],
    };
    let mut sheet = Sheet::new(columns.map(Column::text).into());
    for check in &report.checks {
        let result = match (check.findings, lang) {
            (0, _) => "ok".to_owned(),
            (found, Lang::En) => format!("FAIL: {}", counted(found, "finding", "findings")),
            (found, Lang::Fr) => format!(
                "ÉCHEC\u{a0}: {}",
                lang.counted(found, ["constat", "constats"])
            ),
        };
        sheet.push([
            Some(check.name.to_owned()),
            Some(result),
            Some(looked_at(check, lang)),
            Some(check.says.text(lang).to_owned()),
        ]);
    }
    let mut text = sheet.to_table(output::terminal_width());
    let hint = lang.pick("hint:", "conseil\u{a0}:");
    // Writing to memory cannot fail.
    for finding in &report.findings {
        let _ = write!(
            text,
            "\n{}{colon} {}\n  --> {}\n  {hint} {}\n",
            finding.check,
            finding.what.text(lang),
            finding.place.text(lang),
            finding.todo.text(lang)
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
        let more = all - told;
        let _ = match lang {
            Lang::En => {
                let more = counted(more, "more finding is", "more findings are");
                write!(text, "\n{more} not listed.\n")
            }
            Lang::Fr => {
                let more = lang.counted(more, ["autre constat", "autres constats"]);
                write!(text, "\n{more} en plus de ceux-ci.\n")
            }
        };
    }
    if !report.notes.is_empty() {
        text.push('\n');
    }
    for note in &report.notes {
        let _ = writeln!(text, "note{colon} {}", note.text(lang));
    }
    text
}
