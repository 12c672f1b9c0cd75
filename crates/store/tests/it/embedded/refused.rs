//! What cannot work says what, where, and what to do.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::geteuid;

use super::{Holder, RUNNER, archive, folder, hold, used_folder};
use smartetl_testkit::place;

fn check(holder: &Holder, variant: &str, words: &[&str]) {
    let (found, text) = holder.error();
    assert_eq!(found, variant, "{text}");
    for word in words {
        assert!(text.contains(word), "no '{word}' in: {text}");
    }
}

fn with(data: &Path, cache: &Path, option: &str, value: &Path) -> Holder {
    Holder::spawn(
        hold(Command::new(RUNNER), data, cache)
            .arg(option)
            .arg(value),
    )
}

#[tokio::test]
async fn a_damaged_archive() {
    let folder = folder();
    let mut bytes = std::fs::read(archive().await).expect("the archive");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let damaged = folder.path().join("damaged.jar");
    std::fs::write(&damaged, &bytes).expect("room");
    let cache = folder.path().join("cache");
    let holder = with(folder.path(), &cache, "--archive", &damaged);
    check(&holder, "Archive", &["damaged.jar", "17.11.0", "damaged"]);

    let missing = with(
        folder.path(),
        &cache,
        "--archive",
        &folder.path().join("missing.jar"),
    );
    check(&missing, "Archive", &["missing.jar", "No such file"]);
}

#[tokio::test]
async fn the_programs_of_another_version() {
    let folder = folder();
    for program in ["postgres", "initdb"] {
        let path = folder.path().join(program);
        std::fs::write(
            &path,
            format!("#!/bin/sh\necho '{program} (PostgreSQL) 15.4'\n"),
        )
        .expect("room");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("our own");
    }
    let holder = with(folder.path(), &place::cache(), "--bin", folder.path());
    check(&holder, "Programs", &["15.4"]);

    let empty = tempfile::tempdir().expect("a temporary folder");
    let holder = with(folder.path(), &place::cache(), "--bin", empty.path());
    check(&holder, "Programs", &["postgres cannot be run"]);
}

#[tokio::test]
async fn installed_programs_are_used() {
    let (data, cache) = (used_folder(), folder());
    // The unpacked ones stand for installed ones.
    with(data.path(), cache.path(), "--archive", &archive().await).stop();
    let bin = std::fs::read_dir(cache.path())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .find(|bin| bin.is_dir())
        .expect("unpacked programs");
    for given in [bin.clone(), bin.join("postgres")] {
        let holder = with(data.path(), Path::new("/nonexistent"), "--bin", &given);
        assert!(
            holder
                .one("SELECT version()")
                .await
                .starts_with("PostgreSQL 17")
        );
        holder.stop();
    }
}

#[test]
fn a_database_of_another_version() {
    let folder = folder();
    let cluster = folder.path().join("postgresql/cluster");
    std::fs::create_dir_all(&cluster).expect("room");
    std::fs::write(cluster.join("PG_VERSION"), "15\n").expect("room");
    let holder = Holder::start(folder.path());
    check(
        &holder,
        "ClusterVersion",
        &["PostgreSQL 15", cluster.to_str().expect("text")],
    );
}

#[test]
fn a_port_that_another_program_took() {
    let folder = used_folder();
    Holder::start(folder.path()).stop();
    let file = folder.path().join("postgresql/port");
    let port = std::fs::read_to_string(&file).expect("a chosen port");
    let listener =
        std::net::TcpListener::bind(format!("127.0.0.1:{}", port.trim())).expect("it is free");
    let holder = Holder::start(folder.path());
    check(&holder, "PortTaken", &[port.trim()]);
    drop(listener);
    assert!(Holder::start(folder.path()).stop());
}

#[test]
fn a_killed_initialisation_is_done_again() {
    let folder = folder();
    let unfinished = folder.path().join("postgresql/cluster.unfinished");
    std::fs::create_dir_all(unfinished.join("base")).expect("room");
    assert!(Holder::start(folder.path()).stop());
    assert!(!unfinished.exists());
}

/// A shell in which `$0` is a disk of its own, of `size`; `$1` is the runner, `$2` the cache.
fn on_a_small_disk(size: &str, script: &str) -> Holder {
    let folder = folder();
    let mut command = Command::new("unshare");
    if !geteuid().is_root() {
        command.arg("--map-root-user");
    }
    let script = format!("mount -t tmpfs -o size={size} none \"$0\" && {script}");
    command
        .args(["--mount", "sh", "-c", &script])
        .arg(folder.path())
        .arg(RUNNER);
    Holder::spawn(command.arg(place::cache()))
}

#[tokio::test]
async fn a_disk_too_small_for_a_database() {
    // The cache is filled before, so that only the data folder is on the small disk.
    smartetl_testkit::server().await;
    let holder = on_a_small_disk("20m", r#"exec "$1" hold "$0" "$2""#);
    check(&holder, "DiskFull", &["full", "postgresql"]);
}

#[tokio::test]
async fn a_disk_that_became_full() {
    smartetl_testkit::server().await;
    let script = r#"echo stop | "$1" hold "$0" "$2" >/dev/null &&
        { cat /dev/zero >"$0/filler" 2>/dev/null; exec "$1" hold "$0" "$2"; }"#;
    let holder = on_a_small_disk("120m", script);
    check(&holder, "DiskFull", &["full"]);
}
