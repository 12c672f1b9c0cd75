//! What `map` tells a person: in 80 columns, in both languages.

use super::Args;
use crate::cli::Context;
use crate::cli::again::{program, quoted};
use crate::errors::{ErrorCode, Failure};
use crate::ingest::{Seen, Trial, TrialRow as Row};
use crate::night::Lang;
use crate::output::counted;
use crate::reason::{self, Reason};
use jiff::tz::TimeZone;
use smartetl_core::fuse::FuseConfig;
use smartetl_formats::Settings;
use smartetl_formats::container::Shape;
use smartetl_formats::propose::{self, Missing, Proposal, Proposed, Source, one_line};
use std::fmt::Write as _;
use std::path::PathBuf;

/// So many rows of each table of a file are shown.
const SHOWN: usize = 4;
/// Widths of texts in tables.
const NAME: usize = 24;
const SAMPLES: usize = 30;
const JOB: usize = 18;
const RUN: usize = 8;
const STEP: usize = 10;

pub struct Report<'r> {
    lang: Lang,
    zone: TimeZone,
    /// The files as they were given.
    paths: &'r [PathBuf],
    output: Option<&'r PathBuf>,
    /// How they are written, as flags.
    form: String,
    folder: String,
    config: FuseConfig,
}

impl<'r> Report<'r> {
    pub fn new(args: &'r Args, context: &Context, lang: Lang, settings: &Settings) -> Self {
        Self {
            lang,
            zone: settings.timezone.clone(),
            paths: &args.paths,
            output: args.output.as_ref(),
            form: args.form.flags(),
            folder: crate::cli::again::folder(context),
            config: FuseConfig::from(&context.settings),
        }
    }

    pub fn lang(&self) -> propose::Lang {
        match self.lang {
            Lang::En => propose::Lang::En,
            Lang::Fr => propose::Lang::Fr,
        }
    }

    fn pick<'t>(&self, english: &'t str, french: &'t str) -> &'t str {
        match self.lang {
            Lang::En => english,
            Lang::Fr => french,
        }
    }

    /// The first lines of a mapping file.
    pub fn heading(&self, proposal: &Proposal) -> String {
        let [check, load] = self.commands(proposal).map(|command| one_line(&command));
        match self.lang {
            Lang::En => format!(
                "# A mapping that smartETL proposes: look at each line, answer the questions (# ?), then\n#   {check}\n#   {load}\n\
                 # What each key means stands in doc/formats.md.\n\n"
            ),
            Lang::Fr => format!(
                "# Une correspondance proposée par smartETL\u{a0}: relisez chaque ligne, répondez aux questions (# ?), puis\n#   {check}\n#   {load}\n\
                 # doc/formats.md explique chaque clé.\n\n"
            ),
        }
    }

    /// The commands that check a mapping and load with it: of what was given, or of the files that are no logs left out.
    fn commands(&self, proposal: &Proposal) -> [String; 2] {
        let mapping = self.output.map_or_else(
            || "mapping.toml".to_owned(),
            |path| quoted(&path.display().to_string()),
        );
        let paths: Vec<String> = if proposal.refused.is_empty() {
            let given = self.paths.iter();
            given
                .map(|path| quoted(&path.display().to_string()))
                .collect()
        } else {
            let taken = proposal.tables.iter().flat_map(|table| &table.files);
            taken.map(|file| quoted(&file.path)).collect()
        };
        let (program, paths, folder) = (program(), paths.join(" "), &self.folder);
        let form = &self.form;
        [
            format!("{program} map --check {mapping}{form} {paths}"),
            format!("{program}{folder} load --mapping {mapping}{form} {paths}"),
        ]
    }

    /// Everything about a proposal.
    pub fn proposal(&self, proposal: &Proposal, previews: &[Trial], doubts: &[Reason]) -> String {
        let mut text = String::new();
        for table in &proposal.tables {
            self.table(table, &mut text);
        }
        for (files, missing) in &proposal.refused {
            let _ = writeln!(
                text,
                "{}{} {}\n",
                names(files),
                self.pick(
                    ": no log of jobs, left out:",
                    "\u{a0}: pas un journal de jobs, laissé de côté\u{a0}:"
                ),
                missing.describe(self.lang())
            );
        }
        text.push_str(&self.previews(previews, doubts));
        let questions: Vec<String> = proposal
            .tables
            .iter()
            .flat_map(|table| &table.questions)
            .map(|question| one_line(&question.text(self.lang())))
            .fold(Vec::new(), |mut all, question| {
                if !all.contains(&question) {
                    all.push(question);
                }
                all
            });
        if !questions.is_empty() {
            let _ = writeln!(text, "\nQuestions");
            for (number, question) in questions.iter().enumerate() {
                let _ = writeln!(text, "  {}. {question}", number + 1);
            }
        }
        let [check, load] = self.commands(proposal).map(|command| one_line(&command));
        let _ = write!(
            text,
            "\n{}\n  {check}\n{}\n  {load}",
            self.pick("After changes:", "Après une modification\u{a0}:"),
            self.pick("To load:", "Pour charger\u{a0}:")
        );
        text
    }

