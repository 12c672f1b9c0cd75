//! `smartetl issues overrides`: what was said of problems.

use super::super::{Context, Outcome};
use super::example::short;
use super::said::correction;
use crate::look::words::NONE;
use crate::look::{Cell, Grid, GridColumn};
use crate::night::{Lang, Teller};
use crate::output::{self, Column, ColumnKind, Format, Printer};
use smartetl_core::group::problem::Correction;
use smartetl_core::model::{Blame, Category, Moment};
use smartetl_store::problems::{self, Listed};

#[derive(Clone, Debug, clap::Args)]
pub struct Overrides {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub async fn overrides(args: Overrides, context: &Context) -> anyhow::Result<Outcome> {
    let (_database, mut connection, teller) = super::open(context).await?;
    let all = problems::listed(&mut connection).await?;
    let width = output::terminal_width();
    let (columns, rows): (Vec<Column>, Vec<Vec<Option<String>>>) = match args.format {
        Format::Table => {
            let text = table(&all, &teller, width.map(usize::from), context.colour);
            output::print(&text)?;
            return Ok(Outcome::Done);
        }
        Format::Records => {
            let rows = all.iter().map(|one| told(one, &teller).map(Some).into());
            (names(teller.lang).map(Column::text).into(), rows.collect())
        }
        Format::Csv | Format::Json => (columns(), all.iter().map(row).collect()),
    };
    let mut printer = Printer::new(
        columns,
        Some(args.format),
        width,
        context.colour,
        output::stdout(),
    );
    for row in rows {
        printer.row(row).map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(Outcome::Done)
}

/// For people: of which problem, what was said, and whether it was taken back, stand below each.
fn table(all: &[Listed], teller: &Teller, width: Option<usize>, colour: bool) -> String {
    let lang = teller.lang;
    let [number, kind, problem, _, _, when, by, _] = names(lang);
    let mut grid = Grid::new(vec![
        GridColumn::new(number).right(),
        GridColumn::new(kind),
        GridColumn::new(problem),
        GridColumn::new(when),
        GridColumn::new(by).cut_to(8),
    ]);
    for one in all {
        let [number, kind, problem, title, what, when, by, undone] = told(one, teller);
        let shade = if one.undone_at.is_some() { "2" } else { "1" };
        grid.row(vec![
            Cell::of(number),
            Cell::shaded(kind, shade),
            Cell::of(problem),
            Cell::of(when),
            Cell::of(by),
        ]);
        grid.below(1, Cell::shaded(title, "2"));
        grid.below(1, Cell::of(format!("→ {what}")));
        if one.undone_at.is_some() {
            let taken_back = lang.pick("taken back", "annulée");
            grid.below(
                1,
                Cell::shaded(format!("{taken_back}{} {undone}", lang.colon()), "33"),
            );
        }
    }
    if all.is_empty() {
        return lang
            .pick("Nothing was said.\n", "Rien n’a été dit.\n")
            .to_owned();
    }
    grid.text(width, colour)
}

fn names(lang: Lang) -> [&'static str; 8] {
    match lang {
        Lang::En => [
            "No.",
            "Kind",
            "Problem",
            "Title",
            "What",
            "When",
            "By",
            "Taken back",
        ],
        Lang::Fr => [
            "N°", "Sorte", "Panne", "Titre", "Quoi", "Quand", "Par", "Annulée",
        ],
    }
}

fn told(one: &Listed, teller: &Teller) -> [String; 8] {
    let lang = teller.lang;
    let kind = match (one.kind.as_str(), lang) {
        ("merge", Lang::Fr) => "fusion",
        ("split", Lang::Fr) => "séparation",
        ("rename", Lang::Fr) => "titre",
        ("correct", Lang::Fr) => "catégorie",
        (kind, _) => kind,
    };
    let none = || NONE.to_owned();
    let undone = one.undone_at.map(|at| {
        let by = one.undone_by.as_deref().unwrap_or(NONE);
        format!("{}, {by}", teller.dated(Moment(at)))
    });
    [
        one.number.to_string(),
        kind.to_owned(),
        short(one.problem),
        one.of_title.clone().unwrap_or_else(none),
        what(one, lang).unwrap_or_else(none),
        teller.dated(Moment(one.made_at)),
        one.made_by.clone(),
        undone.unwrap_or_else(none),
    ]
}

/// What was said, besides of which problem.
fn what(one: &Listed, lang: Lang) -> Option<String> {
    if let Some(word) = &one.category {
        let told = Category::parse(word).map(|category| Correction {
            category,
            blame: one.blame.as_deref().and_then(Blame::parse),
            retryable: one.retryable,
        });
        return Some(told.map_or_else(|| word.clone(), |to| correction(to, lang)));
    }
    if let Some(other) = one.other {
        let title = one.other_title.as_deref().unwrap_or(NONE);
        return Some(format!("{} {title}", short(other)));
    }
    let signatures = one.signatures.as_ref().map(|these| {
        let these: Vec<String> = these.iter().copied().map(short).collect();
        these.join(", ")
    });
    let each = one
        .each
        .then(|| lang.pick("each signature", "chaque signature").to_owned());
    one.title.clone().or(signatures).or(each)
}

/// For programs: what is stored.
fn columns() -> Vec<Column> {
    let mut columns = [
        "override",
        "kind",
        "problem",
        "title",
        "what",
        "made_at",
        "made_by",
        "undone_at",
        "undone_by",
        "blame",
        "retryable",
        "other_title",
    ]
    .map(Column::text);
    columns[0].kind = ColumnKind::Number;
    columns[10].kind = ColumnKind::Boolean;
    columns.into()
}

fn row(one: &Listed) -> Vec<Option<String>> {
    let signatures = one.signatures.as_ref().map(|these| {
        let these: Vec<String> = these.iter().map(ToString::to_string).collect();
        these.join(", ")
    });
    let what = one
        .category
        .clone()
        .or_else(|| one.other.map(|other| other.to_string()))
        .or_else(|| one.title.clone())
        .or(signatures)
        .or_else(|| one.each.then(|| "each".to_owned()));
    vec![
        Some(one.number.to_string()),
        Some(one.kind.clone()),
        Some(one.problem.to_string()),
        one.of_title.clone(),
        what,
        Some(Moment(one.made_at).to_string()),
        Some(one.made_by.clone()),
        one.undone_at.map(|at| Moment(at).to_string()),
        one.undone_by.clone(),
        one.blame.clone(),
        one.retryable.map(|retryable| retryable.to_string()),
        one.other_title.clone(),
    ]
}
