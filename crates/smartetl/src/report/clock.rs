//! Moments as seconds since the border of a business day, on the local clock and as they passed: what is started by the clock
//! follows the one, what takes its time the other.

use crate::time::due_at;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use smartetl_core::calendar::BusinessCalendar;
use smartetl_core::model::Moment;

/// The zone and the border of the business days.
#[derive(Clone, Debug)]
pub struct Clock {
    pub zone: TimeZone,
    pub border: Time,
}

impl Clock {
    /// The border behind which the business day begins, and that behind which the next one does.
    pub fn bounds(&self, day: Date) -> (Moment, Moment) {
        (
            self.moment_of(self.begin(day)),
            self.moment_of(day.to_datetime(self.border)),
        )
    }

    /// Seconds between the border and this moment on the wall clock.
    pub fn seconds(&self, at: Moment, day: Date) -> i64 {
        let local = Timestamp::from_microsecond(at.0).map(|at| self.zone.to_datetime(at));
        local.map_or(0, |local| local.duration_since(self.begin(day)).as_secs())
    }

    /// The moment at which the wall clock is so far behind the border.
    pub fn moment(&self, seconds: i64, day: Date) -> Moment {
        self.moment_of(
            self.begin(day)
                .saturating_add(jiff::SignedDuration::from_secs(seconds)),
        )
    }

    /// The moment of a business day at which the local clock shows this time.
    pub fn at(&self, time: Time, day: Date) -> Moment {
        let at = due_at(day, time, &self.zone, self.border_minutes());
        Moment(at.map_or(0, Timestamp::as_microsecond))
    }

    /// The business day of a moment.
    pub fn day(&self, at: Moment) -> Date {
        BusinessCalendar::business_day(at, &self.zone, self.border_minutes())
    }

    /// Seconds that passed between the border and this moment.
    pub fn elapsed(&self, at: Moment, day: Date) -> i64 {
        (at.0 - self.bounds(day).0.0).div_euclid(1_000_000)
    }

    /// The moment so many seconds after the border.
    pub fn after(&self, seconds: i64, day: Date) -> Moment {
        Moment(self.bounds(day).0.0 + seconds * 1_000_000)
    }

    fn border_minutes(&self) -> i32 {
        i32::from(self.border.hour()) * 60 + i32::from(self.border.minute())
    }

    fn begin(&self, day: Date) -> DateTime {
        day.yesterday().unwrap_or(day).to_datetime(self.border)
    }

    fn moment_of(&self, local: DateTime) -> Moment {
        let at = self.zone.to_timestamp(local);
        Moment(at.map_or(0, Timestamp::as_microsecond))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn habits_follow_the_wall_clock() {
        let clock = Clock {
            zone: TimeZone::get("Europe/Paris").expect("a zone of the database"),
            border: time(18, 0, 0, 0),
        };
        let at = |text: &str| {
            Moment(
                text.parse::<Timestamp>()
                    .expect("a moment")
                    .as_microsecond(),
            )
        };
        // In the night of 26 October 2025 the clock goes back at 03:00.
        let day = date(2025, 10, 26);
        assert_eq!(clock.seconds(at("2025-10-26T04:00:00Z"), day), 11 * 3_600);
        assert_eq!(clock.moment(11 * 3_600, day), at("2025-10-26T04:00:00Z"));
        assert_eq!(
            clock.seconds(at("2025-10-27T04:00:00Z"), date(2025, 10, 27)),
            11 * 3_600
        );
        let bounds = (at("2025-10-25T16:00:00Z"), at("2025-10-26T17:00:00Z"));
        assert_eq!(clock.bounds(day), bounds);
        assert_eq!(clock.at(time(7, 30, 0, 0), day), at("2025-10-26T06:30:00Z"));
        // 02:30 comes twice: the later one.
        assert_eq!(clock.at(time(2, 30, 0, 0), day), at("2025-10-26T01:30:00Z"));
        assert_eq!(clock.at(time(23, 0, 0, 0), day), at("2025-10-25T21:00:00Z"));
    }
}
