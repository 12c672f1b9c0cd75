//! Migrations: applied once, whoever asks, and written down to be read.

use smartetl_store::{StoreError, is_current, migrate, schema_sql};
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
    let refused = migrate(&pool)
        .await
        .expect_err("they are of another version");
    assert!(
        matches!(refused, StoreError::LaterTables { found: 9999, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn tables_of_another_build_are_not_ours() {
    let database = smartetl_testkit::database().await;
    let pool = PgPool::connect(&database.url).await.expect("a pool");
    sqlx::query("UPDATE _sqlx_migrations SET checksum = '' WHERE version = 1")
        .execute(&pool)
        .await
        .expect("a change");
    let mut connection = crate::connect(&database).await;
    assert!(!is_current(&mut connection).await.expect("an answer"));
    let refused = migrate(&pool).await.expect_err("they are of another build");
    assert!(
        matches!(refused, StoreError::OtherTables { version: 1 }),
        "{refused}"
    );
}

/// Roles belong to all databases of a server: PostgreSQL refuses whoever changes them while another one does.
#[tokio::test]
async fn a_migration_that_collides_is_tried_again() {
    let database = smartetl_testkit::database().await;
    let pool = empty(&database).await;
    sqlx::raw_sql(
        "CREATE SCHEMA guard;
         CREATE SEQUENCE guard.tries;
         CREATE FUNCTION guard.collide() RETURNS event_trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('guard.tries') <= 2 THEN
                 RAISE EXCEPTION 'tuple concurrently updated' USING ERRCODE = 'XX000';
             END IF;
         END $$;
         CREATE EVENT TRIGGER collide ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION guard.collide()",
    )
    .execute(&pool)
    .await
    .expect("a trigger");
    migrate(&pool).await.expect("the third try succeeds");
    let tries: i64 = sqlx::query_scalar("SELECT last_value FROM guard.tries")
        .fetch_one(&pool)
        .await
        .expect("a number");
    assert!(tries >= 3, "{tries}");
    let mut connection = crate::connect(&database).await;
    assert!(is_current(&mut connection).await.expect("an answer"));
}

#[tokio::test]
async fn a_migration_that_fails_otherwise_is_not_tried_again() {
    let database = smartetl_testkit::database().await;
    let pool = empty(&database).await;
    sqlx::raw_sql("CREATE TABLE dataset (in_the_way int)")
        .execute(&pool)
        .await
        .expect("a table");
    let refused = migrate(&pool).await.expect_err("there is another table");
    assert!(refused.to_string().contains("already exists"), "{refused}");
    // Its lock is free: another one comes as far.
    assert!(migrate(&pool).await.is_err());
}

/// `postgresql/schema.sql` is written by `UPDATE_DOCS=1 cargo test -p smartetl-store`.
#[test]
fn the_schema_to_read_is_that_of_the_migrations() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../postgresql/schema.sql");
    let wanted = schema_sql();
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

/// What stands in no page of the manual stands beside the column.
#[tokio::test]
async fn every_column_says_what_it_means() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let silent: Vec<String> = sqlx::query_scalar(
        "SELECT relname || coalesce('.' || attname, '') FROM pg_class
         LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition
         AND relname <> '_sqlx_migrations'
         AND (col_description(pg_class.oid, attnum) IS NULL OR obj_description(pg_class.oid, 'pg_class') IS NULL)
         ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .expect("a query");
    assert_eq!(silent, Vec::<String>::new());
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
