//! What is usual for a job: when it is ready, and in which nights it stands. Pure rules, told in `doc/report.md`.

use jiff::civil::{Date, Weekday};
use smartetl_core::model::DayType;

/// Fewer earlier nights say nothing about what is usual.
pub const NIGHTS_NEEDED: usize = 8;
/// Less than this behind the median is never late.
const LEAST_DELAY_S: i64 = 600;
/// After its usual begin a job is waited for so long before it counts as not seen.
pub const PATIENCE_S: i64 = 1_800;

/// Nights that have the same habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Working,
    Saturday,
    Sunday,
    /// A public holiday or a closure, whatever day of the week.
    Holiday,
}

impl Kind {
    pub const ALL: &'static [Self] = &[Self::Working, Self::Saturday, Self::Sunday, Self::Holiday];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
            Self::Holiday => "holiday",
        }
    }

    /// That of a day; by its weekday where nothing is known of it.
    pub fn of_day(day: Date, types: &[DayType]) -> Self {
        match day.weekday() {
            Weekday::Saturday if types.is_empty() => Self::Saturday,
            Weekday::Sunday if types.is_empty() => Self::Sunday,
            _ => Self::of(types),
        }
    }

    pub fn of(types: &[DayType]) -> Self {
        let is = |of: DayType| types.contains(&of);
        if is(DayType::Holiday) || is(DayType::Closure) {
            Self::Holiday
        } else if is(DayType::Saturday) {
            Self::Saturday
        } else if is(DayType::Sunday) {
            Self::Sunday
        } else {
            Self::Working
        }
    }
}

/// When a job is usually ready: seconds on the local clock since the border of the business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    pub median_s: i64,
    /// Nine nights of ten it was ready by then.
    pub by_s: i64,
    /// What is ready later is late.
    late_after_s: i64,
}

impl Usual {
    /// Of the times at which a job was ready in undisturbed nights, in any order; `None` for too few of them.
    pub fn of(mut ready_s: Vec<i64>) -> Option<Self> {
        if ready_s.len() < NIGHTS_NEEDED {
            return None;
        }
        let median_s = quantile(&mut ready_s, 5);
        let by_s = quantile(&mut ready_s, 9);
        let mut distances: Vec<i64> = ready_s.iter().map(|at| (at - median_s).abs()).collect();
        let spread_s = quantile(&mut distances, 5);
        let late_after_s = by_s.max(median_s + 3 * spread_s);
        Some(Self {
            median_s,
            by_s,
            late_after_s: late_after_s.max(median_s + LEAST_DELAY_S - 1),
        })
    }

    pub const fn is_late(&self, ready_s: i64) -> bool {
        ready_s > self.late_after_s
    }
}

/// The first, the fifth and the ninth tenth of the times of undisturbed nights, in any order; `None` for too few of them.
pub fn spread(mut at_s: Vec<i64>) -> Option<[i64; 3]> {
    (at_s.len() >= NIGHTS_NEEDED).then(|| [1, 5, 9].map(|tenths| quantile(&mut at_s, tenths)))
}

/// The smallest value that so many tenths of them do not exceed. `values` is not empty.
fn quantile(values: &mut [i64], tenths: usize) -> i64 {
    values.sort_unstable();
    let rank = (values.len() * tenths).div_ceil(10).max(1);
    values[rank - 1]
}

/// An earlier night of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub day: Date,
    pub kind: Kind,
    /// Whether the job stood in it.
    pub seen: bool,
}

