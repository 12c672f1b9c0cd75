//! The life of issues: what runs and people make of them, over several loads, in any order, and through what happens to tables.

use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::screen::Screen;
use crate::support::{World, check, own_database, place};
use crate::tables::{Row, number, rows};
use serde_json::Value;
use smartetl_testkit::TestDatabase;
use std::fmt::Write as _;

const AS_OF: &str = "2025-02-01T12:00:00Z";
const ORACLE: &str = "java.sql.SQLException:ORA-12541: TNS:no listener";
const DISK: &str = "java.io.IOException:No space left on device";

/// The nights of a job, one file each: so they can come in any order.
struct Nights {
    database: TestDatabase,
    world: World,
}

/// How a run ends.
#[derive(Clone, Copy)]
enum End<'m> {
    Good,
    Bad(&'m str),
    /// The error was caught, and the run went on.
    Caught(&'m str),
}

use End::{Bad, Caught, Good};

impl Nights {
    fn new() -> Self {
        let (database, world) = place();
        Self { database, world }
    }

    /// A run of a job in the night of a day of January, in version 0.1.
    fn run(&self, day: u32, job: &str, end: End<'_>) {
        self.run_as(day, job, end, "PROD", "0.1");
    }

    /// The same in this context and version.
    fn run_as(&self, day: u32, job: &str, end: End<'_>, context: &str, version: &str) {
        self.write(day, job, end, context, version);
        self.load(&[&format!("logs/{day}")]);
    }

    fn write(&self, day: u32, job: &str, end: End<'_>, context: &str, version: &str) {
        let day = format!("2025-01-{day:02}");
        let id = format!("{}{}{job}", &day[8..], &context[..1]);
        let who = format!("{id};{id};{id};1;SALES;{job};_{job};{version};{context};");
        let status = if matches!(end, Bad(_)) {
            "failure"
        } else {
            "success"
        };
        let mut stats = COLUMNS.to_owned();
        let _ = writeln!(stats, "{day} 02:00:00;{who};begin;;");
        let _ = writeln!(stats, "{day} 02:10:00;{who};end;{status};600000");
        let folder = format!("logs/{}", day[8..].trim_start_matches('0'));
        self.world
            .file(&format!("{folder}/{job}{context}-stats.csv"), &stats);
        if let Bad(message) | Caught(message) = end {
            let mut errors = ERROR_COLUMNS.to_owned();
            let _ = writeln!(
                errors,
                "{day} 02:09:00;{id};{id};{id};SALES;{job};{context};6;Java Exception;tDBInput_1;{message};1"
            );
            self.world
                .file(&format!("{folder}/{job}{context}-errors.csv"), &errors);
        }
    }

    fn load(&self, paths: &[&str]) {
        self.world
            .run(&[&["load", "--as-of", AS_OF], paths].concat())
            .done();
    }

    /// `issues` with these arguments does it.
    #[track_caller]
    fn act(&self, arguments: &[&str]) -> String {
        self.world
            .run(&[&["issues"], arguments].concat())
            .done()
            .stdout
    }

    #[track_caller]
    fn act_of(&self, arguments: &[&str]) -> String {
        self.world.run(arguments).done().stdout
    }

    fn list(&self, arguments: &[&str]) -> Vec<Value> {
        let list = [&["issues", "list", "--format", "json"], arguments].concat();
        let answer = self.world.run(&list).done().stdout;
        serde_json::from_str(&answer).expect("JSON")
    }

    /// The only issue there is.
    #[track_caller]
    fn only(&self) -> Value {
        let mut all = self.list(&["--all"]);
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    #[track_caller]
    fn is(&self, state: &str, runs: u64) {
        let issue = self.only();
        assert_eq!(
            (&issue["state"], &issue["runs"]),
            (&Value::from(state), &Value::from(runs))
        );
        self.is_proved();
    }

    #[track_caller]
    fn is_proved(&self) {
        self.world.run(&["verify", "--recompute"]).done();
    }

    /// The id of an error.
    fn error(&self) -> String {
        let found = rows(
            &self.database.url,
            "SELECT ARRAY[error.error] FROM error LIMIT 1",
        );
        found[0][0].clone()
    }

    fn id(&self) -> String {
        self.only()["id"].as_str().expect("a text").to_owned()
    }
}

#[test]
fn from_the_first_failure_to_its_coming_back() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    nights.is("new", 1);
    let id = nights.id();
    let told = nights.act(&["ack", &id, "--by", "ann", "--at", "2025-01-05T07:00:00Z"]);
    assert!(told.contains("acknowledged"), "{told}");
    nights.is("ongoing", 1);
    for day in [6, 7] {
        nights.run(day, "LOAD", Good);
        nights.is("ongoing", 1);
    }
    assert_eq!(nights.only()["successes"], 2);
    nights.run(8, "LOAD", Good);
    nights.is("resolved", 1);
    let issue = nights.only();
    assert_eq!(issue["resolved_by"], "itself");
    assert_eq!(issue["since"], "2025-01-08T01:10:00Z");
    assert_eq!(nights.list(&[]).len(), 0, "resolved ones are left out");
    nights.run(9, "LOAD", Bad(ORACLE));
    nights.is("regressed", 2);
    let issue = nights.only();
    assert_eq!(
        (&issue["acknowledged_by"], &issue["regressions"]),
        (&Value::Null, &Value::from(1))
    );
    nights.run(10, "LOAD", Bad(ORACLE));
    nights.is("ongoing", 3);
    assert_eq!(nights.only()["lost_ms"], 3 * 600_000);
    // A person resolves it; what began before and comes late changes nothing.
    nights.act(&[
        "resolve",
        &id,
        "--at",
        "2025-01-12T08:00:00Z",
        "--note",
        "listener restarted",
    ]);
    nights.is("resolved", 3);
    nights.run(11, "LOAD", Bad(ORACLE));
    nights.is("resolved", 4);
    nights.run(13, "LOAD", Bad(ORACLE));
    nights.is("regressed", 5);
    nights.act(&["resolve", &id, "--at", "2025-01-14T08:00:00Z"]);
    nights.act(&["reopen", &id, "--at", "2025-01-15T08:00:00Z"]);
    nights.is("ongoing", 5);
    let shown: Value =
        serde_json::from_str(&nights.act(&["show", &id, "--format", "json"])).expect("JSON");
    let acts: Vec<[&str; 2]> = shown["acts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|act| [&act["kind"], &act["by"]].map(|word| word.as_str().expect("a word")))
        .collect();
    let kinds: Vec<&str> = acts.iter().map(|[kind, _]| *kind).collect();
    assert_eq!(kinds, ["ack", "resolve", "note", "resolve", "reopen"]);
    assert_eq!(acts[0][1], "ann");
    assert_eq!(shown["note"], "listener restarted");
    assert_eq!(shown["last_runs"].as_array().map(Vec::len), Some(5));
}

/// Runs that succeed with the error prove nothing; reruns and what is started by hand do not either.
#[test]
fn only_scheduled_successes_without_the_error_count() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    nights.run(6, "LOAD", Caught(ORACLE));
    for (day, context) in [(7, "PROD_RELANCE"), (8, "PROD_MANUEL"), (9, "PROD_REPRISE")] {
        nights.run_as(day, "LOAD", Good, context, "0.1");
    }
    nights.run(10, "LOAD", Caught(DISK));
    let issues = nights.list(&["--all"]);
    let oracle = issues
        .iter()
        .find(|issue| issue["runs"] == 2)
        .expect("it is there");
    // That with another error is a success.
    assert_eq!(
        (&oracle["state"], &oracle["successes"]),
        (&Value::from("ongoing"), &Value::from(1))
    );
    nights.is_proved();
}

#[test]
fn an_error_that_never_ended_a_run_has_a_category() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Caught(DISK));
    nights.run(5, "SEND", Caught("les lots du dépôt attendent"));
    nights.run(5, "SHIP", Bad(ORACLE));
    let of = |family: &str| nights.list(&["--all", "--family", family]).remove(0);
    let (load, send, ship) = (of("LOAD"), of("SEND"), of("SHIP"));
    assert_eq!(
        [&load["category"], &send["category"], &ship["category"]],
        ["resource", "unknown", "connection"]
    );
    assert_eq!(load["blame"], "platform");
    assert_eq!(nights.list(&["--category", "resource"]).len(), 1);
    nights.is_proved();
    // As its cause it is the same.
    nights.run(6, "LOAD", Bad(DISK));
    assert_eq!(of("LOAD")["category"], load["category"]);
    nights.is_proved();
}

