//! Long work: one piece at a time, asked for once, and gone on with whatever became of the process that began it.

use super::client::{Answer, Api};
use super::source::{reload, source_of, unload};
use crate::running::Up;
use crate::samples::stats;
use crate::support::{World, own_database};
use crate::tables::{number, rows};
use serde_json::{Value, json};
use smartetl_testkit::TestDatabase;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::runtime::Runtime;

/// Somebody with a connection of their own, which others wait for.
struct Other {
    runtime: Runtime,
    connection: PgConnection,
}

impl Other {
    fn of(url: &str) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let connection = runtime.block_on(PgConnection::connect(url));
        let connection = connection.expect("the server");
        Self {
            runtime,
            connection,
        }
    }

    fn tell(&mut self, statement: &str) {
        let told = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut self.connection);
        self.runtime.block_on(told).expect("the server");
    }
}

/// The lock of whoever does what was asked for: "task" in ASCII, in the upper half.
const LOCK: i64 = 0x7461_736b << 32;

fn two_files() -> (TestDatabase, World) {
    let database = own_database();
    let world = World::on(&database.url);
    world.file("logs/one.csv", &stats(0..3));
    world.file("logs/two.csv", &stats(10..12));
    world.run(&["load", "logs"]).done();
    (database, world)
}

fn number_of(accepted: &Answer) -> i64 {
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    accepted.json()["task"].as_i64().expect("a number")
}

#[test]
fn who_asks_twice_gets_one_and_one_is_done_after_the_other() {
    let (database, world) = two_files();
    let url = database.url.clone();
    let mut other = Other::of(&url);
    other.tell(&format!("SELECT pg_advisory_lock({LOCK})"));
    let api = Api::over(database, world, &[]);
    let [one, two] = ["/one.csv", "/two.csv"].map(|end| source_of(&api, end));
    let first = number_of(&reload(&api, one, &json!({})));
    assert_eq!(number_of(&reload(&api, one, &json!({}))), first);
    let otherwise = json!({"reading": {"timezone": "UTC"}});
    let second = number_of(&reload(&api, one, &otherwise));
    let third = number_of(&unload(&api, two, &json!({})));
    assert!(first < second && second < third, "{first} {second} {third}");
    assert_eq!(api.json(&format!("/sources/{one}"))["task"], first);
    for task in [first, second, third] {
        assert_eq!(api.json(&format!("/tasks/{task}"))["state"], "waiting");
    }
    other.tell(&format!("SELECT pg_advisory_unlock({LOCK})"));
    let ends: Vec<Value> = [first, second, third]
        .map(|task| api.until_ended(task))
        .into();
    for told in &ends {
        assert_eq!(told["state"], "done", "{told}");
    }
    let moment = |told: &Value, field: &str| -> jiff::Timestamp {
        let text = told[field].as_str().expect("a moment");
        text.parse().expect("a moment")
    };
    for pair in ends.windows(2) {
        assert!(
            moment(&pair[0], "ended_at") <= moment(&pair[1], "begun_at"),
            "{pair:?}"
        );
    }
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 6);
    let asked = api.items("/audit");
    assert_eq!(
        asked.len(),
        3,
        "who asks twice at once asks once: {asked:?}"
    );
    // Each language is told in its own words, of a list and of a file too.
    let french = api.json(&format!("/tasks/{third}?lang=fr"));
    assert_eq!(french["kind"], "unload");
    assert_eq!(api.get("/tasks?format=csv").text().lines().count(), 4);
    assert_eq!(api.get("/tasks/0").status, 404);
    api.up.stop();
}

/// Killed while it works, and begun anew by the next process.
#[test]
fn what_a_killed_process_left_is_gone_on_with() {
    let (database, world) = two_files();
    let url = database.url.clone();
    let before = rows(
        &url,
        "SELECT ARRAY[run_id, status, started_at::text] FROM dataset ORDER BY run_id",
    );
    let mut fuse = Other::of(&url);
    let api = Api::over(database, world, &[]);
    let [one, two] = ["/one.csv", "/two.csv"].map(|end| source_of(&api, end));
    // Whoever takes back waits for a fuse.
    fuse.tell("BEGIN");
    fuse.tell(&format!("SELECT pg_advisory_xact_lock({})", 0x6675_7365));
    let tasks = [
        number_of(&reload(&api, one, &json!({}))),
        number_of(&unload(&api, two, &json!({}))),
    ];
    crate::processes::wait_until("it is begun", || {
        api.json(&format!("/tasks/{}", tasks[0]))["state"] == "running"
    });
    let Api { up, world, .. } = api;
    up.kill();
    fuse.tell("ROLLBACK");
    assert_eq!(
        number(&url, "SELECT count(*) FROM log"),
        10,
        "nothing is half done"
    );
    let started = || {
        Api::at(
            Up::start(&world, &["--set", "fuse.mode=live", "nothing"]),
            World::on(&url),
        )
    };
    let api = started();
    for (task, rows_log) in tasks.into_iter().zip([6, 4]) {
        let told = api.until_ended(task);
        assert_eq!(told["state"], "done", "{told}");
        assert_eq!(told["unloaded"]["rows_log"], rows_log, "{told}");
    }
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 6);
    let after = rows(
        &url,
        "SELECT ARRAY[run_id, status, started_at::text] FROM dataset ORDER BY run_id",
    );
    assert_eq!(after[..], before[..3]);
    // It died when all was taken back and nothing read: nothing is taken back again, and the rest is done.
    let left = |task: i64, tries: i32| {
        let statement = format!(
            "UPDATE task SET state = 'running', tries = {tries}, ended_at = NULL, told = NULL WHERE task = {task}"
        );
        Other::of(&url).tell(&statement);
    };
    api.up.stop();
    world.run(&["unload", "logs/one.csv"]).done();
    left(tasks[0], 1);
    world.run(&["load", "logs/two.csv"]).done();
    left(tasks[1], 1);
    let api = started();
    let told = api.until_ended(tasks[0]);
    assert_eq!(
        (&told["state"], &told["loaded"]["rows_log"]),
        (&json!("done"), &json!(6)),
        "{told}"
    );
    // What came after it was asked for is not taken back.
    let told = api.until_ended(tasks[1]);
    assert_eq!(
        (&told["state"], &told["unloaded"]["rows_log"]),
        (&json!("done"), &json!(0)),
        "{told}"
    );
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 10);
    api.up.stop();
    // What ends each process that begins it is not begun for ever.
    left(tasks[0], 3);
    let api = started();
    let told = api.until_ended(tasks[0]);
    assert_eq!(told["state"], "failed", "{told}");
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 10);
    api.up.stop();
}
