//! Days, moments and numbers as people say them.

use super::Lang;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use smartetl_core::model::Moment;

const MONTHS: [(&str, &str, &str, &str); 12] = [
    ("January", "Jan", "janvier", "janv."),
    ("February", "Feb", "février", "févr."),
    ("March", "Mar", "mars", "mars"),
    ("April", "Apr", "avril", "avril"),
    ("May", "May", "mai", "mai"),
    ("June", "Jun", "juin", "juin"),
    ("July", "Jul", "juillet", "juil."),
    ("August", "Aug", "août", "août"),
    ("September", "Sep", "septembre", "sept."),
    ("October", "Oct", "octobre", "oct."),
    ("November", "Nov", "novembre", "nov."),
    ("December", "Dec", "décembre", "déc."),
];

const WEEKDAYS: [(&str, &str); 7] = [
    ("Mon", "lun."),
    ("Tue", "mar."),
    ("Wed", "mer."),
    ("Thu", "jeu."),
    ("Fri", "ven."),
    ("Sat", "sam."),
    ("Sun", "dim."),
];

/// Tells times in one language, one zone and at one moment.
#[derive(Clone, Debug)]
pub struct Teller {
    pub lang: Lang,
    pub zone: TimeZone,
    pub now: Timestamp,
}

impl Teller {
    /// `Night of 22 to 23 November`; the year where it is not this one.
    pub fn night(&self, day: Date) -> String {
        let days = self.days_of_night(day);
        match self.lang {
            Lang::En => format!("Night of {days}"),
            Lang::Fr => format!("Nuit du {days}"),
        }
    }

    /// `22 to 23 November`, of the night before this day; the year where it is not this one.
    pub fn days_of_night(&self, day: Date) -> String {
        self.days(day.yesterday().unwrap_or(day), day)
    }

    /// `Week of 24 to 30 November`; the year where it is not this one.
    pub fn week(&self, first: Date, last: Date) -> String {
        let days = self.days(first, last);
        match self.lang {
            Lang::En => format!("Week of {days}"),
            Lang::Fr => format!("Semaine du {days}"),
        }
    }

    /// `22 to 23 November`
    fn days(&self, first: Date, last: Date) -> String {
        let this_year = self.zone.to_datetime(self.now).year();
        let year = if last.year() == this_year {
            String::new()
        } else {
            format!(" {}", last.year())
        };
        let from = if first.month() == last.month() {
            self.day_number(first)
        } else {
            format!("{} {}", self.day_number(first), self.month(first))
        };
        let to = format!("{} {}", self.day_number(last), self.month(last));
        format!("{from} {} {to}{year}", self.lang.pick("to", "au"))
    }

    /// `Mon 24 Nov`
    pub fn weekday(&self, day: Date) -> String {
        format!("{} {}", self.weekday_name(day), self.short_day(day))
    }

    /// `Mon`
    pub fn weekday_name(&self, day: Date) -> &'static str {
        let (en, fr) = WEEKDAYS[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())];
        self.lang.pick(en, fr)
    }

    fn day_number(&self, day: Date) -> String {
        match (self.lang, day.day()) {
            (Lang::Fr, 1) => "1er".to_owned(),
            (_, number) => number.to_string(),
        }
    }

    fn month(&self, day: Date) -> &'static str {
        let (en, _, fr, _) = MONTHS[usize::from(day.month().unsigned_abs() - 1)];
        self.lang.pick(en, fr)
    }

    /// `02:14`, and the day besides where it is neither that of the night's morning nor the evening before.
    pub fn in_night(&self, at: Moment, day: Date) -> String {
        let Some(local) = self.local(at) else {
            return self.lang.pick("unknown", "inconnu").to_owned();
        };
        if local.date() == day || local.date().tomorrow().is_ok_and(|next| next == day) {
            clock(&local)
        } else {
            format!("{} {}", self.short_date(local.date()), clock(&local))
        }
    }

    /// The same as part of a sentence: `at 02:14`, `on 20 Jan at 02:14`.
    pub fn at(&self, at: Moment, day: Date) -> String {
        let told = self.in_night(at, day);
        let (on, at) = match self.lang {
            Lang::En => ("on", "at"),
            Lang::Fr => ("le", "à"),
        };
        match told.rsplit_once(' ') {
            None => format!("{at} {told}"),
            Some((date, clock)) => format!("{on} {date} {at} {clock}"),
        }
    }

    /// `02:14`, with the day where it is not today.
    pub fn moment(&self, at: Moment) -> String {
        let Some(local) = self.local(at) else {
            return self.lang.pick("unknown", "inconnu").to_owned();
        };
        let today = self.zone.to_datetime(self.now).date();
        if local.date() == today {
            clock(&local)
        } else {
            format!("{} {}", self.short_date(local.date()), clock(&local))
        }
    }

    /// `23 Nov`
    pub fn short_day(&self, day: Date) -> String {
        let (_, en, _, fr) = MONTHS[usize::from(day.month().unsigned_abs() - 1)];
        format!("{} {}", self.day_number(day), self.lang.pick(en, fr))
    }

    /// `23 Nov 2025 07:05`, whatever day it is now.
    pub fn dated(&self, at: Moment) -> String {
        let Some(local) = self.local(at) else {
            return self.lang.pick("unknown", "inconnu").to_owned();
        };
        let day = self.short_day(local.date());
        format!("{day} {} {}", local.year(), clock(&local))
    }

    /// For machines and for hovering.
    pub fn exact(&self, at: Moment) -> String {
        let at =
            Timestamp::from_microsecond(at.0).map(|at| at.to_zoned_datetime(self.zone.clone()));
        at.map_or_else(
            |_| String::new(),
            |local| local.strftime("%Y-%m-%d %H:%M:%S %z").to_string(),
        )
    }

    /// `23 Nov`, with the year where it is not this one.
    pub fn day_of(&self, at: Moment) -> String {
        self.local(at).map_or_else(
            || self.lang.pick("unknown", "inconnu").to_owned(),
            |local| self.short_date(local.date()),
        )
    }

    fn short_date(&self, day: Date) -> String {
        let year = if day.year() == self.zone.to_datetime(self.now).year() {
            String::new()
        } else {
            format!(" {}", day.year())
        };
        format!("{}{year}", self.short_day(day))
    }

    /// `5 h ago`; nothing for what lies ahead.
    pub fn ago(&self, at: Moment) -> Option<String> {
        let seconds = self.now.as_second() - at.0.div_euclid(1_000_000);
        let text = match seconds {
            i64::MIN..-60 => return None,
            -60..60 => return Some(self.lang.pick("just now", "à l’instant").to_owned()),
            60..3_600 => format!("{} min", seconds / 60),
            3_600..172_800 => format!("{} h", seconds / 3_600),
            _ => format!(
                "{} {}",
                self.number(seconds / 86_400),
                self.lang.pick("days", "jours")
            ),
        };
        Some(match self.lang {
            Lang::En => format!("{text} ago"),
            Lang::Fr => format!("il y a {text}"),
        })
    }

    /// `02:14 (5 h ago)`.
    pub fn moment_and_age(&self, at: Moment) -> String {
        match self.ago(at) {
            Some(ago) => format!("{} ({ago})", self.moment(at)),
            None => self.moment(at),
        }
    }

    /// With the language's separator of thousands.
    pub fn number(&self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut text = if number < 0 {
            "−".to_owned()
        } else {
            String::new()
        };
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push_str(self.lang.pick(",", "\u{202f}"));
            }
            text.push(digit);
        }
        text
    }

    /// `3 files`.
    pub fn counted(&self, number: u64, [one, many]: [&str; 2]) -> String {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        format!(
            "{} {}",
            self.number(number),
            self.lang.plural(number, one, many)
        )
    }

    fn local(&self, at: Moment) -> Option<DateTime> {
        Timestamp::from_microsecond(at.0)
            .ok()
            .map(|at| self.zone.to_datetime(at))
    }
}

