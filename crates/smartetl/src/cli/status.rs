//! `smartetl status`: what was received, what the last night came to, and what needs someone.

use super::{Context, Database, Outcome, sql};
use crate::output::{self, ReportFormat, Sheet};
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to write it; json has one list for each part
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

/// One part of the answer.
struct Part {
    /// In JSON.
    name: &'static str,
    title: &'static str,
    /// Said instead of an empty table.
    nothing: &'static str,
    query: &'static str,
}

/// Before the lines of a part.
const INDENT: &str = "  ";

const PARTS: &[Part] = &[
    Part {
        name: "received",
        title: "Last log received",
        nothing: "nothing yet: `smartetl load PATH` reads logs, `smartetl fuse` makes runs of them",
        query: "SELECT environment, system, date_trunc('second', last_event_at) AS last_event_at
                FROM horizon ORDER BY environment, system",
    },
    Part {
        name: "loaded",
        title: "Loaded",
        nothing: "nothing",
        query: "SELECT count(DISTINCT source) AS sources, count(*) AS batches, coalesce(sum(records), 0) AS records,
                       coalesce(sum(rows_log), 0) AS log, coalesce(sum(rows_error), 0) AS logerreur,
                       coalesce(sum(rejects), 0) AS rejects, count(*) FILTER (WHERE NOT fused) AS batches_not_fused,
                       date_trunc('second', max(committed_at)) AS last_commit
                FROM batch",
    },
    Part {
        name: "sources",
        title: "Sources",
        nothing: "none",
        query: "SELECT dialect, count(DISTINCT source) AS sources, sum(records) AS records, sum(rejects) AS rejects,
                       date_trunc('second', max(committed_at)) AS last_commit
                FROM batch GROUP BY dialect ORDER BY dialect",
    },
    Part {
        name: "rejects",
        title: "Rejects by reason",
        nothing: "none",
        query: "SELECT reason, count(*) AS rejects, min(detail) AS for_example
                FROM reject GROUP BY reason ORDER BY count(*) DESC, reason",
    },
    Part {
        name: "runs",
        title: "Runs of the last business day",
        nothing: "none: `smartetl fuse` makes runs from rows",
        query: "WITH last AS (SELECT environment, max(business_day) AS business_day FROM dataset GROUP BY environment)
                SELECT environment, business_day, status, count(*) AS runs
                FROM last JOIN dataset USING (environment, business_day)
                GROUP BY environment, business_day, status ORDER BY environment, status",
    },
    Part {
        name: "jobs",
        title: "Jobs of the last business day",
        nothing: "none: runs that were started by hand or to reprocess make no night",
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
        title: "Open problems (jobs that have not come right since, of two weeks)",
        nothing: "none",
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
        title: "Last fuse",
        nothing: "never",
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
        ReportFormat::Table => output::print(&text(&sheets, &zone)?)?,
        ReportFormat::Json => output::print(&json(&sheets)?)?,
    }
    Ok(Outcome::Done)
}

fn text(sheets: &[(&Part, Sheet)], zone: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let width = output::terminal_width().map(|width| width.saturating_sub(INDENT.len() as u16));
    for (part, sheet) in sheets {
        let body = if sheet.rows.is_empty() {
            format!("{}\n", part.nothing)
        } else {
            sheet.to_text(width)?
        };
        for line in std::iter::once(part.title).chain(body.lines().map(str::trim_end)) {
            let indent = if line == part.title || line.is_empty() {
                ""
            } else {
                INDENT
            };
            writeln!(text, "{indent}{line}").expect("writing to memory cannot fail");
        }
        text.push('\n');
    }
    Ok(text + &format!("Times are in {zone}.\n"))
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
