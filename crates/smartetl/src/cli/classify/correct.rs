//! What people say of stored errors: another category, for all that mean the same; and all of that as rows to learn from.

use super::super::issues::said::{By, act};
use super::super::{Context, Database, Outcome};
use super::Args;
use crate::errors::{ErrorCode, Failure};
use crate::jobs::said::{Act, ErrorId, Words};
use crate::output::{self, Column, Format, Printer, ReportFormat};
use smartetl_core::classify;
use smartetl_core::group::problem::Correction;
use smartetl_core::model::{Blame, Category};
use smartetl_store::problems;

pub(super) async fn correct(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let said = args.correct.unwrap_or_default();
    let [error, category] = said.as_slice() else {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                "--correct takes an error and a category",
                "--correct prend une erreur et une catégorie",
            ],
        )
        .into());
    };
    let error = ErrorId::parse(error).ok_or_else(|| {
        Failure::new(
            ErrorCode::Usage,
            [
                format!("`{error}` is no error: it is named batch-line-seq, like 12-345-0"),
                format!("`{error}` n’est pas une erreur\u{a0}: elle se nomme batch-line-seq, comme 12-345-0"),
            ],
        )
        .hint("smartetl sql \"SELECT error, moment, job, message FROM error ORDER BY moment DESC LIMIT 20\"")
    })?;
    let category = Category::parse(category).ok_or_else(|| {
        let words: Vec<&str> = Category::ALL.iter().map(|known| known.as_str()).collect();
        Failure::new(
            ErrorCode::Usage,
            [
                format!("`{category}` is no category"),
                format!("`{category}` n’est pas une catégorie"),
            ],
        )
        .hint(words.join(", "))
    })?;
    let (blame, retryable) = classify::of_category(category);
    let to = Correction {
        category,
        blame: args.blame.or(blame),
        retryable: args.retryable.or(retryable),
    };
    let by = By {
        by: args.by,
        format: match args.format {
            Format::Json => ReportFormat::Json,
            Format::Table | Format::Records | Format::Csv => ReportFormat::Table,
        },
    };
    act(Act::Say(Words::Correct { error, to }), by, context).await
}

/// A row for each message that a person classified.
pub(super) async fn export(context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let rows = problems::training_rows(&mut connection).await?;
    let columns = ["system", "message", "category"].map(Column::text);
    let mut printer = Printer::new(
        columns.into(),
        Some(Format::Csv),
        None,
        false,
        output::stdout(),
    );
    for row in rows {
        let row = [row.system, row.message, row.category].map(Some);
        printer.row(row.into()).map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(Outcome::Done)
}

pub(super) fn blame(word: &str) -> Result<Blame, String> {
    Blame::parse(word).ok_or_else(|| "data, platform, external or code".to_owned())
}

pub(super) fn yes_or_no(word: &str) -> Result<bool, String> {
    match word {
        "yes" | "true" | "oui" => Ok(true),
        "no" | "false" | "non" => Ok(false),
        _ => Err("yes or no".to_owned()),
    }
}
