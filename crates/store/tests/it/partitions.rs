//! Months are made once, however many ask at the same time.

use std::collections::BTreeSet;

use smartetl_core::model::Moment;
use smartetl_store::{Month, ensure_months};

fn month(text: &str) -> Month {
    Month::of(Moment(
        text.parse::<jiff::Timestamp>()
            .expect("a moment")
            .as_microsecond(),
    ))
}

#[tokio::test]
async fn two_connections_make_the_same_months() {
    let database = smartetl_testkit::database().await;
    let (mut one, mut other) = (
        crate::connect(&database).await,
        crate::connect(&database).await,
    );
    let months: BTreeSet<Month> = (1..=12)
        .map(|number| month(&format!("2026-{number:02}-15T12:00:00Z")))
        .collect();
    let (first, second) = tokio::join!(
        ensure_months(&mut one, &months),
        ensure_months(&mut other, &months)
    );
    first.expect("the first makes them or waits");
    second.expect("the second makes them or waits");
    let attached: Vec<(String, i64)> = sqlx::query_as(
        "SELECT inhparent::regclass::text, count(*) FROM pg_inherits
         WHERE inhparent IN ('log'::regclass, 'logerreur'::regclass) GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&mut one)
    .await
    .expect("the partitions");
    assert_eq!(
        attached,
        [("log".to_owned(), 12), ("logerreur".to_owned(), 12)]
    );
}

/// The bounds that the server has for a month.
async fn bounds_of(text: &str) -> String {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    ensure_months(&mut connection, &BTreeSet::from([month(text)]))
        .await
        .expect("a month");
    sqlx::query_scalar(
        "SELECT relname || ' ' || pg_get_expr(relpartbound, oid) FROM pg_class
         WHERE relispartition AND relkind = 'r' AND relname LIKE 'log\\_%'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("one partition of log")
}

#[tokio::test]
async fn a_december_ends_with_its_year() {
    assert_eq!(
        bounds_of("2100-12-31T23:59:59.999999Z").await,
        "log_2100_12 FOR VALUES FROM ('2100-12-01 00:00:00+00') TO ('2101-01-01 00:00:00+00')"
    );
}

#[tokio::test]
async fn a_month_is_one_of_utc_whatever_the_session_says() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    sqlx::query("SET TimeZone = 'Pacific/Auckland'")
        .execute(&mut connection)
        .await
        .expect("a setting");
    let months = BTreeSet::from([month("1990-01-01T00:00:00Z")]);
    ensure_months(&mut connection, &months)
        .await
        .expect("a month");
    let mut utc = crate::connect(&database).await;
    let bounds: String = sqlx::query_scalar(
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'logerreur_1990_01'",
    )
    .fetch_one(&mut utc)
    .await
    .expect("the partition");
    assert_eq!(
        bounds,
        "FOR VALUES FROM ('1990-01-01 00:00:00+00') TO ('1990-02-01 00:00:00+00')"
    );
}
