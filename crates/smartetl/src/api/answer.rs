//! Answers: read in one snapshot, marked so that nobody fetches again what has not changed.

use super::asked::{Form, Reader};
use super::files;
use super::problem::Wrong;
use crate::export::InMemory;
use crate::service::{Problem, Service};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use smartetl_store::StoreError;
use sqlx::PgConnection;
use tower_http::compression::CompressionLayer;
use utoipa::ToSchema;
use xxhash_rust::xxh3::xxh3_128;

/// Packs what is worth it.
pub fn packed() -> CompressionLayer {
    CompressionLayer::new()
}

/// What `make` reads, as JSON.
///
/// The `ETag` is made of what the tables say of their last change, the question and this process: an answer that is known is not even
/// computed.
///
/// # Errors
/// Those of `make`, and when the database does not answer.
pub async fn json<T: Serialize>(
    service: &Service,
    reader: &Reader,
    make: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Problem>,
) -> Result<Response, Problem> {
    reader.is_json()?;
    Ok(match read(service, reader, make).await? {
        Read::Known(tag) => (StatusCode::NOT_MODIFIED, head(reader, &tag)).into_response(),
        Read::New(tag, answer) => (head(reader, &tag), axum::Json(answer)).into_response(),
    })
}

/// A list that is also handed out as a file.
pub trait Listing: Serialize {
    type Item: Serialize + ToSchema;
    /// What the file is called.
    const NAME: &str;

    fn items(&self) -> &[Self::Item];

    /// The cursor of what follows.
    fn next(&self) -> Option<&str>;
}

/// The list that `make` reads: as JSON, or its items as a file whose head says where the list goes on.
///
/// # Errors
/// Those of `make`, and when the database does not answer.
pub async fn list<T: Listing>(
    service: &Service,
    reader: &Reader,
    make: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Problem>,
) -> Result<Response, Problem> {
    let form = match reader.form {
        Form::Json => return json(service, reader, make).await,
        Form::Csv => InMemory::Csv,
        Form::Parquet => InMemory::Parquet,
    };
    let (tag, list) = match read(service, reader, make).await? {
        Read::Known(tag) => {
            return Ok((StatusCode::NOT_MODIFIED, head(reader, &tag)).into_response());
        }
        Read::New(tag, list) => (tag, list),
    };
    let bytes = files::written(form, list.items())?;
    let file = format!(
        "attachment; filename=\"{}.{}\"",
        T::NAME,
        reader.form.name()
    );
    let about = [
        (header::CONTENT_TYPE, reader.form.media().to_owned()),
        (header::CONTENT_DISPOSITION, file),
    ];
    let next = list.next().map(|cursor| {
        let target = further(&reader.target, cursor);
        [(header::LINK, format!("<{target}>; rel=\"next\""))]
    });
    Ok((head(reader, &tag), about, next, bytes).into_response())
}

/// The same question, going on at this cursor.
fn further(target: &str, cursor: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameters = query.split('&');
    let others = parameters.filter(|one| !one.is_empty() && !one.starts_with("cursor="));
    let cursor = format!("cursor={cursor}");
    let all: Vec<&str> = others.chain([cursor.as_str()]).collect();
    format!("{path}?{}", all.join("&"))
}

/// What was read, with its `ETag`.
enum Read<T> {
    /// The reader has it.
    Known(String),
    New(String, T),
}

async fn read<T>(
    service: &Service,
    reader: &Reader,
    make: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Problem>,
) -> Result<Read<T>, Problem> {
    let mut snapshot = service
        .pool
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await?;
    let version = smartetl_store::facts::version(&mut snapshot).await?;
    let tag = tag(service, reader, &version);
    if reader
        .known
        .iter()
        .any(|known| *known == tag || known == "*")
    {
        return Ok(Read::Known(tag));
    }
    let answer = make(&mut snapshot).await?;
    Ok(Read::New(tag, answer))
}

/// What is made of something else than the database.
///
/// # Errors
/// When something else than JSON is wanted.
pub fn of_text(service: &Service, reader: &Reader, text: String) -> Result<Response, Problem> {
    if reader.form != Form::Json {
        return Err(Problem::Api(Wrong::Form));
    }
    let tag = tag(service, reader, &text);
    if reader.known.contains(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, head(reader, &tag)).into_response());
    }
    let kind = [(header::CONTENT_TYPE, Form::Json.media())];
    Ok((head(reader, &tag), kind, text).into_response())
}

/// Weak: packed in another way it is the same answer.
fn tag(service: &Service, reader: &Reader, data: &str) -> String {
    let parts = [service.started.as_str(), data, &reader.depends_on()];
    format!("W/\"{:032x}\"", xxh3_128(parts.join("\n").as_bytes()))
}

fn head(reader: &Reader, tag: &str) -> [(HeaderName, HeaderValue); 4] {
    let tag = HeaderValue::from_str(tag);
    [
        (
            header::ETAG,
            tag.unwrap_or(HeaderValue::from_static("W/\"\"")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (
            header::VARY,
            HeaderValue::from_static("accept, accept-language, accept-encoding"),
        ),
        (
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(reader.lang.tag()),
        ),
    ]
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::from(StoreError::from(error))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Database(sqlx::Error::Database(error)) => error.code(),
            StoreError::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => return Self::Api(Wrong::Away),
            _ => None,
        };
        match code.as_deref() {
            // It took longer than the pool lets statements take.
            Some("57014") => Self::Timeout,
            Some("42P01" | "42703") => Self::Api(Wrong::Tables),
            Some(code) if ["08", "53", "57"].iter().any(|kind| code.starts_with(kind)) => {
                Self::Api(Wrong::Away)
            }
            _ => {
                tracing::error!("an answer cannot be made: {error}");
                Self::Api(Wrong::Defect)
            }
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(error) => Self::from(error),
            Err(error) => match error.downcast::<sqlx::Error>() {
                Ok(error) => Self::from(error),
                Err(error) => {
                    tracing::error!("an answer cannot be made: {error:#}");
                    Self::Api(Wrong::Defect)
                }
            },
        }
    }
}
