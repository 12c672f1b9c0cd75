//! What has not changed is not sent again; what has is told to whoever listens.

use super::access::{ELSEWHERE, login, people};
use super::client::Api;
use crate::running::stat;
use crate::samples::COLUMNS;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One more run, made by another process.
fn load_another(api: &Api, run: &str) {
    let text = stat("02:00:00", run, "begin") + &stat("02:01:00", run, "success");
    let file = api
        .world
        .file(&format!("{run}.csv"), &format!("{COLUMNS}{text}"));
    api.world
        .run(&["load", file.to_str().expect("UTF-8")])
        .done();
}

#[test]
fn what_is_known_is_not_sent_again_until_it_changes() {
    let api = Api::of_a_company();
    let targets = [
        "/about",
        "/nights",
        "/nights/latest",
        "/heatmap",
        "/runs",
        "/runs?format=csv",
        "/jobs",
        "/issues",
        "/openapi.json",
    ];
    let tag = |target: &str| {
        let answer = api.get(target);
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{target}");
        answer.header("etag").expect("a tag").to_owned()
    };
    let is_known = |target: &str, tag: &str| {
        let answer = api.ask("GET", target, &[("if-none-match", tag)]);
        match answer.status {
            304 => {
                assert!(answer.bytes.is_empty(), "{target}");
                let told = answer.header("etag").expect("a tag");
                assert!(tag.ends_with(told), "{target}: {told}");
                true
            }
            200 => false,
            other => panic!("{target}: {other}"),
        }
    };
    let mut before = Vec::new();
    for target in targets {
        // Another minute may begin between two questions.
        let mut known = tag(target);
        if !is_known(target, &known) {
            known = tag(target);
            assert!(is_known(target, &known), "{target}");
        }
        assert!(is_known(target, &format!("W/\"x\", {known}")) || target == "/issues");
        assert!(!is_known(target, "W/\"x\""), "{target}");
        before.push(known);
    }
    assert_ne!(tag("/runs"), tag("/runs?format=csv"));
    assert_ne!(tag("/about"), tag("/about?lang=fr"));
    load_another(&api, "b1");
    for (target, known) in targets.iter().zip(&before) {
        let stays = *target == "/openapi.json";
        assert_eq!(is_known(target, known), stays, "{target}");
    }
    api.up.stop();
}

#[test]
fn a_batch_that_is_committed_behind_a_newer_one_changes_what_is_told() {
    let api = Api::of_a_company();
    let commit = |ahead: i64| {
        let copy = format!(
            "INSERT INTO batch SELECT (jsonb_populate_record(newest, \
             jsonb_build_object('batch', (SELECT max(batch) FROM batch) + {ahead}))).* \
             FROM batch AS newest ORDER BY batch DESC LIMIT 1"
        );
        api.world.run(&["sql", "--write", &copy]).done();
    };
    commit(2);
    let tag = |target: &str| api.get(target).header("etag").expect("a tag").to_owned();
    let targets = ["/batches", "/errors", "/sources"];
    let before = targets.map(tag);
    commit(-1);
    for (target, known) in targets.iter().zip(&before) {
        let answer = api.ask("GET", target, &[("if-none-match", known)]);
        assert_eq!(answer.status, 200, "{target}");
    }
    api.up.stop();
}

/// As somebody on this machine.
const HERE: &str = "host: localhost\r\n";

/// Lines of a stream of events.
struct Events(BufReader<TcpStream>);

impl Events {
    fn of(api: &Api, headers: &str) -> Self {
        let mut stream = TcpStream::connect(&api.up.address).expect("the service listens");
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .expect("a socket");
        write!(
            stream,
            "GET /api/v1/events HTTP/1.1\r\naccept: text/event-stream\r\n{headers}\r\n"
        )
        .expect("a request");
        let mut events = Self(BufReader::new(stream));
        let head = events.until("content-type: text/event-stream");
        assert!(head[0].contains("200"), "{head:?}");
        events.until("");
        events
    }

    /// All lines until this one.
    fn until(&mut self, end: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let length = self.0.read_line(&mut line).expect("a line");
            assert!(length > 0, "it ended behind {lines:?}");
            let line = line.trim_end().to_owned();
            let is_end = line == end || !end.is_empty() && line.starts_with(end);
            lines.push(line);
            if is_end {
                return lines;
            }
        }
    }
}

#[test]
fn who_has_no_account_any_more_hears_nothing() {
    let api = people();
    let cookie = login(&api, "viewer", "password of viewer");
    let (_, host) = ELSEWHERE;
    let mut events = Events::of(
        &api,
        &format!("host: {host}\r\ncookie: {cookie}\r\nconnection: close\r\n"),
    );
    assert_eq!(api.act("DELETE", "/users/viewer", "").status, 204);
    let mut rest = String::new();
    events.0.read_to_string(&mut rest).expect("it ends");
    assert!(!rest.contains("event: changed"), "{rest}");
    api.up.stop();
}

#[test]
fn who_listens_hears_what_changed() {
    let api = Api::of_a_company();
    let mut events = [HERE, HERE].map(|host| Events::of(&api, host));
    load_another(&api, "b1");
    let mut id = String::new();
    for events in &mut events {
        events.until("event: changed");
        let told = events.until("data: ");
        let data = told.last().expect("data");
        let data: serde_json::Value = serde_json::from_str(&data[6..]).expect("JSON");
        assert!(
            data["as_of"].is_string() && data["batch"].as_i64() > Some(0),
            "{data}"
        );
        let line = told.iter().find(|line| line.starts_with("id: "));
        id = line.map_or(id, |line| line[4..].to_owned());
    }
    // What is said of a job is news too.
    let jobs = api.items("/jobs?environment=PROD");
    let part = |field: &str| jobs[0][field].as_str().unwrap_or("-").to_owned();
    let target = format!(
        "/jobs/{}/{}/{}",
        part("environment"),
        part("project"),
        part("job")
    );
    let tag = api.json(&target)["tags"][0]
        .as_str()
        .expect("a tag")
        .to_owned();
    let said = serde_json::json!({"family": part("family"), "owner": "Ann"}).to_string();
    let headers = [("smartetl-csrf", "1"), ("if-match", tag.as_str())];
    assert_eq!(api.send("PUT", &target, &headers, &said).status, 200);
    for events in &mut events {
        events.until("event: changed");
    }
    // Whoever comes back is told at once what changed meanwhile.
    drop(events);
    let mut again = Events::of(&api, &format!("{HERE}last-event-id: 0-0-0-0\r\n"));
    again.until("event: changed");
    // Streams do not keep the service from ending.
    api.up.stop();
}