    fn table(&self, table: &Proposed, text: &mut String) {
        let records: usize = table.files.iter().map(|file| file.records).sum();
        let head = format!(
            "{}{} {}, {}",
            names(&table.files),
            self.pick(":", "\u{a0}:"),
            table.shape.describe(self.lang()),
            self.records(records as u64)
        );
        let _ = writeln!(text, "{head}");
        if let Some(shared) = table.shared {
            let _ = match self.lang {
                Lang::En => writeln!(text, "  {shared} % of its runs are in the run log"),
                Lang::Fr => writeln!(
                    text,
                    "  {shared}\u{a0}% de ses exécutions sont dans le journal des exécutions"
                ),
            };
        }
        let rows: Vec<Vec<String>> = table
            .columns
            .iter()
            .map(|column| {
                vec![
                    cut(&column.column, NAME),
                    column.target.to_owned(),
                    format!("{:>2}\u{a0}%", column.percent),
                    cut(&column.samples.join(" | "), SAMPLES),
                ]
            })
            .collect();
        let header = ["column", "goes to", "", "values"];
        let french = ["colonne", "va dans", "", "valeurs"];
        let header = if self.lang == Lang::En {
            header
        } else {
            french
        };
        text.push_str(&aligned(&header, &rows));
        if !table.unused.is_empty() {
            let unused: Vec<String> = table.unused.iter().map(|name| cut(name, NAME)).collect();
            let _ = writeln!(
                text,
                "  {} {}",
                self.pick("not used:", "non utilisées\u{a0}:"),
                unused.join(", ")
            );
        }
        text.push('\n');
    }

    /// What comes out, file by file.
    pub fn previews(&self, previews: &[Trial], doubts: &[Reason]) -> String {
        let mut text = String::new();
        for preview in previews {
            self.preview(preview, &mut text);
        }
        self.first_rows(previews, &mut text);
        if !doubts.is_empty() {
            let _ = writeln!(text, "\n{}", self.pick("Doubts", "Doutes"));
            for (number, doubt) in doubts.iter().enumerate() {
                let doubt = one_line(doubt.text(self.lang));
                let _ = writeln!(text, "  {}. {doubt}", number + 1);
            }
        }
        text
    }

    /// What the rows of all files together say against the mapping.
    pub fn doubts(&self, seen: &Seen) -> Vec<Reason> {
        seen.doubts(&self.config)
    }

    fn preview(&self, preview: &Trial, text: &mut String) {
        let file = one_line(preview.path.rsplit('/').next().unwrap_or(&preview.path));
        if let Some(failed) = &preview.failed {
            let failed = failed.text(self.lang);
            let _ = writeln!(
                text,
                "{file}{} {failed}",
                self.pick(": cannot be read:", "\u{a0}: illisible\u{a0}:")
            );
            return;
        }
        let (logs, errors, silent) = (preview.rows_log, preview.rows_error, preview.silent);
        let records = self.records(preview.records);
        let rejects = self.rejects(preview.rejected());
        let _ = match self.lang {
            Lang::En => writeln!(
                text,
                "{file} ({}): {records}, {logs} rows of log, {errors} of logerreur, {silent} silent, {rejects}",
                preview.mapping
            ),
            Lang::Fr => writeln!(
                text,
                "{file} ({})\u{a0}: {records}, {logs} lignes de log, {errors} de logerreur, {silent} sans effet, {rejects}",
                preview.mapping
            ),
        };
        for ((reason, column), rejected) in &preview.rejects {
            let of = if column.is_empty() {
                String::new()
            } else {
                format!(" `{}`", one_line(column))
            };
            let _ = writeln!(text, "  {} × {reason}{of}", rejected.records);
            for (line, detail) in &rejected.examples {
                let detail = one_line(&reason::of_detail(detail, self.lang));
                let _ = match self.lang {
                    Lang::En => writeln!(text, "    line {line}: {detail}"),
                    Lang::Fr => writeln!(text, "    ligne {line}\u{a0}: {detail}"),
                };
            }
        }
    }

    fn records(&self, number: u64) -> String {
        match self.lang {
            Lang::En => counted(number, "record", "records"),
            Lang::Fr if number < 2 => format!("{number} enregistrement"),
            Lang::Fr => format!("{number} enregistrements"),
        }
    }