#[test]
fn environments_and_families_have_issues_of_their_own() {
    let nights = Nights::new();
    nights.run(5, "LOAD_1", Bad(ORACLE));
    nights.run(5, "LOAD_2", Bad(ORACLE));
    nights.run(5, "SEND", Bad(ORACLE));
    nights.run_as(5, "LOAD_1", Bad(ORACLE), "DEV", "0.1");
    let of = |arguments: &[&str]| nights.list(arguments).len();
    assert_eq!(
        (
            of(&[]),
            of(&["--environment", "dev"]),
            of(&["--family", "LO*"])
        ),
        (3, 1, 2)
    );
    let load = &nights.list(&["--environment", "PROD", "--family", "LOAD"])[0];
    assert_eq!(load["jobs"], serde_json::json!(["LOAD_1", "LOAD_2"]));
    for day in 6..9 {
        nights.run(day, "LOAD_1", Good);
        nights.run(day, "SEND", Good);
    }
    let resolved = nights.list(&["--state", "resolved"]);
    assert_eq!(
        (resolved.len(), &resolved[0]["family"]),
        (1, &Value::from("SEND")),
        "LOAD_2 is not good yet"
    );
    // Somebody retires it; and then calls it another family.
    nights.world.file(
        "jobs.csv",
        "environment;system;project;job;retired_at\nPROD;talend;SALES;LOAD_2;2025-01-20\n",
    );
    nights.world.run(&["jobs", "import", "jobs.csv"]).done();
    assert_eq!(of(&["--state", "resolved"]), 2);
    let id = nights.list(&["--all", "--family", "SEND"])[0]["id"]
        .as_str()
        .expect("a text")
        .to_owned();
    nights.act(&["assign", &id, "bob"]);
    nights.world.file(
        "jobs.csv",
        "environment;system;project;job;family\nPROD;talend;SALES;SEND;OUT\n",
    );
    nights.world.run(&["jobs", "import", "jobs.csv"]).done();
    let moved = nights.list(&["--all", "--assignee", "bob"]);
    assert_eq!((moved.len(), &moved[0]["family"]), (1, &Value::from("OUT")));
    let gone = nights.world.run(&["issues", "--all", "--family", "SEND"]);
    assert_eq!(gone.exit, 2, "{}", gone.stdout);
    nights.is_proved();
}

/// The job that ran last is one of several.
#[test]
fn acts_stay_where_most_jobs_of_the_issue_are() {
    let nights = Nights::new();
    for (day, job) in [(5, "LOAD_1"), (6, "LOAD_2"), (7, "LOAD_3")] {
        nights.run(day, job, Bad(ORACLE));
    }
    let answer = nights.act(&["assign", &nights.id(), "bob", "--format", "json"]);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["issues"][0]["assignee"], "bob");
    nights.world.file(
        "jobs.csv",
        "environment;system;project;job;family\nPROD;talend;SALES;LOAD_3;OUT\n",
    );
    nights.world.run(&["jobs", "import", "jobs.csv"]).done();
    let assigned = || {
        let found = nights.list(&["--all", "--assignee", "bob"]);
        let families = found.iter().map(|issue| issue["family"].clone());
        families.collect::<Vec<_>>()
    };
    assert_eq!(assigned(), ["LOAD"]);
    nights.world.file(
        "jobs.csv",
        "environment;system;project;job;family\nPROD;talend;SALES;LOAD_2;OUT\n",
    );
    nights.world.run(&["jobs", "import", "jobs.csv"]).done();
    assert_eq!(assigned(), ["OUT"]);
    nights.is_proved();
}

