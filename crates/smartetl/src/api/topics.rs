//! Kafka: topics with their partitions, how far they are stored, and who stores them.

use super::asked::Asked;
use super::problem::Problems;
use super::run::{LangAsked, LangParams};
use crate::service::{Problem, Service};
use crate::wire::At;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::consumers::{self, Consumer, Partition};
use std::sync::Arc;
use utoipa::ToSchema;

/// A consumer writes its line every two seconds: who is silent for longer hangs or is gone. Microseconds.
const ALIVE_US: i64 = 30_000_000;

/// Topics, and who stores them; nothing of either where Kafka was never used.
#[derive(Debug, Serialize, ToSchema)]
pub struct Topics {
    topics: Vec<Topic>,
    consumers: Vec<ConsumerFacts>,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct Topic {
    topic: String,
    /// Messages that are not stored, of all partitions.
    messages_behind: i64,
    /// Of the partition that waits longest.
    seconds_behind: i64,
    partitions: Vec<PartitionFacts>,
}

/// A partition as its consumer last saw it, and what is stored of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartitionFacts {
    partition: i32,
    group: String,
    /// Who had it last.
    consumer: String,
    /// The offset of the next message to store.
    next_offset: i64,
    /// The offset of the next message that comes.
    end_offset: i64,
    messages_behind: i64,
    /// Since something was stored last, or since it was first read; 0 where nothing waits.
    seconds_behind: i64,
    /// When its end was seen.
    seen_at: Option<At>,
    /// When something of it was stored last.
    stored_at: Option<At>,
    batches: i64,
    records: i64,
    rows_log: i64,
    rows_error: i64,
    rejects: i64,
}

/// A process that stores what comes. Numbers are those since it started.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsumerFacts {
    consumer: String,
    group: String,
    host: String,
    pid: i32,
    version: String,
    started_at: Option<At>,
    seen_at: Option<At>,
    /// It wrote its line in the last 30 seconds and has not ended.
    alive: bool,
    /// It ended as it should.
    ended: bool,
    messages: i64,
    /// Those of them whose record was stored before.
    known: i64,
    rows_log: i64,
    rows_error: i64,
    rejects: i64,
    batches: i64,
    rebalances: i64,
    /// Why it could not go on when that happened last, in English.
    last_error: Option<String>,
}

/// Topics of Kafka with their partitions, what is stored of them, how far that is behind, and who stores it.
#[utoipa::path(
    get,
    path = "/api/v1/topics",
    tag = "sources",
    params(LangParams),
    responses((status = 200, description = "Topics and consumers", body = Topics), Problems)
)]
pub async fn topics(
    State(service): State<Arc<Service>>,
    mut asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    // Consumers write about themselves beside what the tag is made of.
    asked.reader.always_new();
    super::answer::json(&service, &asked.reader, async |connection| {
        let now_us = jiff::Timestamp::now().as_microsecond();
        let partitions = consumers::partitions(connection).await?;
        let consumers = consumers::consumers(connection).await?;
        Ok(Topics {
            topics: partitions
                .chunk_by(|one, other| one.topic == other.topic)
                .filter_map(Topic::of)
                .collect(),
            consumers: consumers
                .into_iter()
                .map(|consumer| ConsumerFacts::new(consumer, now_us))
                .collect(),
        })
    })
    .await
}

fn at(us: i64) -> Option<At> {
    At::shown(Moment(us))
}

impl Topic {
    fn of(partitions: &[Partition]) -> Option<Self> {
        let first = partitions.first()?;
        let waits = partitions.iter().map(|partition| partition.seconds_behind);
        Some(Self {
            topic: first.topic.clone(),
            messages_behind: partitions.iter().map(|one| one.messages_behind).sum(),
            seconds_behind: waits.max().unwrap_or(0),
            partitions: partitions.iter().map(Into::into).collect(),
        })
    }
}

impl From<&Partition> for PartitionFacts {
    fn from(of: &Partition) -> Self {
        Self {
            partition: of.number,
            group: of.group_name.clone(),
            consumer: of.consumer.to_string(),
            next_offset: of.next_offset,
            end_offset: of.end_offset,
            messages_behind: of.messages_behind,
            seconds_behind: of.seconds_behind,
            seen_at: at(of.seen_us),
            stored_at: of.stored_us.and_then(at),
            batches: of.batches,
            records: of.records,
            rows_log: of.rows_log,
            rows_error: of.rows_error,
            rejects: of.rejects,
        }
    }
}

impl ConsumerFacts {
    fn new(of: Consumer, now_us: i64) -> Self {
        Self {
            consumer: of.consumer.to_string(),
            group: of.group_name,
            host: of.host,
            pid: of.pid,
            version: of.version,
            started_at: at(of.started_us),
            seen_at: at(of.seen_us),
            alive: !of.is_over && now_us - of.seen_us < ALIVE_US,
            ended: of.is_over,
            messages: of.messages,
            known: of.known,
            rows_log: of.rows_log,
            rows_error: of.rows_error,
            rejects: of.rejects,
            batches: of.batches,
            rebalances: of.rebalances,
            last_error: of.last_error,
        }
    }
}
