//! The same consumer into nothing: what is in the topics is read, decoded and encoded as ever, and let go of.
//!
//! It joins no group, so that it takes no partition from those that store, and only reads in the database.

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tokio::runtime::Handle;

use super::super::client::NOT_READ;
use super::super::topics::End;
use super::group::{Consumer, Group};
use super::session::{POLL, cluster_of, config, judge};
use super::state::{State, Target};
use super::{Counters, Options};
use crate::stop::Stop;

/// Counts what would be stored of what is in the topics now.
///
/// # Errors
/// When no broker answers, a topic is not there, or the database is gone.
pub async fn dry_run(options: Options, counters: Arc<Counters>, stop: Stop) -> anyhow::Result<()> {
    for topic in options.topics.of_rows() {
        let ends = options
            .kafka
            .ends_of_stored(&options.pool, &[topic])
            .await?;
        let (options, topic) = (options.clone(), topic.to_owned());
        let (counters, stop) = (Arc::clone(&counters), stop.clone());
        let runtime = Handle::current();
        let read = move || {
            let state = State::new(
                options.clone(),
                runtime,
                Target::Nowhere,
                counters,
                Arc::default(),
            );
            read(state, &options, &topic, &ends, &stop)
        };
        tokio::task::spawn_blocking(read).await??;
    }
    Ok(())
}

/// Reads one topic: the library says which partition came to its end, and not of which topic.
fn read(
    state: State,
    options: &Options,
    topic: &str,
    ends: &[End],
    stop: &Stop,
) -> anyhow::Result<()> {
    let failure = |error| options.kafka.failure(NOT_READ, &error);
    let consumer: Consumer = config(options)
        .create_with_context(Group::new(state))
        .map_err(failure)?;
    let cluster = cluster_of(&consumer)?;
    let mut state = consumer.context().state();
    state.of_cluster(cluster);
    let mut awaited = BTreeMap::new();
    let mut places = TopicPartitionList::new();
    for end in ends {
        let next = state.assign(topic, end.number)?;
        let from = match next {
            next if options.accept_loss => next.max(end.first),
            // Nothing was stored of it: nothing is missing before what is there.
            0 => end.first,
            next => next,
        };
        if from < end.end {
            awaited.insert(end.number, end.end);
            places
                .add_partition_offset(topic, end.number, Offset::Offset(from))
                .map_err(failure)?;
        }
    }
    drop(state);
    consumer.assign(&places).map_err(failure)?;
    while !awaited.is_empty() && stop.asked().is_none() {
        match consumer.poll(POLL) {
            None => {}
            Some(Ok(message)) => {
                let end = awaited.get(&message.partition()).copied().unwrap_or(0);
                if message.offset() < end {
                    let mut state = consumer.context().state();
                    state.take(&message)?;
                    if state.is_full() {
                        state.begin_commit();
                    }
                }
                if message.offset() + 1 >= end {
                    awaited.remove(&message.partition());
                }
            }
            Some(Err(KafkaError::PartitionEOF(number))) => {
                awaited.remove(&number);
            }
            Some(Err(error)) => judge(&consumer, options, &error)?,
        }
    }
    consumer.context().state().begin_commit();
    Ok(())
}
