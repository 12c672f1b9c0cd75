//! `smartetl issues merge|split|rename|undo`: which errors mean the same, by a person's word.

use super::super::again::folder;
use super::super::{Context, Database, Outcome};
use crate::issue::filled;
use crate::jobs::said::{self, Act, Report, Words};
use crate::jobs::told;
use crate::night::Lang;
use crate::output::{self, ReportFormat};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;

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
    let is_undone = matches!(act, Act::Undo(_));
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
            output::print(&text(&report, is_undone, &undo, context.lang()))?;
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
            format!("it holds for all jobs and environments: {issues} in {families} so far\n")
        }
        Lang::Fr => format!(
            "cela vaut pour tous les jobs et environnements\u{a0}: {issues} dans {families} à ce jour\n"
        ),
    }
}

/// `undo`: the command that takes it back.
fn text(report: &Report, is_undone: bool, undo: &str, lang: Lang) -> String {
    let reach = reach(report, lang);
    let count = |number: i64, words| lang.counted(number.max(0).unsigned_abs(), words);
    let problems = count(
        report.problems,
        [
            lang.pick("problem", "panne"),
            lang.pick("problems", "pannes"),
        ],
    );
    let runs = lang.counted(
        report.runs,
        [
            lang.pick("run folded again", "exécution recalculée"),
            lang.pick("runs folded again", "exécutions recalculées"),
        ],
    );
    let number = report.number;
    match (lang, is_undone) {
        (Lang::En, false) => format!(
            "override {number}: {} → {problems}, {runs}\n{reach}to take it back: {undo}\n",
            report.problems_before
        ),
        (Lang::En, true) => format!(
            "override {number} is undone: {} → {problems}, {runs}\n",
            report.problems_before
        ),
        (Lang::Fr, false) => format!(
            "décision {number}\u{a0}: {} → {problems}, {runs}\n{reach}pour l’annuler\u{a0}: {undo}\n",
            report.problems_before
        ),
        (Lang::Fr, true) => format!(
            "la décision {number} est annulée\u{a0}: {} → {problems}, {runs}\n",
            report.problems_before
        ),
    }
}
