//! `smartetl classify --input FILE`: what kind of error each message of a list is. Neither a database nor the network is used.
//! `--correct ERROR_ID CATEGORY` says that a stored error is of another kind, `--export` writes what people said.

mod correct;

use super::group::{CUT_AT, place_of};
use super::messages::{self, Message, Wanted};
use super::{Context, Outcome};
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
    #[arg(long, value_name = "FILE", required_unless_present_any = ["correct", "export"], conflicts_with_all = ["correct", "export"])]
    input: Option<PathBuf>,
    /// Say that an error (batch-line-seq, as the view `error` and `runs show --format json` have it) is of another category: for all that mean
    /// the same, those that were and those that come
    #[arg(long, num_args = 2, value_names = ["ERROR_ID", "CATEGORY"])]
    correct: Option<Vec<String>>,
    /// With --correct: who must act; what the category usually means where it is left out
    #[arg(long, requires = "correct", value_parser = correct::blame)]
    blame: Option<Blame>,
    /// With --correct: whether trying again can help
    #[arg(long, requires = "correct", value_name = "yes|no", value_parser = correct::yes_or_no)]
    retryable: Option<bool>,
    /// With --correct: who says it; the user of this machine where it is left out
    #[arg(long, requires = "correct", value_name = "NAME")]
    by: Option<String>,
    /// Write what people said as rows to learn from: CSV with system, message, category
    #[arg(long, conflicts_with = "correct")]
    export: bool,
    /// How to write it: a row for each row, in their order
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    if args.correct.is_some() {
        return correct::correct(args, context).await;
    }
    match &args.input {
        Some(input) => classify_list(input, args.format, context),
        None => correct::export(context).await,
    }
}

fn classify_list(input: &Path, format: Format, context: &Context) -> anyhow::Result<Outcome> {
    let lang = match format {
        Format::Table | Format::Records => Some(context.lang()),
        // Programs get the words that are stored.
        Format::Json | Format::Csv => None,
    };
    let wanted = Wanted {
        path: input,
        column: "message",
        hint: [
            "for one message, `smartetl explain MESSAGE` does without a file",
            "pour un seul message, `smartetl explain MESSAGE` se passe de fichier",
        ],
    };
    // Which template a message has is known when all are read.
    let (mut templates, mut scratch) = (Templates::default(), String::new());
    let mut said = Vec::new();
    let damaged = messages::read(&wanted, |message: Message<'_>| {
        let says = classify::classify(&facts(message.system, message.text));
        let place = place_of(&mut templates, message.text, CUT_AT, &mut scratch);
        said.push((says, place));
    })?;
    templates.mine();
    let mut printer = Printer::new(
        columns(lang),
        Some(format),
        output::terminal_width(),
        context.colour,
        output::stdout(),
    );
    for (line, (says, place)) in (1..).zip(&said) {
        let template = templates.template(*place).id;
        printer
            .row(row(line, says, template, lang))
            .map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    let Some(told) = damaged.told() else {
        return Ok(Outcome::Done);
    };
    context.say(told.text(context.lang()));
    Ok(Outcome::Findings)
}

/// The kind of one error, where nothing is known of it but its text.
pub(super) fn facts<'a>(system: &'a str, message: &'a str) -> ErrorFacts<'a> {
    ErrorFacts {
        system,
        error_type: None,
        error_code: None,
        code_scheme: None,
        message: Some(message),
        stack: None,
    }
}

pub(super) fn yes_or_no(retryable: Option<bool>, lang: Option<Lang>) -> Option<String> {
    let word = match (retryable?, lang) {
        (true, None) => "true",
        (false, None) => "false",
        (true, Some(lang)) => lang.pick("yes", "oui"),
        (false, Some(lang)) => lang.pick("no", "non"),
    };
    Some(word.to_owned())
}

/// As it is stored, or as it is told to a person.
pub(super) fn kind(says: &Classification, lang: Option<Lang>) -> [Option<String>; 2] {
    let category = lang.map_or_else(
        || says.category.as_str(),
        |lang| night::category(says.category, lang),
    );
    let blame = says
        .blame
        .map(|blame| lang.map_or_else(|| blame.as_str(), |lang| night::blame(blame, lang)));
    [Some(category.to_owned()), blame.map(str::to_owned)]
}

fn columns(lang: Option<Lang>) -> Vec<Column> {
    let names = match lang {
        None | Some(Lang::En) => [
            "line",
            "category",
            "rule",
            "confidence",
            "blame",
            "retryable",
            "template_id",
        ],
        Some(Lang::Fr) => [
            "ligne",
            "catégorie",
            "règle",
            "confiance",
            "à qui d’agir",
            "réessayer",
            "modèle",
        ],
    };
    let mut columns = names.map(Column::text);
    columns[0].kind = output::ColumnKind::Number;
    columns[3].kind = output::ColumnKind::Number;
    if lang.is_none() {
        columns[5].kind = output::ColumnKind::Boolean;
    }
    columns.into()
}

fn row(
    line: u64,
    says: &Classification,
    template: Uuid,
    lang: Option<Lang>,
) -> Vec<Option<String>> {
    let [category, blame] = kind(says, lang);
    // For people, something stands where nothing is known.
    let shown = |value: Option<String>| value.or_else(|| lang.map(|_| NONE.to_owned()));
    let confidence = format!("{:.2}", says.confidence);
    vec![
        Some(line.to_string()),
        category,
        Some(says.rule.to_owned()),
        Some(match lang {
            Some(Lang::Fr) => confidence.replace('.', ","),
            _ => confidence,
        }),
        shown(blame),
        shown(yes_or_no(says.retryable, lang)),
        Some(template.to_string()),
    ]
}
