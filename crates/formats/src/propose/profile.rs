//! What the values of a column look like.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::tz::TimeZone;
use smartetl_core::redact::redact;

use super::names::Name;
use super::scene::Vocabularies;
use super::table::{Column, Table};
use super::words;
use crate::moment::{DAY, MomentFormat, MomentReader};
use crate::number::{parse_duration, parse_int, parse_scaled};

/// So many different values are looked at where each is as good as another.
const LOOKED_AT: usize = 5_000;
/// A column of words has at most so many different ones.
const FEW_WORDS: usize = 40;
/// A column is of a kind when so many of its values are.
const MOST: f64 = 0.95;
/// Times are rarely something else: a few damaged ones leave a column what it is, also where there are few in all.
const MOST_OF_FEW: f64 = 0.8;
const LEAST_OF_FEW: usize = 3;
/// Widths at which columns of databases cut texts.
const WIDTHS: [usize; 14] = [
    50, 80, 100, 128, 200, 250, 255, 256, 500, 512, 1_000, 2_000, 2_048, 4_000,
];

/// Features of a column.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub name: Name,
    /// The share of records that have a value.
    pub filled: f64,
    pub distinct: usize,
    pub times: Option<Times>,
    /// Days without an hour, hours without a day; the latter also as digits alone, such as `211000`.
    pub is_day: bool,
    pub is_hour: bool,
    pub is_hour_of_digits: bool,
    pub is_int: bool,
    /// Whole or not, with a point or a comma.
    pub is_number: bool,
    pub is_duration_text: bool,
    /// Of the different values: the mean length, and the shares of those that …
    pub length: f64,
    /// … are of several words,
    pub sentences: f64,
    /// … hold a line end,
    pub lines: f64,
    /// … are names: begin with a letter and are neither random nor long,
    pub names: f64,
    /// … look drawn by lot,
    pub random: f64,
    pub versions: f64,
    pub classes: f64,
    pub codes: f64,
    /// Shares of the records, where there are few different values.
    pub states: f64,
    pub severities: f64,
    pub environments: f64,
    pub contexts: f64,
    /// Some value holds a password or the like.
    pub has_secrets: bool,
    /// Texts of exactly this length were cut.
    pub cut_at: Option<usize>,
}

/// Times of a column.
#[derive(Clone, Debug)]
pub struct Times {
    pub format: MomentFormat,
    /// Day and month could not be told apart.
    pub undecided: bool,
    /// They say their offset, or are seconds since 1970.
    pub absolute: bool,
    /// By different value: microseconds as if written in UTC.
    pub micros: Vec<Option<i64>>,
}

impl Times {
    pub fn at(&self, column: &Column, row: usize) -> Option<i64> {
        let place = *column.cells.get(row)? as usize;
        self.micros.get(place.checked_sub(1)?).copied().flatten()
    }

    /// They name no hour.
    fn are_days(&self, column: &Column) -> bool {
        if let MomentFormat::Strptime(_) = &self.format {
            let mut read = self.micros.iter().flatten();
            return read.all(|micros| micros % DAY == 0);
        }
        let read = column.words.iter().zip(&self.micros);
        let read = read.filter(|(_, micros)| micros.is_some());
        !is_epoch(Some(self)) && read.into_iter().all(|(word, _)| !word.contains([':', 'T']))
    }
}

impl Profile {
    /// `vocabularies`: the words of the configuration.
    pub fn of(column: &Column, table: &Table, vocabularies: &Vocabularies) -> Self {
        let (environments, triggers) = (&vocabularies.environments, &vocabularies.triggers);
        let words: Vec<&str> = column
            .words
            .iter()
            .take(LOOKED_AT)
            .map(String::as_str)
            .collect();
        let share = |such: &dyn Fn(&str) -> bool| {
            words.iter().filter(|word| such(word)).count() as f64 / words.len().max(1) as f64
        };
        let few = column.words.len() <= FEW_WORDS && !column.words.is_empty();
        let of_few = |such: &dyn Fn(&str) -> bool| if few { column.share(such) } else { 0.0 };
        let signs: usize = words.iter().map(|word| word.chars().count()).sum();
        let is_number = share(&|word| parse_scaled(word, 1.5).is_some()) >= MOST;
        let times = times(column, &words, table.time_format.as_ref());
        // A time of day may pass 24 hours nowhere, a duration may.
        let is_longer = |word: &&str| !is_hour(word) && parse_duration(word).is_some();
        let are_hours =
            share(&is_hour) >= MOST || are_most(&words, is_hour) && !words.iter().any(is_longer);
        Self {
            name: Name::of(&column.name),
            filled: column.filled() as f64 / table.rows.max(1) as f64,
            distinct: column.words.len(),
            is_day: times.as_ref().is_some_and(|times| times.are_days(column)),
            is_hour: times.is_none() && are_hours,
            is_hour_of_digits: are_hours_of_digits(&words),
            times,
            is_int: share(&|word| parse_int(word).is_some()) >= MOST,
            is_number,
            is_duration_text: !is_number && share(&|word| parse_duration(word).is_some()) >= MOST,
            length: signs as f64 / words.len().max(1) as f64,
            sentences: share(&|word| word.split_whitespace().count() >= 3),
            lines: share(&|word| word.contains('\n')),
            names: share(&is_name),
            random: share(&is_random),
            versions: share(&is_version),
            classes: share(&is_class),
            codes: share(&is_code),
            states: of_few(&|word| words::status(word).is_some()),
            severities: of_few(&|word| words::severity(word).is_some()),
            environments: of_few(&|word| has_token(word, environments)),
            contexts: of_few(&|word| has_token(word, triggers)),
            has_secrets: words
                .iter()
                .any(|word| matches!(redact(word), Cow::Owned(_))),
            cut_at: cut_at(column),
        }
    }

