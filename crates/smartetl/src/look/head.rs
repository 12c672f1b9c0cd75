//! What is said of a run before its tree.

use super::compare::Tree;
use super::grid::paint;
use super::words::{self, NONE, duration, words};
use crate::night::{Teller, beside, blame, category, cut, initial_upper, wrapped};
use smartetl_core::model::Trigger;
use smartetl_store::issues::Named;
use std::fmt::Write as _;

/// How it is told.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'m> {
    pub teller: &'m Teller,
    pub width: usize,
    pub colour: bool,
    /// The shortest key of the run, and of the one that it repeats.
    pub key: &'m str,
    pub rerun_of: Option<&'m str>,
    /// That of its cause.
    pub issue: Option<&'m Named>,
}

/// The head of a run.
pub fn head(tree: &Tree, manner: Manner<'_>) -> String {
    let Manner { teller, colour, .. } = manner;
    let (lang, run) = (teller.lang, tree.run());
    let (words, night_words) = (words(lang), lang.words());
    let mut lines: Vec<(String, &str)> = Vec::new();
    let places = [
        Some(run.environment.as_str()),
        run.project.as_deref(),
        run.host.as_deref(),
    ];
    let mut name = run.job.clone();
    for place in places.into_iter().flatten() {
        let _ = write!(name, " · {place}");
    }
    lines.push((name, "1"));
    let mut result = initial_upper(words::outcome(run.outcome, lang));
    if let Some(cause) = &run.cause {
        let _ = write!(result, " · {}", category(cause.category, lang));
        let place: Vec<&str> = [cause.job.as_deref(), cause.step.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        if !place.is_empty() {
            let within = lang.pick("in", "dans");
            let _ = write!(result, " {within} {}", place.join(" › "));
        }
        if let Some(who) = cause.blame {
            let to_act = night_words.to_act.to_lowercase();
            let colon = lang.pick(":", "");
            let _ = write!(result, " · {to_act}{colon} {}", blame(who, lang));
        }
        if cause.retryable == Some(true) {
            let _ = write!(result, " · {}", night_words.retryable);
        }
    }
    lines.push((result, words::shade(run.outcome)));
    lines.push((took(tree, teller), ""));
    let mut facts = vec![teller.night(run.business_day)];
    if run.attempt > 1 {
        facts.push(format!("{} {}", words.attempt, run.attempt));
    }
    match (words::trigger(run.trigger, lang), manner.rerun_of) {
        (_, Some(key)) => facts.push(format!("{} {key}", words.rerun_of)),
        (Some(trigger), None) => facts.push(trigger.to_owned()),
        (None, None) if run.trigger == Trigger::Scheduled => facts.push(words.scheduled.to_owned()),
        (None, None) => {}
    }
    facts.push(format!("{} {}", words.run_id, run.run_id));
    facts.push(format!("{} {}", words.run.to_lowercase(), manner.key));
    lines.push((facts.join(" · "), ""));
    if !tree.above.is_empty() {
        let above: Vec<&str> = tree.above.iter().map(|run| run.job.as_str()).collect();
        lines.push((format!("{} {}", words.part_of, above.join(" › ")), ""));
    }
    if let Some(message) = run
        .cause
        .as_ref()
        .and_then(|cause| cause.message.as_deref())
    {
        lines.push((cut(message, usize::MAX), "2"));
    }
    if let Some(issue) = manner.issue {
        lines.push((initial_upper(&beside(issue, teller)), ""));
    }
    let mut text = String::new();
    for (line, shade) in lines {
        for line in wrapped(&line, manner.width) {
            let _ = writeln!(text, "{}", paint(&line, shade, colour));
        }
    }
    text
}

/// `Started 02:14:05, took 4 min 12 s (usual 3 min 50 s, last good 3 min 58 s)`.
fn took(tree: &Tree, teller: &Teller) -> String {
    let (lang, run) = (teller.lang, tree.run());
    let words = words(lang);
    let local = teller.zone.to_datetime(run.started_at.timestamp());
    let started = format!("{} {}", words.started, local.strftime("%Y-%m-%d %H:%M:%S"));
    let mut compared = Vec::new();
    if let Some(usual) = tree.nodes[0].usual {
        let usual = duration(usual.median_ms, lang);
        compared.push(format!("{} {usual}", words.usual.to_lowercase()));
    }
    match tree.nodes[0]
        .last_good
        .as_ref()
        .and_then(|good| good.duration_ms)
    {
        Some(good) => {
            let good = duration(good, lang);
            let last_good = lang.pick("last good", "dernière bonne");
            compared.push(format!("{last_good} {good}"));
        }
        None => compared.push(words.no_good.to_owned()),
    }
    let took = match run.duration_ms {
        Some(milliseconds) => format!(
            "{} {}",
            words.took.to_lowercase(),
            duration(milliseconds, lang)
        ),
        None if run.ended_at.is_none() => {
            let local = teller.zone.to_datetime(run.last_event_at.timestamp());
            format!("{} {}", words.still, local.strftime("%H:%M:%S"))
        }
        None => format!("{} {NONE}", words.took.to_lowercase()),
    };
    format!("{started}, {took} ({})", compared.join(", "))
}
