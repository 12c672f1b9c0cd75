//! `smartetl status`: what was received, what the last night came to, and what needs someone.

use super::again::{folder, same_database};
use super::filters::Places;
use super::watching::Watching;
use super::{Context, Outcome, other_night, sql, unmapped, up};
use crate::errors::runnable;
use crate::look::watch::Frame;
use crate::look::words;
use crate::night::{self, Lang, Teller};
use crate::output::{self, ReportFormat, Sheet};
use jiff::tz::TimeZone;
use smartetl_store::export::like;
use smartetl_store::looking::Filter;
use sqlx::PgConnection;
use std::borrow::Cow;
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    places: Places,
    /// How to write it; json has one list for each part
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
    #[command(flatten)]
    watching: Watching,
}

/// One part of the answer.
struct Part {
    /// In JSON.
    name: &'static str,
    /// English, French.
    title: [&'static str; 2],
    /// Said instead of an empty table. English, French.
    nothing: [&'static str; 2],
    /// Left out where it is empty: not everybody has it.
    is_optional: bool,
    query: &'static str,
}

/// Before the lines of a part.
const INDENT: &str = "  ";

const PARTS: &[Part] = &[
    Part {
        name: "received",
        title: ["Last log received", "Derniers journaux reçus"],
        nothing: ["nothing yet: `smartetl load PATH` reads logs, `smartetl fuse` makes runs of them", "aucun pour l’instant\u{a0}: `smartetl load CHEMIN` lit des journaux, `smartetl fuse` en tire des exécutions"],
        is_optional: false,
        query: "SELECT environment, system, date_trunc('second', last_event_at) AS last_event_at
                FROM horizon WHERE (current_setting('smartetl.environments') = '' OR
                       environment = ANY (string_to_array(current_setting('smartetl.environments'), ',')))
                ORDER BY environment, system",
    },
    Part {
        name: "loaded",
        title: ["Loaded", "Chargé"],
        nothing: ["nothing", "rien"],
        is_optional: false,
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
        is_optional: false,
        query: "SELECT dialect, count(DISTINCT source) AS sources, sum(records) AS records, sum(rejects) AS rejects,
                       date_trunc('second', max(committed_at)) AS last_commit
                FROM batch GROUP BY dialect ORDER BY dialect",
    },
    Part {
        name: "rejects",
        title: ["Rejects by reason", "Lignes rejetées, par raison"],
        nothing: ["none", "aucune"],
        is_optional: false,
        query: "SELECT reason, count(*) AS rejects, min(detail) AS for_example
                FROM reject GROUP BY reason ORDER BY count(*) DESC, reason",
    },
    Part {
        name: "left_out",
        title: ["Rows left out: they came after their trees had retired (smartetl prune --help)", "Lignes laissées de côté\u{a0}: venues après la purge de leurs arbres (smartetl prune --help)"],
        nothing: ["none", "aucune"],
        is_optional: true,
        query: "SELECT path, sum(left_out) AS rows, date_trunc('second', max(committed_at)) AS last_commit
                FROM batch JOIN source USING (source) WHERE left_out > 0 GROUP BY path ORDER BY max(committed_at) DESC, path LIMIT 20",
    },
    Part {
        name: "runs",
        title: ["Runs of the last business day", "Exécutions de la dernière journée d’exploitation"],
        nothing: ["none: `smartetl fuse` makes runs from rows", "aucune\u{a0}: `smartetl fuse` tire des exécutions des lignes"],
        is_optional: false,
        query: "WITH last AS (SELECT environment, coalesce(nullif(current_setting('smartetl.day'), '')::date, max(business_day))
                       AS business_day FROM dataset
                       WHERE (current_setting('smartetl.environments') = '' OR
                       environment = ANY (string_to_array(current_setting('smartetl.environments'), ','))) GROUP BY environment)
                SELECT environment, business_day, status, count(*) AS runs
                FROM last JOIN dataset USING (environment, business_day) WHERE job LIKE current_setting('smartetl.job')
                GROUP BY environment, business_day, status ORDER BY environment, status",
    },
    Part {
        name: "jobs",
        title: ["Jobs of the last business day", "Jobs de la dernière journée d’exploitation"],
        nothing: ["none: runs that were started by hand or to reprocess make no night", "aucun\u{a0}: les exécutions lancées à la main et les reprises ne font pas de nuit"],
        is_optional: false,
        query: "WITH last AS (SELECT environment, coalesce(nullif(current_setting('smartetl.day'), '')::date, max(business_day))
                       AS business_day FROM job_day
                       WHERE (current_setting('smartetl.environments') = '' OR
                       environment = ANY (string_to_array(current_setting('smartetl.environments'), ','))) GROUP BY environment)
                SELECT environment, business_day, count(*) AS jobs,
                       count(*) FILTER (WHERE verdict = 'ok' AND ready_at IS NOT NULL) AS ok,
                       count(*) FILTER (WHERE verdict = 'recovered') AS recovered,
                       count(*) FILTER (WHERE verdict = 'failed') AS failed,
                       count(*) FILTER (WHERE verdict = 'lost') AS lost,
                       count(*) FILTER (WHERE verdict = 'running') AS running,
                       count(*) FILTER (WHERE verdict = 'unverified') AS unverified,
                       count(*) FILTER (WHERE verdict = 'ok' AND ready_at IS NULL) AS cancelled
                FROM last JOIN job_day USING (environment, business_day) WHERE job LIKE current_setting('smartetl.job')
                GROUP BY environment, business_day ORDER BY environment",
    },
    Part {
        name: "problems",
        title: ["Jobs that have not come right since (of two weeks)", "Jobs qui n’ont pas réussi depuis (sur deux semaines)"],
        nothing: ["none", "aucun"],
        is_optional: false,
        query: "WITH latest AS (SELECT DISTINCT ON (environment, project, job) environment, business_day, project, job, verdict,
                       category, blame, cause_job, first_failure_at
                FROM job_day, (SELECT coalesce(nullif(current_setting('smartetl.day'), '')::date, max(business_day)) AS newest
                               FROM job_day) AS asked
                WHERE business_day > newest - 14 AND business_day <= newest AND verdict <> 'running' AND job LIKE current_setting('smartetl.job')
                  AND (current_setting('smartetl.environments') = '' OR
                       environment = ANY (string_to_array(current_setting('smartetl.environments'), ',')))
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
        is_optional: false,
        query: "SELECT as_of, date_trunc('second', fused_at) AS fused_at, runs FROM fuse_state",
    },
    Part {
        name: "consumers",
        title: ["Consumers of Kafka", "Consommateurs de Kafka"],
        nothing: ["none", "aucun"],
        is_optional: true,
        // Those that ended are shown where no other of their group is newer.
        query: "SELECT group_name AS \"group\", CASE WHEN ended_at IS NOT NULL THEN 'ended'
                       WHEN seen_at < now() - interval '15 seconds' THEN 'silent' ELSE 'alive' END AS state,
                       host, pid, date_trunc('second', started_at) AS started_at, date_trunc('second', seen_at) AS seen_at,
                       messages, rows_log AS log, rows_error AS logerreur, rejects, last_error
                FROM consumer WHERE ended_at IS NULL OR NOT EXISTS (SELECT FROM consumer AS newer
                       WHERE newer.group_name = consumer.group_name AND newer.seen_at > consumer.seen_at)
                ORDER BY group_name, state, started_at, consumer",
    },
    Part {
        name: "lag",
        title: ["Kafka lag: messages not stored yet", "Décalage Kafka\u{a0}: messages pas encore enregistrés"],
        nothing: ["none", "aucun"],
        is_optional: true,
        query: "SELECT topic, count(*) AS partitions, sum(greatest(end_offset - next_record, 0)) AS lag,
                       date_trunc('second', min(seen_at)) AS seen_at
                FROM consumer_partition JOIN checkpoint ON lineage = partition GROUP BY topic ORDER BY topic",
    },
];

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let mut first = true;
    args.watching
        .show(context, async |connection, teller| {
            let filter = args.places.resolve(connection).await?;
            if std::mem::take(&mut first) {
                let places = &args.places;
                places
                    .warn_of_unknown_job(connection, &filter, context)
                    .await?;
                unmapped::warn(connection, context).await?;
            }
            let sheets = read(connection, &filter, args.format, &teller.zone).await?;
            let content = json(&sheets)?;
            if args.format == ReportFormat::Json {
                return Ok(Frame::of(content));
            }
            let night = told_night(connection, teller, &filter, context).await?;
            let is_part = args.places.job.is_some()
                || args.places.day.is_some()
                || !filter.environments.is_empty();
            let tables = runnable(&text(&sheets, teller, is_part)?, &folder(context));
            Ok(Frame {
                text: format!("{night}{tables}"),
                content,
            })
        })
        .await
}

