//! The demo: an imagined company's logs until the last business day that is over, in files and a database of their own.

use crate::errors::{ErrorCode, Failure, reason};
use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use smartetl_core::model::Moment;
use smartetl_simulate::{Options, ZONE, simulate};
use sqlx::{Connection, PgConnection};
use std::fs;
use std::path::{Path, PathBuf};

const JOBS: u32 = 60;
const DAYS: u32 = 30;
const SEED: u64 = 8480;

/// The zone in which the company lives.
pub const TIMEZONE: &str = ZONE;

/// The simulated logs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Demo {
    /// Says which logs these are: others must not stand in the same tables.
    pub identity: String,
    /// The log files, without the truth about them; relative to `folder`.
    files: Vec<PathBuf>,
    /// The clock of the fuse: shortly after the last row.
    #[serde(with = "text")]
    as_of: Timestamp,
    #[serde(skip)]
    folder: PathBuf,
}

impl Demo {
    /// The logs until the last business day that is over at `now`; written below `place` where they are not there yet. Those
    /// of other days are removed.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn prepare(place: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let zone = TimeZone::get(ZONE).context("the demo's zone is not known")?;
        let mut last = zone.to_datetime(now).date();
        for _ in 0..3 {
            let demo = Self::until(place, last)?;
            if demo.as_of <= now {
                remove_others(place, &demo.folder);
                return Ok(demo);
            }
            last = last
                .yesterday()
                .context("the clock of this machine is not of this age")?;
        }
        anyhow::bail!("the simulated company lives in the future")
    }

    fn until(place: &Path, last: Date) -> anyhow::Result<Self> {
        let identity = format!(
            "smartetl {} demo {JOBS}x{DAYS} seed {SEED} until {last}",
            env!("CARGO_PKG_VERSION")
        );
        let folder = place.join(format!("logs-{last}"));
        if let Some(demo) = Self::written(&folder, &identity) {
            return Ok(demo);
        }
        let unwritable = |path: &Path, error: &std::io::Error| {
            Failure::new(
                ErrorCode::Unwritable,
                format!("cannot write the demo's logs: {}", reason(error)),
            )
            .at(path.display().to_string())
        };
        fs::create_dir_all(place).map_err(|error| unwritable(place, &error))?;
        let draft = tempfile::Builder::new()
            .prefix("draft-")
            .tempdir_in(place)
            .map_err(|error| unwritable(place, &error))?;
        let start = last.checked_sub(Span::try_from((i64::from(DAYS) - 1).days())?)?;
        let options = Options {
            start: Some(start),
            ..Options::new(JOBS, DAYS, SEED, draft.path())
        };
        let summary = simulate(&options).context("cannot write the demo's logs")?;
        let files = summary
            .files
            .iter()
            .map(|path| {
                path.strip_prefix(draft.path())
                    .map_or_else(|_| path.clone(), Path::to_owned)
            })
            .collect();
        let demo = Self {
            identity: identity.clone(),
            files,
            as_of: summary.as_of.parse()?,
            folder: folder.clone(),
        };
        fs::write(
            draft.path().join("demo.json"),
            serde_json::to_string_pretty(&demo)?,
        )
        .map_err(|error| unwritable(place, &error))?;
        let _ = fs::remove_dir_all(&folder);
        match fs::rename(draft.keep(), &folder) {
            Ok(()) => Ok(demo),
            // Somebody else was quicker and wrote the same.
            Err(error) => {
                Self::written(&folder, &identity).ok_or_else(|| unwritable(&folder, &error).into())
            }
        }
    }

    fn written(folder: &Path, identity: &str) -> Option<Self> {
        let text = fs::read_to_string(folder.join("demo.json")).ok()?;
        let demo: Self = serde_json::from_str(&text).ok()?;
        (demo.identity == identity).then(|| Self {
            folder: folder.to_owned(),
            ..demo
        })
    }

    pub fn files(&self) -> Vec<PathBuf> {
        self.files
            .iter()
            .map(|file| self.folder.join(file))
            .collect()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn as_of(&self) -> Moment {
        Moment(self.as_of.as_microsecond())
    }
}

/// A moment as text.
mod text {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Logs of other days, and what a killed process left.
fn remove_others(place: &Path, kept: &Path) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path != kept && (name.starts_with("logs-") || name.starts_with("draft-")) {
            // What cannot be removed takes room, and nothing more.
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Empties the demo's own database where it holds other logs than these. It must be called for that database only.
///
/// # Errors
/// When the server refuses.
pub async fn make_room(connection: &mut PgConnection, identity: &str) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(8480)")
        .execute(&mut *transaction)
        .await?;
    let found: Option<String> =
        sqlx::query_scalar("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
            .fetch_one(&mut *transaction)
            .await?;
    if found.as_deref() != Some(identity) {
        sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public")
            .execute(&mut *transaction)
            .await?;
        // COMMENT takes no parameters; the identity is the program's own text.
        let comment = format!(
            "COMMENT ON SCHEMA public IS '{}'",
            identity.replace('\'', "''")
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(comment))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_over_and_files_are_made_once() {
        let place = tempfile::tempdir().expect("a folder");
        let now: Timestamp = "2026-11-23T07:00:00Z".parse().expect("a moment");
        let first = Demo::prepare(place.path(), now).expect("logs");
        assert!(
            first.as_of <= now && now.duration_since(first.as_of).as_hours() < 24,
            "{}",
            first.as_of
        );
        assert!(first.files().iter().all(|file| file.is_file()));
        assert!(
            !first
                .files()
                .iter()
                .any(|file| file.components().any(|part| part.as_os_str() == "truth"))
        );
        let made = fs::metadata(&first.files()[0])
            .and_then(|data| data.modified())
            .expect("a file");
        let again = Demo::prepare(place.path(), now).expect("logs");
        assert_eq!(first, again);
        assert_eq!(
            fs::metadata(&again.files()[0])
                .and_then(|data| data.modified())
                .expect("a file"),
            made
        );
        let next = Demo::prepare(place.path(), now + 24.hours()).expect("logs");
        assert_ne!(first.identity, next.identity);
        assert!(!first.folder().exists() && next.folder().exists());
    }
}
