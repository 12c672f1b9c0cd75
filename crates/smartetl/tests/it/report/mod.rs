//! What a report says is true: nights of simulated companies against their truth, in every form and both languages.

mod by_hand;
mod mail;
mod truth;
mod week;
mod words;

use crate::company::Company;
use crate::support::{Answer, PROGRAM, World, own_database, place};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use smartetl_testkit::TestDatabase;
use std::collections::{BTreeMap, BTreeSet};
use truth::{Name, Place, Struck, Truth};
use words::says_what_json_says;

/// A company whose logs are loaded.
struct Told {
    truth: Truth,
    world: World,
    _database: TestDatabase,
}

impl Told {
    fn of(simulate: &[&str]) -> Self {
        let company = Company::simulate(simulate);
        let (database, world) = place();
        let logs = company.logs.to_str().expect("UTF-8");
        world
            .run(&["load", "--as-of", &company.as_of, "--allow-rejects", logs])
            .done();
        Self {
            truth: Truth::of(&company),
            world,
            _database: database,
        }
    }

    /// Three months with a change of the clock, three holidays, a job that is retired and one that is renamed.
    fn autumn() -> Self {
        Self::of(&["--jobs", "60", "--days", "90", "--seed", "3"])
    }

    fn report(&self, arguments: &[&str]) -> String {
        let answer = self.world.run(&[&["report"], arguments].concat()).done();
        answer.stdout.replace(PROGRAM, "smartetl")
    }

    fn night(&self, day: Date, lang: &str, format: &str) -> String {
        let day = day.to_string();
        self.report(&["night", "--day", &day, "--lang", lang, "--format", format])
    }

    fn json(&self, day: Date, lang: &str) -> Value {
        serde_json::from_str(&self.night(day, lang, "json")).expect("JSON")
    }

    fn sql(&self, statement: &str) {
        self.world.run(&["sql", "--write", statement]).done();
    }
}

/// How much of something there is in a night.
type Measure<'m> = &'m dyn Fn(&Date) -> usize;

/// Nights with different stories, found in the truth.
fn stories(truth: &Truth) -> BTreeMap<&'static str, Date> {
    let days = truth.days();
    let number = |day: Date, verdict: &str| truth.jobs(day, verdict).len();
    let has = |day: Date, column: &str, value: &str| {
        let night = truth.night(day);
        night
            .iter()
            .any(|row| row[column].split('|').any(|word| word == value))
    };
    let is_calm = |day: &Date| number(*day, "ok") == truth.night(*day).len();
    let open = |day: &Date| {
        let places = truth.places(*day);
        places.values().map(|struck| struck.open).sum::<usize>()
    };
    let blocked = |day: &Date| {
        let places = truth.places(*day);
        places
            .values()
            .map(|struck| struck.blocked.len())
            .sum::<usize>()
    };
    let zone = TimeZone::get("Europe/Paris").expect("a zone of the database");
    let offset = |of: Date| {
        zone.to_timestamp(of.at(0, 0, 0, 0))
            .map(|at| zone.to_offset(at))
    };
    let changes = |day: &Date| offset(*day).ok() != day.tomorrow().and_then(offset).ok();
    let is_end = |day: &Date| *day == days[days.len() - 1];
    // How much of the story is in a night; the night with most of it, of those that have no other story.
    let told: [(&'static str, Measure<'_>); 13] = [
        ("the end of the logs", &|day| usize::from(is_end(day))),
        ("the clock goes back", &|day| usize::from(changes(day))),
        ("the end of a month", &|day| {
            usize::from(has(*day, "day_type", "month_end"))
        }),
        ("a holiday", &|day| {
            usize::from(has(*day, "day_type", "holiday"))
        }),
        ("all green", &|day| usize::from(is_calm(day))),
        ("something was not seen", &|day| truth.not_seen(*day).len()),
        ("many late", &|day| truth.late(*day).len()),
        ("most open failures", &open),
        ("most blocked", &blocked),
        ("never ended", &|day| number(*day, "lost")),
        ("by a person", &|day| {
            usize::from(has(*day, "recovered_by", "person"))
        }),
        ("by a rerun", &|day| {
            usize::from(has(*day, "recovered_by", "rerun"))
        }),
        ("by the schedule", &|day| {
            usize::from(has(*day, "recovered_by", "schedule"))
        }),
    ];
    let mut stories = BTreeMap::new();
    for (story, measure) in told {
        let free = days
            .iter()
            .copied()
            .filter(|day| !stories.values().any(|taken| taken == day));
        let day = free
            .max_by_key(measure)
            .expect("there are more nights than stories");
        assert!(measure(&day) > 0, "no night of {story}");
        stories.insert(story, day);
    }
    stories
}