/// All parts. What is asked for stands in settings of the session, so that the queries stay as they are written.
async fn read(
    connection: &mut PgConnection,
    filter: &Filter,
    format: ReportFormat,
    zone: &TimeZone,
) -> anyhow::Result<Vec<(&'static Part, Sheet)>> {
    let zone = match format {
        // People read local times, programs UTC.
        ReportFormat::Table => zone.iana_name().unwrap_or("UTC"),
        ReportFormat::Json => "UTC",
    };
    let day = filter.until.map_or_else(String::new, |day| day.to_string());
    for (name, value) in [
        ("TimeZone", zone),
        ("smartetl.environments", &filter.environments.join(",")),
        (
            "smartetl.job",
            &filter.job.as_deref().map_or_else(|| "%".to_owned(), like),
        ),
        ("smartetl.day", &day),
    ] {
        sqlx::query("SELECT set_config($1, $2, false)")
            .bind(name)
            .bind(value)
            .execute(&mut *connection)
            .await?;
    }
    let mut sheets = Vec::with_capacity(PARTS.len());
    for part in PARTS {
        sheets.push((part, sql::fetch(connection, part.query).await?));
    }
    Ok(sheets)
}

/// The last night as `up` tells it, or that of the day that is asked for; or why there is none. Nothing where there are no runs at
/// all, or some jobs only are asked for.
async fn told_night(
    connection: &mut PgConnection,
    teller: &Teller,
    filter: &Filter,
    context: &Context,
) -> anyhow::Result<String> {
    let environment = filter.environments.first().map(String::as_str);
    let is_some_only = filter.job.is_some() || filter.environments.len() > 1;
    if is_some_only {
        return Ok(String::new());
    }
    let night = smartetl_store::night::night(connection, environment, filter.until).await?;
    let told = if let Some(night) = night {
        let mut told = night::summary(&night, teller, up::width(), context.colour);
        if filter.until.is_none() {
            let note =
                other_night::note(connection, &night, teller, context, &folder(context)).await?;
            told.extend(note.map(|note| format!("\n{note}\n")));
        }
        told
    } else {
        let mut runs = smartetl_store::night::unscheduled(connection).await?;
        runs.retain(|runs| environment.is_none_or(|environment| runs.environment == environment));
        if runs.is_empty() || filter.until.is_some() {
            return Ok(String::new());
        }
        night::without_night(&runs, teller.lang, &same_database(context), up::width())
    };
    Ok(output::folded(&told, output::terminal_width()) + "\n")
}

