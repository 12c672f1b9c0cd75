//! The same consumer into nothing: what is in the topics is read, decoded and encoded as ever, and let go of.
//!
//! It joins no group, so that it takes no partition from those that store, and only reads in the database.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::super::client::NOT_READ;
use super::super::topics::End;
use super::group::{Consumer, Group};
use super::session::{POLL, cluster_of, config, judge};
use super::state::{State, Target};
use super::{Counters, Options};
use crate::stop::Stop;

/// Kilobytes that a partition's reader fetches in advance.
const IN_ADVANCE_KB: &str = "16384";

/// Counts what would be stored of what is in the topics now. Partitions have nothing to do with one another: each is read in a thread
/// of its own, as many consumers would share them.
///
/// # Errors
/// When no broker answers, a topic is not there, or the database is gone.
pub async fn dry_run(options: Options, counters: Arc<Counters>, stop: Stop) -> anyhow::Result<()> {
    let mut partitions = Vec::new();
    for topic in options.topics.of_rows() {
        let ends = options
            .kafka
            .ends_of_stored(&options.pool, &[topic])
            .await?;
        partitions.extend(ends);
    }
    // The longest is taken first.
    partitions.sort_by_key(|end| end.end - end.first);
    let readers = partitions.len().min(readers());
    let partitions = Arc::new(Mutex::new(partitions));
    let mut reading = JoinSet::new();
    for _ in 0..readers {
        let (options, runtime) = (options.clone(), Handle::current());
        let (counters, stop) = (Arc::clone(&counters), stop.clone());
        let partitions = Arc::clone(&partitions);
        reading.spawn_blocking(move || {
            let next = || {
                let mut left = partitions.lock().unwrap_or_else(PoisonError::into_inner);
                left.pop()
            };
            while let Some(end) = next() {
                let (counters, runtime) = (Arc::clone(&counters), runtime.clone());
                let target = Target::Nowhere;
                let state = State::new(options.clone(), runtime, target, counters, Arc::default());
                read(state, &options, &end, &stop)?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(read) = reading.join_next().await {
        read??;
    }
    Ok(())
}

/// One more than there are cores, because some wait for the broker.
fn readers() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get) + 1
}

/// Reads one partition up to where it ends now.
fn read(state: State, options: &Options, end: &End, stop: &Stop) -> anyhow::Result<()> {
    let failure = |error| options.kafka.failure(NOT_READ, &error);
    let consumer: Consumer = config(options)
        .set("queued.max.messages.kbytes", IN_ADVANCE_KB)
        .create_with_context(Group::new(state))
        .map_err(failure)?;
    let cluster = cluster_of(&consumer)?;
    let mut state = consumer.context().state();
    state.of_cluster(cluster);
    let from = match state.assign(&end.topic, end.number)? {
        next if options.accept_loss => next.max(end.first),
        // Nothing was stored of it: nothing is missing before what is there.
        0 => end.first,
        next => next,
    };
    drop(state);
    if from >= end.end {
        return Ok(());
    }
    let mut places = TopicPartitionList::new();
    places
        .add_partition_offset(&end.topic, end.number, Offset::Offset(from))
        .map_err(failure)?;
    consumer.assign(&places).map_err(failure)?;
    while stop.asked().is_none() {
        match consumer.poll(POLL) {
            None => {}
            Some(Ok(message)) => {
                if message.offset() < end.end {
                    let mut state = consumer.context().state();
                    state.take(&message)?;
                    if state.is_full() {
                        state.begin_commit();
                    }
                }
                if message.offset() + 1 >= end.end {
                    break;
                }
            }
            // What is left of it are markers.
            Some(Err(KafkaError::PartitionEOF(_))) => break,
            Some(Err(error)) => judge(&consumer, options, &error)?,
        }
    }
    consumer.context().state().begin_commit();
    Ok(())
}