    /// A text of more than a word or two.
    pub fn is_text(&self) -> bool {
        self.sentences >= 0.3 && self.length >= 15.0
    }

    /// It can tell runs apart, or name their parents.
    pub fn is_id(&self) -> bool {
        self.distinct >= 2
            && self.length <= 100.0
            && self.sentences < 0.2
            && self
                .times
                .as_ref()
                .is_none_or(|_| is_epoch(self.times.as_ref()))
            && (!self.is_number || self.is_int)
            && !self.is_hour
            && !self.is_duration_text
            && self.lines == 0.0
    }
}

fn is_epoch(times: Option<&Times>) -> bool {
    times.is_some_and(|times| is_since_1970(&times.format))
}

fn is_since_1970(format: &MomentFormat) -> bool {
    matches!(
        format,
        MomentFormat::EpochSeconds
            | MomentFormat::EpochMillis
            | MomentFormat::EpochMicros
            | MomentFormat::EpochNanos
    )
}

/// Forms that are not among those that are recognised while loading.
const FORMS: [&str; 23] = [
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d %H%M",
    "%Y%m%d %H:%M",
    "%Y%m%dT%H%M%S",
    "%Y-%m-%d %H%M%S",
    "%Y-%m-%d %H%M",
    "%d/%m/%Y %H%M%S",
    "%d/%m/%Y %H%M",
    "%d.%m.%Y %H%M%S",
    "%d.%m.%Y %H%M",
    "%Y-%m-%d-%H.%M.%S%.f",
    "%Y-%m-%d %H.%M.%S",
    "%d/%m/%y %H:%M:%S",
    "%d/%m/%y %H:%M",
    "%d.%m.%y %H:%M:%S",
    "%d.%m.%y %H:%M",
    "%d-%b-%y %H:%M:%S",
    "%d-%b-%y %I.%M.%S %p",
    "%d-%b-%Y %H:%M:%S",
    "%b %d %Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
];

/// `given`: the form that the user says, before all others.
fn times(column: &Column, looked_at: &[&str], given: Option<&MomentFormat>) -> Option<Times> {
    let is_long = |word: &str| (6..=40).contains(&word.len());
    if !are_most(looked_at, is_long) {
        return None;
    }
    let read = |format: &MomentFormat, zone: &TimeZone, word: &str| {
        let mut reader = MomentReader::new(format.clone(), zone.clone());
        reader.read(word).ok().map(|(moment, _)| moment.0)
    };
    let is_of = |format: &MomentFormat| {
        let reads = |word: &str| read(format, &TimeZone::UTC, word).is_some();
        if is_since_1970(format) {
            looked_at.iter().filter(|word| reads(word)).count() as f64
                >= MOST * looked_at.len() as f64
        } else {
            are_most(looked_at, reads)
        }
    };
    let usual = MomentFormat::recognise(looked_at);
    let own = FORMS
        .iter()
        .map(|form| (MomentFormat::Strptime((*form).to_owned()), false));
    let days = [(MomentFormat::Strptime("%Y%m%d".to_owned()), false)];
    let given = given.map(|format| (format.clone(), false));
    let (format, undecided) = given
        .into_iter()
        .chain(usual)
        .chain(own)
        .chain(days)
        .find(|(format, _)| is_of(format))?;
    let zone = TimeZone::get("Pacific/Kiritimati").ok()?;
    let absolute = looked_at
        .iter()
        .all(|word| read(&format, &TimeZone::UTC, word) == read(&format, &zone, word));
    let mut reader = MomentReader::new(format.clone(), TimeZone::UTC);
    let micros: Vec<Option<i64>> = column
        .words
        .iter()
        .map(|word| reader.read(word).ok().map(|(moment, _)| moment.0))
        .collect();
    let times = Times {
        format,
        undecided,
        absolute,
        micros,
    };
    (!is_epoch(Some(&times)) || is_narrow(&times)).then_some(times)
}

