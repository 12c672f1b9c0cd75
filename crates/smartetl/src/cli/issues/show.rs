//! `smartetl issues show`.

use super::super::runs::zone_line;
use super::super::watching::Watching;
use super::list::{columns, lost, row};
use super::{Context, Outcome, find};
use crate::look::watch::Frame;
use crate::look::words::{self, words};
use crate::look::{Cell, Grid, GridColumn, paint, shortened};
use crate::night::{
    self, Lang, Teller, act_by, cut, initial_upper, issue_shade, issue_state, wrapped,
};
use crate::output::{self, Sheet};
use serde_json::{Value, json};
use smartetl_core::issue::{Mute, What};
use smartetl_core::model::{IssueState, Moment, MuteKind, ResolvedBy};
use smartetl_store::issues::{self, Listed, StoredAct};
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
    args.watching
        .show(context, async |connection, teller| {
            let shown = Shown::read(connection, &args.issue, lang).await?;
            Ok(Frame::of(match args.format {
                output::ReportFormat::Json => shown.json(teller)?,
                output::ReportFormat::Table => {
                    shown.text(teller, u32::from(resolve_after), context.colour)
                }
            }))
        })
        .await
}

/// All that is shown of an issue.
struct Shown {
    issue: Listed,
    short: String,
    acts: Vec<StoredAct>,
    runs: Vec<Run>,
    keys: HashMap<Uuid, String>,
}

impl Shown {
    async fn read(connection: &mut PgConnection, name: &str, lang: Lang) -> anyhow::Result<Self> {
        let issue = find(connection, name, lang).await?;
        let mut short = issues::shortest(connection).await?;
        let runs = issues::recent_runs(connection, issue.row.issue, RUNS).await?;
        let keys: Vec<Uuid> = runs.iter().map(|run| run.run_key).collect();
        Ok(Self {
            short: short.remove(&issue.row.issue).unwrap_or_default(),
            acts: issues::acts_of(connection, &issue.row).await?,
            keys: shortened(&looking::neighbours(connection, &keys).await?),
            runs,
            issue,
        })
    }

