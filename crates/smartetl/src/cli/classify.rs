//! `smartetl classify --input FILE`: what kind of error each message of a list is. Neither a database nor the network is used.
//! `--correct ERROR_ID CATEGORY` says that a stored error is of another kind, `--export` writes what people said.

mod correct;
mod table;

use super::group::{CUT_AT, place_of};
use super::messages::{self, Damaged, Message, Wanted};
use super::{Context, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::filtering;
use crate::issue::filled;
use crate::look::words::NONE;
use crate::night::{self, Lang};
use crate::output::{self, Column, Format, Printer};
use smartetl_core::classify::{self, Classification, ErrorFacts};
use smartetl_core::group::Templates;
use smartetl_core::model::Blame;
use std::path::{Path, PathBuf};
use uuid::Uuid;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV with a column `message` and, if it likes, `system`; - is stdin. Needs no database
    #[arg(long, value_name = "FILE", conflicts_with_all = ["correct", "export"])]
    input: Option<PathBuf>,
    /// With --input: the column that has the messages
    #[arg(
        long,
        value_name = "NAME",
        default_value = "message",
        requires = "input"
    )]
    column: String,
    /// Say that an error (batch-line-seq, as the view `error` and `runs show --format json` have it) is of another category: for all that mean
    /// the same, those that were and those that come. French words, like connexion, are taken too
    #[arg(long, num_args = 1..=2, value_names = ["ERROR_ID", "CATEGORY"])]
    correct: Option<Vec<String>>,
    /// With --correct: who must act (data, platform, external, code; French words, like infrastructure, are taken too); what the category
    /// usually means where it is left out
    #[arg(long, requires = "correct", value_parser = filtering::blame)]
    blame: Option<Blame>,
    /// With --correct: whether trying again can help
    #[arg(long, requires = "correct", value_name = "yes|no", value_parser = correct::yes_or_no)]
    retryable: Option<bool>,
    /// With --correct: who says it; the user of this machine where it is left out
    #[arg(long, requires = "correct", value_name = "NAME", value_parser = filled)]
    by: Option<String>,
    /// Write what people said as rows to learn from: CSV with system, message, category; of each signature one message, the first by
    /// letters, which need not be the one that was looked at
    #[arg(long, conflicts_with = "correct")]
    export: bool,
    /// How to write it: a row for each row, in their order; a table where it is left out, and CSV of --export
    #[arg(long, value_enum)]
    format: Option<Format>,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    if args.correct.is_some() {
        return correct::correct(args, context).await;
    }
    if let Some(input) = &args.input {
        let format = args.format.unwrap_or(Format::Table);
        return classify_list(input, &args.column, format, context);
    }
    if args.export {
        return correct::export(args.format.unwrap_or(Format::Csv), context).await;
    }
    Err(Failure::new(
        ErrorCode::Usage,
        ["what is to be done?", "que faut-il faire\u{a0}?"],
    )
    .hint([
        "--input FILE classifies a list, --correct ERROR_ID CATEGORY says that an error is of another kind, --export writes what people \
         said; for one message: smartetl explain MESSAGE",
        "--input FILE classe une liste, --correct ERROR_ID CATEGORY dit qu’une erreur est d’une autre sorte, --export écrit ce qui a été \
         dit\u{a0}; pour un seul message\u{a0}: smartetl explain MESSAGE",
    ])
    .into())
}

fn classify_list(
    input: &Path,
    column: &str,
    format: Format,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let wanted = Wanted {
        path: input,
        column,
        hint: [
            "for one message, `smartetl explain MESSAGE` does without a file",
            "pour un seul message, `smartetl explain MESSAGE` se passe de fichier",
        ],
    };
    let damaged = match format {
        Format::Table => table::table(&wanted, context)?,
        Format::Records => table::records(&wanted, context)?,
        Format::Json | Format::Csv => for_programs(&wanted, format)?,
    };
    let Some(told) = damaged.told() else {
        return Ok(Outcome::Done);
    };
    context.say(told.text(context.lang()));
    Ok(Outcome::Findings)
}

/// The words that are stored, and the template of each message.
fn for_programs(wanted: &Wanted<'_>, format: Format) -> anyhow::Result<Damaged> {
    // Which template a message has is known when all are read.
    let (mut templates, mut scratch) = (Templates::default(), String::new());
    let mut said = Vec::new();
    let damaged = messages::read(wanted, |message: Message<'_>| {
        let says = classify::classify(&ErrorFacts::of_text(message.system, message.text));
        let place = place_of(&mut templates, message.text, CUT_AT, &mut scratch);
        said.push((says, place));
    })?;
    templates.mine();
    let mut printer = Printer::new(columns(), Some(format), None, false, output::stdout());
    for (line, (says, place)) in (1..).zip(&said) {
        let template = templates.template(*place).id;
        printer
            .row(row(line, says, template))
            .map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(damaged)
}

pub(super) fn yes_or_no(retryable: Option<bool>, lang: Lang) -> &'static str {
    match retryable {
        Some(true) => lang.pick("yes", "oui"),
        Some(false) => lang.pick("no", "non"),
        None => NONE,
    }
}

/// Below this, likeness to known messages is a guess.
const SURE: f32 = 0.6;

/// The category as it is told to a person: `perhaps connection` where it is a guess.
pub(super) fn category(says: &Classification, lang: Lang) -> String {
    let category = night::category(says.category, lang);
    if classify::is_likeness(says.rule) && says.confidence < SURE {
        format!("{} {category}", lang.pick("perhaps", "peut-être"))
    } else {
        category.to_owned()
    }
}

/// `95 %`
pub(super) fn percent(confidence: f32, lang: Lang) -> String {
    let blank = lang.pick("", "\u{a0}");
    format!("{:.0}{blank}%", confidence * 100.0)
}

fn columns() -> Vec<Column> {
    let names = [
        "line",
        "category",
        "rule",
        "confidence",
        "blame",
        "retryable",
        "template_id",
    ];
    let mut columns = names.map(Column::text);
    columns[0].kind = output::ColumnKind::Number;
    columns[3].kind = output::ColumnKind::Number;
    columns[5].kind = output::ColumnKind::Boolean;
    columns.into()
}

fn row(line: u64, says: &Classification, template: Uuid) -> Vec<Option<String>> {
    vec![
        Some(line.to_string()),
        Some(says.category.as_str().to_owned()),
        Some(says.rule.to_owned()),
        Some(format!("{:.2}", says.confidence)),
        says.blame.map(|blame| blame.as_str().to_owned()),
        says.retryable.map(|retryable| retryable.to_string()),
        Some(template.to_string()),
    ]
}
