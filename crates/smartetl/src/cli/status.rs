//! `smartetl status`: what was received, what the last night came to, and what needs someone.

use super::again::{folder, same_database};
use super::{Context, Database, Outcome, sql, up};
use crate::errors::runnable;
use crate::night::{self, Lang, Teller};
use crate::output::{self, ReportFormat, Sheet};
use smartetl_core::model::{Blame, Category, Verdict};
use sqlx::PgConnection;
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to write it; json has one list for each part
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
    /// Language for people; that of the environment (LANG) where it is left out
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// One part of the answer.
struct Part {
    /// In JSON.
    name: &'static str,
    /// English, French.
    title: [&'static str; 2],
    /// Said instead of an empty table. English, French.
    nothing: [&'static str; 2],
    query: &'static str,
}

/// Before the lines of a part.
const INDENT: &str = "  ";

const PARTS: &[Part] = &[
    Part {
        name: "received",
        title: ["Last log received", "Derniers journaux reçus"],
        nothing: ["nothing yet: `smartetl load PATH` reads logs, `smartetl fuse` makes runs of them", "aucun pour l’instant\u{a0}: `smartetl load CHEMIN` lit des journaux, `smartetl fuse` en tire des exécutions"],
        query: "SELECT environment, system, date_trunc('second', last_event_at) AS last_event_at
                FROM horizon ORDER BY environment, system",
    },
    Part {
        name: "loaded",
        title: ["Loaded", "Chargé"],
        nothing: ["nothing", "rien"],
        query: "SELECT count(DISTINCT source) AS sources, count(*) AS batches, coalesce(sum(records), 0) AS records,
                       coalesce(sum(rows_log), 0) AS log, coalesce(sum(rows_error), 0) AS logerreur,
                       coalesce(sum(rejects), 0) AS rejects, count(*) FILTER (WHERE NOT fused) AS batches_not_fused,
                       date_trunc('second', max(committed_at)) AS last_commit
                FROM batch",
    },
    Part {
        name: "sources",
        title: ["Sources", "Sources"],
        nothing: ["none", "aucune"],
        query: "SELECT dialect, count(DISTINCT source) AS sources, sum(records) AS records, sum(rejects) AS rejects,
                       date_trunc('second', max(committed_at)) AS last_commit
                FROM batch GROUP BY dialect ORDER BY dialect",
    },
    Part {
        name: "rejects",
        title: ["Rejects by reason", "Lignes rejetées, par raison"],
        nothing: ["none", "aucune"],
        query: "SELECT reason, count(*) AS rejects, min(detail) AS for_example
                FROM reject GROUP BY reason ORDER BY count(*) DESC, reason",
    },
    Part {
        name: "runs",
        title: ["Runs of the last business day", "Exécutions de la dernière journée d’exploitation"],
        nothing: ["none: `smartetl fuse` makes runs from rows", "aucune\u{a0}: `smartetl fuse` tire des exécutions des lignes"],
        query: "WITH last AS (SELECT environment, max(business_day) AS business_day FROM dataset GROUP BY environment)
                SELECT environment, business_day, status, count(*) AS runs
                FROM last JOIN dataset USING (environment, business_day)
                GROUP BY environment, business_day, status ORDER BY environment, status",
    },
    Part {
        name: "jobs",
        title: ["Jobs of the last business day", "Jobs de la dernière journée d’exploitation"],
        nothing: ["none: runs that were started by hand or to reprocess make no night", "aucun\u{a0}: les exécutions lancées à la main et les reprises ne font pas de nuit"],
        query: "WITH last AS (SELECT environment, max(business_day) AS business_day FROM job_day GROUP BY environment)
                SELECT environment, business_day, count(*) AS jobs,
                       count(*) FILTER (WHERE verdict = 'ok') AS ok,
                       count(*) FILTER (WHERE verdict = 'recovered') AS recovered,
                       count(*) FILTER (WHERE verdict = 'failed') AS failed,
                       count(*) FILTER (WHERE verdict = 'lost') AS lost,
                       count(*) FILTER (WHERE verdict = 'running') AS running,
                       count(*) FILTER (WHERE verdict = 'unverified') AS unverified
                FROM last JOIN job_day USING (environment, business_day)
                GROUP BY environment, business_day ORDER BY environment",
    },
    Part {
        name: "problems",
        title: ["Open problems (jobs that have not come right since, of two weeks)", "Problèmes ouverts (jobs qui n’ont pas réussi depuis, sur deux semaines)"],
        nothing: ["none", "aucun"],
        query: "WITH latest AS (SELECT DISTINCT ON (environment, project, job) environment, business_day, project, job, verdict,
                       category, blame, cause_job, first_failure_at
                FROM job_day WHERE business_day > (SELECT max(business_day) FROM job_day) - 14 AND verdict <> 'running'
                ORDER BY environment, project, job, business_day DESC)
                SELECT environment, business_day, project, job, verdict, category, blame, cause_job,
                       date_trunc('second', first_failure_at) AS first_failure_at
                FROM latest WHERE verdict IN ('failed', 'lost', 'unverified')
                ORDER BY environment, business_day DESC, first_failure_at, project, job",
    },
    Part {
        name: "fuse",
        title: ["Last fuse", "Dernière fusion"],
        nothing: ["never", "jamais"],
        query: "SELECT as_of, date_trunc('second', fused_at) AS fused_at, runs FROM fuse_state",
    },
];

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let options = database
        .options()?
        .options([("default_transaction_read_only", "on")]);
    let mut connection = database.connect_with(options).await?;
    smartetl_store::check_tables(&mut connection).await?;
    let zone = match args.format {
        // People read local times, programs UTC.
        ReportFormat::Table => context.settings_of(&mut connection).await?.timezone,
        ReportFormat::Json => "UTC".to_owned(),
    };
    sqlx::query("SELECT set_config('TimeZone', $1, false)")
        .bind(&zone)
        .execute(&mut connection)
        .await?;
    let mut sheets = Vec::with_capacity(PARTS.len());
    for part in PARTS {
        sheets.push((part, sql::fetch(&mut connection, part.query).await?));
    }
    match args.format {
        ReportFormat::Table => {
            let teller = Teller {
                lang: args.lang.unwrap_or_else(Lang::of_environment),
                zone: jiff::tz::TimeZone::get(&zone)?,
                now: jiff::Timestamp::now(),
            };
            let night = told_night(&mut connection, &teller, context).await?;
            let tables = runnable(&text(&sheets, &zone, teller.lang)?, &folder(context));
            output::print(&format!("{night}{tables}"))?;
        }
        ReportFormat::Json => output::print(&json(&sheets)?)?,
    }
    Ok(Outcome::Done)
}

