//! Recognising how a text is written, from its first 64 KiB; each answer can be set instead.

use std::collections::HashSet;
use std::io::{self, Read};

use smartetl_core::model::RejectReason;

use super::content::is_behind;
use super::csv::OPEN_AT_END;
use super::document::{is_filler, is_open};
use super::{
    AtEnd, ContainerError, Content, CsvReader, CsvSettings, Encoding, Item, JsonlSettings, Limits,
    ParquetReader, Position, Record,
};
use crate::moment::{MomentFormat, MomentReader};
use parquet::file::reader::ChunkReader;

/// How much of the content is looked at.
pub const SAMPLE_BYTES: usize = 64 * 1024;
/// How much of it where the first object of JSON is longer: as long as a record may be.
const LONG_OBJECT_BYTES: usize = 16 * 1024 * 1024;
/// Ends the description of columns that nothing names.
pub const WITHOUT_HEADER: &str = "without header";
const SAMPLE_ROWS: usize = 500;
/// Of a thousand records of a table so many have as many fields as is usual.
const REGULAR: usize = 600;
/// Of a thousand values below a name so many are times or numbers.
const FIGURES: usize = 600;
/// No name of a column has more bytes.
const LONGEST_HEADING: usize = 200;
const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// What the user said about a text; `None` is recognised.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub delimiter: Option<char>,
    /// `Some(None)`: quotes are plain characters.
    pub quote: Option<Option<char>>,
    pub header: Option<bool>,
    pub encoding: Option<Encoding>,
}

/// What kind of container a source is, as far as reading it needs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Csv(CsvSettings),
    Jsonl(JsonlSettings),
    /// One object over several lines, or a list of objects.
    Json(JsonlSettings),
    Parquet,
}

/// The first records of a source, for dialects to look at.
#[derive(Clone, Debug)]
pub struct Sample {
    pub shape: Shape,
    /// The names of the columns, where the source says them.
    pub columns: Option<Vec<String>>,
    /// At most 500 whole records, without header; an empty field is `None`.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Shape {
    /// Whether a column may first come with a later record.
    pub fn has_optional_columns(&self) -> bool {
        match self {
            Self::Jsonl(_) | Self::Json(_) => true,
            Self::Csv(_) | Self::Parquet => false,
        }
    }

    /// The container, for a person.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Jsonl(_) => "json lines",
            Self::Json(_) => "json document",
            Self::Parquet => "parquet",
        }
    }

    /// The encoding of a text; `None` where it is none.
    pub fn encoding(&self) -> Option<Encoding> {
        match self {
            Self::Csv(csv) => Some(csv.encoding),
            Self::Jsonl(lines) | Self::Json(lines) => Some(lines.encoding),
            Self::Parquet => None,
        }
    }

    /// Whether a byte of content belongs to no record where it stands behind all of them.
    pub fn is_blank(&self, byte: u8) -> bool {
        match self {
            Self::Csv(_) | Self::Jsonl(_) => byte.is_ascii_whitespace(),
            Self::Json(_) => is_filler(byte),
            Self::Parquet => false,
        }
    }
}

impl Sample {
    /// The names of the columns; their numbers, from 1, where the source says none.
    pub fn column_names(&self) -> Vec<String> {
        self.columns.clone().unwrap_or_else(|| {
            (1..=self.rows.iter().map(Vec::len).max().unwrap_or(0))
                .map(|number| number.to_string())
                .collect()
        })
    }

    /// The columns, for a message.
    pub fn describe(&self) -> String {
        match (&self.columns, self.rows.first()) {
            (Some(columns), _) => columns.join(", "),
            (None, Some(row)) if row.len() == 1 => format!("one column {WITHOUT_HEADER}"),
            (None, Some(row)) => format!("{} columns {WITHOUT_HEADER}", row.len()),
            (None, None) => "none".to_owned(),
        }
    }

    /// The name that two columns have; also where nothing but that keeps the first record from naming the columns.
    pub fn column_twice(&self) -> Option<&str> {
        match (&self.columns, self.rows.split_first()) {
            _ if self.shape.has_optional_columns() => None,
            (Some(columns), _) => twice(columns.iter().map(String::as_str)),
            (None, Some((first, records))) if are_headings(first, records) => twice(names(first)),
            (None, _) => None,
        }
    }

