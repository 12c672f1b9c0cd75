//! What is told of a week, in parts that text, mail and HTML show each in its way.

use super::amount::tenths_of_percent;
use super::section::{Item, LISTED, Section, Shade, contexts, first_try};
use super::week::{WEEK_DAYS, WeekCause, WeekJob, WeekReport};
use super::words::Words;
use crate::night::{
    Lang, Part, Teller, Tone, act_by, cancelled, category, initial_upper, of_counts, recovered_by,
    verdict,
};
use smartetl_core::model::Verdict;
use smartetl_store::report::DayCounts;
use std::fmt::Write as _;

/// More causes and jobs than these are counted only.
const CAUSES_TOLD: usize = 12;
const JOBS_TOLD: usize = 20;
/// What struck less often is not said to strike often.
const OFTEN: i64 = 3;

/// The sentence about the week.
pub fn week_headline(report: &WeekReport, teller: &Teller) -> Vec<Part> {
    let words = Words::of(teller.lang);
    let mut parts = Vec::new();
    let mut say = |tone: Tone, text: String| parts.push(Part { tone, text });
    let Some(percent) = report.first_try.percent(teller.lang) else {
        say(Tone::Plain, format!("{}.", words.nothing_came_out));
        return parts;
    };
    let before = report.before.percent(teller.lang).map_or_else(
        || words.no_weeks_before.to_owned(),
        |before| format!("{before} {}", words.weeks_before),
    );
    say(
        Tone::Plain,
        format!("{percent} {} ({before}).", words.at_first_try),
    );
    let open = report.counts.failed + report.counts.lost;
    if open + report.counts.recovered == 0 {
        return parts;
    }
    let failures = open + report.counts.recovered;
    let many = teller.counted(failures.unsigned_abs(), words.failures);
    let left = teller.number(open);
    let tone = if open > 0 { Tone::Bad } else { Tone::Quiet };
    say(
        tone,
        match (teller.lang, open) {
            (Lang::En, 0) if failures == 1 => format!("{many}, recovered."),
            (Lang::En, 0) => format!("{many}, all recovered."),
            (Lang::Fr, 0) if failures == 1 => format!("{many}, rattrapé."),
            (Lang::Fr, 0) => format!("{many}, tous rattrapés."),
            (Lang::En, 1) if failures == 1 => format!("{many}, not recovered."),
            (Lang::En, _) if open == failures => format!("{many}, none recovered."),
            (Lang::Fr, 1) if failures == 1 => format!("{many}, non rattrapé."),
            (Lang::Fr, _) if open == failures => format!("{many}, aucun rattrapé."),
            (Lang::En, _) => format!("{many}, {left} of them not recovered."),
            (Lang::Fr, _) => format!(
                "{many}, dont {left} non {}.",
                teller.lang.plural(open, "rattrapé", "rattrapés")
            ),
        },
    );
    if let Some(cause) = report
        .causes
        .first()
        .filter(|cause| cause.failures >= OFTEN)
    {
        let struck = struck(cause, teller);
        let what = category(cause.category, teller.lang);
        say(
            Tone::Plain,
            format!(
                "{}{} {what}, {struck}.",
                words.most_often,
                teller.lang.colon()
            ),
        );
    }
    parts
}

/// `5 jobs, 3 nights`
fn struck(cause: &WeekCause, teller: &Teller) -> String {
    let words = Words::of(teller.lang);
    let jobs = teller.counted(cause.jobs as u64, ["job", "jobs"]);
    format!(
        "{jobs}, {}",
        teller.counted(cause.nights as u64, words.nights)
    )
}

/// Everything below the sentence.
pub fn week_sections(report: &WeekReport, teller: &Teller) -> Vec<Section> {
    let mut sections = vec![
        first_try(report.first_try, report.before, teller),
        trend(report, teller),
        nights(report, teller),
        causes(report, teller),
        jobs(report, teller),
        recovered(report, teller),
    ];
    sections.extend(contexts(&report.unmapped, teller));
    sections
}