#[test]
fn notes_are_taken_away() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    nights.act(&["note", &id, "of somebody else"]);
    assert_eq!(nights.only()["note"], "of somebody else");
    let said = nights.act(&["note", &id, "--none", "--lang", "fr"]);
    assert!(said.contains("note retirée"), "{said}");
    assert_eq!(nights.only()["note"], Value::Null);
    let answer = nights.world.run(&["issues", "note", &id]);
    assert!(answer.stderr.contains("--none"), "{}", answer.stderr);
    nights.is_proved();
}

#[test]
fn muted_until_something_happens() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let muted = || (nights.list(&[]).len(), nights.list(&["--muted"]).len());
    assert_eq!(muted(), (1, 0));
    nights.act(&[
        "mute",
        &id,
        "--occurrences",
        "3",
        "--at",
        "2025-01-05T08:00:00Z",
    ]);
    for day in [6, 7] {
        nights.run(day, "LOAD", Bad(ORACLE));
        assert_eq!(muted(), (0, 1));
    }
    assert_eq!(nights.only()["muted_left"], 1);
    nights.run(8, "LOAD", Bad(ORACLE));
    assert_eq!(muted(), (1, 0));
    nights.act(&[
        "mute",
        &id,
        "--next-version",
        "--at",
        "2025-01-08T08:00:00Z",
    ]);
    nights.run(9, "LOAD", Bad(ORACLE));
    assert_eq!(muted(), (0, 1));
    nights.run_as(10, "LOAD", Bad(ORACLE), "PROD", "0.2");
    assert_eq!(muted(), (1, 0));
    nights.act(&["mute", &id, "--until", "2100-01-01"]);
    assert_eq!(
        (muted(), &nights.only()["muted"]),
        ((0, 1), &Value::from("until"))
    );
    nights.act(&["unmute", &id]);
    assert_eq!(muted(), (1, 0));
    for (lang, over) in [
        ("en", "no effect: it is over since 20 Jan 2025 09:00"),
        (
            "fr",
            "sans effet\u{a0}: c’est fini depuis le 20 janv. 2025 à 09:00",
        ),
    ] {
        let [until, at] = ["2025-01-20T08:00:00Z", "2025-01-10T08:00:00Z"];
        let told = nights.act(&["mute", &id, "--until", until, "--at", at, "--lang", lang]);
        assert!(told.contains(over), "{told}");
    }
    assert_eq!(muted(), (1, 0), "that is over");
    // Runs of these logs began long ago: they never end what holds from now on.
    for how_long in [&["--occurrences", "3"][..], &["--next-version"]] {
        let now = nights
            .world
            .run(&[&["issues", "mute", &id], how_long].concat());
        assert!(now.stderr.contains("--at 2025-02-01"), "{}", now.stderr);
        let at = ["--at", "2025-01-10T08:00:00Z"];
        let then = nights
            .world
            .run(&[&["issues", "mute", &id], how_long, &at].concat());
        assert_eq!(then.stderr, "");
    }
    nights.is_proved();
}

/// Whichever was said first: what is resolved from a moment on is not muted behind it, so that its coming back is seen.
#[test]
fn what_was_resolved_before_it_was_muted_is_seen_when_it_comes_back() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let [mute, resolve] = ["2025-01-07T08:00:00Z", "2025-01-06T08:00:00Z"];
    nights.act(&["mute", &id, "--until", "2100-01-01", "--at", mute]);
    let told = nights.act(&["resolve", &id, "--at", resolve, "--lang", "en"]);
    let now = "state now: resolved on 6 Jan 2025 09:00, by a person, not muted any more";
    assert!(told.contains(now), "{told}");
    assert_eq!(nights.only()["muted"], Value::Null);
    let told = nights.act(&["mute", &id, "--until", "2100-01-01", "--lang", "en"]);
    assert!(told.contains("no effect: it is resolved"), "{told}");
    nights.run(8, "LOAD", Bad(ORACLE));
    nights.is("regressed", 2);
    assert_eq!(
        nights.list(&["--state", "regressed"]).len(),
        0,
        "the second mute holds from now on"
    );
    nights.act(&["unmute", &id]);
    assert_eq!(nights.list(&[]).len(), 1);
}

/// Whoever does something is told what came of it; what had no effect is marked where acts are listed.
#[test]
fn acts_are_answered_by_the_state() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let act = |lang: &str, act: &str, at: &str| {
        let at = format!("2025-01-{at}:00:00Z");
        nights.act(&[act, &id, "--by", "ann", "--at", &at, "--lang", lang])
    };
    let ends = |told: String, end: &str| assert!(told.ends_with(&format!("  {end}\n")), "{told}");
    ends(act("en", "ack", "05T08"), "state now: ongoing");
    ends(
        act("fr", "ack", "05T09"),
        "état désormais\u{a0}: persistant",
    );
    ends(
        act("en", "resolve", "06T08"),
        "state now: resolved on 6 Jan 2025 09:00, by a person",
    );
    let told = act("en", "ack", "06T09");
    let reopen = format!("  to open it again: smartetl issues reopen {id}\n");
    assert!(
        told.contains("no effect: it is resolved") && told.contains(&reopen),
        "{told}"
    );
    ends(told, "state now: resolved on 6 Jan 2025 09:00, by a person");
    ends(
        act("fr", "reopen", "07T08"),
        "état désormais\u{a0}: persistant",
    );
    let shown = nights.act(&["show", &id, "--lang", "en"]);
    let history: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains(" ann  "))
        .collect();
    let has = |place: usize, words: &str| assert!(history[place].contains(words), "{shown}");
    has(0, "ann  acknowledged");
    has(2, "ann  resolved");
    has(3, "ann  no effect: acknowledged");
    has(4, "ann  reopened");
}

