//! The same logs, loaded or sent and received: the same tables.

use super::{Topics, consume, fuse, produce, verify};
use crate::company::Company;
use crate::support::{World, own_database, place};
use crate::tables::{assert_same_content, number};

fn load(world: &World, company: &Company) -> crate::support::Answer {
    let logs = company.logs.to_str().expect("UTF-8");
    world.run(&["load", "--allow-rejects", "--as-of", &company.as_of, logs])
}

fn company() -> Company {
    Company::simulate(&["--jobs", "20", "--days", "20", "--seed", "5"])
}

#[test]
fn what_comes_through_kafka_is_what_load_stores() {
    let company = company();
    let (clean, loaded) = place();
    load(&loaded, &company).done();

    let database = own_database();
    let world = Topics { name: "same" }.used_by(World::on(&database.url).in_paris());
    produce(&world, &company.logs).done();
    let received = consume(&world);
    assert!(matches!(received.exit, 0 | 1), "{}", received.stderr);
    fuse(&world, &company.as_of);
    assert_same_content("through Kafka", &clean.url, &database.url);
    verify(&world);

    // The other ways have nothing left to do.
    let rows = number(&database.url, "SELECT count(*) FROM log");
    load(&world, &company).done();
    let again = produce(&world, &company.logs).done();
    assert!(
        again.stdout.starts_with("sent: 0 records of 0 files"),
        "{}",
        again.stdout
    );
    consume(&world).done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), rows);
}

#[test]
fn what_was_loaded_is_not_sent() {
    let company = company();
    let database = own_database();
    let world = Topics { name: "loaded" }.used_by(World::on(&database.url).in_paris());
    load(&world, &company).done();
    let rows = number(&database.url, "SELECT count(*) FROM log");
    let sent = produce(&world, &company.logs).done();
    assert!(
        sent.stdout.starts_with("sent: 0 records of 0 files"),
        "{}",
        sent.stdout
    );
    consume(&world).done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), rows);
}

/// A file that was loaded half comes on through Kafka, and nobody else reads it from then on.
#[test]
fn a_file_that_grows_goes_on_through_kafka() {
    let company = company();
    let (clean, loaded) = place();
    load(&loaded, &company).done();
    let database = own_database();
    let world = Topics { name: "grows" }.used_by(World::on(&database.url).in_paris());
    let files = company.files();
    let copies = world.home.path().join("copies");
    std::fs::create_dir(&copies).expect("a folder");
    let copy = |part: usize| {
        for (number, file) in files.iter().enumerate() {
            let bytes = std::fs::read(file).expect("a log");
            let name = file.file_name().expect("a name").to_str().expect("UTF-8");
            let is_text = name.ends_with(".csv");
            let length = if is_text {
                bytes.len() * part / 3
            } else {
                bytes.len()
            };
            let text = &bytes[..length];
            let whole = if is_text && part < 3 {
                text.iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |at| at + 1)
            } else {
                length
            };
            std::fs::write(copies.join(format!("{number}-{name}")), &bytes[..whole])
                .expect("a copy");
        }
    };
    let path = copies.to_str().expect("UTF-8").to_owned();
    copy(1);
    let loaded = world.run(&["load", "--allow-rejects", &path]);
    assert!(
        matches!(loaded.exit, 0 | 1),
        "{}{}",
        loaded.stdout,
        loaded.stderr
    );
    copy(2);
    let sent = produce(&world, &copies);
    assert!(matches!(sent.exit, 0 | 1), "{}{}", sent.stdout, sent.stderr);
    copy(3);
    // From now on it is the producer's.
    let rows = number(&database.url, "SELECT count(*) FROM log");
    let loaded = world.run(&["load", "--allow-rejects", &path]);
    assert_eq!(
        number(&database.url, "SELECT count(*) FROM log"),
        rows,
        "{}",
        loaded.stdout
    );
    assert!(loaded.stdout.contains("through Kafka"), "{}", loaded.stdout);
    let sent = produce(&world, &copies);
    assert!(matches!(sent.exit, 0 | 1), "{}{}", sent.stdout, sent.stderr);
    let received = consume(&world);
    assert!(matches!(received.exit, 0 | 1), "{}", received.stderr);
    fuse(&world, &company.as_of);
    assert_same_content("half loaded, half sent", &clean.url, &database.url);
}

