//! From an opened file to rows: a plan says how a source is read, an extractor reads it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use smartetl_core::model::RowSink;

use crate::container::{
    AtEnd, Compression, ContainerError, Content, CsvReader, CsvSettings, DocumentReader, Encoding,
    Item, Json, JsonlReader, Overrides, ParquetReader, Position, Record, Sample, Shape,
    delimiter_name, detect, is_table, recognise_json, sample_parquet, take_sample,
};
use crate::dialect::{Confidence, DialectPlan, Outcome, RecordParser, Settings};
use crate::error::FormatError;
use crate::registry;
use crate::unread::Tool;

/// How a source is read. Made once from its beginning and stored with its checkpoint: what is appended later is then
/// read the same way.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub shape: Shape,
    pub dialect: DialectPlan,
    /// How sure the dialect was; not known of what was read by earlier versions, nor where somebody named a dialect that would
    /// not have claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

impl Plan {
    /// Looks at the beginning of a file. Its position afterwards means nothing.
    ///
    /// # Errors
    /// When the file is empty, is nothing that can be read, or belongs to no dialect.
    pub fn examine(file: &File, settings: &Settings) -> Result<Self, FormatError> {
        let mut file = reopened(file, settings)?;
        if is_parquet(&mut file).map_err(|source| io_error(settings, source))? {
            return Self::of_sample(&sample_parquet(file)?, settings);
        }
        let mut content = Content::open(file, settings.overrides.encoding)
            .map_err(|source| io_error(settings, source))?;
        let utf_16 = content.utf_16();
        let (sample, complete) = take_sample(&mut content)
            .map_err(|error| ContainerError::stopped(error, Position::START))?;
        Self::of_text(&sample, complete, utf_16, settings)
    }

    /// The first records of a file, whatever tool wrote it. Its position afterwards means nothing.
    ///
    /// # Errors
    /// When the file is empty, or is nothing that can be read.
    pub fn sample(file: &File, settings: &Settings) -> Result<Sample, FormatError> {
        let mut file = reopened(file, settings)?;
        if is_parquet(&mut file).map_err(|source| io_error(settings, source))? {
            let sample = sample_parquet(file)?;
            return column_twice(&sample).map_or(Ok(sample), Err);
        }
        let mut content = Content::open(file, settings.overrides.encoding)
            .map_err(|source| io_error(settings, source))?;
        let utf_16 = content.utf_16();
        let (bytes, complete) = take_sample(&mut content)
            .map_err(|error| ContainerError::stopped(error, Position::START))?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(FormatError::Empty);
        }
        match recognise_json(text, complete, utf_16, &settings.overrides) {
            None => {
                let csv = detect(text, complete, utf_16, &settings.overrides)?;
                let sample = Sample::of_text(text, complete, &csv);
                let is_record = settings.overrides.header == Some(false);
                match column_twice(&sample) {
                    Some(twice) if !is_record => Err(twice),
                    _ => Ok(sample),
                }
            }
            Some(Json::Lines(lines)) => Ok(Sample::of_json_lines(text, complete, &lines)),
            Some(Json::Array(_)) => Err(FormatError::JsonArray),
            Some(Json::Document(_)) => Err(FormatError::Json),
        }
    }

    /// The same from the first content bytes of a text. `complete`: there are no others.
    pub fn of_text(
        sample: &[u8],
        complete: bool,
        utf_16: Option<Encoding>,
        settings: &Settings,
    ) -> Result<Self, FormatError> {
        let text = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample);
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(FormatError::Empty);
        }
        match recognise_json(text, complete, utf_16, &settings.overrides) {
            None => {}
            Some(Json::Lines(lines)) => {
                let sample = Sample::of_json_lines(text, complete, &lines);
                return Self::of_sample(&sample, settings);
            }
            Some(Json::Array(document)) => {
                let sample = Sample::of_document(text, complete, &document);
                return Self::of_document(text, &sample, settings, FormatError::JsonArray);
            }
            Some(Json::Document(document)) => {
                let sample = Sample::of_document(text, complete, &document);
                return Self::of_document(text, &sample, settings, FormatError::Json);
            }
        }
        let under = |overrides: &Overrides| {
            let csv = detect(text, complete, utf_16, overrides)?;
            let sample = Sample::of_text(text, complete, &csv);
            match Self::of_sample(&sample, settings) {
                Ok(plan) => Ok((plan, csv.delimiter)),
                Err(error) if error.is_unknown() => Err(match Tool::of_text(text) {
                    Some(tool) if !csv.header => FormatError::NotReadYet { tool },
                    _ if !is_table(text, complete, &csv) => FormatError::NoTable,
                    _ if sample.column_twice().is_some() => {
                        let named = CsvSettings {
                            header: true,
                            ..csv
                        };
                        let named = Sample::of_text(text, complete, &named);
                        Self::of_sample(&named, settings).err().unwrap_or(error)
                    }
                    _ => error,
                }),
                Err(error) => Err(error),
            }
        };
        let failed = match under(&settings.overrides) {
            Ok((plan, _)) => return Ok(plan),
            Err(failed) => failed,
        };
        let Some(given) = settings.overrides.delimiter else {
            return Err(failed);
        };
        let recognised = under(&Overrides {
            delimiter: None,
            ..settings.overrides.clone()
        });
        Err(match recognised {
            Ok((plan, fits)) => FormatError::WrongDelimiter {
                given,
                fits,
                dialect: plan.dialect.dialect,
            },
            Err(_) => failed,
        })
    }

    /// The plan of a document, or `unread` where nothing knows its objects.
    fn of_document(
        text: &[u8],
        sample: &Sample,
        settings: &Settings,
        unread: FormatError,
    ) -> Result<Self, FormatError> {
        let known = Self::of_sample(sample, settings);
        known.map_err(|error| match Tool::of_document(text) {
            _ if !error.is_unknown() => error,
            Some(tool) => FormatError::NotReadYet { tool },
            None => unread,
        })
    }

    /// The same from records.
    pub fn of_sample(sample: &Sample, settings: &Settings) -> Result<Self, FormatError> {
        let (dialect, confidence) = registry::choose(sample, settings)?;
        if sample.columns.is_some()
            && let Some(twice) = column_twice(sample)
        {
            return Err(twice);
        }
        Ok(Self {
            shape: sample.shape.clone(),
            dialect: dialect.plan(sample, settings)?,
            confidence,
        })
    }

    /// What was recognised, for a person: `csv, delimiter ';', windows-1252, header; talend tstatcatcher; yyyy-MM-dd HH:mm:ss`.
    pub fn describe(&self) -> String {
        let container = match &self.shape {
            Shape::Parquet => "parquet".to_owned(),
            Shape::Jsonl(lines) | Shape::Json(lines) => {
                format!("{}, {}", self.shape.name(), lines.encoding.name())
            }
            Shape::Csv(csv) => format!(
                "csv, delimiter {}, {}, {}",
                delimiter_name(csv.delimiter),
                csv.encoding.name(),
                if csv.header { "header" } else { "no header" }
            ),
        };
        let mut text = format!(
            "{container}; {} {}; {}",
            self.dialect.dialect,
            self.dialect.layout,
            self.dialect.moment.describe()
        );
        for note in &self.dialect.notes {
            text.push_str("; ");
            text.push_str(note);
        }
        text
    }
}