const ISSUES: &str = "SELECT ARRAY[to_jsonb(t)::text] FROM issue AS t ORDER BY issue";

/// Nights of two jobs with two problems, and acts that stand between them.
fn history(nights: &Nights, order: &[u32], acts_before: usize) -> Vec<Row> {
    let written = |day: u32| {
        let end = match day {
            5 | 6 | 14 => Bad(ORACLE),
            11 => Caught(DISK),
            _ => Good,
        };
        nights.write(day, "LOAD_1", end, "PROD", "0.1");
        let other = if day.is_multiple_of(4) {
            Bad(DISK)
        } else {
            Good
        };
        nights.write(day, "LOAD_2", other, "PROD", "0.1");
        nights.write(day, "LOAD_1", Bad(ORACLE), "DEV", "0.1");
    };
    for (place, day) in order.iter().enumerate() {
        if place == acts_before {
            let of =
                "SELECT ARRAY[issue::text] FROM issue WHERE environment = 'PROD' ORDER BY issue";
            for issue in rows(&nights.database.url, of) {
                nights.act(&[
                    "ack",
                    &issue[0],
                    "--by",
                    "ann",
                    "--at",
                    "2025-01-07T08:00:00Z",
                ]);
                nights.act(&[
                    "resolve",
                    &issue[0],
                    "--by",
                    "ann",
                    "--at",
                    "2025-01-13T08:00:00Z",
                ]);
            }
        }
        written(*day);
        nights.load(&[&format!("logs/{day}")]);
    }
    nights.is_proved();
    rows(&nights.database.url, ISSUES)
}

#[test]
fn neither_order_nor_pieces_matter() {
    let days: Vec<u32> = (5..18).collect();
    let nights = Nights::new();
    let expected = history(&nights, &days, 8);
    assert_eq!(expected.len(), 3, "{expected:#?}");
    let mut orders = vec![days.iter().copied().rev().collect::<Vec<_>>()];
    for step in [5, 7, 11] {
        orders.push((0..13).map(|place| 5 + (place * step + 3) % 13).collect());
    }
    for order in orders {
        let other = Nights::new();
        assert_eq!(history(&other, &order, 12), expected, "{order:?}");
        other
            .world
            .run(&["fuse", "--full", "--as-of", AS_OF])
            .done();
        assert_eq!(
            rows(&other.database.url, ISSUES),
            expected,
            "{order:?}, all of it again"
        );
        // Other rules and back.
        for after in ["1", "3"] {
            let set = format!("issues.resolve_after={after}");
            other
                .world
                .run(&["fuse", "--as-of", AS_OF, "--set", &set])
                .done();
            let is_same = rows(&other.database.url, ISSUES) == expected;
            assert_eq!(is_same, after == "3", "{after}");
        }
    }
}

#[test]
fn what_is_taken_back_leaves_no_issue_and_acts_wait() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    nights.run(6, "LOAD", Bad(ORACLE));
    let id = nights.id();
    nights.act(&["assign", &id, "bob"]);
    let unload = |path: &str| nights.world.run(&["unload", "--as-of", AS_OF, path]).done();
    unload("logs/6");
    nights.is("new", 1);
    unload("logs/5");
    assert_eq!(nights.list(&["--all"]).len(), 0);
    assert_eq!(
        number(&nights.database.url, "SELECT count(*) FROM issue_act"),
        1
    );
    nights.load(&["logs/5"]);
    assert_eq!(nights.only()["assignee"], "bob");
    assert_eq!(nights.id(), id);
    nights.is_proved();
}

#[test]
fn issues_of_closed_days_stay_and_a_backup_has_them() {
    let nights = Nights::new();
    for day in [5, 6] {
        nights.run(day, "LOAD", Bad(ORACLE));
    }
    let id = nights.id();
    nights.act(&["note", &id, "it waits for the new server", "--by", "ann"]);
    let before = rows(&nights.database.url, ISSUES);
    let prune = ["prune", "--months", "1", "--settled-after", "0"];
    let prune = [&prune[..], &["--as-of", "2025-04-01T12:00:00Z"]].concat();
    nights.world.run(&prune).done();
    assert_eq!(
        number(&nights.database.url, "SELECT count(*) FROM logerreur"),
        0
    );
    assert_eq!(rows(&nights.database.url, ISSUES), before);
    nights.is_proved();
    nights
        .world
        .run(&["fuse", "--full", "--as-of", "2025-04-01T12:00:00Z"])
        .done();
    assert_eq!(rows(&nights.database.url, ISSUES), before);
    let path = nights.world.home.path().join("b.smartetl");
    let path = path.to_str().expect("UTF-8");
    nights.world.run(&["backup", path]).done();
    let copy = own_database();
    let world = World::on(&copy.url).in_paris();
    world.run(&["restore", path]).done();
    assert_eq!(rows(&copy.url, ISSUES), before);
    world.run(&["issues", "unmute", &id, "--by", "bob"]).done();
    assert_eq!(
        number(&copy.url, "SELECT max(act) FROM issue_act"),
        2,
        "numbers go on"
    );
}