    /// Whether half of the values of some column are times.
    pub fn has_times(&self) -> bool {
        (0..self.rows.iter().map(Vec::len).max().unwrap_or(0)).any(|column| {
            let values: Vec<&str> = self.values(column).collect();
            MomentFormat::recognise(&values).is_some_and(|(format, _)| {
                let mut reader = MomentReader::new(format, jiff::tz::TimeZone::UTC);
                let times = values.iter().filter(|text| reader.read(text).is_ok());
                times.count() * 2 >= values.len()
            })
        })
    }

    /// Every value of a column in the sample that is not empty.
    pub fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column)?.as_deref())
    }

    /// Reads the sample of a text whose settings are known.
    pub fn of_text(bytes: &[u8], complete: bool, settings: &CsvSettings) -> Self {
        let mut rows = Trial::of(bytes, complete, settings).rows;
        let columns = (settings.header && !rows.is_empty()).then(|| {
            let first = rows.remove(0);
            // Of files that were put behind each other, each brings it along.
            rows.retain(|row| !names(row).eq(names(&first)));
            names(&first).map(str::to_owned).collect()
        });
        Self {
            shape: Shape::Csv(settings.clone()),
            columns,
            rows,
        }
    }
}

/// The first 64 KiB of content, and whether that is all of it; more where an object of JSON goes on and on. Damage in packed
/// data is left for the reader to meet.
pub fn take_sample(content: &mut Content) -> io::Result<(Vec<u8>, bool)> {
    let mut sample = vec![0; SAMPLE_BYTES];
    let mut filled = 0;
    while filled < sample.len() {
        match content.read(&mut sample[filled..]) {
            Ok(0) => {
                sample.truncate(filled);
                return Ok((sample, true));
            }
            Ok(count) => {
                filled += count;
                if filled == sample.len() && filled < LONG_OBJECT_BYTES && is_open(&sample) {
                    sample.resize(2 * filled, 0);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if filled == 0 => return Err(error),
            Err(error) => {
                sample.truncate(filled);
                return Ok((sample, is_behind(&error)));
            }
        }
    }
    Ok((sample, false))
}

/// As much of a content that is all there as [`take_sample`] gives of a file, and whether that is all of it.
pub fn sample_of(content: &[u8]) -> (&[u8], bool) {
    let mut length = SAMPLE_BYTES;
    while length < content.len() && length < LONG_OBJECT_BYTES && is_open(&content[..length]) {
        length *= 2;
    }
    let sample = &content[..length.min(content.len())];
    (sample, sample.len() == content.len())
}

/// The first rows of a Parquet file.
pub fn sample_parquet(file: impl ChunkReader + 'static) -> Result<Sample, ContainerError> {
    let mut reader = ParquetReader::open(file, Position::START)?;
    let columns = reader.names().to_vec();
    let mut rows = Vec::new();
    while rows.len() < SAMPLE_ROWS
        && let Some((item, _)) = reader.next()?
    {
        if let Item::Record(record) = item {
            rows.push(owned(&record));
        }
    }
    Ok(Sample {
        shape: Shape::Parquet,
        columns: Some(columns),
        rows,
    })
}

/// Recognises delimiter, quoting, header and encoding. `complete`: the sample is all there is; `utf_16`: what the
/// content was transcoded from.
///
/// # Errors
/// When the content is no text.
pub fn detect(
    sample: &[u8],
    complete: bool,
    utf_16: Option<Encoding>,
    overrides: &Overrides,
) -> Result<CsvSettings, ContainerError> {
    what_else(sample)?;
    let encoding = utf_16
        .or(overrides.encoding)
        .unwrap_or_else(|| Encoding::recognise(sample));
    let base = CsvSettings {
        encoding,
        encoding_guessed: overrides.encoding.is_none() && utf_16.is_none(),
        header: false,
        ..CsvSettings::default()
    };
    let delimiters = overrides
        .delimiter
        .map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<(usize, CsvSettings, Trial)> = None;
    for delimiter in delimiters {
        let settings = CsvSettings {
            delimiter,
            ..base.clone()
        };
        let with = |quote| CsvSettings {
            quote,
            ..settings.clone()
        };
        let trials: Vec<(CsvSettings, Trial)> = overrides
            .quote
            .map_or(vec![Some('"'), None], |quote| vec![quote])
            .into_iter()
            .map(|quote| (with(quote), Trial::of(sample, complete, &with(quote))))
            .collect();
        let score = trials
            .iter()
            .map(|(_, trial)| trial.consistency())
            .max()
            .unwrap_or(0);
        // Quotes are quotes unless they did more harm than good.
        let harmful = trials.len() > 1 && trials[0].1.by_quotes > trials[0].1.quoted;
        let (settings, trial) = trials
            .into_iter()
            .nth(usize::from(harmful))
            .unwrap_or_default();
        if best.as_ref().is_none_or(|(least, _, _)| score > *least) {
            best = Some((score, settings, trial));
        }
    }
    let (mut settings, rows) = best.map_or((base, Vec::new()), |(_, settings, trial)| {
        (settings, trial.rows)
    });
    settings.header = overrides.header.unwrap_or_else(|| looks_like_header(&rows));
    Ok(settings)
}

/// Tells content that is no text.
fn what_else(sample: &[u8]) -> Result<(), ContainerError> {
    if sample.starts_with(b"PK\x03\x04") {
        return Err(ContainerError::Binary {
            found: "it is a zip archive (or a spreadsheet)\nhint: unpack it, or export the sheet as CSV",
        });
    }
    if sample.starts_with(b"BZh") {
        return Err(ContainerError::Packed { with: "bzip2" });
    }
    if sample.starts_with(b"\xFD7zXZ") {
        return Err(ContainerError::Packed { with: "xz" });
    }
    let control =
        |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    let controls = sample.iter().filter(control).count();
    if controls * 20 > sample.len() {
        return Err(ContainerError::Binary {
            found: "more than one byte in twenty is a control character",
        });
    }
    Ok(())
}

/// Whether a text is a table at all: of several records most have the same number of fields, more than one, and either it says
/// what they are called, or some hold times.
pub fn is_table(bytes: &[u8], complete: bool, settings: &CsvSettings) -> bool {
    let trial = Trial::of(bytes, complete, settings);
    let is_regular = trial.rows.len() > 1 && trial.consistency() >= REGULAR * 100;
    is_regular && (settings.header || Sample::of_text(bytes, complete, settings).has_times())
}

/// What reading a sample with certain settings gave.
#[derive(Default)]
struct Trial {
    rows: Vec<Vec<Option<String>>>,
    damaged: usize,
    /// How many of these because of a quote.
    by_quotes: usize,
    /// How many records had quoted fields.
    quoted: usize,
}

impl Trial {
    /// Header and rows alike.
    fn of(sample: &[u8], complete: bool, settings: &CsvSettings) -> Self {
        let at_end = if complete { AtEnd::Take } else { AtEnd::Leave };
        let settings = CsvSettings {
            header: false,
            ..settings.clone()
        };
        // The sample is small, so one block holds it.
        let limits = Limits {
            block_bytes: sample.len() + 16,
            ..Limits::default()
        };
        let input = io::Cursor::new(sample.to_vec());
        let mut reader = CsvReader::with_limits(input, &settings, Position::START, at_end, limits);
        let mut trial = Self::default();
        let mut rows_before_open = None;
        while trial.rows.len() <= SAMPLE_ROWS {
            match reader.next() {
                Ok(Some((Item::Record(record), _))) => {
                    trial.rows.push(owned(&record));
                    trial.quoted += usize::from(reader.quoted_fields() > 0);
                }
                Ok(Some((Item::Damaged(damage), _))) => {
                    trial.damaged += 1;
                    if damage.detail == OPEN_AT_END {
                        rows_before_open.get_or_insert(trial.rows.len());
                    } else {
                        trial.by_quotes += usize::from(damage.reason == RejectReason::Quote);
                    }
                }
                Ok(Some((Item::Blank { .. }, _))) => {}
                Ok(None) | Err(_) => break,
            }
        }
        if let Some(before) = rows_before_open {
            trial.by_quotes += usize::from(trial.goes_on_behind(before));
        }
        trial
    }

    /// Whether a quote that is not closed stands alone: the lines behind it are records like those before. Else it may be
    /// closed in what is still to be written.
    fn goes_on_behind(&self, before: usize) -> bool {
        let (before, behind) = self.rows.split_at(before);
        match before.iter().map(Vec::len).max() {
            Some(usual) => behind.iter().any(|row| row.len() == usual),
            // Nothing stands before it: they are compared with each other.
            None => behind.first().is_some_and(|first| {
                first.len() > 1 && behind[1..].iter().any(|row| row.len() == first.len())
            }),
        }
    }

    /// How well the settings fit: the share of records with the usual number of fields counts most, then
    /// more fields count more. Zero when nothing is split at all.
    fn consistency(&self) -> usize {
        let mut widths: Vec<usize> = self.rows.iter().map(Vec::len).collect();
        widths.sort_unstable();
        let usual = widths
            .chunk_by(|left, right| left == right)
            .filter(|chunk| chunk[0] > 1)
            .max_by_key(|chunk| (chunk.len(), chunk[0]));
        let Some(usual) = usual else { return 0 };
        usual.len() * 1000 / (self.rows.len() + self.damaged) * 100 + usual[0].min(99)
    }
}

pub(super) fn owned(record: &Record<'_>) -> Vec<Option<String>> {
    (0..record.width())
        .map(|column| record.get(column).map(str::to_owned))
        .collect()
}

/// The fields of a record that names columns.
fn names(record: &[Option<String>]) -> impl Iterator<Item = &str> {
    record
        .iter()
        .map(|field| field.as_deref().unwrap_or_default().trim())
}

/// Whether the first record names columns: its fields are different words that begin with a letter; or they are different texts
/// with any signs, and records below hold times and numbers where it holds none.
fn looks_like_header(rows: &[Vec<Option<String>>]) -> bool {
    let Some((first, records)) = rows.split_first() else {
        return false;
    };
    let mut filled = first.iter().flatten();
    is_filled(first)
        && twice(names(first)).is_none()
        && (filled.all(|name| is_word(name.trim())) || are_headings(first, records))
}

/// Whether a record has a value in each field but one.
fn is_filled(record: &[Option<String>]) -> bool {
    let filled = record.iter().flatten().count();
    filled > 0 && filled + 1 >= record.len()
}

/// The first name that comes again.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    let mut filled = names.filter(|name| !name.is_empty());
    filled.find(|name| !seen.insert(*name))
}

/// Whether a record holds texts that may be names, and those below hold times and numbers where it holds none.
fn are_headings(first: &[Option<String>], records: &[Vec<Option<String>>]) -> bool {
    let mut filled = first.iter().flatten();
    is_filled(first)
        && filled.all(|name| is_heading(name.trim()))
        && has_figures_below(first, records)
}

fn is_word(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|sign: char| sign.is_alphabetic() || sign == '_')
        && name.chars().all(|sign| {
            sign.is_alphanumeric()
                || matches!(
                    sign,
                    '_' | ' ' | '-' | '.' | '/' | '#' | '(' | ')' | '°' | '%' | '\'' | '’'
                )
        })
}

