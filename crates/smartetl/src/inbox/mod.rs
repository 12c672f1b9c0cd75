//! What is posted over HTTP, on its way into the tables.
//!
//! Nobody is answered before the rows are committed, and a commit for each request would be slow: whatever is posted within some
//! milliseconds is committed together. What was posted under a key is remembered in the same transaction, so that posting it
//! again changes nothing. What waits is bounded; more is refused.

mod commit;
mod form;
mod key;
mod news;
mod receipt;
mod room;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use smartetl_formats::{MessageReader, Plan, Settings};
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use commit::Committer;
use form::EVENTS;
pub use form::{Form, OURS};
pub use key::Key;
pub use news::{News, Posts};
pub use receipt::{Receipt, Rejected};
pub use room::{Room, Taken};

/// How long what is posted waits for others that are committed with it.
const LINGER: Duration = Duration::from_millis(20);
/// So much is committed together, bytes of bodies …
const BATCH_BYTES: usize = 16 << 20;
/// … and requests.
const BATCH_POSTS: usize = 4096;
/// What waits may hold so much, bytes of bodies.
const ROOM_BYTES: usize = 64 << 20;
/// How often keys are forgotten that are too old.
const FORGET_EVERY: Duration = Duration::from_mins(10);

/// The way in which something is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// One event of OpenLineage.
    Lineage,
    /// Rows.
    Logs,
}

impl Way {
    /// What it is called among the sources.
    fn path(self) -> &'static str {
        match self {
            Self::Lineage => "http:lineage",
            Self::Logs => "http:logs",
        }
    }
}

/// Something posted.
pub struct Post {
    pub way: Way,
    pub body: Vec<u8>,
    pub form: Form,
    pub key: Option<Key>,
    /// The room that it takes.
    pub taken: Taken,
}

/// Why nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Something else was posted under its key.
    OtherContent,
    /// The database is away, or cannot take it.
    NotStored,
}

/// What a post came to.
type Answer = Result<Receipt, Refused>;

/// A post that waits to be committed.
struct Waiting {
    post: Post,
    since: Instant,
    answer: oneshot::Sender<Answer>,
}

/// What can be watched.
#[derive(Debug, Default)]
pub struct Counters {
    pub records: AtomicU64,
    pub rejects: AtomicU64,
    /// Posts whose key was known.
    pub repeated: AtomicU64,
    pub commits: AtomicU64,
    pub commits_failed: AtomicU64,
    commit_micros: AtomicU64,
}

impl Counters {
    pub fn commit_seconds(&self) -> f64 {
        self.commit_micros.load(Ordering::Relaxed) as f64 / 1e6
    }
}

/// Takes what is posted.
#[derive(Clone)]
pub struct Inbox {
    waiting: mpsc::UnboundedSender<Waiting>,
    pub room: Room,
    pub counters: Arc<Counters>,
}

impl Inbox {
    /// `settings`: how events are read. `posts` hears what is stored. The pool needs two connections.
    ///
    /// # Errors
    /// When events cannot be read with these settings.
    pub fn open(
        pool: PgPool,
        configuration_hash: i64,
        settings: &Settings,
        posts: Arc<Posts>,
    ) -> anyhow::Result<Self> {
        let settings = Settings {
            dialect: Some(EVENTS.to_owned()),
            ..settings.clone()
        };
        let plan = Plan::of_messages(&settings)?.context("the dialect reads no messages")?;
        let events = MessageReader::open(&plan, &settings)?;
        let (waiting, queue) = mpsc::unbounded_channel();
        let counters = Arc::<Counters>::default();
        let told = (Arc::clone(&counters), posts);
        let committer = Committer::new(pool.clone(), configuration_hash, events, told);
        tokio::spawn(run(queue, committer));
        tokio::spawn(forget(pool));
        Ok(Self {
            waiting,
            room: Room::new(ROOM_BYTES),
            counters,
        })
    }

    /// Waits until it is committed.
    ///
    /// # Errors
    /// When nothing of it is stored; where the connection broke in the middle of a commit, it may be stored all the same:
    /// posting it again under its key tells.
    pub async fn post(&self, post: Post) -> Answer {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            post,
            since: Instant::now(),
            answer,
        };
        if self.waiting.send(waiting).is_err() {
            return Err(Refused::NotStored);
        }
        answered.await.unwrap_or(Err(Refused::NotStored))
    }
}

/// Commits what waits, together, until nobody can post any more.
async fn run(mut queue: mpsc::UnboundedReceiver<Waiting>, mut committer: Committer) {
    while let Some(first) = queue.recv().await {
        let due = first.since + LINGER;
        let mut bytes = first.post.body.len();
        let mut together = vec![first];
        while bytes < BATCH_BYTES && together.len() < BATCH_POSTS {
            // Those that came while the commit before went on are there already.
            let next = match queue.try_recv() {
                Ok(next) => Ok(Some(next)),
                Err(_) => tokio::time::timeout_at(due.into(), queue.recv()).await,
            };
            let Ok(Some(next)) = next else { break };
            bytes += next.post.body.len();
            together.push(next);
        }
        committer.commit(together).await;
    }
}

/// Forgets old keys now and then. Where the database is away, later.
async fn forget(pool: PgPool) {
    while !pool.is_closed() {
        let forgotten = async {
            let mut connection = pool.acquire().await?;
            anyhow::Ok(smartetl_store::posted::forget_old(&mut connection).await?)
        };
        if let Err(error) = forgotten.await {
            tracing::debug!("old keys of posts are forgotten later: {error:#}");
        }
        tokio::select! {
            () = tokio::time::sleep(FORGET_EVERY) => {}
            () = pool.close_event() => {}
        }
    }
}
