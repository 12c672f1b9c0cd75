//! What is told of a night. All sentences about its jobs are made here.

use super::amount::span;
use super::night::{Due, DueState, Late, NightReport, NightsWithoutJobs, NotSeen};
use super::section::{Item, Section, Shade, contexts, first_try};
use super::words::Words;
use crate::night::{
    Lang, Part, Teller, Tone, category, cause_head, cut, initial_upper, job_when, of_cause,
    place_line, sentence,
};
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::night::{Cause, Job};
use std::fmt::Write as _;

/// In a text, more open causes than these are counted only.
const CAUSES_LISTED: usize = 3;
/// Characters of the name of a problem that nobody has to look at first.
const TITLE: usize = 80;

/// The sentence about the night, what is late or was not seen, and nights after it of which nothing is known.
pub fn headline(report: &NightReport, teller: &Teller) -> Vec<Part> {
    let words = Words::of(teller.lang);
    let mut parts = sentence(&report.night, teller);
    for (number, [one, many], tone) in [
        (report.late.len(), words.are_late, Tone::Plain),
        (report.not_seen.len(), words.are_not_seen, Tone::Bad),
    ] {
        let number = number as i64;
        if number > 0 {
            let what = teller.lang.plural(number, one, many);
            let text = format!("{} {what}", teller.number(number));
            parts.push(Part { tone, text });
        }
    }
    parts.extend(
        report
            .without_jobs
            .map(|nights| without_jobs(&nights, teller)),
    );
    parts
}

/// `No logs for the 5 nights since, up to that of 4 to 5 January.`
fn without_jobs(nights: &NightsWithoutJobs, teller: &Teller) -> Part {
    let number = teller.number(nights.number);
    let last = teller.days_of_night(nights.last);
    let is_yet = !nights.is_any_over;
    let text = match teller.lang {
        Lang::En => {
            let what = if nights.is_silent {
                "logs"
            } else {
                "scheduled runs"
            };
            let yet = if is_yet { " yet" } else { "" };
            if nights.number == 1 {
                format!("no {what}{yet} for the night since, that of {last}.")
            } else {
                format!("no {what} for the {number} nights since, up to that of {last}.")
            }
        }
        Lang::Fr => {
            let what = match (nights.is_silent, is_yet) {
                (true, false) => "aucun journal",
                (true, true) => "pas encore de journal",
                (false, false) => "aucune exécution planifiée",
                (false, true) => "pas encore d’exécution planifiée",
            };
            if nights.number == 1 {
                format!("{what} pour la nuit suivante, celle du {last}.")
            } else {
                format!("{what} pour les {number} nuits suivantes, jusqu’à celle du {last}.")
            }
        }
    };
    let is_bad = nights.is_any_over && nights.is_unusual;
    let tone = if is_bad { Tone::Bad } else { Tone::Plain };
    Part {
        tone,
        text: initial_upper(&text),
    }
}

/// Everything below the sentence.
pub fn night_sections(report: &NightReport, teller: &Teller) -> Vec<Section> {
    let words = Words::of(teller.lang);
    let counts = &report.night.counts;
    let jobs = |of: Verdict, label, number, item: &dyn Fn(&Job) -> Item| {
        let items = report.jobs(of).map(item).collect();
        Section::new(label, Shade::Of(of), items, words.none).of(number)
    };
    let open = |job: &Job| open(job, report, teller);
    let mut sections = vec![
        first_try(report.first_try, report.before, teller),
        jobs(Verdict::Failed, words.failed, counts.failed, &|job| {
            failed(job, report, teller)
        })
        .in_a_row(),
        causes(report, teller),
    ];
    for (of, label, number) in [
        (Verdict::Lost, words.lost, counts.lost),
        (Verdict::Unverified, words.unverified, counts.unverified),
        (Verdict::Running, words.running, counts.running),
    ] {
        if number > 0 {
            sections.push(jobs(of, label, number, &open));
        }
    }
    sections.push(jobs(
        Verdict::Recovered,
        words.recovered,
        counts.recovered,
        &|job| recovered(job, report, teller),
    ));
    sections.extend([late(report, teller), not_seen(report, teller)]);
    sections.extend(caught(report, teller));
    sections.extend(silence(report, teller));
    sections.extend(deadlines(report, teller));
    sections.extend(contexts(&report.unmapped, teller));
    sections
}

