//! All tables into one file and back: the same rows, and everything goes on from there.

mod interrupted;
mod refused;
mod versions;

use crate::company::Company;
use crate::processes::OwnServer;
use crate::samples::stats;
use crate::support::{Answer, PROGRAM, World, empty, own_database, place};
use crate::tables::{assert_same_content, number, rows};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

/// Every table with the number of its rows and the sum of their hashes, whatever their order; and every sequence.
fn sums(url: &str) -> Vec<String> {
    let tables = rows(
        url,
        "SELECT ARRAY[relname::text] FROM pg_class WHERE relnamespace = 'public'::regnamespace \
         AND relkind IN ('r', 'p') AND relname <> '_sqlx_migrations' ORDER BY 1",
    );
    assert!(tables.len() > 15, "{tables:?}");
    let statement: Vec<String> = tables
        .iter()
        .map(|table| {
            let table = &table[0];
            format!(
                "SELECT ARRAY['{table}', count(*)::text, sum(hashtextextended(t::text, 0)::numeric)::text] FROM {table} AS t"
            )
        })
        .collect();
    let mut found = crate::tables::told(rows(url, &statement.join(" UNION ALL ")));
    found.extend(crate::tables::told(rows(
        url,
        "SELECT ARRAY[sequencename::text, coalesce(last_value, 0)::text] FROM pg_sequences WHERE schemaname = 'public'",
    )));
    found.sort();
    found
}

/// A database with runs, errors, rejects, adrift errors and posts of a simulated company.
fn loaded() -> (smartetl_testkit::TestDatabase, World, Company) {
    let (database, world) = place();
    let company = Company::simulate(&["--jobs", "12", "--days", "40", "--seed", "5"]);
    Answer::of(company.load_slowly(&world)).done();
    (database, world, company)
}

/// The next number of a sequence is not one that was given.
fn goes_on(sums: &[String]) -> Vec<String> {
    // A restarted sequence says nothing about its last number until it gives the next one.
    let tables = sums.iter().filter(|line| {
        !line
            .split(' ')
            .next()
            .is_some_and(|name| name.ends_with("_seq"))
    });
    tables.cloned().collect()
}

#[test]
fn what_is_restored_is_the_same_and_goes_on() {
    let (source, world, company) = loaded();
    let logs = company.logs.to_str().expect("UTF-8");
    world.file("more/stats.csv", &stats(0..20));
    world
        .run(&["load", "more", "--as-of", &company.as_of])
        .done();
    let before = sums(&source.url);
    assert!(
        before
            .iter()
            .any(|line| line.starts_with("reject ") && !line.starts_with("reject 0")),
        "{before:?}"
    );
    let backup = world.run(&["backup", "all.smartetl"]).done();
    let file = world.home.path().join("all.smartetl");
    let file = file.to_str().expect("UTF-8");
    let recorded = rows(
        &source.url,
        "SELECT ARRAY[kind, ok::text, detail->>'file', detail->>'bytes', detail->>'rows'] FROM upkeep",
    );
    let size = std::fs::metadata(file).expect("it is written").len();
    assert_eq!(recorded.len(), 1);
    assert_eq!(
        recorded[0][..4],
        ["backup", "true", file, &size.to_string()]
    );
    assert!(
        backup
            .stdout
            .starts_with(&format!("{} rows of ", recorded[0][4])),
        "{}",
        backup.stdout
    );

    for has_tables in [true, false] {
        let target = own_database();
        let other = World::on(&target.url).in_paris();
        if !has_tables {
            empty(&other);
        }
        other.run(&["restore", "--check", file]).done();
        let restored = other.run(&["restore", file]).done();
        assert!(
            restored.stdout.ends_with(" restored\n"),
            "{}",
            restored.stdout
        );
        assert_eq!(goes_on(&sums(&target.url)), goes_on(&before));
        other.run(&["verify", "--recompute"]).done();

        // The same files again bring nothing, a file that grew brings what is new, in both places.
        let batches = number(&target.url, "SELECT count(*) FROM batch");
        other
            .run(&["load", logs, "--allow-rejects", "--as-of", &company.as_of])
            .done();
        assert_eq!(number(&target.url, "SELECT count(*) FROM batch"), batches);
        let last = number(&target.url, "SELECT max(batch) FROM batch");
        let more = world.home.path().join("more");
        if has_tables {
            world.file("more/stats.csv", &stats(0..30));
            world
                .run(&["load", "more", "--as-of", &company.as_of])
                .done();
        }
        let more = more.to_str().expect("UTF-8");
        other.run(&["load", more, "--as-of", &company.as_of]).done();
        assert_eq!(
            number(&target.url, "SELECT count(*) FROM batch"),
            batches + 1
        );
        assert!(number(&target.url, "SELECT max(batch) FROM batch") > last);
        assert_same_content("after the restore", &source.url, &target.url);
    }
}

