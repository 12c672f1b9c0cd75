//! The service: is it alive, is it ready, its numbers, and a plain page that says what the night came to.
//!
//! What is posted (`post/`) goes through the inbox; beside it only what people do through the API writes to the database. Nothing that stands in a log may
//! reach a page unescaped, no request may end the process, and who asks for another host's name gets nothing.

pub mod app;
mod consumers;
mod gateway;
mod health;
mod host;
mod metrics;
mod page;
mod post;
mod problem;
mod serve;
mod telemetry;

pub use gateway::is_machine_of_container;
pub use host::{Hosts, is_asked_here, is_own_page};
pub use page::language;
pub use post::Posting;
use post::Refusal;
pub use post::read_off;
pub use problem::{Problem, shortened};
pub use serve::{Lasting, Patience, Peer, serve};
pub use telemetry::Telemetry;

use crate::api::{self, Acting, Listeners, Token, Wrong};
use crate::config::Shown;
use crate::kafka::consume::Presence;
use crate::night::Lang;
use crate::pulse::Pulse;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post as posted};
use host::Refused;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any answer should take.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// The same of a post: it has to be sent and stored.
const LONGEST_POST: Duration = Duration::from_mins(1);

/// The same of a change, behind which runs may have to be folded again.
const LONGEST_ACT: Duration = Duration::from_mins(2);

/// The same of a file that is sent, over a slow line; who says nothing for a while is not waited for.
const LONGEST_UPLOAD: Duration = Duration::from_hours(2);
const UPLOADS: &str = "/api/v1/uploads";

/// Where nothing says what a page may do, it may do nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Said with every answer about simulated data.
const DEMO: HeaderName = HeaderName::from_static("smartetl-demo");

/// No page of others gets hold of ours, or of an answer.
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What the service needs to answer.
#[derive(Clone, Debug)]
pub struct Service {
    /// Connections that only read.
    pub pool: PgPool,
    pub telemetry: Arc<Telemetry>,
    /// Of the loop that this process is there for.
    pub pulse: Arc<Pulse>,
    pub zone: jiff::tz::TimeZone,
    /// The local time at which a business day begins.
    pub border: jiff::civil::Time,
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
    /// The flag that leads a command to this database, with a blank before it; empty where none is needed.
    pub folder: String,
    pub hosts: Hosts,
    /// Whoever asks from elsewhere must say it; `None` where everybody may ask.
    pub token: Option<Token>,
    /// When this process began, for what only it knows.
    pub started: String,
    /// Who hears what changed.
    pub listeners: Listeners,
    /// What it takes to change something; `None` where this process changes nothing.
    pub acting: Option<Acting>,
    /// Where posts go; none are taken where it is absent.
    pub posting: Option<Posting>,
    /// The settings, without secrets.
    pub shown: Shown,
    pub process: Process,
}

/// What this process is to whoever asks it.
#[derive(Clone, Debug)]
pub enum Process {
    /// It has pages, and the API.
    Pages,
    /// It stores what comes through Kafka.
    Consumer(Arc<Presence>),
    /// It sends to Kafka what it reads.
    Producer,
}

/// All addresses, and whether they are posted to.
const ROUTES: [(&str, bool); 7] = [
    ("/", false),
    ("/login", true),
    ("/livez", false),
    ("/readyz", false),
    ("/metrics", false),
    ("/api/v1/lineage", true),
    ("/api/v1/logs", true),
];

/// All routes.
pub fn router(service: Service) -> Router {
    let service = Arc::new(service);
    let router = match service.process {
        Process::Pages => Router::new()
            .route("/", get(page::status))
            .route("/api/docs", get(page::docs))
            .route_layer(middleware::from_fn_with_state(
                Arc::clone(&service),
                api::check_page,
            ))
            .route("/login", posted(page::login))
            .route("/api/v1/lineage", posted(post::lineage))
            .route("/api/v1/logs", posted(post::logs))
            // Bodies have limits of their own.
            .layer(DefaultBodyLimit::disable())
            .merge(app::router())
            .merge(api::router(&service)),
        Process::Consumer(_) | Process::Producer => Router::new(),
    };
    router
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .fallback(|| async { Problem::NotFound })
        .layer(middleware::from_fn_with_state(Arc::clone(&service), around))
        .with_state(service)
}

