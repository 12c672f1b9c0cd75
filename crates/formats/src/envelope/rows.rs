//! The elements of a message, and the way from and to rows.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use smartetl_core::model::{
    ErrorRow, Event, LogRow, Moment, Reject, RejectReason, RowStatus, Severity,
};

use super::Unreadable;

/// Declares an element: the fields of a row by name, `moment` as RFC 3339, what is missing left out.
macro_rules! element {
    ($(#[$meta:meta])* $name:ident = $Row:ident {
        words: $($word:ident)+; options: $($option:ident)+; values: $($value:ident: $type:ty),+;
        perhaps: $($perhaps:ident: $perhaps_type:ty),+; marks: $($mark:ident)+ $(;)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name<'a> {
            line: i64,
            #[serde(default, skip_serializing_if = "is_zero")]
            seq: i32,
            #[serde(with = "rfc3339")]
            moment: Timestamp,
            $(#[serde(borrow)] $word: Cow<'a, str>,)+
            $($value: $type,)+
            $(#[serde(borrow, default, deserialize_with = "text", skip_serializing_if = "Option::is_none")] $option: Option<Cow<'a, str>>,)+
            $(#[serde(default, skip_serializing_if = "Option::is_none")] $perhaps: Option<$perhaps_type>,)+
            $(#[serde(default, skip_serializing_if = "std::ops::Not::not")] $mark: bool,)+
        }

        impl<'a> $name<'a> {
            pub(super) fn of(row: &$Row<'a>) -> Self {
                Self {
                    line: row.line,
                    seq: row.seq,
                    moment: row.moment.timestamp(),
                    $($word: Cow::Borrowed(row.$word),)+
                    $($value: row.$value,)+
                    $($option: row.$option.map(Cow::Borrowed),)+
                    $($perhaps: row.$perhaps,)+
                    $($mark: row.$mark,)+
                }
            }

            pub(super) fn row(&self) -> $Row<'_> {
                $Row {
                    line: self.line,
                    seq: self.seq,
                    moment: Moment(self.moment.as_microsecond()),
                    $($word: &self.$word,)+
                    $($value: self.$value,)+
                    $($option: self.$option.as_deref(),)+
                    $($perhaps: self.$perhaps,)+
                    $($mark: self.$mark,)+
                }
            }

            /// Whether the tables can take it. `may_hold_nul`: JSON says NUL by an escape, and there is one.
            pub(super) fn check(&self, may_hold_nul: bool) -> Result<(), Unreadable> {
                if !Moment(self.moment.as_microsecond()).in_range() {
                    return Err(Unreadable::new(
                        RejectReason::TimeOutOfRange,
                        format!("`moment` {} is not between 1990 and 2100", self.moment),
                    ));
                }
                let words = [$((stringify!($word), &self.$word)),+];
                if let Some((name, _)) = words.iter().find(|(_, word)| word.is_empty()) {
                    return Err(Unreadable::new(RejectReason::MissingValue, format!("`{name}` is empty")));
                }
                if !may_hold_nul {
                    return Ok(());
                }
                let options = [$((stringify!($option), &self.$option)),+];
                let texts = options.iter().filter_map(|(name, text)| Some((*name, text.as_ref()?)));
                for (name, text) in words.into_iter().chain(texts) {
                    if text.contains('\0') {
                        return Err(Unreadable::new(RejectReason::BadValue, format!("`{name}` holds a NUL")));
                    }
                }
                Ok(())
            }
        }
    };
}

element!(
    /// A row of `log`.
    Log = LogRow {
        words: system job run_id root_run_id;
        options: environment host project job_id job_version context parent_run_id step label message;
        values: event: Event;
        perhaps: status: RowStatus, attempt: i32, map_index: i32, duration_reported_ms: i64, count: i64, rows_in: i64,
            rows_out: i64, rows_rejected: i64;
        marks: moment_ambiguous
    }
);

element!(
    /// A row of `logerreur`, before it is classified.
    Error = ErrorRow {
        words: system job run_id root_run_id;
        options: environment host project context parent_run_id step error_type error_code code_scheme message stack;
        values: severity: Severity;
        perhaps: attempt: i32, map_index: i32;
        marks: moment_ambiguous message_truncated
    }
);

/// A record that could not become rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refused<'a> {
    line: i64,
    #[serde(
        borrow,
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    column: Option<Cow<'a, str>>,
    reason: RejectReason,
    #[serde(borrow)]
    detail: Cow<'a, str>,
    #[serde(borrow)]
    raw: Cow<'a, str>,
}

impl<'a> Refused<'a> {
    pub(super) fn of(reject: &Reject<'a>) -> Self {
        Self {
            line: reject.line,
            column: reject.column.map(Cow::Borrowed),
            reason: reject.reason,
            detail: Cow::Borrowed(reject.detail),
            raw: Cow::Borrowed(reject.raw),
        }
    }

    pub(super) fn reject(&self) -> Reject<'_> {
        Reject {
            line: self.line,
            column: self.column.as_deref(),
            reason: self.reason,
            detail: &self.detail,
            raw: &self.raw,
        }
    }
}

/// A text that stays where it is: of its own, serde copies each that is optional.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'a, str>>, D::Error> {
    let text = <Option<Text<'a>>>::deserialize(from)?;
    Ok(text.map(|text| text.0))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

/// jiff's own way of writing and reading moments.
mod rfc3339 {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::Text;

    pub(super) fn serialize<S: Serializer>(moment: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(moment)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = Text::deserialize(from)?;
        text.0.parse().map_err(de::Error::custom)
    }
}
