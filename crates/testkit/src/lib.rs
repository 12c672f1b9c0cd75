//! For tests only: one PostgreSQL for a test run, and a database of its own for every test.
//!
//! All test processes of a checkout share one embedded server; it stops by itself a few seconds
//! after the last of them ended. Nothing here may be used outside of tests: it panics with a
//! reason where a test could not go on anyway.

pub mod airflow;
pub mod kafka;
pub mod place;
mod template;

use smartetl_store::embedded::{Embedded, Options, Server};
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;

/// An empty database with the tables of smartETL. It is dropped when this is; keep it until the
/// test ends.
#[derive(Debug)]
pub struct TestDatabase {
    /// `postgres://…`, as superuser.
    pub url: String,
    pub name: String,
}

/// A fresh database, copied from a template that holds the migrated schema.
///
/// # Panics
/// When there is no server: the message says why and what to do.
pub async fn database() -> TestDatabase {
    match template::copy(server().await).await {
        Ok((name, url)) => TestDatabase { url, name },
        Err(error) => panic!("no test database: {error:#}"),
    }
}

/// The server of this test run. The process keeps its share until it ends.
///
/// # Panics
/// When it cannot be started: the message says why and what to do.
pub async fn server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER
        .get_or_init(|| async {
            let options = Options::new(place::server(), place::cache(), place::runner());
            let server = match Embedded::start(options).await {
                Ok(server) => server,
                Err(error) => panic!("no PostgreSQL for tests: {error}\nhint: {}", error.hint()),
            };
            if let Err(error) = as_made(server.url()).await {
                panic!("the PostgreSQL for tests refuses: {error}");
            }
            server
        })
        .await
}

/// The server is kept from run to run: what somebody tried with it by hand does not count. Each test copies a database, page by page
/// through the log of the server: packing them takes more than half of that time.
async fn as_made(url: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    for statement in [
        "ALTER SYSTEM RESET ALL",
        "ALTER SYSTEM SET wal_compression = off",
        "SELECT pg_reload_conf()",
    ] {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    connection.close().await
}

impl Drop for TestDatabase {
    /// Best effort, from a thread with a runtime of its own: the test's may be ending.
    fn drop(&mut self) {
        let (url, name) = (template::maintenance_url(&self.url), self.name.clone());
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let _ = runtime.map(|runtime| runtime.block_on(drop_database(&url, &name)));
        })
        .join();
    }
}

async fn drop_database(url: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}
