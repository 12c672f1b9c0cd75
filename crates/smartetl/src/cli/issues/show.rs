//! `smartetl issues show`.

use super::super::again::folder;
use super::super::runs::zone_line;
use super::super::watching::Watching;
use super::example::Example;
use super::list::{columns, row};
use super::{Context, Found, Outcome, find, phrases};
use crate::issue::ActFacts;
use crate::look::watch::Frame;
use crate::look::words::{self, words};
use crate::look::{Cell, Grid, GridColumn, paint, shortened};
use crate::night::{Lang, Teller, cut, issue_shade, wrapped};
use crate::output::{self, Sheet};
use serde_json::{Value, json};
use smartetl_core::issue::Rules;
use smartetl_store::issues::{self, StoredAct};
use smartetl_store::looking::{self, Run};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::fmt::Write as _;
use uuid::Uuid;

/// Where no terminal says how wide lines may be.
const WIDTH: usize = 100;
/// So many of its last runs are listed.
const RUNS: u32 = 10;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id, or the beginning of it, as `smartetl issues` shows it
    #[arg(value_name = "ISSUE")]
    issue: String,
    /// How to write it: json has everything, as one object
    #[arg(long, value_enum, default_value_t = output::ReportFormat::Table)]
    format: output::ReportFormat,
    #[command(flatten)]
    watching: Watching,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let resolve_after = context.settings.issues.resolve_after;
    let rules = Rules::from(&context.settings);
    args.watching
        .show(context, async |connection, teller| {
            let shown = Shown::read(connection, &args.issue, rules, lang).await?;
            Ok(Frame::of(match args.format {
                output::ReportFormat::Json => shown.json(teller)?,
                output::ReportFormat::Table => shown.text(
                    &folder(context),
                    teller,
                    u32::from(resolve_after),
                    context.colour,
                ),
            }))
        })
        .await
}

/// All that is shown of an issue.
struct Shown {
    found: Found,
    short: String,
    example: Example,
    acts: Vec<StoredAct>,
    /// The numbers of those that had no effect.
    idle: Vec<i64>,
    runs: Vec<Run>,
    keys: HashMap<Uuid, String>,
    blocked: i64,
}

impl Shown {
    async fn read(
        connection: &mut PgConnection,
        name: &str,
        rules: Rules,
        lang: Lang,
    ) -> anyhow::Result<Self> {
        let found = find(connection, name, lang).await?;
        let issue = &found.listed;
        let mut short = issues::shortest(connection).await?;
        let runs = issues::recent_runs(connection, issue.row.issue, RUNS).await?;
        let keys: Vec<Uuid> = runs.iter().map(|run| run.run_key).collect();
        let acts = issues::acts_of(connection, &issue.row).await?;
        let blocked = issues::blocked(connection, &[issue.row.issue]).await?;
        let idle = if acts.is_empty() {
            Vec::new()
        } else {
            issues::idle_acts(connection, &issue.row, rules).await?
        };
        Ok(Self {
            short: short.remove(&issue.row.issue).unwrap_or_default(),
            acts,
            idle,
            keys: shortened(&looking::neighbours(connection, &keys).await?),
            runs,
            blocked: blocked.get(&issue.row.issue).copied().unwrap_or(0),
            example: Example::read(connection, issue).await?,
            found,
        })
    }

    fn text(&self, folder: &str, teller: &Teller, resolve_after: u32, colour: bool) -> String {
        let terminal = output::terminal_width().map(usize::from);
        let width = terminal.unwrap_or(WIDTH);
        let lang = teller.lang;
        let mut text = String::new();
        if let Some(told) = self.found.told(&self.short, lang) {
            text.push_str(&output::folded(
                &format!("{told}\n\n"),
                output::terminal_width(),
            ));
        }
        for (line, shade) in self.head(teller, resolve_after) {
            for line in wrapped(&line, width) {
                let _ = writeln!(text, "{}", paint(&line, shade, colour));
            }
        }
        text.push('\n');
        text.push_str(&self.example.text(folder, lang, width, colour));
        let _ = writeln!(text, "\n{}", lang.pick("Last runs", "Dernières exécutions"));
        text.push_str(&self.runs(teller).text(terminal, colour));
        if !self.acts.is_empty() {
            let _ = writeln!(text, "\n{}", lang.pick("What people did", "Historique"));
            text.push_str(&self.history(teller).text(terminal, colour));
        }
        text.push('\n');
        text + &zone_line(teller)
    }

