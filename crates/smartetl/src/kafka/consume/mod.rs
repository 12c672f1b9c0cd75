//! Consumers: any number of processes share the partitions; each stores what comes in batches, with its offsets, in one
//! transaction.
//!
//! A session is one membership in the group. Whatever goes wrong ends it: what was not committed is forgotten, and the next session
//! reads it again from where PostgreSQL says. So a database that is away, a partition that somebody else has, and a
//! consumer that slept through a rebalance are all the same case.

mod batch;
mod commit;
mod counters;
mod dead;
mod dry;
mod foreign;
mod group;
mod presence;
mod session;
mod state;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use smartetl_formats::Settings;
use sqlx::PgPool;
use tokio::sync::Notify;

use super::client::Kafka;
use super::is_final;
use super::topics::Topics;
use crate::errors::is_overtaken;
use crate::ingest::Writer;
use crate::pulse::Pulse;
use crate::stop::Stop;
pub use counters::Counters;
use dead::DeadLetters;
pub use dry::dry_run;
pub use presence::Presence;

/// How long to wait after a session that failed, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(15);
/// After trouble: how often it is looked whether batches are stored again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What consumers are given.
#[derive(Clone)]
pub struct Options {
    pub kafka: Kafka,
    pub topics: Topics,
    pub partitions: u8,
    pub group: String,
    pub pool: PgPool,
    pub configuration_hash: i64,
    /// A batch is committed at so many messages, …
    pub batch_messages: usize,
    /// … or when its first message is so old.
    pub linger: Duration,
    /// How messages are read that smartETL did not send; as its own where it is left out.
    pub foreign: Option<Arc<Settings>>,
    /// Go on where Kafka has deleted messages that were not stored.
    pub accept_loss: bool,
    /// Shows whether it gets on.
    pub pulse: Arc<Pulse>,
}

/// What a consumer tells while it goes on.
pub trait Told: Send + Sync {
    /// A session ended, and why; the next one begins after a pause.
    fn trouble(&self, error: &anyhow::Error);
    /// Batches are stored again.
    fn recovered(&self);
}

/// Stores what comes, until it is asked to stop. `stored` is notified after every batch.
///
/// # Errors
/// When going on would not help: a topic that was made anew, messages that Kafka deleted before they were stored, no right to
/// read.
pub async fn consume(
    options: Options,
    counters: Arc<Counters>,
    stored: Arc<Notify>,
    told: Arc<dyn Told>,
    stop: Stop,
) -> anyhow::Result<()> {
    let mut pause = FIRST_PAUSE;
    let mut is_troubled = false;
    loop {
        options.pulse.beat();
        let before = counters.batches.load(Ordering::Relaxed);
        let mut session = std::pin::pin!(one_session(&options, &counters, &stored, &stop));
        let ended = loop {
            tokio::select! {
                ended = &mut session => break ended,
                () = tokio::time::sleep(LOOK_EVERY), if is_troubled || pause > FIRST_PAUSE => {
                    if counters.batches.load(Ordering::Relaxed) > before {
                        pause = FIRST_PAUSE;
                        if std::mem::take(&mut is_troubled) {
                            told.recovered();
                        }
                    }
                }
            }
        };
        let error = match ended {
            Ok(()) => return Ok(()),
            Err(error) if is_final(&error) => {
                counters.note_error(&error);
                return Err(error);
            }
            Err(error) => error,
        };
        counters.set_connected(false);
        // That another consumer has a partition is what groups are for.
        if is_overtaken(&error) {
            tracing::info!("a partition is with another consumer: {error:#}");
        } else {
            counters.note_error(&error);
            if !std::mem::replace(&mut is_troubled, true) {
                told.trouble(&error);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.clone().wait() => return Ok(()),
        }
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

async fn one_session(
    options: &Options,
    counters: &Arc<Counters>,
    stored: &Arc<Notify>,
    stop: &Stop,
) -> anyhow::Result<()> {
    // A database that is away is found out here, before partitions are taken from others.
    sqlx::query("SELECT 1").execute(&options.pool).await?;
    let names = options.topics.all();
    tokio::select! {
        prepared = options.kafka.prepare(&names, options.partitions) => prepared?,
        _ = stop.clone().wait() => return Ok(()),
    };
    // Brokers that keep less than what is stored are others, or were emptied: nothing of theirs may be taken for what comes next.
    tokio::select! {
        ends = options.kafka.ends_of_stored(&options.pool, &names) => ends.map(drop)?,
        _ = stop.clone().wait() => return Ok(()),
    }
    let ingredients = session::Ingredients {
        options: options.clone(),
        writer: Writer::new(options.pool.clone(), 1),
        dead: DeadLetters::new(&options.kafka, &options.topics).await?,
        counters: Arc::clone(counters),
        stored: Arc::clone(stored),
        stop: stop.clone(),
    };
    // A thread of its own: the library calls back in the thread that polls, and the answers wait for the database.
    let (over, ended) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new()
        .name("kafka-consumer".to_owned())
        .spawn(move || {
            // Nobody waits any more where the program ends.
            let _ = over.send(session::run(ingredients, runtime));
        })?;
    ended.await.unwrap_or_else(|_| {
        Err(anyhow::anyhow!(
            "the thread that reads from Kafka ended unexpectedly"
        ))
    })
}