#[test]
fn what_is_wrong_is_found() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    for spoil in [
        "UPDATE issue SET state = 'ongoing'",
        "DELETE FROM issue",
        "UPDATE issue SET issue = gen_random_uuid()",
    ] {
        nights.world.run(&["sql", "--write", spoil]).done();
        let answer = nights.world.run(&["verify", "--recompute"]);
        assert_eq!(answer.exit, 1, "{spoil}: {}", answer.stdout);
        assert!(answer.stdout.contains("issue"), "{}", answer.stdout);
        nights
            .world
            .run(&["fuse", "--full", "--as-of", AS_OF])
            .done();
        nights.is("new", 1);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let refused = |arguments: &[&str], why: &str| {
        let answer = nights.world.run(&[&["issues"], arguments].concat());
        assert_eq!(answer.exit, 2, "{arguments:?}: {}", answer.stdout);
        assert!(
            answer.stderr.contains(why),
            "{arguments:?}: {}",
            answer.stderr
        );
    };
    refused(&["ack", "ffffffff"], "there is no issue `ffffffff`");
    refused(&["ack", "abc"], "at least 4 digits");
    refused(&["show", "12"], "`12` is no id: that is 4 to 32 characters");
    refused(
        &["ack", &id, "ffffffff"],
        "there is no issue `ffffffff`; nothing was changed",
    );
    refused(&["mute", &id], "--until");
    refused(&["mute", &id, "--until", "2020-01-01"], "over already");
    refused(&["mute", &id, "--until", "2020-01-01"], "to come");
    for times in ["0", "-3", "many"] {
        let why = format!("`{times}` is no number of times: 1 or more");
        refused(&["mute", &id, "--occurrences", times], &why);
    }
    refused(&["merge", &id, &id], "that is the same issue twice");
    refused(&["assign", &id], "--nobody");
    refused(&["runbook", &id], "--none");
    refused(&["runbook", &id, "javascript:alert(1)"], "write https://");
    refused(&["undo", "abc"], "issues overrides");
    refused(&["undo", "1", "--by", ""], "it is empty");
    refused(&["rename", &id, " "], "it is empty");
    refused(&["resolve", &id, "--at", "demain"], "`demain` is no moment");
    refused(
        &["resolve", &id, "--at", "2099-01-01T00:00:00Z"],
        "yet to come",
    );
    refused(
        &["resolve", &id, "--at", "2099-01-01T00:00:00Z"],
        "leave --at out",
    );
    refused(&["note", &id, "  "], "empty");
    assert_eq!(
        number(&nights.database.url, "SELECT count(*) FROM issue_act"),
        0,
        "all or nothing"
    );
    // Nothing was muted, and no family is called so.
    let told = nights.act(&["unmute", &id]);
    assert!(told.contains("it was not muted"), "{told}");
    refused(&["--family", "LAOD"], "these are near: LOAD");
    assert_eq!(nights.list(&["--family", "LA*"]).len(), 0);
    // What is too long is not repeated.
    let long = nights
        .world
        .run(&["issues", "rename", &id, &"x".repeat(3000)]);
    assert!(
        long.stderr.contains("longer than 2000 characters") && long.stderr.len() < 500,
        "{}",
        long.stderr
    );
    // Words of a terminal are stored as such, and steer none.
    nights.act(&["note", &id, "a\u{1b}[31mb'; DROP TABLE issue; --"]);
    assert_eq!(nights.only()["note"], "a [31mb'; DROP TABLE issue; --");
    // An id that begins two of them.
    nights.run(5, "SEND", Bad(DISK));
    let alike = "UPDATE issue SET issue = overlay(issue::text placing 'abcd' from 1 for 4)::uuid";
    nights.world.run(&["sql", "--write", alike]).done();
    refused(&["show", "abcd"], "names several issues");
}

/// Acknowledging says nothing about since when it is open.
#[test]
fn it_is_open_since_it_was_seen_whoever_did_what() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let ack = ["ack", &id, "--by", "ann", "--at", "2025-01-07T08:00:00Z"];
    nights.act(&ack);
    let shown = nights.act(&["show", &id]);
    assert!(
        shown.contains("Ongoing · open since 5 Jan 2025 02:09 ·"),
        "{shown}"
    );
    assert!(
        shown.contains("Acknowledged by ann, 7 Jan 2025 09:00"),
        "{shown}"
    );
    let list = nights.act(&["list"]);
    let row = list.lines().nth(1).unwrap_or_default();
    assert!(
        list.contains("Open since") && row.contains("5 Jan 2025"),
        "{list}"
    );
    let french = nights.act_of(&told_in("fr", &["issues", "show", &id]));
    assert!(
        french.contains("ouvert le 5 janv. 2025 à 02:09"),
        "{french}"
    );
    for day in 8..11 {
        nights.run(day, "LOAD", Good);
    }
    let shown = nights.act(&["show", &id]);
    assert!(
        shown.contains("Resolved on 10 Jan 2025 02:10, by itself · open since 5 Jan 2025 02:09"),
        "{shown}"
    );
}

/// Ids that were written down before a merge go on to work, and say where it went.
#[test]
fn ids_from_before_a_merge_name_the_issue_that_took_over() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    nights.run(5, "SEND", Bad(DISK));
    let of = |family: &str| {
        nights.list(&["--all", "--family", family])[0]["id"]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    let (stays, goes) = (of("LOAD"), of("SEND"));
    let told = nights.act(&["merge", &stays, &goes]);
    assert!(
        told.contains("all jobs and environments: 2 issues in 2 families"),
        "{told}"
    );
    let now = of("SEND");
    assert_ne!(now, goes, "its problem is another one");
    let shown = nights.act(&["show", &goes]);
    assert!(
        shown.contains(&format!("is issue {now} now: override 1 merged them")),
        "{shown}"
    );
    let json: Value =
        serde_json::from_str(&nights.act(&["show", &goes, "--format", "json"])).expect("JSON");
    assert_eq!(
        (&json["id"], &json["former"]["override"]),
        (&Value::from(now.as_str()), &Value::from(1))
    );
    let told = nights.act(&["ack", &goes]);
    assert!(told.contains("override 1 merged them"), "{told}");
    assert_eq!(nights.list(&["--family", "SEND"])[0]["state"], "ongoing");
    nights.act(&["undo", "1"]);
    assert_eq!(of("SEND"), goes);
    let gone = nights.world.run(&["issues", "show", &now]);
    assert_eq!(gone.exit, 2, "{}", gone.stdout);
}

