//! A mapping of the dialect `generic`: TOML that says which columns of any table go where. The comments on the fields are
//! its manual; `doc/formats.md` shows them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use smartetl_core::model::{Event, RowStatus, Severity};

use super::set::{parse_all, unknown};
use crate::error::FormatError;
use crate::number::{parse_duration, parse_scaled};

/// The mappings that come with smartETL, by name.
pub const SHIPPED: &[(&str, &str)] = &[
    (
        "airflow_task_instance",
        include_str!("../../../mappings/airflow_task_instance.toml"),
    ),
    (
        "airflow_dag_run",
        include_str!("../../../mappings/airflow_dag_run.toml"),
    ),
];

/// The whole file, or one `[[mapping]]` of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// A word for messages and for the ledger.
    pub name: String,
    /// What it reads, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The `system` of the rows: the tool that wrote the records.
    pub system: String,
    /// Columns that a source must have to be recognised as this one without `--mapping`. Where it is left out: all that it
    /// names, of JSON lines the job, the run and a time.
    #[serde(default)]
    pub recognise: Vec<String>,
    /// A template for the last folders of the path, such as `{environment}/{host}/`. With a slash at its end it is compared
    /// with the folders, without with the folders and the file name. Values use its parts by `{ path = "host" }`.
    #[serde(default)]
    pub path: Option<String>,
    /// The zone of times that name none, such as `Europe/Paris`; `--timezone`, else the setting `timezone`, where it is left out.
    #[serde(default)]
    pub zone: Option<String>,
    /// The form of the times: `ymd`, `dmy`, `mdy`, `s`, `ms`, `us`, `ns` (since 1970), or a strptime form such as
    /// `%d.%m.%y %H:%M`, with year, month and day; recognised where it is left out.
    #[serde(default)]
    pub time_format: Option<String>,
    /// Words that mean NULL in every column, such as `\N`.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// The columns that all rows of a record share.
    pub run: Run,
    /// The words of the source and what they mean here. Case does not matter; our own words need no entry.
    #[serde(default)]
    pub vocabulary: Vocabulary,
    /// Rows of `log` that a record gives, one for each `[[log]]` whose condition holds.
    #[serde(default)]
    pub log: Vec<LogRule>,
    /// Rows of `logerreur` that a record gives, one for each `[[error]]` whose condition holds.
    #[serde(default)]
    pub error: Vec<ErrorRule>,
    /// Records without any row are rejects unless all of these conditions hold; without conditions they are silent.
    #[serde(default, deserialize_with = "one_or_many")]
    pub silent: Vec<Condition>,
    /// The text it was read from: what is read with it later is read the same way.
    #[serde(skip)]
    text: String,
}

/// `[run]`: the columns that all rows of a record share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The job; a record without it is a reject.
    pub job: Value,
    /// The run; a record without it is a reject.
    pub run_id: Value,
    /// The run that started this one.
    pub parent_run_id: Option<Value>,
    /// The run at the top of the tree; the run itself where it is empty.
    pub root_run_id: Option<Value>,
    /// `--environment` comes first.
    pub environment: Option<Value>,
    /// `--host` comes first.
    pub host: Option<Value>,
    /// What groups jobs.
    pub project: Option<Value>,
    /// The tool's own id of the job, which survives a new name.
    pub job_id: Option<Value>,
    /// The version of the job.
    pub job_version: Option<Value>,
    /// The context, from which the environment and the trigger are read where nothing else says them.
    pub context: Option<Value>,
    /// The part of the job; empty for a row of the whole run.
    pub step: Option<Value>,
    /// The number of the try, from 1.
    pub attempt: Option<Value>,
    /// Which of several equal steps.
    pub map_index: Option<Value>,
}

/// `[[log]]`: a row of `log`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRule {
    /// `"begin"`, `"end"`, `"metric"`, or a value whose words are in `vocabulary.event`.
    pub event: EventFrom,
    /// When it happened; a record without it is a reject (use `when` to leave the row out instead).
    pub moment: Value,
    /// All of these must hold, or the row is left out.
    #[serde(default, deserialize_with = "one_or_many")]
    pub when: Vec<Condition>,
    /// The state, through `vocabulary.status`.
    pub status: Option<Value>,
    /// The duration that the tool reports.
    pub duration: Option<Duration>,
    /// What a metric measured.
    pub label: Option<Value>,
    /// What a metric counted.
    pub count: Option<Value>,
    /// Rows read.
    pub rows_in: Option<Value>,
    /// Rows written.
    pub rows_out: Option<Value>,
    /// Rows refused.
    pub rows_rejected: Option<Value>,
    /// A text for people.
    pub message: Option<Value>,
}

