//! What a simulated company need not go through, so that every question of the dashboards has an answer: a job that fails in four nights for the
//! same reason and is made good, changes its version, has a deadline, and a child whose server's clock is wrong; and one that stays failed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};

/// Words by which all rows of it are known.
pub const WORDS: [&str; 2] = ["A_Pilote", "pilote"];
/// The list for `smartetl jobs import`.
pub const CATALOGUE: &str =
    "environment,project,job,system,criticality,deadline\nPROD,ACHATS,A_Pilote,pilote,1,01:35\n";

/// Lines for `POST /api/v1/logs`: three bad nights of last month, the last one, and good ones before it.
pub fn lines(now: Timestamp) -> String {
    let zone = TimeZone::get("Europe/Paris").expect("a zone");
    let today = zone.to_datetime(now).date();
    let last_month = today.first_of_month() - 1.month();
    let night = |day: i64| moment(last_month.saturating_add(day.days()), &zone);
    let mut told = Vec::new();
    for (at, version) in [
        (night(9), "1.0"),
        (night(10), "1.0"),
        (night(11), "1.1"),
        (before(now, &zone), "1.2"),
    ] {
        failed(&mut told, "A_Pilote", at, version);
        let root = id("A_Pilote", at);
        let below = json!({ "parent_run_id": root, "root_run_id": root });
        let early = at - SignedDuration::from_mins(3);
        let end = json!({ "event": "end", "status": "success" });
        for (moment, what) in [(early, &json!({ "event": "begin" })), (at, &end)] {
            told.push(row("A_Pilote_Enfant", early, moment, what, &below));
        }
        good(&mut told, at + SignedDuration::from_mins(10), version);
        failed(&mut told, "A_Pilote_Panne", at, version);
    }
    for days in 2..30 {
        good(&mut told, moment(today - days.days(), &zone), "1.1");
    }
    let lines = told
        .iter()
        .map(|(table, row)| json!({ "v": 1, *table: [row] }).to_string() + "\n");
    lines.collect()
}

fn good(told: &mut Vec<Told>, at: Timestamp, version: &str) {
    let later = |minutes| at + SignedDuration::from_mins(minutes);
    let nothing = json!({});
    for (moment, what) in [
        (at, json!({ "event": "begin", "job_version": version })),
        (at, json!({ "event": "begin", "step": "tOracleInput_1" })),
        (
            later(2),
            json!({ "event": "end", "step": "tOracleInput_1", "status": "success", "rows_out": 100 }),
        ),
        (later(2), json!({ "event": "end", "status": "success" })),
    ] {
        told.push(row("A_Pilote", at, moment, &what, &nothing));
    }
}

/// Half past one in the night.
fn moment(day: Date, zone: &TimeZone) -> Timestamp {
    zone.to_timestamp(day.at(1, 30, 0, 0)).expect("a moment")
}

/// Shortly before now, and on one business day.
fn before(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let at = now - SignedDuration::from_mins(40);
    let clock = zone.to_datetime(at).time();
    let minutes = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
    let is_at_border = (17 * 60 + 40..18 * 60 + 5).contains(&minutes);
    at - SignedDuration::from_mins(if is_at_border { 30 } else { 0 })
}

fn id(job: &str, at: Timestamp) -> String {
    format!("{job}-{}", at.as_second())
}

type Told = (&'static str, Value);

fn failed(told: &mut Vec<Told>, job: &str, at: Timestamp, version: &str) {
    let later = |minutes| at + SignedDuration::from_mins(minutes);
    let step = |event: &str| json!({ "event": event, "step": "tOracleInput_1" });
    let ended = |mut row: Value| {
        row["status"] = json!("failed");
        row
    };
    told.push(row(
        job,
        at,
        at,
        &json!({ "event": "begin", "job_version": version }),
        &json!({}),
    ));
    told.push(row(job, at, later(1), &step("begin"), &json!({})));
    let error = json!({ "severity": "error", "step": "tOracleInput_1", "message": "ORA-00942: table or view does not exist" });
    told.push(("logerreur", row(job, at, later(4), &error, &json!({})).1));
    told.push(row(job, at, later(4), &ended(step("end")), &json!({})));
    told.push(row(
        job,
        at,
        later(5),
        &ended(json!({ "event": "end" })),
        &json!({}),
    ));
}

/// A row of the run of a job that began at `begun`.
fn row(job: &str, begun: Timestamp, moment: Timestamp, what: &Value, place: &Value) -> Told {
    let run = id(job, begun);
    let mut row = json!({
        "line": 1, "moment": moment.to_string(), "system": "pilote", "environment": "PROD", "project": "ACHATS", "job": job,
        "run_id": run, "root_run_id": run,
    });
    for more in [what, place] {
        for (name, value) in more.as_object().expect("an object") {
            row[name] = value.clone();
        }
    }
    ("log", row)
}