/// The broker has taken messages, and the producer dies before it knows: it sends them again, as the same stream.
#[test]
fn an_interrupted_producer_goes_on_with_its_stream() {
    let company = company();
    let (clean, loaded) = place();
    load(&loaded, &company).done();
    let database = own_database();
    let world = Topics {
        name: "interrupted",
    }
    .used_by(World::on(&database.url).in_paris());
    produce(&world, &company.logs).done();
    for forgotten in [
        "UPDATE checkpoint SET next_record = 0, next_byte = 0, next_line = 1, content_hash = NULL, hash_state = NULL, \
         tail_length = 0, tail_hash = NULL WHERE kind = 'file'",
        "UPDATE stream SET messages = 0",
        "UPDATE source SET size_bytes = -1 WHERE path NOT LIKE 'kafka:%'",
    ] {
        world.run(&["sql", "--write", forgotten]).done();
    }
    // Nobody else takes its place.
    let other = load(&world, &company);
    assert!(other.stdout.contains("through Kafka"), "{}", other.stdout);
    produce(&world, &company.logs).done();
    let streams = number(&database.url, "SELECT count(*) FROM stream WHERE is_ours");
    let files = number(
        &database.url,
        "SELECT count(*) FROM source WHERE path NOT LIKE 'kafka:%'",
    );
    assert_eq!(streams, files);
    let received = consume(&world);
    assert!(matches!(received.exit, 0 | 1), "{}", received.stderr);
    fuse(&world, &company.as_of);
    assert_same_content("sent twice", &clean.url, &database.url);
    verify(&world);
}

/// What came of a file is taken back while half of it is still on its way: the rest is dropped, and the file can be loaded.
#[test]
fn what_was_sent_is_taken_back() {
    let company = company();
    let (clean, loaded) = place();
    load(&loaded, &company).done();
    let database = own_database();
    let world = Topics { name: "back" }.used_by(World::on(&database.url).in_paris());
    produce(&world, &company.logs).done();
    assert!(matches!(consume(&world).exit, 0 | 1));
    // As if a part of it had not come yet.
    let logs = company.logs.to_str().expect("UTF-8");
    world.run(&["unload", logs]).done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 0);
    let again = "UPDATE checkpoint SET next_record = 0 WHERE kind = 'kafka'";
    world.run(&["sql", "--write", again]).done();
    consume(&world).done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 0);
    load(&world, &company).done();
    fuse(&world, &company.as_of);
    assert_same_content("taken back and loaded", &clean.url, &database.url);
    verify(&world);
}

/// A file goes to one place: the rest of it would not be told from what is still on its way to another one.
#[test]
fn a_file_goes_to_the_topics_that_it_began_with() {
    let database = own_database();
    let here = Topics { name: "here" };
    let world = here.used_by(World::on(&database.url).in_paris());
    let head =
        "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n";
    let row = |run: &str| {
        format!("2026-11-24 21:00:00;{run};{run};{run};P;J;PROD;6;tDie;tDie_1;stopped;4\n")
    };
    let whole = world.file("whole.csv", &format!("{head}{}", row("w")));
    let text = format!("{head}{}", row("a"));
    let log = world.file("grows.csv", &text);
    for path in [&whole, &log] {
        produce(&world, path).done();
    }
    // One that was sent before this was kept: it goes on where it goes first.
    let older = "UPDATE stream SET cluster = NULL, topic_log = NULL, topic_error = NULL";
    world.run(&["sql", "--write", older]).done();
    let log = world.file("grows.csv", &format!("{text}{}", row("b")));
    produce(&world, &log).done();

    let longer = format!("{text}{}{}", row("b"), row("c"));
    let log = world.file("grows.csv", &longer);
    let folder = world.home.path().to_str().expect("UTF-8").to_owned();
    let log = log.to_str().expect("UTF-8");
    let elsewhere = ["--topic-log", "there.log", "--topic-error", "there.err"];
    let beside = world.file("beside.csv", &format!("{head}{}", row("d")));
    let sent = world.run(&[&["produce", "--once", &folder], &elsewhere[..]].concat());
    assert_eq!(sent.exit, 1, "{}{}", sent.stdout, sent.stderr);
    let there = "SELECT count(*) FROM stream WHERE topic_log = 'there.log' AND messages = 1";
    assert_eq!(number(&database.url, there), 1, "another file is sent");
    std::fs::remove_file(beside).expect("it is ours");
    for part in [
        log,
        "the topics here.log and here.logerreur",
        "hint: ",
        "--topic-log here.log --topic-error here.logerreur",
        "smartetl unload",
    ] {
        assert!(sent.stdout.contains(part), "{part}: {}", sent.stdout);
    }
    world
        .run(&["sql", "--write", "UPDATE stream SET cluster = 'of others'"])
        .done();
    let sent = produce(&world, std::path::Path::new(log));
    assert_eq!(sent.exit, 1, "{}{}", sent.stdout, sent.stderr);
    assert!(
        sent.stdout.contains("of the cluster of others"),
        "{}",
        sent.stdout
    );

    // What is whole has nothing to go anywhere; what was taken back begins anew.
    let whole = whole.to_str().expect("UTF-8");
    world
        .run(&[&["produce", "--once", whole], &elsewhere[..]].concat())
        .done();
    world.run(&["unload", log]).done();
    world
        .run(&[&["produce", "--once", log], &elsewhere[..]].concat())
        .done();
    assert!(consume(&world).exit == 0, "the old topics are dropped");
    assert_eq!(
        number(&database.url, "SELECT count(*) FROM logerreur"),
        1,
        "what is whole came; the other one was taken back"
    );
    world
        .run(&[&["consume", "--once"], &elsewhere[..]].concat())
        .done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM logerreur"), 5);
}
