//! `smartetl dashboards pull|push|diff|check`.

use super::again::folder;
use super::database::cache_dir;
use super::{Context, Database, Outcome, reader};
use crate::config;
use crate::dashboards::check::{self, Report, Request};
use crate::dashboards::{
    Bases, Change, Comparison, Different, Files, Grafana, Refused, compare, pull, push,
};
use crate::errors::{ErrorCode, Failure, runnable};
use crate::night::Lang;
use crate::output::{self, ReportFormat, counted};
use crate::reason::Reason;
use crate::time::parse_duration;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Take what people edited in Grafana into the files; writes only what differs, and never deletes.
    Pull(Pull),
    /// Give the files to Grafana; never over an edit that was not pulled, unless --force is given.
    Push(Push),
    /// Show what pull would change: each place with its value in the file and in Grafana. Exit 1 where there is something.
    Diff(Pull),
    /// Look at dashboards and provisioning without a Grafana: structure, links, alerting, and every query run against the database.
    Check(Check),
}

/// Which Grafana and which files.
#[derive(Debug, Default, clap::Args)]
struct Place {
    /// Address of the Grafana; the setting `grafana.url` where it is left out
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[arg(
        long,
        value_name = "TOKEN",
        help = "Token of a service account, or user:password; the setting `grafana.token` where it is left out. Given here, it is \
                visible to other users of the machine; SMARTETL_GRAFANA_TOKEN is not"
    )]
    token: Option<String>,
    #[command(flatten)]
    files: Folder,
    /// How to write what was done or found
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

#[derive(Debug, Default, clap::Args)]
struct Folder {
    /// Folder with dashboards/ and provisioning/; the setting `grafana.folder` where it is left out
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Pull {
    #[command(flatten)]
    place: Place,
    /// Only dashboards with this tag; may be repeated
    #[arg(long)]
    tag: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct Push {
    #[command(flatten)]
    place: Place,
    /// Write over edits that were never pulled
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct Check {
    #[command(flatten)]
    files: Folder,
    /// Database to run the queries in; the configured one where it is left out
    #[arg(long, value_name = "URL", conflicts_with = "no_queries")]
    database: Option<String>,
    /// Leave the queries alone: no database is needed
    #[arg(long)]
    no_queries: bool,
    /// A query that brings no rows is a finding
    #[arg(long, conflicts_with = "no_queries")]
    rows: bool,
    /// Give up on a query after this time
    #[arg(long, default_value = "10s", value_parser = parse_duration)]
    timeout: Duration,
    /// Before looking, rewrite dashboards that are not in the form in which pull writes
    #[arg(long)]
    fix: bool,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    match args.action {
        Action::Pull(args) => taken(args, true, context).await,
        Action::Diff(args) => taken(args, false, context).await,
        Action::Push(args) => given(args, context).await,
        Action::Check(args) => checked(args, context).await,
    }
}

impl Folder {
    fn path<'a>(&'a self, context: &'a Context) -> &'a Path {
        self.folder
            .as_deref()
            .unwrap_or(&context.settings.grafana.folder)
    }
}

impl Place {
    fn grafana(&self, context: &Context) -> anyhow::Result<Grafana> {
        let settings = &context.settings.grafana;
        let url = match &self.url {
            Some(text) => Some(
                config::grafana_url(text)
                    .map_err(|message| Failure::new(ErrorCode::Usage, message))?,
            ),
            None => settings.url.clone(),
        };
        let url = url.ok_or_else(|| {
            Failure::new(
                ErrorCode::Usage,
                [
                    "which Grafana? grafana.url is not set",
                    "quel Grafana\u{a0}? grafana.url n’est pas défini",
                ],
            )
            .hint([
                "give --url http://host:3000, or set SMARTETL_GRAFANA_URL",
                "donnez --url http://hôte:3000, ou définissez SMARTETL_GRAFANA_URL",
            ])
        })?;
        Grafana::new(&url, self.token.as_ref().unwrap_or(&settings.token))
    }
}

/// `writes`: whether files are to follow.
async fn taken(args: Pull, writes: bool, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let grafana = args.place.grafana(context)?;
    let files = Files::read(args.place.files.path(context))?;
    let comparison = compare(&grafana, &files, &args.tag).await?;
    if writes {
        pull(
            &comparison,
            &Bases::new(&cache_dir(context)?, grafana.url()),
        )?;
    }
    let text = match args.place.format {
        ReportFormat::Json => serde_json::to_string_pretty(&as_json(&comparison))? + "\n",
        ReportFormat::Table if writes => written(&comparison.different, lang),
        ReportFormat::Table => differences(&comparison.different, lang, output::terminal_width()),
    };
    output::print(&text)?;
    for file in &comparison.only_here {
        let file = file.display();
        context.say(&match lang {
            Lang::En => format!("note: {file} is not in this Grafana; it stays"),
            Lang::Fr => format!("note\u{a0}: {file} n’est pas dans ce Grafana\u{a0}; il reste"),
        });
    }
    say_refused(&comparison.refused, context);
    let all = comparison.different.len() + comparison.same.len();
    let (all, changed) = (all as u64, comparison.different.len() as u64);
    context.say(&match (lang, writes) {
        (Lang::En, true) => format!(
            "{} read, {} written",
            counted(all, "dashboard", "dashboards"),
            counted(changed, "file", "files")
        ),
        (Lang::En, false) => format!(
            "{} read, {}",
            counted(all, "dashboard", "dashboards"),
            counted(changed, "differs", "differ")
        ),
        (Lang::Fr, true) => format!(
            "{}, {}",
            lang.counted(all, ["tableau de bord lu", "tableaux de bord lus"]),
            lang.counted(changed, ["fichier écrit", "fichiers écrits"])
        ),
        (Lang::Fr, false) => format!(
            "{}, {}",
            lang.counted(all, ["tableau de bord lu", "tableaux de bord lus"]),
            lang.counted(changed, ["diffère", "diffèrent"])
        ),
    });
    let found = !comparison.refused.is_empty() || (!writes && changed > 0);
    Ok(if found {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// Pulls from time to time, where the settings ask for it.
pub struct Pulling<'a> {
    context: &'a Context,
    /// How often, from where, and what was last agreed.
    work: Option<(Duration, Grafana, Bases)>,
}

impl<'a> Pulling<'a> {
    /// # Errors
    /// No Grafana is named.
    pub fn of(context: &'a Context) -> anyhow::Result<Self> {
        let work = match context.settings.grafana.pull_every {
            None => None,
            Some(every) => {
                let grafana = Place::default().grafana(context)?;
                let bases = Bases::new(&cache_dir(context)?, grafana.url());
                Some((every, grafana, bases))
            }
        };
        Ok(Self { context, work })
    }

    /// Goes on until it is dropped. Trouble is told once, until it is over.
    pub async fn run(&self) -> Infallible {
        let Some((every, grafana, bases)) = &self.work else {
            return std::future::pending().await;
        };
        let lang = self.context.lang();
        let mut told: Vec<String> = Vec::new();
        loop {
            tokio::time::sleep(*every).await;
            let mut trouble = Vec::new();
            match self.once(grafana, bases).await {
                Ok(comparison) => {
                    let written = written(&comparison.different, lang);
                    for line in written.lines() {
                        self.context.say(&format!("Grafana → {line}"));
                    }
                    for refused in &comparison.refused {
                        let why = refused.why.text(lang);
                        trouble.push(format!("{}{} {why}", refused.place, lang.colon()));
                    }
                }
                Err(error) => trouble.push(Reason::of_chain(&error).text(lang).to_owned()),
            }
            for what in trouble.iter().filter(|what| !told.contains(what)) {
                self.context
                    .say(&format!("! Grafana{} {what}", lang.colon()));
            }
            told = trouble;
        }
    }

    async fn once(&self, grafana: &Grafana, bases: &Bases) -> anyhow::Result<Comparison> {
        let files = Files::read(&self.context.settings.grafana.folder)?;
        let comparison = compare(grafana, &files, &[]).await?;
        pull(&comparison, bases)?;
        Ok(comparison)
    }
}

async fn given(args: Push, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let grafana = args.place.grafana(context)?;
    let place = args.place.files.path(context);
    let files = Files::read(place)?;
    if files.all.is_empty() {
        return Err(Failure::new(
            ErrorCode::Unreadable,
            [
                "there are no dashboards here",
                "il n’y a pas de tableaux de bord ici",
            ],
        )
        .at(place.join("dashboards").display().to_string())
        .into());
    }
    let bases = Bases::new(&cache_dir(context)?, grafana.url());
    let push = push(&grafana, &files, &bases, args.force).await?;
    let text = match args.place.format {
        ReportFormat::Json => {
            let sent = push.sent.iter().map(|sent| {
                json!({ "file": sent.path, "uid": sent.uid, "is_new": sent.is_new, "changes": sent.changes })
            });
            let all = json!({ "sent": sent.collect::<Vec<_>>(), "refused": refused_as_json(&push.refused) });
            serde_json::to_string_pretty(&all)? + "\n"
        }
        ReportFormat::Table => {
            let mut text = String::new();
            for sent in &push.sent {
                line(&mut text, &sent.path, sent.is_new, &sent.changes, lang);
            }
            text
        }
    };
    output::print(&text)?;
    say_refused(&push.refused, context);
    let (sent, same) = (push.sent.len() as u64, push.same as u64);
    context.say(&match lang {
        Lang::En => format!(
            "{} sent, {same} the same already",
            counted(sent, "dashboard", "dashboards")
        ),
        Lang::Fr => format!(
            "{}, {same} déjà à jour",
            lang.counted(sent, ["tableau de bord envoyé", "tableaux de bord envoyés"])
        ),
    });
    Ok(if push.refused.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

async fn checked(args: Check, context: &Context) -> anyhow::Result<Outcome> {
    let place = args.files.path(context);
    if args.fix {
        for file in check::fix(place)? {
            let file = file.display();
            context.say(&match context.lang() {
                Lang::En => format!("{file} is rewritten"),
                Lang::Fr => format!("{file} est réécrit"),
            });
        }
    }
    let request = Request {
        folder: place.to_owned(),
        needs_rows: args.rows,
        now: jiff::Timestamp::now(),
    };
    let report = if args.no_queries {
        check::check(&request, None).await?
    } else {
        let mut own = context.clone();
        if args.database.is_some() {
            own.settings.database.url = args.database;
        }
        let database = Database::open(&own).await?;
        smartetl_store::check_tables(&mut database.connect().await?).await?;
        let timeout = args.timeout.as_millis().to_string();
        let options = database
            .options()?
            .options([("statement_timeout", timeout)]);
        let mut connection = reader::connect(&database, options).await?;
        check::check(&request, Some(&mut connection)).await?
    };
    let text = match args.format {
        ReportFormat::Json => serde_json::to_string_pretty(&report)? + "\n",
        ReportFormat::Table => runnable(&findings(&report, context.lang()), &folder(context)),
    };
    output::print(&text)?;
    Ok(if report.findings.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

fn as_json(comparison: &Comparison) -> Value {
    let different = comparison.different.iter().map(|one| {
        json!({ "file": one.path, "uid": one.uid, "title": one.title, "is_new": one.is_new, "changes": one.changes })
    });
    json!({
        "different": different.collect::<Vec<_>>(),
        "same": comparison.same.iter().map(|(uid, _)| uid).collect::<Vec<_>>(),
        "refused": refused_as_json(&comparison.refused),
        "only_here": comparison.only_here,
    })
}

fn refused_as_json(refused: &[Refused]) -> Vec<Value> {
    let all = refused.iter();
    all.map(|refused| json!({ "place": refused.place, "why": refused.why, "todo": refused.todo }))
        .collect()
}

fn say_refused(refused: &[Refused], context: &Context) {
    let lang = context.lang();
    for refused in refused {
        let colon = lang.colon();
        let what = format!("{}{colon} {}", refused.place, refused.why.text(lang));
        context.warn(&what, refused.todo.text(lang));
    }
}

fn written(different: &[Different], lang: Lang) -> String {
    let mut text = String::new();
    for one in different {
        line(&mut text, &one.path, one.is_new, &one.changes, lang);
    }
    text
}

/// `conf/grafana/dashboards/a.json: 3 changes`
fn line(text: &mut String, path: &Path, is_new: bool, changes: &[Change], lang: Lang) {
    let number = changes.len() as u64;
    let how = match (is_new, lang) {
        (true, _) => lang.pick("new", "nouveau").to_owned(),
        (false, Lang::En) => counted(number, "change", "changes"),
        (false, Lang::Fr) => lang.counted(number, ["changement", "changements"]),
    };
    // Writing to memory cannot fail.
    let _ = writeln!(text, "{}{} {how}", path.display(), lang.colon());
}

fn differences(different: &[Different], lang: Lang, width: Option<u16>) -> String {
    let mut text = String::new();
    for one in different {
        line(&mut text, &one.path, one.is_new, &one.changes, lang);
        if one.is_new {
            let _ = writeln!(text, "  + {}", one.title);
            continue;
        }
        for change in &one.changes {
            let _ = writeln!(text, "  {}", change.path);
            let (before, after) = (change.before.as_ref(), change.after.as_ref());
            for (sign, value, other) in [('-', before, after), ('+', after, before)] {
                if let Some(value) = value {
                    let _ = writeln!(text, "    {sign} {}", shown(value, other, width));
                }
            }
        }
    }
    text
}

/// A value in one line. On a terminal a long one begins where it differs from the other.
fn shown(value: &Value, other: Option<&Value>, width: Option<u16>) -> String {
    let all = value.to_string();
    let room = width.map_or(usize::MAX, |width| {
        usize::from(width).saturating_sub(8).max(20)
    });
    if all.chars().count() <= room {
        return all;
    }
    let other = other.map(ToString::to_string).unwrap_or_default();
    let same = all
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let skipped = same.saturating_sub(room / 4);
    let begin = if skipped == 0 { "" } else { "…" };
    let cut: String = all.chars().skip(skipped).take(room - 2).collect();
    let end = if skipped + cut.chars().count() < all.chars().count() {
        "…"
    } else {
        ""
    };
    format!("{begin}{cut}{end}")
}

/// Each finding with its place and what to do; the sum at the end.
fn findings(report: &Report, lang: Lang) -> String {
    let colon = lang.colon();
    let hint = lang.pick("hint", "conseil");
    let mut text = String::new();
    for found in &report.findings {
        // Writing to memory cannot fail.
        let _ = writeln!(
            text,
            "{}{colon} {}\n  --> {}\n  {hint}{colon} {}\n",
            found.file,
            found.what.text(lang),
            found.path,
            found.todo.text(lang)
        );
    }
    let (dashboards, rules, queries) = (
        report.dashboards as u64,
        report.rules as u64,
        report.queries as u64,
    );
    let number = report.findings.len() as u64;
    let _ = match lang {
        Lang::En => writeln!(
            text,
            "{}, {}, {} run: {}.",
            counted(dashboards, "dashboard", "dashboards"),
            counted(rules, "alert rule", "alert rules"),
            counted(queries, "query", "queries"),
            if number == 0 {
                "all is well".to_owned()
            } else {
                counted(number, "finding", "findings")
            }
        ),
        Lang::Fr => writeln!(
            text,
            "{}, {}, {}\u{a0}: {}.",
            lang.counted(dashboards, ["tableau de bord", "tableaux de bord"]),
            lang.counted(rules, ["règle d’alerte", "règles d’alerte"]),
            lang.counted(queries, ["requête exécutée", "requêtes exécutées"]),
            if number == 0 {
                "tout va bien".to_owned()
            } else {
                lang.counted(number, ["constat", "constats"])
            }
        ),
    };
    text
}
