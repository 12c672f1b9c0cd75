//! Files that people send: what they are, how they would come out, and that nothing of them stands where it should not.

use super::client::{Answer, Api, encoded};
use super::schema::Document;
use super::source::{reload, source_of, told, unload};
use crate::outages::{SmallDisk, as_root};
use crate::processes::wait_until;
use crate::running::Up;
use crate::samples::stats;
use crate::support::{World, own_database};
use crate::tables::{number, rows};
use serde_json::{Value, json};
use smartetl_testkit::{TestDatabase, place as places};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};

/// A log that nobody knows.
const UNKNOWN: &str = "flux,execution,debut,fin,etat\n\
    J_STOCKS,e1,2025-12-01 02:00:00,2025-12-01 02:10:00,OK\n\
    J_STOCKS,e2,2025-12-02 02:00:00,2025-12-02 02:10:00,KO\n\
    J_PRIX,e3,2025-12-02 03:00:00,2025-12-02 03:01:00,OK\n\
    J_PRIX,e4,2025-12-03 03:00:00,soon,OK\n";

const MAPPING: &str = "name = \"flux\"\nsystem = \"scripts\"\n[run]\njob = \"flux\"\nrun_id = \"execution\"\n\
    [[log]]\nevent = \"begin\"\nmoment = \"debut\"\n[[log]]\nevent = \"end\"\nmoment = \"fin\"\nstatus = \"etat\"\n\
    [vocabulary.status]\nOK = \"success\"\nKO = \"failed\"\n";

/// A service that fuses at once, the folder where uploads stand, and the database, which goes when it is dropped.
fn service(flags: &[&str]) -> (Api, PathBuf, TestDatabase) {
    let database = own_database();
    let world = World::on(&database.url);
    let data = world.home.path().join("kept");
    let world = world
        .in_paris()
        .set("SMARTETL_DATA_DIR", data.to_str().expect("UTF-8"));
    std::fs::create_dir_all(world.home.path().join("nothing")).expect("a folder");
    let up = Up::start(&world, &[flags, &["nothing"]].concat());
    (Api::at(up, world), data.join("uploads"), database)
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[track_caller]
fn sent(api: &Api, name: &str, bytes: &[u8]) -> Value {
    let answer = api.upload(name, bytes);
    assert_eq!(answer.status, 201, "{name}: {}", answer.text());
    let document = Document::current();
    let path = &document.0["paths"]["/api/v1/uploads"]["post"]["responses"]["201"];
    let schema = &path["content"]["application/json"]["schema"];
    let value = answer.json();
    assert_eq!(document.check(schema, &value, name), Ok(()));
    let id = value["upload"]["upload"].as_str().expect("an id");
    assert_eq!(api.json(&format!("/uploads/{id}")), value);
    value
}

fn id(sent: &Value) -> &str {
    sent["upload"]["upload"].as_str().expect("an id")
}

fn preview(api: &Api, sent: &Value, body: &Value) -> Answer {
    api.act(
        "POST",
        &format!("/uploads/{}/preview", id(sent)),
        &body.to_string(),
    )
}

fn load(api: &Api, sent: &Value, body: &Value) -> Answer {
    api.act(
        "POST",
        &format!("/uploads/{}/load", id(sent)),
        &body.to_string(),
    )
}

fn remove(api: &Api, sent: &Value) -> Answer {
    api.act("DELETE", &format!("/uploads/{}", id(sent)), "")
}

#[test]
fn a_file_that_is_known_is_loaded_read_again_and_taken_back() {
    let (api, folder, database) = service(&[]);
    let url = &database.url;
    let text = stats(0..40);
    let one = sent(&api, "nuit du 24.csv", text.as_bytes());
    assert_eq!(one["recognised"]["dialect"], "talend", "{one}");
    assert!(
        one["recognised"]["confidence"]
            .as_u64()
            .is_some_and(|sure| sure > 50),
        "{one}"
    );
    assert_eq!(one["recognised"]["zone"], "Europe/Paris", "{one}");
    assert_eq!(
        (&one["proposal"], &one["why_not"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&one["preview"]["records"], &one["preview"]["rows_log"]),
        (&json!(80), &json!(80))
    );
    assert_eq!(
        one["preview"]["log"][0]["moment"], "2025-12-31T23:00:00Z",
        "{one}"
    );
    assert_eq!(number(url, "SELECT count(*) FROM log"), 0);
    assert_eq!(names(&folder), [id(&one)]);
    assert_eq!(api.json("/uploads")["items"], json!([one["upload"]]));
    let done = api.ended(&load(&api, &one, &json!({})));
    assert_eq!(
        (&done["state"], &done["name"]),
        (&json!("done"), &json!("nuit du 24.csv")),
        "{done}"
    );
    assert_eq!(done["loaded"]["rows_log"], 80, "{done}");
    assert_eq!(number(url, "SELECT count(*) FROM dataset"), 40);
    // Twice is once.
    let done = api.ended(&load(&api, &one, &json!({})));
    assert_eq!(done["loaded"]["nothing_new"], true, "{done}");
    // The same content by another name is the same content.
    let copy = sent(&api, "=SUM(1+1).csv", text.as_bytes());
    let done = api.ended(&load(&api, &copy, &json!({})));
    // No spreadsheet takes its name for a formula.
    for list in ["/tasks", "/sources", "/audit"] {
        let file = api.get(&format!("{list}?format=csv")).text();
        assert!(file.contains(",'=SUM(1+1).csv,"), "{list}: {file}");
    }
    assert_eq!(
        (&done["state"], &done["loaded"]["records"]),
        (&json!("done"), &json!(0)),
        "{done}"
    );
    assert_eq!(number(url, "SELECT count(*) FROM log"), 80);
    let refused = remove(&api, &one);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("conflict"))
    );
    let source = source_of(&api, id(&one));
    let known = told(&api, source);
    assert_eq!(
        (&known["kind"], &known["source"]["name"]),
        (&json!("upload"), &json!("nuit du 24.csv"))
    );
    let done = api.ended(&reload(
        &api,
        source,
        &json!({"reading": {"timezone": "UTC"}}),
    ));
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(
        rows(url, "SELECT ARRAY[min(moment)::text] FROM log"),
        [["2026-01-01 00:00:00+00"]]
    );
    let source = source_of(&api, id(&one));
    let done = api.ended(&unload(&api, source, &json!({})));
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(number(url, "SELECT count(*) FROM log"), 0);
    for one in [&one, &copy] {
        let removed = remove(&api, one);
        assert_eq!(removed.status, 204, "{}", removed.text());
        assert_eq!(remove(&api, one).status, 404);
    }
    assert_eq!(names(&folder), [""; 0]);
    let audit = api.items("/audit");
    let of = |kind: &str| audit.iter().filter(|one| one["kind"] == kind).count();
    assert_eq!(
        (of("upload_add"), of("upload_load"), of("upload_remove")),
        (2, 3, 2),
        "{audit:?}"
    );
    api.up.stop();
}