#[test]
fn every_sentence_is_true() {
    let told = Told::autumn();
    for (story, day) in stories(&told.truth) {
        let json = told.json(day, "en");
        true_against_the_truth(&told.truth, day, &json, story);
        for lang in ["en", "fr"] {
            let json = told.json(day, lang);
            for format in ["text", "html"] {
                let report = told.night(day, lang, format);
                says_what_json_says(
                    &report,
                    &json,
                    lang,
                    &format!("{story}, {day}, {lang} {format}"),
                );
            }
        }
    }
}

/// Everything of which the truth knows.
fn true_against_the_truth(truth: &Truth, day: Date, json: &Value, story: &str) {
    let what = format!("{story}: {day}");
    let verdicts = ["ok", "recovered", "failed", "lost", "running", "unverified"];
    for verdict in verdicts {
        let jobs = truth.jobs(day, verdict);
        assert_eq!(json["counts"][verdict], jobs.len(), "{what}: {verdict}");
        if verdict != "ok" {
            assert_eq!(names(&json[verdict]), jobs, "{what}: {verdict}");
        }
    }
    assert_eq!(json["counts"]["jobs"], truth.night(day).len(), "{what}");
    for (name, days) in [("first_try", [0, 0]), ("first_try_before", [1, 28])] {
        let [ok, of] = truth.first_try(day, days);
        assert_eq!(json[name]["ok"], ok, "{what}: {name}");
        assert_eq!(json[name]["of"], of, "{what}: {name}");
    }
    assert_eq!(names(&json["late"]), truth.late(day), "{what}: late");
    assert_eq!(
        names(&json["not_seen"]),
        truth.not_seen(day),
        "{what}: not seen"
    );
    for job in json["recovered"].as_array().expect("a list") {
        let night = truth.night(day);
        let row = night.iter().find(|row| truth::name(row) == name(job));
        let row = row.expect("it is a job of the night");
        for column in [
            "first_failure_at",
            "recovered_at",
            "recovered_by",
            "category",
            "cause_job",
        ] {
            assert_eq!(
                job[column],
                row[column].as_str(),
                "{what}: {column} of {job}"
            );
        }
    }
    let places = truth.places(day);
    assert_eq!(told_places(json), places, "{what}");
    // The first of the causes is what struck first of what nobody made good, and of which a message says what it was.
    let first = places
        .iter()
        .map(|(place, struck)| {
            (
                struck.open == 0,
                place.0 == "unknown" && place.2.is_empty(),
                &struck.first_at,
                &place.1,
                &place.2,
                &place.0,
            )
        })
        .min();
    let cause = &json["causes"][0];
    match first {
        None => assert!(cause.is_null(), "{what}: {cause}"),
        Some((is_recovered, _, at, job, step, category)) => {
            assert_eq!(cause["open"] == 0, is_recovered, "{what}: {cause}");
            assert_eq!(cause["category"], category.as_str(), "{what}");
            let place = &cause["places"][0];
            let told = [&cause["first_at"], &place["job"], &place["step"]];
            assert_eq!(
                told.map(|value| value.as_str().unwrap_or("")),
                [at, job, step],
                "{what}"
            );
        }
    }
}

