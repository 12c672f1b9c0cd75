//! What changed, as it changes: for pages that stay open.
//!
//! Whoever writes may be another process, so the tables are asked: once a second for all who listen, and by nobody while nobody does.

use super::access::who;
use super::asked::Asked;
use super::problem::{Problems, Wrong};
use super::run::{LangAsked, LangParams};
use crate::service::{Problem, Service};
use crate::stop::Stop;
use crate::wire::At;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Serialize;
use smartetl_store::facts::{News, news};
use sqlx::PgPool;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, interval_at};
use utoipa::ToSchema;

const EACH: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Of all connections: the others are for questions.
const MOST_LISTENERS: usize = 100;

/// By which a browser says what it heard last.
const LAST: &str = "last-event-id";

/// Who hears what changed.
#[derive(Clone, Debug)]
pub struct Listeners {
    /// `None` while nobody listens.
    heard: Arc<Mutex<Option<watch::Sender<News>>>>,
    stop: Stop,
}

/// Something changed: runs, issues, jobs, sources, tasks, or what people say of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    /// The clock of the last fuse, and when it was; null before the first one.
    as_of: Option<At>,
    fused_at: Option<At>,
    /// Runs that the last fuse wrote.
    runs: i64,
    /// The newest batch that is stored; 0 before the first one.
    batch: i64,
}

/// What changed, as it changes (server-sent events): `changed` at most once a second, a comment every 15 seconds. Who comes back and
/// says which event was the last one hears at once whether something changed meanwhile.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "about",
    params(LangParams),
    responses((status = 200, description = "Events named `changed`; this is their data", body = Changed, content_type = "text/event-stream"), Problems)
)]
pub async fn events(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    asked.reader.is_json()?;
    let mut heard = service.listeners.join(&service.pool).await?;
    let known = headers.get(LAST).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known != name(&heard.borrow_and_update())) {
        heard.mark_changed();
    }
    let stop = service.listeners.stop.clone();
    let asked_again = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    let asker = (service, headers);
    let listener = (heard, stop, asked_again, asker);
    let stream = unfold(listener, async |(mut heard, stop, mut again, asker)| {
        loop {
            tokio::select! {
                changed = heard.changed() => changed.ok()?,
                _ = stop.clone().wait() => return None,
                _ = again.tick() => {
                    if is_stranger(&asker.0, &asker.1).await {
                        return None;
                    }
                    continue;
                }
            }
            let event = event(&heard.borrow_and_update());
            return Some((Ok::<Event, Infallible>(event), (heard, stop, again, asker)));
        }
    });
    let beat = KeepAlive::new().interval(HEARTBEAT);
    Ok(Sse::new(stream).keep_alive(beat).into_response())
}

/// Whoever listens may have lost their account meanwhile, or logged out.
async fn is_stranger(service: &Service, headers: &HeaderMap) -> bool {
    matches!(who(service, headers).await, Ok(None))
}

impl Listeners {
    /// Until `stop` is asked for.
    pub fn until(stop: Stop) -> Self {
        Self {
            heard: Arc::default(),
            stop,
        }
    }

    async fn join(&self, pool: &PgPool) -> Result<watch::Receiver<News>, Problem> {
        let mut slot = self.heard.lock().await;
        if let Some(sender) = slot.as_ref() {
            if sender.receiver_count() >= MOST_LISTENERS {
                return Err(Problem::Api(Wrong::Crowded));
            }
            return Ok(sender.subscribe());
        }
        let now = news(&mut *pool.acquire().await?).await?;
        let (sender, receiver) = watch::channel(now);
        *slot = Some(sender);
        tokio::spawn(look(Arc::clone(&self.heard), pool.clone()));
        Ok(receiver)
    }
}

/// Asks the tables while somebody listens. A database that does not answer for a while only delays what is told.
async fn look(heard: Arc<Mutex<Option<watch::Sender<News>>>>, pool: PgPool) {
    loop {
        tokio::time::sleep(EACH).await;
        let now = match pool.acquire().await {
            Ok(mut connection) => news(&mut connection).await.ok(),
            Err(_) => None,
        };
        let mut slot = heard.lock().await;
        let Some(sender) = slot.as_ref().filter(|sender| !sender.is_closed()) else {
            *slot = None;
            return;
        };
        if let Some(now) = now {
            sender.send_if_modified(|before| {
                let is_new = *before != now;
                *before = now;
                is_new
            });
        }
    }
}

fn name(news: &News) -> String {
    let fused_us = news.fuse.map_or(0, |fuse| fuse.fused_at.0);
    let News {
        fuse: _,
        batch,
        batches,
        act,
        said,
        jobs,
        tasks,
        pruned,
    } = news;
    format!("{fused_us}-{batch}-{batches}-{act}-{said}-{jobs}-{tasks}-{pruned}")
}

fn event(news: &News) -> Event {
    let shown = |at| At::shown(at);
    let data = Changed {
        as_of: news.fuse.and_then(|fuse| shown(fuse.as_of)),
        fused_at: news.fuse.and_then(|fuse| shown(fuse.fused_at)),
        runs: news.fuse.map_or(0, |fuse| fuse.runs),
        batch: news.batch,
    };
    let data = serde_json::to_string(&data).unwrap_or_default();
    Event::default().event("changed").id(name(news)).data(data)
}