/// A message of a template that has several signatures.
fn queue(name: &str) -> String {
    format!("queue {name} of the depot is refused by the broker")
}

/// The id of an issue of which a part was split off stays with the rest, wherever that goes; where nothing is left of it, it names nothing.
#[test]
fn ids_from_before_a_split_stay_with_what_was_left() {
    let nights = Nights::new();
    for (day, name) in (5..).zip(["alpha", "beta", "gamma", "delta"]) {
        nights.run(day, "LOAD", Bad(&queue(name)));
    }
    nights.run(9, "SEND", Bad(ORACLE));
    let id = |issue: &Value| issue["id"].as_str().expect("a text").to_owned();
    let of = |family: &str| nights.list(&["--all", "--family", family]);
    let (loads, send) = (of("LOAD"), id(&of("SEND")[0]));
    assert_eq!(loads.len(), 1, "they are of one template");
    let load = id(&loads[0]);
    nights.act(&["note", &load, "known"]);
    let alpha = "SELECT ARRAY[signature::text] FROM signature WHERE text LIKE '%alpha%'";
    let alpha = rows(&nights.database.url, alpha)[0][0].clone();
    let told = nights.act(&["split", &load, "--signature", &alpha]);
    let rest = loads[0]["problem"].as_str().expect("a text")[..8].to_owned();
    assert!(
        told.contains(&format!("What people did stays with {rest}.\n")),
        "{told}"
    );
    assert!(told.contains("2 issues in 1 family so far"), "{told}");
    let apart = of("LOAD");
    let apart: Vec<String> = apart.iter().map(id).filter(|one| *one != load).collect();
    let told = nights.act(&["merge", &send, &load]);
    assert!(told.contains("2 issues in 2 families so far"), "{told}");
    let told = nights.act(&["ack", &load, "--lang", "en"]);
    assert!(told.contains("now: override 2 merged them"), "{told}");
    let noted = nights.list(&["--all", "--family", "LOAD"]);
    let noted = noted.iter().find(|one| one["note"] == "known");
    assert_eq!(
        noted.map(|one| &one["state"]),
        Some(&Value::from("ongoing"))
    );
    assert!(noted.map(id).is_some_and(|one| !apart.contains(&one)));
    // The part is called by what it says, also where it is no problem of its own any more.
    nights.act(&["merge", &send, &apart[0]]);
    let listed = nights.act(&["overrides", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    for one in listed.as_array().expect("a list") {
        assert!(one["title"].is_string(), "{listed:#}");
        let is_merge = one["kind"] == "merge";
        assert_eq!(one["other_title"].is_string(), is_merge, "{listed:#}");
    }
    for number in ["3", "2", "1"] {
        nights.act(&["undo", number]);
    }
    let told = nights.act(&["split", &load, "--lang", "fr"]);
    assert!(
        told.contains("Ce que les personnes ont fait reste avec "),
        "{told}"
    );
    let parts: Vec<String> = of("LOAD").iter().map(id).collect();
    assert_eq!(parts.len(), 4, "{parts:?}");
    for (lang, words) in [
        ("en", "use one of their ids:"),
        ("fr", "prenez l’un de leurs identifiants\u{a0}:"),
    ] {
        let refused = nights.world.run(&told_in(lang, &["issues", "ack", &load]));
        assert_eq!(refused.exit, 2, "{}", refused.stdout);
        let told = &refused.stderr;
        assert!(told.contains(words), "{told}");
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
    nights.is_proved();
}

/// From an issue one gets to its messages, to what is to be looked at, and to the ids that other commands take.
#[test]
fn an_issue_shows_a_message_with_its_name_and_what_to_look_at() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let json: Value =
        serde_json::from_str(&nights.act(&["show", &id, "--format", "json"])).expect("JSON");
    let error = json["example"]["error"]
        .as_str()
        .expect("a text")
        .to_owned();
    assert_eq!(json["example"]["message"], ORACLE);
    assert_eq!(json["signatures"].as_array().map(Vec::len), Some(1));
    let problem = json["problem"].as_str().expect("a text").to_owned();
    for (lang, first) in [("en", "Look first: "), ("fr", "À voir d’abord\u{a0}: ")] {
        let shown = nights.act_of(&told_in(lang, &["issues", "show", &id]));
        let check = json["look_first"][lang].as_str().expect("a text");
        let words: Vec<&str> = shown.split_whitespace().collect();
        let advice: Vec<&str> = check.split_whitespace().collect();
        assert!(
            words.windows(advice.len()).any(|part| part == advice),
            "{shown}"
        );
        assert!(
            shown.contains(first) && shown.contains(&problem[..8]),
            "{shown}"
        );
        assert!(
            shown.contains(&format!("smartetl explain {error}")),
            "{shown}"
        );
    }
    let explained = nights.act_of(&["explain", &error]);
    assert!(explained.contains(ORACLE), "{explained}");
    // Its id is no message.
    let refused = nights.world.run(&["explain", &id]);
    assert_eq!(refused.exit, 2, "{}", refused.stdout);
    assert!(
        refused.stderr.contains(&format!("issues show {id}")),
        "{}",
        refused.stderr
    );
    assert!(nights.act_of(&["explain", "ffff"]).contains("Category:"));
    // Without its rows there is no message, and the rest all the same.
    let prune = ["prune", "--months", "1", "--settled-after", "0"];
    nights.act_of(&[&prune[..], &["--as-of", "2025-04-01T12:00:00Z"]].concat());
    let shown = nights.act(&["show", &id]);
    assert!(
        shown.contains("Look first") && !shown.contains("Example"),
        "{shown}"
    );
}

#[test]
fn as_people_see_them() {
    let nights = Nights::new();
    for day in [5, 6] {
        nights.run(day, "LOAD", Bad(ORACLE));
    }
    nights.run(6, "SEND", Bad(DISK));
    let id = nights.list(&["--family", "LOAD"])[0]["id"]
        .as_str()
        .expect("a text")
        .to_owned();
    nights.act(&[
        "assign",
        &id,
        "bob",
        "--by",
        "ann",
        "--at",
        "2025-01-06T08:00:00Z",
    ]);
    nights.act(&[
        "runbook",
        &id,
        "https://wiki.example.com/oracle",
        "--by",
        "ann",
        "--at",
        "2025-01-06T08:01:00Z",
    ]);
    let json: Value =
        serde_json::from_str(&nights.act(&["show", &id, "--format", "json"])).expect("JSON");
    let error = json["example"]["error"].as_str().expect("a text");
    let other = nights.list(&["--family", "SEND"])[0]["id"]
        .as_str()
        .expect("a text")
        .to_owned();
    let run =
        "SELECT ARRAY[run_key::text] FROM dataset WHERE job = 'LOAD' ORDER BY started_at DESC";
    let run = rows(&nights.database.url, run)[0][0].clone();
    for lang in ["en", "fr"] {
        let shown = [
            nights.world.transcript(&told_in(lang, &["issues"])),
            nights
                .world
                .transcript(&told_in(lang, &["issues", "show", &id])),
            nights
                .world
                .transcript(&told_in(lang, &["runs", "show", &run])),
            nights
                .world
                .transcript(&told_in(lang, &["report", "night", "--day", "2025-01-06"])),
        ];
        let status = nights.act_of(&told_in(lang, &["status", "--day", "2025-01-06"]));
        assert!(status.contains(&id), "{status}");
        // How long ago it was, and when it was said, changes with the day of the test.
        let steady: Vec<String> = shown
            .iter()
            .map(|text| {
                without_the_present(text)
                    .replace(&id, "aaaa")
                    .replace(error, "12-345-0")
                    .replace(&other, "bbbb")
            })
            .collect();
        insta::assert_snapshot!(format!("issues_{lang}"), steady.join("\n"));
        for arguments in [&["issues"][..], &["issues", "show", &id]] {
            let plain = [&told_in(lang, arguments)[..], &["--color", "never"]].concat();
            let (exit, lines) = Screen::start(&nights.world, &plain, 80).end();
            assert_eq!(exit, Some(0));
            let too_long: Vec<_> = lines
                .iter()
                .filter(|line| line.chars().count() > 80)
                .collect();
            assert!(too_long.is_empty(), "{too_long:#?}");
        }
    }
}

/// In a narrow terminal what it says is not pushed aside by what kind it is.
#[test]
fn a_narrow_list_has_room_for_the_message() {
    let nights = Nights::new();
    nights.run(
        5,
        "LOAD",
        Bad("java.sql.SQLException:ORA-12541: TNS:no listener at the old host"),
    );
    for lang in ["en", "fr"] {
        let list = told_in(lang, &["issues", "--color", "never"]);
        let (exit, lines) = Screen::start(&nights.world, &list, 80).end();
        assert_eq!(exit, Some(0));
        let has = |words: &str| lines.iter().any(|line| line.trim_end().ends_with(words));
        assert!(has("no listener at the old host"), "{lines:#?}");
        let what = if lang == "en" {
            "Connection (platform team)"
        } else {
            "Connexion (l’équipe infrastructure)"
        };
        assert!(has(what), "{lines:#?}");
    }
}

/// For people: in their language, and on their clock.
#[test]
fn records_are_in_french_and_on_the_local_clock() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    nights.act(&["mute", &id, "--next-version", "--by", "ann"]);
    let records = |what: &[&str]| {
        let told = nights.act_of(&[&["--lang", "fr"], what, &["--format", "records"]].concat());
        told.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };
    for (list, expected) in [
        (
            &["issues", "--all"][..],
            &[
                "problème",
                "état nouveau",
                "ouvert le 2025-01-05 02:09:00 +0100",
                "sourdine jusqu’à la prochaine version",
                "relançable oui",
                "exécutions 1",
            ][..],
        ),
        (
            &["runs"],
            &["début 2025-01-05 02:00:00 +0100", "résultat en échec"],
        ),
        (
            &["jobs"],
            &[
                "dernière exécution 2025-01-05 02:00:00 +0100",
                "dernier résultat en échec",
            ],
        ),
    ] {
        let told = records(list);
        for words in expected {
            assert!(
                told.iter().any(|line| line.starts_with(words)),
                "`{words}` is missing in {told:#?}"
            );
        }
        // Names of columns that are words of English, or of programs.
        let english = [
            "since", "opened", "title", "muted", "last", "first", "usual", "jobs_", "run_key",
            "lost", "failed",
        ];
        let left = told
            .iter()
            .filter(|line| english.iter().any(|word| line.starts_with(word)));
        assert_eq!(left.count(), 0, "{told:#?}");
    }
}

fn told_in<'a>(lang: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["--lang", lang], arguments].concat()
}