fn clock(local: &DateTime) -> String {
    local.strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn teller(lang: Lang) -> Teller {
        let zone = TimeZone::get("Europe/Paris").expect("a zone of the database");
        Teller {
            lang,
            zone,
            now: "2026-11-23T07:00:00Z".parse().expect("a moment"),
        }
    }

    #[test]
    fn nights() {
        let (en, fr) = (teller(Lang::En), teller(Lang::Fr));
        assert_eq!(en.night(date(2026, 11, 23)), "Night of 22 to 23 November");
        assert_eq!(fr.night(date(2026, 11, 23)), "Nuit du 22 au 23 novembre");
        assert_eq!(
            fr.night(date(2026, 9, 1)),
            "Nuit du 31 août au 1er septembre"
        );
        assert_eq!(
            fr.week(date(2026, 8, 30), date(2026, 9, 5)),
            "Semaine du 30 août au 5 septembre"
        );
        assert_eq!(
            en.week(date(2025, 11, 24), date(2025, 11, 30)),
            "Week of 24 to 30 November 2025"
        );
        assert_eq!(fr.weekday(date(2026, 9, 1)), "mar. 1er sept.");
        assert_eq!(
            en.night(date(2025, 1, 1)),
            "Night of 31 December to 1 January 2025"
        );
    }

    #[test]
    fn moments() {
        let at = |text: &str| {
            Moment(
                text.parse::<Timestamp>()
                    .expect("a moment")
                    .as_microsecond(),
            )
        };
        let (en, fr) = (teller(Lang::En), teller(Lang::Fr));
        assert_eq!(
            en.moment_and_age(at("2026-11-23T01:14:00Z")),
            "02:14 (5 h ago)"
        );
        assert_eq!(
            fr.moment_and_age(at("2026-11-20T01:14:00Z")),
            "20 nov. 02:14 (il y a 3 jours)"
        );
        assert_eq!(
            en.moment_and_age(at("2027-01-20T01:14:00Z")),
            "20 Jan 2027 02:14"
        );
        assert_eq!(
            en.in_night(at("2026-11-22T21:00:00Z"), date(2026, 11, 23)),
            "22:00"
        );
        assert_eq!(fr.in_night(Moment(i64::MAX), date(2026, 11, 23)), "inconnu");
        let night = date(2026, 11, 23);
        assert_eq!(en.at(at("2026-11-23T01:14:00Z"), night), "at 02:14");
        assert_eq!(fr.at(at("2026-11-23T01:14:00Z"), night), "à 02:14");
        assert_eq!(
            en.at(at("2026-11-20T01:14:00Z"), night),
            "on 20 Nov at 02:14"
        );
        assert_eq!(
            fr.at(at("2026-10-01T01:14:00Z"), night),
            "le 1er oct. à 03:14"
        );
        assert_eq!(fr.dated(at("2026-10-01T01:14:00Z")), "1er oct. 2026 03:14");
        assert_eq!(fr.number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(en.number(-1_000), "−1,000");
        assert_eq!(en.counted(0, ["file", "files"]), "0 files");
        assert_eq!(fr.counted(0, ["fichier", "fichiers"]), "0 fichier");
        assert_eq!(fr.counted(2, ["fichier", "fichiers"]), "2 fichiers");
    }
}
