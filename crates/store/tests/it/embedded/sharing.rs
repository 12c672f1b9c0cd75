//! Several processes, one server; several servers, one machine.

use std::process::Command;

use super::{Holder, RUNNER, archive, folder, hold, lives, used_folder, wait_until};

#[tokio::test]
async fn processes_that_race_for_a_new_folder_share_one_server_until_the_last_leaves() {
    let (folder, archive) = (folder(), archive().await);
    // The cache is new as well: they race for unpacking, too.
    let (data, cache) = (folder.path().join("data"), folder.path().join("cache"));
    let threads: Vec<_> = (0..5)
        .map(|_| {
            let (data, cache, archive) = (data.clone(), cache.clone(), archive.clone());
            std::thread::spawn(move || {
                let mut command = hold(Command::new(RUNNER), &data, &cache);
                Holder::spawn(command.arg("--archive").arg(archive))
            })
        })
        .collect();
    let mut holders: Vec<Holder> = threads
        .into_iter()
        .map(|thread| thread.join().expect("a server"))
        .collect();
    let postmaster = holders[0].number("postmaster");
    for holder in &holders {
        assert_eq!(holder.number("postmaster"), postmaster);
        assert_eq!(holder.url(), holders[0].url());
    }

    let last = holders.pop().expect("there are five");
    last.sql("CREATE TABLE kept AS SELECT 1 AS x").await;
    for holder in holders {
        holder.leave();
    }
    assert_eq!(last.one("SELECT x::text FROM kept").await, "1");
    let supervisor = last.number("supervisor");
    last.leave();
    wait_until("the server stopped after its last user", || {
        !lives(postmaster)
    });
    wait_until("the supervisor ended", || !lives(supervisor));
    assert!(
        !data.join("postgresql/cluster/postmaster.pid").exists(),
        "it stopped cleanly"
    );

    let again = Holder::start(&data);
    assert_eq!(again.one("SELECT x::text FROM kept").await, "1");
    again.stop();
}

#[test]
fn a_server_in_use_is_not_stopped() {
    let folder = used_folder();
    let (one, other) = (Holder::start(folder.path()), Holder::start(folder.path()));
    let postmaster = one.number("postmaster");
    assert!(!one.stop());
    assert!(lives(postmaster));
    assert!(other.stop());
    assert!(!lives(postmaster));
}

#[tokio::test]
async fn two_servers_stand_side_by_side() {
    let (left, right) = (used_folder(), used_folder());
    let (left, right) = (Holder::start(left.path()), Holder::start(right.path()));
    left.sql("CREATE TABLE side AS SELECT 'left' AS name").await;
    right
        .sql("CREATE TABLE side AS SELECT 'right' AS name")
        .await;
    assert_eq!(left.one("SELECT name FROM side").await, "left");
    assert_eq!(right.one("SELECT name FROM side").await, "right");
    left.stop();
    assert_eq!(right.one("SELECT name FROM side").await, "right");
    right.stop();
}

#[test]
fn port_and_password_are_kept() {
    let folder = used_folder();
    let first = Holder::start(folder.path());
    let url = first.url().to_owned();
    first.stop();
    let second = Holder::start(folder.path());
    assert_eq!(second.url(), url);
    second.stop();
}

#[tokio::test]
async fn a_long_path_gets_a_short_socket_folder() {
    let folder = folder();
    let data = folder.path().join("a long, 'long' \"path\" ".repeat(6));
    let holder = Holder::start(&data);
    let socket_dir = holder.text("socket_dir").to_owned();
    assert!(socket_dir.len() < 60, "{socket_dir}");
    let socket = holder
        .one("SELECT current_setting('unix_socket_directories')")
        .await;
    assert_eq!(socket, format!("\"{socket_dir}\""));
    assert!(std::fs::read_dir(&socket_dir).is_ok_and(|entries| entries.count() > 0));
    holder.stop();
    assert!(
        !std::path::Path::new(&socket_dir).exists(),
        "nothing stays in /tmp"
    );
}
