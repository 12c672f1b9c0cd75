//! A report for programs. Names are English and stable, moments RFC 3339 in UTC, durations milliseconds, what is not known null.
//! `doc/report.md` describes the fields.

use super::amount::Rate;
use super::clock::Clock;
use super::night::{Due, Late, NightReport, NightsWithoutJobs, NotSeen};
use super::night_section::headline;
use super::week::{WeekCause, WeekJob, WeekReport};
use super::week_section::week_headline;
use crate::night::Teller;
use jiff::Timestamp;
use serde_json::{Value, json};
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::night::{Cause, Counts, Job, Place};
use smartetl_store::report::DayCounts;
use std::collections::BTreeMap;

/// A night as one object.
pub fn night_json(report: &NightReport, teller: &Teller, clock: &Clock) -> Value {
    let night = &report.night;
    let jobs =
        |of: Verdict| -> Vec<Value> { report.jobs(of).map(|job| job_json(job, report)).collect() };
    let parts: Vec<String> = headline(report, teller)
        .into_iter()
        .map(|part| part.text)
        .collect();
    let mut counts = counts_json(&night.counts);
    counts["late"] = report.late.len().into();
    counts["not_seen"] = report.not_seen.len().into();
    json!({
        "report": "night",
        "environment": night.environment,
        "business_day": night.day.to_string(),
        "timezone": clock.zone.iana_name(),
        "from": at(report.from),
        "until": at(report.until),
        "as_of": at(report.as_of),
        "last_event_at": night.last_event_at.map(at),
        "language": teller.lang.tag(),
        "sentence": parts.join(" "),
        "no_logs_since": report.no_logs_since.map(at),
        "nights_without_jobs": report.without_jobs.as_ref().map(without_jobs),
        "counts": counts,
        "usually_ok": night.usually_ok,
        "first_try": rate(report.first_try),
        "first_try_before": rate(report.before),
        "causes": night.causes.iter().map(cause).collect::<Vec<_>>(),
        "failed": jobs(Verdict::Failed),
        "lost": jobs(Verdict::Lost),
        "unverified": jobs(Verdict::Unverified),
        "running": jobs(Verdict::Running),
        "recovered": jobs(Verdict::Recovered),
        "late": report.late.iter().map(late).collect::<Vec<_>>(),
        "not_seen": report.not_seen.iter().map(not_seen).collect::<Vec<_>>(),
        "deadlines": report.due.iter().map(due).collect::<Vec<_>>(),
        "unmapped_contexts": unmapped(&report.unmapped),
        "nights": report.nights.iter().map(day).collect::<Vec<_>>(),
    })
}

