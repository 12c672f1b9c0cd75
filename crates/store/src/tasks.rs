//! Long work that people ask for through the service. Whoever holds the lock does it, one at a time; what is found begun by them
//! was left by a process that ended.

use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// The number of the lock that whoever does it holds: "task" in ASCII, in the upper half.
const LOCK: i64 = 0x7461_736b << 32;

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Task {
    pub task: i64,
    pub kind: String,
    /// The path of a source.
    pub target: String,
    /// What that file was called where it was uploaded.
    pub name: Option<String>,
    /// The number of that source, while there is one.
    pub source: Option<i64>,
    pub asked: serde_json::Value,
    /// `waiting`, `running`, `done`, `failed`
    pub state: String,
    pub who: String,
    /// Microseconds since 1970, like all moments here.
    pub made_us: i64,
    pub begun_us: Option<i64>,
    pub ended_us: Option<i64>,
    pub tries: i32,
    pub total_bytes: Option<i64>,
    pub bytes: i64,
    pub records: i64,
    pub told: Option<serde_json::Value>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewTask<'a> {
    pub kind: &'a str,
    pub target: &'a str,
    pub asked: &'a serde_json::Value,
    /// The folder of whoever is to do it.
    pub place: &'a str,
    pub who: &'a str,
    /// Of the file, where one is read.
    pub total_bytes: Option<i64>,
}

/// Asks for it; gives its number, or that of the same work on the same target that waits or goes on.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn ask(
    connection: &mut PgConnection,
    new: NewTask<'_>,
) -> Result<(i64, bool), StoreError> {
    // Who asks twice at once asks one after the other.
    sqlx::query(SERIALLY).execute(&mut *connection).await?;
    let known: Option<i64> = sqlx::query_scalar(SAME)
        .bind(new.kind)
        .bind(new.target)
        .bind(new.place)
        .bind(new.asked)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(known) = known {
        return Ok((known, false));
    }
    let made = sqlx::query_scalar(ASK)
        .bind(new.kind)
        .bind(new.target)
        .bind(new.asked)
        .bind(new.place)
        .bind(new.who)
        .bind(new.total_bytes)
        .fetch_one(connection)
        .await?;
    Ok((made, true))
}

const SERIALLY: &str = "LOCK TABLE task IN SHARE ROW EXCLUSIVE MODE";
pub(crate) const SAME: &str = "SELECT task FROM task WHERE ended_at IS NULL AND kind = $1 AND target = $2 AND place = $3 AND asked = $4 \
     ORDER BY task LIMIT 1";
pub(crate) const ASK: &str = "INSERT INTO task (kind, target, asked, place, state, who, made_at, tries, total_bytes, bytes, records) \
     VALUES ($1, $2, $3, $4, 'waiting', $5, now(), 0, $6, 0, 0) RETURNING task";

/// Whether anything waits, or was left, for whoever has this folder.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn any_open(connection: &mut PgConnection, place: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(ANY_OPEN)
        .bind(place)
        .fetch_one(connection)
        .await?)
}

pub(crate) const ANY_OPEN: &str =
    "SELECT EXISTS (SELECT FROM task WHERE ended_at IS NULL AND place = $1)";

/// Whether something on this target waits or goes on.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn open_of(
    connection: &mut PgConnection,
    target: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar(OPEN_OF)
        .bind(target)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const OPEN_OF: &str =
    "SELECT task FROM task WHERE ended_at IS NULL AND target = $1 ORDER BY task LIMIT 1";

/// Tries to become the one who does it, for as long as the connection lives.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn try_lock(connection: &mut PgConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(TRY_LOCK)
        .bind(LOCK)
        .fetch_one(connection)
        .await?)
}

pub(crate) const TRY_LOCK: &str = "SELECT pg_try_advisory_lock($1)";

/// Begins the oldest that is not ended; what its row says was stored by whoever began it before.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn begin(connection: &mut PgConnection, place: &str) -> Result<Option<Task>, StoreError> {
    let begun: Option<i64> = sqlx::query_scalar(BEGIN)
        .bind(place)
        .fetch_optional(&mut *connection)
        .await?;
    match begun {
        Some(task) => by_number(connection, task).await,
        None => Ok(None),
    }
}

pub(crate) const BEGIN: &str = "UPDATE task SET state = 'running', begun_at = now(), tries = tries + 1, bytes = 0, records = 0 \
     WHERE task = (SELECT min(task) FROM task WHERE ended_at IS NULL AND place = $1) RETURNING task";

/// Writes down how far it is: content bytes read, records stored.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn advance(
    connection: &mut PgConnection,
    task: i64,
    (bytes, records): (i64, i64),
) -> Result<(), StoreError> {
    sqlx::query(ADVANCE)
        .bind(task)
        .bind(bytes)
        .bind(records)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const ADVANCE: &str = "UPDATE task SET bytes = $2, records = $3 WHERE task = $1";

/// Ends it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn end(
    connection: &mut PgConnection,
    task: i64,
    done: bool,
    told: &serde_json::Value,
) -> Result<(), StoreError> {
    sqlx::query(END)
        .bind(task)
        .bind(if done { "done" } else { "failed" })
        .bind(told)
        .execute(&mut *connection)
        .await?;
    sqlx::query(FORGET).execute(connection).await?;
    Ok(())
}

pub(crate) const END: &str =
    "UPDATE task SET state = $2, ended_at = now(), told = $3 WHERE task = $1";
// Who did what stays in `audit`.
pub(crate) const FORGET: &str = "DELETE FROM task WHERE ended_at < now() - interval '90 days'";

/// The one with this number.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn by_number(
    connection: &mut PgConnection,
    task: i64,
) -> Result<Option<Task>, StoreError> {
    let mut found = tasks(connection, Some(task), None, 1).await?;
    Ok(found.pop())
}

/// Those before this number, the newest first; or only the one with a number.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn tasks(
    connection: &mut PgConnection,
    task: Option<i64>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Task>, StoreError> {
    Ok(sqlx::query_as(TASKS)
        .bind(task)
        .bind(before)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

pub(crate) const TASKS: &str = "SELECT task, kind, target, upload.name, source.source, asked, state, task.who, \
     (extract(epoch FROM task.made_at) * 1000000)::bigint AS made_us, (extract(epoch FROM begun_at) * 1000000)::bigint AS begun_us, \
     (extract(epoch FROM ended_at) * 1000000)::bigint AS ended_us, tries, total_bytes, bytes, records, told \
     FROM task LEFT JOIN upload ON upload.path = task.target LEFT JOIN source ON source.path = task.target \
     WHERE ($1::bigint IS NULL OR task = $1) AND ($2::bigint IS NULL OR task < $2) ORDER BY task DESC LIMIT $3";