/// `−1.4 points; week by week 98.1%, 97.9%, 98.3%, 98%, 96.7%`
fn trend(report: &WeekReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let change = report.first_try.share().zip(report.before.share());
    let item = change.map(|(now, before)| {
        let tenths = ((now - before) * 1_000.0).round() as i64;
        let sign = match tenths {
            ..0 => "−",
            0 => "±",
            _ => "+",
        };
        let points = tenths_of_percent(tenths.abs(), teller.lang);
        let points = points.trim_end_matches(['%', '\u{202f}']);
        let weeks = report.weeks.iter();
        let weeks = weeks.filter_map(|(_, rate)| rate.percent(teller.lang));
        let weeks: Vec<String> = weeks.collect();
        let rest = format!(
            " {} ({} {})",
            words.points,
            words.week_by_week,
            weeks.join(", ")
        );
        Item::new(&format!("{sign}{points}"), rest)
    });
    Section::new(
        words.trend,
        Shade::Plain,
        item.into_iter().collect(),
        words.no_weeks_before,
    )
}

fn nights(report: &WeekReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let item = |of: &DayCounts| {
        let counts = of_counts(&of.counts).into_iter();
        let counts = counts.filter(|(of, number)| *number > 0 || *of == Verdict::Ok);
        let said = counts.map(|(of, number)| {
            format!(
                "{} {}",
                teller.number(number),
                verdict(of, number, teller.lang)
            )
        });
        let said = said.chain(cancelled(&of.counts, teller));
        Item::about(&teller.weekday(of.day), &said.collect::<Vec<_>>(), teller)
    };
    Section::new(
        words.each_night,
        Shade::Plain,
        report.week().map(item).collect(),
        words.none,
    )
    .listing(WEEK_DAYS as usize)
}

fn causes(report: &WeekReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let item = |cause: &WeekCause| {
        let mut rest = format!(" · {}", struck(cause, teller));
        if let Some(who) = cause.blame {
            let _ = write!(rest, " · {}", act_by(who, teller.lang));
        }
        if cause.open == 0 {
            let _ = write!(rest, " · {}", teller.lang.words().all_recovered);
        }
        let named: Vec<&str> = cause
            .places
            .iter()
            .take(LISTED)
            .map(String::as_str)
            .collect();
        let more = cause.places.len().saturating_sub(LISTED) as i64;
        let more = if more > 0 {
            format!(" + {}", teller.number(more))
        } else {
            String::new()
        };
        Item {
            head: initial_upper(category(cause.category, teller.lang)),
            rest,
            places: vec![format!("{}{more}", named.join(", "))],
            message: cause.message.clone(),
        }
    };
    let is_any_open = report.causes.iter().any(|cause| cause.open > 0);
    Section::new(
        words.causes,
        Shade::Of(if is_any_open {
            Verdict::Failed
        } else {
            Verdict::Recovered
        }),
        report.causes.iter().take(CAUSES_TOLD).map(item).collect(),
        words.no_cause,
    )
    .of(report.causes.len() as i64)
}

fn jobs(report: &WeekReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let item = |job: &WeekJob| {
        let said = [
            (job.failed, words.not_made_good),
            (job.recovered, words.made_good),
        ];
        let said = said.into_iter().filter(|(number, _)| *number > 0);
        let said = said.map(|(number, what)| {
            let nights = teller.counted(number.unsigned_abs(), words.nights);
            format!("{what} {nights}")
        });
        Item::about(&job.job, &said.collect::<Vec<_>>(), teller)
    };
    Section::new(
        words.failed_most,
        Shade::Of(Verdict::Failed),
        report.jobs.iter().take(JOBS_TOLD).map(item).collect(),
        words.none,
    )
    .of(report.jobs.len() as i64)
}

/// `20 of 32, 12 by a rerun, 8 by a person`
fn recovered(report: &WeekReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let counts = &report.counts;
    let of = counts.recovered + counts.failed + counts.lost;
    let (number, of) = (teller.number(counts.recovered), teller.number(of));
    let head = match teller.lang {
        Lang::En => format!("{number} of {of}"),
        Lang::Fr => format!("{number} sur {of}"),
    };
    let by = report.recovered.iter().map(|(by, number)| {
        format!(
            ", {} {}",
            teller.number(*number),
            recovered_by(*by, teller.lang)
        )
    });
    let item = Item::new(&head, by.collect());
    Section::new(
        words.recovered,
        Shade::Of(Verdict::Recovered),
        (counts.recovered > 0).then_some(item).into_iter().collect(),
        words.none,
    )
}
