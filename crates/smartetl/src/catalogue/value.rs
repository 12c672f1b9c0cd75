//! Values of the catalogue as people write them.

use super::Editable;
use crate::issue::LONGEST;
use crate::reason::Reason;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use smartetl_core::model::{Moment, job_family};
use smartetl_core::redact::redact;
use smartetl_store::catalogue::Said;

/// What clears a value.
pub const CLEARS: &str = "-";

/// A value as the list has it; empty where nothing is said.
pub fn written(said: &Said, what: Editable, zone: &TimeZone) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match what {
        Editable::Family => said.family.clone(),
        Editable::SourceApp => text(&said.source_app),
        Editable::Domain => text(&said.domain),
        Editable::Owner => text(&said.owner),
        Editable::Criticality => said
            .criticality
            .map_or_else(String::new, |level| level.to_string()),
        Editable::Deadline => said.deadline.map_or_else(String::new, time_text),
        Editable::Calendar => text(&said.calendar),
        Editable::RunbookUrl => text(&said.runbook_url),
        Editable::RetiredAt => said
            .retired_at
            .map_or_else(String::new, |at| moment_text(at, zone)),
    }
}

/// `06:30`; with seconds where there are some.
fn time_text(time: Time) -> String {
    if (time.second(), time.subsec_nanosecond()) == (0, 0) {
        time.strftime("%H:%M").to_string()
    } else {
        time.to_string()
    }
}

/// The day, where it is a local midnight; else all of it.
fn moment_text(at: Moment, zone: &TimeZone) -> String {
    let local = at.timestamp().to_zoned_datetime(zone.clone());
    match local.start_of_day() {
        Ok(midnight) if midnight == local => local.date().to_string(),
        _ => at.to_string(),
    }
}

/// Says it. An empty text clears it; a family is then the one that follows from the job's name.
///
/// # Errors
/// What the text should have been.
pub fn say(
    said: &mut Said,
    what: Editable,
    text: &str,
    job: &str,
    zone: &TimeZone,
) -> Result<(), Reason> {
    let words = |text: &str| -> Result<Option<String>, Reason> {
        if text.contains(|c: char| c.is_control() && !"\n\t\r".contains(c)) {
            return Err([
                "holds a control character",
                "contient un caractère de commande",
            ]
            .into());
        }
        if text.chars().count() > LONGEST {
            return Err(Reason::new(
                format!("is longer than {LONGEST} characters"),
                format!("dépasse {LONGEST} caractères"),
            ));
        }
        if redact(text) != text {
            return Err([
                "holds what looks like a password or a key: leave it out",
                "contient ce qui ressemble à un mot de passe ou à une clé\u{a0}: enlevez-le",
            ]
            .into());
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    };
    match what {
        Editable::Family => said.family = words(text)?.unwrap_or_else(|| job_family(job)),
        Editable::SourceApp => said.source_app = words(text)?,
        Editable::Domain => said.domain = words(text)?,
        Editable::Owner => said.owner = words(text)?,
        Editable::Calendar => said.calendar = words(text)?,
        Editable::RunbookUrl => said.runbook_url = words(link(text)?)?,
        Editable::Criticality => said.criticality = option(text, criticality)?,
        Editable::Deadline => said.deadline = option(text, deadline)?,
        Editable::RetiredAt => said.retired_at = option(text, |text| moment(text, zone))?,
    }
    Ok(())
}

fn option<T>(text: &str, parse: impl Fn(&str) -> Result<T, Reason>) -> Result<Option<T>, Reason> {
    (!text.is_empty()).then(|| parse(text)).transpose()
}

fn criticality(text: &str) -> Result<i16, Reason> {
    match text.to_lowercase().as_str() {
        "1" | "vital" | "vitale" => Ok(1),
        "2" | "important" | "importante" => Ok(2),
        "3" | "comfort" | "confort" => Ok(3),
        _ => Err([
            "is no criticality: write 1 (vital), 2 (important) or 3 (comfort)",
            "n’est pas une criticité\u{a0}: écrivez 1 (vital), 2 (important) ou 3 (confort)",
        ]
        .into()),
    }
}

/// `06:30`, `6:30`, `06:30:00`, `6h30`, `6h`.
fn deadline(text: &str) -> Result<Time, Reason> {
    let wrong = || {
        Reason::from([
            "is no deadline: write HH:MM, like 06:30",
            "n’est pas une échéance\u{a0}: écrivez HH:MM, comme 06:30",
        ])
    };
    let spelled = text.to_lowercase().replace('h', ":");
    let spelled = spelled
        .strip_suffix(':')
        .map_or_else(|| spelled.clone(), |hour| format!("{hour}:00"));
    let parts: Vec<&str> = spelled.split(':').map(str::trim).collect();
    if !(2..=3).contains(&parts.len()) {
        return Err(wrong());
    }
    let number = |part: &str| part.parse::<i8>().map_err(|_| wrong());
    let (hour, minute) = (number(parts[0])?, number(parts[1])?);
    let (second, fraction) = match parts.get(2).map(|part| part.split_once('.')) {
        None => (0, 0),
        Some(None) => (number(parts[2])?, 0),
        Some(Some((second, fraction))) => {
            let digits = fraction.parse::<u32>().is_ok() && fraction.len() <= 9;
            let padded = format!("{fraction:0<9}").parse::<i32>();
            (
                number(second)?,
                padded.ok().filter(|_| digits).ok_or_else(wrong)?,
            )
        }
    };
    Time::new(hour, minute, second, fraction).map_err(|_| wrong())
}

/// A day, from its local midnight on, or a moment.
fn moment(text: &str, zone: &TimeZone) -> Result<Moment, Reason> {
    let wrong = || {
        Reason::from([
            "is no day: write YYYY-MM-DD, like 2026-11-23",
            "n’est pas un jour\u{a0}: écrivez AAAA-MM-JJ, comme 2026-11-23",
        ])
    };
    let day = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]
        .into_iter()
        .find_map(|form| Date::strptime(form, text).ok());
    let at = match day {
        Some(day) => {
            let midnight = zone.to_ambiguous_zoned_datetime(day.to_datetime(Time::midnight()));
            midnight.compatible().map_err(|_| wrong())?.timestamp()
        }
        None => text.parse().map_err(|_| wrong())?,
    };
    let at = Moment(at.as_microsecond());
    at.in_range().then_some(at).ok_or_else(wrong)
}