#[test]
fn a_file_that_nobody_knows_is_mapped_with_a_preview() {
    let (api, _, database) = service(&[]);
    let url = &database.url;
    let one = sent(&api, "flux.csv", UNKNOWN.as_bytes());
    assert_eq!(one["recognised"], Value::Null, "{one}");
    let proposal = &one["proposal"];
    let columns = proposal["columns"].as_array().expect("columns");
    let target = |name: &str| {
        let mut of = columns.iter().filter(|column| column["column"] == name);
        of.next().map(|column| column["target"].clone())
    };
    assert_eq!(target("flux"), Some(json!("job")), "{one}");
    assert_eq!(target("execution"), Some(json!("run_id")), "{one}");
    assert!(
        one["why_not"].is_string() && one["preview"]["rows_log"].as_u64() >= Some(4),
        "{one}"
    );
    // The proposal loads as it is.
    let tried = preview(&api, &one, &json!({"mapping": proposal["mapping"]}));
    assert_eq!(tried.json()["preview"], one["preview"], "{}", tried.text());
    // One that a person wrote: its rows, and what would be rejected.
    let tried = preview(&api, &one, &json!({"mapping": MAPPING, "timezone": "UTC"}));
    assert_eq!(tried.status, 200, "{}", tried.text());
    let tried = tried.json();
    assert_eq!(tried["wrong"], Value::Null);
    let seen = &tried["preview"];
    assert_eq!(
        (&seen["records"], &seen["layout"]),
        (&json!(4), &json!("flux")),
        "{seen}"
    );
    let first = seen["log"][0]["moment"].as_str();
    assert!(
        first.is_some_and(|at| at.starts_with("2025-12-01T02:00:00")),
        "{seen}"
    );
    assert_eq!(seen["rejects"][0]["reason"], "bad_time", "{seen}");
    assert_eq!(seen["rejects"][0]["column"], "fin", "{seen}");
    assert_eq!(seen["rejects"][0]["examples"][0]["line"], 5, "{seen}");
    // What is wrong with one is said with its line.
    for (mapping, line) in [
        ("name = \"a\"\nsystem = ", Some(2)),
        ("name = \"a\"\nsystem = \"b\"\ncolour = \"red\"\n", Some(3)),
        ("mapping = []", None),
        ("\u{0}", None),
    ] {
        let tried = preview(&api, &one, &json!({"mapping": mapping}));
        if mapping == "\u{0}" {
            assert_eq!(tried.status, 400);
            continue;
        }
        let tried = tried.json();
        assert_eq!(tried["preview"], Value::Null, "{mapping}: {tried}");
        assert_eq!(tried["wrong"]["line"].as_u64(), line, "{mapping}: {tried}");
        let loaded = load(&api, &one, &json!({"mapping": mapping}));
        assert_eq!(loaded.status, 400, "{mapping}: {}", loaded.text());
    }
    assert_eq!(number(url, "SELECT count(*) FROM log"), 0);
    let done = api.ended(&load(
        &api,
        &one,
        &json!({"mapping": MAPPING, "timezone": "UTC"}),
    ));
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["loaded"]["rejects"][0]["records"], 1, "{done}");
    let seen =
        "SELECT ARRAY[job, run_id, status] FROM dataset WHERE ended_at IS NOT NULL ORDER BY run_id";
    assert_eq!(
        rows(url, seen),
        [
            ["J_STOCKS", "e1", "success"],
            ["J_STOCKS", "e2", "failed"],
            ["J_PRIX", "e3", "success"]
        ]
    );
    // Read again it is mapped as it was.
    let source = source_of(&api, id(&one));
    let known = told(&api, source);
    assert_eq!(known["reading"]["mapping"], MAPPING);
    let done = api.ended(&reload(&api, source, &json!({})));
    assert_eq!(
        (&done["state"], &done["loaded"]["layout"]),
        (&json!("done"), &json!("flux")),
        "{done}"
    );
    assert_eq!(
        number(url, "SELECT count(*) FROM dataset WHERE status = 'failed'"),
        1
    );
    // What is no log at all.
    for (name, bytes) in [
        (
            "photo.jpg",
            [0xff_u8, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70].as_slice(),
        ),
        ("lettre.txt", b"Bonjour,\n\nci-joint rien du tout.\n"),
        ("prix.csv", b"article,prix\npomme,1.5\npoire,2.5\n"),
    ] {
        let one = sent(&api, name, bytes);
        assert_eq!(
            (&one["recognised"], &one["proposal"]),
            (&Value::Null, &Value::Null),
            "{one}"
        );
        assert!(
            one["why_not"]
                .as_str()
                .is_some_and(|why| !why.contains("--")),
            "{one}"
        );
        let french = api.json(&format!("/uploads/{}?lang=fr", id(&one)));
        assert_ne!(french["why_not"], one["why_not"]);
        let done = api.ended(&load(&api, &one, &json!({})));
        assert_eq!(done["state"], "failed", "{done}");
    }
    api.up.stop();
}