/// A text that may be a name: short, with a letter, and neither a time nor a number.
fn is_heading(name: &str) -> bool {
    name.len() <= LONGEST_HEADING && name.contains(char::is_alphabetic) && !is_figures(name)
}

/// Whether most of what stands below some name are times or numbers.
fn has_figures_below(names: &[Option<String>], records: &[Vec<Option<String>>]) -> bool {
    (0..names.len())
        .filter(|column| names[*column].is_some())
        .any(|column| {
            let values = records.iter().filter_map(|row| row.get(column)?.as_deref());
            let (figures, all) = values.fold((0, 0), |(figures, all), value| {
                (figures + usize::from(is_figures(value)), all + 1)
            });
            all > 0 && figures * 1000 >= all * FIGURES
        })
}

/// Times, numbers, and numbers with a unit: they begin with a digit, and have more digits than letters.
fn is_figures(text: &str) -> bool {
    let signs = || text.chars().filter(|sign| sign.is_alphanumeric());
    let digits = signs().filter(char::is_ascii_digit).count();
    signs().next().is_some_and(|sign| sign.is_ascii_digit()) && digits * 2 > signs().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sample: &str, delimiter: char, quote: Option<char>, header: bool) {
        let found =
            detect(sample.as_bytes(), true, None, &Overrides::default()).expect("it is text");
        assert_eq!(
            (found.delimiter, found.quote, found.header),
            (delimiter, quote, header),
            "{sample}"
        );
    }

    #[test]
    fn delimiters_quotes_and_headers() {
        let quoted = Some('"');
        check("a;b;c\n1;2,5;3\n4;5,5;6\n", ';', quoted, true);
        check("n° d'exécution;durée (s)\n1;2,5\n", ';', quoted, true);
        check("a,b,c\n1,2;5,3\n4,5;5,6\n", ',', quoted, true);
        check("a\tb\n1\tx, y; z|u\n", '\t', quoted, true);
        check("2026-01-01|x|1\n2026-01-02|y|2\n", '|', quoted, false);
        check("x;y\nx;y\nlong, text, with, commas;y\n", ';', quoted, true);
        check("x;x\ny;y\n", ';', quoted, false);
        check("name;;\n1;2;3\n", ';', quoted, false);
        // Files that are still written: what is quoted is not closed yet.
        for open in [
            "\"",
            "\"no",
            "\"no\n",
            "\"no; column\n at a.b(C)\n",
            "\"no\n\n  detail\n",
            "\"no\"\"\n",
        ] {
            check(&format!("id;message;code\n1;{open}"), ';', quoted, true);
            check(
                &format!("id;message;code\n0;fine;0\n1;{open}"),
                ';',
                quoted,
                true,
            );
        }
        // One that stands alone: records go on behind it.
        check("\"no;7;2026-01-01\n2;yes;8\n3;yes;9\n", ';', None, false);
        check("id;message;code\n1;\"no;7\n2;yes;8\n", ';', None, true);
        // Quotes that hold delimiters and line ends, and quotes that mean nothing.
        check(
            "\"a\";\"b\"\n\"1;2;3\n4\";\"5\"\n\"6\";\"7\"\n",
            ';',
            quoted,
            true,
        );
        check(
            "a;b\n\"x\" not found;1\n\"y\" not found;2\n",
            ';',
            None,
            true,
        );
        check("one column\nof text\n", ';', quoted, true);
    }

    #[test]
    fn headings_are_known_by_what_stands_below() {
        let quoted = Some('"');
        for heading in [
            "duration [s]",
            "Début : heure",
            "coût €",
            "E/S?",
            "a & b",
            "lignes*",
            "\"end\nof run\"",
            "\"the \"\"real\"\" end\"",
            "1re étape, durée",
            "=end",
        ] {
            check(
                &format!("job;{heading}\nA;12,5\nB;\nC;7\n"),
                ';',
                quoted,
                true,
            );
            check(
                &format!("{heading};at\nA;2026-01-01 00:00:00\n"),
                ';',
                quoted,
                true,
            );
        }
        // No contrast: what stands first is of the kind of what stands below.
        check("at [x]: 5;job?\nat [y]: 6;job!\n", ';', quoted, false);
        check(
            "2026-01-01 00:00:00;a?\n2026-01-02 00:00:00;b\n",
            ';',
            quoted,
            false,
        );
        check("load?;17\nload!;18\n", ';', quoted, false);
        check("[x];[x]\n1;2\n", ';', quoted, false);
    }

    #[test]
    fn a_column_that_is_there_twice_is_found() {
        for (text, expected) in [
            ("at;job;at\n2026-01-01;a;b\n", Some("at")),
            ("at;job ; job\n2026-01-01;a;b\n", Some("job")),
            ("at;job\n2026-01-01;a\n", None),
            ("at;job;;\n2026-01-01;a;;\n", None),
            // Case tells columns apart.
            ("at;job;Job\n2026-01-01;a;b\n", None),
            // Records: nothing tells the first one from the others.
            ("a;b;a\nc;d;d\n", None),
            ("2026-01-01;a;a\n2026-01-02;b;b\n", None),
            ("a;a;1\nb;b;2\n", None),
        ] {
            let csv = detect(text.as_bytes(), true, None, &Overrides::default()).expect("text");
            let sample = Sample::of_text(text.as_bytes(), true, &csv);
            assert_eq!(sample.column_twice(), expected, "{text}");
        }
    }

    #[test]
    fn everything_can_be_set() {
        let overrides = Overrides {
            delimiter: Some('|'),
            quote: Some(None),
            header: Some(false),
            encoding: Some(Encoding::ISO_8859_15),
        };
        let found = detect(b"a;b\n1;2\n", true, None, &overrides).expect("it is text");
        let expected = CsvSettings {
            delimiter: '|',
            quote: None,
            header: false,
            encoding: Encoding::ISO_8859_15,
            encoding_guessed: false,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn encodings_are_told_apart() {
        for (bytes, expected) in [
            (b"plain".as_slice(), Encoding::UTF_8),
            ("caf\u{E9} \u{20AC}".as_bytes(), Encoding::UTF_8),
            (b"caf\xE9 noir, \xE0 c\xF4t\xE9", Encoding::WINDOWS_1252),
            (b"caf\xE9 \x80 5, \xE0 c\xF4t\xE9", Encoding::WINDOWS_1252),
            (b"caf\xE9 \xA4 5, \xE0 c\xF4t\xE9", Encoding::ISO_8859_15),
            // Both kinds: UTF-8, in which single records may be windows-1252.
            (b"caf\xC3\xA9 noir, \xE0 c\xF4t\xE9", Encoding::UTF_8),
            // The sample ends inside a character.
            (b"caf\xC3", Encoding::UTF_8),
        ] {
            assert_eq!(
                Encoding::recognise(bytes),
                expected,
                "{}",
                bytes.escape_ascii()
            );
        }
    }
}
