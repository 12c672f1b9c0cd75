//! `smartetl up`: what appears in its folder appears in the tables, the service answers, and it ends cleanly.

use crate::running::{RECORDS, RUNS, Up, allow_connections, append, stat, until, until_said};
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{World, age, own_database};
use smartetl_testkit::place;
use std::io::Write;
use std::time::Duration;

/// Nothing more is expected of a file after an hour.
const SILENT: Duration = Duration::from_hours(2);

#[test]
fn rows_that_were_there_already() {
    for (lang, words) in [
        ("en", "tuesday.csv: 2 rows were there already, from "),
        ("fr", "tuesday.csv: 2 lignes déjà présentes, venues de "),
    ] {
        let database = own_database();
        let world = World::on(&database.url);
        let rows = |pids: &[&str]| -> String {
            pids.iter()
                .map(|pid| stat("02:00:00", pid, "begin") + &stat("02:01:00", pid, "success"))
                .collect()
        };
        world.file(
            "logs/monday.csv",
            &(COLUMNS.to_owned() + &rows(&["a", "b"])),
        );
        let up = Up::start_in(lang, &world, &["logs"]);
        // The first look is over.
        up.line("Ctrl-C");
        world.file(
            "logs/tuesday.csv",
            &(COLUMNS.to_owned() + &rows(&["b", "c"])),
        );
        let line = up.line(words);
        assert!(line.ends_with("logs/monday.csv"), "{line}");
        up.stop();
    }
}

#[test]
fn files_and_rows_appear() {
    let database = own_database();
    let world = World::on(&database.url);
    let up = Up::start(&world, &[]);
    up.line("No logs yet");
    let empty = up.ask("GET /?lang=en");
    assert!(
        empty.contains("Three ways") && empty.contains("smartetl up --demo"),
        "{empty}"
    );

    // The folder itself is not there yet.
    let path = world.file(
        "data/stats.csv",
        &format!("{COLUMNS}{}", stat("02:00:00", "a1", "begin")),
    );
    until(&database, RUNS, "a1 unverified");
    append(&path, &stat("02:01:00", "a1", "success"));
    until(&database, RUNS, "a1 success");

    // Half a line is left until its other half comes: the file beside it proves that it was looked at.
    let line = stat("03:00:00", "a2", "begin");
    let (half, rest) = line.split_at(line.len() / 2);
    append(&path, half);
    world.file(
        "data/more.csv",
        &format!(
            "{COLUMNS}{}{}",
            stat("04:00:00", "a3", "begin"),
            stat("04:01:00", "a3", "failure")
        ),
    );
    until(&database, RUNS, "a1 success, a3 failed");
    until(&database, RECORDS, "4 rows, 0 rejects");
    append(
        &path,
        &format!("{rest}{}", stat("03:01:00", "a2", "success")),
    );
    until(&database, RUNS, "a1 success, a2 success, a3 failed");
    until(&database, RECORDS, "6 rows, 0 rejects");

    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("Night of 4 to 5 January") && page.contains("the only job failed"),
        "{page}"
    );
    let page = up.ask("GET /?lang=fr");
    assert!(
        page.contains("Nuit du 4 au 5 janvier") && page.contains("le seul job est en échec"),
        "{page}"
    );
    up.stop();
}

