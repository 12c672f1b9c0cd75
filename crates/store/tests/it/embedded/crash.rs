//! kill -9, of one and of all.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};

use super::{Holder, lives, used_folder, wait_until};

fn kill_now(pid: i32) {
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("a living process of ours");
}

/// The processes that this one started.
fn children(parent: i32) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").expect("a Linux");
    let numbers = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parent_of = |pid: &i32| -> Option<i32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?
            .1
            .split_whitespace()
            .nth(1)?
            .parse()
            .ok()
    };
    numbers
        .filter(|pid| parent_of(pid) == Some(parent))
        .collect()
}

fn kill_everything(mut holder: Holder) {
    let parents = [holder.number("supervisor"), holder.number("postmaster")];
    holder.child.kill().expect("it lives");
    holder.child.wait().expect("it ended");
    // Stopped first, so that none can react to the end of another, or start one more.
    for pid in parents {
        let _ = kill(Pid::from_raw(pid), Signal::SIGSTOP);
    }
    let all: Vec<i32> = parents.into_iter().chain(children(parents[1])).collect();
    for pid in &all {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGSTOP);
    }
    for pid in &all {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
    wait_until("all ended", || !all.iter().any(|pid| lives(*pid)));
}

/// Writes one row after the other until the server is gone; the last that was acknowledged.
async fn write(url: String, acknowledged: tokio::sync::watch::Sender<i64>) -> i64 {
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    let mut last = 0;
    for number in 1.. {
        let written = sqlx::query("INSERT INTO kept VALUES ($1)").bind(number);
        if written.execute(&mut connection).await.is_err() {
            break;
        }
        last = number;
        let _ = acknowledged.send(number);
    }
    last
}

async fn check_rows(holder: &Holder, at_least: i64) {
    let rows = holder
        .one("SELECT count(*) || ' ' || max(x) FROM kept")
        .await;
    let (count, highest) = rows.split_once(' ').expect("two numbers");
    assert_eq!(count, highest, "every row up to the highest");
    assert!(
        highest.parse::<i64>().expect("a number") >= at_least,
        "{highest} < {at_least}"
    );
}

#[tokio::test]
async fn no_acknowledged_row_is_lost_when_everything_is_killed() {
    let folder = used_folder();
    let mut holder = Holder::start(folder.path());
    holder.sql("CREATE TABLE kept (x bigint)").await;
    for _ in 0..3 {
        let (sender, mut acknowledged) = tokio::sync::watch::channel(0);
        holder.sql("TRUNCATE kept").await;
        let writer = tokio::spawn(write(holder.url().to_owned(), sender));
        acknowledged
            .wait_for(|number| *number >= 50)
            .await
            .expect("the writer writes");
        kill_everything(holder);
        let last = writer.await.expect("the writer ends");
        holder = Holder::start(folder.path());
        check_rows(&holder, last).await;
    }
    holder.stop();
}

#[test]
fn a_killed_supervisor_leaves_nothing_behind() {
    let folder = used_folder();
    let holder = Holder::start(folder.path());
    let postmaster = holder.number("postmaster");
    kill_now(holder.number("supervisor"));
    wait_until("PostgreSQL ended with its supervisor", || {
        !lives(postmaster)
    });
    assert!(
        !folder
            .path()
            .join("postgresql/cluster/postmaster.pid")
            .exists(),
        "cleanly"
    );

    // Others that still have the folder do not stand in the way.
    let next = Holder::start(folder.path());
    assert_ne!(next.number("postmaster"), postmaster);
    assert!(!holder.stop(), "the next one uses it");
    next.stop();
}

#[tokio::test]
async fn a_killed_postgres_is_started_again() {
    let folder = used_folder();
    let holder = Holder::start(folder.path());
    holder.sql("CREATE TABLE kept AS SELECT 1 AS x").await;
    kill_now(holder.number("postmaster"));
    let next = Holder::start(folder.path());
    assert_ne!(next.number("postmaster"), holder.number("postmaster"));
    assert_eq!(next.number("supervisor"), holder.number("supervisor"));
    assert_eq!(holder.one("SELECT x::text FROM kept").await, "1");
    next.leave();
    assert!(holder.stop());
}

#[tokio::test]
async fn a_reused_process_number_is_no_living_server() {
    let folder = used_folder();
    let holder = Holder::start(folder.path());
    holder.sql("CREATE TABLE kept AS SELECT 1 AS x").await;
    kill_everything(holder);
    let home = folder.path().join("postgresql");
    give_number_to_this_process(&home.join("cluster/postmaster.pid"));
    let port = std::fs::read_to_string(home.join("port")).expect("a chosen port");
    give_number_to_this_process(&home.join(format!("run/.s.PGSQL.{}.lock", port.trim())));
    let holder = Holder::start(folder.path());
    assert_eq!(holder.one("SELECT x::text FROM kept").await, "1");
    holder.stop();
}

/// As after the restart of a container: the number of the former server is that of another
/// program of the same user.
fn give_number_to_this_process(file: &Path) {
    let text = std::fs::read_to_string(file).expect("a killed server leaves its file");
    let (_, rest) = text.split_once('\n').expect("lines");
    std::fs::write(file, format!("{}\n{rest}", std::process::id())).expect("it can be written");
}
