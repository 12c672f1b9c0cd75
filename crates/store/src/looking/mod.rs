//! Looking at what is stored: runs, one run with its tree, jobs. Reads only; how it looks is decided by the caller.
//!
//! Questions go along the indexes of `dataset`: its days, its jobs, its trees. Sessions that ask again and again should set
//! `plan_cache_mode` to `force_custom_plan`, because what is not asked for is given as NULL.

mod good;
mod habits;
mod jobs;
mod nights;
mod run;
mod runs;
mod tree;

pub use good::{GoodRun, day_type, good_runs, steps_of, trees};
pub use jobs::{Rate, WatchedJob, jobs};
pub use nights::{JobNight, nights_of};
pub(crate) use run::RUN_COLUMNS;
pub use run::{Cause, Run};
pub use runs::{Neighbours, Place, Usual, neighbours, runs, usual};
pub use tree::{
    ErrorLine, LogLine, Name, RowsOfTree, Struck, before_and_after, last_good, named, rows_of,
    struck, tree,
};

use jiff::civil::Date;
use smartetl_core::fuse::job_hash;
use smartetl_core::model::{Category, Moment, Outcome};
use sqlx::{FromRow, PgConnection};

use crate::StoreError;
use crate::copy::days_since_1970;
use crate::export::like;

/// Which runs are asked for. What is empty asks for all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub environments: Vec<String>,
    /// A name in which `*` stands for anything, in whatever case.
    pub job: Option<String>,
    /// Of jobs of this project; with the empty word of those that have none.
    pub project: Option<String>,
    pub system: Option<String>,
    /// A status, or what refines it.
    pub statuses: Vec<Outcome>,
    pub categories: Vec<Category>,
    /// Business days, both included.
    pub since: Option<Date>,
    pub until: Option<Date>,
    /// When runs began: from this moment on, and before that one.
    pub from: Option<Moment>,
    pub before: Option<Moment>,
    /// Child runs too.
    pub all: bool,
}

impl Filter {
    fn is_of(&self, job: &NamedJob) -> bool {
        let project = job.project.as_deref().unwrap_or_default();
        self.project.as_deref().is_none_or(|asked| asked == project)
            && self
                .system
                .as_ref()
                .is_none_or(|asked| *asked == job.system)
    }

    fn environments(&self) -> Option<&[String]> {
        (!self.environments.is_empty()).then_some(self.environments.as_slice())
    }

    fn statuses(&self) -> Option<Vec<&'static str>> {
        let words = self.statuses.iter().map(|status| status.as_str());
        (!self.statuses.is_empty()).then(|| words.collect())
    }

    fn categories(&self) -> Option<Vec<&'static str>> {
        let words = self.categories.iter().map(|category| category.as_str());
        (!self.categories.is_empty()).then(|| words.collect())
    }

    fn since(&self) -> Option<i32> {
        self.since.map(days_since_1970)
    }

    fn until(&self) -> Option<i32> {
        self.until.map(days_since_1970)
    }

    fn begin_us(&self) -> Option<i64> {
        self.from.map(|at| at.0)
    }

    fn end_us(&self) -> Option<i64> {
        self.before.map(|at| at.0)
    }
}

/// A job of the catalogue by its name.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct NamedJob {
    pub environment: String,
    pub system: String,
    pub project: Option<String>,
    pub job: String,
}

/// What jobs are ordered by: whether it is not PROD, environment, job, project, system.
pub type JobPlace = (bool, String, String, Option<String>, String);

impl NamedJob {
    /// Where it matters most comes first.
    pub fn place(&self) -> JobPlace {
        let Self {
            environment,
            system,
            project,
            job,
        } = self.clone();
        (environment != "PROD", environment, job, project, system)
    }

    /// The number under which its runs are found.
    pub fn number(&self) -> i64 {
        let project = self.project.as_deref().unwrap_or_default();
        job_hash(&self.system, &self.environment, project, &self.job) as i64
    }
}

/// The jobs of the catalogue with such a name, in these environments; all environments where none is named.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn named_jobs(
    connection: &mut PgConnection,
    environments: &[String],
    pattern: &str,
) -> Result<Vec<NamedJob>, StoreError> {
    Ok(sqlx::query_as(NAMED_JOBS)
        .bind(environments)
        .bind(like(pattern))
        .fetch_all(connection)
        .await?)
}

pub(crate) const NAMED_JOBS: &str = "SELECT environment, system, project, job FROM job \
     WHERE (cardinality($1::text[]) = 0 OR environment = ANY ($1)) AND job ILIKE $2 ORDER BY environment, system, project, job";

/// The environments that jobs were seen in, by name.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn environments(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(ENVIRONMENTS)
        .fetch_all(connection)
        .await?)
}

pub(crate) const ENVIRONMENTS: &str = "SELECT DISTINCT environment FROM job ORDER BY environment";

/// The job numbers that a filter's name means; `None` where it names none.
async fn numbers(
    connection: &mut PgConnection,
    filter: &Filter,
) -> Result<Option<Vec<i64>>, StoreError> {
    if filter.job.is_none() && filter.project.is_none() && filter.system.is_none() {
        return Ok(None);
    }
    let pattern = filter.job.as_deref().unwrap_or("*");
    let mut jobs = named_jobs(connection, &filter.environments, pattern).await?;
    jobs.retain(|job| filter.is_of(job));
    Ok(Some(jobs.iter().map(NamedJob::number).collect()))
}