/// Whether nearly all words are such: one or a few may be damaged.
fn are_most(words: &[&str], such: impl Fn(&str) -> bool) -> bool {
    let found = words.iter().filter(|word| such(word)).count();
    let share = found as f64 / words.len().max(1) as f64;
    let is_but_one = found + 1 == words.len();
    share >= MOST || found >= LEAST_OF_FEW && (share >= MOST_OF_FEW || is_but_one)
}

/// Numbers that are seconds since 1970 lie within some years, ids do not.
fn is_narrow(times: &Times) -> bool {
    const YEARS: i64 = 10 * 366 * 86_400 * 1_000_000;
    let known = || times.micros.iter().flatten();
    match (known().min(), known().max()) {
        (Some(least), Some(most)) => most - least < YEARS && *least > 20 * 365 * 86_400_000_000,
        _ => false,
    }
}

fn is_hour(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    let number = |part: &str, most: u32| {
        let whole = part.split(['.', ',']).next().unwrap_or_default();
        !whole.is_empty()
            && whole.len() <= 2
            && whole.parse::<u32>().is_ok_and(|found| found <= most)
    };
    match parts[..] {
        [hour, minute] => number(hour, 23) && number(minute, 59),
        [hour, minute, second] => number(hour, 23) && number(minute, 59) && number(second, 59),
        _ => false,
    }
}

/// `hhmmss` or `hhmm`, all of one width.
fn are_hours_of_digits(words: &[&str]) -> bool {
    let part = |word: &str, at: usize| word.get(at..at + 2)?.parse::<u32>().ok();
    let is_one = |word: &str| {
        matches!(word.len(), 4 | 6)
            && word.len() == words[0].len()
            && word.bytes().all(|byte| byte.is_ascii_digit())
            && part(word, 0).is_some_and(|hour| hour < 24)
            && part(word, 2).is_some_and(|minute| minute < 60)
            && part(word, 4).is_none_or(|second| second < 60)
    };
    words.len() >= 2 && are_most(words, is_one)
}

fn is_name(word: &str) -> bool {
    word.len() >= 3
        && word.len() <= 120
        && word.chars().filter(|sign| sign.is_alphabetic()).count() * 2 >= word.chars().count()
        && !is_random(word)
        && !is_version(word)
}

/// Hardly two letters or digits that belong together, or a long hexadecimal number.
fn is_random(word: &str) -> bool {
    let plain: String = word.chars().filter(|sign| sign.is_alphanumeric()).collect();
    if plain.len() >= 16 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return plain.bytes().any(|byte| byte.is_ascii_digit());
    }
    let words = word.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let length = words.chars().filter(|sign| sign.is_alphanumeric()).count();
    let kind = |sign: char| match sign {
        sign if sign.is_ascii_digit() => 0,
        sign if sign.is_uppercase() => 1,
        sign if sign.is_alphabetic() => 2,
        _ => 3,
    };
    let (mut parts, mut before) = (0, 3);
    for now in words.chars().map(kind) {
        // A capital before small letters is how words begin.
        parts += usize::from(now != 3 && now != before && (before, now) != (1, 2));
        before = now;
    }
    length >= 5 && length * 10 < parts * 26
}

fn is_version(word: &str) -> bool {
    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let mut parts = word.split('.');
    word.contains('.')
        && word.len() <= 12
        && parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The name of an exception's class.
fn is_class(word: &str) -> bool {
    !word.contains(' ')
        && (["Exception", "Error", "Throwable", "Failure", "Fault"]
            .iter()
            .any(|end| word.ends_with(end) && word.len() > end.len())
            || word.split('.').count() >= 3
                && word.starts_with(|sign: char| sign.is_ascii_lowercase()))
}

/// A code of an error: `ORA-00942`, `42P01`, `E1204`, `-803`.
fn is_code(word: &str) -> bool {
    word.len() <= 16
        && !word.contains(' ')
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.chars().all(|sign| {
            sign.is_ascii_uppercase() || sign.is_ascii_digit() || matches!(sign, '-' | '_')
        })
}

fn has_token(word: &str, wanted: &[String]) -> bool {
    words::normal(word)
        .split(' ')
        .any(|part| wanted.iter().any(|own| words::normal(own) == part))
}

/// The width at which several different texts end, and which none exceeds.
fn cut_at(column: &Column) -> Option<usize> {
    let longest = column.words.iter().map(|word| word.chars().count()).max()?;
    let ends: HashSet<&str> = column
        .words
        .iter()
        .filter(|word| word.chars().count() == longest)
        .map(String::as_str)
        .collect();
    (WIDTHS.contains(&longest) && (ends.len() >= 2 || longest >= 128)).then_some(longest)
}
