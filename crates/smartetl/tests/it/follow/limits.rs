//! Where the system tells nothing, or not everything, files are looked at all the same.

use super::program::{Follow, proven};
use crate::processes::wait_until;
use crate::running::{RECORDS, append, stat, until};
use crate::samples::COLUMNS;
use crate::support::{World, place};
use nix::sys::signal::Signal;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

const FOLDERS: usize = 6;

fn begin(run: &str) -> String {
    stat("02:00:00", run, "begin")
}

/// Files in some folders, one record in each.
fn files(world: &World) -> Vec<PathBuf> {
    let file = |folder| {
        let text = COLUMNS.to_owned() + &begin(&format!("a{folder}"));
        world.file(&format!("logs/f{folder}/stats.csv"), &text)
    };
    (0..FOLDERS).map(file).collect()
}

/// A limit of the system for what runs in a user namespace of its own.
fn limit(name: &str, to: usize) -> String {
    format!("echo {to} > /proc/sys/user/{name}")
}

/// Changes a limit around a running program.
///
/// # Panics
/// Where user namespaces are refused.
fn change(follow: &Follow, limit: &str) {
    let status = Command::new("nsenter")
        .args(["--preserve-credentials", "--user", "--target"])
        .arg(follow.pid().to_string())
        .args(["sh", "-c", limit])
        .status();
    assert!(status.is_ok_and(|status| status.success()), "{limit}");
}

#[test]
fn where_no_more_is_watched_files_are_looked_at() {
    for (name, few) in [("max_inotify_watches", 3), ("max_inotify_instances", 0)] {
        let (database, world) = place();
        let paths = files(&world);
        let follow = Follow::start_limited(&world, &limit(name, few), &["logs"]);
        follow
            .line("! the system lets no more folders be watched: all is looked at every 1 to 3 s");
        follow.line(
            "hint: `sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024`",
        );
        let mut count = FOLDERS;
        let mut more = |records: usize| {
            count += records;
            until(&database, RECORDS, &format!("{count} rows, 0 rejects"));
        };
        more(0);
        for path in &paths {
            append(path, &begin("b"));
        }
        more(paths.len());
        // Rotated, and a folder that comes late.
        let old = paths[5].with_file_name("stats.csv.1");
        std::fs::rename(&paths[5], &old).expect("renamed");
        append(&old, &begin("c"));
        world.file("logs/f5/stats.csv", &(COLUMNS.to_owned() + &begin("d")));
        world.file(
            "logs/late/deep/stats.csv",
            &(COLUMNS.to_owned() + &begin("e")),
        );
        more(3);
        // As soon as there is room it is told again.
        change(&follow, &limit(name, 1000));
        follow.line("the system tells again what changes");
        append(&paths[0], &begin("f"));
        more(1);
        follow.stop();
        proven(&world);
    }
}

#[test]
fn more_happens_than_the_system_keeps() {
    let (database, world) = place();
    let world = world.set("SMARTETL_LOG_LEVEL", "warn,smartetl=debug");
    let paths = files(&world);
    let follow = Follow::start(&world, &["logs"]);
    until(&database, RECORDS, &format!("{FOLDERS} rows, 0 rejects"));
    let kept = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events");
    let kept: usize = kept.expect("a limit").trim().parse().expect("a number");
    follow.signal(Signal::SIGSTOP);
    // All its threads stand still.
    let tasks = format!("/proc/{}/task", follow.pid());
    wait_until("it stands still", || {
        let mut tasks = std::fs::read_dir(&tasks).expect("it runs");
        tasks.all(|task| {
            let stat = std::fs::read_to_string(task.expect("a thread").path().join("stat"));
            stat.is_ok_and(|stat| stat.contains(") T "))
        })
    });
    // The same twice in a row is kept once.
    for number in 0..2 * kept {
        let mode = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&paths[number % 2], mode).expect("it is ours");
    }
    // Nobody is told of this any more.
    append(&paths[4], &begin("b"));
    world.file("logs/late/stats.csv", &(COLUMNS.to_owned() + &begin("c")));
    follow.signal(Signal::SIGCONT);
    follow.line("more happened than the system kept: everything is listed");
    until(
        &database,
        RECORDS,
        &format!("{} rows, 0 rejects", FOLDERS + 2),
    );
    follow.stop();
    proven(&world);
}
