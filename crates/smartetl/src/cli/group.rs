//! `smartetl group --input FILE`: which messages of a file mean the same. Reads one column, asks no database, and takes
//! secrets out before anything else looks at the messages.

use super::messages::{self, Damaged, Message, Wanted};
use super::{Context, Outcome};
use crate::night::Lang;
use crate::output::{self, Column, Format, Printer};
use smartetl_core::group::{Named, Place, Templates};
use smartetl_core::redact::redact;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV file whose first line names the columns; - for stdin
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The column with the messages
    #[arg(long, value_name = "NAME", default_value = "message")]
    column: String,
    /// Each template once, with how many lines it has, the most frequent first
    #[arg(long)]
    templates: bool,
    /// Messages of exactly so many characters were cut by their source; 0 when none are
    #[arg(long, value_name = "CHARACTERS", default_value_t = CUT_AT)]
    cut_at: usize,
    /// How to write them; csv and json: as benchmarks of log parsers read it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let format = args.format;
    // It computes and never waits.
    let (grouped, args) = tokio::task::spawn_blocking(move || {
        let grouped = Grouped::read(&args);
        (grouped, args)
    })
    .await?;
    let grouped = grouped?;
    let columns = columns(args.templates, format, context.lang());
    let width = output::terminal_width();
    let mut printer = Printer::new(
        columns,
        Some(format),
        width,
        context.colour,
        output::stdout(),
    );
    let rows: &mut dyn Iterator<Item = Row> = if args.templates {
        &mut grouped.by_template()
    } else {
        &mut grouped.by_line()
    };
    // The beginning of an id leaves the terminal's lines to the texts.
    let is_short = width.is_some() && format == Format::Table;
    for mut row in rows {
        if is_short && let Some(id) = &mut row[1] {
            id.truncate(SHORT);
        }
        printer.row(row).map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(grouped.told(context))
}

/// Programs get one language, and the names that the benchmarks of the field use.
fn columns(templates: bool, format: Format, lang: Lang) -> Vec<Column> {
    let for_people = matches!(format, Format::Table | Format::Records);
    let lang = if for_people { lang } else { Lang::En };
    let french = lang == Lang::Fr;
    let mut columns = vec![
        if templates && french {
            Column::number("Lignes")
        } else if templates {
            Column::number("Lines")
        } else {
            Column::text("LineId")
        },
        Column::text("EventId"),
        Column::text("EventTemplate"),
    ];
    if french {
        columns[1].name = "Modèle".to_owned();
        columns[2].name = "Texte du modèle".to_owned();
        if !templates {
            columns[0].name = "Ligne".to_owned();
        }
    }
    columns
}

/// Digits of an id on a terminal.
const SHORT: usize = 8;

/// What is written of a line or a template.
type Row = Vec<Option<String>>;

/// The lines of a file and their templates.
struct Grouped {
    templates: Templates,
    lines: Vec<Line>,
    damaged: Damaged,
}

struct Line {
    /// As the file says it; its number where the file has none.
    id: Option<Box<str>>,
    /// `None` for a line that cannot be read.
    place: Option<Place>,
}

impl Grouped {
    fn read(args: &Args) -> anyhow::Result<Self> {
        let mut grouped = Self {
            templates: Templates::default(),
            lines: Vec::new(),
            damaged: Damaged::default(),
        };
        let mut scratch = String::new();
        let cut_at = args.cut_at;
        let wanted = Wanted {
            path: &args.input,
            column: &args.column,
            hint: ["--column NAME", "--column NOM"],
        };
        grouped.damaged = messages::read(&wanted, |message: Message<'_>| {
            let place = (!message.is_damaged)
                .then(|| place_of(&mut grouped.templates, message.text, cut_at, &mut scratch));
            let id = message.id.map(Box::from);
            grouped.lines.push(Line { id, place });
        })?;
        grouped.templates.mine();
        Ok(grouped)
    }

    fn by_line(&self) -> impl Iterator<Item = Row> {
        self.lines.iter().enumerate().map(|(index, line)| {
            let id = line
                .id
                .as_deref()
                .map_or_else(|| (index + 1).to_string(), str::to_owned);
            let template = line.place.map(|place| self.templates.template(place));
            vec![
                Some(id),
                template.map(|template| template.id.to_string()),
                template.map(|template| template.text.clone()),
            ]
        })
    }

    fn by_template(&self) -> impl Iterator<Item = Row> {
        let mut lines = vec![0_u64; self.templates.templates().len()];
        for place in self.lines.iter().filter_map(|line| line.place) {
            lines[self.templates.index(place)] += 1;
        }
        let mut counted: Vec<_> = self.templates.templates().iter().zip(lines).collect();
        counted.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.text.cmp(&other.0.text)));
        counted.into_iter().map(|(template, lines)| {
            vec![
                Some(lines.to_string()),
                Some(template.id.to_string()),
                Some(template.text.clone()),
            ]
        })
    }

    /// Says on stderr what could not be read.
    fn told(&self, context: &Context) -> Outcome {
        let Some(told) = self.damaged.told() else {
            return Outcome::Done;
        };
        context.say(told.text(context.lang()));
        Outcome::Findings
    }
}

/// Messages of so many characters were cut by a tLogCatcher.
pub(super) const CUT_AT: usize = 255;

/// Where a message stands among the templates; new ones are added. What has exactly `cut_at` characters counts as cut.
pub(super) fn place_of(
    templates: &mut Templates,
    text: &str,
    cut_at: usize,
    scratch: &mut String,
) -> Place {
    let cut = cut_at > 0 && text.len() >= cut_at && text.chars().count() == cut_at;
    let text = redact(text);
    let error = Named {
        message: Some(&text),
        ..Named::default()
    };
    templates.place_of(&error, cut, scratch)
}
