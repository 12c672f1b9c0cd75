//! A process says in the database that it gets on, and what it cannot read: whoever looks from outside notices when it does not.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use smartetl_store::processes::{self, Kind, Process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::myself;
use crate::night::Lang;
use crate::pulse::Pulse;
use crate::service::Telemetry;

const WRITE_EVERY: Duration = Duration::from_mins(1);
/// How often it looks whether something else cannot be read.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long the last line may take: the process wants to end.
const FAREWELL: Duration = Duration::from_secs(2);
/// So many of the paths that cannot be read are told: one is enough to go and look.
const PATHS: usize = 100;

/// This process as others see it.
#[derive(Debug)]
pub struct Alive {
    process: Uuid,
    kind: Kind,
    started_us: i64,
    options: PgConnectOptions,
    pulse: Arc<Pulse>,
    telemetry: Arc<Telemetry>,
    lang: Lang,
}

impl Alive {
    /// `pulse`: nothing is said while it hangs. `telemetry`: what cannot be read. `lang`: in which reasons are told.
    pub fn new(
        kind: Kind,
        options: PgConnectOptions,
        (pulse, telemetry): (Arc<Pulse>, Arc<Telemetry>),
        lang: Lang,
    ) -> Self {
        Self {
            process: myself::name(),
            kind,
            started_us: jiff::Timestamp::now().as_microsecond(),
            options,
            pulse,
            telemetry,
            lang,
        }
    }

    /// Writes every minute, and when other paths cannot be read, until it is dropped. Where that fails, it is tried again.
    pub async fn keep(&self) -> Infallible {
        let mut written: Option<(Instant, Value)> = None;
        loop {
            let unreadable = self.unreadable();
            let is_due = written
                .as_ref()
                .is_none_or(|(at, before)| at.elapsed() >= WRITE_EVERY || *before != unreadable);
            if is_due && self.pulse.hangs().is_none() {
                match self.write(unreadable.clone(), false).await {
                    Ok(()) => written = Some((Instant::now(), unreadable)),
                    Err(error) => {
                        tracing::debug!("the line of this process is not written: {error:#}");
                    }
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Says that it ends now.
    pub async fn end(&self) {
        let last = tokio::time::timeout(FAREWELL, self.write(self.unreadable(), true));
        if let Err(error) = last.await.unwrap_or_else(|late| Err(late.into())) {
            tracing::debug!("the end of this process is not written: {error:#}");
        }
    }

    /// What cannot be read at the moment.
    fn unreadable(&self) -> Value {
        let findings = self.telemetry.findings().into_iter().take(PATHS);
        findings
            .map(|(path, reason)| {
                let reason = reason.text(self.lang);
                // What to do stands on lines of its own.
                let reason = reason.lines().next().unwrap_or_default();
                json!({"path": path, "reason": reason})
            })
            .collect()
    }

    async fn write(&self, unreadable: Value, is_over: bool) -> anyhow::Result<()> {
        let line = Process {
            process: self.process,
            kind: self.kind,
            host: myself::host(),
            pid: std::process::id().cast_signed(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_us: self.started_us,
            unreadable,
            is_over,
        };
        let mut connection = PgConnection::connect_with(&self.options).await?;
        processes::write(&mut connection, &line).await?;
        Ok(connection.close().await?)
    }
}
