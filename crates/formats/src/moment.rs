//! Reading times: which form a source writes them in is recognised once, then each is read by hand and placed
//! on the time line with a zone whose offset is remembered between two transitions.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use smartetl_core::model::{Moment, RejectReason};

use crate::container::TypedMoment;

const SECOND: i64 = 1_000_000;
/// In microseconds.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// In which form a source writes its times.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentFormat {
    /// `2026-01-31 06:05:04`, also with `/` or `.` in the date, `T`, a fraction, `Z`, an offset.
    YearFirst,
    /// `31/01/2026 06:05:04`, with the same freedoms.
    DayFirst,
    /// `01/31/2026 06:05:04`, with the same freedoms.
    MonthFirst,
    /// Seconds since 1970, with an optional fraction.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// Microseconds since 1970.
    EpochMicros,
    /// Nanoseconds since 1970.
    EpochNanos,
    /// A `strptime` form set by the user.
    Strptime(String),
}

impl MomentFormat {
    /// What the form looks like, for a person.
    pub fn describe(&self) -> &str {
        match self {
            Self::YearFirst => "yyyy-MM-dd HH:mm:ss",
            Self::DayFirst => "dd/MM/yyyy HH:mm:ss",
            Self::MonthFirst => "MM/dd/yyyy HH:mm:ss",
            Self::EpochSeconds => "epoch seconds",
            Self::EpochMillis => "epoch milliseconds",
            Self::EpochMicros => "epoch microseconds",
            Self::EpochNanos => "epoch nanoseconds",
            Self::Strptime(format) => format,
        }
    }

    /// The settings that [`Self::parse`] takes, for a person.
    pub const SETTINGS: &str = "ymd, dmy, mdy, s, ms, us, ns, or a strptime form with year, month and day such as %d.%m.%Y %H:%M";

    /// Reads a setting: one of `ymd`, `dmy`, `mdy`, `s`, `ms`, `us`, `ns`, or a `strptime` form that can tell a moment.
    pub fn parse(setting: &str) -> Option<Self> {
        Some(match setting {
            "ymd" => Self::YearFirst,
            "dmy" => Self::DayFirst,
            "mdy" => Self::MonthFirst,
            "s" => Self::EpochSeconds,
            "ms" => Self::EpochMillis,
            "us" => Self::EpochMicros,
            "ns" => Self::EpochNanos,
            format if tells_moments(format) => Self::Strptime(format.to_owned()),
            _ => return None,
        })
    }

    /// Recognises the form of most of these values. The flag says that day and month could not be told apart, and the
    /// day was taken to come first. `None` when no form reads any of them.
    pub fn recognise(values: &[&str]) -> Option<(Self, bool)> {
        let reads = |format: &Self| {
            values
                .iter()
                .filter(|text| read(format, text.trim()).is_some())
                .count()
        };
        let digits = |wanted: std::ops::RangeInclusive<usize>| {
            values
                .iter()
                .filter(|text| {
                    let whole = text.trim().split('.').next().unwrap_or_default();
                    wanted.contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit())
                })
                .count()
        };
        let (day_first, month_first) = (reads(&Self::DayFirst), reads(&Self::MonthFirst));
        let candidates = [
            (reads(&Self::YearFirst), Self::YearFirst),
            (day_first, Self::DayFirst),
            (month_first, Self::MonthFirst),
            (digits(9..=10), Self::EpochSeconds),
            (digits(12..=13), Self::EpochMillis),
            (digits(15..=16), Self::EpochMicros),
            (digits(18..=19), Self::EpochNanos),
        ];
        let (count, format) = candidates
            .into_iter()
            .rev()
            .max_by_key(|(count, _)| *count)?;
        (count > 0).then(|| {
            let undecided = format == Self::DayFirst && day_first == month_first;
            (format, undecided)
        })
    }
}

/// A time as it was written, before a zone is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Utc(i64),
    Local(i64),
}

/// Reads the times of one source.
#[derive(Debug)]
pub struct MomentReader {
    format: MomentFormat,
    zone: TimeZone,
    /// Local microseconds in `steady` lie on the time line at a distance of `offset`, without doubt.
    steady: std::ops::Range<i64>,
    offset: i64,
}

impl MomentReader {
    pub fn new(format: MomentFormat, zone: TimeZone) -> Self {
        Self {
            format,
            zone,
            steady: 0..0,
            offset: 0,
        }
    }

