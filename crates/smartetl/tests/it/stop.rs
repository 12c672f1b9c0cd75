//! A load that is asked to stop says what is stored, and the same command goes on from there.

use crate::company::Company;
use crate::processes::wait_until;
use crate::support::{Answer, World, own_database};
use crate::tables::{assert_same_content, number};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

fn place(url: &str) -> World {
    World::on(url).set("SMARTETL_TIMEZONE", "Europe/Paris")
}

/// A load in small batches.
fn load(world: &World, company: &Company) -> Command {
    let logs = company.logs.to_str().expect("UTF-8");
    let batch = ["--set", "load.batch_records=500"];
    let load = ["load", "--allow-rejects", "--as-of", &company.as_of];
    world.command(&[&load[..], &batch, &[logs]].concat())
}

/// The same command, started by `program` with these arguments before its own.
fn through(program: &str, arguments: &[&str], plain: &Command) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command.arg(plain.get_program()).args(plain.get_args());
    command.current_dir(plain.get_current_dir().expect("it has one"));
    command.env_clear();
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The same command, listening to SIGINT.
fn in_the_foreground(plain: &Command) -> Command {
    let [python, rest @ ..] = crate::support::in_the_foreground();
    through(python, &rest, plain)
}

fn send(signal: Signal, child: &Child) {
    kill(Pid::from_raw(child.id().cast_signed()), signal).expect("it runs");
}

#[test]
fn it_ends_after_its_batches_and_goes_on_later() {
    let company = Company::simulate(&["--jobs", "60", "--days", "60", "--seed", "12"]);
    let clean = own_database();
    Answer::of(load(&place(&clean.url), &company)).done();
    for (signal, exit) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let database = own_database();
        let world = place(&database.url);
        let mut command = in_the_foreground(&load(&world, &company));
        let mut child = command.spawn().expect("the program starts");
        wait_until("some batches are stored", || {
            assert!(
                child.try_wait().expect("it is our child").is_none(),
                "it was too fast"
            );
            number(&database.url, "SELECT count(*) FROM batch") >= 5
        });
        send(signal, &child);
        let output = child.wait_with_output().expect("it is our child");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(exit), "{stderr}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        let stored = number(&database.url, "SELECT sum(records)::bigint FROM batch");
        assert_eq!(
            stderr.lines().collect::<Vec<_>>(),
            [
                "stopping after the batches that are on their way; again to end at once".to_owned(),
                format!(
                    "stopped: {stored} records are stored, not all of it fused; the same command goes on from there"
                ),
            ]
        );
        Answer::of(load(&world, &company)).done();
        world.run(&["verify", "--recompute"]).done();
        assert_same_content("after the signal", &clean.url, &database.url);
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let company = Company::simulate(&["--jobs", "5", "--days", "5", "--seed", "1"]);
    let database = own_database();
    let world = place(&database.url);
    world.run(&["migrate"]).done();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let pool = runtime.block_on(async {
        sqlx::PgPool::connect(&database.url)
            .await
            .expect("the server")
    });
    // No batch can end while somebody holds the ledger.
    let held = runtime.block_on(async {
        let mut held = pool.begin().await.expect("a transaction");
        sqlx::query("LOCK TABLE batch IN SHARE MODE")
            .execute(&mut *held)
            .await
            .expect("a lock");
        held
    });
    let mut command = in_the_foreground(&load(&world, &company));
    let mut child = command.spawn().expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    wait_until("a batch waits", || {
        let waiting =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'batch'::regclass";
        number(&database.url, waiting) > 0
    });
    send(Signal::SIGINT, &child);
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.starts_with("stopping"), "{line}");
    assert!(
        child.try_wait().expect("it is our child").is_none(),
        "its batches wait"
    );
    send(Signal::SIGINT, &child);
    let status = child.wait().expect("it is our child");
    assert_eq!(status.code(), Some(130));
    runtime.block_on(held.rollback()).expect("the server");
    assert_eq!(number(&database.url, "SELECT count(*) FROM batch"), 0);
}

/// A load that `starter` starts, to which `signal` is sent, comes to its end.
fn outlives(signal: Signal, starter: &str, arguments: &[&str]) {
    let company = Company::simulate(&["--jobs", "60", "--days", "60", "--seed", "12"]);
    let database = own_database();
    let world = place(&database.url);
    let mut command = through(starter, arguments, &load(&world, &company));
    let mut child = command.spawn().expect("it starts");
    wait_until("some batches are stored", || {
        assert!(
            child.try_wait().expect("it is our child").is_none(),
            "it was too fast"
        );
        number(&database.url, "SELECT count(*) FROM batch") >= 5
    });
    send(signal, &child);
    let answer = child.wait_with_output().expect("it is our child");
    let stderr = String::from_utf8_lossy(&answer.stderr);
    assert_eq!(answer.status.code(), Some(0), "{stderr}");
    assert_eq!(number(&database.url, "SELECT count(*) FROM fuse_state"), 1);
}

#[test]
fn it_outlives_the_terminal_under_nohup() {
    outlives(Signal::SIGHUP, "nohup", &[]);
}

/// A shell without job control starts what ends in `&` with SIGINT ignored, so that Ctrl-C is for the foreground only.
#[test]
fn ctrl_c_is_not_for_a_job_in_the_background_of_a_script() {
    let ignoring = ["-c", "trap '' INT; exec \"$0\" \"$@\""];
    outlives(Signal::SIGINT, "sh", &ignoring);
}
