//! Layers, origins, and messages about what is wrong.

use crate::support::{World, check};

fn with_file(text: &str) -> World {
    let world = World::new();
    world.file(".config/smartetl/config.toml", text);
    world
}

#[test]
fn defaults() {
    check!(World::new(), "config", "show");
}

#[test]
fn each_layer_beats_the_one_before() {
    let world = with_file(
        "[http]\nport = 1001\nbind = \"0.0.0.0\"\n\
         [load]\nbatch_records = 500\nconnections = 4\n\
         [environments]\nREC = [\"homol\"]\nSANDBOX = [\"bac\", \"Sable\"]\n",
    )
    .set("SMARTETL_HTTP_PORT", "1002")
    .set("SMARTETL_LOAD_CONNECTIONS", "5")
    .set("DATABASE_URL", "postgres://ann:s3cret@db/etl");
    check!(world, "config", "show", "--set", "load.connections=6");
}

#[test]
fn every_setting_has_a_variable() {
    let shown = |world: &World| -> Vec<serde_json::Value> {
        let answer = world.run(&["config", "show", "--format", "json"]).done();
        let whole: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
        whole["settings"].as_array().expect("a list").clone()
    };
    let other_value = |key: &str| match key {
        "timezone" => "Asia/Tokyo",
        "lang" => "fr",
        "database.url" | "roles.admin_url" | "roles.airflow_url" | "roles.grafana_url" => {
            "postgres://db/etl"
        }
        "business_day.border" => "06:30",
        "fuse.mode" => "scheduled",
        "http.bind" => "::1",
        "http.login" => "always",
        "log.level" => "debug",
        "log.format" => "json",
        "http.port"
        | "http.upload_mib"
        | "issues.resolve_after"
        | "load.batch_records"
        | "retention.months"
        | "retention.dataset_months"
        | "retention.settled_after" => "7",
        "load.connections" | "kafka.partitions" => "9",
        "kafka.properties" => "socket.timeout.ms=9000",
        "calendar.country" => "none",
        // An empty list of closures.
        "calendar.closures" => "/dev/null",
        "mail.smtp" => "smtps://etl@mail.example.com",
        "mail.from" => "etl@example.com",
        "mail.to" => "ann@example.com",
        "grafana.url" => "http://grafana:3000",
        "grafana.pull_every" | "http.hung_after" => "15min",
        _ => "other",
    };
    let settings = shown(&World::new());
    assert!(settings.len() > 15, "{settings:?}");
    for setting in settings {
        let key = setting["setting"].as_str().expect("text").to_owned();
        let variable = format!("SMARTETL_{}", key.replace('.', "_").to_uppercase());
        // One word has one owner: words that are set in one go stand nowhere else.
        let world = World::new().set(&variable, other_value(&key));
        // What is named `other` is a file of closures where one is wanted.
        world.file("other", "2026-12-24\n");
        let found = shown(&world)
            .into_iter()
            .find(|now| now["setting"] == key.as_str())
            .expect("the same keys");
        assert_eq!(found["from"], format!("variable {variable}"));
        assert_ne!(found["value"], setting["value"], "{key}");
    }
}

