//! Masks and templates anew: what the present version of both makes of everything that is stored. In one transaction, or nothing.

use std::path::PathBuf;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::{fusion, problems};
use sqlx::{Connection, PgConnection};

use super::fuse::{self, Because};
use super::grouping;
pub use super::grouping::{Difference, Differences};

#[derive(Clone, Debug)]
pub struct Request {
    /// Only say what would change.
    pub dry_run: bool,
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    pub now: Moment,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// Says what changes and, unless that was all, changes it.
///
/// # Errors
/// When the server refuses or is gone, or the fuse fails. Nothing has changed then.
pub async fn regroup(
    connection: &mut PgConnection,
    request: Request,
) -> anyhow::Result<Differences> {
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let mut differences = grouping::look(&mut transaction).await?;
    if !differences.moved.is_empty() {
        differences.runs =
            problems::runs_with_signatures(&mut transaction, &differences.moved).await?;
    }
    if request.dry_run || fusion::state(&mut transaction).await?.is_none() {
        transaction.rollback().await?;
        return Ok(differences);
    }
    let again = fuse::Request {
        config: request.config,
        rules: request.rules,
        as_of: request.now,
        now: request.now,
        full: false,
        because: Because::OfMasks,
        gathered: None,
        folder: request.folder,
    };
    fuse::fuse(&mut transaction, async || None, again).await?;
    transaction.commit().await?;
    Ok(differences)
}
