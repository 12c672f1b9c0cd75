//! How the records of one ETL tool become rows.
//!
//! Parsing never fails: a record gives rows, or a reject, or is silent because the tool wrote nothing that belongs into
//! the tables. A dialect reads no files, keeps no state between records but caches, and drops nothing.

pub mod generic;
pub mod openlineage;
pub mod talend;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use smartetl_core::model::{ErrorRow, LogRow, Moment, Reject, RejectReason, RowSink, Severity};

use crate::FormatError;
use crate::container::{Overrides, Record, Sample};
use crate::moment::{MomentFormat, MomentReader};
use crate::number::{is_ambiguous, parse_int};

/// What the user says about a source; what is `None` is recognised.
#[derive(Clone, Debug)]
pub struct Settings {
    pub dialect: Option<String>,
    /// Mappings for the dialect `generic`, besides those that come with smartETL.
    pub mappings: generic::MappingSet,
    /// Where local times were written.
    pub timezone: TimeZone,
    pub moment_format: Option<MomentFormat>,
    /// Delimiter, quote, header, encoding.
    pub overrides: Overrides,
    /// The path of the source, for templates of mappings.
    pub path: String,
    /// Constants for all rows of the source.
    pub environment: Option<String>,
    pub host: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: None,
            mappings: generic::MappingSet::default(),
            timezone: TimeZone::UTC,
            moment_format: None,
            overrides: Overrides::default(),
            path: String::new(),
            environment: None,
            host: None,
        }
    }
}

/// How sure a dialect is that a source is its own: 0 (not at all) to 100.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Confidence(pub u8);

impl Confidence {
    pub const NONE: Self = Self(0);
    /// Below this a source is not taken.
    pub const ENOUGH: Self = Self(50);
}

/// A dialect's word that a source is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which of the dialect's tables, or the name of the mapping.
    pub layout: String,
    pub confidence: Confidence,
}

/// What a dialect decided about a source. Stored with the checkpoint, so that what is read later is read the same way.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialectPlan {
    pub dialect: String,
    /// Which of the dialect's tables it is, or the name of the mapping.
    pub layout: String,
    /// The names of the columns in the order of the source.
    pub columns: Vec<String>,
    pub moment: MomentFormat,
    /// For a person: what was guessed.
    pub notes: Vec<String>,
}

impl DialectPlan {
    /// The zone of times that name none, for a person.
    pub fn zone(&self, settings: &Settings) -> String {
        let of_mapping = (self.dialect == generic::NAME)
            .then(|| generic::zone(&self.layout, settings))
            .flatten();
        let zone = settings.timezone.iana_name().unwrap_or("UTC");
        of_mapping.unwrap_or_else(|| zone.to_owned())
    }
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows, at least one.
    Rows(u32),
    Rejected,
    /// Nothing to tell, as the tool means it.
    Silent,
}

/// A line of a dialect's documentation.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDoc {
    /// The table or file of the tool.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// Where it goes.
    pub target: &'static str,
    pub note: &'static str,
}

/// One ETL tool.
pub trait Dialect: Sync {
    /// The word for `--dialect`; also the `system` of the rows unless a mapping says otherwise.
    fn name(&self) -> &'static str;

    /// What it reads, in a few sentences.
    fn description(&self) -> &'static str;

    /// Which column goes where.
    fn columns(&self) -> Vec<ColumnDoc>;

    /// As what it would read a sample, and how sure it is, by content only; the best first.
    fn sniff(&self, sample: &Sample, settings: &Settings) -> Vec<Claim>;

    /// Decides how to read the source.
    ///
    /// # Errors
    /// When the source lacks something that no row can do without.
    fn plan(&self, sample: &Sample, settings: &Settings) -> Result<DialectPlan, FormatError>;

    /// Decides how to read records that come one at a time, before any was seen; `None` where it takes one to tell.
    ///
    /// # Errors
    /// When the settings name something that cannot be used.
    fn plan_of_messages(&self, _: &Settings) -> Result<Option<DialectPlan>, FormatError> {
        Ok(None)
    }

