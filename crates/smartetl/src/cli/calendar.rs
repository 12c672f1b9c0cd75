//! `smartetl calendar [YEAR]`: the days of a year that are no usual ones, as the fold understands them.

use super::{Context, Outcome};
use crate::night::Lang;
use crate::output::{self, Column, Format, Sheet};
use jiff::ToSpan;
use jiff::civil::Date;
use smartetl_core::calendar::{BusinessCalendar, Holidays, easter_sunday};
use smartetl_core::model::DayType;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The year; this one where it is left out
    #[arg(value_parser = clap::value_parser!(i16).range(1990..=2100))]
    year: Option<i16>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(args: &Args, context: &Context) -> anyhow::Result<Outcome> {
    let zone = jiff::tz::TimeZone::get(&context.settings.timezone)?;
    let today = zone.to_datetime(jiff::Timestamp::now()).date();
    let lang = context.lang();
    let settings = &context.settings.calendar;
    let calendar = BusinessCalendar::from(settings);
    // Programs get one language, whoever looks on.
    let told = match args.format {
        Format::Table | Format::Records => lang,
        Format::Json | Format::Csv => Lang::En,
    };
    let columns = match told {
        Lang::En => ["day", "weekday", "day_types", "name"],
        Lang::Fr => ["date", "jour", "genre", "nom"],
    };
    let mut sheet = Sheet::new(columns.map(Column::text).into());
    let first = Date::new(args.year.unwrap_or(today.year()), 1, 1)?;
    for day in first
        .series(1.day())
        .take(usize::from(first.days_in_year().cast_unsigned()))
    {
        let types = calendar.day_types(day);
        let is_usual = matches!(
            types[..],
            [DayType::Working | DayType::Saturday | DayType::Sunday]
        );
        if is_usual {
            continue;
        }
        let is_french = matches!(calendar.holidays, Holidays::France { .. });
        let holiday = (is_french && calendar.is_holiday(day))
            .then(|| holiday_name(day, lang))
            .flatten();
        let closure = settings.closed.get(&day).map(String::as_str);
        let names: Vec<&str> = [holiday, closure]
            .into_iter()
            .flatten()
            .filter(|name| !name.is_empty())
            .collect();
        let types: Vec<&str> = types.iter().map(|of| day_type(*of, told)).collect();
        sheet.push([
            Some(day.to_string()),
            Some(weekday(day, told).to_owned()),
            Some(types.join(", ")),
            Some(names.join(", ")),
        ]);
    }
    let text = match args.format {
        Format::Table => sheet.to_table(output::terminal_width()),
        Format::Records => sheet.to_text(Some(0))?,
        Format::Json => sheet.to_json()?,
        Format::Csv => sheet.to_csv()?,
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn day_type(of: DayType, lang: Lang) -> &'static str {
    let french = match of {
        DayType::Working => "ouvré",
        DayType::Saturday => "samedi",
        DayType::Sunday => "dimanche",
        DayType::Holiday => "férié",
        DayType::Closure => "fermeture",
        DayType::Eve => "veille de férié",
        DayType::DayAfter => "lendemain de férié",
        DayType::MonthEnd => "fin de mois",
        DayType::MonthStart => "début de mois",
    };
    lang.pick(of.as_str(), french)
}

fn weekday(day: Date, lang: Lang) -> &'static str {
    const NAMES: [[&str; 2]; 7] = [
        ["Monday", "lundi"],
        ["Tuesday", "mardi"],
        ["Wednesday", "mercredi"],
        ["Thursday", "jeudi"],
        ["Friday", "vendredi"],
        ["Saturday", "samedi"],
        ["Sunday", "dimanche"],
    ];
    let [en, fr] = NAMES[day.weekday().to_monday_zero_offset() as usize];
    lang.pick(en, fr)
}

/// The name of a French public holiday.
fn holiday_name(day: Date, lang: Lang) -> Option<&'static str> {
    const FIXED: [(i8, i8, [&str; 2]); 9] = [
        (1, 1, ["New Year's Day", "Jour de l’an"]),
        (5, 1, ["Labour Day", "Fête du Travail"]),
        (5, 8, ["Victory in Europe Day", "Victoire de 1945"]),
        (7, 14, ["National Day", "Fête nationale"]),
        (8, 15, ["Assumption", "Assomption"]),
        (11, 1, ["All Saints' Day", "Toussaint"]),
        (11, 11, ["Armistice Day", "Armistice de 1918"]),
        (12, 25, ["Christmas Day", "Noël"]),
        (12, 26, ["Saint Stephen's Day", "Saint-Étienne"]),
    ];
    const MOVABLE: [(i32, [&str; 2]); 4] = [
        (-2, ["Good Friday", "Vendredi saint"]),
        (1, ["Easter Monday", "Lundi de Pâques"]),
        (39, ["Ascension", "Ascension"]),
        (50, ["Whit Monday", "Lundi de Pentecôte"]),
    ];
    let fixed = FIXED
        .iter()
        .find(|(month, of_month, _)| (*month, *of_month) == (day.month(), day.day()))
        .map(|(_, _, names)| names);
    let after_easter = easter_sunday(day.year())
        .map(|easter| i32::from(day.day_of_year()) - i32::from(easter.day_of_year()));
    let movable = MOVABLE
        .iter()
        .find(|(days, _)| Some(*days) == after_easter)
        .map(|(_, names)| names);
    fixed.or(movable).map(|[en, fr]| lang.pick(en, fr))
}
