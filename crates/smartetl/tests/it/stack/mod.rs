//! The whole stack without containers: PostgreSQL 17, Kafka, Airflow and smartETL as processes, with the commands and the environment
//! that `compose.yaml` gives them. What differs is where they are.

mod compose;
mod story;

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::company::Company;
use crate::posting::client::{NDJSON, post};
use crate::processes::{OwnServer, wait_until};
use crate::running::Up;
use crate::support::{PROGRAM, World, age, place};
use crate::tables::{assert_same_content_but, connected, number};
use compose::{Compose, Service, root, settings};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use smartetl_testkit::airflow::{Airflow, Home};
use smartetl_testkit::kafka::{Broker, Setup};
use sqlx::{AssertSqlSafe, Connection as _};

/// What only containers need, or what the Airflow of the tests says itself.
const NOT_HERE: [&str; 4] = [
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "CONNECTION_CHECK_MAX_COUNT",
];
const RUNS: &str = "SELECT count(*) FROM dataset WHERE system <> 'openlineage'";
const ROWS: &str = "SELECT (SELECT count(*) FROM log WHERE system <> 'openlineage') + (SELECT count(*) FROM logerreur WHERE system <> 'openlineage') \
    + (SELECT count(*) FROM reject)";

/// In surroundings of its own, with what compose gives a service.
fn world(service: &Service) -> World {
    let mut world = World::new();
    for (name, value) in &service.environment {
        world = world.set(name, value);
    }
    let cache = smartetl_testkit::place::cache().display().to_string();
    world.set("SMARTETL_CACHE_DIR", &cache)
}

/// Copies the first half of each log, or appends the rest. Compressed ones and Parquet come as wholes, later.
fn bring(company: &Company, to: &Path, is_rest: bool) {
    for file in company.files() {
        let bytes = std::fs::read(&file).expect("a log");
        let copy = to.join(file.strip_prefix(&company.logs).expect("it is a log"));
        std::fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        let grows = file.extension().is_some_and(|kind| kind == "csv");
        let half = if grows { bytes.len() / 2 } else { 0 };
        let part = if is_rest {
            &bytes[half..]
        } else {
            &bytes[..half]
        };
        if !part.is_empty() {
            append(&copy, part);
        }
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).append(true).open(path).expect("a log");
    file.write_all(bytes).expect("there is room");
}

#[test]
fn rows_that_are_appended_are_in_dataset_after_the_hourly_dag_and_every_query_finds_some() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = OwnServer::below(folder.path());
    server.with_url(|url| stack(folder.path(), &server, &as_postgres(url)));
}

/// What a file of settings says, but where things are: name and value.
fn said_by(file: &str, but: &[&str]) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(file)).expect(file);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let settings = lines.filter_map(|line| line.split_once('='));
    settings
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .filter(|(name, _)| !but.contains(&name.as_str()))
        .collect()
}

/// Kafka as the stack has it, at another place.
fn broker() -> Broker {
    let places = [
        "process.roles",
        "controller.quorum.voters",
        "listeners",
        "advertised.listeners",
        "log.dirs",
    ];
    let settings = said_by("conf/kafka/server.properties", &places);
    assert!(settings.len() > 10, "{settings:?}");
    let lines = settings
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"));
    Broker::of(&Setup {
        properties: lines.collect(),
        ..Setup::default()
    })
}

/// Gives PostgreSQL the settings of the stack, and lets in whom the stack lets in.
fn configure(server: &OwnServer, admin: &str) {
    let places = ["hba_file", "listen_addresses", "unix_socket_directories"];
    let settings = said_by("conf/postgresql/postgresql.conf", &places);
    assert!(settings.len() > 10, "{settings:?}");
    connected(admin, async |connection| {
        for (name, value) in &settings {
            let value = value.trim_matches('\'');
            let statement = format!("ALTER SYSTEM SET {name} = '{value}'");
            let done = sqlx::raw_sql(AssertSqlSafe(statement.clone()));
            done.execute(&mut *connection).await.expect(&statement);
        }
    });
    let rules = std::fs::read(root().join("conf/postgresql/pg_hba.conf")).expect("rules");
    let place = server.data.join("postgresql/cluster/pg_hba.conf");
    // Its owner stays.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(place);
    file.and_then(|mut file| file.write_all(&rules))
        .expect("they can be written");
    server.kill_postmaster();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let refusal = || {
        let opened = runtime.block_on(sqlx::PgConnection::connect(admin));
        opened.map(drop).map_err(|error| error.to_string())
    };
    wait_until("the superuser is kept out", || {
        refusal().is_err_and(|error| error.contains("pg_hba.conf rejects connection"))
    });
}