/// `load_stock at 02:31`, or `load_stock at 02:31 (again at 07:17, by something else: code error)`
fn failed(job: &Job, report: &NightReport, teller: &Teller) -> Item {
    let at = job.first_failure_at.or(job.last_event_at);
    let at = at.map(|at| format!(" {}", teller.at(at, report.night.day)));
    let again = job.again.map(|again| {
        let at = teller.at(again.failed_at, report.night.day);
        let what = category(again.category, teller.lang);
        match teller.lang {
            Lang::En => format!(" (again {at}, by something else: {what})"),
            Lang::Fr => format!(
                " (de nouveau {at}, pour une autre cause{} {what})",
                Lang::Fr.colon()
            ),
        }
    });
    let said = [at, again].into_iter().flatten().collect();
    Item::new(&job.job, said)
}

/// `load_stock: started at 02:10, last sign of life at 02:31`
fn open(job: &Job, report: &NightReport, teller: &Teller) -> Item {
    let words = teller.lang.words();
    let said = [
        (words.started, job.started_at),
        (words.last_sign, job.last_event_at),
    ];
    let said = said
        .into_iter()
        .filter_map(|(what, at)| Some(format!("{what} {}", teller.at(at?, report.night.day))));
    Item::about(&job.job, &said.collect::<Vec<_>>(), teller)
}

fn causes(report: &NightReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let item = |cause: &Cause| {
        let (what, mut rest) = cause_head(cause, teller);
        if cause.message.is_none() {
            rest = format!("{rest} · {}", teller.lang.words().no_message);
        }
        if let Some(issue) = of_cause(cause, teller) {
            rest = format!("{rest} · {issue}");
        }
        let places = cause.places.iter();
        Item {
            head: what,
            rest,
            places: places
                .map(|place| place_line(place, cause.open > 0, &report.night, teller))
                .collect(),
            message: cause.message.clone(),
        }
    };
    let causes = &report.night.causes;
    let open = causes.iter().filter(|cause| cause.open > 0).count();
    let shade = Shade::Of(if open > 0 {
        Verdict::Failed
    } else {
        Verdict::Recovered
    });
    let items = causes.iter().map(item).collect();
    // What was made good is told with the jobs that were.
    Section::new(words.causes, shade, items, words.no_cause)
        .of(causes.len() as i64)
        .listing(open.clamp(1, CAUSES_LISTED))
}

/// `failed at 03:10, recovered at 07:40 by a rerun, usually ready by 03:30`
fn recovered(job: &Job, report: &NightReport, teller: &Teller) -> Item {
    let words = Words::of(teller.lang);
    let day = report.night.day;
    let mut said: Vec<String> = Vec::new();
    said.extend(
        job.first_failure_at
            .map(|at| format!("{} {}", words.failed_first, teller.at(at, day))),
    );
    said.push(job_when(job, day, teller));
    let usual = report.usual.get(&(job.project.clone(), job.job.clone()));
    let usual = usual.filter(|usual| usual.is_late);
    said.extend(
        usual.map(|usual| format!("{} {}", words.usual_mark, teller.in_night(usual.by, day))),
    );
    Item::about(&job.job, &said, teller)
}

fn usually_by(by: Moment, report: &NightReport, teller: &Teller) -> String {
    let words = Words::of(teller.lang);
    format!(
        "{} {}",
        words.usually_by,
        teller.in_night(by, report.night.day)
    )
}

fn late(report: &NightReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let item = |late: &Late| {
        let what = match late.ready_at {
            Some(at) => format!("{} {}", words.ready, teller.at(at, report.night.day)),
            None => words.not_ready.to_owned(),
        };
        let behind = span(late.late_ms, teller.lang);
        let usual = usually_by(late.usually_by, report, teller);
        Item::about(&late.job, &[what, format!("{usual} (+{behind})")], teller)
    };
    Section::new(
        words.late,
        Shade::Late,
        report.late.iter().map(item).collect(),
        words.none,
    )
    .of(report.late.len() as i64)
}

