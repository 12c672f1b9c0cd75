//! The service: is it alive, is it ready, its numbers, and a plain page that says what the night came to.
//!
//! Answers GET and HEAD only and never writes to the database. Nothing that stands in a log may reach a page
//! unescaped, and no request may end the process.

mod health;
mod metrics;
mod page;
mod problem;
mod telemetry;

pub use telemetry::Telemetry;

use crate::night::Lang;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use problem::Problem;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any answer should take.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// Said with every answer about simulated data.
const DEMO: HeaderName = HeaderName::from_static("smartetl-demo");

/// What the service needs to answer.
#[derive(Clone, Debug)]
pub struct Service {
    /// Connections that only read.
    pub pool: PgPool,
    pub telemetry: Arc<Telemetry>,
    pub zone: jiff::tz::TimeZone,
    /// Where a browser says nothing.
    pub lang: Lang,
    /// The data is simulated.
    pub demo: bool,
    /// The day to show where nobody asks for one; the newest where it is absent.
    pub day: Option<jiff::civil::Date>,
    /// What is watched, as it is shown.
    pub watched: Vec<String>,
    /// Runs are made by `smartetl fuse` only.
    pub scheduled: bool,
}

/// All routes.
pub fn router(service: Service) -> Router {
    let service = Arc::new(service);
    Router::new()
        .route("/", get(page::status))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .fallback(|| async {
            Problem::not_found("there is nothing at this address; the status page is at /")
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&service), around))
        .with_state(service)
}

/// Around every request: only reading methods, an end to each answer, headers, counting.
async fn around(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let known = ["/", "/livez", "/readyz", "/metrics"];
    let route = known
        .into_iter()
        .find(|route| *route == request.uri().path())
        .unwrap_or("other");
    let mut response = if matches!(*request.method(), Method::GET | Method::HEAD) {
        match tokio::time::timeout(LONGEST_ANSWER, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::timeout().into_response(),
        }
    } else {
        Problem::method_not_allowed().into_response()
    };
    service
        .telemetry
        .count_request(route, response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert(
        header::SERVER,
        HeaderValue::from_static(concat!("smartetl/", env!("CARGO_PKG_VERSION"))),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if service.demo {
        headers.insert(DEMO, HeaderValue::from_static("true"));
    }
    response
}
