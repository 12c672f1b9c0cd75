//! `smartetl prune`: old trees retire: their rows go, the runs and days that were folded from them stay.

use super::{Context, Database, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::jobs::prune::{self, Report, Request};
use crate::jobs::told;
use crate::night::Lang;
use crate::output::{self, ReportFormat, counted};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use std::fmt::Write as _;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the rows of trees that reach into so many whole months besides the current one (retention.months); 0 keeps all
    #[arg(long, value_name = "N")]
    months: Option<u16>,
    /// Keep so many whole months of runs without rows, and their days (`retention.dataset_months`); 0 keeps all
    #[arg(long, value_name = "N")]
    dataset_months: Option<u16>,
    /// Let no tree retire of which rows came in so many days (`retention.settled_after`); 0 waits for none
    #[arg(long, value_name = "DAYS")]
    settled_after: Option<u16>,
    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
    /// The clock of the fuse, and the moment that months are counted from unless it is still to come, like 2026-11-23T07:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<jiff::Timestamp>,
    /// How to write what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let retention = context.settings.retention;
    let months = args.months.unwrap_or(retention.months);
    let dataset_months = args.dataset_months.unwrap_or(retention.dataset_months);
    let lang = context.lang();
    if months == 0 {
        if dataset_months > 0 {
            return Err(too_few(months, dataset_months).into());
        }
        let nothing = Report {
            dry_run: args.dry_run,
            ..Report::default()
        };
        tell(&nothing, args.format, lang)?;
        context.warn(
            lang.pick(
                "everything is kept: retention.months is 0",
                "tout est gardé\u{a0}: retention.months vaut 0",
            ),
            lang.pick(
                "`smartetl prune --months 13` keeps thirteen months and the current one",
                "`smartetl prune --months 13` garde treize mois et le mois en cours",
            ),
        );
        return Ok(Outcome::Done);
    }
    if dataset_months > 0 && dataset_months < months {
        return Err(too_few(months, dataset_months).into());
    }
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let now = Moment(jiff::Timestamp::now().as_microsecond());
    let request = Request {
        months,
        dataset_months: (dataset_months > 0).then_some(dataset_months),
        settled_after: args.settled_after.unwrap_or(retention.settled_after),
        dry_run: args.dry_run,
        config: FuseConfig::from(&context.settings_of(&mut connection).await?),
        rules: Rules::from(&context.settings),
        as_of: args.as_of.map_or(now, |at| Moment(at.as_microsecond())),
        now,
        folder: super::database::scratch(context)?,
    };
    let report = prune::prune(&mut connection, &request)
        .await
        .map_err(told)?;
    tell(&report, args.format, lang)?;
    Ok(Outcome::Done)
}

/// Runs without their rows can be kept; rows without their runs make no sense.
fn too_few(months: u16, dataset_months: u16) -> Failure {
    let rows = |all| if months == 0 { all } else { months.to_string() };
    Failure::new(
        ErrorCode::Usage,
        [
            format!(
                "{dataset_months} months of runs are to be kept, but {} of rows: runs stay at least as long as their rows",
                rows("all".to_owned())
            ),
            format!(
                "{dataset_months} mois d’exécutions à garder, mais {} de lignes\u{a0}: les exécutions restent au moins aussi longtemps",
                rows("tous les mois".to_owned())
            ),
        ],
    )
    .hint([
        "give retention.dataset_months (--dataset-months) 0, or at least retention.months (--months)",
        "donnez à retention.dataset_months (--dataset-months) la valeur 0, ou au moins celle de retention.months (--months)",
    ])
}

fn tell(report: &Report, format: ReportFormat, lang: Lang) -> anyhow::Result<()> {
    let text = match format {
        ReportFormat::Json => serde_json::to_string_pretty(report)? + "\n",
        ReportFormat::Table => output::folded(&text(report, lang), output::terminal_width()),
    };
    output::print(&text)
}

fn text(report: &Report, lang: Lang) -> String {
    let mut text = String::new();
    for emptied in &report.months {
        let (month, mib) = (&emptied.month[..7], emptied.bytes >> 20);
        let _ = writeln!(
            text,
            "{} {month}{} {mib} {}",
            emptied.table,
            lang.colon(),
            lang.pick("MiB", "Mio")
        );
    }
    let Report {
        rows_log,
        rows_error,
        rejects,
        runs,
        job_days,
        retired_runs,
        retired_trees,
        unsettled_trees,
        ..
    } = *report;
    let words = lang.words();
    let _ = match lang {
        Lang::En => writeln!(
            text,
            "{}: {} of log, {} of logerreur, {rejects} rejected",
            if report.dry_run {
                "would be removed"
            } else {
                "removed"
            },
            counted(rows_log, "row", "rows"),
            counted(rows_error, "row", "rows"),
        ),
        Lang::Fr => writeln!(
            text,
            "{}\u{a0}: {} de log, {} de logerreur, {}",
            if report.dry_run {
                "à purger"
            } else {
                "purgé"
            },
            lang.counted(rows_log, ["ligne", "lignes"]),
            lang.counted(rows_error, ["ligne", "lignes"]),
            lang.counted(rejects, words.rejects),
        ),
    };
    if runs + job_days > 0 {
        let _ = match lang {
            Lang::En => writeln!(
                text,
                "and as old: {}, {}",
                lang.counted(runs, words.runs),
                counted(job_days, "job day", "job days")
            ),
            Lang::Fr => writeln!(
                text,
                "et, aussi anciennes\u{a0}: {}, {}",
                lang.counted(runs, words.runs),
                lang.counted(job_days, ["journée de job", "journées de job"])
            ),
        };
    }
    if retired_runs > 0 {
        let _ = match lang {
            Lang::En => writeln!(
                text,
                "{} of {} {}: they stay as they are",
                lang.counted(retired_runs, words.runs),
                counted(retired_trees, "tree", "trees"),
                if report.dry_run {
                    "would retire"
                } else {
                    "retired"
                },
            ),
            Lang::Fr => writeln!(
                text,
                "{} de {} {}\u{a0}: elles restent comme elles sont",
                lang.counted(retired_runs, words.runs),
                lang.counted(retired_trees, ["arbre", "arbres"]),
                if report.dry_run {
                    "à retirer du calcul"
                } else {
                    "hors du calcul"
                },
            ),
        };
    }
    if unsettled_trees > 0 {
        let _ = match lang {
            Lang::En => writeln!(
                text,
                "{} as old, for now: rows came lately (retention.settled_after)",
                counted(
                    unsettled_trees,
                    "tree stays although it is",
                    "trees stay although they are"
                ),
            ),
            Lang::Fr => writeln!(
                text,
                "{} pour l’instant\u{a0}: des lignes sont venues récemment (retention.settled_after)",
                lang.counted(
                    unsettled_trees,
                    ["arbre aussi ancien reste", "arbres aussi anciens restent"]
                ),
            ),
        };
    }
    if report.dry_run {
        text.push_str(lang.pick(
            "nothing was changed: without --dry-run it will be\n",
            "rien n’a changé\u{a0}: sans --dry-run, ce sera fait\n",
        ));
    }
    text
}
