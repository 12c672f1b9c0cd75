//! `smartetl unload SOURCE|BATCH…`: takes back what was loaded, as if it had never been.

use super::near::near;
use super::{Context, Database, Outcome, again, summary};
use crate::errors::{ErrorCode, Failure, runnable};
use crate::jobs::told;
use crate::jobs::unload::{self, Report, Wanted};
use crate::night::Lang;
use crate::output::{self, ReportFormat, counted};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::take_back;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(
        required = true,
        value_name = "SOURCE|BATCH",
        help = "Files, folders or globs that were loaded, also ones that are gone; http:logs or http:lineage, for what was \
                posted; or numbers of batches, like 12 or 12-20"
    )]
    targets: Vec<String>,
    /// Only say what would be taken back
    #[arg(long)]
    dry_run: bool,
    /// Also what cannot be loaded again, because its file is gone
    #[arg(long)]
    force: bool,
    /// The clock of the fuse that follows, like 2026-11-23T07:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<jiff::Timestamp>,
    /// How to write what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let known = take_back::known_paths(&mut connection).await?;
    let wanted = wanted(&args.targets, &known)?;
    let now = Moment(jiff::Timestamp::now().as_microsecond());
    let request = unload::Request {
        wanted,
        dry_run: args.dry_run,
        force: args.force,
        config: FuseConfig::from(&context.settings_of(&mut connection).await?),
        rules: Rules::from(&context.settings),
        as_of: args.as_of.map_or(now, |at| Moment(at.as_microsecond())),
        now,
        folder: super::database::scratch(context)?,
    };
    let report = unload::unload(&mut connection, request)
        .await
        .map_err(told)?;
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            let text = runnable(&text(&report, context.lang()), &again::folder(context));
            output::print(&output::folded(&text, output::terminal_width()))?;
        }
    }
    Ok(Outcome::Done)
}

/// What the targets mean. A number is a batch, unless a file of that name was loaded.
fn wanted(targets: &[String], known: &[(String, i64)]) -> anyhow::Result<Wanted> {
    let mut wanted = Wanted::default();
    for target in targets {
        let path = std::path::absolute(target).unwrap_or_else(|_| PathBuf::from(target));
        let mut lineages = known
            .iter()
            .filter(|(known, _)| means(target, &path, Path::new(known)))
            .map(|(_, lineage)| *lineage)
            .peekable();
        if lineages.peek().is_some() {
            wanted.lineages.extend(lineages);
            continue;
        }
        let Some((first, last)) = numbers(target) else {
            return Err(nothing_from(&path, known).into());
        };
        wanted.batches.extend(first..=last);
    }
    Ok(wanted)
}

/// Nothing was loaded from this path; perhaps another one is meant.
fn nothing_from(path: &Path, known: &[(String, i64)]) -> Failure {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let names: Vec<String> = known
        .iter()
        .map(|(path, _)| name(Path::new(path)))
        .collect();
    let near = near(&name(path), names.iter().map(String::as_str));
    let failure = Failure::new(
        ErrorCode::Usage,
        [
            "nothing was loaded from there",
            "rien n’a été chargé à partir de là",
        ],
    )
    .at(path.display().to_string());
    if near.is_empty() {
        failure.hint([
            "`smartetl sql \"SELECT path FROM source WHERE lineage IS NOT NULL ORDER BY path\"` names what was",
            "`smartetl sql \"SELECT path FROM source WHERE lineage IS NOT NULL ORDER BY path\"` nomme ce qui l’a été",
        ])
    } else {
        let near = near.join(", ");
        failure.hint([
            format!("did you mean {near}?"),
            format!("vouliez-vous dire {near}\u{a0}?"),
        ])
    }
}

