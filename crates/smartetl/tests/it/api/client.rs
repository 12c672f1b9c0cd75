//! A running `up` over a simulated company, and questions to it.

use crate::company::Company;
use crate::processes::wait_until;
use crate::running::Up;
use crate::support::{World, own_database};
use serde_json::Value;
use smartetl_testkit::TestDatabase;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// A service that answers from the tables and changes nothing.
pub struct Api {
    pub up: Up,
    pub world: World,
    /// Removed when it is dropped.
    database: Option<TestDatabase>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub bytes: Vec<u8>,
}

impl Api {
    /// Over the logs of a company that runs many jobs, some of which fail.
    pub fn of_a_company() -> Self {
        Self::with(&[])
    }

    /// The same with these flags.
    pub fn with(flags: &[&str]) -> Self {
        let company = Company::simulate(&["--jobs", "25", "--days", "25", "--seed", "8"]);
        let database = own_database();
        let world = World::on(&database.url);
        let logs = company.logs.to_str().expect("UTF-8");
        let load = ["load", "--allow-rejects", "--as-of", &company.as_of, logs];
        world.run(&load).done();
        Self::over(database, world, flags)
    }

    /// Over what is loaded already.
    pub fn over(database: TestDatabase, world: World, flags: &[&str]) -> Self {
        std::fs::create_dir_all(world.home.path().join("nothing")).expect("a folder");
        let scheduled = ["--set", "fuse.mode=scheduled", "nothing"];
        let up = Up::start(&world, &[flags, &scheduled].concat());
        Self {
            up,
            world,
            database: Some(database),
        }
    }

    /// One that was started otherwise, over a database that is kept elsewhere.
    pub fn at(up: Up, world: World) -> Self {
        Self {
            up,
            world,
            database: None,
        }
    }

    /// The database behind it.
    pub fn database_url(&self) -> String {
        let database = self.database.as_ref();
        database.expect("it is kept here").url.clone()
    }

    pub fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[])
    }

    /// Asks for something below `/api/v1`.
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, target, headers, "")
    }

    /// Sends JSON from this machine, as a page of the service does.
    pub fn act(&self, method: &str, target: &str, body: &str) -> Answer {
        self.send(method, target, &[("smartetl-csrf", "1")], body)
    }

    /// The same with a body of JSON, where there is one.
    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let path = format!("/api/v1{target}");
        let length = body.len().to_string();
        let of_body = [
            ("content-type", "application/json"),
            ("content-length", &length),
        ];
        let of_body = if body.is_empty() { &[][..] } else { &of_body };
        self.raw(method, &path, &[headers, of_body].concat(), body)
    }

    /// Sends a file from this machine, as a page of the service does.
    pub fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        let length = bytes.len().to_string();
        let headers = [("smartetl-csrf", "1"), ("content-length", length.as_str())];
        let path = format!("/api/v1/uploads?name={}", encoded(name));
        self.raw_bytes("POST", &path, &headers, bytes)
    }

    /// What becomes of a task that was asked for.
    #[track_caller]
    pub fn ended(&self, accepted: &Answer) -> Value {
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        self.until_ended(accepted.json()["task"].as_i64().expect("a number"))
    }

    /// What becomes of the task with this number.
    #[track_caller]
    pub fn until_ended(&self, task: i64) -> Value {
        let target = format!("/tasks/{task}");
        let mut told = Value::Null;
        wait_until("the task has ended", || {
            told = self.json(&target);
            matches!(told["state"].as_str(), Some("done" | "failed"))
        });
        told
    }

    /// Anything.
    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.raw_bytes(method, path, headers, body.as_bytes())
    }

    /// The same with a body that is no text.
    pub fn raw_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str("host: localhost\r\n");
        }
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(&self.up.address).expect("the service listens");
        stream
            .write_all(&[(head + "\r\n").as_bytes(), body].concat())
            .expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n");
        let end = end.expect("a head");
        let head = String::from_utf8(answer[..end].to_vec()).expect("a head is text");
        Answer {
            status: head[9..12].parse().expect("a status"),
            head,
            bytes: answer.split_off(end + 4),
        }
    }

    /// What is answered with 200.
    #[track_caller]
    pub fn json(&self, target: &str) -> Value {
        let answer = self.get(target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.json()
    }

    /// The items of a list that has one page.
    #[track_caller]
    pub fn items_once(&self, target: &str) -> Vec<Value> {
        self.json(target)["items"]
            .as_array()
            .expect("items")
            .clone()
    }

    /// All items of a list, page by page.
    #[track_caller]
    pub fn items(&self, target: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        let mark = if target.contains('?') { '&' } else { '?' };
        loop {
            let page = self.json(&format!("{target}{cursor}"));
            items.extend(page["items"].as_array().expect("items").clone());
            match page["next"].as_str() {
                Some(next) => cursor = format!("{mark}cursor={next}"),
                None => return items,
            }
        }
    }
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.head, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut fields = lines.filter_map(|line| line.split_once(": "));
        fields
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// As a part of an address.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
