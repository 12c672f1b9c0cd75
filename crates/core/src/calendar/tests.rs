use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const FRANCE: BusinessCalendar = BusinessCalendar {
    holidays: Holidays::France {
        alsace_moselle: false,
    },
    closures: BTreeSet::new(),
};
const ALSACE: BusinessCalendar = BusinessCalendar {
    holidays: Holidays::France {
        alsace_moselle: true,
    },
    closures: BTreeSet::new(),
};

#[test]
fn closed_days_are_no_working_days() {
    let closed = BusinessCalendar {
        closures: [
            date(2025, 12, 30),
            date(2025, 12, 31),
            date(2026, 1, 1),
            date(2026, 1, 2),
            date(2026, 1, 3),
        ]
        .into(),
        ..FRANCE
    };
    let types = |day| closed.day_types(day);
    assert_eq!(
        types(date(2025, 12, 29)),
        [DayType::Working, DayType::MonthEnd]
    );
    assert_eq!(types(date(2025, 12, 31)), [DayType::Closure, DayType::Eve]);
    assert_eq!(
        types(date(2026, 1, 1)),
        [DayType::Holiday, DayType::Closure]
    );
    assert_eq!(
        types(date(2026, 1, 2)),
        [DayType::Closure, DayType::DayAfter]
    );
    assert_eq!(
        types(date(2026, 1, 3)),
        [DayType::Saturday, DayType::Closure]
    );
    assert_eq!(
        types(date(2026, 1, 5)),
        [DayType::Working, DayType::MonthStart]
    );
}

#[test]
fn holidays_that_are_listed_are_those_that_count() {
    let listed = BusinessCalendar {
        holidays: Holidays::Listed([date(2025, 7, 4), date(2026, 1, 1)].into()),
        closures: [date(2025, 7, 3)].into(),
    };
    assert_eq!(listed.holidays(2025), [date(2025, 7, 4)]);
    assert_eq!(listed.day_types(date(2025, 7, 14)), [DayType::Working]);
    assert_eq!(
        listed.day_types(date(2025, 7, 3)),
        [DayType::Closure, DayType::Eve]
    );
    assert_eq!(listed.day_types(date(2025, 7, 4)), [DayType::Holiday]);
    assert_eq!(
        listed.day_types(date(2025, 12, 31)),
        [DayType::Working, DayType::Eve, DayType::MonthEnd]
    );
}

/// The ends of Easter's range in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
#[test]
fn easter_at_the_ends_of_its_range() {
    for (year, month, day) in [(1818, 3, 22), (2285, 3, 22), (1943, 4, 25), (2038, 4, 25)] {
        assert_eq!(easter_sunday(year), Some(date(year, month, day)));
    }
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").expect("the zone database is compiled in")
}

fn check_business_day(local: &str, border: i32, expected: Date) {
    let civil = local.parse::<jiff::civil::DateTime>().expect("a literal");
    let moment = Moment(
        paris()
            .to_timestamp(civil)
            .expect("in range")
            .as_microsecond(),
    );
    assert_eq!(
        BusinessCalendar::business_day(moment, &paris(), border),
        expected,
        "{local}"
    );
}

#[test]
fn easter_of_known_years() {
    // From the tables of the Bureau des longitudes; 2008 and 2038 are near the ends of its range.
    for (year, month, day) in [
        (1990, 4, 15),
        (2000, 4, 23),
        (2008, 3, 23),
        (2019, 4, 21),
        (2022, 4, 17),
        (2023, 4, 9),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2027, 3, 28),
        (2038, 4, 25),
    ] {
        assert_eq!(easter_sunday(year), Some(date(year, month, day)));
    }
    assert_eq!(easter_sunday(1582), None);
}

#[test]
fn holidays_of_2024_and_2026() {
    assert_eq!(
        FRANCE.holidays(2024),
        [
            date(2024, 1, 1),
            date(2024, 4, 1),
            date(2024, 5, 1),
            date(2024, 5, 8),
            date(2024, 5, 9),
            date(2024, 5, 20),
            date(2024, 7, 14),
            date(2024, 8, 15),
            date(2024, 11, 1),
            date(2024, 11, 11),
            date(2024, 12, 25),
        ]
    );
    assert_eq!(
        ALSACE.holidays(2026),
        [
            date(2026, 1, 1),
            date(2026, 4, 3),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 8),
            date(2026, 5, 14),
            date(2026, 5, 25),
            date(2026, 7, 14),
            date(2026, 8, 15),
            date(2026, 11, 1),
            date(2026, 11, 11),
            date(2026, 12, 25),
            date(2026, 12, 26),
        ]
    );
}

#[test]
fn two_holidays_on_one_date_count_once() {
    assert_eq!(
        FRANCE.holidays(2008).len(),
        10,
        "Ascension of 2008 was 1 May"
    );
    assert!(FRANCE.holidays(2008).contains(&date(2008, 5, 1)));
}

