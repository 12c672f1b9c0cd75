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
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use commit::{Committer, refuse};
use form::{EVENTS, zone_name};
pub use form::{Form, MOST_RECORDS};
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
    pub body: Arc<[u8]>,
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
    /// It holds more than [`MOST_RECORDS`].
    TooMany,
    /// The server takes it in no company.
    Unacceptable,
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
    /// `settings`: how events are read. `posts` hears what is stored. Gives also what ends when nobody can post any more.
    ///
    /// # Errors
    /// When events cannot be read with these settings.
    pub fn open(
        options: PgConnectOptions,
        configuration_hash: i64,
        settings: &Settings,
        posts: Arc<Posts>,
    ) -> anyhow::Result<(Self, JoinHandle<()>)> {
        let settings = Settings {
            dialect: Some(EVENTS.to_owned()),
            ..settings.clone()
        };
        let plan = Plan::of_messages(&settings)?.context("the dialect reads no messages")?;
        let events = MessageReader::open(&plan, &settings)?;
        let events = (events, zone_name(&settings).to_owned());
        // A lock that is held elsewhere is not waited for longer than senders wait.
        let options = options.options([("lock_timeout", "10s"), ("statement_timeout", "15s")]);
        let (waiting, queue) = mpsc::unbounded_channel();
        let counters = Arc::<Counters>::default();
        let told = (Arc::clone(&counters), posts);
        let committer = Committer::new(options.clone(), configuration_hash, events, told);
        let running = tokio::spawn(async move {
            tokio::select! {
                () = run(queue, committer) => {}
                () = forget(options) => {}
            }
        });
        let inbox = Self {
            waiting,
            room: Room::new(ROOM_BYTES),
            counters,
        };
        Ok((inbox, running))
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
    // What did not fit into the group before.
    let mut held = None;
    loop {
        let first = match held.take() {
            Some(held) => held,
            None => match queue.recv().await {
                Some(first) => first,
                None => return,
            },
        };
        let due = first.since + LINGER;
        let mut bytes = first.post.body.len();
        let mut together = vec![first];
        while together.len() < BATCH_POSTS {
            // Those that came while the commit before went on are there already.
            let next = match queue.try_recv() {
                Ok(next) => Ok(Some(next)),
                Err(_) => tokio::time::timeout_at(due.into(), queue.recv()).await,
            };
            let Ok(Some(next)) = next else { break };
            bytes += next.post.body.len();
            if bytes > BATCH_BYTES {
                held = Some(next);
                break;
            }
            together.push(next);
        }
        if !committer.commit(together).await {
            // The others would wait for as long, one group after the other.
            let waiting = std::iter::from_fn(|| queue.try_recv().ok());
            refuse(held.take().into_iter().chain(waiting), &Refused::NotStored);
        }
    }
}

/// Forgets old keys now and then, for ever. Where the database is away, later.
async fn forget(options: PgConnectOptions) {
    loop {
        let forgotten = async {
            let mut connection = options.connect().await?;
            smartetl_store::posted::forget_old(&mut connection).await?;
            anyhow::Ok(connection.close().await?)
        };
        if let Err(error) = forgotten.await {
            tracing::debug!("old keys of posts are forgotten later: {error:#}");
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}
