//! A database that holds consumers up: what they do not store meanwhile is stored afterwards.

use super::by_hand::{GOOD, PATIENCE, admin, flush, keyed, producer};
use super::{Topics, consumed};
use crate::processes::wait_until;
use crate::support::{World, own_database};
use crate::tables::{number, rows};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// A consumer that goes on until it is stopped; what it tells stands in a file.
struct Running {
    child: Child,
    told: PathBuf,
}

impl Running {
    fn start(world: &World, name: &str) -> Self {
        let told = world.home.path().join(name);
        let arguments = ["consume", "--set", "load.batch_records=10"];
        let child = world
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(File::create(&told).expect("a file"))
            .spawn()
            .expect("the program starts");
        Self { child, told }
    }

    fn told(&self) -> String {
        std::fs::read_to_string(&self.told).expect("what it told")
    }

    fn assert_alive(&mut self) {
        let ended = self.child.try_wait().expect("it is our child");
        assert!(ended.is_none(), "{ended:?}: {}", self.told());
    }

    /// How often the thread that polls gave the processor away.
    fn turns(&self) -> u64 {
        let threads = format!("/proc/{}/task", self.child.id());
        let threads = std::fs::read_dir(threads).expect("its threads").flatten();
        let text = |path: &Path, name: &str| std::fs::read_to_string(path.join(name));
        let mut polling = threads
            .map(|thread| thread.path())
            .filter(|path| text(path, "comm").is_ok_and(|name| name.trim() == "kafka-consumer"));
        let status = polling.next().and_then(|path| text(&path, "status").ok());
        let turns = status.as_deref().and_then(|status| {
            let line = |line: &str| {
                line.strip_prefix("voluntary_ctxt_switches:")?
                    .trim()
                    .parse()
                    .ok()
            };
            status.lines().find_map(line)
        });
        turns.expect("it polls")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nobody reads or writes a table until this is dropped.
pub(super) struct Blocked {
    runtime: tokio::runtime::Runtime,
    connection: Option<PgConnection>,
}

impl Blocked {
    pub(super) fn begin(url: &str, table: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let connection = runtime.block_on(async {
            let mut connection = PgConnection::connect(url).await.expect("the server");
            let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
            for statement in ["BEGIN".to_owned(), lock] {
                let done = sqlx::query(AssertSqlSafe(statement))
                    .execute(&mut connection)
                    .await;
                done.expect("it is locked");
            }
            connection
        });
        Self {
            runtime,
            connection: Some(connection),
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Its end is the end of the lock.
            let _ = self.runtime.block_on(connection.close());
        }
    }
}

fn is_waited_for(url: &str) -> bool {
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
         WHERE NOT granted AND datname = current_database()";
    number(url, waiting) > 0
}

/// Sends the beginning of so many runs to all partitions.
fn sent(topics: &Topics, numbers: std::ops::Range<usize>) {
    let producer = producer();
    for number in numbers {
        let run = format!("r{number}");
        let value = GOOD.replace("NAME", &run);
        keyed(&producer, &topics.log(), &run, value.as_bytes());
    }
    flush(&producer);
}

fn stored(url: &str) -> Vec<Vec<String>> {
    rows(
        url,
        "SELECT ARRAY[count(*)::text, count(DISTINCT run_id)::text] FROM log",
    )
}

/// The state of the group and how many are in it.
fn group(topics: &Topics) -> (String, usize) {
    let admin = admin();
    let groups = admin.inner().fetch_group_list(Some(topics.name), PATIENCE);
    let groups = groups.expect("the groups");
    let group = groups.groups().first().expect("our group");
    (group.state().to_owned(), group.members().len())
}

/// Partitions that were paused because the database was behind are taken away while they are, and come back.
#[test]
fn a_pause_ends_with_the_assignment() {
    let database = own_database();
    let topics = Topics { name: "pauses" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    let mut stays = Running::start(&world, "stays");
    sent(&topics, 0..60);
    wait_until("all is stored", || stored(&database.url) == [["60", "60"]]);

    let blocked = Blocked::begin(&database.url, "log");
    sent(&topics, 60..600);
    wait_until("a batch waits", || is_waited_for(&database.url));
    let mut goes = Running::start(&world, "goes");
    // It is in, and the first one waits for its batch before it lets partitions go.
    wait_until("there are two", || {
        group(&topics) == ("Stable".to_owned(), 2)
    });
    let (mut turns, mut quiet) = (0, 0);
    wait_until("the first one stands still", || {
        let now = stays.turns();
        quiet = if now == turns { quiet + 1 } else { 0 };
        turns = now;
        quiet == 40
    });
    drop(blocked);
    wait_until("all is stored", || {
        stored(&database.url) == [["600", "600"]]
    });
    for consumer in [&mut stays, &mut goes] {
        consumer.assert_alive();
    }
    drop(goes);
    sent(&topics, 600..1200);
    wait_until("all is stored by the first one alone", || {
        stays.assert_alive();
        stored(&database.url) == [["1200", "1200"]]
    });
}

/// A transaction that waits for a lock that nobody gives back ends, is told, and is done again.
#[test]
fn a_commit_that_hangs_is_given_up() {
    let database = own_database();
    let topics = Topics { name: "hangs" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    let mut consumer = Running::start(&world, "told");
    sent(&topics, 0..5);
    wait_until("all is stored", || stored(&database.url) == [["5", "5"]]);
    let blocked = Blocked::begin(&database.url, "log");
    sent(&topics, 5..25);
    wait_until("a batch waits", || is_waited_for(&database.url));
    wait_until("it is told", || {
        consumer.assert_alive();
        consumer.told().contains("! nothing is stored: ")
    });
    drop(blocked);
    wait_until("all is stored", || {
        consumer.assert_alive();
        stored(&database.url) == [["25", "25"]]
    });
    wait_until("it is told", || {
        consumer.told().contains("messages are stored again")
    });
}