/// Whatever a file is called, it stands under a name of ours, and nothing else is touched.
#[test]
fn no_name_leads_anywhere() {
    let (api, folder, database) = service(&[]);
    let url = &database.url;
    let home = api.world.home.path().to_owned();
    let secret = api.world.file("secret.csv", "untouched");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(&secret, folder.join("link.csv")).expect("a link");
    std::os::unix::fs::symlink(&secret, folder.join("link.csv.part")).expect("a link");
    let long = "é".repeat(10_000);
    let bytes = stats(0..2);
    let mut kept = 0;
    for (name, called) in [
        ("../../secret.csv", Some("secret.csv")),
        ("../secret.csv", Some("secret.csv")),
        ("/etc/passwd", Some("passwd")),
        (secret.to_str().expect("UTF-8"), Some("secret.csv")),
        ("..\\..\\secret.csv", Some("secret.csv")),
        ("C:\\logs\\nuit.csv", Some("nuit.csv")),
        ("link.csv", Some("link.csv")),
        ("link", Some("link")),
        ("%2e%2e%2fsecret.csv", Some("%2e%2e%2fsecret.csv")),
        ("....//secret.csv", Some("secret.csv")),
        (
            "\u{ff0e}\u{ff0e}\u{ff0f}secret.csv",
            Some("\u{ff0e}\u{ff0e}\u{ff0f}secret.csv"),
        ),
        ("\u{202e}vsc.secret", Some("\u{202e}vsc.secret")),
        ("été 🌙.csv", Some("été 🌙.csv")),
        ("<script>alert(1)</script>.csv", Some("script>.csv")),
        ("'; DROP TABLE upload; --", Some("'; DROP TABLE upload; --")),
        ("-rf", Some("-rf")),
        ("a\u{0}.csv", None),
        ("a\nb.csv", None),
        ("a\u{1b}[31m.csv", None),
        (&long, None),
        ("..", None),
        (".", None),
        ("/", None),
        ("logs/", None),
        ("", None),
        ("   ", None),
    ] {
        let answer = api.upload(name, bytes.as_bytes());
        match called {
            None => {
                assert_eq!(answer.status, 400, "{name:?}: {}", answer.text());
                assert_eq!(answer.json()["parameter"], "name", "{name:?}");
            }
            Some(called) => {
                assert_eq!(answer.status, 201, "{name:?}: {}", answer.text());
                assert_eq!(answer.json()["upload"]["name"], called, "{name:?}");
                kept += 1;
            }
        }
        assert_eq!(
            std::fs::read_to_string(&secret).expect("it is there"),
            "untouched",
            "{name:?}"
        );
    }
    let ours = |name: &&String| name.len() == 32 && name.bytes().all(|c| c.is_ascii_hexdigit());
    let stand = names(&folder);
    assert_eq!(stand.iter().filter(ours).count(), kept, "{stand:?}");
    assert_eq!(stand.len(), kept + 2, "{stand:?}");
    let around = names(&home);
    assert!(
        !around
            .iter()
            .any(|name| name.contains("csv") && name != "secret.csv"),
        "{around:?}"
    );
    // Ids are no paths either.
    for target in [
        "..%2f..%2fsecret.csv",
        "%2e%2e",
        "link.csv",
        "..%5c..%5csecret.csv",
        &encoded(secret.to_str().expect("UTF-8")),
        &"0".repeat(32),
        &encoded(&long),
    ] {
        for (method, more, body) in [
            ("GET", "", ""),
            ("DELETE", "", ""),
            ("POST", "/load", "{}"),
            ("POST", "/preview", "{}"),
        ] {
            let answer = api.act(method, &format!("/uploads/{target}{more}"), body);
            assert_eq!(
                answer.status,
                404,
                "{method} {target}{more}: {}",
                answer.text()
            );
            assert!(!answer.text().contains("untouched"), "{target}");
        }
    }
    assert_eq!(number(url, "SELECT count(*) FROM upload"), kept as i64);
    assert_eq!(
        std::fs::read_to_string(&secret).expect("it is there"),
        "untouched"
    );
    api.up.stop();
}