/// The last night as `up` tells it, or why there is none; nothing where there are no runs at all.
async fn told_night(
    connection: &mut PgConnection,
    teller: &Teller,
    context: &Context,
) -> anyhow::Result<String> {
    let told = if let Some(night) = smartetl_store::night::night(connection, None, None).await? {
        night::summary(&night, teller, up::width(), context.colour)
    } else {
        let runs = smartetl_store::night::unscheduled(connection).await?;
        if runs.is_empty() {
            return Ok(String::new());
        }
        night::without_night(&runs, teller.lang, &same_database(context), up::width())
    };
    Ok(output::folded(&told, output::terminal_width()) + "\n")
}

fn text(sheets: &[(&Part, Sheet)], zone: &str, lang: Lang) -> anyhow::Result<String> {
    let mut text = String::new();
    let width = output::terminal_width().map(|width| width.saturating_sub(INDENT.len() as u16));
    for (part, sheet) in sheets {
        let title = in_lang(part.title, lang);
        let body = match lang {
            _ if sheet.rows.is_empty() => format!("{}\n", in_lang(part.nothing, lang)),
            Lang::En => sheet.to_text(width)?,
            Lang::Fr => in_french(sheet).to_text(width)?,
        };
        writeln!(text, "{title}").expect("writing to memory cannot fail");
        for line in body.lines().map(str::trim_end) {
            let indent = if line.is_empty() { "" } else { INDENT };
            writeln!(text, "{indent}{line}").expect("writing to memory cannot fail");
        }
        text.push('\n');
    }
    Ok(text
        + &match lang {
            Lang::En => format!("Times are in {zone}.\n"),
            Lang::Fr => format!("{} {zone}\n", lang.words().zone),
        })
}

const fn in_lang([en, fr]: [&'static str; 2], lang: Lang) -> &'static str {
    lang.pick(en, fr)
}

/// A table with its headings, and the words of smartETL in it, in French. What people write into SQL stays in JSON.
fn in_french(sheet: &Sheet) -> Sheet {
    let mut sheet = sheet.clone();
    for (index, column) in sheet.columns.iter_mut().enumerate() {
        for row in &mut sheet.rows {
            if let Some(value) = &mut row[index]
                && let Some(word) = french_word(&column.name, value)
            {
                word.clone_into(value);
            }
        }
        if let Some(heading) = french_heading(&column.name) {
            heading.clone_into(&mut column.name);
        }
    }
    sheet
}

fn french_word(column: &str, value: &str) -> Option<&'static str> {
    let verdict = |value| Some(night::verdict(Verdict::parse(value)?, 1, Lang::Fr));
    match (column, value) {
        ("status", "success") => Some("réussi"),
        ("status", "cancelled") => Some("annulé"),
        ("status", "skipped") => Some("ignoré"),
        ("status" | "verdict", value) => verdict(value),
        ("category", value) => Some(night::category(Category::parse(value)?, Lang::Fr)),
        ("blame", value) => Some(night::blame(Blame::parse(value)?, Lang::Fr)),
        _ => None,
    }
}

fn french_heading(column: &str) -> Option<&'static str> {
    Some(match column {
        "environment" => "environnement",
        "system" => "outil",
        "last_event_at" => "dernier journal",
        "batches" => "lots",
        "batches_not_fused" => "lots non fusionnés",
        "records" => "enregistrements",
        "rejects" => "lignes rejetées",
        "last_commit" => "enregistré le",
        "dialect" => "dialecte",
        "reason" => "raison",
        "for_example" => "par exemple",
        "business_day" => "journée",
        "status" | "verdict" => "résultat",
        "runs" => "exécutions",
        "ok" => "réussis",
        "recovered" => "rattrapés",
        "failed" => "en échec",
        "lost" => "sans fin",
        "running" => "en cours",
        "unverified" => "non vérifiables",
        "project" => "projet",
        "category" => "catégorie",
        "blame" => "à traiter par",
        "cause_job" => "job en cause",
        "first_failure_at" => "premier échec",
        "as_of" => "état au",
        "fused_at" => "fusionné le",
        _ => return None,
    })
}

fn json(sheets: &[(&Part, Sheet)]) -> anyhow::Result<String> {
    let mut parts = Vec::with_capacity(sheets.len());
    for (part, sheet) in sheets {
        parts.push(format!(
            "\"{}\": {}",
            part.name,
            sheet.to_json()?.trim_end()
        ));
    }
    Ok(format!("{{\n{}\n}}\n", parts.join(",\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::typography;

    #[test]
    fn french_titles_are_set_well_and_only_our_words_are_translated() {
        for part in PARTS {
            typography::check(part.title[1]);
            typography::check(part.nothing[1]);
        }
        assert_eq!(french_word("verdict", "lost"), Some("sans fin"));
        assert_eq!(french_word("job", "failed"), None);
    }
}