#[test]
fn the_service_answers() {
    let database = own_database();
    let world = World::on(&database.url);
    world.file(
        "logs/stats.csv",
        &format!("{COLUMNS}{}garbage\n", stat("02:00:00", "a1", "begin")),
    );
    let up = Up::start(&world, &["logs", "not-there"]);
    up.line("not-there");
    up.line("PostgreSQL");

    let check = |request: &str, status: &str, words: &[&str]| {
        let answer = up.ask(request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {answer}"
        );
        for word in words {
            assert!(answer.contains(word), "{request} lacks {word}: {answer}");
        }
        answer
    };
    check(
        "GET /livez",
        "200",
        &["\"service\":\"smartetl\"", "application/json"],
    );
    check(
        "GET /readyz",
        "200",
        &["\"status\":\"ready\"", "\"loading\":false"],
    );
    check(
        "GET /metrics",
        "200",
        &[
            "content-type: text/plain; version=0.0.4",
            "# TYPE smartetl_rows gauge\nsmartetl_rows{table=\"log\",dialect=\"talend\"} 1\n",
            "smartetl_rejects{reason=\"field_count\"} 1\n",
            "smartetl_last_event_timestamp_seconds{system=\"talend\",environment=\"PROD\"} 1767574800\n",
            "smartetl_http_requests_total{route=\"/livez\",status=\"200\"} 1\n",
            "smartetl_database_up 1\n",
        ],
    );
    let head = check(
        "HEAD /",
        "200",
        &["content-security-policy: default-src 'none'", "text/html"],
    );
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    check(
        "GET /nothing",
        "404",
        &["application/problem+json", "\"status\":404"],
    );
    check(
        "GET /?environment=MOON",
        "404",
        &["application/problem+json"],
    );
    check("GET /?day=tomorrow", "400", &["application/problem+json"]);
    for method in ["POST", "PUT", "DELETE", "TRACE", "OPTIONS", "BREW"] {
        check(
            &format!("{method} /"),
            "405",
            &["allow: GET, HEAD", "application/problem+json"],
        );
    }

    // The port is taken, by smartETL itself.
    let port = up.address.rsplit(':').next().expect("a port");
    let second = world.run(&["up", "--port", port]);
    assert_eq!(second.exit, 2);
    assert!(
        second.stderr.contains("smartETL already runs here"),
        "{}",
        second.stderr
    );

    // The tables go away under it.
    let drop = "DROP TABLE _sqlx_migrations";
    world.run(&["sql", "--write", drop]).done();
    check("GET /readyz", "503", &["\"name\":\"tables\",\"ok\":false"]);
    check("GET /?lang=en", "503", &["smartetl migrate"]);
    check("GET /livez", "200", &[]);
    up.stop();
}

#[test]
fn a_taken_port_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener
        .local_addr()
        .expect("an address")
        .port()
        .to_string();
    // It answers, but not as smartETL does.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
        }
    });
    let answer = World::with_database().run(&["up", "--port", &port]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.contains("another program uses 127.0.0.1"),
        "{}",
        answer.stderr
    );
    assert!(answer.stderr.contains("hint:"), "{}", answer.stderr);
}

#[test]
fn hostile_messages_are_escaped() {
    let database = own_database();
    let world = World::on(&database.url);
    let evil = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    world.file(
        "data/stats.csv",
        &format!(
            "{COLUMNS}{}{}",
            stat("02:00:00", "a1", "begin").replace("load_orders", "<b>job</b>"),
            stat("02:01:00", "a1", "failure").replace("load_orders", "<b>job</b>")
        ),
    );
    world.file("data/logs.csv", &format!(
        "{ERROR_COLUMNS}2026-01-05 02:00:30;a1;a1;a1;SALES;<b>job</b>;Prod;6;Java Exception;tMap_1;java.lang.Error:{evil}\x1b[2J;1\n"
    ));
    let up = Up::start(&world, &[]);
    let line = up.line("alert(1)");
    assert!(!line.contains('\x1b'), "{line:?}");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    for raw in ["<script", "<img", "<b>job"] {
        assert!(!page.contains(raw), "{page}");
    }
    up.stop();
}

#[test]
fn a_cut_file_is_told_as_load_tells_it() {
    let database = own_database();
    let world = World::on(&database.url);
    let rows: String = (0..2000)
        .map(|run| stat("02:00:00", &format!("a{run}"), "begin"))
        .collect();
    let whole = world.file("whole.csv", &format!("{COLUMNS}{rows}"));
    let packed = world.home.path().join("whole.csv.gz");
    crate::pieces::compress(&whole, &packed);
    let bytes = std::fs::read(&packed).expect("it was written");
    std::fs::create_dir(world.home.path().join("data")).expect("a folder");
    let cut = world.home.path().join("data/cut.csv.gz");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("there is room");
    world.file("data/empty.csv", "");
    // It may still be copied: that is said at once, the reason when nothing changes any more.
    let up = Up::start(&world, &[]);
    up.line("! 2 files cannot be read to their end, and were written just now");
    age(&cut, SILENT);
    age(&world.home.path().join("data/empty.csv"), SILENT);
    let told = up.line("cut.csv.gz");
    let hint = up.line("hint: copy the file again");
    up.line("empty.csv: the source is empty");
    up.stop();
    let load = world.run(&["load", "data/cut.csv.gz"]);
    let reason = told.rsplit_once("cut.csv.gz: ").expect("a reason").1;
    assert!(reason.contains("damaged behind record"), "{told}");
    assert!(
        load.stdout.contains(reason) && load.stdout.contains(&hint),
        "{told}\n{hint}\n{}",
        load.stdout
    );
}

