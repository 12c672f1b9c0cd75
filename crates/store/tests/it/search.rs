//! Texts are made plain in the database as the program makes them, and where the server lacks `pg_trgm` the tables are there all the same.

use smartetl_store::search::{Terms, Within, jobs, jobs_alike, plain, sources};
use smartetl_store::{is_current, migrate};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, PgConnection};

const JOB: &str = "INSERT INTO job (environment, system, job, family, first_seen, last_seen) \
     VALUES ('PROD', 'talend', 'J_Load_Clients', 'J_Load_Clients', now(), now())";
const SOURCE: &str =
    "INSERT INTO source (path, size_bytes) VALUES ('/data/Éte/stats_catcher_01.csv', 1)";

/// What words find: jobs, jobs that are alike, sources.
async fn found(connection: &mut PgConnection, said: &str) -> [usize; 3] {
    let terms = Terms::of(said).expect("words");
    let within = Within {
        environments: &[],
        limit: 5,
    };
    let mut transaction = connection.begin().await.expect("a transaction");
    let exact = jobs(&mut transaction, &terms, within).await.expect("jobs");
    let alike = jobs_alike(&mut transaction, &terms, within)
        .await
        .expect("jobs");
    let paths = sources(&mut transaction, &terms, 5).await.expect("sources");
    [exact.len(), alike.len(), paths.len()]
}

#[tokio::test]
async fn texts_are_plain_in_the_same_way() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    for text in [
        "Échec du CŒUR",
        "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝŸýÿŒœÆæ",
        "J_Load.Clients-01 «x» 100%",
    ] {
        let (stored,): (String,) = sqlx::query_as("SELECT search_plain($1)")
            .bind(text)
            .fetch_one(&mut connection)
            .await
            .expect("a text");
        assert_eq!(stored, plain(text));
    }
    for statement in [JOB, SOURCE] {
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .expect("a row");
    }
    assert_eq!(found(&mut connection, "clients LOAD").await, [1, 1, 0]);
    assert_eq!(
        found(&mut connection, "lien").await[0],
        1,
        "a part of a word"
    );
    assert_eq!(
        found(&mut connection, "cleints").await[..2],
        [0, 1],
        "only alike"
    );
    assert_eq!(found(&mut connection, "Éte CATCHER_0").await[2], 1);
    assert_eq!(found(&mut connection, "nothing").await, [0, 0, 0]);
}

#[tokio::test]
async fn without_the_extension_everything_else_is_found() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let role = format!("poor_{}", std::process::id());
    let statements = format!(
        "DROP SCHEMA public CASCADE; DROP EXTENSION IF EXISTS pg_trgm; CREATE ROLE {role}; \
         CREATE SCHEMA public AUTHORIZATION {role}; \
         DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM PUBLIC', current_database()); END $$"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut connection)
        .await
        .expect("a role that may not make extensions");
    let become_it = format!("SET SESSION AUTHORIZATION {role}");
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .after_connect(move |connection, _| {
            let become_it = become_it.clone();
            Box::pin(async move {
                let done = sqlx::raw_sql(sqlx::AssertSqlSafe(become_it));
                done.execute(connection).await.map(|_| ())
            })
        })
        .connect(&database.url)
        .await
        .expect("a connection");
    migrate(&pool).await.expect("all tables are made");
    pool.close().await;
    assert!(is_current(&mut connection).await.expect("an answer"));
    let extension = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'";
    let (extensions,): (i64,) = sqlx::query_as(extension)
        .fetch_one(&mut connection)
        .await
        .expect("a number");
    assert_eq!(extensions, 0);
    for statement in [JOB, SOURCE] {
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .expect("a row");
    }
    assert_eq!(found(&mut connection, "clients LOAD").await, [1, 0, 0]);
    assert_eq!(
        found(&mut connection, "lien").await[0],
        1,
        "a part of a word"
    );
    assert_eq!(found(&mut connection, "catcher_0").await[2], 1);
    let statements = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut connection)
        .await
        .expect("the role goes");
}
