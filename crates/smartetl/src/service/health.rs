//! `/livez`: the process lives, and does not hang. `/readyz`: the database answers and its tables are those of this version, too.

use super::{Process, Service};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Live {
    service: &'static str,
    version: &'static str,
    status: &'static str,
    demo: bool,
}

pub async fn live(State(service): State<Arc<Service>>) -> Response {
    let (code, status) = match service.pulse.hangs() {
        None => (StatusCode::OK, "alive"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "hung"),
    };
    let live = Live {
        service: "smartetl",
        version: env!("CARGO_PKG_VERSION"),
        status,
        demo: service.demo,
    };
    (code, Json(live)).into_response()
}

/// Why the database is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unready {
    /// It does not answer, and why.
    Database(String),
    /// Its tables are missing, or of another version.
    Tables,
}

/// Whether the database answers and its tables are those of this version.
pub async fn check(pool: &PgPool) -> Result<(), Unready> {
    let asked = tokio::time::timeout(PATIENCE, async {
        let mut connection = pool.acquire().await?;
        let current = smartetl_store::is_current(&mut connection).await;
        Ok::<_, sqlx::Error>(current)
    });
    match asked.await {
        Err(_) => Err(Unready::Database(format!(
            "no answer within {} s",
            PATIENCE.as_secs()
        ))),
        Ok(Err(error)) => Err(Unready::Database(reason(&error))),
        Ok(Ok(Err(error))) => Err(Unready::Database(error.to_string())),
        Ok(Ok(Ok(false))) => Err(Unready::Tables),
        Ok(Ok(Ok(true))) => Ok(()),
    }
}

/// Without addresses and passwords: everybody may read it.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => crate::errors::reason(error),
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no connection became free in time".to_owned(),
        sqlx::Error::PoolClosed => "smartETL is stopping".to_owned(),
        _ => "it cannot be connected to".to_owned(),
    }
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    demo: bool,
    /// The first load is still going on: what is there is not complete.
    loading: bool,
    checks: Vec<Check>,
}

pub async fn ready(State(service): State<Arc<Service>>) -> Response {
    let found = check(&service.pool).await;
    let database = match &found {
        Err(Unready::Database(reason)) => Check {
            name: "database",
            ok: false,
            reason: Some(reason.clone()),
        },
        _ => Check {
            name: "database",
            ok: true,
            reason: None,
        },
    };
    let tables = match &found {
        Ok(()) => Check {
            name: "tables",
            ok: true,
            reason: None,
        },
        Err(Unready::Tables) => {
            let reason =
                "missing, or of another version; `smartetl migrate` brings them to this one";
            Check {
                name: "tables",
                ok: false,
                reason: Some(reason.to_owned()),
            }
        }
        Err(Unready::Database(_)) => Check {
            name: "tables",
            ok: false,
            reason: Some("not known without the database".to_owned()),
        },
    };
    let hangs = service.pulse.hangs();
    let work = Check {
        name: "work",
        ok: hangs.is_none(),
        reason: hangs.map(|still| {
            format!(
                "nothing has moved for {} s: it waits for something that does not come; what this process said before tells where",
                still.as_secs()
            )
        }),
    };
    let mut checks = vec![database, tables, work];
    if let Process::Consumer(consumer) = &service.process {
        let ok = consumer.is_connected();
        let reason = "nothing comes from Kafka at the moment; what this process says tells why";
        checks.push(Check {
            name: "kafka",
            ok,
            reason: (!ok).then(|| reason.to_owned()),
        });
    }
    let (code, status) = if checks.iter().all(|check| check.ok) {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    let loading = service.telemetry.is_loading();
    (
        code,
        Json(Ready {
            status,
            demo: service.demo,
            loading,
            checks,
        }),
    )
        .into_response()
}