#[test]
fn it_goes_through_a_pipe() {
    let (source, world, _company) = loaded();
    let before = sums(&source.url);
    let target = own_database();
    let mut shell = Command::new("bash");
    let script = format!(
        "set -o pipefail; '{PROGRAM}' backup - | '{PROGRAM}' --database-url '{}' restore -",
        target.url
    );
    shell.args(["-c", &script]);
    Answer::of(world.around(shell)).done();
    assert_eq!(goes_on(&sums(&target.url)), goes_on(&before));
}

/// It holds who may come in, so its owner alone may read it; whoever was logged in is no more.
#[test]
fn who_may_come_in_is_kept_and_told() {
    let (source, world, _company) = loaded();
    world
        .run(&["tokens", "create", "bot", "--scope", "read"])
        .done();
    for statement in [
        "INSERT INTO account (name, role, password, made_at, changed_at) VALUES ('ann', 'viewer', 'hash', now(), now())",
        "INSERT INTO session (hash, account, made_at, expires_at) VALUES ('hash', 1, now(), now() + interval '1 day')",
        "INSERT INTO process (process, kind, host, pid, version) VALUES (gen_random_uuid(), 'producer', 'h', 1, '1')",
    ] {
        world.run(&["sql", "--write", statement]).done();
    }
    world.run(&["backup", "all.smartetl"]).done();
    let file = world.home.path().join("all.smartetl");
    let mode = std::fs::metadata(&file)
        .expect("it is written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let target = own_database();
    let restored = World::on(&target.url)
        .run(&["restore", file.to_str().expect("UTF-8")])
        .done();
    assert!(
        restored.stderr.contains("1 account and 1 token came back"),
        "{}",
        restored.stderr
    );
    let kept = "SELECT ARRAY[(SELECT count(*) FROM account), (SELECT count(*) FROM api_token), \
         (SELECT count(*) FROM session), (SELECT count(*) FROM process)]::text[]";
    assert_eq!(rows(&source.url, kept), [["1", "1", "1", "1"]]);
    assert_eq!(rows(&target.url, kept), [["1", "1", "0", "0"]]);
}

/// The embedded server brings no `pg_dump`.
#[test]
fn from_one_embedded_server_into_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = OwnServer::below(&folder.path().join("from"));
    let to = OwnServer::below(&folder.path().join("to"));
    let world = from.used_by(World::new().in_paris());
    world.file("logs/stats.csv", &stats(0..50));
    world
        .run(&["load", "logs", "--as-of", "2026-03-01T00:00:00Z"])
        .done();
    let before = from.with_url(sums);
    world.run(&["backup", "b.tar"]).done();
    let file = world.home.path().join("b.tar");
    let other = to.used_by(World::new().in_paris());
    other
        .run(&["restore", file.to_str().expect("UTF-8")])
        .done();
    assert_eq!(goes_on(&to.with_url(sums)), goes_on(&before));
    other.run(&["verify", "--recompute"]).done();
}

#[test]
fn a_pipe_that_breaks_is_no_backup() {
    let (_source, world, _company) = loaded();
    let mut shell = Command::new("bash");
    let script = format!("'{PROGRAM}' backup - | true; exit ${{PIPESTATUS[0]}}");
    shell.args(["-c", &script]);
    let answer = Answer::of(world.around(shell));
    assert_eq!(answer.exit, 2, "{}", answer.stderr);
    assert!(
        answer
            .stderr
            .contains("hint: what was written so far is no backup"),
        "{}",
        answer.stderr
    );
}

/// Without smartETL: by tar, zstd and COPY, as the page says.
#[test]
fn the_file_can_be_read_by_others() {
    let (source, world, _company) = loaded();
    world.run(&["backup", "b.tar"]).done();
    let file = std::fs::File::open(world.home.path().join("b.tar")).expect("it is there");
    let mut archive = tar::Archive::new(file);
    let mut names = Vec::new();
    let mut runs = Vec::new();
    for entry in archive.entries().expect("a tar archive") {
        let entry = entry.expect("an entry");
        let name = entry.path().expect("a path").display().to_string();
        if name.starts_with("data/dataset/") {
            runs.extend(zstd::decode_all(entry).expect("zstd"));
        }
        names.push(name);
    }
    assert_eq!(
        names.first().map(String::as_str),
        Some("smartetl-backup.json")
    );
    assert_eq!(names[names.len() - 2..], ["manifest.json", "sha256"]);
    let count = crate::tables::connected(&source.url, async |connection| {
        sqlx::raw_sql("CREATE TEMPORARY TABLE read (LIKE dataset)")
            .execute(&mut *connection)
            .await
            .expect("a table");
        let mut copy = connection
            .copy_in_raw("COPY read FROM STDIN (FORMAT binary)")
            .await
            .expect("COPY");
        copy.send(runs).await.expect("it takes them");
        copy.finish().await.expect("it is whole")
    });
    assert_eq!(
        count.cast_signed(),
        number(&source.url, "SELECT count(*) FROM dataset")
    );
}
