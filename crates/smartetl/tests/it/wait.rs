//! `wait` against real listeners and a real PostgreSQL.

use crate::support::{World, check, database_url};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

/// A server on a free port that answers each connection with what `answer` makes of the first bytes it reads.
fn serve(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let talk = move |mut stream: TcpStream| {
        let mut bytes = [0; 1024];
        // A visitor that leaves early is none of the server's business.
        if let Ok(length) = stream.read(&mut bytes) {
            let _ = stream.write_all(&answer(&bytes[..length]));
        }
    };
    std::thread::spawn(move || listener.incoming().flatten().for_each(talk));
    port
}

fn http(status: &'static str) -> u16 {
    serve(move |_| {
        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
    })
}

/// Answers `ApiVersions` as a broker does: length, the correlation id of the request, error code, an empty list.
fn kafka(error: u8) -> u16 {
    serve(move |request| {
        assert_eq!(request[4..8], [0, 18, 0, 0], "ApiVersions, version 0");
        let mut answer = vec![0, 0, 0, 10];
        answer.extend(&request[8..12]);
        answer.extend([0, error, 0, 0, 0, 0]);
        answer
    })
}

fn there(target: &str) {
    let answer = World::new().run(&["wait", target]).done();
    assert!(
        answer.stderr.contains("is there after"),
        "{}",
        answer.stderr
    );
    assert_eq!(answer.stdout, "");
}

fn missing(target: &str, reason: &str) {
    let answer = World::new().run(&["wait", "--timeout", "10ms", target]);
    assert_eq!(answer.exit, 1, "{target}: {}", answer.stderr);
    assert!(
        answer.stderr.contains(reason),
        "{target}: {}",
        answer.stderr
    );
    assert!(
        !answer.stderr.contains("s3cret"),
        "{target}: {}",
        answer.stderr
    );
}

#[test]
fn what_is_there() {
    there(&format!("tcp://127.0.0.1:{}", serve(|_| Vec::new())));
    there(&format!("http://127.0.0.1:{}/livez", http("200 OK")));
    there(&format!("http://127.0.0.1:{}/", http("302 Found")));
    there(&format!("kafka://127.0.0.1:{}", kafka(0)));
    there(&format!("kafka://127.0.0.1:1,127.0.0.1:{}", kafka(0)));
    there("file:/");
    there(database_url());
}

#[test]
fn what_is_not_what_it_should_be() {
    missing(
        &format!("http://127.0.0.1:{}/", http("503 Service Unavailable")),
        "it answers 503 Service Unavailable",
    );
    missing(
        &format!(
            "http://ann:s3cret@127.0.0.1:{}/?token=s3cret",
            http("401 Unauthorized")
        ),
        "it answers 401",
    );
    missing(
        &format!("kafka://127.0.0.1:{}", http("200 OK")),
        "no Kafka broker",
    );
    missing(
        &format!("kafka://127.0.0.1:{}", kafka(35)),
        "the broker answers with error 35",
    );
    missing(
        &format!("postgres://ann:s3cret@127.0.0.1:{}/etl", http("200 OK")),
        "postgres://ann:***@",
    );
    missing(
        &database_url()
            .rsplit_once('/')
            .map_or(String::new(), |(server, _)| format!("{server}/nowhere")),
        "database \"nowhere\" does not exist",
    );
    missing(
        &database_url().replace("smartetl:", "smartetl:s3cret"),
        "password authentication failed",
    );
    missing("file:/nowhere", "no such file or directory");
}

#[test]
fn several_of_which_some_are_missing() {
    check!(
        World::new(),
        "wait",
        "--timeout",
        "10ms",
        "--quiet",
        "tcp://127.0.0.1:1",
        "file:/",
        "postgres://ann:s3cret@127.0.0.1:1/etl",
        "http://127.0.0.1:1/?token=s3cret",
        "kafka://127.0.0.1:1,127.0.0.1:2",
    );
}

#[test]
fn what_comes_later_is_waited_for() {
    let world = World::new();
    let mut command = world.command(&["wait", "-v", "--interval", "10ms", "file:late"]);
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.contains("no such file"), "{line}");
    world.file("late", "");
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{rest}");
}

#[test]
fn wrong_targets() {
    let world = World::new();
    check!(world, "wait", "localhost:5432");
    let answer = world.run(&["wait", "postgres://ann:s3c/ret@[db/etl"]);
    assert_eq!(answer.exit, 2);
    assert!(!answer.stderr.contains("s3c"), "{}", answer.stderr);
}