    pub fn format(&self) -> &MomentFormat {
        &self.format
    }

    /// The moment, and whether its local time occurred twice (then it is the earlier one) or never (then it is shifted by
    /// the gap).
    ///
    /// # Errors
    /// `BadTime` for what is no time in this form, `TimeOutOfRange` outside 1990 to 2100.
    #[inline]
    pub fn read(&mut self, text: &str) -> Result<(Moment, bool), RejectReason> {
        match read(&self.format, text) {
            Some(written) => self.place(written),
            None => match read(&self.format, text.trim()) {
                Some(written) => self.place(written),
                None => Err(RejectReason::BadTime),
            },
        }
    }

    /// The same time on the day behind it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_on_next_day(&mut self, text: &str) -> Result<(Moment, bool), RejectReason> {
        let written = read(&self.format, text.trim()).ok_or(RejectReason::BadTime)?;
        self.place(match written {
            Written::Utc(micros) => Written::Utc(micros + DAY),
            Written::Local(micros) => Written::Local(micros + DAY),
        })
    }

    /// The same for a time that the container holds as such.
    pub fn typed(&mut self, moment: TypedMoment) -> Result<(Moment, bool), RejectReason> {
        self.place(match moment {
            TypedMoment::Utc(micros) => Written::Utc(micros),
            TypedMoment::Local(micros) => Written::Local(micros),
        })
    }

    #[inline]
    fn place(&mut self, written: Written) -> Result<(Moment, bool), RejectReason> {
        let (micros, ambiguous) = match written {
            Written::Utc(micros) => (micros, false),
            Written::Local(local) if self.steady.contains(&local) => (local - self.offset, false),
            Written::Local(local) => self.ask(local).ok_or(RejectReason::TimeOutOfRange)?,
        };
        let moment = Moment(micros);
        if moment.in_range() {
            Ok((moment, ambiguous))
        } else {
            Err(RejectReason::TimeOutOfRange)
        }
    }

    /// Asks the zone, and remembers the stretch around the answer in which the offset stays: from a day behind the
    /// transition before to a day before the next one.
    #[cold]
    fn ask(&mut self, local: i64) -> Option<(i64, bool)> {
        let civil = TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(local).ok()?);
        let answer = self.zone.to_ambiguous_timestamp(civil);
        let ambiguous = answer.is_ambiguous();
        let stamp = answer.compatible().ok()?;
        if !ambiguous {
            let offset = i64::from(self.zone.to_offset(stamp).seconds()) * SECOND;
            let before = self
                .zone
                .preceding(stamp)
                .next()
                .map_or(i64::MIN / 2, |t| t.timestamp().as_microsecond());
            let after = self
                .zone
                .following(stamp)
                .next()
                .map_or(i64::MAX / 2, |t| t.timestamp().as_microsecond());
            self.steady = before + offset + DAY..after + offset - DAY;
            self.offset = offset;
        }
        Some((stamp.as_microsecond(), ambiguous))
    }
}

#[inline]
fn read(format: &MomentFormat, text: &str) -> Option<Written> {
    match format {
        MomentFormat::YearFirst => year_first(text.as_bytes()),
        MomentFormat::DayFirst => {
            let (first, second, year, rest) = short_date(text.as_bytes())?;
            clock(days(year, second, first)?, rest)
        }
        MomentFormat::MonthFirst => {
            let (first, second, year, rest) = short_date(text.as_bytes())?;
            clock(days(year, first, second)?, rest)
        }
        MomentFormat::EpochSeconds => epoch(text, SECOND, 1),
        MomentFormat::EpochMillis => epoch(text, 1_000, 1),
        MomentFormat::EpochMicros => epoch(text, 1, 1),
        MomentFormat::EpochNanos => epoch(text, 1, 1_000),
        MomentFormat::Strptime(format) => strptime(format, text),
    }
}

fn epoch(text: &str, times: i64, per: i64) -> Option<Written> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if whole.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(6)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let micros = whole.checked_mul(times)? / per + fraction * times / SECOND / per;
    Some(Written::Utc(micros))
}

