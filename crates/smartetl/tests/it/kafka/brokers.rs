//! Two brokers, of which one dies again and again while logs are sent and stored.

use super::by_hand::described;
use super::{Topics, fuse, verify};
use crate::company::Company;
use crate::processes::wait_until;
use crate::support::{World, own_database, place};
use crate::tables::{assert_same_content, number};
use smartetl_testkit::kafka::{Broker, Setup};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How often it dies.
const DEATHS: usize = 3;

struct Running(Child);

impl Running {
    fn start(mut command: Command, told: &Path) -> Self {
        let child = command
            .stdout(Stdio::null())
            .stderr(File::create(told).expect("a file"))
            .spawn();
        Self(child.expect("the program starts"))
    }

    fn assert_alive(&mut self, told: &Path) {
        let ended = self.0.try_wait().expect("it is our child");
        let text = std::fs::read_to_string(told).expect("what it told");
        assert!(ended.is_none(), "{ended:?}: {text}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn one_of_two_brokers_dies_while_rows_are_on_their_way() {
    let company = Company::simulate(&["--jobs", "20", "--days", "20", "--seed", "5"]);
    let (clean, loaded) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    let load = ["load", "--allow-rejects", "--as-of", &company.as_of, logs];
    loaded.run(&load).done();

    // Nothing that a broker has acknowledged may be on that one alone.
    let copies = "offsets.topic.replication.factor=2\n\
                  transaction.state.log.replication.factor=2\n\
                  broker.session.timeout.ms=3000\n\
                  broker.heartbeat.interval.ms=500\n"
        .to_owned();
    let setup = || Setup {
        properties: copies.clone(),
        ..Setup::default()
    };
    let stays = Broker::of(&setup());
    let mut dies = stays.joined(2, &setup());
    let database = own_database();
    let both = format!("{},{}", stays.address, dies.address);
    let topics = Topics { name: "two" };
    let world = topics
        .at(&both, World::on(&database.url).in_paris())
        .set("SMARTETL_KAFKA_PROPERTIES", "session.timeout.ms=6000");
    let live = world.home.path().join("live");
    std::fs::create_dir(&live).expect("a folder");
    let files = company.files();
    let path = live.to_str().expect("UTF-8").to_owned();
    let told = ["producer", "consumer"].map(|name| world.home.path().join(name));
    let produce = ["produce", &path, "--set", "load.batch_records=100"];
    let consume = ["consume", "--set", "load.batch_records=100"];
    let mut producer = Running::start(world.command(&produce), &told[0]);
    let mut consumer = Running::start(world.command(&consume), &told[1]);
    wait_until("the topics are there", || {
        let wanted = [topics.log(), topics.error()];
        wanted
            .iter()
            .all(|topic| described(&stays.address, topic).is_some())
    });
    // Both have all, so that either may die.
    let replicas = described(&stays.address, &topics.log()).expect("it is there");
    assert!(replicas.iter().all(|copies| *copies == 2), "{replicas:?}");

    let share = files.len().div_ceil(DEATHS);
    let names = |from: &Path| {
        let below = from.strip_prefix(&company.logs).expect("a log");
        live.join(below.to_str().expect("UTF-8").replace('/', "_"))
    };
    for (death, part) in files.chunks(share).enumerate() {
        let (before, after) = part.split_at(part.len() / 2);
        let copy = |files: &[std::path::PathBuf]| {
            for file in files {
                std::fs::copy(file, names(file)).expect("a copy");
            }
        };
        let stored = || number(&database.url, "SELECT count(*) FROM batch");
        let known = if death == 0 { 0 } else { stored() };
        copy(before);
        wait_until("something is stored", || {
            consumer.assert_alive(&told[1]);
            number(
                &database.url,
                "SELECT count(*) FROM pg_class WHERE relname = 'batch'",
            ) > 0
                && stored() > known
        });
        dies.kill();
        copy(after);
        let known = stored();
        wait_until("it goes on without it", || {
            producer.assert_alive(&told[0]);
            consumer.assert_alive(&told[1]);
            stored() > known
        });
        dies.start_again();
    }
    let unread = format!(
        "SELECT {} - count(*) FROM source WHERE size_bytes >= 0 AND path NOT LIKE 'kafka:%'",
        files.len()
    );
    let waiting = "SELECT coalesce((SELECT sum(messages) FROM stream), 0)::bigint \
         - coalesce((SELECT sum(records) FROM batch JOIN source USING (source) WHERE path LIKE 'kafka:%'), 0)::bigint";
    wait_until("all is sent and stored", || {
        producer.assert_alive(&told[0]);
        consumer.assert_alive(&told[1]);
        number(&database.url, &unread) <= 0 && number(&database.url, waiting) <= 0
    });
    drop((producer, consumer));
    fuse(&world, &company.as_of);
    assert_same_content("one of two brokers died", &clean.url, &database.url);
    verify(&world);
}
