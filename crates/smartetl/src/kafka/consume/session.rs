//! One membership in the group: polls, takes messages, commits batches, one while the next is being read.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{ClientConfig, Offset};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::super::client::{ANSWER, NOT_READ};
use super::super::topics::made_anew;
use super::dead::DeadLetters;
use super::group::{Consumer, Group, commit_to_kafka};
use super::state::{State, Target};
use super::{Counters, Options};
use crate::errors::{ErrorCode, Failure};
use crate::ingest::Writer;
use crate::stop::Stop;

/// How long a poll waits at most: a stop is seen after this time.
pub(super) const POLL: Duration = Duration::from_millis(100);
/// While a commit is waited for.
const SHORT_POLL: Duration = Duration::from_millis(5);
/// So many messages are taken before anything else is looked at.
const AT_ONCE: usize = 200;
/// How long a full batch waits for the one before until partitions are paused: a pause throws away what was fetched in advance, and
/// it is fetched once more.
const UNTIL_PAUSED: Duration = Duration::from_secs(1);

/// What a session is made of.
pub(super) struct Ingredients {
    pub(super) options: Options,
    pub(super) writer: Writer,
    pub(super) dead: DeadLetters,
    pub(super) counters: Arc<Counters>,
    pub(super) stored: Arc<Notify>,
    pub(super) stop: Stop,
}

/// Runs until it is asked to stop: then what was read is stored.
///
/// # Errors
/// When anything fails; what was not committed is to be read again.
pub(super) fn run(ingredients: Ingredients, runtime: Handle) -> anyhow::Result<()> {
    let Ingredients {
        options,
        writer,
        dead,
        counters,
        stored,
        stop,
    } = ingredients;
    let connected = Arc::clone(&counters);
    let target = Target::Tables(writer, dead);
    let state = State::new(options.clone(), runtime, target, counters, stored);
    let consumer: Consumer = config(&options)
        .create_with_context(Group::new(state))
        .map_err(|error| options.kafka.failure(NOT_READ, &error))?;
    let cluster = cluster_of(&consumer)?;
    consumer.context().state().of_cluster(cluster);
    consumer
        .subscribe(&options.topics.of_rows())
        .map_err(|error| {
            options.kafka.failure(
                ["cannot read the topics", "les topics ne peuvent être lus"],
                &error,
            )
        })?;
    connected.set_connected(true);
    let ended = poll(&consumer, &options, &stop);
    if ended.is_err() {
        // What is in the making must not be stored by the callback of the farewell.
        consumer.context().state().forget();
    }
    consumer.unsubscribe();
    connected.let_all_go();
    ended
}

/// How messages are read.
pub(super) fn config(options: &Options) -> ClientConfig {
    options.kafka.with(&[
        ("group.id", options.group.as_str()),
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("partition.assignment.strategy", "cooperative-sticky"),
        // Where a partition begins is said by us; an offset that is not there is an error.
        ("auto.offset.reset", "error"),
        ("isolation.level", "read_committed"),
        ("enable.partition.eof", "true"),
        ("session.timeout.ms", "15000"),
        ("heartbeat.interval.ms", "2000"),
        ("max.poll.interval.ms", "120000"),
        // Compressed: what it holds is ten times that, for each partition. A longer message comes alone.
        ("fetch.message.max.bytes", "1048576"),
        ("fetch.queue.backoff.ms", "10"),
        ("queued.max.messages.kbytes", "32768"),
        ("receive.message.max.bytes", "200000000"),
        // Says where partitions end.
        ("statistics.interval.ms", "1000"),
    ])
}

pub(super) fn cluster_of(consumer: &Consumer) -> anyhow::Result<String> {
    consumer
        .client()
        .fetch_cluster_id(ANSWER)
        .context("the brokers do not say which cluster they are")
}