fn strptime(format: &str, text: &str) -> Option<Written> {
    let parts = jiff::fmt::strtime::BrokenDownTime::parse(format, text).ok()?;
    if parts.offset().is_some() || parts.timestamp().is_some() {
        return Some(Written::Utc(parts.to_timestamp().ok()?.as_microsecond()));
    }
    let civil: DateTime = parts.to_datetime().ok()?;
    Some(Written::Local(
        TimeZone::UTC.to_timestamp(civil).ok()?.as_microsecond(),
    ))
}

/// Whether a `strptime` form reads what it writes itself: else it holds what cannot be read, or no date.
fn tells_moments(format: &str) -> bool {
    let some = jiff::civil::date(2026, 11, 25).at(13, 14, 15, 123_456_789);
    let written = TimeZone::UTC
        .to_zoned_datetime(some)
        .and_then(|some| jiff::fmt::strtime::format(format, &some));
    written.is_ok_and(|text| strptime(format, &text).is_some())
}

#[inline]
fn two(bytes: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (
        bytes.get(at)?.wrapping_sub(b'0'),
        bytes.get(at + 1)?.wrapping_sub(b'0'),
    );
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

#[inline]
fn year_first(bytes: &[u8]) -> Option<Written> {
    let year = two(bytes, 0)? * 100 + two(bytes, 2)?;
    let separator = *bytes.get(4)?;
    if !matches!(separator, b'-' | b'/' | b'.') || *bytes.get(7)? != separator {
        return None;
    }
    clock(days(year, two(bytes, 5)?, two(bytes, 8)?)?, &bytes[10..])
}

/// The two short numbers and the year of `31/01/2026…`, and what follows.
fn short_date(bytes: &[u8]) -> Option<(i64, i64, i64, &[u8])> {
    let (first, rest) = short(bytes)?;
    let separator = *rest.first()?;
    let (second, rest) = short(rest.get(1..)?)?;
    if !matches!(separator, b'-' | b'/' | b'.') || *rest.first()? != separator {
        return None;
    }
    Some((
        first,
        second,
        two(rest, 1)? * 100 + two(rest, 3)?,
        &rest[5..],
    ))
}

/// A number of one or two digits.
fn short(bytes: &[u8]) -> Option<(i64, &[u8])> {
    if let Some(number) = two(bytes, 0) {
        return Some((number, &bytes[2..]));
    }
    let digit = bytes.first()?.wrapping_sub(b'0');
    (digit < 10).then(|| (i64::from(digit), &bytes[1..]))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar that exists.
/// Source of the arithmetic: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#[inline]
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// The time of day behind a date: nothing, or ` HH:mm[:ss[.fff]]` with an optional zone.
#[inline]
fn clock(days: i64, bytes: &[u8]) -> Option<Written> {
    let midnight = days * DAY;
    let Some(separator) = bytes.first() else {
        return Some(Written::Local(midnight));
    };
    if !matches!(separator, b' ' | b'T' | b't') {
        return None;
    }
    let (hour, mut at) = match two(bytes, 1) {
        Some(hour) => (hour, 3),
        None => (short(bytes.get(1..)?)?.0, 2),
    };
    if *bytes.get(at)? != b':' {
        return None;
    }
    let minute = two(bytes, at + 1)?;
    at += 3;
    let second = if bytes.get(at) == Some(&b':') {
        at += 3;
        two(bytes, at - 2)?
    } else {
        0
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut local = midnight + (hour * 3600 + minute * 60 + second) * SECOND;
    if bytes.len() == at {
        return Some(Written::Local(local));
    }
    if matches!(bytes[at], b'.' | b',') {
        let digits = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 || digits > 9 {
            return None;
        }
        let mut unit = SECOND;
        for digit in &bytes[at + 1..=at + digits] {
            unit /= 10;
            local += i64::from(digit - b'0') * unit;
        }
        at += 1 + digits;
    }
    zone(local, &bytes[at..])
}

/// Nothing, `Z`, `UTC`, `GMT` or an offset such as `+01`, `+0100`, `+01:00`, each also behind a space.
fn zone(local: i64, bytes: &[u8]) -> Option<Written> {
    let bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
    let sign = match bytes {
        [] => return Some(Written::Local(local)),
        b"Z" | b"z" | b"UTC" | b"GMT" => return Some(Written::Utc(local)),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let hours = two(bytes, 1)?;
    let minutes = match &bytes[3..] {
        [] => 0,
        [b':', rest @ ..] | rest if rest.len() == 2 => two(rest, 0)?,
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(Written::Utc(
        local - sign * (hours * 60 + minutes) * 60 * SECOND,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: &str, zone: &str, text: &str, expected: &str) {
        let zone = TimeZone::get(zone).expect("the zone exists");
        let mut reader = MomentReader::new(MomentFormat::parse(format).expect("a form"), zone);
        // Twice: the second answer comes from the remembered offset.
        for _ in 0..2 {
            let found = match reader.read(text) {
                Ok((moment, false)) => moment.to_string(),
                Ok((moment, true)) => format!("{moment} ambiguous"),
                Err(reason) => reason.to_string(),
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn every_form() {
        for (format, text, expected) in [
            ("ymd", "2026-01-31 06:05:04", "2026-01-31T06:05:04Z"),
            ("ymd", "2026/01/31 06:05:04", "2026-01-31T06:05:04Z"),
            (
                "ymd",
                "2026-01-31T06:05:04.123456Z",
                "2026-01-31T06:05:04.123456Z",
            ),
            ("ymd", "2026-01-31 06:05:04,123", "2026-01-31T06:05:04.123Z"),
            (
                "ymd",
                "2026-01-31T06:05:04.1234567+02:00",
                "2026-01-31T04:05:04.123456Z",
            ),
            ("ymd", "2026-01-31 06:05:04-0530", "2026-01-31T11:35:04Z"),
            ("ymd", "2026-01-31 06:05:04 +01", "2026-01-31T05:05:04Z"),
            ("ymd", "2026-01-31 06:05:04 UTC", "2026-01-31T06:05:04Z"),
            ("ymd", " 2026-01-31 06:05 ", "2026-01-31T06:05:00Z"),
            ("ymd", "2026-01-31", "2026-01-31T00:00:00Z"),
            ("ymd", "2024-02-29 00:00:00", "2024-02-29T00:00:00Z"),
            ("ymd", "2025-02-29 00:00:00", "bad_time"),
            ("ymd", "2026-13-01 00:00:00", "bad_time"),
            ("ymd", "2026-01-31 24:00:00", "bad_time"),
            ("ymd", "2026-01-31 06:05:04.", "bad_time"),
            ("ymd", "2026-01-31 06:05:04 CEST", "bad_time"),
            ("ymd", "2026-01-31é06:05", "bad_time"),
            ("ymd", "31/01/2026 06:05:04", "bad_time"),
            ("ymd", "1989-12-31 23:59:59", "time_out_of_range"),
            ("ymd", "1990-01-01 00:00:00", "1990-01-01T00:00:00Z"),
            ("ymd", "2101-01-01 00:00:00", "time_out_of_range"),
            ("ymd", "9999-12-31 23:59:59", "time_out_of_range"),
            ("ymd", "0000-01-01 00:00:00", "time_out_of_range"),
            ("dmy", "31/01/2026 06:05:04", "2026-01-31T06:05:04Z"),
            ("dmy", "1/2/2026 6:05", "2026-02-01T06:05:00Z"),
            ("dmy", "31.01.2026 06:05:04.5", "2026-01-31T06:05:04.5Z"),
            ("dmy", "31/01-2026 06:05:04", "bad_time"),
            ("mdy", "01/31/2026 06:05:04", "2026-01-31T06:05:04Z"),
            ("mdy", "31/01/2026 06:05:04", "bad_time"),
            ("s", "1769839504", "2026-01-31T06:05:04Z"),
            ("s", "1769839504.25", "2026-01-31T06:05:04.25Z"),
            ("ms", "1769839504123", "2026-01-31T06:05:04.123Z"),
            ("us", "1769839504123456", "2026-01-31T06:05:04.123456Z"),
            ("ns", "1769839504123456789", "2026-01-31T06:05:04.123456Z"),
            ("ms", "9223372036854775807", "bad_time"),
            ("s", "hier", "bad_time"),
            ("%d.%m.%y %H:%M", "31.01.26 06:05", "2026-01-31T06:05:00Z"),
            (
                "%Y-%m-%dT%H:%M:%S%z",
                "2026-01-31T06:05:04+0100",
                "2026-01-31T05:05:04Z",
            ),
        ] {
            check(format, "UTC", text, expected);
        }
    }

    #[test]
    fn a_form_that_can_never_read_a_moment_is_none() {
        for setting in [
            "",
            " ",
            "soon",
            "YMD",
            "%",
            "%%",
            "100 %",
            "%Q",
            "%:Q",
            "%Y-%m-%d %",
            "%Y-%m-%d %é",
            "%H:%M:%S",
            "%m/%d",
            "%Y",
            "%Y-%m",
            "%d.%m.%Y %H:%M %Z",
            "%c",
            "%x %X",
            "%A",
            "%y %H:%M",
            "%:d",
            "%J",
        ] {
            assert_eq!(MomentFormat::parse(setting), None, "{setting}");
        }
        for setting in [
            "%Y-%m-%d",
            "%F",
            "%F %T",
            "%D",
            "%d.%m.%Y %H:%M",
            "%d/%m/%y %H:%M:%S,%f",
            "%Y-%m-%dT%H:%M:%S%.f%:z",
            "%Y%m%d%H%M%S",
            "%a %b %e %H:%M:%S %Y",
            "%A, %d. %B %Y",
            "%Y-%j",
            "%G-W%V-%u",
            "%s",
            "@%s",
            "%m/%d/%Y %I:%M %p",
            "%-d/%-m/%Y %k:%M",
            "%Y-%m-%d %H:%M:%S %z",
            "%Y-%m-%d %H:%M:%S[%Q]",
            "%H:%M %d-%b-%Y",
            "am %d.%m.%Y um %H Uhr %M",
            "%Y-%m-%d %H:%M:%S.%3f",
            "%Y-%m-%d %H:%M:%S.%6f",
            "%Y-%m-%d%n%H:%M",
        ] {
            assert_eq!(
                MomentFormat::parse(setting),
                Some(MomentFormat::Strptime(setting.to_owned())),
                "{setting}"
            );
        }
    }

    #[test]
    fn local_times_and_the_two_nights() {
        for (text, expected) in [
            ("2026-01-31 06:05:04", "2026-01-31T05:05:04Z"),
            ("2026-07-31 06:05:04", "2026-07-31T04:05:04Z"),
            ("2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
            ("2026-10-25 02:30:00", "2026-10-25T00:30:00Z ambiguous"),
            ("2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
            ("2026-03-29 02:30:00", "2026-03-29T01:30:00Z ambiguous"),
            ("2026-03-29 03:30:00", "2026-03-29T01:30:00Z"),
            ("2026-10-25 02:30:00+01:00", "2026-10-25T01:30:00Z"),
        ] {
            check("ymd", "Europe/Paris", text, expected);
        }
    }

    #[test]
    fn the_remembered_offset_never_differs_from_the_zone() {
        let zone = TimeZone::get("Europe/Paris").expect("the zone exists");
        let mut remembered = MomentReader::new(MomentFormat::YearFirst, zone.clone());
        for hour in 0..24 * 800 {
            let local = 1_700_000_000 * SECOND + hour * 3_600 * SECOND * 7 / 5;
            let mut asked = MomentReader::new(MomentFormat::YearFirst, zone.clone());
            let typed = TypedMoment::Local(local);
            assert_eq!(remembered.typed(typed), asked.typed(typed));
        }
    }

    #[test]
    fn the_form_is_recognised() {
        for (values, expected) in [
            (
                vec!["2026-01-31 06:05:04"],
                Some((MomentFormat::YearFirst, false)),
            ),
            (
                vec!["damage", "2026-01-31T06:05:04Z"],
                Some((MomentFormat::YearFirst, false)),
            ),
            (
                vec!["01/02/2026 06:05:04", "31/01/2026 06:05:04"],
                Some((MomentFormat::DayFirst, false)),
            ),
            (
                vec!["01/02/2026 06:05:04", "01/31/2026 06:05:04"],
                Some((MomentFormat::MonthFirst, false)),
            ),
            (
                vec!["01/02/2026 06:05:04"],
                Some((MomentFormat::DayFirst, true)),
            ),
            (
                vec!["1769839504"],
                Some((MomentFormat::EpochSeconds, false)),
            ),
            (
                vec!["1769839504123"],
                Some((MomentFormat::EpochMillis, false)),
            ),
            (
                vec!["1769839504123456"],
                Some((MomentFormat::EpochMicros, false)),
            ),
            (
                vec!["1769839504123456789"],
                Some((MomentFormat::EpochNanos, false)),
            ),
            (vec!["hier", ""], None),
            (vec![], None),
        ] {
            assert_eq!(MomentFormat::recognise(&values), expected, "{values:?}");
        }
    }
}
