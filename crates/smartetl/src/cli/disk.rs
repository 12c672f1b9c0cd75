//! How full the disk of the database is, for dashboards and alerts: a line in `upkeep`, as far as that disk is one of this machine.

use super::{Context, Database};
use serde_json::json;
use smartetl_store::upkeep::{self, Upkeep};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EVERY: Duration = Duration::from_hours(1);

/// The folder whose disk counts: that of the server that we run, else the one that the settings name.
pub fn folder(context: &Context, database: &Database) -> anyhow::Result<Option<PathBuf>> {
    Ok(match database.embedded() {
        Some(_) => Some(super::database::options(context)?.data_dir),
        None => context.settings.database.folder.clone(),
    })
}

/// Writes down how full it is.
///
/// # Errors
/// When the folder is not there, or the server refuses or is gone.
pub async fn record(connection: &mut PgConnection, folder: &Path) -> anyhow::Result<()> {
    let disk = nix::sys::statvfs::statvfs(folder)?;
    let figures = json!({
        "total_bytes": disk.blocks() * disk.fragment_size(),
        "free_bytes": disk.blocks_available() * disk.fragment_size(),
    });
    upkeep::record(connection, Upkeep::Disk, true, &figures).await?;
    Ok(())
}

/// Does so every hour.
pub struct Watching(Option<(PathBuf, PgConnectOptions)>);

impl Watching {
    pub fn of(context: &Context, database: &Database) -> anyhow::Result<Self> {
        let folder = folder(context, database)?;
        Ok(Self(match folder {
            Some(folder) => Some((folder, database.options()?)),
            None => None,
        }))
    }

    /// Goes on until it is dropped.
    pub async fn run(&self) -> Infallible {
        let Some((folder, options)) = &self.0 else {
            return std::future::pending().await;
        };
        loop {
            if let Err(error) = once(folder, options).await {
                tracing::warn!("how full the disk is cannot be written down: {error:#}");
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

async fn once(folder: &Path, options: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(options).await?;
    record(&mut connection, folder).await?;
    Ok(connection.close().await?)
}
