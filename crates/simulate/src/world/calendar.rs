//! The days of a French company: holidays, working days, business days, and the hours that a clock change moves.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Minutes after which the clock says the next business day (18:00).
const BORDER_HOUR: i8 = 18;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// Local time of the company. All moments are milliseconds since 1970 in UTC.
pub(crate) struct Calendar {
    zone: TimeZone,
    first: Date,
    /// Offset of local time from UTC (milliseconds) and the moment from which it holds.
    offsets: Vec<(i64, i64)>,
}

impl Calendar {
    /// The calendar of a period whose first business day is `first`.
    pub(crate) fn new(first: Date, days: u32) -> Result<Self, jiff::Error> {
        let zone = TimeZone::get("Europe/Paris")?;
        let from = first.checked_sub(7.days())?;
        let until = first.checked_add((i64::from(days) + 7).days())?;
        let start = zone.to_timestamp(from.at(0, 0, 0, 0))?;
        let end = zone.to_timestamp(until.at(0, 0, 0, 0))?;
        let mut offsets = vec![(i64::MIN, offset_at(&zone, start))];
        for change in zone
            .following(start)
            .take_while(|change| change.timestamp() <= end)
        {
            offsets.push((
                change.timestamp().as_millisecond(),
                i64::from(change.offset().seconds()) * 1_000,
            ));
        }
        Ok(Self {
            zone,
            first,
            offsets,
        })
    }

    /// The date of business day number `day` (0 is the first).
    pub(crate) fn date(&self, day: u32) -> Date {
        self.first
            .checked_add(i64::from(day).days())
            .expect("the period was checked when the calendar was made")
    }

    /// The moment at which a business day begins: 18:00 the day before.
    pub(crate) fn base(&self, day: u32) -> i64 {
        let eve = self
            .date(day)
            .yesterday()
            .expect("the period lies far from the ends of time");
        self.moment(eve, i64::from(BORDER_HOUR) * 60)
    }

    /// The moment `minute` minutes after 18:00 on the clock of business day `day` (450 is 01:30).
    pub(crate) fn at(&self, day: u32, minute: i64) -> i64 {
        let clock = minute + i64::from(BORDER_HOUR) * 60;
        let eve = self
            .date(day)
            .yesterday()
            .expect("the period lies far from the ends of time");
        if clock < 24 * 60 {
            self.moment(eve, clock)
        } else {
            self.moment(self.date(day), clock - 24 * 60)
        }
    }

    fn moment(&self, day: Date, minute: i64) -> i64 {
        let local = day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        self.zone
            .to_timestamp(local)
            .map_or(0, Timestamp::as_millisecond)
    }

    /// Milliseconds on the local clock at a moment.
    pub(crate) fn local(&self, moment: i64) -> i64 {
        let place = self.offsets.partition_point(|&(from, _)| from <= moment);
        moment + self.offsets[place.saturating_sub(1)].1
    }

    /// The two hours of UTC in which the local clock says 02:00 to 03:00 twice, if that is in this business day.
    pub(crate) fn doubled_hours(&self, day: u32) -> Option<(i64, i64)> {
        self.change(day)
            .filter(|&(_, step)| step < 0)
            .map(|(at, _)| (at - HOUR, at + HOUR))
    }

    /// The moment at which 02:00 becomes 03:00, if that is in this business day.
    pub(crate) fn skipped_hour(&self, day: u32) -> Option<i64> {
        self.change(day)
            .filter(|&(_, step)| step > 0)
            .map(|(at, _)| at)
    }

    fn change(&self, day: u32) -> Option<(i64, i64)> {
        let (from, until) = (self.base(day), self.base(day + 1));
        self.offsets
            .windows(2)
            .find(|pair| (from..until).contains(&pair[1].0))
            .map(|pair| (pair[1].0, pair[1].1 - pair[0].1))
    }
}

fn offset_at(zone: &TimeZone, moment: Timestamp) -> i64 {
    i64::from(zone.to_offset(moment).seconds()) * 1_000
}

/// Whether a day is a public holiday in (continental) France.
pub(crate) fn is_holiday(day: Date) -> bool {
    const FIXED: [(i8, i8); 8] = [
        (1, 1),
        (5, 1),
        (5, 8),
        (7, 14),
        (8, 15),
        (11, 1),
        (11, 11),
        (12, 25),
    ];
    let after_easter = day
        .since(easter(day.year()))
        .map_or(0, |span| span.get_days());
    FIXED.contains(&(day.month(), day.day())) || [1, 39, 50].contains(&after_easter)
}

