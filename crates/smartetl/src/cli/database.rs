//! The database of a command: the server that the configuration names, or the embedded one.

use super::Context;
use crate::errors::{ErrorCode, Failure};
use crate::reason::{self, Reason};
use crate::wait::masked;
use smartetl_store::embedded::{self, Embedded, EmbeddedError};
use smartetl_store::upkeep::{self, Upkeep};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use std::time::Duration;

/// A database that can be connected to. Keep it as long as it is used: dropping it lets go of the embedded server,
/// which stops a few seconds after its last user.
pub struct Database {
    url: String,
    server: Option<embedded::Server>,
}

impl Database {
    /// Joins or starts the embedded server where the configuration names none. Does not connect.
    ///
    /// # Errors
    /// `database_not_started` with the reason and what to do.
    pub async fn open(context: &Context) -> anyhow::Result<Self> {
        if let Some(url) = &context.settings.database.url {
            return Ok(Self {
                url: url.clone(),
                server: None,
            });
        }
        let server = Embedded::start(options(context)?)
            .await
            .map_err(|error| not_started(&error))?;
        Ok(Self {
            url: server.url().to_owned(),
            server: Some(server),
        })
    }

    /// The same where that is a server that somebody named, or an embedded one that has been used before: none is made. `None`
    /// where there is none, or it does not start.
    pub(super) async fn open_existing(context: &Context) -> Option<Self> {
        if context.settings.database.url.is_none() {
            let cluster = options(context).ok()?.data_dir.join("postgresql/cluster");
            cluster.exists().then_some(())?;
        }
        Self::open(context).await.ok()
    }

    /// This server, whatever the configuration names.
    pub(super) fn at(url: String) -> Self {
        Self { url, server: None }
    }

    /// The address with its password: for programs, never for messages.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address as it can be shown.
    pub fn masked_url(&self) -> String {
        masked(&self.url)
    }

    /// The embedded server, if that is what is used.
    pub fn embedded(&self) -> Option<&embedded::Server> {
        self.server.as_ref()
    }

    /// Writes down for dashboards and alerts that upkeep could not be done, by a connection of its own: that of the work may be in
    /// the middle of what failed. Where that fails too, nothing is written.
    pub(super) async fn note_failure(&self, what: Upkeep, error: &anyhow::Error) {
        if let Ok(mut connection) = self.connect().await {
            let figures = serde_json::json!({"error": error.to_string()});
            let _ = upkeep::record(&mut connection, what, false, &figures).await;
        }
    }

    /// Lets go, and waits until an embedded server that nobody else uses has stopped. `false`: it goes on, or is not ours.
    ///
    /// # Errors
    /// When it does not stop in time.
    pub async fn stop(self) -> anyhow::Result<bool> {
        match self.server {
            Some(server) => server.stop().await.map_err(|error| not_started(&error)),
            None => Ok(true),
        }
    }

    /// How every connection is made: with a name that shows in `pg_stat_activity`. sqlx sets the zone to UTC.
    ///
    /// # Errors
    /// `config_invalid` when the address cannot be understood.
    pub fn options(&self) -> anyhow::Result<PgConnectOptions> {
        let options: PgConnectOptions = self.url.parse().map_err(|_| {
            Failure::new(
                ErrorCode::ConfigInvalid,
                [
                    "this is no PostgreSQL address",
                    "ce n’est pas une adresse PostgreSQL",
                ],
            )
            .at(self.masked_url())
        })?;
        Ok(options
            .disable_statement_logging()
            // Literals are written for this reading of quotes and backslashes.
            .options([("standard_conforming_strings", "on")])
            .application_name("smartetl"))
    }

    /// Connects with options that were changed.
    ///
    /// # Errors
    /// `database_unreachable` or `database_refused`, with the server and its reason.
    pub async fn connect_with(&self, options: PgConnectOptions) -> anyhow::Result<PgConnection> {
        options.connect().await.map_err(|error| {
            let code = match &error {
                sqlx::Error::Database(refused)
                    if refused.code().is_some_and(|state| state.starts_with("57P")) =>
                {
                    ErrorCode::DatabaseUnreachable
                }
                sqlx::Error::Database(_) => ErrorCode::DatabaseRefused,
                _ => ErrorCode::DatabaseUnreachable,
            };
            let reason = match &error {
                sqlx::Error::Database(refused) => refused.message().to_owned(),
                sqlx::Error::Io(error) => crate::errors::reason(error),
                other => other.to_string(),
            };
            Failure::new(
                code,
                [
                    format!("cannot connect to the database: {reason}"),
                    format!("connexion à la base impossible\u{a0}: {reason}"),
                ],
            )
            .at(self.masked_url())
            .into()
        })
    }

    /// Connects.
    ///
    /// # Errors
    /// See [`Database::connect_with`].
    pub async fn connect(&self) -> anyhow::Result<PgConnection> {
        self.connect_with(self.options()?).await
    }

    /// Several connections; the first one is made now, so that a server that is away is said at once.
    ///
    /// # Errors
    /// See [`Database::connect_with`].
    pub async fn pool(&self, connections: u32) -> anyhow::Result<PgPool> {
        self.connect().await?;
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            // A busy machine is not worth a warning of a library; what takes too long ends with an error.
            .acquire_slow_threshold(Duration::MAX);
        Ok(pool.connect_with(self.options()?).await?)
    }
}

/// What the embedded server is started with.
pub fn options(context: &Context) -> anyhow::Result<embedded::Options> {
    let settings = &context.settings;
    let runner = std::env::current_exe().map_err(|error| {
        Failure::new(
            ErrorCode::DatabaseNotStarted,
            format!("this program does not find itself: {error}"),
        )
    })?;
    let data_dir = settings
        .data_dir
        .clone()
        .map_or_else(embedded::default_data_dir, Ok)
        .map_err(|error| not_started(&error))?;
    let cache_dir = settings
        .cache_dir
        .clone()
        .map_or_else(embedded::default_cache_dir, Ok)
        .map_err(|error| not_started(&error))?;
    let mut options = embedded::Options::new(data_dir, cache_dir, runner);
    options.archive.clone_from(&settings.postgres.archive);
    options.bin.clone_from(&settings.postgres.bin);
    Ok(options)
}

fn not_started(error: &EmbeddedError) -> anyhow::Error {
    let message = Reason::new(error.to_string(), reason::of_embedded(error));
    let failure = Failure::new(ErrorCode::DatabaseNotStarted, message);
    failure.hint(reason::hint_of_embedded(error)).into()
}

/// Where files may be made that only this process needs.
pub fn scratch(context: &Context) -> anyhow::Result<std::path::PathBuf> {
    Ok(cache_dir(context)?.join("scratch"))
}

/// Where smartETL keeps what it can do without.
pub fn cache_dir(context: &Context) -> anyhow::Result<std::path::PathBuf> {
    let cache = context.settings.cache_dir.clone();
    cache
        .map_or_else(embedded::default_cache_dir, Ok)
        .map_err(|error| not_started(&error))
}