#[test]
fn what_is_shown_as_toml_is_a_file_that_says_the_same() {
    let values = |text: &str| -> Vec<serde_json::Value> {
        let whole: serde_json::Value = serde_json::from_str(text).expect("JSON");
        whole["settings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|s| s["value"].clone())
            .collect()
    };
    let world = World::new();
    let json = [
        "config",
        "show",
        "--format",
        "json",
        "--set",
        "environments.NEW=neuf,nine",
        "--set",
        "http.port=9",
    ];
    let before = world.run(&json).stdout;
    let toml = [
        "config",
        "show",
        "--format",
        "toml",
        "--set",
        "environments.NEW=neuf,nine",
        "--set",
        "http.port=9",
    ];
    let path = world.file("copy.toml", &world.run(&toml).stdout);
    let after = world
        .run(&[
            "--config",
            path.to_str().expect("UTF-8"),
            "config",
            "show",
            "--format",
            "json",
        ])
        .done();
    assert_eq!(values(&after.stdout), values(&before));
}

#[test]
fn a_secret_from_a_file() {
    let world = World::new();
    let path = world.file("secret", "postgres://ann:s3cret@db/etl\n");
    let world = world.set("DATABASE_URL_FILE", path.to_str().expect("UTF-8"));
    let answer = world.run(&["config", "show"]).done();
    let line = answer
        .stdout
        .lines()
        .find(|line| line.starts_with("database.url"))
        .expect("the setting");
    assert!(
        line.contains("***") && line.contains("variable DATABASE_URL_FILE"),
        "{line}"
    );
    assert!(!answer.stdout.contains("s3cret"));
}

#[test]
fn a_secret_and_its_file() {
    let world = World::new()
        .set("DATABASE_URL", "postgres://db/etl")
        .set("DATABASE_URL_FILE", "/nowhere");
    check!(world, "config", "show");
}

#[test]
fn a_secret_file_that_is_not_there() {
    check!(
        World::new().set("SMARTETL_DATABASE_URL_FILE", "/nowhere"),
        "config",
        "show"
    );
}

#[test]
fn libpq_names_a_server_below_the_file() {
    let origin = |world: &World| {
        let answer = world.run(&["config", "show"]);
        let line = answer
            .stdout
            .lines()
            .find(|line| line.starts_with("database.url"))
            .expect("the setting")
            .to_owned();
        line.split_once("***")
            .map_or(String::new(), |(_, from)| from.trim().to_owned())
    };
    let alone = World::new()
        .set("PGHOST", "db")
        .set("PGDATABASE", "etl")
        .set("PGPASSWORD", "s3cret");
    assert_eq!(origin(&alone), "variable PGHOST, PGDATABASE");
    let file = with_file("[database]\nurl = \"postgres://db/etl\"\n").set("PGHOST", "db");
    assert_eq!(
        origin(&file),
        format!(
            "file {}/.config/smartetl/config.toml",
            file.home.path().display()
        )
    );
    assert_eq!(origin(&World::new().set("PGPASSWORD", "s3cret")), "");
}

#[test]
fn unknown_key() {
    check!(
        with_file("data = \"logs\"\n\n[htpp]\nport = 9000\n"),
        "config",
        "show"
    );
}

#[test]
fn unknown_key_in_a_known_table() {
    check!(with_file("[load]\nbatch_record = 9000\n"), "config", "show");
}

#[test]
fn key_of_the_wrong_kind() {
    check!(with_file("[http]\nport = \"9000\"\n"), "config", "show");
}

#[test]
fn value_that_cannot_be() {
    check!(with_file("[http]\nport = 90000\n"), "config", "show");
}

#[test]
fn unknown_zone() {
    check!(with_file("timezone = \"Paris\"\n"), "config", "show");
}

#[test]
fn unknown_mode() {
    check!(
        World::new().set("SMARTETL_FUSE_MODE", "sometimes"),
        "config",
        "show"
    );
}

#[test]
fn border_that_is_no_time() {
    check!(
        World::new(),
        "config",
        "show",
        "--set",
        "business_day.border=25:00"
    );
}

#[test]
fn a_word_with_two_owners() {
    check!(
        with_file("[environments]\nQUAL = [\"rec\"]\n"),
        "config",
        "show"
    );
}

#[test]
fn an_address_is_never_repeated() {
    check!(
        World::new().set("DATABASE_URL", "mysql://ann:s3cret@db/etl"),
        "config",
        "show"
    );
}

#[test]
fn not_toml() {
    check!(with_file("[http\nport = 1\n"), "config", "show");
}

#[test]
fn a_named_file_must_exist() {
    check!(World::new(), "--config", "nowhere.toml", "config", "show");
}

#[test]
fn misspelt_variable() {
    let answer = World::new()
        .set("SMARTETL_HTPP_PORT", "1")
        .run(&["config", "show"])
        .done();
    assert!(
        answer.stderr.contains("did you mean SMARTETL_HTTP_PORT?"),
        "{}",
        answer.stderr
    );
}

#[test]
fn flag_without_value() {
    check!(World::new(), "config", "show", "--set", "http.port");
}

#[test]
fn flag_for_an_unknown_setting() {
    check!(World::new(), "config", "show", "--set", "http.prot=1");
}
