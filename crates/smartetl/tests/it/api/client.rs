//! A running `up` over a simulated company, and questions to it.

use crate::company::Company;
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
    _database: TestDatabase,
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
        let loaded = world.run(&load);
        assert_eq!(loaded.exit, 0, "{}", loaded.stderr);
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
            _database: database,
        }
    }

    pub fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[])
    }

    /// Asks for something below `/api/v1`.
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut head = format!("{method} /api/v1{target} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str("host: localhost\r\n");
        }
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(&self.up.address).expect("the service listens");
        stream
            .write_all((head + "\r\n").as_bytes())
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