/// What one step of an extractor read.
#[derive(Debug)]
pub struct Step<'a> {
    /// What became of the record; `None` for a long stretch of blank lines, which is no record.
    pub outcome: Option<Outcome>,
    /// The content bytes that were read, from the position before to the position behind: hash these.
    pub raw: &'a [u8],
    /// The line or row at which the record starts.
    pub line: i64,
    /// Where reading can go on later.
    pub position: Position,
}

/// Reads a source record by record and hands rows and rejects to a sink.
pub struct Extractor {
    reader: Reader,
    parser: Box<dyn RecordParser>,
    /// The names of the columns, where a record may hold them again: files that were put behind each other. Else empty.
    header: Vec<String>,
}

enum Reader {
    Csv(CsvReader),
    Jsonl(JsonlReader),
    Json(DocumentReader),
    Parquet(ParquetReader),
}

impl Extractor {
    /// Opens a file at a position that an earlier step gave, or at `Position::START`.
    ///
    /// # Errors
    /// When the file cannot be read up to there, or the plan does not fit it.
    pub fn open(
        file: &File,
        plan: &Plan,
        settings: &Settings,
        start: Position,
        at_end: AtEnd,
    ) -> Result<Self, FormatError> {
        let parser = registry::by_name(&plan.dialect.dialect)?.open(&plan.dialect, settings)?;
        Self::open_with(parser, file, plan, settings, start, at_end)
    }

    /// The same with a parser of the caller's own, which is given the records as they are.
    ///
    /// # Errors
    /// When the file cannot be read up to there.
    pub fn open_with(
        parser: Box<dyn RecordParser>,
        file: &File,
        plan: &Plan,
        settings: &Settings,
        start: Position,
        at_end: AtEnd,
    ) -> Result<Self, FormatError> {
        let file = reopened(file, settings)?;
        if plan.shape == Shape::Parquet {
            return Ok(Self {
                reader: Reader::Parquet(ParquetReader::open(file, start)?),
                parser,
                header: Vec::new(),
            });
        }
        let failed = |source| io_error(settings, source);
        let mut direct = file.try_clone().map_err(failed)?;
        let mut content = Content::open(file, plan.shape.encoding()).map_err(failed)?;
        if content.compression() == Compression::Plain && content.utf_16().is_none() {
            let size = direct.seek(SeekFrom::End(0)).map_err(failed)?;
            if size < start.byte {
                return Err(failed(shorter(size, start)));
            }
            direct.seek(SeekFrom::Start(start.byte)).map_err(failed)?;
            return Self::text_with(parser, direct, plan, start, at_end);
        }
        content
            .skip(start.byte)
            .map_err(|error| ContainerError::stopped(error, start))?;
        Self::text_with(parser, content, plan, start, at_end)
    }

