//! What people say of stored errors: another category, for all that mean the same; and all of that as rows to learn from.

use super::super::issues::said::{By, act};
use super::super::{Context, Database, Outcome};
use super::Args;
use crate::errors::{ErrorCode, Failure};
use crate::filtering;
use crate::jobs::said::{Act, ErrorId, Words, no_error_id};
use crate::night::{self, Lang};
use crate::output::{self, Column, Format, Printer, ReportFormat};
use smartetl_core::classify;
use smartetl_core::group::problem::Correction;
use smartetl_core::model::Category;
use smartetl_store::problems;

pub(super) async fn correct(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let said = args.correct.unwrap_or_default();
    let (Some(error), category) = (said.first(), said.get(1)) else {
        return Err(no_category(None));
    };
    let error = ErrorId::parse(error).ok_or_else(|| no_error_id(error))?;
    let category = category
        .and_then(|word| filtering::category(word).ok())
        .ok_or_else(|| no_category(category.map(String::as_str)))?;
    let (blame, retryable) = classify::of_category(category);
    let to = Correction {
        category,
        blame: args.blame.or(blame),
        retryable: args.retryable.or(retryable),
    };
    let by = By {
        by: args.by,
        format: match args.format {
            Some(Format::Json) => ReportFormat::Json,
            _ => ReportFormat::Table,
        },
    };
    act(Act::Say(Words::Correct { error, to }), by, context).await
}

/// What is no category, and those that there are, in the reader's words.
fn no_category(word: Option<&str>) -> anyhow::Error {
    let words = |lang| {
        let words: Vec<&str> = Category::ALL
            .iter()
            .map(|known| match lang {
                Lang::En => known.as_str(),
                Lang::Fr => night::category(*known, lang),
            })
            .collect();
        words.join(", ")
    };
    let told = match word {
        Some(word) => [
            format!("`{word}` is no category"),
            format!("`{word}` n’est pas une catégorie"),
        ],
        None => [
            "of which category is it? --correct takes an error and a category".to_owned(),
            "de quelle catégorie est-elle\u{a0}? --correct prend une erreur et une catégorie"
                .to_owned(),
        ],
    };
    Failure::new(ErrorCode::Usage, told)
        .hint([words(Lang::En), words(Lang::Fr)])
        .into()
}

/// A row for each message that a person classified.
pub(super) async fn export(format: Format, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let rows = problems::training_rows(&mut connection).await?;
    let columns = ["system", "message", "category"].map(Column::text);
    let mut printer = Printer::new(
        columns.into(),
        Some(format),
        output::terminal_width().filter(|_| matches!(format, Format::Table | Format::Records)),
        context.colour,
        output::stdout(),
    );
    for row in rows {
        let row = [row.system, row.message, row.category].map(Some);
        printer.row(row.into()).map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(Outcome::Done)
}

pub(super) fn yes_or_no(word: &str) -> Result<bool, String> {
    match word {
        "yes" | "true" | "oui" => Ok(true),
        "no" | "false" | "non" => Ok(false),
        _ => Err("yes or no".to_owned()),
    }
}
