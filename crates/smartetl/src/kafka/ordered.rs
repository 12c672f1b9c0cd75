//! Sending a few messages whose order counts.

use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};

use super::client::Quiet;

/// How long to wait where the queue is full.
const QUEUE_PAUSE: Duration = Duration::from_millis(20);

/// Gives a message to the library, behind those that were given before.
///
/// # Errors
/// When the library does not take it.
pub(super) async fn enqueue(
    producer: &FutureProducer<Quiet>,
    mut record: FutureRecord<'_, [u8], [u8]>,
) -> Result<DeliveryFuture, KafkaError> {
    loop {
        match producer.send_result(record) {
            Ok(delivery) => return Ok(delivery),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                record = back;
                tokio::time::sleep(QUEUE_PAUSE).await;
            }
            Err((error, _)) => return Err(error),
        }
    }
}

/// Waits until the broker has taken it.
///
/// # Errors
/// When it has not.
pub(super) async fn taken(delivery: DeliveryFuture) -> Result<(), KafkaError> {
    match delivery.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(error),
        Err(_) => Err(KafkaError::Canceled),
    }
}