/// Whether a job is expected in the night of `day`, by the nights before, newest first.
///
/// It stood in at least three of the last four nights of the same weekday and kind; or in at least eight of the last ten of the
/// kind, and not absent when this weekday came last. On a holiday only what stood in each of the last seven nights, of whatever
/// kind, is expected: what works on weekdays only may rest.
pub fn is_expected(day: Date, kind: Kind, before: &[Earlier]) -> bool {
    if kind == Kind::Holiday {
        return before.len() >= 7 && before.iter().take(7).all(|night| night.seen);
    }
    let alike = || before.iter().filter(|night| night.kind == kind);
    let weekday = || alike().filter(|night| night.day.weekday() == day.weekday());
    let seen =
        |nights: &mut dyn Iterator<Item = &Earlier>| nights.filter(|night| night.seen).count();
    seen(&mut weekday().take(4)) >= 3
        || (seen(&mut alike().take(10)) >= 8 && weekday().next().is_none_or(|night| night.seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    #[test]
    fn late_is_beyond_nine_nights_of_ten_the_spread_and_ten_minutes() {
        // Always at 100 min, give or take one.
        let steady = Usual::of(vec![5_940, 6_000, 6_060, 6_000, 6_000, 5_940, 6_060, 6_000]);
        let steady = steady.expect("eight nights");
        assert_eq!((steady.median_s, steady.by_s), (6_000, 6_060));
        assert!(!steady.is_late(6_599) && steady.is_late(6_600));
        // Spread over an hour: three times the spread counts.
        let spread = Usual::of((0..20).map(|night| 6_000 + night * 180).collect());
        let spread = spread.expect("twenty nights");
        assert_eq!((spread.median_s, spread.by_s), (7_620, 9_060));
        assert!(!spread.is_late(7_620 + 3 * 900) && spread.is_late(7_620 + 3 * 900 + 1));
        // Steady but for two nights of ten, which are usual too.
        let mut two = vec![6_000; 8];
        two.extend([9_000, 9_100]);
        let two = Usual::of(two).expect("ten nights");
        assert!(!two.is_late(9_000) && two.is_late(9_001));
        assert_eq!(Usual::of(vec![6_000; 7]), None);
    }

    #[test]
    fn kinds_of_days() {
        let check = |types: &[DayType], kind| assert_eq!(Kind::of(types), kind);
        check(&[DayType::Working, DayType::MonthEnd], Kind::Working);
        check(&[DayType::Saturday, DayType::Eve], Kind::Saturday);
        check(&[DayType::Sunday, DayType::Holiday], Kind::Holiday);
        check(&[DayType::Closure], Kind::Holiday);
        check(&[], Kind::Working);
    }

    /// Eight weeks before `day`, newest first; `holidays` are of that kind.
    fn weeks(
        day: Date,
        holidays: &[Date],
        runs: impl Fn(Date, Kind) -> bool,
    ) -> (Kind, Vec<Earlier>) {
        let kind = |of: Date| match of.weekday() {
            _ if holidays.contains(&of) => Kind::Holiday,
            jiff::civil::Weekday::Saturday => Kind::Saturday,
            jiff::civil::Weekday::Sunday => Kind::Sunday,
            _ => Kind::Working,
        };
        let nights = (1..=56).map(|back| day.saturating_sub(back.days()));
        let nights = nights.map(|of| Earlier {
            day: of,
            kind: kind(of),
            seen: runs(of, kind(of)),
        });
        (kind(day), nights.collect())
    }

    fn expected(day: Date, holidays: &[Date], runs: impl Fn(Date, Kind) -> bool) -> bool {
        let (kind, nights) = weeks(day, holidays, runs);
        is_expected(day, kind, &nights)
    }

    #[test]
    fn what_is_expected_follows_the_habits_of_the_job() {
        let friday = date(2026, 11, 20);
        let sunday = date(2026, 11, 22);
        let armistice = date(2026, 11, 11);
        let holidays = [armistice];
        let working = |_, kind| kind == Kind::Working;
        let weekly = |day: Date, _| day.weekday() == sunday.weekday();
        let month_end = |day: Date, _| day == date(2026, 10, 30) || day == date(2026, 9, 30);
        let not_friday =
            |day: Date, kind| kind == Kind::Working && day.weekday() != friday.weekday();
        let daily = |_, _| true;
        assert!(expected(friday, &holidays, working) && expected(friday, &holidays, daily));
        assert!(!expected(sunday, &holidays, working) && expected(sunday, &holidays, weekly));
        assert!(!expected(friday, &holidays, weekly) && !expected(friday, &holidays, month_end));
        assert!(!expected(date(2026, 11, 30), &holidays, month_end));
        assert!(!expected(friday, &holidays, not_friday));
        assert!(!expected(armistice, &holidays, working) && expected(armistice, &holidays, daily));
        // The Wednesday after the holiday is no holiday, and the one that was is no Wednesday like others.
        assert!(expected(date(2026, 11, 18), &holidays, working));
    }

    #[test]
    fn two_weeks_make_a_habit_and_two_misses_end_one() {
        let friday = date(2026, 11, 20);
        let since = |first: Date| move |day: Date, kind| kind == Kind::Working && day >= first;
        assert!(expected(friday, &[], since(date(2026, 11, 10))));
        assert!(!expected(friday, &[], since(date(2026, 11, 11))));
        let until = |last: Date| move |day: Date, kind| kind == Kind::Working && day <= last;
        assert!(expected(friday, &[], until(date(2026, 11, 12))));
        assert!(!expected(friday, &[], until(date(2026, 11, 5))));
    }
}
