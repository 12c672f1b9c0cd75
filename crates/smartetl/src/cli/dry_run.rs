//! `smartetl load --dry-run`: as what each file would be read, and what its first records would give.

use super::summary::Summary;
use super::{Context, Outcome, again};
use crate::errors::runnable;
use crate::ingest::{FileReport, How, Named, Preview, Recognised};
use crate::night::Lang;
use crate::output::{self, Column, ReportFormat, Sheet};
use crate::reason::Reason;
use smartetl_formats::Settings;
use smartetl_formats::container::delimiter_name;
use smartetl_formats::source::SourceError;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// A table of files needs so many columns of the terminal.
const TABLE_WIDTH: u16 = 100;

/// Looks at the files, and tells of the paths that are none.
pub fn run(
    (files, missing): (&[PathBuf], &[SourceError]),
    named: &Named,
    settings: &Settings,
    format: ReportFormat,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let mut previews: Vec<Preview> = files
        .iter()
        .map(|path| Preview::of(path, named, settings))
        .collect();
    previews.extend(missing.iter().map(|error| Preview {
        as_read: FileReport::failed(error.path().to_owned(), Reason::from(error)),
        how: None,
    }));
    let text = match format {
        ReportFormat::Json => {
            let files = serde_json::json!({ "files": previews });
            serde_json::to_string_pretty(&files)? + "\n"
        }
        ReportFormat::Table => table(&previews, context)?,
    };
    output::print(&text)?;
    let reports: Vec<FileReport> = previews.into_iter().map(|file| file.as_read).collect();
    Ok(Summary::of(&reports, None, Duration::ZERO).outcome(false))
}

fn table(previews: &[Preview], context: &Context) -> anyhow::Result<String> {
    let lang = context.lang();
    let mut sheet = Sheet::new(vec![
        Column::text(lang.pick("file", "fichier")),
        Column::text(lang.pick("read as", "lu comme")),
        Column::text(lang.pick("how", "comment")),
        Column::number(lang.pick("records", "enregistrements")),
        Column::number(lang.pick("rows", "lignes")),
        Column::number(lang.pick("silent", "sans effet")),
        Column::text(lang.pick("rejects", "rejets")),
    ]);
    for Preview { as_read, how } in previews {
        let (Some(how), Some(read_as)) = (how, &as_read.read_as) else {
            continue;
        };
        let sure = read_as.confidence.map(|sure| format!(" ({sure}\u{a0}%)"));
        let records = as_read.records;
        sheet.push([
            Some(as_read.path.clone()),
            Some(read_as.name(lang) + &sure.unwrap_or_default()),
            Some(manner(how, lang)),
            Some(if how.more {
                format!("{records}+")
            } else {
                records.to_string()
            }),
            Some((as_read.rows_log + as_read.rows_error).to_string()),
            Some(as_read.silent.to_string()),
            Some(rejects(as_read)),
        ]);
    }
    let reports: Vec<FileReport> = previews.iter().map(|file| file.as_read.clone()).collect();
    let summary = Summary::of(&reports, None, Duration::ZERO);
    let width = output::terminal_width();
    let mut text = String::new();
    if !sheet.rows.is_empty() {
        // Where cells would be cut into small pieces, records are easier to read.
        text += &match width {
            Some(..TABLE_WIDTH) => sheet.to_text(width)?,
            _ => sheet.to_table(width),
        };
    }
    let mut rest = runnable(&summary.not_loaded(lang), &again::folder(context));
    rest += &Recognised::of(&reports).text(lang);
    rest += lang.pick(
        "nothing is stored: the same command without --dry-run loads\n",
        "rien n’est enregistré\u{a0}: la même commande sans --dry-run charge\n",
    );
    Ok(text + &output::folded(&rest, width))
}

/// `csv ';' UTF-8, yyyy-MM-dd HH:mm:ss in Europe/Paris`
fn manner(how: &How, lang: Lang) -> String {
    let mut text = how.container.to_owned();
    if let Some(delimiter) = how.delimiter {
        let _ = write!(text, " {}", delimiter_name(delimiter));
    }
    if let Some(encoding) = how.encoding {
        let _ = write!(text, " {encoding}");
    }
    if how.header == Some(false) {
        text += lang.pick(" without header", " sans en-tête");
    }
    let _ = match lang {
        Lang::En => write!(text, ", {} in {}", how.times, how.zone),
        Lang::Fr => write!(text, ", {} en {}", how.times, how.zone),
    };
    for note in &how.notes {
        let _ = write!(text, "; {note}");
    }
    text
}

/// `0`, `3 (2 bad_time, 1 field_count)`
fn rejects(report: &FileReport) -> String {
    let all: u64 = report.rejects.values().sum();
    let reasons: Vec<String> = report
        .rejects
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    match all {
        0 => "0".to_owned(),
        all => format!("{all} ({})", reasons.join(", ")),
    }
}
