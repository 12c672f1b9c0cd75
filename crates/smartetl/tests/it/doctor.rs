//! What `doctor` finds.

use crate::kafka::{Topics, produce};
use crate::samples::COLUMNS;
use crate::support::{World, database_url, own_database};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;

fn report(world: &World, arguments: &[&str]) -> (i32, Value) {
    let mut all = vec!["doctor", "--format", "json"];
    all.extend(arguments);
    let answer = world.run(&all);
    (
        answer.exit,
        serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr)),
    )
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("a list");
    checks
        .iter()
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {report:#}"))
}

#[test]
fn a_configured_server() {
    let world = World::with_database();
    let (exit, report) = report(&world, &["--set", "http.port=0"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["database_url"], database_url());
    for name in [
        "configuration",
        "timezone",
        "postgresql",
        "durability",
        "rights",
        "clock",
        "port",
    ] {
        assert_eq!(check(&report, name)["status"], "ok", "{name}: {report:#}");
    }
    let detail = check(&report, "postgresql")["detail"]
        .as_str()
        .expect("text");
    assert!(
        detail.starts_with("PostgreSQL 17.") && detail.contains(":***@"),
        "{detail}"
    );
}

#[test]
fn the_table_shows_no_password() {
    let answer = World::with_database().run(&["doctor", "--set", "http.port=0"]);
    let password = database_url().split(['@', ':']).nth(2).expect("a password");
    assert!(
        !password.is_empty() && !answer.stdout.contains(password),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stdout.contains("ok    postgresql"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_server_that_is_not_there() {
    let world = World::new().set("DATABASE_URL", "postgres://ann:s3cret@127.0.0.1:1/etl");
    let (exit, report) = report(&world, &["--set", "http.port=0"]);
    assert_eq!(exit, 1, "{report:#}");
    assert_eq!(report["database_url"], Value::Null);
    assert_eq!(check(&report, "postgresql")["status"], "fail");
    assert!(
        !check(&report, "postgresql")["hint"]
            .as_str()
            .expect("a hint")
            .is_empty()
    );
    assert!(!report.to_string().contains("s3cret"), "{report:#}");
}

#[test]
fn kafka_that_is_there_or_not() {
    let topics = Topics { name: "doctor" };
    let database = own_database();
    let world = topics.used_by(World::on(&database.url));
    let kafka = |world: &World, status: &str, words: [&str; 2]| {
        let (_, report) = report(world, &["--set", "http.port=0"]);
        let found = check(&report, "kafka");
        assert_eq!(found["status"], status, "{found:#}");
        let text = found.to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{found:#}");
    };
    kafka(
        &world,
        "warn",
        [
            "topics that are not there: doctor.log",
            "`smartetl produce`",
        ],
    );
    let logs = world.file("stats.csv", COLUMNS);
    produce(&world, &logs).done();
    world.run(&["consume", "--once"]).done();
    kafka(&world, "ok", ["1 brokers at", "doctor.logerreur (6)"]);

    let closed = topics.at("127.0.0.1:1", World::on(&database.url));
    let refused = "no broker answers: 127.0.0.1:1: connection refused";
    kafka(
        &closed,
        "fail",
        [refused, "correct KAFKA_BOOTSTRAP_SERVERS"],
    );
    let nowhere = topics.at("nowhere.invalid:9092", World::on(&database.url));
    kafka(
        &nowhere,
        "fail",
        [
            "no broker answers: nowhere.invalid:9092: ",
            "(nowhere.invalid:9092)",
        ],
    );
    let typo = topics.at("localhost", World::on(&database.url));
    kafka(&typo, "fail", ["localhost", "hint"]);
}

#[test]
fn a_data_folder_that_cannot_be() {
    let world = World::new();
    let file = world.file("occupied", "");
    let (exit, report) = report(
        &world,
        &[
            "--data-dir",
            file.to_str().expect("UTF-8"),
            "--set",
            "http.port=0",
        ],
    );
    assert_eq!(exit, 1);
    assert_eq!(check(&report, "data_dir")["status"], "fail");
    assert_eq!(check(&report, "postgresql")["status"], "fail");
}

#[test]
fn a_port_that_another_program_uses() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a visitor");
        let _ = stream.read(&mut [0; 1024]);
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            .expect("an answer");
    });
    let (_, report) = report(
        &World::with_database(),
        &["--set", &format!("http.port={port}")],
    );
    answering.join().expect("the listener was asked");
    assert_eq!(check(&report, "port")["status"], "warn", "{report:#}");
}

#[test]
fn live_asks_the_service() {
    for by_setting in [true, false] {
        live_asks_the_service_at_the_port(by_setting);
    }
}

fn live_asks_the_service_at_the_port(by_setting: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answering = std::thread::spawn(move || {
        ["200 OK", "503 Service Unavailable"].map(|status| {
            let (mut stream, _) = listener.accept().expect("a visitor");
            let mut request = [0; 1024];
            let length = stream.read(&mut request).expect("a request");
            write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            .expect("an answer");
            String::from_utf8_lossy(&request[..length]).into_owned()
        })
    });
    let port = if by_setting {
        ["--set".to_owned(), format!("http.port={port}")]
    } else {
        ["--port".to_owned(), port.to_string()]
    };
    let live = ["doctor", "--live", &port[0], &port[1]];
    let world = World::new();
    world.run(&live).done();
    let answer = world.run(&live);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    for words in [
        "503",
        "hint: it runs, but something it needs is not there, or it hangs",
    ] {
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
    }
    let asked = answering.join().expect("the listener was asked");
    assert!(asked.iter().all(|asked| asked.starts_with("GET /readyz ")));
    // The listener is gone now.
    let answer = world.run(&live);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    for words in ["hint: start it", "`smartetl doctor --live --port PORT`"] {
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
    }
}