fn not_seen(report: &NightReport, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let day = report.night.day;
    let item = |job: &NotSeen| {
        let mut said: Vec<String> = Vec::new();
        said.extend(
            job.usually_by
                .map(|by| format!("{} {}", words.begins_by, teller.in_night(by, day))),
        );
        said.extend(
            job.deadline_at
                .map(|at| format!("{} {}", words.due, teller.in_night(at, day))),
        );
        if job.criticality == Some(1) {
            said.push(words.vital.to_owned());
        }
        Item::about(&job.job, &said, teller)
    };
    Section::new(
        words.not_seen,
        Shade::NotSeen,
        report.not_seen.iter().map(item).collect(),
        words.none,
    )
    .of(report.not_seen.len() as i64)
}

/// `300 error lines made no job fail: 12 runs, 5 problems; most often (9 runs): ORA-12541`; `None` where there are none.
fn caught(report: &NightReport, teller: &Teller) -> Option<Section> {
    let words = Words::of(teller.lang);
    let caught = &report.caught;
    if caught.rows == 0 {
        return None;
    }
    let counted = |number: i64, words| teller.counted(number.unsigned_abs(), words);
    let runs = teller.lang.words().runs;
    let head = counted(caught.rows, words.error_lines);
    let mut said = format!(
        " {}{} {}",
        words.no_job_failed,
        teller.lang.colon(),
        counted(caught.runs, runs)
    );
    let _ = write!(said, ", {}", counted(caught.problems, words.problems));
    if caught.problems > 1 {
        let most = counted(caught.most_runs, runs);
        let semicolon = teller.lang.pick("; ", "\u{a0}; ");
        let _ = write!(said, "{semicolon}{} ({most})", words.most_of);
    }
    if let Some(title) = &caught.most_title {
        let _ = write!(said, "{} {}", teller.lang.colon(), cut(title, TITLE));
    }
    Some(Section::new(
        words.errors,
        Shade::Plain,
        vec![Item::new(&head, said)],
        words.none,
    ))
}

/// `no logs since 22:11: what started since cannot be known`
fn silence(report: &NightReport, teller: &Teller) -> Option<Section> {
    let words = Words::of(teller.lang);
    let since = teller.in_night(report.no_logs_since?, report.night.day);
    let head = format!("{} {since}", words.no_logs_since);
    let item = Item::about(&head, &[words.unknown_since.to_owned()], teller);
    Some(Section::new(
        words.logs,
        Shade::NotSeen,
        vec![item],
        words.none,
    ))
}

/// `None` where no job has one.
fn deadlines(report: &NightReport, teller: &Teller) -> Option<Section> {
    let words = Words::of(teller.lang);
    let day = report.night.day;
    let total = report.due.len() as i64;
    let kept = report.due.iter().filter(|due| due.state == DueState::Kept);
    let kept = kept.count() as i64;
    let item = |due: &Due| {
        let margin = span(due.margin_ms, teller.lang);
        let ready = match due.ready_at {
            Some(at) => format!("{} {}", words.ready, teller.at(at, day)),
            None if due.state == DueState::Unknown => words.not_known_ready.to_owned(),
            None => words.not_ready.to_owned(),
        };
        let state = match due.state {
            DueState::Unknown => words.not_known_kept.to_owned(),
            DueState::Missed => format!("{} {margin}", words.missed_by),
            DueState::Open => format!("{} {margin}", words.open_for),
            DueState::Kept => format!("{margin} {}", words.margin),
        };
        let at = teller.in_night(due.deadline_at, day);
        let said = [format!("{} {at}", words.due), ready, state];
        Item::about(&due.job, &said, teller)
    };
    let word = teller.lang.plural(kept, words.kept[0], words.kept[1]);
    let (kept, of) = (teller.number(kept), teller.number(total));
    let head = match teller.lang {
        Lang::En => format!("{kept} of {of} {word}"),
        Lang::Fr => format!("{kept} {word} sur {of}"),
    };
    let items = report.due.iter().map(item);
    (total > 0).then(|| {
        Section::new(
            words.deadlines,
            Shade::Late,
            std::iter::once(Item::new(&head, String::new()))
                .chain(items)
                .collect(),
            words.none,
        )
        .of(total)
    })
}