fn told_places(json: &Value) -> BTreeMap<Place, Struck> {
    let mut places: BTreeMap<Place, Struck> = BTreeMap::new();
    for cause in json["causes"].as_array().expect("a list") {
        for place in cause["places"].as_array().expect("a list") {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = (
                text(&cause["category"]),
                text(&place["job"]),
                text(&place["step"]),
            );
            let struck = places.entry(key).or_default();
            let (first_at, open) = (text(&place["first_at"]), place["open"].as_u64());
            let open = open.expect("a number") as usize;
            // Two messages of one place: the open one stands first.
            let is_first = struck.first_at.is_empty();
            if is_first || (open > 0, &struck.first_at) > (struck.open > 0, &first_at) {
                struck.first_at = first_at;
            }
            struck.open += open;
            assert_eq!(
                place["roots_more"], 0,
                "in the simulated company no more than four fail together"
            );
            for (list, told) in [
                ("roots", &mut struck.roots),
                ("blocked", &mut struck.blocked),
            ] {
                let names = place[list].as_array().expect("a list");
                told.extend(names.iter().map(text));
            }
        }
    }
    places
}

fn name(job: &Value) -> Name {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&job["project"]), text(&job["job"]))
}

fn names(jobs: &Value) -> BTreeSet<Name> {
    jobs.as_array().expect("a list").iter().map(name).collect()
}

/// What is not seen in three months of nights: only the job that is no more, and the one with another name now is none.
#[test]
fn only_what_is_gone_is_not_seen_and_nothing_once_it_is_retired() {
    let told = Told::autumn();
    let truth = &told.truth;
    let (mut gone, mut missed) = (BTreeSet::new(), Vec::new());
    for day in truth.days() {
        let json = told.json(day, "en");
        let not_seen = names(&json["not_seen"]);
        assert_eq!(not_seen, truth.not_seen(day), "{day}: not seen");
        assert_eq!(names(&json["late"]), truth.late(day), "{day}: late");
        for (project, job) in not_seen {
            let nights = truth.job_days.iter().filter(|row| row["job"] == job);
            let last = nights.map(truth::day).max().expect("it was there");
            assert!(day > last, "{job} is there again after {day}");
            gone.insert((project, job, last));
            missed.push(day);
        }
    }
    let gone: Vec<_> = gone.into_iter().collect();
    let [(_, job, last)] = &gone[..] else {
        panic!("{gone:?}");
    };
    assert!(job.contains("Minitel"), "{job}");
    told.sql(&format!(
        "UPDATE job SET retired_at = '{last} 20:00+00' WHERE job = '{job}'"
    ));
    for day in missed {
        let not_seen = names(&told.json(day, "en")["not_seen"]);
        assert_eq!(not_seen, BTreeSet::new(), "{day}");
    }
}

#[test]
fn deadlines_are_kept_missed_or_open() {
    let told = Told::autumn();
    let days = told.truth.days();
    let (day, last) = (days[40], days[days.len() - 1]);
    let night = told.truth.night(day);
    let mut ready = night
        .iter()
        .filter(|row| row["verdict"] == "ok" && row["runs"] == "1");
    let [early, late] = [ready.next(), ready.next()].map(|row| row.expect("good jobs"));
    for (row, minutes) in [(early, 12), (late, -18)] {
        told.sql(&format!(
            "UPDATE job_day SET deadline_at = ready_at + interval '{minutes} minutes'
             WHERE environment = 'PROD' AND business_day = '{day}' AND job = '{}'",
            row["job"]
        ));
    }
    let json = told.json(day, "en");
    let due = json["deadlines"].as_array().expect("a list").iter();
    let due: Vec<(Name, &Value, &Value)> = due
        .map(|due| (name(due), &due["state"], &due["margin_ms"]))
        .collect();
    let expected = [
        (truth::name(late), "missed", -18 * 60_000),
        (truth::name(early), "kept", 12 * 60_000),
    ];
    assert_eq!(due.len(), 2, "{due:?}");
    for ((job, state, margin), expected) in due.into_iter().zip(expected) {
        assert_eq!(job, expected.0);
        assert_eq!(
            (state.as_str(), margin.as_i64()),
            (Some(expected.1), Some(expected.2))
        );
    }
    let text = told.night(day, "en", "text");
    assert!(
        text.contains("Deadlines") && text.contains("1 of 2 kept"),
        "{text}"
    );
    assert!(
        text.contains("missed by 18 min") && text.contains("12 min to spare"),
        "{text}"
    );
    let french = told.night(day, "fr", "text");
    assert!(
        french.contains("1 tenue sur 2") && french.contains("dépassée de 18 min"),
        "{french}"
    );
    // In the night that is not over, what has not begun is still open, and what should have is not.
    told.sql("UPDATE job SET deadline = '09:00' WHERE environment = 'PROD'");
    let running = told.json(last, "en");
    let open = running["deadlines"].as_array().expect("a list");
    assert!(
        !open.is_empty()
            && open
                .iter()
                .all(|due| due["state"] == "open" && due["ready_at"].is_null()),
        "{open:?}"
    );
}