    /// Reads content bytes; `content` must stand at `start.byte`.
    pub fn over_text(
        content: impl Read + Send + 'static,
        plan: &Plan,
        settings: &Settings,
        start: Position,
        at_end: AtEnd,
    ) -> Result<Self, FormatError> {
        let parser = registry::by_name(&plan.dialect.dialect)?.open(&plan.dialect, settings)?;
        Self::text_with(parser, content, plan, start, at_end)
    }

    fn text_with(
        parser: Box<dyn RecordParser>,
        content: impl Read + Send + 'static,
        plan: &Plan,
        start: Position,
        at_end: AtEnd,
    ) -> Result<Self, FormatError> {
        let reader = match &plan.shape {
            Shape::Csv(csv) => Reader::Csv(CsvReader::open(content, csv, start, at_end)),
            Shape::Jsonl(lines) => {
                let columns = &plan.dialect.columns;
                Reader::Jsonl(JsonlReader::open(content, lines, columns, start, at_end))
            }
            Shape::Json(document) => {
                let columns = &plan.dialect.columns;
                Reader::Json(DocumentReader::open(
                    content, document, columns, start, at_end,
                ))
            }
            Shape::Parquet => {
                return Err(FormatError::Plan {
                    reason: "it is for Parquet, and this is a text".to_owned(),
                });
            }
        };
        let header = match &plan.shape {
            Shape::Csv(csv) if csv.header => plan.dialect.columns.clone(),
            _ => Vec::new(),
        };
        Ok(Self {
            reader,
            parser,
            header,
        })
    }

    /// Reads one record and hands over what it gives; `None` at the end.
    ///
    /// # Errors
    /// When reading stops for good. All whole records before were handed over, and `position` is behind the last.
    #[inline]
    pub fn step(&mut self, sink: &mut dyn RowSink) -> Result<Option<Step<'_>>, ContainerError> {
        let next = match &mut self.reader {
            Reader::Csv(reader) => reader.next()?,
            Reader::Jsonl(reader) => reader.next()?,
            Reader::Json(reader) => reader.next()?,
            Reader::Parquet(reader) => reader.next()?,
        };
        let Some((item, position)) = next else {
            return Ok(None);
        };
        Ok(Some(match item {
            Item::Record(record) => Step {
                outcome: Some(if repeats(&self.header, &record) {
                    Outcome::Silent
                } else {
                    self.parser.record(&record, sink)
                }),
                raw: record.raw,
                line: record.line,
                position,
            },
            Item::Damaged(damage) => {
                sink.reject(&damage.reject());
                Step {
                    outcome: Some(Outcome::Rejected),
                    raw: damage.raw,
                    line: damage.line,
                    position,
                }
            }
            Item::Blank { raw } => Step {
                outcome: None,
                raw,
                line: position.line,
                position,
            },
        }))
    }

    /// The place behind what was read last.
    pub fn position(&self) -> Position {
        match &self.reader {
            Reader::Csv(reader) => reader.position(),
            Reader::Jsonl(reader) => reader.position(),
            Reader::Json(reader) => reader.position(),
            Reader::Parquet(reader) => reader.position(),
        }
    }

    /// After the end: the steps go on with a last line without end that was left.
    pub fn take_rest(&mut self) {
        match &mut self.reader {
            Reader::Csv(reader) => reader.take_rest(),
            Reader::Jsonl(reader) => reader.take_rest(),
            Reader::Json(reader) => reader.take_rest(),
            Reader::Parquet(_) => {}
        }
    }

    /// After the end: whether a last line without end was left.
    pub fn leaves_line(&self) -> bool {
        match &self.reader {
            Reader::Csv(reader) => reader.leaves_line(),
            Reader::Jsonl(reader) => reader.leaves_line(),
            Reader::Json(reader) => reader.leaves_line(),
            Reader::Parquet(_) => false,
        }
    }
}

fn column_twice(sample: &Sample) -> Option<FormatError> {
    sample
        .column_twice()
        .map(|column| FormatError::ColumnTwice {
            column: column.to_owned(),
        })
}

/// Whether a record is the header once more.
#[inline]
fn repeats(header: &[String], record: &Record<'_>) -> bool {
    let holds = |(column, name): (usize, &String)| {
        record.get(column).unwrap_or_default().trim_ascii() == name.as_str()
    };
    !header.is_empty() && header.len() == record.width() && header.iter().enumerate().all(holds)
}

/// Whether a file begins like Parquet; its position afterwards is the start.
fn is_parquet(file: &mut File) -> std::io::Result<bool> {
    let mut magic = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == b"PAR1")
}

/// Another handle at the start of the file. It shares the position with the first one.
fn reopened(file: &File, settings: &Settings) -> Result<File, FormatError> {
    let reopen = || {
        let mut again = file.try_clone()?;
        again.rewind()?;
        Ok(again)
    };
    reopen().map_err(|source| io_error(settings, source))
}

fn shorter(size: u64, start: Position) -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::UnexpectedEof,
        format!(
            "the file ends at byte {size}, before byte {} that was read earlier",
            start.byte
        ),
    )
}

fn io_error(settings: &Settings, source: std::io::Error) -> FormatError {
    FormatError::Io {
        path: settings.path.clone(),
        source,
    }
}
