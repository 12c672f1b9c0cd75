//! Days as a business counts them: which day a night prepares, and what kind of day that is.
//!
//! Pure arithmetic on dates. It must never ask what today is or which zone the machine is in: both are arguments.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::model::{DayType, Moment};

/// Minutes in a day.
const DAY_MINUTES: i32 = 24 * 60;

/// On which days nobody works: weekends, public holidays, and days on which the company is closed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BusinessCalendar {
    pub holidays: Holidays,
    pub closures: BTreeSet<Date>,
}

/// Whose public holidays count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holidays {
    /// Those of France (Code du travail, article L3133-1), for all years.
    France {
        /// Also Good Friday and 26 December, as in Moselle, Bas-Rhin and Haut-Rhin (article L3134-13).
        alsace_moselle: bool,
    },
    /// These days: another country's, or none.
    Listed(BTreeSet<Date>),
}

impl Default for Holidays {
    fn default() -> Self {
        Self::France {
            alsace_moselle: false,
        }
    }
}

impl BusinessCalendar {
    /// The day a run prepares: date(local civil start + (24 h − border)).
    ///
    /// `border_minutes` counts from local midnight; 1080 (18:00) makes all that starts from 18:00 on
    /// belong to the next day. The sum is one of wall clocks: a night of 23 or 25 hours has the same border.
    pub fn business_day(moment: Moment, zone: &TimeZone, border_minutes: i32) -> Date {
        let local = zone.to_datetime(moment.timestamp());
        let shift = Span::new().minutes(DAY_MINUTES - border_minutes.clamp(0, DAY_MINUTES));
        local.saturating_add(shift).date()
    }

    /// The public holidays of a year, ascending. Two can fall on one date (8 May and Ascension in 2008).
    pub fn holidays(&self, year: i16) -> Vec<Date> {
        let alsace_moselle = match &self.holidays {
            Holidays::France { alsace_moselle } => *alsace_moselle,
            Holidays::Listed(days) => {
                let of_year = Date::constant(year, 1, 1)..=Date::constant(year, 12, 31);
                return days.range(of_year).copied().collect();
            }
        };
        let mut days = Vec::with_capacity(13);
        for (month, day) in [
            (1, 1),
            (5, 1),
            (5, 8),
            (7, 14),
            (8, 15),
            (11, 1),
            (11, 11),
            (12, 25),
        ] {
            days.extend(Date::new(year, month, day).ok());
        }
        let mut offsets = vec![1, 39, 50];
        if alsace_moselle {
            offsets.push(-2);
            days.extend(Date::new(year, 12, 26).ok());
        }
        if let Some(easter) = easter_sunday(year) {
            days.extend(
                offsets
                    .into_iter()
                    .map(|days| easter.saturating_add(days.days())),
            );
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    pub fn is_holiday(&self, date: Date) -> bool {
        let alsace_moselle = match &self.holidays {
            Holidays::France { alsace_moselle } => *alsace_moselle,
            Holidays::Listed(days) => return days.contains(&date),
        };
        let fixed = matches!(
            (date.month(), date.day()),
            (1 | 5 | 11, 1) | (5, 8) | (7, 14) | (8, 15) | (11, 11) | (12, 25)
        ) || (alsace_moselle && (date.month(), date.day()) == (12, 26));
        if fixed {
            return true;
        }
        // Easter stands between 22 March and 25 April, so the movable ones between 20 March and 14 June.
        if !(3..=6).contains(&date.month()) {
            return false;
        }
        easter_sunday(date.year()).is_some_and(|easter| {
            let after = i32::from(date.day_of_year()) - i32::from(easter.day_of_year());
            matches!(after, 1 | 39 | 50) || (alsace_moselle && after == -2)
        })
    }

    /// Holidays and days on which the company is closed, of these years, ascending.
    pub fn closed_days(&self, years: RangeInclusive<i16>) -> BTreeSet<Date> {
        let closures = self.closures.iter().copied();
        let closures = closures.filter(|day| years.contains(&day.year()));
        let holidays = years.clone().flat_map(|year| self.holidays(year));
        holidays.chain(closures).collect()
    }

    /// Monday to Friday, no holiday, and the company is open.
    pub fn is_working_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.is_holiday(date)
            && !self.closures.contains(&date)
    }

    /// What kind of day this is (`doc/fusion.md` 8.10), in the order of the vocabulary. Never empty.
    pub fn day_types(&self, date: Date) -> Vec<DayType> {
        let mut types = Vec::with_capacity(3);
        let working = self.is_working_day(date);
        match date.weekday() {
            Weekday::Saturday => types.push(DayType::Saturday),
            Weekday::Sunday => types.push(DayType::Sunday),
            _ if working => types.push(DayType::Working),
            _ => {}
        }
        if self.is_holiday(date) {
            types.push(DayType::Holiday);
        }
        if self.closures.contains(&date) {
            types.push(DayType::Closure);
        }
        if date.tomorrow().is_ok_and(|next| self.is_holiday(next)) {
            types.push(DayType::Eve);
        }
        if date.yesterday().is_ok_and(|before| self.is_holiday(before)) {
            types.push(DayType::DayAfter);
        }
        if working {
            if !self.works_between(date.tomorrow().ok(), date.last_of_month()) {
                types.push(DayType::MonthEnd);
            }
            if !self.works_between(Some(date.first_of_month()), date.saturating_sub(1.days())) {
                types.push(DayType::MonthStart);
            }
        }
        types
    }

    /// Whether a day from `first` to `last` (both included) is a working day.
    fn works_between(&self, first: Option<Date>, last: Date) -> bool {
        let mut day = first;
        while let Some(date) = day.filter(|date| *date <= last) {
            if self.is_working_day(date) {
                return true;
            }
            day = date.tomorrow().ok();
        }
        false
    }
}

/// Easter Sunday of the Gregorian calendar, by the anonymous algorithm of Meeus, Jones and Butcher.
/// `None` before the calendar was in use (1583).
pub fn easter_sunday(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, rest) = (year_number / 100, year_number % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let month_shift = (golden + 11 * epact + 22 * weekday) / 451;
    let sum = epact + weekday - 7 * month_shift + 114;
    Date::new(
        year,
        i8::try_from(sum / 31).ok()?,
        i8::try_from(sum % 31 + 1).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests;