/// `is_part`: only a part was asked for, so that nothing there says nothing about the rest.
fn text(sheets: &[(&Part, Sheet)], teller: &Teller, is_part: bool) -> anyhow::Result<String> {
    let lang = teller.lang;
    let zone = teller.zone.iana_name().unwrap_or("UTC");
    let mut text = String::new();
    let width = output::terminal_width().map(|width| width.saturating_sub(INDENT.len() as u16));
    let told = sheets
        .iter()
        .filter(|(part, sheet)| !part.is_optional || !sheet.rows.is_empty());
    for (part, sheet) in told {
        let title = in_lang(part.title, lang);
        let body = match lang {
            _ if sheet.rows.is_empty() && is_part => {
                format!("{}\n", lang.pick("none", "aucun résultat"))
            }
            _ if sheet.rows.is_empty() => format!("{}\n", in_lang(part.nothing, lang)),
            Lang::En => for_people(in_english(sheet)).to_text(width)?,
            Lang::Fr => for_people(in_french(sheet)).to_text(width)?,
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

/// What is not there has a sign of its own: people read no NULL.
fn for_people(mut sheet: Sheet) -> Sheet {
    for field in sheet.rows.iter_mut().flatten() {
        field.get_or_insert_with(|| words::NONE.to_owned());
    }
    sheet
}

/// A table with headings in words, not names of columns.
fn in_english(sheet: &Sheet) -> Sheet {
    let mut sheet = sheet.clone();
    for column in &mut sheet.columns {
        column.name = column.name.replace('_', " ");
    }
    sheet
}

/// A table with its headings, and the words of smartETL in it, in French. What people write into SQL stays in JSON.
fn in_french(sheet: &Sheet) -> Sheet {
    let mut sheet = sheet.clone();
    for (index, column) in sheet.columns.iter_mut().enumerate() {
        for row in &mut sheet.rows {
            let Some(value) = &mut row[index] else {
                continue;
            };
            let told = words::french(&column.name, value).map(Cow::into_owned);
            if let Some(told) = told {
                *value = told;
            }
        }
        if let Some(heading) = words::french_heading(&column.name) {
            heading.clone_into(&mut column.name);
        }
    }
    sheet
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
    fn french_titles_are_set_well() {
        for part in PARTS {
            typography::check(part.title[1]);
            typography::check(part.nothing[1]);
        }
    }
}
