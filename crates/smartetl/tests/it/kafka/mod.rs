//! Rows on their way through a real Kafka: nothing lost, nothing twice, whichever way they come.

mod brokers;
mod by_hand;
mod hung;
mod lost;
mod messages;
mod metrics;
mod pauses;
mod proxy;
mod same;
mod security;
mod storm;
mod transactions;

use crate::support::{Answer, World};
use smartetl_testkit::kafka::Broker;
use std::path::Path;

/// The topics of one test.
pub struct Topics {
    pub name: &'static str,
}

impl Topics {
    pub fn log(&self) -> String {
        format!("{}.log", self.name)
    }

    pub fn error(&self) -> String {
        format!("{}.logerreur", self.name)
    }

    pub fn dead(&self) -> String {
        format!("{}.dead", self.name)
    }

    /// The program uses these topics of the shared broker; nothing is fused but by `smartetl fuse`.
    pub fn used_by(&self, world: World) -> World {
        self.at(&Broker::shared().address, world)
    }

    pub fn at(&self, address: &str, world: World) -> World {
        world
            .set("KAFKA_BOOTSTRAP_SERVERS", address)
            .set("SMARTETL_KAFKA_TOPIC_LOG", &self.log())
            .set("SMARTETL_KAFKA_TOPIC_ERROR", &self.error())
            .set("SMARTETL_KAFKA_TOPIC_DEAD", &self.dead())
            .set("SMARTETL_KAFKA_GROUP", self.name)
            .set("SMARTETL_FUSE_MODE", "scheduled")
    }
}

pub fn produce(world: &World, path: &Path) -> Answer {
    let path = path.to_str().expect("UTF-8");
    world.run(&["produce", "--once", "--allow-rejects", path])
}

/// Stores all that is in the topics.
pub fn consume(world: &World) -> Answer {
    world.run(&["consume", "--once"])
}

/// The same, where nothing is to be said against it.
pub fn consumed(world: &World) {
    consume(world).done();
}

pub fn fuse(world: &World, as_of: &str) {
    world.run(&["fuse", "--as-of", as_of]).done();
}

pub fn verify(world: &World) {
    world.run(&["verify", "--recompute"]).done();
}