/// A body in pieces whose sender does not say how long it is.
fn in_pieces(api: &Api, pieces: usize, is_whole: bool) -> String {
    let mut stream = TcpStream::connect(&api.up.address).expect("the service listens");
    let head = "POST /api/v1/uploads?name=a.csv HTTP/1.1\r\nhost: localhost\r\nsmartetl-csrf: 1\r\n\
        connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("a request");
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
    for _ in 0..pieces {
        if stream.write_all(piece.as_bytes()).is_err() {
            break;
        }
    }
    if is_whole {
        let _ = stream.write_all(b"0\r\n\r\n");
    } else {
        stream.shutdown(Shutdown::Write).expect("it is open");
    }
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn what_is_too_large_or_cut_leaves_nothing() {
    let (api, folder, database) = service(&["--set", "http.upload_mib=1"]);
    let url = &database.url;
    let large = api.upload("large.csv", &vec![b'x'; (1 << 20) + 1]);
    assert_eq!(
        (large.status, &large.json()["code"]),
        (413, &json!("too_large")),
        "{}",
        large.text()
    );
    assert!(large.text().contains("1 MiB"), "{}", large.text());
    let large = in_pieces(&api, 17, true);
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    in_pieces(&api, 3, false);
    wait_until("nothing is left", || names(&folder).is_empty());
    let empty = api.upload("empty.csv", b"");
    assert_eq!(empty.status, 400, "{}", empty.text());
    let announced = [
        ("smartetl-csrf", "1"),
        ("content-length", "99999999999999999999"),
    ];
    let huge = api.raw_bytes("POST", "/api/v1/uploads?name=a", &announced, b"x");
    assert!([400, 413].contains(&huge.status), "{}", huge.text());
    assert_eq!(number(url, "SELECT count(*) FROM upload"), 0);
    // As much as may be is taken.
    assert_eq!(api.upload("fits.csv", &vec![b'x'; 1 << 20]).status, 201);
    // Somebody who sends without end is killed with the process: what is left goes.
    let mut stream = TcpStream::connect(&api.up.address).expect("the service listens");
    let head = "POST /api/v1/uploads?name=a.csv HTTP/1.1\r\nhost: localhost\r\nsmartetl-csrf: 1\r\ncontent-length: 500000\r\n\r\n";
    stream
        .write_all((head.to_owned() + &"x".repeat(100_000)).as_bytes())
        .expect("a request");
    wait_until("it is being taken", || names(&folder).len() == 2);
    let Api { up, world, .. } = api;
    up.kill();
    let left = names(&folder);
    let part = left.iter().find(|name| name.ends_with(".part"));
    let part = folder.join(part.expect("a part"));
    let start = || Up::start(&world, &["--set", "http.upload_mib=1", "nothing"]);
    // Another process may still be at it.
    let up = start();
    wait_until("it works", || {
        number(url, "SELECT count(*) FROM upload") == 1
    });
    up.stop();
    assert_eq!(names(&folder), left);
    let file = std::fs::File::options()
        .write(true)
        .open(&part)
        .expect("it is there");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
    file.set_modified(long_ago).expect("it can be older");
    // What nobody loaded goes after a day.
    World::on(url)
        .run(&[
            "sql",
            "--write",
            "UPDATE upload SET made_at = now() - interval '25 hours'",
        ])
        .done();
    let up = start();
    wait_until("both are gone", || names(&folder).is_empty());
    assert_eq!(number(url, "SELECT count(*) FROM upload"), 0);
    up.stop();
}

#[test]
fn where_nothing_is_taken_that_is_said() {
    let (api, _, _database) = service(&["--set", "http.upload_mib=0"]);
    let answer = api.upload("a.csv", b"x");
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (409, &json!("conflict"))
    );
    assert!(
        answer.text().contains("http.upload_mib"),
        "{}",
        answer.text()
    );
    api.up.stop();
    // A folder that cannot be one.
    let (api, folder, database) = service(&[]);
    let url = &database.url;
    std::fs::create_dir_all(folder.parent().expect("a folder")).expect("a folder");
    std::fs::write(&folder, "a file").expect("a file");
    let answer = api.upload("a.csv", stats(0..1).as_bytes());
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (507, &json!("unwritable")),
        "{}",
        answer.text()
    );
    assert!(answer.text().contains("data_dir"), "{}", answer.text());
    assert_eq!(number(url, "SELECT count(*) FROM upload"), 0);
    api.up.stop();
}