/// Parts of lines that hang on the clock of the test.
fn without_the_present(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("fused_at"));
    let lines = lines.map(|line| {
        let end = line.find(" (il y a ").or_else(|| {
            line.find(" days ago)")
                .and_then(|at| line[..at].rfind(" ("))
        });
        let end = end
            .or_else(|| line.find(" (saisi le "))
            .or_else(|| line.find(" (said "));
        end.map_or(line, |end| &line[..end]).to_owned() + "\n"
    });
    lines.collect()
}

#[test]
fn help() {
    check!(World::new(), "issues", "mute", "--help");
}

/// Nothing that is kept holds a secret or steers a terminal.
#[test]
fn what_people_type_is_kept_without_secrets() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let id = nights.id();
    let link = "postgresql://u:pw12345@h/db";
    let name = "\u{1b}[31mann";
    nights.act(&["rename", &id, link, "--by", name]);
    nights.act(&["note", &id, link, "--by", name]);
    nights.act_of(&[
        "classify",
        "--correct",
        &nights.error(),
        "code",
        "--by",
        name,
    ]);
    for kept in [
        "SELECT ARRAY[to_jsonb(override)::text] FROM override",
        "SELECT ARRAY[to_jsonb(issue)::text] FROM issue",
        "SELECT ARRAY[to_jsonb(issue_act)::text] FROM issue_act",
    ] {
        let kept = format!("{:?}", rows(&nights.database.url, kept));
        assert!(
            !kept.contains("pw12345") && !kept.contains("u001b"),
            "{kept}"
        );
    }
}

