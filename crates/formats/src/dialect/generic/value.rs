//! Values of a record, by the places at which a mapping's names were found.

use std::collections::HashMap;

use smartetl_core::model::{Moment, RejectReason};

use super::super::{Refusal, bad_moment, excerpt, text};
use super::mapping::Unit;
use crate::container::Record;
use crate::moment::MomentReader;
use crate::number::parse_int;

/// The entry of a vocabulary for all words that are not listed.
pub(super) const ANY_OTHER: &str = "*";

const HOUR: i64 = 3_600_000_000;
/// Some write one of two times without its seconds: so little before another is no day before it.
const ROUNDED: i64 = 60_000_000;

/// Where a value stands.
#[derive(Default)]
pub(super) struct Resolved {
    /// How the mapping calls it, for rejects.
    pub(super) name: String,
    pub(super) columns: Vec<usize>,
    /// The columns are the parts of one time.
    pub(super) joined: bool,
    /// The time of the same day before which this one is of the next.
    pub(super) not_before: Option<Box<Self>>,
    /// What is added to the time.
    pub(super) plus: Option<(Box<Self>, Unit)>,
    pub(super) nulls: Vec<String>,
    /// A constant, a part of the path, or the default.
    pub(super) otherwise: Option<String>,
}

/// A condition, and where its value stands.
pub(super) struct ResolvedCondition {
    pub(super) value: Resolved,
    pub(super) any_of: Option<Vec<String>>,
    pub(super) not_in: Option<Vec<String>>,
    pub(super) filled: Option<bool>,
}

impl Resolved {
    #[inline]
    pub(super) fn get<'a>(&'a self, record: &Record<'a>) -> Option<&'a str> {
        let filled = |column: &usize| {
            text(record, *column).filter(|found| !self.nulls.iter().any(|null| null == found))
        };
        self.columns
            .iter()
            .find_map(filled)
            .or(self.otherwise.as_deref())
    }

    pub(super) fn int(&self, record: &Record<'_>) -> Result<Option<i64>, Refusal> {
        match self.get(record) {
            None => Ok(None),
            Some(found) => parse_int(found)
                .map(Some)
                .ok_or_else(|| Refusal::number(self.name.clone(), found)),
        }
    }

    pub(super) fn small_int(&self, record: &Record<'_>) -> Result<Option<i32>, Refusal> {
        let Some(number) = self.int(record)? else {
            return Ok(None);
        };
        i32::try_from(number)
            .map(Some)
            .map_err(|_| Refusal::number(self.name.clone(), &number.to_string()))
    }

    pub(super) fn required<'a>(&'a self, record: &Record<'a>) -> Result<&'a str, Refusal> {
        self.get(record)
            .ok_or_else(|| Refusal::missing(self.name.clone()))
    }

    /// The number of milliseconds of a duration, where it is filled.
    pub(super) fn millis(&self, unit: Unit, record: &Record<'_>) -> Result<Option<i64>, Refusal> {
        let Some(found) = self.get(record) else {
            return Ok(None);
        };
        let read = unit.read(found);
        read.map(Some)
            .ok_or_else(|| Refusal::number(self.name.clone(), found))
    }

    pub(super) fn moment(
        &self,
        record: &Record<'_>,
        moments: &mut MomentReader,
    ) -> Result<(Moment, bool), Refusal> {
        let (moment, ambiguous) = self.written(record, moments)?;
        let Some((duration, unit)) = &self.plus else {
            return Ok((moment, ambiguous));
        };
        let millis = duration
            .millis(*unit, record)?
            .ok_or_else(|| Refusal::missing(duration.name.clone()))?;
        let sum = millis.checked_mul(1_000);
        let sum = sum
            .and_then(|micros| moment.0.checked_add(micros))
            .map(Moment);
        let sum = sum.filter(|sum| sum.in_range()).ok_or_else(|| {
            let reason = RejectReason::TimeOutOfRange;
            bad_moment(moments, duration.name.clone(), reason, duration.get(record))
        })?;
        Ok((sum, ambiguous))
    }

    /// The time as the record says it.
    fn written(
        &self,
        record: &Record<'_>,
        moments: &mut MomentReader,
    ) -> Result<(Moment, bool), Refusal> {
        if self.joined {
            let text = self
                .parts(|column| text(record, column))
                .ok_or_else(|| Refusal::missing(self.name.clone()))?;
            let read = moments.read(&text);
            let other = match &self.not_before {
                Some(other) => other.moment(record, moments).ok(),
                None => None,
            };
            let read = match (read, other) {
                // Where clocks go back, the hour that comes twice may be the second one.
                (Ok((own, ambiguous)), Some((other, _)))
                    if other.0 - own.0 > if ambiguous { HOUR } else { ROUNDED } =>
                {
                    moments.read_on_next_day(&text)
                }
                (read, _) => read,
            };
            return read
                .map_err(|reason| bad_moment(moments, self.name.clone(), reason, Some(&text)));
        }
        let typed = self
            .columns
            .iter()
            .find_map(|column| record.typed_moment(*column));
        let read = match typed {
            Some(typed) => moments.typed(typed),
            None => moments.read(self.required(record)?),
        };
        read.map_err(|reason| bad_moment(moments, self.name.clone(), reason, self.get(record)))
    }

    /// The parts of a time with blanks between them; `None` when one is missing.
    pub(super) fn parts<'t>(&self, part: impl Fn(usize) -> Option<&'t str>) -> Option<String> {
        let parts: Vec<&str> = self
            .columns
            .iter()
            .map(|column| {
                part(*column).filter(|found| !self.nulls.iter().any(|null| null == found))
            })
            .collect::<Option<_>>()?;
        Some(parts.join(" "))
    }

    /// The member of a vocabulary that the word means.
    pub(super) fn word<T: Copy>(
        &self,
        record: &Record<'_>,
        words: &HashMap<String, T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(found) = self.get(record) else {
            return Ok(None);
        };
        if let Some(meaning) = words
            .get(found)
            .or_else(|| words.get(&found.to_lowercase()))
            .or_else(|| words.get(ANY_OTHER))
        {
            return Ok(Some(*meaning));
        }
        let detail = format!("the mapping has no meaning for `{}`", excerpt(found));
        Err(Refusal::new(
            self.name.clone(),
            RejectReason::UnknownWord,
            detail,
        ))
    }
}

impl ResolvedCondition {
    pub(super) fn holds(&self, record: &Record<'_>) -> bool {
        let found = self.value.get(record).unwrap_or_default();
        let among = |words: &Vec<String>| words.iter().any(|word| word.eq_ignore_ascii_case(found));
        self.any_of.as_ref().is_none_or(among)
            && !self.not_in.as_ref().is_some_and(among)
            && self.filled.is_none_or(|filled| filled != found.is_empty())
    }
}

#[inline]
pub(super) fn all_hold(conditions: &[ResolvedCondition], record: &Record<'_>) -> bool {
    conditions.iter().all(|condition| condition.holds(record))
}
