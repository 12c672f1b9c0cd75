//! The demo: an imagined company's logs until the last business day that is over, in files and a database of their own.

use crate::errors::{ErrorCode, Failure, reason};
use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use smartetl_core::model::Moment;
use smartetl_simulate::{Options, Summary, ZONE, simulate};
use sqlx::{Connection, PgConnection};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const JOBS: u32 = 60;
const DAYS: u32 = 30;
/// Of so many imagined companies, one is taken whose last whole night has something to say.
const SEEDS: u64 = 12;
/// Where the simulator leaves the log as it stands in the middle of a night, the night before is whole.
const ENVIRONMENT: &str = "PROD";

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
    /// The last night that is whole: to be shown first.
    #[serde(with = "text")]
    pub day: Date,
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
            "smartetl {} demo {JOBS}x{DAYS}x{SEEDS} until {last}",
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
        let day = last.yesterday()?;
        let mut best: Option<(u8, TempDir, Summary)> = None;
        for seed in 1..=SEEDS {
            let draft = tempfile::Builder::new()
                .prefix("draft-")
                .tempdir_in(place)
                .map_err(|error| unwritable(place, &error))?;
            let start = last.checked_sub(Span::new().try_days(DAYS - 1)?)?;
            let options = Options {
                start: Some(start),
                ..Options::new(JOBS, DAYS, seed, draft.path())
            };
            let summary = simulate(&options).context("cannot write the demo's logs")?;
            let worth = worth(&summary.truth, day);
            if best.as_ref().is_none_or(|(before, ..)| worth > *before) {
                best = Some((worth, draft, summary));
            }
            if worth == BEST {
                break;
            }
        }
        let (_, draft, summary) = best.context("no company was imagined")?;
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
            day,
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

/// Both something that failed and something that was recovered.
const BEST: u8 = 3;

/// How much a night has to say, by the truth about it.
fn worth(truth: &Path, day: Date) -> u8 {
    let text = fs::read_to_string(truth.join("job_day.csv")).unwrap_or_default();
    let day = day.to_string();
    let verdicts: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            // Names of jobs and projects hold no commas.
            let fields: Vec<&str> = line.split(',').collect();
            (fields.first() == Some(&ENVIRONMENT) && fields.get(3) == Some(&day.as_str()))
                .then(|| fields.get(9).copied())?
        })
        .collect();
    2 * u8::from(verdicts.contains(&"failed")) + u8::from(verdicts.contains(&"recovered"))
}

/// A moment or a day as text.
mod text {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::fmt::Display;
    use std::str::FromStr;

    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
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
    use jiff::ToSpan;

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