    /// A parser for a source, from a plan made now or earlier.
    fn open(
        &self,
        plan: &DialectPlan,
        settings: &Settings,
    ) -> Result<Box<dyn RecordParser>, FormatError>;
}

/// Turns the records of one source into rows.
pub trait RecordParser: Send {
    fn record(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Outcome;
}

/// Why a record is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub column: Option<Cow<'static, str>>,
    pub reason: RejectReason,
    pub detail: String,
}

impl Refusal {
    pub fn new(
        column: impl Into<Cow<'static, str>>,
        reason: RejectReason,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            column: Some(column.into()),
            reason,
            detail: detail.into(),
        }
    }

    pub fn missing(column: impl Into<Cow<'static, str>>) -> Self {
        Self::new(column, RejectReason::MissingValue, "the value is missing")
    }

    pub fn number(column: impl Into<Cow<'static, str>>, found: &str) -> Self {
        Self::new(
            column,
            RejectReason::BadNumber,
            if is_ambiguous(found) {
                let found = excerpt(found);
                format!(
                    "`{found}` may be a number of thousands or one with three decimals: write it without `,` and `.`"
                )
            } else {
                format!("`{}` is no number", excerpt(found))
            },
        )
    }

    /// Hands the record over as a reject.
    pub fn send(&self, record: &Record<'_>, sink: &mut dyn RowSink) -> Outcome {
        let shown = record.shown();
        sink.reject(&Reject {
            line: record.line,
            column: self.column.as_deref(),
            reason: self.reason,
            detail: &self.detail,
            raw: &shown,
        });
        Outcome::Rejected
    }
}

/// An error at the moment and the place of a row of `log`.
pub(crate) fn error_at<'a>(base: &LogRow<'a>, severity: Severity) -> ErrorRow<'a> {
    ErrorRow {
        line: base.line,
        seq: base.seq,
        moment: base.moment,
        moment_ambiguous: base.moment_ambiguous,
        system: base.system,
        environment: base.environment,
        host: base.host,
        project: base.project,
        job: base.job,
        context: base.context,
        run_id: base.run_id,
        parent_run_id: base.parent_run_id,
        root_run_id: base.root_run_id,
        step: base.step,
        attempt: base.attempt,
        map_index: base.map_index,
        severity,
        error_type: None,
        error_code: None,
        code_scheme: None,
        message: None,
        message_truncated: false,
        stack: None,
    }
}

/// How many fields a record must have. A delimiter at the end of each line is tolerated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Width {
    least: usize,
    most: usize,
}

impl Width {
    pub fn of(columns: &[String]) -> Self {
        let named = columns
            .iter()
            .rposition(|name| !name.is_empty())
            .map_or(0, |last| last + 1);
        Self {
            least: named,
            most: columns.len(),
        }
    }

    #[inline]
    pub fn check(self, record: &Record<'_>) -> Result<(), Refusal> {
        let found = record.width();
        if (self.least..=self.most).contains(&found)
            || (found > self.most && (self.most..found).all(|column| record.get(column).is_none()))
        {
            return Ok(());
        }
        Err(Refusal {
            column: None,
            reason: RejectReason::FieldCount,
            detail: format!("{found} fields where {} belong", self.least),
        })
    }
}

/// The moment in a column.
#[inline]
pub(crate) fn moment(
    reader: &mut MomentReader,
    record: &Record<'_>,
    column: usize,
    name: &'static str,
) -> Result<(Moment, bool), Refusal> {
    let read = if let Some(text) = text(record, column) {
        reader.read(text)
    } else {
        return Err(Refusal::missing(name));
    };
    read.map_err(|reason| bad_moment(reader, name, reason, record.get(column)))
}

