//! Who changed what: what is written down here, what was done with issues, and what was said of problems, in one list.

use smartetl_core::model::{Moment, Way};
use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// What is written down. Words are never changed: they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Login,
    LoginFailed,
    UserAdd,
    UserRole,
    UserPassword,
    UserRemove,
    TokenCreate,
    TokenRevoke,
    JobEdit,
    SourceUnload,
    SourceReload,
    UploadAdd,
    UploadLoad,
    UploadRemove,
}

impl Done {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::UserAdd => "user_add",
            Self::UserRole => "user_role",
            Self::UserPassword => "user_password",
            Self::UserRemove => "user_remove",
            Self::TokenCreate => "token_create",
            Self::TokenRevoke => "token_revoke",
            Self::JobEdit => "job_edit",
            Self::SourceUnload => "source_unload",
            Self::SourceReload => "source_reload",
            Self::UploadAdd => "upload_add",
            Self::UploadLoad => "upload_load",
            Self::UploadRemove => "upload_remove",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    pub who: &'a str,
    pub way: Way,
    pub done: Done,
    /// What it was done with.
    pub target: Option<&'a str>,
    /// What it is from now on; never a secret.
    pub detail: Option<&'a str>,
}

/// Writes it down.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn record(connection: &mut PgConnection, new: NewEntry<'_>) -> Result<(), StoreError> {
    sqlx::query(RECORD)
        .bind(new.who)
        .bind(new.way.as_str())
        .bind(new.done.as_str())
        .bind(new.target)
        .bind(new.detail)
        .execute(connection)
        .await?;
    Ok(())
}

const RECORD: &str =
    "INSERT INTO audit (at, who, way, kind, target, detail) VALUES (now(), $1, $2, $3, $4, $5)";

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Entry {
    /// When, in microseconds since 1970.
    pub at_us: i64,
    pub who: String,
    /// How they came, where that is written down.
    pub way: Option<String>,
    pub kind: String,
    pub target: Option<String>,
    pub detail: Option<String>,
    /// Among those of the same moment: where it stands (0 here, 1 with issues, 2 said of problems, 3 taken back), and its number there.
    pub place: i32,
    pub number: i64,
}

/// The newest first, of those behind `after`: moment, place and number.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn entries(
    connection: &mut PgConnection,
    after: Option<(Moment, i32, i64)>,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let (at, place, number) = match after {
        Some((at, place, number)) => (Some(at.0), Some(place), Some(number)),
        None => (None, None, None),
    };
    Ok(sqlx::query_as(ENTRIES)
        .bind(at)
        .bind(place)
        .bind(number)
        .bind(most)
        .fetch_all(connection)
        .await?)
}

const ENTRIES: &str = "SELECT at_us, who, way, kind, target, detail, place, number FROM ( \
     SELECT (extract(epoch FROM at) * 1000000)::bigint AS at_us, who, way, kind, target, detail, 0 AS place, audit AS number FROM audit \
     UNION ALL SELECT (extract(epoch FROM made_at) * 1000000)::bigint, made_by, NULL, 'issue_' || kind, environment || ' ' || family, \
         coalesce(text, until::text, occurrences::text), 1, act FROM issue_act \
     UNION ALL SELECT (extract(epoch FROM made_at) * 1000000)::bigint, made_by, NULL, 'problem_' || kind, problem::text, \
         coalesce(title, category, other::text), 2, override FROM override \
     UNION ALL SELECT (extract(epoch FROM undone_at) * 1000000)::bigint, undone_by, NULL, 'problem_undo', problem::text, \
         override::text, 3, override FROM override WHERE undone_at IS NOT NULL) AS every \
     WHERE $1::bigint IS NULL OR (at_us, place, number) < ($1, $2::int, $3::bigint) \
     ORDER BY at_us DESC, place DESC, number DESC LIMIT $4";