/// Easter Sunday by the method of Gauss in Lichtenberg's form.
#[expect(
    clippy::many_single_char_names,
    reason = "the letters of the published formula"
)]
fn easter(year: i16) -> Date {
    let x = i32::from(year);
    let k = x / 100;
    let m = 15 + (3 * k + 3) / 4 - (8 * k + 13) / 25;
    let s = 2 - (3 * k + 3) / 4;
    let a = x % 19;
    let d = (19 * a + m) % 30;
    let r = (d + a / 11) / 29;
    let full_moon = 21 + d - r;
    let sunday = 7 - (x + x / 4 + s) % 7;
    let day_of_march = full_moon + 7 - (full_moon - sunday).rem_euclid(7);
    date(year, 3, 1)
        .checked_add(i64::from(day_of_march - 1).days())
        .unwrap_or(date(year, 4, 1))
}

/// Monday to Friday without a holiday.
pub(crate) fn is_working(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

/// The last working day of its month.
pub(crate) fn is_month_end(day: Date) -> bool {
    is_working(day)
        && (day.day() + 1..=day.days_in_month())
            .all(|later| !is_working(date(day.year(), day.month(), later)))
}

/// The first working day of its month.
pub(crate) fn is_month_start(day: Date) -> bool {
    is_working(day)
        && (1..day.day()).all(|earlier| !is_working(date(day.year(), day.month(), earlier)))
}

/// What a day is, in the words of `job_day.day_type`, in their order.
pub(crate) fn day_types(day: Date) -> Vec<&'static str> {
    let mut types = Vec::with_capacity(3);
    match day.weekday() {
        Weekday::Saturday => types.push("saturday"),
        Weekday::Sunday => types.push("sunday"),
        _ if !is_holiday(day) => types.push("working"),
        _ => {}
    }
    let near = |other: Result<Date, jiff::Error>| other.is_ok_and(is_holiday);
    for (holds, word) in [
        (is_holiday(day), "holiday"),
        (near(day.tomorrow()), "eve"),
        (near(day.yesterday()), "day_after"),
        (is_month_end(day), "month_end"),
        (is_month_start(day), "month_start"),
    ] {
        if holds {
            types.push(word);
        }
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_moves_with_the_moon() {
        for (year, month, day) in [
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2049, 4, 18),
        ] {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn french_holidays_of_2025() {
        let holidays: Vec<String> = (0..365)
            .map(|n| date(2025, 1, 1).checked_add(n.days()).expect("in range"))
            .filter(|&day| is_holiday(day))
            .map(|day| day.strftime("%m-%d").to_string())
            .collect();
        assert_eq!(
            holidays,
            [
                "01-01", "04-21", "05-01", "05-08", "05-29", "06-09", "07-14", "08-15", "11-01",
                "11-11", "12-25"
            ]
        );
    }

    #[test]
    fn days_have_their_types() {
        assert_eq!(day_types(date(2025, 5, 9)), ["working", "day_after"]);
        assert_eq!(
            day_types(date(2025, 4, 30)),
            ["working", "eve", "month_end"]
        );
        assert_eq!(day_types(date(2025, 11, 1)), ["saturday", "holiday"]);
        assert_eq!(day_types(date(2025, 6, 2)), ["working", "month_start"]);
        assert_eq!(day_types(date(2025, 6, 9)), ["holiday"]);
    }

    #[test]
    fn the_clock_changes_twice_a_year() {
        let calendar = Calendar::new(date(2025, 1, 1), 365).expect("a year that exists");
        let doubled: Vec<_> = (0..365)
            .filter(|&day| calendar.doubled_hours(day).is_some())
            .map(|day| calendar.date(day))
            .collect();
        let skipped: Vec<_> = (0..365)
            .filter(|&day| calendar.skipped_hour(day).is_some())
            .map(|day| calendar.date(day))
            .collect();
        assert_eq!(
            (doubled, skipped),
            (vec![date(2025, 10, 26)], vec![date(2025, 3, 30)])
        );
    }
}
