//! What answers, and does not get on any more: whoever watches it has to see that.

use super::pauses::Blocked;
use super::{Topics, consumed};
use crate::processes::wait_until;
use crate::running::Up;
use crate::samples::stats;
use crate::support::{World, own_database};
use crate::tables::number;

/// A process that works on a folder into which files come, until a lock stops it that is given back in the end.
fn is_seen(command: &[&str], locked: &str, name: &'static str) {
    let database = own_database();
    let world = Topics { name }.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    world.file("logs/a.csv", &stats(0..5));
    let folder = world.home.path().join("logs");
    let folder = folder.to_str().expect("UTF-8");
    let command = [
        command,
        &["--port", "0", "--set", "http.hung_after=3s", folder],
    ]
    .concat();
    let process = Up::serving(&world, &command);
    let (_, port) = process.address.rsplit_once(':').expect("a port");
    let live = || world.run(&["doctor", "--live", "--port", port]);
    let is_read = |files: i64| {
        let read = "SELECT count(*) FROM checkpoint WHERE next_record > 0 AND kind <> 'kafka'";
        number(&database.url, read) == files
    };
    wait_until("the first file is read", || is_read(1));
    wait_until("it is well", || live().exit == 0);

    let blocked = Blocked::begin(&database.url, locked);
    world.file("logs/b.csv", &stats(5..10));
    wait_until("it is seen that it hangs", || {
        let answer = live();
        answer.exit == 1 && answer.stderr.contains("or it hangs")
    });
    let answer = process.ask("GET /readyz");
    // The database answers: that is not why.
    for words in [
        "\"name\":\"database\",\"ok\":true",
        "\"name\":\"work\",\"ok\":false",
    ] {
        assert!(answer.contains(words), "{answer}");
    }
    let answer = process.ask("GET /livez");
    assert!(answer.contains("\"status\":\"hung\""), "{answer}");
    drop(blocked);
    wait_until("it gets on", || live().exit == 0);
    wait_until("the second file is read", || is_read(2));
}

#[test]
fn a_producer_that_hangs_is_not_well() {
    is_seen(&["produce"], "checkpoint", "hung-produce");
}

#[test]
fn a_service_that_hangs_is_not_well() {
    is_seen(&["up"], "log", "hung-up");
}