/// `[[error]]`: a row of `logerreur`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// When it happened; a record without it is a reject.
    pub moment: Value,
    /// All of these must hold, or the row is left out.
    #[serde(default, deserialize_with = "one_or_many")]
    pub when: Vec<Condition>,
    /// How bad, through `vocabulary.severity`; `error` where it is left out or empty.
    pub severity: Option<Value>,
    /// The exception class.
    pub error_type: Option<Value>,
    /// A code, …
    pub error_code: Option<Value>,
    /// … and what it belongs to: `sqlstate`, `oracle`, `errno`, `http`, `exit`, …
    pub code_scheme: Option<Value>,
    /// What went wrong.
    pub message: Option<Value>,
    /// A message of exactly so many characters was cut by the tool.
    pub message_width: Option<usize>,
    /// The stack trace.
    pub stack: Option<Value>,
}

/// Where a value comes from: the name of a column, or a table with one of `column`, `columns`, `join`, `constant`, `path`.
#[derive(Clone, Debug, Default)]
pub struct Value(pub ValueSpec);

/// A value written as a table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// A column that the source must have.
    #[serde(default)]
    pub column: Option<String>,
    /// The first of these columns that is filled; the source must have one of them.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Columns whose texts are one time when a blank stands between them, such as its day and its hour; for moments only.
    #[serde(default)]
    pub join: Vec<String>,
    /// Another time on the same day, such as the begin: more than a minute before it, this one is of the next day; for joined moments only.
    #[serde(default)]
    pub not_before: Option<Box<Value>>,
    /// What is added, as an end is the begin and the duration; for moments only.
    #[serde(default)]
    pub plus: Option<Box<Duration>>,
    /// The same for all records.
    #[serde(default)]
    pub constant: Option<String>,
    /// A part of the path's template.
    #[serde(default)]
    pub path: Option<String>,
    /// Words that mean NULL in this column.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// What stands for NULL.
    #[serde(default)]
    pub default: Option<String>,
}

/// A condition on a column. With several keys all must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// It is one of these words, in any case; `""` is the empty field.
    #[serde(default, rename = "in")]
    pub any_of: Option<Vec<String>>,
    /// It is none of these words.
    #[serde(default)]
    pub not_in: Option<Vec<String>>,
    /// It is filled (`true`) or empty (`false`).
    #[serde(default)]
    pub filled: Option<bool>,
}

/// A duration and its unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(expecting = "a column and its unit: { column = \"took\", unit = \"s\" }")]
pub struct Duration {
    /// The column.
    pub column: String,
    /// `s`, `ms`, `us`, `ns`, `min` or `h`; `text` for a duration with its units or colons, such as `00:04:12` or `4 min 12 s`.
    /// A point or a comma is the decimal sign, so that `1,234` of `s` is 1.234 seconds; of `ms` and smaller units a comma before three
    /// digits, as in `600,000`, is a reject, because it may be 600 as well as 600 thousand.
    pub unit: Unit,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    S,
    Ms,
    Us,
    Ns,
    Min,
    H,
    Text,
}

impl Unit {
    /// How many milliseconds one is; `None` where the text itself says its units.
    pub fn millis(self) -> Option<f64> {
        match self {
            Self::S => Some(1e3),
            Self::Ms => Some(1.0),
            Self::Us => Some(1e-3),
            Self::Ns => Some(1e-6),
            Self::Min => Some(6e4),
            Self::H => Some(3.6e6),
            Self::Text => None,
        }
    }

    /// The milliseconds of a duration in this unit; `None` when it is none.
    pub fn read(self, text: &str) -> Option<i64> {
        match self.millis() {
            Some(millis) => parse_scaled(text, millis),
            None => parse_duration(text),
        }
    }

    /// The word in a mapping.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
            Self::Min => "min",
            Self::H => "h",
            Self::Text => "text",
        }
    }
}

/// `[vocabulary]`: the words of the source and what they mean here. `"*"` stands for all words that are not listed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// To running, success, failed, skipped, cancelled, `upstream_failed`, retrying, unknown.
    #[serde(default)]
    pub status: BTreeMap<String, RowStatus>,
    /// To fatal, error, warning.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
    /// To begin, end, metric.
    #[serde(default)]
    pub event: BTreeMap<String, Event>,
}

/// The event of a row: always the same, or said by a column.
#[derive(Clone, Debug)]
pub enum EventFrom {
    Always(Event),
    Value(Value),
}

