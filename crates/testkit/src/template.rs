//! The template databases: one for each test binary, because the binary holds the migrations.
//!
//! A template is named after its binary and remembers it in its comment; when the binary is built
//! anew or removed, the template is dropped. Test databases are named after their process and are
//! dropped when it is gone.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use smartetl_store::embedded::Server;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

/// Serialises the making and dropping of templates among all test processes of a server.
const LOCK: i64 = 0x7465_7374_6b69_7401;

/// Gives a new template its tables. A template cannot be copied while anyone is connected to it.
async fn prepare(url: &str) -> Result<()> {
    let pool = PgPool::connect(url).await?;
    smartetl_store::migrate(&pool).await?;
    pool.close().await;
    Ok(())
}

/// A new database; its name and URL.
pub(crate) async fn copy(server: &Server) -> Result<(String, String)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mut connection = PgConnection::connect(server.url()).await?;
    let template = ensure(&mut connection, server)
        .await
        .context("the template")?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    run(
        &mut connection,
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await?;
    run(
        &mut connection,
        format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await?;
    connection.close().await?;
    let url = with_database(server.url(), &name);
    Ok((name, url))
}

/// The URL of the database that is never copied or dropped.
pub(crate) fn maintenance_url(url: &str) -> String {
    with_database(url, "postgres")
}

fn with_database(url: &str, name: &str) -> String {
    let (server, _) = url
        .rsplit_once('/')
        .expect("the server's URL ends in its database");
    format!("{server}/{name}")
}

async fn ensure(connection: &mut PgConnection, server: &Server) -> Result<String> {
    let binary = std::env::current_exe()?;
    let mark = mark(&binary).context("the test binary is gone")?;
    let name = format!(
        "template_{:016x}",
        xxhash_rust::xxh3::xxh3_64(mark.as_bytes())
    );
    if exists(connection, &name).await? {
        return Ok(name);
    }
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut *connection)
        .await?;
    if !exists(connection, &name).await? {
        drop_leftovers(connection).await?;
        let unfinished = format!("unfinished_{name}");
        run(
            connection,
            format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
        )
        .await?;
        run(connection, format!("CREATE DATABASE {unfinished}")).await?;
        prepare(&with_database(server.url(), &unfinished)).await?;
        let quoted = mark.replace('\'', "''");
        run(
            connection,
            format!("COMMENT ON DATABASE {unfinished} IS '{quoted}'"),
        )
        .await?;
        run(
            connection,
            format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
        )
        .await?;
    }
    sqlx::query("SELECT pg_advisory_unlock($1)")
        .bind(LOCK)
        .execute(&mut *connection)
        .await?;
    Ok(name)
}

/// What a template is made for: `<path>|<size>|<nanoseconds of the last change>`.
fn mark(binary: &Path) -> Option<String> {
    let metadata = std::fs::metadata(binary).ok()?;
    let changed = metadata
        .modified()
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?
        .as_nanos();
    Some(format!("{}|{}|{changed}", binary.display(), metadata.len()))
}

async fn exists(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Drops what earlier test runs left: databases of dead processes, templates of other binaries.
async fn drop_leftovers(connection: &mut PgConnection) -> Result<()> {
    let databases: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database
         WHERE datname LIKE 'test\\_%' OR datname LIKE 'template\\_%'",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (name, comment) in databases {
        let stale = match name
            .strip_prefix("test_")
            .and_then(|rest| rest.split('_').next())
        {
            Some(process) => !Path::new("/proc").join(process).exists(),
            None => comment.is_some_and(|comment| {
                let binary = comment.split('|').next().map(Path::new);
                binary.and_then(mark).as_deref() != Some(&comment)
            }),
        };
        if stale {
            run(
                connection,
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await?;
        }
    }
    Ok(())
}

/// Names are made here, of letters, digits and `_`.
async fn run(connection: &mut PgConnection, statement: String) -> Result<()> {
    let result = sqlx::raw_sql(AssertSqlSafe(statement.clone()))
        .execute(connection)
        .await;
    result.map(drop).with_context(|| statement)
}
