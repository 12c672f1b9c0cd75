//! `smartetl issues merge|split|rename|undo`: which errors mean the same, by a person's word.

use super::super::again::folder;
use super::super::{Context, Database, Outcome};
use super::example::short;
use crate::issue::filled;
use crate::jobs::said::{self, Act, Called, Report, What, Words};
use crate::jobs::told;
use crate::night::{self, Lang, cut};
use crate::output::{self, ReportFormat};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::group::problem::Correction;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use std::fmt::Write as _;

/// Characters of what a problem is called.
const TITLE: usize = 80;

/// Who says it.
#[derive(Clone, Debug, clap::Args)]
pub struct By {
    /// Who says it; the user of this machine where it is left out
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub by: Option<String>,
    /// How to write what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub format: ReportFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Merge {
    /// The problem whose id and name stay; the beginning of an id is enough
    into: String,
    /// The problem that means the same
    other: String,
    #[command(flatten)]
    by: By,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Split {
    /// The problem; the beginning of its id is enough
    problem: String,
    /// The signatures that become a problem of their own; without any, a merged problem falls apart into what it was, another one
    /// into its signatures
    #[arg(long = "signature", value_name = "SIGNATURE", num_args = 1..)]
    signatures: Vec<String>,
    #[command(flatten)]
    by: By,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Rename {
    /// The problem; the beginning of its id is enough
    problem: String,
    /// What it is called from now on
    #[arg(value_parser = filled)]
    title: String,
    #[command(flatten)]
    by: By,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Undo {
    /// The number of what was said, as `smartetl issues overrides` shows it
    #[arg(value_name = "NUMBER", value_parser = number)]
    number: i64,
    #[command(flatten)]
    by: By,
}

fn number(text: &str) -> Result<i64, String> {
    let number = text.parse();
    number.map_err(|_| {
        format!("`{text}` is no number of an override; `smartetl issues overrides` lists them")
    })
}

pub async fn merge(args: Merge, context: &Context) -> anyhow::Result<Outcome> {
    let words = Words::Merge {
        into: args.into,
        other: args.other,
    };
    act(Act::Say(words), args.by, context).await
}

pub async fn split(args: Split, context: &Context) -> anyhow::Result<Outcome> {
    let words = Words::Split {
        problem: args.problem,
        signatures: args.signatures,
    };
    act(Act::Say(words), args.by, context).await
}

pub async fn rename(args: Rename, context: &Context) -> anyhow::Result<Outcome> {
    let words = Words::Rename {
        problem: args.problem,
        title: args.title,
    };
    act(Act::Say(words), args.by, context).await
}

pub async fn undo(args: Undo, context: &Context) -> anyhow::Result<Outcome> {
    act(Act::Undo(args.number), args.by, context).await
}

/// Does it and tells what it came to.
pub async fn act(act: Act, by: By, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let request = said::Request {
        act,
        by: super::actor(by.by.as_deref()),
        config: FuseConfig::from(&context.settings_of(&mut connection).await?),
        rules: Rules::from(&context.settings),
        now: Moment(jiff::Timestamp::now().as_microsecond()),
        folder: super::super::database::scratch(context)?,
    };
    let report = said::say(&mut connection, request).await.map_err(told)?;
    match by.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            let undo = format!("smartetl{} issues undo {}", folder(context), report.number);
            let text = text(&report, &undo, context.lang());
            output::print(&output::folded(&text, output::terminal_width()))?;
        }
    }
    Ok(Outcome::Done)
}

/// How far it reaches, where that is known.
fn reach(report: &Report, lang: Lang) -> String {
    let Some((issues, families)) = report.issues.zip(report.families) else {
        return String::new();
    };
    let count = |number: i64, [en, fr]: [[&str; 2]; 2]| {
        let [one, many] = match lang {
            Lang::En => en,
            Lang::Fr => fr,
        };
        lang.counted(number.unsigned_abs(), [one, many])
    };
    let issues = count(issues, [["issue", "issues"], ["problème", "problèmes"]]);
    let families = count(families, [["family", "families"], ["famille", "familles"]]);
    match lang {
        Lang::En => {
            format!("It holds for all jobs and environments: {issues} in {families} so far.\n")
        }
        Lang::Fr => format!(
            "Cela vaut pour tous les jobs et environnements\u{a0}: {issues} dans {families} à ce jour.\n"
        ),
    }
}

/// `undo`: the command that takes it back.
fn text(report: &Report, undo: &str, lang: Lang) -> String {
    let mut text = happened(report, lang) + &figures(report, lang);
    if report.what != What::Undone {
        text.push_str(&reach(report, lang));
        let label = lang.pick("To take it back", "Pour l’annuler");
        let _ = writeln!(text, "{label}{} {undo}", lang.colon());
    }
    text
}

/// What was done with which problem.
fn happened(report: &Report, lang: Lang) -> String {
    let quoted = |title: &str| match (cut(title, TITLE), lang) {
        (title, _) if title.is_empty() => String::new(),
        (title, Lang::En) => format!(" “{title}”"),
        (title, Lang::Fr) => format!(" «\u{a0}{title}\u{a0}»"),
    };
    let named = |(id, title): &Called| format!("{}{}", short(*id), quoted(title));
    match (&report.what, lang) {
        (What::Renamed { problem, title }, Lang::En) => {
            let title = quoted(title);
            format!("Problem {} is called{title} from now on.\n", named(problem))
        }
        (What::Renamed { problem, title }, Lang::Fr) => {
            let title = quoted(title);
            format!("La panne {} s’appelle désormais{title}.\n", named(problem))
        }
        (What::Merged { into, other }, Lang::En) => {
            let (into, other) = (named(into), named(other));
            format!("Problem {other} is the same as {into} from now on, and has its id.\n")
        }
        (What::Merged { into, other }, Lang::Fr) => {
            let (into, other) = (named(into), named(other));
            format!(
                "La panne {other} est désormais la même que {into}, et en porte l’identifiant.\n"
            )
        }
        (
            What::Split {
                problem,
                into,
                acted,
            },
            _,
        ) => {
            let number = into.len() as u64;
            let problem = named(problem);
            let mut text = match lang {
                Lang::En => {
                    let problems = lang.counted(number, ["problem", "problems"]);
                    format!("Problem {problem} is {problems} from now on:\n")
                }
                Lang::Fr => {
                    let problems = lang.counted(number, ["panne", "pannes"]);
                    format!("La panne {problem} fait désormais {problems}\u{a0}:\n")
                }
            };
            for (id, title) in into {
                let _ = writeln!(text, "  {}  {}", short(*id), cut(title, TITLE));
            }
            if !acted.is_empty() {
                let acted: Vec<String> = acted.iter().copied().map(short).collect();
                let stay = lang.pick(
                    "What people did stays with",
                    "Ce que les personnes ont fait reste avec",
                );
                let _ = writeln!(text, "{stay} {}.", acted.join(", "));
            }
            text
        }
        (What::Corrected { problem, to }, Lang::En) => format!(
            "Errors of problem {} are from now on: {}.\n",
            named(problem),
            correction(*to, lang)
        ),
        (What::Corrected { problem, to }, Lang::Fr) => format!(
            "Les erreurs de la panne {} sont désormais\u{a0}: {}.\n",
            named(problem),
            correction(*to, lang)
        ),
        (What::Undone, Lang::En) => {
            format!(
                "Override {} is undone: all is as if it had never been said.\n",
                report.number
            )
        }
        (What::Undone, Lang::Fr) => {
            format!(
                "La décision {} est annulée\u{a0}: tout est comme si elle n’avait jamais été prise.\n",
                report.number
            )
        }
    }
}

/// `lock, platform team, worth a retry`
pub(super) fn correction(to: Correction, lang: Lang) -> String {
    let mut parts = vec![night::category(to.category, lang)];
    parts.extend(to.blame.map(|blame| night::blame(blame, lang)));
    parts.extend(to.retryable.map(|retryable| {
        if retryable {
            lang.pick("worth a retry", "à réessayer")
        } else {
            lang.pick("not worth a retry", "inutile de réessayer")
        }
    }));
    parts.join(", ")
}

/// How many problems and runs that changes.
fn figures(report: &Report, lang: Lang) -> String {
    let problems = report.problems.max(0).unsigned_abs();
    let before = report.problems_before;
    let is_same = report.problems == before;
    let (runs, none) = (report.runs, report.runs == 0);
    match lang {
        Lang::En => {
            let problems = lang.counted(problems, ["problem", "problems"]);
            let as_before = if is_same {
                "as before".to_owned()
            } else {
                format!("{before} before")
            };
            let runs = lang.counted(runs, ["run was", "runs were"]);
            let runs = if none {
                "no run had to be".to_owned()
            } else {
                runs
            };
            format!("In all {problems} ({as_before}); {runs} computed again.\n")
        }
        Lang::Fr => {
            let problems = lang.counted(problems, ["panne", "pannes"]);
            let as_before = if is_same {
                "comme avant".to_owned()
            } else {
                format!("{before} avant")
            };
            let runs = lang.counted(runs, ["exécution recalculée", "exécutions recalculées"]);
            let runs = if none {
                "aucune exécution à recalculer".to_owned()
            } else {
                runs
            };
            format!("En tout {problems} ({as_before})\u{a0}; {runs}.\n")
        }
    }
}