#[cold]
pub(crate) fn bad_moment(
    reader: &MomentReader,
    name: impl Into<Cow<'static, str>>,
    reason: RejectReason,
    found: Option<&str>,
) -> Refusal {
    let found = excerpt(found.unwrap_or_default());
    let detail = match reason {
        RejectReason::TimeOutOfRange => format!("`{found}` is outside 1990 to 2100"),
        _ => format!(
            "`{found}` is no time of the form {}",
            reader.format().describe()
        ),
    };
    Refusal::new(name, reason, detail)
}

/// The text of a field without spaces around it; `None` when nothing is left.
#[inline]
pub(crate) fn text<'a>(record: &Record<'a>, column: usize) -> Option<&'a str> {
    let text = record.get(column)?;
    let bytes = text.as_bytes();
    if bytes[0] == b' ' || bytes[bytes.len() - 1] == b' ' {
        return Some(text.trim_matches(' ')).filter(|text| !text.is_empty());
    }
    Some(text)
}

/// The integer in a field; `None` when it is empty.
#[inline]
pub(crate) fn int(
    record: &Record<'_>,
    column: usize,
    name: &'static str,
) -> Result<Option<i64>, Refusal> {
    if let Some(number) = record.typed_int(column) {
        return Ok(Some(number));
    }
    match text(record, column) {
        None => Ok(None),
        Some(text) if is_null_word(text) => Ok(None),
        Some(text) => parse_int(text)
            .map(Some)
            .ok_or_else(|| Refusal::number(name, text)),
    }
}

/// How dumps of databases write NULL.
#[inline]
pub(crate) fn is_null_word(text: &str) -> bool {
    match text.len() {
        2 => text == "\\N",
        4 => text.eq_ignore_ascii_case("null"),
        _ => false,
    }
}

/// The beginning of a value, for a message.
pub(crate) fn excerpt(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}

/// The class in `<class>:<text>`, if it looks like one: `java.net.ConnectException`, `OutOfMemoryError`.
pub(crate) fn exception_class(message: &str) -> Option<&str> {
    let class = message.split([':', '\n', '\r']).next()?.trim();
    let parts = class.split('.').all(|part| {
        part.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_')
            && part
                .chars()
                .all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '$'))
    });
    let named = class.contains('.')
        || ["Exception", "Error", "Throwable"]
            .iter()
            .any(|ending| class.ends_with(ending));
    let last = class.rsplit('.').next()?;
    (parts && named && last.starts_with(|sign: char| sign.is_ascii_uppercase())).then_some(class)
}

/// A column's name as tools spell it differently: without case, separators and table prefix.
pub(crate) fn plain_name(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    name.chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The same with all parts of the prefix: `error.Message` is `error.message`.
pub(crate) fn plain_path(name: &str) -> String {
    name.chars()
        .filter(|sign| sign.is_alphanumeric() || *sign == '.')
        .flat_map(char::to_lowercase)
        .collect()
}

/// The form of the times in these columns of a sample, and a note where it was a guess.
pub(crate) fn recognise_moments(
    sample: &Sample,
    columns: &[usize],
    settings: &Settings,
) -> (MomentFormat, Vec<String>) {
    let values: Vec<&str> = columns
        .iter()
        .flat_map(|column| sample.values(*column))
        .collect();
    recognise_form(&values, settings)
}

/// The form of these times, and a note where it was a guess.
pub(crate) fn recognise_form(
    values: &[impl AsRef<str>],
    settings: &Settings,
) -> (MomentFormat, Vec<String>) {
    if let Some(format) = &settings.moment_format {
        return (format.clone(), Vec::new());
    }
    let values: Vec<&str> = values
        .iter()
        .map(AsRef::as_ref)
        .filter(|text| !is_null_word(text))
        .collect();
    match MomentFormat::recognise(&values) {
        Some((format, false)) => (format, Vec::new()),
        Some((format, true)) => (
            format,
            vec![
                "day and month could not be told apart: the day was taken to come first".to_owned(),
            ],
        ),
        None => (MomentFormat::YearFirst, Vec::new()),
    }
}