/// Whether a path that was loaded is the target, lies below it, or matches it.
fn means(target: &str, path: &Path, known: &Path) -> bool {
    // What is no file is called by its name: http:logs.
    if known.starts_with(path) || known == Path::new(target) {
        return true;
    }
    target.contains(['*', '?', '['])
        && glob::Pattern::new(&path.display().to_string())
            .is_ok_and(|pattern| pattern.matches_path(known))
}

/// `12` or `12-20`, at most a million of them.
fn numbers(target: &str) -> Option<(i64, i64)> {
    let (first, last) = target.split_once('-').unwrap_or((target, target));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (0 < first && first <= last && last - first < 1_000_000).then_some((first, last))
}

fn text(report: &Report, lang: Lang) -> String {
    let words = lang.words();
    let mut text = String::new();
    for (path, taken) in &report.sources {
        let records = lang.counted(taken.records, words.records);
        let what = if taken.whole {
            lang.pick("all of it", "en entier")
        } else if !taken.is_file {
            lang.pick("part of it", "en partie")
        } else {
            lang.pick("its end", "sa fin")
        };
        let _ = writeln!(text, "{path}{} {what}, {records}", lang.colon());
    }
    let (batches, log, errors, rejects) = (
        report.batches,
        report.rows_log,
        report.rows_error,
        report.rejects,
    );
    let _ = match lang {
        Lang::En => writeln!(
            text,
            "{} {} taken back: {} of log, {} of logerreur, {rejects} rejected",
            counted(batches, "batch", "batches"),
            match (report.dry_run, batches) {
                (true, _) => "would be",
                (false, 1) => "is",
                (false, _) => "are",
            },
            counted(log, "row", "rows"),
            counted(errors, "row", "rows"),
        ),
        Lang::Fr => writeln!(
            text,
            "{} {}\u{a0}: {} de log, {} de logerreur, {}",
            lang.counted(batches, ["lot", "lots"]),
            if report.dry_run {
                "à retirer"
            } else {
                lang.plural(batches.cast_signed(), "retiré", "retirés")
            },
            lang.counted(log, ["ligne", "lignes"]),
            lang.counted(errors, ["ligne", "lignes"]),
            lang.counted(rejects, words.rejects),
        ),
    };
    if let Some(fuse) = &report.fuse {
        let _ = writeln!(text, "{}", summary::fused(fuse, lang));
    }
    text.push_str(if report.dry_run {
        lang.pick(
            "nothing was changed: without --dry-run it is\n",
            "rien n’a changé\u{a0}: sans --dry-run, c’est fait\n",
        )
    } else if !report.sources.values().any(|taken| taken.is_file) {
        ""
    } else {
        lang.pick(
            "smartetl load reads it again, with other options if you give some: smartetl load --help\n",
            "smartetl load le relit, avec d’autres options si vous en donnez\u{a0}: smartetl load --help\n",
        )
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_paths_first_and_then_numbers() {
        let known = [
            ("/logs/a.csv".to_owned(), 1),
            ("/logs/b/c.csv".to_owned(), 2),
            ("/logs/b/c.csv".to_owned(), 3),
            ("/logs/b2.csv".to_owned(), 4),
        ];
        let check = |targets: &[&str], lineages: &[i64], batches: &[i64]| {
            let targets: Vec<String> = targets.iter().map(|&target| target.to_owned()).collect();
            let found = wanted(&targets, &known).expect("they mean something");
            assert_eq!(found.lineages.into_iter().collect::<Vec<_>>(), lineages);
            assert_eq!(found.batches.into_iter().collect::<Vec<_>>(), batches);
        };
        check(&["/logs/a.csv"], &[1], &[]);
        check(&["/logs/b"], &[2, 3], &[]);
        check(&["/logs/*.csv", "12"], &[1, 2, 3, 4], &[12]);
        check(&["7-9"], &[], &[7, 8, 9]);
        for wrong in ["/other", "9-7", "0", "-3", "x1"] {
            assert!(wanted(&[wrong.to_owned()], &known).is_err(), "{wrong}");
        }
    }
}
