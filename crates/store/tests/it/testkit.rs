//! The kit that the other tests stand on.

use sqlx::{Connection, PgConnection};

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url)
        .await
        .expect("the database accepts connections")
}

#[tokio::test]
async fn a_database_has_the_tables_of_this_version() {
    let database = smartetl_testkit::database().await;
    let mut connection = connect(&database.url).await;
    let current = smartetl_store::is_current(&mut connection)
        .await
        .expect("an answer");
    assert!(current, "the template holds all migrations");
}

#[tokio::test]
async fn tests_never_see_each_other() {
    let (one, other) = tokio::join!(smartetl_testkit::database(), smartetl_testkit::database());
    let mut in_one = connect(&one.url).await;
    sqlx::query("CREATE TABLE mine (x int)")
        .execute(&mut in_one)
        .await
        .expect("a new table");
    let mut in_other = connect(&other.url).await;
    let seen: Option<String> = sqlx::query_scalar("SELECT to_regclass('mine')::text")
        .fetch_one(&mut in_other)
        .await
        .expect("an answer");
    assert_eq!(seen, None);
}

#[tokio::test]
async fn a_database_ends_with_its_test() {
    let database = smartetl_testkit::database().await;
    let name = database.name.clone();
    // Still connected: dropping must not mind.
    let _connection = connect(&database.url).await;
    drop(database);
    let mut connection = connect(smartetl_testkit::server().await.url()).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_one(&mut connection)
        .await
        .expect("an answer");
    assert_eq!(left, 0);
}