#[test]
fn the_border_of_the_night() {
    check_business_day("2024-03-04T17:59:59", 1080, date(2024, 3, 4));
    check_business_day("2024-03-04T18:00:00", 1080, date(2024, 3, 5));
    check_business_day("2024-03-05T03:00:00", 1080, date(2024, 3, 5));
    check_business_day("2024-12-31T23:30:00", 1080, date(2025, 1, 1));
    check_business_day("2024-02-28T22:00:00", 1080, date(2024, 2, 29));
    check_business_day("2024-03-04T23:59:00", 1440, date(2024, 3, 4));
    check_business_day("2024-03-04T00:00:00", 0, date(2024, 3, 5));
}

#[test]
fn the_border_does_not_move_when_the_clock_does() {
    // 31 March 2024 has 23 hours and 27 October 2024 has 25.
    check_business_day("2024-03-30T17:59:00", 1080, date(2024, 3, 30));
    check_business_day("2024-03-30T18:00:00", 1080, date(2024, 3, 31));
    check_business_day("2024-03-31T17:59:00", 1080, date(2024, 3, 31));
    check_business_day("2024-10-26T18:00:00", 1080, date(2024, 10, 27));
    check_business_day("2024-10-27T02:30:00", 1080, date(2024, 10, 27));
    check_business_day("2024-10-27T17:59:00", 1080, date(2024, 10, 27));
}

#[test]
fn kinds_of_days() {
    use DayType::{DayAfter, Eve, Holiday, MonthEnd, MonthStart, Saturday, Sunday, Working};
    let cases: &[(Date, &[DayType])] = &[
        (date(2024, 3, 6), &[Working]),
        (date(2024, 3, 9), &[Saturday]),
        (date(2024, 3, 10), &[Sunday]),
        // Easter of 2024 is 31 March: Friday 29 March is the month's last working day.
        (date(2024, 3, 29), &[Working, MonthEnd]),
        (date(2024, 3, 31), &[Sunday, Eve]),
        (date(2024, 4, 1), &[Holiday]),
        (date(2024, 4, 2), &[Working, DayAfter, MonthStart]),
        (date(2024, 4, 30), &[Working, Eve, MonthEnd]),
        (date(2024, 5, 8), &[Holiday, Eve]),
        (date(2024, 5, 9), &[Holiday, DayAfter]),
        (date(2024, 5, 10), &[Working, DayAfter]),
        (date(2024, 7, 14), &[Sunday, Holiday]),
        (date(2020, 8, 15), &[Saturday, Holiday]),
        (date(2024, 12, 31), &[Working, Eve, MonthEnd]),
        (date(2025, 1, 2), &[Working, DayAfter, MonthStart]),
    ];
    for (day, expected) in cases {
        assert_eq!(FRANCE.day_types(*day), *expected, "{day}");
    }
    assert_eq!(ALSACE.day_types(date(2024, 3, 29)), [Holiday]);
    assert_eq!(
        ALSACE.day_types(date(2024, 3, 28)),
        [Working, Eve, MonthEnd]
    );
}

#[test]
fn the_days_on_which_nobody_works() {
    let closed = BusinessCalendar {
        closures: [date(2025, 12, 24), date(2026, 1, 1), date(2028, 1, 3)].into(),
        ..FRANCE
    };
    let days = closed.closed_days(2025..=2026);
    assert_eq!(days.first(), Some(&date(2025, 1, 1)));
    assert_eq!(days.last(), Some(&date(2026, 12, 25)));
    assert!(days.contains(&date(2025, 12, 24)));
    // 2025 and 2026 have eleven holidays each; one closure is one of them.
    assert_eq!(days.len(), 23);
}

proptest! {
    #[test]
    fn a_year_agrees_with_the_question_about_one_day(year in 1990_i16..2101, alsace in any::<bool>()) {
        let calendar = if alsace { ALSACE } else { FRANCE };
        let holidays = calendar.holidays(year);
        let mut day = date(year, 1, 1);
        let (mut starts, mut ends) = (0, 0);
        while day.year() == year {
            prop_assert_eq!(calendar.is_holiday(day), holidays.contains(&day), "{}", day);
            let types = calendar.day_types(day);
            prop_assert!(!types.is_empty());
            prop_assert!(types.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(types.contains(&DayType::Working), calendar.is_working_day(day));
            starts += usize::from(types.contains(&DayType::MonthStart));
            ends += usize::from(types.contains(&DayType::MonthEnd));
            day = day.tomorrow().expect("before 2101");
        }
        prop_assert_eq!((starts, ends), (12, 12));
    }

    #[test]
    fn a_day_ends_at_its_border(seconds in 631_152_000_i64..4_133_980_800, border in 0_i32..1441) {
        let zone = paris();
        let moment = Moment(seconds * 1_000_000);
        let local = zone.to_datetime(moment.timestamp());
        let minutes = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let expected = if minutes >= border { local.date().tomorrow().expect("before 2101") } else { local.date() };
        prop_assert_eq!(BusinessCalendar::business_day(moment, &zone, border), expected);
    }
}