/// A week as one object.
pub fn week_json(report: &WeekReport, teller: &Teller, clock: &Clock) -> Value {
    let parts = week_headline(report, teller).into_iter();
    let parts: Vec<String> = parts.map(|part| part.text).collect();
    let (first, last) = report.days;
    let weeks = report.weeks.iter();
    let weeks =
        weeks.map(|(until, of)| json!({"until": until.to_string(), "first_try": rate(*of)}));
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
        "as_of": at(report.as_of),
        "last_event_at": report.last_event_at.map(at),
        "language": teller.lang.tag(),
        "sentence": parts.join(" "),
        "counts": counts_json(&report.counts),
        "first_try": rate(report.first_try),
        "first_try_before": rate(report.before),
        "weeks": weeks.collect::<Vec<_>>(),
        "nights": report.nights.iter().map(day).collect::<Vec<_>>(),
        "causes": report.causes.iter().map(week_cause).collect::<Vec<_>>(),
        "jobs": report.jobs.iter().map(week_job).collect::<Vec<_>>(),
        "recovered_by": recovered,
        "unmapped_contexts": unmapped(&report.unmapped),
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

/// RFC 3339; null for what no clock can show.
fn at(moment: Moment) -> Option<String> {
    let at = Timestamp::from_microsecond(moment.0).ok()?;
    Some(at.to_string())
}

fn counts_json(counts: &Counts) -> Value {
    json!({
        "jobs": counts.jobs,
        "ok": counts.ok,
        "recovered": counts.recovered,
        "failed": counts.failed,
        "lost": counts.lost,
        "running": counts.running,
        "unverified": counts.unverified,
    })
}

fn rate(rate: Rate) -> Value {
    json!({"ok": rate.ok, "of": rate.of, "share": rate.share()})
}

fn day(of: &DayCounts) -> Value {
    let mut day = counts_json(&of.counts);
    day["business_day"] = of.day.to_string().into();
    day["day_type"] = of.types.iter().map(|of| of.as_str()).collect();
    day["first_try"] = rate(Rate::of([&of.counts]));
    day
}

fn unmapped(contexts: &[(Option<String>, i64)]) -> Vec<Value> {
    let contexts = contexts.iter();
    contexts
        .map(|(context, runs)| json!({"context": context, "runs": runs}))
        .collect()
}

fn cause(cause: &Cause) -> Value {
    json!({
        "category": cause.category,
        "blame": cause.blame,
        "retryable": cause.retryable,
        "message": cause.message,
        "jobs": cause.jobs,
        "open": cause.open,
        "first_at": cause.places.first().map(|place| at(place.first_at)),
        "places": cause.places.iter().map(place).collect::<Vec<_>>(),
    })
}

fn place(place: &Place) -> Value {
    json!({
        "job": place.job,
        "step": place.step,
        "first_at": at(place.first_at),
        "open": place.open,
        "roots": place.roots,
        "roots_more": place.roots_more,
        "blocked": place.blocked,
        "issue": place.issue.as_ref().map(|issue| json!({
            "id": issue.short,
            "issue": issue.issue.to_string(),
            "state": issue.state,
            "since": at(issue.since),
            "is_of_before": issue.is_of_before,
            "runs": issue.runs,
            "assignee": issue.assignee,
        })),
    })
}

fn job_json(job: &Job, report: &NightReport) -> Value {
    let name = (job.project.clone(), job.job.clone());
    json!({
        "project": job.project,
        "job": job.job,
        "started_at": job.started_at.map(at),
        "last_event_at": job.last_event_at.map(at),
        "first_failure_at": job.first_failure_at.map(at),
        "again": job.again.as_ref().map(|again| json!({"failed_at": at(again.failed_at), "category": again.category})),
        "recovered_at": job.recovered_at.map(at),
        "ready_at": job.ready_at.map(at),
        "recovered_by": job.recovered_by,
        "category": job.category,
        "blame": job.blame,
        "cause_job": job.cause_job,
        "cause_step": job.cause_step,
        "usually_ready_by": report.usual.get(&name).map(|usual| at(usual.by)),
    })
}

fn without_jobs(nights: &NightsWithoutJobs) -> Value {
    json!({
        "first_day": nights.first.to_string(),
        "last_day": nights.last.to_string(),
        "nights": nights.number,
        "logs": !nights.is_silent,
    })
}

fn late(late: &Late) -> Value {
    json!({
        "project": late.project,
        "job": late.job,
        "ready_at": late.ready_at.map(at),
        "usually_ready_by": at(late.usually_by),
        "late_ms": late.late_ms,
    })
}

fn not_seen(job: &NotSeen) -> Value {
    json!({
        "project": job.project,
        "job": job.job,
        "usually_started_by": job.usually_by.map(at),
        "criticality": job.criticality,
        "deadline_at": job.deadline_at.map(at),
    })
}

fn due(due: &Due) -> Value {
    json!({
        "project": due.project,
        "job": due.job,
        "deadline_at": at(due.deadline_at),
        "ready_at": due.ready_at.map(at),
        "state": due.state.as_str(),
        "margin_ms": due.margin_ms,
    })
}
