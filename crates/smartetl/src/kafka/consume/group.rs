//! Membership in the group: which partitions come and go. The library calls back in the thread that polls.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, Statistics, TopicPartitionList};

use super::super::client::quiet;
use super::Counters;
use super::state::State;

/// What the library calls back.
pub(super) struct Group {
    state: Mutex<State>,
}

pub(super) type Consumer = BaseConsumer<Group>;

impl Group {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
        }
    }

    /// Not to be held while polling.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

quiet!(
    Group,
    fn stats(&self, statistics: Statistics) {
        self.state().counters().note(&statistics);
    }
);

impl ConsumerContext for Group {
    /// Partitions begin where PostgreSQL says, and go when what was read of them is stored.
    fn rebalance(
        &self,
        consumer: &Consumer,
        event: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let mut state = self.state();
        if partitions.count() > 0 {
            Counters::count(&state.counters().rebalances, 1);
        }
        if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let names: Vec<(String, i32)> = named(partitions);
            let mut assigned = TopicPartitionList::new();
            for (topic, partition) in &names {
                let offset = match state.assign(topic, *partition) {
                    Ok(0) => Offset::Beginning,
                    Ok(next) => {
                        Offset::Offset(next.max(state.first_kept(consumer, topic, *partition)))
                    }
                    Err(error) => {
                        state.fail(error);
                        break;
                    }
                };
                if let Err(error) = assigned.add_partition_offset(topic, *partition, offset) {
                    state.fail(error.into());
                    break;
                }
            }
            let is_paused = state.is_paused;
            drop(state);
            let mut taken = consumer.incremental_assign(&assigned);
            if is_paused && taken.is_ok() {
                taken = consumer.pause(&assigned);
            }
            if let Err(error) = taken {
                self.state().fail(error.into());
            }
            return;
        }
        // Where the partitions are lost already, somebody else may have stored these messages: then nothing is stored.
        state.flush();
        for (topic, partition) in named(partitions) {
            state.let_go(&topic, partition);
        }
        commit_to_kafka(consumer, &mut state);
        drop(state);
        // The library remembers a pause beyond the assignment. Where this fails the partition is gone anyway.
        let _ = consumer.resume(partitions);
        if let Err(error) = consumer.incremental_unassign(partitions) {
            self.state().fail(error.into());
        }
    }
}

fn named(partitions: &TopicPartitionList) -> Vec<(String, i32)> {
    let elements = partitions.elements();
    elements
        .iter()
        .map(|element| (element.topic().to_owned(), element.partition()))
        .collect()
}

/// Tells Kafka how far this group is: for tools that show the lag. PostgreSQL is what counts, so it may fail.
pub(super) fn commit_to_kafka(consumer: &Consumer, state: &mut State) {
    let committed = state.committed();
    if committed.is_empty() {
        return;
    }
    let mut offsets = TopicPartitionList::new();
    for moved in committed {
        let offset = Offset::Offset(moved.next);
        // Names of partitions that were assigned are in order.
        let _ = offsets.add_partition_offset(&moved.topic, moved.partition, offset);
    }
    if let Err(error) = consumer.commit(&offsets, CommitMode::Async) {
        tracing::debug!("Kafka does not take the offsets: {error}");
    }
}
