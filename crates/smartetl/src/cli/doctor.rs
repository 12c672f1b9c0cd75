//! `smartetl doctor`.

use super::again::folder;
use super::{Context, Outcome};
use crate::doctor::{self, Status};
use crate::errors::{ErrorCode, Failure, runnable};
use crate::night::Lang;
use crate::output::{self, ReportFormat};
use crate::wait::{self, Target};
use std::fmt::Write;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to write what was found; json also gives the address of the database, with its password
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
    /// Only ask the running service of this machine whether it is ready: exit 0 or 1, for health checks
    #[arg(long, conflicts_with = "format")]
    live: bool,
    /// Port of the service where it is not that of the setting `http.port`, as `up --port` was given it
    #[arg(long, requires = "live")]
    port: Option<u16>,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    if args.live {
        return live(args.port, context).await;
    }
    let report = doctor::examine(context).await;
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            let text = text(&report, context.lang(), context.colour);
            output::print(&runnable(&text, &folder(context)))?;
        }
    }
    Ok(if report.status == Status::Fail {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

async fn live(port: Option<u16>, context: &Context) -> anyhow::Result<Outcome> {
    let url = doctor::ready_url(port, context);
    let target: Target = url
        .parse()
        .map_err(|message: String| Failure::new(ErrorCode::Internal, message))?;
    let Err(reason) = wait::try_once(&target, LONGEST_ANSWER).await else {
        context.say(&format!(
            "{url} {}",
            context.lang().pick("answers", "répond")
        ));
        return Ok(Outcome::Done);
    };
    let failure = Failure::new(
        ErrorCode::NotThere,
        [
            format!("the service is not ready: {reason}"),
            format!("le service n’est pas prêt\u{a0}: {reason}"),
        ],
    );
    let hint = if reason.contains("503") {
        [
            "it runs, but something it needs is not there, or it hangs: what this address answers says what",
            "il tourne, mais il lui manque quelque chose, ou il est bloqué\u{a0}: la réponse de cette adresse dit quoi",
        ]
    } else {
        [
            "start it with `smartetl up`; where it listens on another port, say which: `smartetl doctor --live --port PORT`, \
             or SMARTETL_HTTP_PORT for both",
            "démarrez-le avec `smartetl up`\u{a0}; s’il écoute sur un autre port, dites lequel\u{a0}: `smartetl doctor --live \
             --port PORT`, ou SMARTETL_HTTP_PORT pour les deux",
        ]
    };
    Err(failure.at(url).hint(hint).into())
}

/// More than the service waits for its database.
const LONGEST_ANSWER: Duration = Duration::from_secs(4);

/// One line for each check, its hint below, the sum at the end. The status is a word; colour only repeats it.
fn text(report: &doctor::Report, lang: Lang, colour: bool) -> String {
    let width = report
        .checks
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    let words = report.checks.iter().map(|check| check.status.word(lang));
    let of_word = words
        .map(|word| word.chars().count())
        .max()
        .unwrap_or(0)
        .max(4);
    let mut text = format!("smartETL {}\n\n", report.version);
    for check in &report.checks {
        let word = check.status.word(lang);
        let word = match (colour, check.status) {
            (true, Status::Ok) => format!("\x1b[32m{word:<of_word$}\x1b[0m"),
            (true, Status::Warn) => format!("\x1b[33m{word:<of_word$}\x1b[0m"),
            (true, Status::Fail) => format!("\x1b[1;31m{word:<of_word$}\x1b[0m"),
            (false, _) => format!("{word:<of_word$}"),
        };
        writeln!(
            text,
            "{word}  {:<width$}  {}",
            check.name,
            check.detail.text(lang)
        )
        .expect("writing to memory cannot fail");
        if let Some(hint) = &check.hint {
            let (hint, word) = (hint.text(lang), lang.pick("hint:", "conseil\u{a0}:"));
            writeln!(text, "{:<of_word$}  {:<width$}  {word} {hint}", "", "")
                .expect("writing to memory cannot fail");
        }
    }
    let count = |status| {
        report
            .checks
            .iter()
            .filter(|check| check.status == status)
            .count()
    };
    let sum = match (count(Status::Fail), count(Status::Warn)) {
        (0, 0) => lang
            .pick("\nAll is well.\n", "\nTout va bien.\n")
            .to_owned(),
        (0, warn) => match lang {
            Lang::En => format!("\nIt works; {warn} to look at.\n"),
            Lang::Fr => format!("\nCela fonctionne\u{a0}; {warn} à regarder.\n"),
        },
        (fail, warn) => match lang {
            Lang::En => format!("\n{fail} to repair, {warn} to look at.\n"),
            Lang::Fr => format!("\n{fail} à réparer, {warn} à regarder.\n"),
        },
    };
    text + &sum
}
