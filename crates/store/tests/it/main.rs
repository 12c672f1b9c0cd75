//! The tests of smartetl-store against a real PostgreSQL: one binary, one module per area.

mod checkpoint;
mod embedded;
mod history;
mod indexes;
mod manual;
mod partitions;
mod round_trip;
mod samples;
mod schema;
mod search;
mod statements;
mod testkit;

use sqlx::{Connection, PgConnection};

/// A connection as smartETL makes them.
async fn connect(database: &smartetl_testkit::TestDatabase) -> PgConnection {
    let mut connection = PgConnection::connect(&database.url)
        .await
        .expect("the database accepts connections");
    sqlx::query("SET TimeZone = 'UTC'")
        .execute(&mut connection)
        .await
        .expect("a setting");
    connection
}
