//! Raw messages are found within a period, with the run that wrote them.

use super::client::Api;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{World, own_database};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use std::fmt::Write as _;

/// Nights of two jobs in two environments, each with a message.
fn loaded() -> Api {
    let (mut stats, mut errors) = (COLUMNS.to_owned(), ERROR_COLUMNS.to_owned());
    let messages = [
        "La connexion a été REFUSÉE par le cœur du réseau",
        "connexion  refusee (.*) 100%",
        "file customers_01.csv not found",
    ];
    for day in 1..=28 {
        for (job, context) in [("J_One", "Prod"), ("J_Two", "Rec")] {
            let pid = format!("{}{day}", &job[2..3]);
            let who = format!("{pid};{pid};{pid}");
            let at = |time: &str| format!("2026-01-{day:02} {time}");
            let message = messages[day % messages.len()];
            let _ = writeln!(
                stats,
                "{};{who};1;SALES;{job};_{job};0.1;{context};;begin;;",
                at("02:00:00")
            );
            let _ = writeln!(
                stats,
                "{};{who};1;SALES;{job};_{job};0.1;{context};;end;failure;60000",
                at("02:01:00")
            );
            let _ = writeln!(
                errors,
                "{};{who};SALES;{job};{context};6;Java Exception;tDBInput_1;{message};1",
                at("02:00:30")
            );
        }
    }
    let database = own_database();
    let world = World::on(&database.url);
    world.file("logs/stats.csv", &stats);
    world.file("logs/errors.csv", &errors);
    world
        .run(&["load", "logs", "--as-of", "2026-01-31T12:00:00Z"])
        .done();
    Api::over(database, world, &[])
}

const JANUARY: &str = "from=2026-01-01&to=2026-01-31";

fn found(api: &Api, query: &str) -> Vec<Value> {
    api.items(&format!("/search/messages?{query}&{JANUARY}"))
}

#[test]
fn messages_are_found_whatever_their_accents_and_each_once() {
    let api = loaded();
    for (query, messages) in [
        ("q=refus%C3%A9e", 38),
        ("q=REFUSEE+connexion", 38),
        ("q=%22connexion+refus%C3%A9e%22", 20),
        ("q=coeur", 18),
        ("q=C%C5%93ur+r%C3%89seau", 18),
        ("q=(.*)", 20),
        ("q=100%25", 20),
        ("q=..", 0),
        ("q=customers_01", 18),
        ("q=tomers", 18),
        ("q=connexion+customers", 0),
        ("q=e", 56),
    ] {
        let items = found(&api, query);
        assert_eq!(items.len(), messages, "{query}: {items:?}");
        for item in &items {
            let piece = item["piece"].as_array().expect("a piece");
            assert!(
                piece.iter().any(|part| part["matches"] == true),
                "{query}: {item}"
            );
        }
        let moments: Vec<&str> = items
            .iter()
            .filter_map(|item| item["moment"].as_str())
            .collect();
        assert!(
            moments.is_sorted_by(|one, other| one >= other),
            "{query}: {moments:?}"
        );
        for limit in [1, 7, 55] {
            assert_eq!(
                found(&api, &format!("{query}&limit={limit}")),
                items,
                "{query} by {limit}"
            );
        }
    }
    // Each with its run.
    for item in found(&api, "q=e") {
        let key = item["run_key"].as_str().expect("a run");
        let run = &api.json(&format!("/runs/{key}"))["run"];
        for field in ["job", "environment", "business_day", "outcome", "run_id"] {
            assert_eq!(item[field], run[field], "{field}: {item}");
        }
        let [from, at, to] = [&run["started_at"], &item["moment"], &run["ended_at"]]
            .map(|at| at.as_str().expect("a moment").to_owned());
        assert!(from <= at && at <= to, "{item}");
    }
    let in_rec = found(&api, "q=refusee&environment=rec&limit=5");
    assert_eq!(in_rec.len(), 19);
    assert!(
        in_rec
            .iter()
            .all(|item| item["environment"] == "REC" && item["job"] == "J_Two")
    );
    let file = api.get(&format!("/search/messages?q=coeur&{JANUARY}&format=csv"));
    assert_eq!(file.text().lines().count(), 19, "{}", file.text());
    api.up.stop();
}

#[test]
fn a_period_is_wanted_and_bounds_what_is_found() {
    let api = loaded();
    let count = |period: &str| api.items(&format!("/search/messages?q=e&{period}")).len();
    assert_eq!(count("from=2026-01-10&to=2026-01-10"), 2);
    assert_eq!(count("from=2026-01-10&to=2026-01-11"), 4);
    assert_eq!(
        count("from=2026-01-10T01:00:30Z&to=2026-01-11T01:00:30Z"),
        2
    );
    assert_eq!(count("from=2025-11-01&to=2026-01-30"), 56);
    assert_eq!(count("from=2027-01-01&to=2027-02-01"), 0);
    for query in [
        "q=e",
        "q=e&from=2026-01-01",
        "q=e&to=2026-01-01",
        "from=2026-01-01&to=2026-01-02",
        "q=%22%22&from=2026-01-01&to=2026-01-02",
        "q=e&from=2026-01-02&to=2026-01-01",
        "q=e&from=2026-01-01&to=2026-04-03",
        "q=e&from=0001-01-01&to=9999-12-31",
        "q=e&from=x&to=2026-01-01",
        "q=e&from=2026-01-01&to=2026-01-02&cursor=x",
    ] {
        let [english, french] = ["en", "fr"].map(|lang| {
            let answer = api.get(&format!("/search/messages?{query}&lang={lang}"));
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
            answer.json()["detail"].to_string()
        });
        assert_ne!(english, french, "{query}");
    }
    api.up.stop();
}

#[test]
fn a_search_that_takes_too_long_says_so() {
    let api = loaded();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let url = api.database_url();
    let mut connection = runtime.block_on(async {
        let mut connection = PgConnection::connect(&url).await.expect("a connection");
        // Nothing can be read of it meanwhile.
        let lock = "BEGIN; LOCK TABLE logerreur IN ACCESS EXCLUSIVE MODE";
        sqlx::raw_sql(lock)
            .execute(&mut connection)
            .await
            .expect("a lock");
        connection
    });
    let [english, french] = ["en", "fr"].map(|lang| {
        let answer = api.get(&format!("/search/messages?q=e&{JANUARY}&lang={lang}"));
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(answer.json()["code"], "search_too_long");
        answer.json()["detail"].to_string()
    });
    assert_ne!(english, french);
    runtime.block_on(async {
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut connection)
            .await
            .expect("the lock goes");
    });
    assert_eq!(found(&api, "q=coeur").len(), 18);
    api.up.stop();
}