fn poll(consumer: &Consumer, options: &Options, stop: &Stop) -> anyhow::Result<()> {
    loop {
        options.pulse.beat();
        let wait = {
            let mut state = consumer.context().state();
            state.look_at_commit();
            commit_to_kafka(consumer, &mut state);
            if let Some(error) = state.failure() {
                return Err(error);
            }
            if stop.asked().is_some() {
                state.flush();
                commit_to_kafka(consumer, &mut state);
                return state.failure().map_or(Ok(()), Err);
            }
            if state.is_full() && state.is_committing() {
                state.wait_for_commit(UNTIL_PAUSED);
                // What comes behind a batch that is not stored is not stored either.
                if let Some(error) = state.failure() {
                    return Err(error);
                }
            }
            if state.is_due() && !state.is_committing() {
                state.begin_commit();
            }
            let must_wait = state.is_full() && state.is_committing();
            let time_left = state.time_left();
            let wait = if state.is_committing() {
                SHORT_POLL
            } else {
                time_left.unwrap_or(POLL).min(POLL)
            };
            let changes = must_wait != state.is_paused;
            state.is_paused = must_wait;
            drop(state);
            if changes {
                pause(consumer, must_wait)?;
            }
            wait
        };
        take(consumer, options, wait)?;
    }
}

/// Waits for a message, and takes it with those that are there already.
fn take(consumer: &Consumer, options: &Options, mut wait: Duration) -> anyhow::Result<()> {
    for _ in 0..AT_ONCE {
        match consumer.poll(wait) {
            None => break,
            Some(Ok(message)) => {
                let mut state = consumer.context().state();
                state.take(&message)?;
                if state.is_full() {
                    break;
                }
            }
            Some(Err(KafkaError::PartitionEOF(number))) => pass_markers(consumer, number)?,
            Some(Err(error)) => judge(consumer, options, &error)?,
        }
        wait = Duration::ZERO;
    }
    Ok(())
}

/// Partitions of this number may have come to their end: behind their last message stand markers of transactions, and what was
/// aborted. The library does not hand these over; its position says that it is behind them.
fn pass_markers(consumer: &Consumer, number: i32) -> anyhow::Result<()> {
    let positions = consumer.position()?;
    let mut state = consumer.context().state();
    for position in positions.elements() {
        if let Offset::Offset(next) = position.offset()
            && position.partition() == number
        {
            state.pass(position.topic(), number, next);
        }
    }
    Ok(())
}

/// Stops or goes on to fetch: the database is slower than Kafka. Polling goes on in either case, so that the group sees us alive.
fn pause(consumer: &Consumer, wanted: bool) -> anyhow::Result<()> {
    let assignment = consumer.assignment()?;
    if wanted {
        consumer.pause(&assignment)?;
    } else {
        consumer.resume(&assignment)?;
    }
    Ok(())
}

/// What an error of the library means: brokers come back by themselves; an offset that is not there does not.
pub(super) fn judge(
    consumer: &Consumer,
    options: &Options,
    error: &KafkaError,
) -> anyhow::Result<()> {
    match error.rdkafka_error_code() {
        // The next session begins behind the gap.
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange)
            if options.accept_loss =>
        {
            Err(anyhow::anyhow!(
                "messages were deleted before they were stored"
            ))
        }
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
            Err(out_of_range(consumer, options).into())
        }
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::BadMessage
            | RDKafkaErrorCode::BadCompression
            | RDKafkaErrorCode::NotImplemented
            | RDKafkaErrorCode::Fatal,
        ) => Err(options.kafka.failure(NOT_READ, error).into()),
        _ => {
            tracing::debug!("Kafka: {error}");
            Ok(())
        }
    }
}

/// Which partition stands where its topic does not reach.
fn out_of_range(consumer: &Consumer, options: &Options) -> Failure {
    let state = consumer.context().state();
    for (topic, partition, next) in state.partitions() {
        let (low, high) = match consumer.fetch_watermarks(topic, partition, ANSWER) {
            Ok(marks) => marks,
            Err(error) => return options.kafka.failure(NOT_READ, &error),
        };
        let place = options.kafka.place_of(topic, partition);
        if next > high {
            return made_anew(&place, next, high);
        }
        if next < low {
            let (lost, last) = (low - next, low - 1);
            let what = [
                format!(
                    "{lost} messages were deleted by Kafka before they were stored (offsets {next} to {last})"
                ),
                format!(
                    "Kafka a supprimé {lost} messages avant leur enregistrement (positions {next} à {last})"
                ),
            ];
            return Failure::new(ErrorCode::KafkaTopic, what).at(place).hint([
                "give the topic a longer retention; `smartetl consume --accept-loss` goes on behind the gap",
                "donnez au topic une rétention plus longue\u{a0}; `smartetl consume --accept-loss` continue derrière la lacune",
            ]);
        }
    }
    let what = [
        "a partition could not be read from where it was left",
        "une partition n’a pu être lue là où elle avait été laissée",
    ];
    Failure::new(ErrorCode::KafkaUnreachable, what)
}
