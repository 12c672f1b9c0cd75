//! Whoever dies: what is posted until it is taken is stored once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::client::{JSON, NDJSON, try_post};
use super::{LINEAGE, LOGS, begun, service, verify};
use crate::processes::Dice;
use crate::running::Up;
use crate::tables::{number, rows};

/// The service is killed so often.
const KILLS: usize = 12;
const SENDERS: usize = 6;

fn event(run: u32, kind: &str) -> String {
    format!(
        r#"{{"eventType":"{kind}","eventTime":"2026-03-01T00:00:{:02}Z","producer":"https://example.com","run":{{"runId":"00000000-0000-4000-8000-{run:012}"}},"job":{{"namespace":"n","name":"j"}}}}"#,
        if kind == "START" { 1 } else { 2 }
    )
}

/// Posts the same until it is taken.
fn until_taken(address: &Mutex<String>, target: &str, headers: &[(&str, &str)], body: &str) {
    let deadline = Instant::now() + Duration::from_mins(3);
    loop {
        let at = address.lock().expect("no panic").clone();
        let told = try_post(&at, target, headers, body.as_bytes());
        match told.as_ref().map(|told| told.status) {
            Some(200 | 201) => return,
            None | Some(429 | 503) => {}
            Some(_) => panic!("{told:?}"),
        }
        assert!(Instant::now() < deadline, "it is never taken: {told:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_service_that_is_killed_loses_nothing_and_doubles_nothing() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let address = Mutex::new(up.address.clone());
    let (is_over, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut dice = Dice(11);
    let up = std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (address, is_over, sent) = (&address, &is_over, &sent);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let run = (sender * 1_000_000 + number) as u32;
                    for kind in ["START", "COMPLETE"] {
                        until_taken(address, LINEAGE, &[JSON], &event(run, kind));
                    }
                    let key = format!("key {run}");
                    let headers = [NDJSON, ("idempotency-key", &*key)];
                    let body = begun(&format!("r{run}")) + &begun(&format!("s{run}"));
                    until_taken(address, LOGS, &headers, &body);
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut up = up;
        for _ in 0..KILLS {
            let before = sent.load(Ordering::Relaxed);
            while sent.load(Ordering::Relaxed) < before + 20 {
                std::thread::sleep(Duration::from_millis(dice.below(30) as u64));
            }
            // Dropping it kills it.
            drop(up);
            up = Up::start(&world, &["--set", "fuse.mode=scheduled"]);
            address.lock().expect("no panic").clone_from(&up.address);
        }
        is_over.store(true, Ordering::Relaxed);
        up
    });
    let sent = sent.into_inner() as i64;
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), sent * 4);
    let doubled = rows(
        &database.url,
        "SELECT ARRAY[run_id, event, count(*)::text] FROM log GROUP BY run_id, event HAVING count(*) > 1",
    );
    assert!(doubled.is_empty(), "{doubled:?}");
    up.stop();
    world.run(&["fuse"]).done();
    assert_eq!(
        number(&database.url, "SELECT count(*) FROM dataset"),
        sent * 3
    );
    verify(&world);
}