/// Around every request: only for our names, only the right methods, an end to each answer, headers, counting.
async fn around(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with(api::ROOT);
    let known = ROUTES.into_iter().find(|(route, _)| *route == path);
    let matched = request.extensions().get::<MatchedPath>();
    // What is asked for without end must not be counted without end.
    let route = matched.map_or("other", MatchedPath::as_str).to_owned();
    let is_posted = known.is_some_and(|(_, is_posted)| is_posted);
    let is_upload = route == UPLOADS && *request.method() == Method::POST;
    let is_act = !is_posted && !request.method().is_safe();
    let is_method = match (known, request.method()) {
        // What is posted to nowhere is told that there is nothing.
        (None, &Method::POST) if matched.is_none() => true,
        // The route itself knows.
        (None, _) if matched.is_some() => true,
        (_, &Method::POST) => is_posted,
        (_, &Method::GET | &Method::HEAD) => !is_posted,
        _ => false,
    };
    let lang = language(request.uri(), request.headers(), service.lang);
    // What posts may well say that it takes pages: HttpURLConnection of Java does.
    let browser = !is_api && problem::is_browser(request.headers());
    let mut response = match service.hosts.check(&request) {
        Err(Refused::Unclear) => Problem::NoHost.into_response(),
        Err(Refused::Foreign(host)) => Problem::ForeignHost(host).into_response(),
        Ok(()) if !is_method => Problem::Method.into_response(),
        Ok(()) => {
            let longest = match (is_posted, is_act) {
                _ if is_upload => LONGEST_UPLOAD,
                (true, _) => LONGEST_POST,
                (_, true) => LONGEST_ACT,
                _ => LONGEST_ANSWER,
            };
            match tokio::time::timeout(longest, next.run(request)).await {
                Ok(response) => response,
                Err(_) if is_posted => Problem::Post(Refusal::NotStored).into_response(),
                Err(_) => Problem::Timeout.into_response(),
            }
        }
    };
    let allowed = response.headers_mut().remove(header::ALLOW);
    let problem = response.extensions_mut().remove::<Problem>();
    let is_wrong_method = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let problem = problem.or(is_wrong_method.then_some(Problem::Method));
    if let Some(problem) = problem {
        response = match &problem {
            problem if !browser => problem.json(lang),
            // Whoever may not look yet is asked who they are.
            Problem::Api(Wrong::Token) => page::ask_who(&service, lang, None),
            problem if route == "/login" => page::ask_who(&service, lang, Some(problem)),
            problem => page::problem(&service, lang, problem),
        };
    }
    if is_wrong_method {
        let said = allowed.as_ref().and_then(|allowed| allowed.to_str().ok());
        let said = said.map(|said| said.split(',').collect::<Vec<_>>().join(", "));
        let said = said.and_then(|said| HeaderValue::from_str(&said).ok());
        let usual = HeaderValue::from_static(if is_posted { "POST" } else { "GET, HEAD" });
        response
            .headers_mut()
            .insert(header::ALLOW, said.unwrap_or(usual));
    }
    service
        .telemetry
        .count_request(route, response.status().as_u16());
    let headers = [
        (
            header::SERVER,
            concat!("smartetl/", env!("CARGO_PKG_VERSION")),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (OPENER, "same-origin"),
        (RESOURCE, "same-origin"),
    ];
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        let usual = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(usual);
    }
    let demo = service.demo.then_some([(DEMO, "true")]);
    (headers, demo, response).into_response()
}