#[test]
fn a_full_disk_takes_no_file_and_leaves_room_for_the_database() {
    if !as_root("api::uploads::a_full_disk_takes_no_file_and_leaves_room_for_the_database") {
        return;
    }
    let disk = SmallDisk::mounted(300);
    let database = own_database();
    let url = database.url.clone();
    let world = World::on(&url).set("SMARTETL_DATA_DIR", disk.folder.to_str().expect("UTF-8"));
    let api = Api::over(database, world, &[]);
    let small = api.upload("small.csv", stats(0..2).as_bytes());
    assert_eq!(small.status, 201, "{}", small.text());
    let headers = [("smartetl-csrf", "1"), ("content-length", "104857600")];
    let announced = api.raw_bytes("POST", "/api/v1/uploads?name=large", &headers, b"x");
    assert_eq!(
        (announced.status, &announced.json()["code"]),
        (507, &json!("unwritable"))
    );
    // Whoever does not say how much it is.
    let answer = in_pieces(&api, 960, true);
    assert!(answer.starts_with("HTTP/1.1 507"), "{answer}");
    assert_eq!(names(&disk.folder.join("uploads")), [id(&small.json())]);
    assert_eq!(number(&url, "SELECT count(*) FROM upload"), 1);
    api.up.stop();
}

#[test]
fn simulated_logs_take_no_others() {
    let cache = places::cache().display().to_string();
    let world = World::new().set("SMARTETL_CACHE_DIR", &cache);
    let data_dir = world.home.path().join("own").display().to_string();
    let up = Up::start(&world, &["--demo", "--data-dir", &data_dir]);
    let api = Api::at(up, world);
    let one = sent(&api, "a.csv", stats(0..2).as_bytes());
    assert_eq!(one["recognised"]["dialect"], "talend");
    let refused = load(&api, &one, &json!({}));
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("conflict"))
    );
    api.up.stop();
}