/// An address that only opens something, or any other text: where it is written down.
///
/// # Errors
/// When it would do something in a browser, what to write instead.
pub fn link(text: &str) -> Result<&str, Reason> {
    let scheme = text
        .split_once(':')
        .map(|(scheme, _)| scheme.trim().to_lowercase());
    match scheme.as_deref() {
        Some("javascript" | "data" | "vbscript") => Err([
            "is no address to look something up: write https://…",
            "n’est pas une adresse à consulter\u{a0}: écrivez https://…",
        ]
        .into()),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Said {
        Said {
            family: "load_stock".to_owned(),
            source_app: None,
            domain: None,
            owner: None,
            criticality: None,
            deadline: None,
            calendar: None,
            runbook_url: None,
            retired_at: None,
        }
    }

    fn check(what: Editable, text: &str, expected: Result<&str, &str>) {
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        let mut said = nothing();
        let told = say(&mut said, what, text, "load_stock_3", &zone);
        let told = told.map(|()| written(&said, what, &zone));
        match expected {
            Ok(expected) => assert_eq!(told.as_deref(), Ok(expected), "{text}"),
            Err(words) => {
                let refused = told.expect_err(text);
                assert!(refused.to_string().contains(words), "{text}: {refused}");
            }
        }
    }

    #[test]
    fn values_as_people_write_them() {
        use Editable::{Criticality, Deadline, Family, Owner, RetiredAt, RunbookUrl};
        for (text, expected) in [
            ("06:30", "06:30"),
            ("6h30", "06:30"),
            ("6h", "06:00"),
            ("06:30:00", "06:30"),
            ("23:59:59", "23:59:59"),
            ("23:59:59.5", "23:59:59.5"),
        ] {
            check(Deadline, text, Ok(expected));
        }
        for text in ["24:00", "6.30", "soon", "06:30:00:00", "-1:00", "06:60"] {
            check(Deadline, text, Err("no deadline"));
        }
        check(Criticality, "Vital", Ok("1"));
        check(Criticality, "confort", Ok("3"));
        check(Criticality, "4", Err("no criticality"));
        check(RetiredAt, "23/11/2026", Ok("2026-11-23"));
        check(
            RetiredAt,
            "2026-11-23T05:00:00Z",
            Ok("2026-11-23T05:00:00Z"),
        );
        check(RetiredAt, "1066-10-14", Err("no day"));
        check(RetiredAt, "2026-02-30", Err("no day"));
        check(Family, "", Ok("load_stock"));
        check(
            Owner,
            "Équipe «données»\nParis",
            Ok("Équipe «données»\nParis"),
        );
        check(Owner, "a\u{0}b", Err("control character"));
        check(
            Owner,
            "jdbc:postgresql://ann:s3cret@db/sales",
            Err("password"),
        );
        check(
            RunbookUrl,
            "https://wiki.example.com/x",
            Ok("https://wiki.example.com/x"),
        );
        check(
            RunbookUrl,
            "C:\\consignes\\x.docx",
            Ok("C:\\consignes\\x.docx"),
        );
        check(RunbookUrl, "javascript:alert(1)", Err("no address"));
    }
}