    fn rejects(&self, number: u64) -> String {
        match self.lang {
            Lang::En => counted(number, "reject", "rejects"),
            Lang::Fr if number < 2 => format!("{number} rejeté"),
            Lang::Fr => format!("{number} rejetés"),
        }
    }

    fn first_rows(&self, previews: &[Trial], text: &mut String) {
        let logs = previews
            .iter()
            .flat_map(|preview| preview.first_logs.iter().take(SHOWN));
        let errors = previews
            .iter()
            .flat_map(|preview| preview.first_errors.iter().take(SHOWN));
        let logs: Vec<Vec<String>> = logs.take(6).map(|row| self.row(row)).collect();
        let errors: Vec<Vec<String>> = errors.take(6).map(|row| self.row(row)).collect();
        for (name, rows) in [("log", logs), ("logerreur", errors)] {
            if !rows.is_empty() {
                let _ = writeln!(
                    text,
                    "\n{} {name}",
                    self.pick("First rows of", "Premières lignes de")
                );
                let header = ["moment", "job", "run_id", "step", "", ""];
                text.push_str(&aligned(&header, &rows));
            }
        }
    }

    fn row(&self, row: &Row) -> Vec<String> {
        let moment = jiff::Timestamp::from_microsecond(row.moment.0).map_or_else(
            |_| row.moment.to_string(),
            |stamp| {
                let local = self.zone.to_datetime(stamp);
                local.strftime("%Y-%m-%d %H:%M:%S").to_string()
            },
        );
        vec![
            moment,
            cut(&row.job, JOB),
            cut(&row.run, RUN),
            cut(&row.step, STEP),
            row.what.to_owned(),
            one_line(&row.text),
        ]
    }

    /// Why nothing could be proposed.
    pub fn nothing(&self, proposal: &Proposal) -> anyhow::Error {
        let reasons: Vec<String> = proposal
            .refused
            .iter()
            .map(|(files, missing)| {
                let colon = self.pick(":", "\u{a0}:");
                format!("{}{colon} {}", names(files), missing.describe(self.lang()))
            })
            .collect();
        let message = if reasons.is_empty() {
            self.pick("no file could be read", "aucun fichier n’a pu être lu")
                .to_owned()
        } else {
            let start = self.pick("no log of ETL jobs: ", "pas un journal de jobs ETL\u{a0}: ");
            format!("{start}{}", reasons.join("; "))
        };
        let is_below_a_title = |missing: &Missing| matches!(missing, Missing::Names { .. });
        if proposal
            .refused
            .iter()
            .any(|(files, missing)| files.iter().any(is_headerless) && !is_below_a_title(missing))
        {
            return Failure::new(ErrorCode::Usage, message)
                .hint(self.pick(
                    "where the first record names the columns, give --header true; else give the run log together with its error log",
                    "si le premier enregistrement nomme les colonnes, donnez --header true\u{a0}; sinon, donnez le journal des exécutions avec celui des erreurs",
                ))
                .into();
        }
        Failure::new(ErrorCode::Usage, message)
            .hint(self.pick(
                "give the run log together with its error log; a mapping can also be written by hand, doc/formats.md says how",
                "donnez le journal des exécutions avec celui des erreurs\u{a0}; une correspondance s’écrit aussi à la main, voir doc/formats.md",
            ))
            .into()
    }
}

/// A table with two blanks before each line; the last column is cut to 80.
fn aligned(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let width = |at: usize| {
        let all = std::iter::once(&header).chain(rows);
        all.map(|row| row[at].chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let is_empty: Vec<bool> = (0..header.len())
        .map(|at| rows.iter().all(|row| row[at].is_empty()))
        .collect();
    let mut text = String::new();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::from(" ");
        for (at, cell) in row.iter().enumerate() {
            if !is_empty[at] {
                let width = widths[at];
                let _ = write!(line, " {cell:<width$} ");
            }
        }
        let line = cut(line.trim_end(), 80);
        let _ = writeln!(text, "{line}");
    }
    text
}

fn cut(text: &str, width: usize) -> String {
    let text = one_line(text);
    if text.chars().count() <= width {
        return text;
    }
    let short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.trim_end_matches('…').to_owned() + "…"
}

/// Whether its first record was taken for one of many.
fn is_headerless(file: &Source) -> bool {
    matches!(&file.shape, Shape::Csv(csv) if !csv.header)
}

fn names(files: &[Source]) -> String {
    let name = |file: &Source| {
        let path = &file.path;
        one_line(path.rsplit('/').next().unwrap_or(path))
    };
    match files {
        [] => String::new(),
        [one] => name(one),
        [one, two] => format!("{}, {}", name(one), name(two)),
        [one, .., last] => format!("{} … {} ({})", name(one), name(last), files.len()),
    }
}