/// What people say is one problem is one cause, in a night and in a week.
#[test]
fn a_report_counts_problems_and_not_messages() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    nights.run(5, "SEND", Bad(DISK));
    let causes = |of: &str| {
        let report = ["report", of, "--day", "2025-01-05", "--format", "json"];
        let told: Value = serde_json::from_str(&nights.act_of(&report)).expect("JSON");
        let causes = told["causes"].as_array().expect("causes").clone();
        let jobs = causes.iter().map(|cause| cause["jobs"].clone());
        jobs.collect::<Vec<_>>()
    };
    for of in ["night", "week"] {
        assert_eq!(causes(of), [1, 1], "{of}");
    }
    let ids = nights.list(&[]);
    let ids: Vec<&str> = ids
        .iter()
        .map(|issue| issue["id"].as_str().expect("a text"))
        .collect();
    nights.act(&["merge", ids[0], ids[1]]);
    for of in ["night", "week"] {
        assert_eq!(causes(of), [2], "{of}");
    }
    nights.act(&["undo", "1"]);
    for of in ["night", "week"] {
        assert_eq!(causes(of), [1, 1], "{of}");
    }
}

/// All jobs succeeded, and yet there were errors: that is worth a line.
#[test]
fn errors_of_runs_that_succeeded_are_told_in_a_line() {
    let nights = Nights::new();
    for (job, end) in [
        ("LOAD", Caught(ORACLE)),
        ("SEND", Caught(ORACLE)),
        ("CALC", Caught(DISK)),
        ("GOOD", Good),
    ] {
        nights.run(5, job, end);
    }
    nights.run(6, "LOAD", Bad(ORACLE));
    nights.run(7, "LOAD", Caught(DISK));
    let report = |lang: &str, day: &str, format: &str| {
        let report = ["--lang", lang, "report", "--day", day, "--format", format];
        let told = nights.act_of(&report);
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (lang, day, said) in [
        (
            "en",
            "2025-01-05",
            "Errors 3 error lines made no job fail: 3 runs, 2 problems; the most frequent (2 runs): \
             java.sql.SQLException:ORA-12541: TNS:no listener",
        ),
        (
            "fr",
            "2025-01-05",
            "Erreurs 3 lignes d’erreur sans échec de job : 3 exécutions, 2 pannes ; la plus fréquente (2 exécutions) : \
             java.sql.SQLException:ORA-12541: TNS:no listener",
        ),
        (
            "en",
            "2025-01-07",
            "Errors 1 error line made no job fail: 1 run, 1 problem: java.io.IOException:No space left on device",
        ),
    ] {
        let told = report(lang, day, "text");
        assert!(told.contains(said), "{told}");
        let page = report(lang, day, "html");
        let title = said.rsplit_once("java.").expect("a title").1;
        assert!(page.contains(title), "{page}");
    }
    let told = report("en", "2025-01-06", "text");
    assert!(!told.contains("Errors"), "{told}");
}

/// A night is told as it was: an issue that came back later did not begin after it.
#[test]
fn a_night_before_an_issue_was_resolved_names_when_it_was_first_seen() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    for day in 6..=8 {
        nights.run(day, "LOAD", Good);
    }
    nights.run(20, "LOAD", Bad(ORACLE));
    nights.is("regressed", 2);
    let of = |day: &str, format: &str| {
        let report = [
            "report", "--day", day, "--format", format, "--lang", "en", "--all",
        ];
        nights.act_of(&report)
    };
    for (day, since, is_of_before, runs) in [
        ("2025-01-05", "2025-01-05T01:09:00Z", true, 2),
        ("2025-01-20", "2025-01-20T01:09:00Z", false, 1),
    ] {
        let told: Value = serde_json::from_str(&of(day, "json")).expect("JSON");
        let issue = &told["causes"][0]["places"][0]["issue"];
        let said = (&issue["since"], &issue["is_of_before"], &issue["runs"]);
        let expected = (
            &Value::from(since),
            &Value::from(is_of_before),
            &Value::from(runs),
        );
        assert_eq!(said, expected, "{day}");
    }
    assert!(of("2025-01-05", "text").contains("first seen 5 Jan"));
}

/// It failed again, by something else: that is what blocks it now.
#[test]
fn a_rerun_that_fails_by_something_else_is_told() {
    let nights = Nights::new();
    nights.run(5, "LOAD", Bad(ORACLE));
    let who = "again;again;again";
    let stats = format!(
        "{COLUMNS}2025-01-05 06:00:00;{who};1;SALES;LOAD;_LOAD;0.1;PROD;;begin;;\n\
         2025-01-05 06:10:00;{who};1;SALES;LOAD;_LOAD;0.1;PROD;;end;failure;600000\n"
    );
    nights.world.file("again/stats.csv", &stats);
    let errors = format!(
        "{ERROR_COLUMNS}2025-01-05 06:09:00;{who};SALES;LOAD;PROD;6;Java Exception;tDBInput_1;{DISK};1\n"
    );
    nights.world.file("again/errors.csv", &errors);
    nights.load(&["again"]);
    let report = ["report", "--day", "2025-01-05", "--lang", "en", "--all"];
    let told = nights.act_of(&report);
    assert!(told.contains("by something else"), "{told}");
}
