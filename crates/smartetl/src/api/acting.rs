//! What it takes to change something, which most of the service must not.

use super::problem::Wrong;
use crate::access::Slowing;
use crate::errors::Failure;
use crate::service::{Problem, Service};
use crate::work::Work;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use sqlx::PgPool;
use std::path::PathBuf;
use std::sync::Arc;

/// What it takes to change something.
#[derive(Clone, Debug)]
pub struct Acting {
    /// Connections that write.
    pub pool: PgPool,
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
    /// The clock of simulated nights.
    pub as_of: Option<Moment>,
    pub slowing: Arc<Slowing>,
    /// A login is wanted on this machine too.
    pub always: bool,
    /// Who acts where no login is wanted: the user of this machine.
    pub user: String,
    /// Who does what takes long.
    pub work: Work,
}

impl Acting {
    /// # Errors
    /// Where this process changes nothing.
    pub fn of(service: &Service) -> Result<&Self, Problem> {
        service.acting.as_ref().ok_or(Problem::NotFound)
    }

    /// The clock by which runs are folded again.
    pub fn now(&self) -> Moment {
        self.as_of.unwrap_or_else(now)
    }
}

/// The wall clock.
pub fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_microsecond())
}

/// What a command would have told a person, as a problem.
pub fn refused(error: anyhow::Error) -> Problem {
    match error.downcast::<Failure>() {
        Ok(failure) => Problem::Api(Wrong::Refused(failure.code, failure.message)),
        Err(error) => Problem::from(error),
    }
}