#[test]
fn two_nights_as_they_are_read() {
    let told = Told::autumn();
    let stories = stories(&told.truth);
    for (name, story) in [
        ("blocked", "most blocked"),
        ("running", "the end of the logs"),
    ] {
        for lang in ["en", "fr"] {
            let text = told.night(stories[story], lang, "text");
            insta::assert_snapshot!(format!("{name}_{lang}"), text);
        }
    }
}

/// What ten lines only count is listed by the command that stands below them.
#[test]
fn the_last_line_shows_how_to_see_the_rest() {
    let told = Told::autumn();
    let day = stories(&told.truth)["most blocked"];
    let text = told.night(day, "en", "text");
    let more = text.lines().any(|line| line.trim_start().starts_with("+ "));
    let command = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("All of it: smartetl "));
    assert!(more, "{text}");
    let command: Vec<&str> = command
        .unwrap_or_else(|| panic!("{text}"))
        .split(' ')
        .collect();
    let all = told.report(&command[1..]);
    assert!(
        !all.lines().any(|line| line.trim_start().starts_with("+ ")),
        "{all}"
    );
    assert!(!all.contains("All of it"), "{all}");
    let json = told.json(day, "en");
    let flat = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for list in ["failed", "recovered", "late", "not_seen"] {
        for job in json[list].as_array().expect("a list") {
            let job = job["job"].as_str().expect("a job");
            assert!(flat.contains(job), "{job} is not in {all}");
        }
    }
}

#[test]
fn without_a_night_it_says_what_to_do() {
    let said = |answer: &Answer| (answer.exit, answer.stdout.clone(), answer.stderr.clone());
    let database = own_database();
    let world = World::on(&database.url);
    world.run(&["migrate"]).done();
    let (exit, stdout, stderr) = said(&world.run(&["report"]));
    assert_eq!((exit, stdout.as_str()), (2, ""));
    assert_eq!(
        stderr,
        "error: there is no night to report yet\nhint: `smartetl load PATH` reads logs, `smartetl fuse` makes runs of them\n"
    );
    world.file("logs/stats.csv", &crate::samples::stats(0..3));
    world.run(&["load", "logs", "--set", "timezone=UTC"]).done();
    let (exit, _, stderr) = said(&world.run(&["report", "--day", "2025-11-23"]));
    assert_eq!(
        (exit, stderr.as_str()),
        (
            2,
            "error: PROD has no night of 2025-11-23\nhint: its newest night is that of 2026-01-01\n"
        )
    );
    let (exit, _, stderr) = said(&world.run(&["report", "week", "--day", "2100-12-31"]));
    let none = "error: PROD has no night in the week that ends with 2100-12-31\n";
    assert!(exit == 2 && stderr.starts_with(none), "{stderr}");
    let (exit, _, stderr) = said(&world.run(&["report", "--environment", "REC"]));
    assert_eq!(
        (exit, stderr.as_str()),
        (
            2,
            "error: there is no night of the environment REC\nhint: there are nights of PROD\n"
        )
    );
    let folder = world.home.path().join("nowhere/report.txt");
    let (exit, stdout, stderr) =
        said(&world.run(&["report", "-o", folder.to_str().expect("UTF-8")]));
    assert_eq!((exit, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("the file cannot be written: no such file"),
        "{stderr}"
    );
}