impl Mapping {
    /// Reads the text of a file with one mapping. `name` is that of the file, for messages.
    ///
    /// # Errors
    /// When it holds a mistake, or several mappings (see [`super::MappingSet::parse`]).
    pub fn parse(name: &str, toml: &str) -> Result<Self, FormatError> {
        let mut all = parse_all(name, toml)?;
        match (all.pop(), all.len()) {
            (Some(one), 0) => Ok(one),
            (_, more) => Err(FormatError::Mapping {
                name: name.to_owned(),
                reason: format!("it holds {} mappings where one belongs", more + 1),
            }),
        }
    }

    /// The mapping of this name from the text of a file, as it is stored with what was read with it.
    ///
    /// # Errors
    /// When this version reads another one there, or none.
    pub fn named_in(name: &str, toml: &str) -> Result<Self, FormatError> {
        parse_all(name, toml)?
            .into_iter()
            .find(|mapping| mapping.name == name)
            .ok_or_else(|| unknown(name))
    }

    /// Takes the text that it was read from, for reading on later; `place` is for messages.
    pub(super) fn with_text(mut self, place: &str, text: String) -> Result<Self, FormatError> {
        if self.log.is_empty() && self.error.is_empty() {
            return Err(FormatError::Mapping {
                name: place.to_owned(),
                reason: "it has neither [[log]] nor [[error]], so no record would give a row"
                    .to_owned(),
            });
        }
        self.text = text;
        Ok(self)
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A mapping that comes with smartETL, by name.
    ///
    /// # Panics
    /// Never: a test parses every one of them.
    pub fn shipped(name: &str) -> Option<Self> {
        let (name, toml) = SHIPPED.iter().find(|(own, _)| *own == name)?;
        Some(Self::parse(name, toml).expect("a test parses every shipped mapping"))
    }

    /// A shipped mapping by name, or else the mapping file at this path.
    pub fn load(name_or_path: &str) -> Result<Self, FormatError> {
        match Self::shipped(name_or_path) {
            Some(mapping) => Ok(mapping),
            None => Self::parse(name_or_path, &read_file(name_or_path)?),
        }
    }
}

/// The text of a mapping file.
pub(super) fn read_file(path: &str) -> Result<String, FormatError> {
    std::fs::read_to_string(path).map_err(|source| {
        if source.kind() == std::io::ErrorKind::NotFound {
            return unknown(path);
        }
        FormatError::Io {
            path: path.to_owned(),
            source,
        }
    })
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the name of a column, or a table with column, columns, join, constant or path",
                )
            }

            fn visit_str<E: de::Error>(self, column: &str) -> Result<Value, E> {
                Ok(Value(ValueSpec {
                    column: Some(column.to_owned()),
                    ..ValueSpec::default()
                }))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Value, M::Error> {
                let spec = ValueSpec::deserialize(MapAccessDeserializer::new(map))?;
                let sources = [
                    spec.column.is_some(),
                    !spec.columns.is_empty(),
                    !spec.join.is_empty(),
                    spec.constant.is_some(),
                    spec.path.is_some(),
                ];
                if sources.into_iter().filter(|set| *set).count() == 1 {
                    Ok(Value(spec))
                } else {
                    Err(de::Error::custom(
                        "exactly one of column, columns, join, constant, path must be set",
                    ))
                }
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for EventFrom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EventVisitor;
        impl<'de> Visitor<'de> for EventVisitor {
            type Value = EventFrom;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"begin\", \"end\", \"metric\", or a table with a column")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<EventFrom, E> {
                Event::parse(word)
                    .map(EventFrom::Always)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<EventFrom, M::Error> {
                Value::deserialize(MapAccessDeserializer::new(map)).map(EventFrom::Value)
            }
        }
        deserializer.deserialize_any(EventVisitor)
    }
}

/// One table, or an array of them.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Condition>, D::Error> {
    struct ConditionsVisitor;
    impl<'de> Visitor<'de> for ConditionsVisitor {
        type Value = Vec<Condition>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a condition or an array of conditions")
        }

        fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Vec<Condition>, M::Error> {
            Ok(vec![Condition::deserialize(MapAccessDeserializer::new(
                map,
            ))?])
        }

        fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Vec<Condition>, S::Error> {
            let mut conditions = Vec::new();
            while let Some(condition) = seq.next_element()? {
                conditions.push(condition);
            }
            Ok(conditions)
        }
    }
    deserializer.deserialize_any(ConditionsVisitor)
}