/// The superuser is called as in the image of PostgreSQL: the embedded server calls its own as the stack calls the owner of the tables.
fn as_postgres(url: &str) -> String {
    let execute = |url: &str, statement: &'static str| {
        connected(url, async |connection| {
            sqlx::raw_sql(statement)
                .execute(connection)
                .await
                .expect(statement);
        });
    };
    execute(
        url,
        "CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'postgres'",
    );
    let (_, server) = url.rsplit_once('@').expect("it has a user");
    let admin = format!("postgresql://postgres:postgres@{server}");
    execute(&admin, "ALTER ROLE smartetl RENAME TO embedded");
    admin
}

fn stack(folder: &Path, postgres: &OwnServer, admin: &str) {
    // Nights up to the last one: dashboards and alerts look at these days.
    let first = TimeZone::UTC
        .to_datetime(Timestamp::now())
        .date()
        .saturating_sub(40.days())
        .to_string();
    let company = Company::simulate(&[
        "--jobs", "12", "--days", "40", "--seed", "6", "--start", &first,
    ]);
    let data = folder.join("logs");
    std::fs::create_dir_all(&data).expect("a folder");
    let made = World::new().run(&["init-env"]).done();
    let mut settings = settings(&made.stdout);
    for (name, value) in [
        ("SMARTETL_DATA", data.to_str().expect("UTF-8")),
        ("SMARTETL_TIMEZONE", "Europe/Paris"),
        ("SMARTETL_FUSE_MODE", "scheduled"),
        ("SMARTETL_LANG", "en"),
    ] {
        settings.insert(name.to_owned(), value.to_owned());
    }
    let grafana_password = settings["GRAFANA_DB_PASSWORD"].clone();
    let bearer = format!("Bearer {}", settings["SMARTETL_HTTP_TOKEN"]);
    let compose = Compose::with(settings);
    let broker = broker();
    let (_, server) = admin.rsplit_once('@').expect("it has a user");
    let (server, _) = server.split_once('/').expect("it has a database");
    let at_server = format!("@{server}");
    let configuration = root().join("conf/smartetl").display().to_string();
    let data_folder = data.display().to_string();
    let places = [
        ("@postgres:5432", at_server.as_str()),
        ("kafka:9092", &broker.address),
        ("/etc/smartetl", &configuration),
        ("/data", &data_folder),
    ];
    let service = |name: &str| compose.service(name).at(&places);

    let init = service("init");
    let as_superuser = world(&init).set("SMARTETL_ROLES_ADMIN_URL", admin);
    for command in init.command[0].split("; ") {
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        as_superuser.run(&words).done();
    }
    let url = init.environment["DATABASE_URL"].clone();
    configure(postgres, admin);
    let not_taken = "SELECT count(*) FROM pg_settings WHERE pending_restart";
    assert_eq!(number(&url, not_taken), 0);
    assert_eq!(
        number(&url, "SELECT current_setting('max_connections')::bigint"),
        100
    );
    assert_eq!(
        number(
            &url,
            "SELECT count(*) FROM pg_settings WHERE name = 'jit' AND setting = 'off'"
        ),
        1
    );

    bring(&company, &data, false);
    let serving = |name: &str, more: &[&str]| {
        let service = service(name);
        let words: Vec<&str> = service.command.iter().map(String::as_str).collect();
        let words = match words.iter().position(|word| *word == "--port") {
            Some(at) => &words[..at],
            None => &words[..],
        };
        let world = world(&service).set("SMARTETL_HTTP_BIND", "127.0.0.1");
        let up = Up::serving(&world, &[words, more].concat());
        (up, world)
    };
    let (server, at_home) = serving("server", &["--port", "0"]);
    let (consumer, _consumer_home) = serving("consumer", &["--port", "0"]);
    let (producer, _producer_home) = serving("producer", &["--port", "0"]);
    wait_until("the first half is stored", || number(&url, ROWS) > 1_000);
    assert_eq!(number(&url, RUNS), 0, "the hourly DAG fuses");
    bring(&company, &data, true);

    // What a plain load stores.
    let (loaded, alone) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    let load = ["load", "--allow-rejects", "--as-of", &company.as_of, logs];
    alone.run(&load).done();
    let expected = number(&loaded.url, ROWS);
    wait_until("all rows are stored", || number(&url, ROWS) == expected);

    let mut scheduler = service("airflow-scheduler");
    for name in NOT_HERE {
        scheduler.environment.remove(name).expect(name);
    }
    let server_url = format!("http://{}", server.address);
    let own = |name: &str| folder.join(name).display().to_string();
    for (name, value) in [
        ("SMARTETL_URL", server_url),
        (
            "SMARTETL_CACHE_DIR",
            smartetl_testkit::place::cache().display().to_string(),
        ),
        ("SMARTETL_SPOOL", own("events")),
        ("SMARTETL_BACKUPS", own("backups")),
    ] {
        scheduler
            .environment
            .insert(name.to_owned(), value)
            .expect(name);
    }
    std::fs::create_dir_all(folder.join("backups")).expect("a folder");
    let variables: Vec<(&str, &str)> = scheduler
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let airflow = Airflow::start(Home::of_the_stack(Path::new(PROGRAM), &variables));
    for (dag, parameters) in [
        // The last night of the company is that of yesterday, and nothing comes of the one of today.
        ("fusion_dag", serde_json::json!({ "fresh_hours": 72 })),
        ("maintenance_dag", serde_json::json!({})),
    ] {
        let run = airflow.trigger_with(dag, &parameters);
        let (state, tasks) = airflow.outcome(dag, &run);
        assert_eq!(state, "success", "{tasks:?} {}", airflow.told());
    }
    assert_eq!(
        number(&url, RUNS),
        number(&loaded.url, "SELECT count(*) FROM dataset")
    );

    let story = story::lines(Timestamp::now());
    let headers = [NDJSON, ("authorization", bearer.as_str())];
    let posted = post(&server.address, "/api/v1/logs", &headers, story.as_bytes());
    posted.is(200, r#""rejects":0"#);
    let catalogue = at_home.file("jobs.csv", story::CATALOGUE);
    let catalogue = catalogue.to_str().expect("UTF-8");
    for words in [&["fuse"][..], &["jobs", "import", catalogue]] {
        at_home.run(words).done();
    }

    let unreadable = data.join("archive.csv");
    std::fs::write(&unreadable, "PK\x03\x04").expect("a file");
    age(&unreadable, Duration::from_hours(2));
    wait_until("the producer says what it cannot read", || {
        number(&url, "SELECT count(*) FROM grafana_unreadable") == 1
    });

    // Grafana's own role runs every query of its dashboards and alerts, and each finds something.
    let reader = format!(
        "postgresql://grafana:{grafana_password}@{}/smartetl",
        at_server.trim_start_matches('@')
    );
    let grafana = root().join("conf/grafana").display().to_string();
    let check = [
        "dashboards",
        "check",
        "--rows",
        "--folder",
        &grafana,
        "--database",
        &reader,
        "--format",
        "json",
    ];
    at_home.run(&check).done();
    std::fs::remove_file(&unreadable).expect("it is there");

    drop(airflow);
    producer.stop();
    // It would say that there were rejects.
    drop(consumer);
    server.stop();
    let fuse = ["fuse", "--full", "--as-of", &company.as_of];
    at_home.run(&fuse).done();
    let of_airflow = ["openlineage", "fusion_dag", "maintenance_dag", "test_dag"];
    // What its own tasks and the story said, where no job's name stands beside it.
    let said = [
        "smartetl_command.py",
        "task_failure",
        "\"ORA-00942: table or view does not exist",
    ];
    let others = [&of_airflow[..], &story::WORDS, &said].concat();
    assert_same_content_but(&others, "the stack", &loaded.url, &url);
    at_home.run(&["verify", "--recompute"]).done();
}
