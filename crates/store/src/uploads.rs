//! Files that people sent through the service.

use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// A file that was sent.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Upload {
    pub upload: String,
    /// What it was called where it came from.
    pub name: String,
    /// Where it is kept.
    pub path: String,
    pub size_bytes: i64,
    pub who: String,
    /// Microseconds since 1970.
    pub made_us: i64,
    /// The number of its source, once it is loaded.
    pub source: Option<i64>,
}

/// Remembers a file that was sent to whoever has this folder.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn add(
    connection: &mut PgConnection,
    new: &Upload,
    place: &str,
) -> Result<(), StoreError> {
    sqlx::query(ADD)
        .bind(&new.upload)
        .bind(&new.name)
        .bind(&new.path)
        .bind(place)
        .bind(new.size_bytes)
        .bind(&new.who)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const ADD: &str = "INSERT INTO upload (upload, name, path, place, size_bytes, who, made_at) \
     VALUES ($1, $2, $3, $4, $5, $6, now())";

/// Those that whoever has this folder keeps and that are not loaded, the newest first; or only the one with an id, loaded or not.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn uploads(
    connection: &mut PgConnection,
    place: &str,
    upload: Option<&str>,
) -> Result<Vec<Upload>, StoreError> {
    Ok(sqlx::query_as(UPLOADS)
        .bind(place)
        .bind(upload)
        .fetch_all(connection)
        .await?)
}

pub(crate) const UPLOADS: &str = "SELECT upload, name, upload.path, upload.size_bytes, who, \
     (extract(epoch FROM made_at) * 1000000)::bigint AS made_us, source.source \
     FROM upload LEFT JOIN source ON source.path = upload.path AND source.lineage IS NOT NULL WHERE place = $1 \
     AND CASE WHEN $2::text IS NULL THEN source.source IS NULL ELSE upload = $2 END ORDER BY made_at DESC, upload";

/// What the file at this path was called where it came from; `None` where it was not sent.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn name_at(
    connection: &mut PgConnection,
    path: &str,
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar(NAME_AT)
        .bind(path)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const NAME_AT: &str = "SELECT name FROM upload WHERE path = $1";

/// Forgets the one with this id, or all that nobody loaded for a day and that no work wants; gives the paths where they are kept.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn forget(
    connection: &mut PgConnection,
    place: &str,
    upload: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(FORGET)
        .bind(place)
        .bind(upload)
        .fetch_all(connection)
        .await?)
}

// What was taken back a moment ago may be loaded again for a day more.
pub(crate) const FORGET: &str = "DELETE FROM upload WHERE place = $1 \
     AND CASE WHEN $2::text IS NULL THEN made_at < now() - interval '1 day' \
     AND NOT EXISTS (SELECT FROM task WHERE target = upload.path AND (ended_at IS NULL OR ended_at > now() - interval '1 day')) \
     ELSE upload = $2 AND NOT EXISTS (SELECT FROM task WHERE target = upload.path AND ended_at IS NULL) END \
     AND NOT EXISTS (SELECT FROM source WHERE source.path = upload.path AND lineage IS NOT NULL) \
     AND NOT EXISTS (SELECT FROM source JOIN batch USING (source) WHERE source.path = upload.path) RETURNING path";
