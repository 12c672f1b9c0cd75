//! What a process without pages answers about itself, beside its work: /livez, /readyz and /metrics.

use super::{Context, Database, up};
use crate::api::Listeners;
use crate::config::{FuseMode, Shown};
use crate::pulse::Pulse;
use crate::service::{self, Hosts, Process, Service, Telemetry};
use crate::stop::Stop;
use sqlx::postgres::{PgPool, PgPoolOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Connections of their own: what is said about the process never waits for its work, nor the work for it.
///
/// # Errors
/// When the address of the database is no good.
pub(super) fn pool(database: &Database) -> anyhow::Result<PgPool> {
    let options = database.options()?.options([("statement_timeout", "5s")]);
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(5));
    Ok(pool.connect_lazy_with(options))
}

/// Says where it answers, and does so until `stop` is asked for.
///
/// # Errors
/// When the system does not say where the listener listens.
pub(super) fn serve(
    listener: TcpListener,
    context: &Context,
    (pool, process): (&PgPool, Process),
    (pulse, telemetry): (Arc<Pulse>, Arc<Telemetry>),
    stop: &Stop,
) -> anyhow::Result<()> {
    let address = up::reachable(listener.local_addr()?);
    context.say(&format!("http://{address}/metrics"));
    let settings = &context.settings;
    let router = service::router(Service {
        pool: pool.clone(),
        telemetry,
        pulse,
        zone: jiff::tz::TimeZone::UTC,
        border: settings.business_day.border,
        lang: context.lang(),
        demo: false,
        day: None,
        watched: Vec::new(),
        scheduled: settings.fuse.mode == FuseMode::Scheduled,
        folder: String::new(),
        hosts: Hosts {
            bind: settings.http.bind,
            names: settings.http.hosts.clone(),
        },
        token: None,
        started: jiff::Timestamp::now().to_string(),
        listeners: Listeners::until(Stop::never()),
        acting: None,
        posting: None,
        shown: Shown::default(),
        process,
    });
    let patience = service::Patience::default();
    tokio::spawn(service::serve(listener, router, patience, stop.clone()));
    Ok(())
}
