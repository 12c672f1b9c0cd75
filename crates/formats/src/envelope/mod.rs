//! A record on its way through Kafka: the rows that a producer made of it, as one JSON document for each message.
//!
//! The schema stands in `doc/message.schema.json`. It has a version: a consumer refuses what is newer than itself, because
//! leaving out a field that it does not know could lose something.

mod rows;
mod several;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smartetl_core::model::{ErrorRow, LogRow, Reject, RejectReason, RowSink};

use rows::{Error, Log, Refused};
pub use several::documents;

/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// What stands for the schema where dialects are named.
pub const DIALECT: &str = "smartetl";

/// What a message holds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Body<'a> {
    v: u32,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    log: Vec<Log<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    logerreur: Vec<Error<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    reject: Option<Refused<'a>>,
}

/// Only the version, for documents whose other fields this program does not know.
#[derive(Deserialize)]
struct Version {
    v: Option<u32>,
}

/// What only messages have.
#[derive(Deserialize)]
struct Mark {
    v: Option<u32>,
    log: Option<IgnoredAny>,
    logerreur: Option<IgnoredAny>,
    reject: Option<IgnoredAny>,
}

/// Whether a document is meant as a message, of whatever version.
pub fn is_ours(value: &[u8]) -> bool {
    serde_json::from_slice::<Mark>(value).is_ok_and(|mark| {
        let body = mark.log.or(mark.logerreur).or(mark.reject);
        mark.v.is_some() && body.is_some()
    })
}

/// The document of a row of `log`, which is one element of a message.
///
/// # Errors
/// Never: rows hold nothing that JSON cannot say.
pub fn write_log(row: &LogRow<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, &Log::of(row))
}

/// The same of a row of `logerreur`.
///
/// # Errors
/// Never: rows hold nothing that JSON cannot say.
pub fn write_error(row: &ErrorRow<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, &Error::of(row))
}

/// The same of a reject.
///
/// # Errors
/// Never: rejects hold nothing that JSON cannot say.
pub fn write_reject(reject: &Reject<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, &Refused::of(reject))
}

/// Why a message is none of ours, or none that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub reason: RejectReason,
    /// For a person: what was found and what was expected.
    pub detail: String,
}

impl Unreadable {
    fn new(reason: RejectReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

/// Gives the rows and the reject of a message to a sink; says how many rows there were. Nothing is given where anything
/// cannot be read.
///
/// # Errors
/// When it is no UTF-8, no JSON, of another version, or lacks or has wrong what a row must have.
pub fn read(value: &[u8], sink: &mut impl RowSink) -> Result<u32, Unreadable> {
    let text = std::str::from_utf8(value).map_err(|error| {
        let detail = format!("byte {} is no UTF-8", error.valid_up_to());
        Unreadable::new(RejectReason::Encoding, detail)
    })?;
    let body: Body<'_> = match serde_json::from_str(text) {
        Ok(body) => body,
        Err(error) => return Err(why(text, &error)),
    };
    check_version(body.v)?;
    let rows = body.log.len() + body.logerreur.len();
    if rows == 0 && body.reject.is_none() {
        let detail = "neither `log` nor `logerreur` nor `reject` is there";
        return Err(Unreadable::new(RejectReason::MissingValue, detail));
    }
    if rows > 0 && body.reject.is_some() {
        let detail = "`reject` stands beside rows: a record is one or the other";
        return Err(Unreadable::new(RejectReason::Schema, detail));
    }
    let may_hold_nul = memchr::memchr(b'\\', value).is_some();
    for log in &body.log {
        log.check(may_hold_nul)?;
    }
    for error in &body.logerreur {
        error.check(may_hold_nul)?;
    }
    for log in &body.log {
        sink.log(&log.row());
    }
    for error in &body.logerreur {
        sink.error(&error.row());
    }
    if let Some(reject) = &body.reject {
        sink.reject(&reject.reject());
    }
    Ok(rows as u32)
}

fn check_version(version: u32) -> Result<(), Unreadable> {
    if (1..=VERSION).contains(&version) {
        return Ok(());
    }
    let detail = format!("version {version} of the schema; this program reads up to {VERSION}");
    Err(Unreadable::new(RejectReason::SchemaVersion, detail))
}

/// What is wrong with a text that is no message.
fn why(text: &str, error: &serde_json::Error) -> Unreadable {
    if !error.is_data() {
        return Unreadable::new(RejectReason::Json, error.to_string());
    }
    match serde_json::from_str::<Version>(text) {
        Ok(Version { v: Some(version) }) => match check_version(version) {
            Err(unreadable) => unreadable,
            Ok(()) => Unreadable::new(RejectReason::Schema, error.to_string()),
        },
        Ok(Version { v: None }) => Unreadable::new(
            RejectReason::Schema,
            "no `v`: it is not in the schema of smartETL's messages; `dialect` says in whose it is",
        ),
        Err(_) => Unreadable::new(RejectReason::Schema, error.to_string()),
    }
}