    /// Lines with their colours.
    fn head(&self, teller: &Teller, resolve_after: u32) -> Vec<(String, &'static str)> {
        let (lang, row) = (teller.lang, &self.found.listed.row);
        let colon = lang.colon();
        let mut lines = Vec::new();
        let name = lang.pick("Issue", "Problème");
        let (family, environment) = (&row.family, &row.environment);
        lines.push((
            format!("{name} {} · {family} · {environment}", self.short),
            "1",
        ));
        lines.push((phrases::state(row, teller), issue_shade(row.state)));
        if let Some(title) = &self.found.listed.title {
            lines.push((cut(title, usize::MAX), "2"));
        }
        lines.push((phrases::seen(&self.found.listed, teller), ""));
        lines.push((
            phrases::harm(&self.found.listed.row, self.blocked, teller),
            "",
        ));
        let jobs = lang.pick("Jobs", "Jobs");
        lines.push((format!("{jobs}{colon} {}", row.jobs.join(", ")), ""));
        if let Some(successes) = row.successes.filter(|_| resolve_after > 0) {
            lines.push((phrases::progress(successes, resolve_after, teller), ""));
        }
        if let Some(known) = phrases::acknowledged(row, teller) {
            lines.push((known, ""));
        }
        if let Some(muted) = phrases::muted(&self.found.listed, teller) {
            lines.push((muted, "33"));
        }
        for (label, value) in [
            (lang.pick("Assigned to", "Suivi par"), &row.assignee),
            (lang.pick("Runbook", "Consigne"), &row.runbook),
            (lang.pick("Note", "Note"), &row.note),
        ] {
            if let Some(value) = value {
                lines.push((format!("{label}{colon} {value}"), ""));
            }
        }
        lines
    }

    fn runs(&self, teller: &Teller) -> Grid {
        let (lang, words) = (teller.lang, words(teller.lang));
        let mut grid = Grid::new(vec![
            GridColumn::new(words.started),
            GridColumn::new(words.job).cut_to(20),
            GridColumn::new(words.took).right().dispensable(1),
            GridColumn::new(words.result).cut_to(10),
            GridColumn::new(words.run),
        ]);
        for run in &self.runs {
            let outcome =
                Cell::shaded(words::outcome(run.outcome, lang), words::shade(run.outcome));
            grid.row(vec![
                Cell::of(teller.dated(run.started_at)),
                Cell::of(run.job.clone()),
                Cell::of(words::option_duration(run.duration_ms, lang)),
                outcome,
                Cell::of(self.keys.get(&run.run_key).map_or("", String::as_str)),
            ]);
        }
        grid
    }

    fn history(&self, teller: &Teller) -> Grid {
        let lang = teller.lang;
        let mut grid = Grid::new(vec![
            GridColumn::new(lang.pick("When", "Quand")),
            GridColumn::new(lang.pick("Who", "Qui")).cut_to(12),
            GridColumn::new(lang.pick("What", "Quoi")).cut_to(20),
        ]);
        for stored in &self.acts {
            let mut what = phrases::act(&stored.act.what, teller);
            // Somebody said later that it held since then.
            if (stored.made_at.0 - stored.act.at.0).abs() > 60_000_000 {
                let said = lang.pick("said", "saisi le");
                let _ = write!(what, " ({said} {})", teller.dated(stored.made_at));
            }
            if self.idle.contains(&stored.act.number) {
                what = format!(
                    "{}{} {what}",
                    lang.pick("no effect", "sans effet"),
                    lang.colon()
                );
            }
            grid.row(vec![
                Cell::of(teller.dated(stored.act.at)),
                Cell::of(stored.act.by.clone()),
                Cell::of(what),
            ]);
        }
        grid
    }

    fn json(&self, teller: &Teller) -> anyhow::Result<String> {
        let mut sheet = Sheet::new(columns());
        sheet.rows.push(row(
            &self.found.listed,
            &self.short,
            self.blocked,
            super::now(teller),
        ));
        let issues: Value = serde_json::from_str(&sheet.to_json()?)?;
        let mut object = issues.get(0).cloned().unwrap_or_default();
        let acts: Vec<ActFacts> = self.acts.iter().map(Into::into).collect();
        let runs: Vec<Value> = self
            .runs
            .iter()
            .map(|run| {
                json!({"run": self.keys.get(&run.run_key), "run_key": run.run_key.to_string(), "job": run.job, "run_id": run.run_id,
                       "started_at": run.started_at.to_string(), "duration_ms": run.duration_ms, "outcome": run.outcome,
                       "business_day": run.business_day.to_string()})
            })
            .collect();
        if let Value::Object(object) = &mut object {
            object.insert("last_runs".to_owned(), Value::Array(runs));
            object.insert("acts".to_owned(), serde_json::to_value(acts)?);
            for (name, value) in self.example.json() {
                object.insert(name.to_owned(), value);
            }
            if let Some(former) = &self.found.former {
                let former = json!({"issue": former.id.to_string(), "override": former.decision});
                object.insert("former".to_owned(), former);
            }
        }
        Ok(serde_json::to_string_pretty(&object)? + "\n")
    }
}