#[test]
fn why_a_file_cannot_be_read_is_told_in_the_readers_language() {
    let database = own_database();
    let world = World::on(&database.url);
    for (name, bytes) in [("people.csv", "name;age\nann;31\n"), ("empty.csv", "")] {
        age(&world.file(&format!("data/{name}"), bytes), SILENT);
    }
    let up = Up::start_in("fr", &world, &["data", "ailleurs"]);
    up.line("! ailleurs: n’existe pas");
    up.line("empty.csv: le fichier est vide");
    up.line("people.csv: aucun dialecte ni aucune correspondance ne connaît ces colonnes\u{a0}: name, age");
    up.line("conseil\u{a0}: `smartetl map FILE -o mapping.toml`");
    for (lang, words) in [
        (
            "fr",
            "aucun dialecte ni aucune correspondance ne connaît ces colonnes",
        ),
        ("en", "no dialect and no mapping knows these columns"),
    ] {
        let page = up.ask(&format!("GET /?lang={lang}"));
        assert!(page.contains(words), "{page}");
    }
    up.stop();
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let database = own_database();
    let world = World::on(&database.url);
    let bad = world.file("data/bad.csv", "PK\x03\x04\0\0\0\0\0\0");
    age(&bad, SILENT);
    world.file(
        "data/stats.csv",
        &format!(
            "{COLUMNS}{}{}",
            stat("02:00:00", "a1", "begin"),
            stat("02:01:00", "a1", "success")
        ),
    );
    let up = Up::start(&world, &[]);
    up.line("bad.csv");
    until(&database, RUNS, "a1 success");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("1 path cannot be read") && page.contains("this is no text and no Parquet"),
        "{page}"
    );
    up.counts(&[
        "smartetl_unreadable_paths 1",
        "smartetl_files_failed_total 1",
    ]);
    // Whoever looks into the database sees it, too.
    let unreadable = "SELECT string_agg(kind || ' ' || (path LIKE '%bad.csv')::text || ' ' || reason, ',') FROM grafana_unreadable";
    until(
        &database,
        unreadable,
        "server true this is no text and no Parquet file: it is a zip archive (or a spreadsheet)",
    );
    std::fs::remove_file(&bad).expect("it is there");
    until_said(&up, "GET /metrics", "\nsmartetl_unreadable_paths 0\n");
    until(&database, unreadable, "");
    up.stop();
    let ended = "SELECT kind || ' ' || is_alive || ' ' || has_ended FROM grafana_process";
    until(&database, ended, "server false true");
}

#[test]
fn a_line_that_goes_on_after_long_silence_is_read_as_a_whole() {
    let database = own_database();
    let world = World::on(&database.url);
    let line = stat("02:01:00", "a1", "success");
    let (half, rest) = line.split_at(line.len() - 3);
    let path = world.file(
        "data/stats.csv",
        &format!("{COLUMNS}{}{half}", stat("02:00:00", "a1", "begin")),
    );
    age(&path, SILENT);
    let up = Up::start(&world, &[]);
    let reported = "SELECT string_agg(duration_reported_ms::text, ', ') FROM dataset";
    until(&database, reported, "600");
    append(&path, rest);
    until(&database, reported, "60000");
    append(&path, &stat("03:00:00", "a2", "begin"));
    until(&database, RUNS, "a1 success, a2 unverified");
    until(&database, RECORDS, "3 rows, 0 rejects");
    up.counts(&["smartetl_lines_reopened_total 1"]);
    // A half line is told, where one looks, until it ends.
    append(&path, half);
    until_said(&up, "GET /?lang=en", "1 file has a last line without end");
    up.counts(&["smartetl_waiting_files 1"]);
    up.stop();
}

