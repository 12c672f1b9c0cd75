//! Migrations: applied once, whoever asks, and written down to be read.

use smartetl_store::{is_current, migrate, schema_sql};
use sqlx::{Connection, PgConnection, PgPool};

/// An empty database, without the tables of smartETL. It is dropped with the first.
async fn empty(database: &smartetl_testkit::TestDatabase) -> PgPool {
    let mut connection = PgConnection::connect(&database.url)
        .await
        .expect("a connection");
    sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .execute(&mut connection)
        .await
        .expect("an empty schema");
    connection.close().await.expect("an end");
    PgPool::connect(&database.url).await.expect("a pool")
}

#[tokio::test]
async fn several_processes_migrate_at_once() {
    let database = smartetl_testkit::database().await;
    let pool = empty(&database).await;
    let mut connection = crate::connect(&database).await;
    assert!(!is_current(&mut connection).await.expect("an answer"));
    let (one, two, three) = tokio::join!(migrate(&pool), migrate(&pool), migrate(&pool));
    for done in [one, two, three] {
        done.expect("migrated");
    }
    assert!(is_current(&mut connection).await.expect("an answer"));
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = smartetl_testkit::database().await;
    let pool = PgPool::connect(&database.url).await.expect("a pool");
    sqlx::query("INSERT INTO horizon VALUES ('talend', 'PROD', '2026-11-23')")
        .execute(&pool)
        .await
        .expect("a row");
    migrate(&pool).await.expect("nothing to do");
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM horizon")
        .fetch_one(&pool)
        .await
        .expect("a count");
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn tables_of_a_later_version_are_not_ours() {
    let database = smartetl_testkit::database().await;
    let pool = PgPool::connect(&database.url).await.expect("a pool");
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', true, '', 0)",
    )
    .execute(&pool)
    .await
    .expect("a row");
    let mut connection = crate::connect(&database).await;
    assert!(!is_current(&mut connection).await.expect("an answer"));
    assert!(migrate(&pool).await.is_err());
}

/// `postgresql/schema.sql` is written by `UPDATE_DOCS=1 cargo test -p smartetl-store`.
#[test]
fn the_schema_to_read_is_that_of_the_migrations() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../postgresql/schema.sql");
    let wanted = format!(
        "-- All tables of smartETL, to read. Generated from crates/store/migrations; do not edit, `smartetl migrate` makes them.\n\n{}",
        schema_sql()
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../postgresql"))
            .expect("a folder");
        std::fs::write(path, &wanted).expect("the file can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "postgresql/schema.sql is not current: run `UPDATE_DOCS=1 cargo test -p smartetl-store`"
    );
}

#[tokio::test]
async fn the_reading_role_reads_and_cannot_write() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    sqlx::query("SET ROLE smartetl_read")
        .execute(&mut connection)
        .await
        .expect("the role is there");
    let runs: i64 = sqlx::query_scalar("SELECT count(*) FROM dataset")
        .fetch_one(&mut connection)
        .await
        .expect("it may read");
    assert_eq!(runs, 0);
    let refused = sqlx::query("DELETE FROM dataset")
        .execute(&mut connection)
        .await;
    let code = refused
        .expect_err("it may not write")
        .into_database_error()
        .and_then(|e| e.code().map(String::from));
    assert_eq!(code.as_deref(), Some("42501"));
}
