//! `smartetl issues merge|split|rename|undo|overrides`: which errors mean the same, by a person's word.

use super::super::{Context, Database, Outcome};
use crate::jobs::said::{self, Act, Report, Words};
use crate::jobs::told;
use crate::look::words::NONE;
use crate::night::{self, Lang, Teller};
use crate::output::{self, Column, ColumnKind, Format, Printer, ReportFormat};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::{Blame, Category, Moment};
use smartetl_store::problems::{self, Listed};

/// Who says it.
#[derive(Clone, Debug, clap::Args)]
pub struct By {
    /// Who says it; the user of this machine where it is left out
    #[arg(long, value_name = "NAME")]
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
    #[arg(value_parser = title)]
    title: String,
    #[command(flatten)]
    by: By,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Undo {
    /// The number of what was said, as `smartetl issues overrides` shows it
    #[arg(value_name = "NUMBER")]
    number: i64,
    #[command(flatten)]
    by: By,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Overrides {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn title(text: &str) -> Result<String, String> {
    let title = text.trim();
    if title.is_empty() || title.chars().any(char::is_control) {
        return Err("a title is one line that is not empty".to_owned());
    }
    Ok(title.to_owned())
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
        ReportFormat::Table => output::print(&text(&report, is_undone, context.lang()))?,
    }
    Ok(Outcome::Done)
}

fn text(report: &Report, is_undone: bool, lang: Lang) -> String {
    let count = |number: i64, words| lang.counted(number.max(0).unsigned_abs(), words);
    let problems = count(
        report.problems,
        [
            lang.pick("problem", "problème"),
            lang.pick("problems", "problèmes"),
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
            "decision {number}: {} → {problems}, {runs}\nto take it back: smartetl issues undo {number}\n",
            report.problems_before
        ),
        (Lang::En, true) => format!(
            "decision {number} is undone: {} → {problems}, {runs}\n",
            report.problems_before
        ),
        (Lang::Fr, false) => format!(
            "décision {number}\u{a0}: {} → {problems}, {runs}\npour l’annuler\u{a0}: smartetl issues undo {number}\n",
            report.problems_before
        ),
        (Lang::Fr, true) => format!(
            "la décision {number} est annulée\u{a0}: {} → {problems}, {runs}\n",
            report.problems_before
        ),
    }
}

pub async fn overrides(args: Overrides, context: &Context) -> anyhow::Result<Outcome> {
    let (_database, mut connection, teller) = super::open(context).await?;
    let all = problems::listed(&mut connection).await?;
    // Programs get what is stored.
    let teller = Some(teller).filter(|_| matches!(args.format, Format::Table | Format::Records));
    let lang = teller.as_ref().map(|teller| teller.lang);
    let mut printer = Printer::new(
        columns(lang),
        Some(args.format),
        output::terminal_width(),
        context.colour,
        output::stdout(),
    );
    for one in &all {
        printer
            .row(row(one, teller.as_ref()))
            .map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(Outcome::Done)
}

fn columns(lang: Option<Lang>) -> Vec<Column> {
    let names = match lang {
        None => [
            "override",
            "kind",
            "problem",
            "title",
            "what",
            "made_at",
            "made_by",
            "undone_at",
            "undone_by",
        ],
        Some(Lang::En) => [
            "number",
            "kind",
            "problem",
            "title",
            "what",
            "when",
            "by",
            "undone",
            "undone by",
        ],
        Some(Lang::Fr) => [
            "numéro",
            "sorte",
            "problème",
            "titre",
            "quoi",
            "quand",
            "par",
            "annulée",
            "annulée par",
        ],
    };
    let mut columns = names.map(Column::text);
    columns[0].kind = ColumnKind::Number;
    columns.into()
}

fn row(one: &Listed, teller: Option<&Teller>) -> Vec<Option<String>> {
    let lang = teller.map(|teller| teller.lang);
    let time =
        |at: i64| teller.map_or_else(|| Moment(at).to_string(), |teller| teller.dated(Moment(at)));
    let shown = |value: Option<String>| value.or_else(|| lang.map(|_| NONE.to_owned()));
    let short = |id: &uuid::Uuid| match lang {
        None => id.to_string(),
        Some(_) => id.simple().to_string()[..8].to_owned(),
    };
    let kind = match (one.kind.as_str(), lang) {
        ("merge", Some(Lang::Fr)) => "fusion",
        ("split", Some(Lang::Fr)) => "séparation",
        ("rename", Some(Lang::Fr)) => "titre",
        ("correct", Some(Lang::Fr)) => "catégorie",
        (kind, _) => kind,
    };
    vec![
        Some(one.number.to_string()),
        Some(kind.to_owned()),
        Some(short(&one.problem)),
        shown(one.of_title.clone()),
        shown(what(one, lang, short)),
        Some(time(one.made_at)),
        Some(one.made_by.clone()),
        shown(one.undone_at.map(time)),
        shown(one.undone_by.clone()),
    ]
}

/// What was said, besides of which problem.
fn what(one: &Listed, lang: Option<Lang>, short: impl Fn(&uuid::Uuid) -> String) -> Option<String> {
    if let Some(category) = &one.category {
        let told = |lang: Lang| {
            let word = Category::parse(category).map(|known| night::category(known, lang));
            let blame = one.blame.as_deref().and_then(Blame::parse);
            let blame = blame.map(|blame| format!(", {}", night::blame(blame, lang)));
            format!("{}{}", word.unwrap_or(category), blame.unwrap_or_default())
        };
        return Some(lang.map_or_else(|| category.clone(), told));
    }
    let signatures = one.signatures.as_ref().map(|these| {
        let these: Vec<String> = these.iter().map(&short).collect();
        these.join(", ")
    });
    let each = one
        .each
        .then(|| {
            lang.map_or("each", |lang| {
                lang.pick("each signature", "chaque signature")
            })
        })
        .map(str::to_owned);
    one.other
        .as_ref()
        .map(&short)
        .or_else(|| one.title.clone())
        .or(signatures)
        .or(each)
}
