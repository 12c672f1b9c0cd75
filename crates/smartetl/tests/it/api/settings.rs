//! The settings through the API: what holds, from where, and never a secret.

use super::client::Api;
use crate::support::{World, own_database};
use serde_json::{Value, json};

#[test]
fn settings_say_what_holds_and_where_it_comes_from_and_no_secret() {
    let database = own_database();
    let world = World::on(&database.url)
        .set("SMARTETL_HTTP_TOKEN", "secret-of-the-night")
        .set("SMARTETL_RETENTION_DATASET_MONTHS", "24")
        .set("SMARTETL_KAFKA_PROPERTIES", "sasl.username=etl");
    let file = world.file(
        "own.toml",
        "[retention]\nmonths = 3\n[http]\npassword = \"secret of the admin\"\n[environments]\nPREPROD = [\"pp\"]\n",
    );
    let path = file.to_str().expect("UTF-8").to_owned();
    let world = world.set("SMARTETL_CONFIG", &path);
    let api = Api::over(database, world, &["--set", "business_day.border=06:30"]);
    let answer = api.json("/settings");
    let items = answer["items"].as_array().expect("items");
    let of = |key: &str| -> &Value {
        let mut of = items.iter().filter(|item| item["key"] == key);
        of.next().unwrap_or_else(|| panic!("{key}: {answer}"))
    };
    for (key, value, layer, place) in [
        ("http.port", json!("8480"), "default", Value::Null),
        ("retention.months", json!("3"), "file", json!(path)),
        (
            "retention.dataset_months",
            json!("24"),
            "variable",
            json!("SMARTETL_RETENTION_DATASET_MONTHS"),
        ),
        (
            "business_day.border",
            json!("06:30"),
            "flag",
            json!("--set"),
        ),
        ("fuse.mode", json!("scheduled"), "flag", json!("--set")),
        ("timezone", json!("Europe/Paris"), "machine", Value::Null),
        ("calendar.country", json!("FR"), "default", Value::Null),
        ("calendar.closures", Value::Null, "default", Value::Null),
        ("environments.PREPROD", json!("pp"), "file", json!(path)),
        (
            "http.token",
            json!("***"),
            "variable",
            json!("SMARTETL_HTTP_TOKEN"),
        ),
        ("http.password", json!("***"), "file", json!(path)),
        ("mail.password", Value::Null, "default", Value::Null),
    ] {
        let found = of(key);
        assert_eq!(
            (&found["value"], &found["layer"], &found["place"]),
            (&value, &json!(layer), &place),
            "{key}"
        );
    }
    assert_eq!(of("http.token")["is_secret"], true);
    assert_eq!(
        (&answer["file"], &answer["file_read"]),
        (&json!(path), &json!(true))
    );
    let french = api.json("/settings?lang=fr");
    let pairs = items.iter().zip(french["items"].as_array().expect("items"));
    for (english, french) in pairs {
        for word in ["meaning", "how"] {
            let [en, fr] = [english, french].map(|item| item[word].as_str());
            assert!(en.is_some_and(|en| !en.is_empty()), "{english}");
            assert!(
                fr.is_some_and(|fr| !fr.is_empty() && Some(fr) != en),
                "{french}"
            );
        }
        let variable = english["variable"].as_str().expect("a variable");
        assert!(variable.starts_with("SMARTETL_"), "{english}");
    }
    // What `config show` says of the rest.
    let told = api.world.run(&[
        "--set",
        "business_day.border=06:30",
        "--set",
        "fuse.mode=scheduled",
        "config",
        "show",
        "--format",
        "json",
    ]);
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let told = told["settings"].as_array().expect("settings");
    assert_eq!(told.len(), items.len());
    for one in &answer["redaction"].as_array().expect("forms").clone() {
        let stored = one["stored"].as_str().expect("text");
        assert!(stored.contains("***"), "{one}");
    }
    for text in [answer.to_string(), french.to_string()] {
        for secret in ["secret-of", "secret of", "hunter2"] {
            let shown = text.replace("\"written\":\"password=hunter2\"", "");
            let shown = shown.replace("https://etl:hunter2@api", "");
            assert!(!shown.contains(secret), "{secret}: {text}");
        }
    }
    api.up.stop();
}
