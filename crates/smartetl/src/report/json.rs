//! A week for programs, as one object. `doc/report.md` describes the fields.

use super::clock::Clock;
use super::night_json::{DayFacts, RateFacts, UnmappedContext, VerdictCounts};
use super::week::{WeekCause, WeekJob, WeekReport};
use super::week_section::week_headline;
use crate::night::Teller;
use crate::wire::At;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A week as one object.
pub fn week_json(report: &WeekReport, teller: &Teller, clock: &Clock) -> Value {
    let parts = week_headline(report, teller).into_iter();
    let parts: Vec<String> = parts.map(|part| part.text).collect();
    let (first, last) = report.days;
    let weeks = report.weeks.iter();
    let weeks = weeks
        .map(|(until, of)| json!({"until": until.to_string(), "first_try": RateFacts::from(*of)}));
    let recovered = report.recovered.iter();
    let recovered: BTreeMap<&str, i64> = recovered
        .map(|(by, number)| (by.as_str(), *number))
        .collect();
    json!({
        "report": "week",
        "environment": report.environment,
        "first_day": first.to_string(),
        "last_day": last.to_string(),
        "timezone": clock.zone.iana_name(),
        "as_of": At::shown(report.as_of),
        "last_event_at": report.last_event_at.and_then(At::shown),
        "language": teller.lang.tag(),
        "sentence": parts.join(" "),
        "counts": VerdictCounts::from(report.counts),
        "first_try": RateFacts::from(report.first_try),
        "first_try_before": RateFacts::from(report.before),
        "weeks": weeks.collect::<Vec<_>>(),
        "nights": report.nights.iter().map(DayFacts::from).collect::<Vec<_>>(),
        "causes": report.causes.iter().map(week_cause).collect::<Vec<_>>(),
        "jobs": report.jobs.iter().map(week_job).collect::<Vec<_>>(),
        "recovered_by": recovered,
        "unmapped_contexts": UnmappedContext::all(&report.unmapped),
    })
}

fn week_cause(cause: &WeekCause) -> Value {
    json!({
        "category": cause.category,
        "blame": cause.blame,
        "message": cause.message,
        "failures": cause.failures,
        "open": cause.open,
        "jobs": cause.jobs,
        "nights": cause.nights,
        "places": cause.places,
    })
}

fn week_job(job: &WeekJob) -> Value {
    let nights = job.nights.iter();
    let nights: BTreeMap<String, &str> = nights
        .map(|(day, of)| (day.to_string(), of.as_str()))
        .collect();
    json!({
        "project": job.project,
        "job": job.job,
        "failed": job.failed,
        "recovered": job.recovered,
        "nights": nights,
    })
}