#[test]
fn runs_that_cannot_be_made_are_told_and_made_later() {
    let (database, world, up) = Up::begun();
    let change = |statement: &str| {
        world.run(&["sql", "--write", statement]).done();
    };
    change("ALTER TABLE dataset ADD CONSTRAINT cursed CHECK (run_id <> 'b1') NOT VALID");
    let stats = stat("04:00:00", "b1", "begin");
    world.file("data/more.csv", &format!("{COLUMNS}{stats}garbage\n"));
    up.line("no runs can be made of them");
    // The rows are there, and what comes after them too.
    until(&database, RECORDS, "2 rows, 1 rejects");
    append(
        &world.home.path().join("data/stats.csv"),
        &stat("02:01:00", "a1", "success"),
    );
    until(&database, RECORDS, "3 rows, 1 rejects");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("no runs can be made of them at the moment") && page.contains("cursed"),
        "{page}"
    );
    assert!(
        up.ask("GET /?lang=fr")
            .contains("aucune exécution ne peut en être tirée")
    );
    up.counts(&[
        "smartetl_fuse_trouble 1",
        "smartetl_intake_trouble 0",
        "smartetl_records_rejected_total 1",
        "smartetl_files_failed_total 0",
    ]);
    let metrics = up.ask("GET /metrics");
    assert!(
        !metrics.contains("\nsmartetl_fuses_failed_total 0\n"),
        "{metrics}"
    );
    change("ALTER TABLE dataset DROP CONSTRAINT cursed");
    up.line("runs are made again");
    until(&database, RUNS, "a1 success, b1 unverified");
    up.counts(&["smartetl_fuse_trouble 0"]);
    up.stop();
}

#[test]
fn the_demo_has_a_database_of_its_own() {
    let database = own_database();
    let cache = place::cache().display().to_string();
    let world = World::on(&database.url).set("SMARTETL_CACHE_DIR", &cache);
    let folder = world.home.path().join("kept");
    let data_dir = folder.display().to_string();
    let up = Up::start(&world, &["--demo", "--data-dir", &data_dir]);
    up.line("DEMO");
    up.line("Night of");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("simulated logs") && page.contains("smartetl-demo: true"),
        "{page}"
    );
    up.counts(&["smartetl_demo 1"]);
    until(&database, RECORDS, "0 rows, 0 rejects");
    let demo = folder.join("demo").display().to_string();
    let own = World::new().set("SMARTETL_CACHE_DIR", &cache);
    let rows = own.run(&[
        "sql",
        "--data-dir",
        &demo,
        "SELECT count(*) > 1000 AS many FROM dataset",
        "--format",
        "csv",
    ]);
    assert_eq!(rows.stdout, "many\nt\n", "{}", rows.stderr);
    up.stop();
    assert!(
        !folder
            .join("demo/postgresql/cluster/postmaster.pid")
            .exists(),
        "the server stopped"
    );
    assert!(folder.join("demo/postgresql").is_dir());

    // The same logs again are nothing new, and stay.
    let up = Up::start(&world, &["--demo", "--data-dir", &data_dir]);
    up.line("Night of");
    up.counts(&["smartetl_records_read_total 0"]);
    up.stop();
}

#[test]
fn a_database_that_goes_away_is_waited_for() {
    let (database, world, up) = Up::begun();
    allow_connections(&database, false);
    append(
        &world.home.path().join("data/stats.csv"),
        &stat("02:01:00", "a1", "success"),
    );
    up.line("cannot store new logs");
    assert!(up.ask("GET /readyz").starts_with("HTTP/1.1 503"));
    let page = up.ask("GET /?lang=en");
    assert!(
        page.starts_with("HTTP/1.1 503") && page.contains("The database does not answer"),
        "{page}"
    );
    up.counts(&["smartetl_database_up 0"]);
    assert!(up.ask("GET /livez").starts_with("HTTP/1.1 200"));
    allow_connections(&database, true);
    up.line("the database is back");
    until(&database, RUNS, "a1 success");
    up.stop();
}