    fn text(&self, teller: &Teller, resolve_after: u32, colour: bool) -> String {
        let terminal = output::terminal_width().map(usize::from);
        let width = terminal.unwrap_or(WIDTH);
        let mut text = String::new();
        for (line, shade) in self.head(teller, resolve_after) {
            for line in wrapped(&line, width) {
                let _ = writeln!(text, "{}", paint(&line, shade, colour));
            }
        }
        let lang = teller.lang;
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
        let (lang, row) = (teller.lang, &self.issue.row);
        let colon = lang.colon();
        let mut lines = Vec::new();
        let name = lang.pick("Issue", "Problème");
        let (family, environment) = (&row.family, &row.environment);
        lines.push((
            format!("{name} {} · {family} · {environment}", self.short),
            "1",
        ));
        let mut state = initial_upper(issue_state(row.state, lang));
        let _ = match lang {
            Lang::En => write!(state, " since {}", teller.dated(row.since)),
            Lang::Fr if row.state == IssueState::Regressed => {
                write!(state, " le {}", teller.dated(row.since))
            }
            Lang::Fr => write!(state, " depuis le {}", teller.dated(row.since)),
        };
        if let Some(by) = row.resolved_by {
            let by = match by {
                ResolvedBy::Itself => lang.pick("by itself", "de lui-même"),
                ResolvedBy::Person => lang.pick("by a person", "par quelqu’un"),
            };
            let _ = write!(state, ", {by}");
        }
        if let Some(category) = row.category {
            let _ = write!(state, " · {}", night::category(category, lang));
        }
        if let Some(blame) = row.blame {
            let _ = write!(state, " · {}", act_by(blame, lang));
        }
        if row.retryable == Some(true) {
            let _ = write!(state, " · {}", lang.words().retryable);
        }
        lines.push((state, issue_shade(row.state)));
        if let Some(title) = &self.issue.title {
            lines.push((cut(title, usize::MAX), "2"));
        }
        lines.push((seen(&self.issue, teller), ""));
        lines.push((harm(&self.issue, teller), ""));
        let jobs = lang.pick("Jobs", "Jobs");
        lines.push((format!("{jobs}{colon} {}", row.jobs.join(", ")), ""));
        if let Some(successes) = row.successes.filter(|_| resolve_after > 0) {
            lines.push((progress(successes, resolve_after, teller), ""));
        }
        if let Some((at, by)) = row.acknowledged_at.zip(row.acknowledged_by.as_ref()) {
            let known = lang.pick("Acknowledged by", "Pris en charge par");
            lines.push((format!("{known} {by}, {}", teller.dated(at)), ""));
        }
        if let Some(muted) = muted(&self.issue, teller) {
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
            let mut what = act(&stored.act.what, teller);
            // Somebody said later that it held since then.
            if (stored.made_at.0 - stored.act.at.0).abs() > 60_000_000 {
                let said = lang.pick("said", "saisi le");
                let _ = write!(what, " ({said} {})", teller.dated(stored.made_at));
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
        sheet
            .rows
            .push(row(&self.issue, &self.short, super::now(teller)));
        let issues: Value = serde_json::from_str(&sheet.to_json()?)?;
        let mut object = issues.get(0).cloned().unwrap_or_default();
        let acts: Vec<Value> = self.acts.iter().map(of_act).collect();
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
            object.insert("acts".to_owned(), Value::Array(acts));
        }
        Ok(serde_json::to_string_pretty(&object)? + "\n")
    }
}

fn of_act(stored: &StoredAct) -> Value {
    let (text, until, occurrences) = match &stored.act.what {
        What::Note(text) => (Some(text.as_str()), None, None),
        What::Assign(word) | What::Runbook(word) => (word.as_deref(), None, None),
        What::Mute(Mute::Until(at)) => (None, Some(at.to_string()), None),
        What::Mute(Mute::Occurrences(more)) => (None, None, Some(*more)),
        _ => (None, None, None),
    };
    json!({"act": stored.act.number, "kind": stored.act.what.kind().as_str(), "at": stored.act.at.to_string(),
           "made_at": stored.made_at.to_string(), "by": stored.act.by, "text": text, "until": until, "occurrences": occurrences})
}

/// `First seen 12 Nov 2025 03:10, last 14 Nov 2025 03:12 (5 h ago)`
fn seen(issue: &Listed, teller: &Teller) -> String {
    let row = &issue.row;
    let ago = teller.ago(row.last_seen);
    let ago = ago.map_or_else(String::new, |ago| format!(" ({ago})"));
    let (first, last) = (teller.dated(row.first_seen), teller.dated(row.last_seen));
    match teller.lang {
        Lang::En => format!("First seen {first}, last {last}{ago}"),
        Lang::Fr => format!("Vu la première fois le {first}, la dernière fois le {last}{ago}"),
    }
}

/// `14 runs on 3 days · 20 failed · 4 h 12 min lost · 3 jobs not started · came back once`
fn harm(issue: &Listed, teller: &Teller) -> String {
    let (row, lang) = (&issue.row, teller.lang);
    let count = |number: i64, en: [&str; 2], fr: [&str; 2]| {
        let words = match lang {
            Lang::En => en,
            Lang::Fr => fr,
        };
        teller.counted(number.unsigned_abs(), words)
    };
    let runs = count(row.runs, ["run", "runs"], ["exécution", "exécutions"]);
    let days = count(row.days, ["day", "days"], ["journée", "journées"]);
    let mut said = vec![format!("{runs} {} {days}", lang.pick("on", "sur"))];
    if row.runs_since_opened != row.runs {
        let since = teller.day_of(row.opened_at);
        let number = teller.number(row.runs_since_opened);
        said.push(match lang {
            Lang::En => format!("{number} since {since}"),
            Lang::Fr => format!("{number} depuis le {since}"),
        });
    }
    if row.failed_runs > 0 {
        said.push(count(
            row.failed_runs,
            ["failed by it", "failed by it"],
            ["en échec à cause de lui", "en échec à cause de lui"],
        ));
    }
    if row.lost_ms > 0 {
        let lost = lost(row.lost_ms, teller);
        said.push(format!("{lost} {}", lang.pick("lost", "de calcul perdu")));
    }
    if issue.blocked > 0 {
        said.push(count(
            issue.blocked,
            ["job run blocked", "job runs blocked"],
            ["exécution bloquée en amont", "exécutions bloquées en amont"],
        ));
    }
    if row.regressions > 0 {
        said.push(count(
            row.regressions,
            ["time it came back", "times it came back"],
            ["réapparition", "réapparitions"],
        ));
    }
    said.join(" · ")
}

/// `Resolved by itself after 3 scheduled successes of each job: 1 so far`
fn progress(successes: u32, resolve_after: u32, teller: &Teller) -> String {
    match teller.lang {
        Lang::En => format!(
            "Resolved by itself after {resolve_after} scheduled {} of each job: {successes} so far",
            if resolve_after == 1 {
                "success"
            } else {
                "successes"
            }
        ),
        Lang::Fr => format!(
            "Résolu de lui-même après {} de chaque job\u{a0}: {successes} jusqu’ici",
            teller.counted(
                resolve_after.into(),
                ["réussite planifiée", "réussites planifiées"]
            )
        ),
    }
}

/// Until when it is muted, and by whom.
fn muted(issue: &Listed, teller: &Teller) -> Option<String> {
    let (row, lang) = (&issue.row, teller.lang);
    let kind = row.muted.filter(|_| row.is_muted(super::now(teller)))?;
    let until = match kind {
        MuteKind::Until => mute(Mute::Until(row.muted_until.unwrap_or(Moment(0))), teller),
        MuteKind::Occurrences => mute(Mute::Occurrences(row.muted_left.unwrap_or(0)), teller),
        MuteKind::NextVersion => mute(Mute::NextVersion, teller),
    };
    let by = row.muted_by.as_deref().unwrap_or_default();
    Some(match lang {
        Lang::En => format!("{} by {by}", initial_upper(&until)),
        Lang::Fr => format!("{} par {by}", initial_upper(&until)),
    })
}

fn mute(mute: Mute, teller: &Teller) -> String {
    let lang = teller.lang;
    let muted = lang.pick("muted", "en sourdine");
    match (mute, lang) {
        (Mute::Until(at), Lang::En) => format!("{muted} until {}", teller.dated(at)),
        (Mute::Until(at), Lang::Fr) => format!("{muted} jusqu’au {}", teller.dated(at)),
        (Mute::Occurrences(more), Lang::En) => {
            let times = teller.counted(more.into(), ["more occurrence", "more occurrences"]);
            format!("{muted} until {times}")
        }
        (Mute::Occurrences(more), Lang::Fr) => {
            let times = teller.counted(more.into(), ["occurrence", "occurrences"]);
            format!("{muted} jusqu’à {times} de plus")
        }
        (Mute::NextVersion, Lang::En) => format!("{muted} until the next version of its job"),
        (Mute::NextVersion, Lang::Fr) => {
            format!("{muted} jusqu’à la prochaine version de son job")
        }
    }
}

/// What somebody did, in a few words.
pub(super) fn act(what: &What, teller: &Teller) -> String {
    let lang = teller.lang;
    let said = |label: &str, text: &str| format!("{label}{} {text}", lang.colon());
    match what {
        What::Ack => lang.pick("acknowledged", "pris en charge").to_owned(),
        What::Resolve => lang.pick("resolved", "résolu").to_owned(),
        What::Reopen => lang.pick("reopened", "rouvert").to_owned(),
        What::Unmute => lang.pick("not muted any more", "sourdine levée").to_owned(),
        What::Mute(until) => mute(*until, teller),
        What::Assign(Some(name)) => said(lang.pick("assigned to", "suivi par"), name),
        What::Assign(None) => lang
            .pick("assigned to nobody", "suivi par personne")
            .to_owned(),
        What::Note(text) => said("note", text),
        What::Runbook(Some(link)) => said(lang.pick("runbook", "consigne"), link),
        What::Runbook(None) => lang.pick("no runbook", "consigne retirée").to_owned(),
    }
}
