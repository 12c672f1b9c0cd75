//! A storm: files grow, a producer sends, three consumers store, and every few seconds something dies or stops. At the end the
//! tables are those of a plain load.
//!
//! It blows for 90 seconds, or for `SMARTETL_STORM_SECONDS`, from the seed `SMARTETL_STORM_SEED`.

use super::proxy::Proxy;
use super::{Topics, fuse, verify};
use crate::company::Company;
use crate::processes::{Dice, OwnServer, wait_until};
use crate::support::{PROGRAM, World, place};
use crate::tables::{assert_same_content, number};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use smartetl_testkit::kafka::{Broker, free_port};
use sqlx::{Connection as _, PgConnection};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CONSUMERS: usize = 3;
/// The first of the crew.
const PRODUCER: usize = 0;

/// Seen whatever becomes of the test.
fn tell(text: &str) {
    // Nobody listens where stdout is closed.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a whole number"))
}

#[test]
fn a_storm() {
    storm(setting("SMARTETL_STORM_SECONDS", 90), None);
}

/// So many storms are to find a fault.
#[cfg(feature = "sabotage")]
const STORMS: usize = 5;

/// A storm that could not fail would show nothing. Run by `make storm-faults`, which builds the faults in.
#[cfg(feature = "sabotage")]
#[test]
fn a_storm_finds_what_was_built_wrong() {
    for (fault, word) in smartetl::sabotage::Sabotage::ALL {
        let began = Instant::now();
        // Who sleeps, and when, is chance: a storm or two may pass a fault by.
        let found =
            (0..STORMS).find_map(|_| std::panic::catch_unwind(|| storm(60, Some(word))).err());
        let Some(panic) = found else {
            panic!("{STORMS} storms did not find {fault:?}");
        };
        // Other things can go wrong in a storm, and would show nothing.
        let said = panic.downcast_ref::<String>().map_or("", String::as_str);
        let is_of_rows = said.contains("after the storm") || said.contains("messages not stored");
        assert!(is_of_rows, "{fault:?} ended otherwise: {said}");
        let seconds = began.elapsed().as_secs();
        tell(&format!("the storm found {fault:?} within {seconds} s"));
    }
}

fn storm(seconds: u64, fault: Option<&str>) {
    let by_clock = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let seed = setting("SMARTETL_STORM_SEED", by_clock);
    tell(&format!(
        "the seed of the storm: SMARTETL_STORM_SEED={seed}"
    ));
    let company = Company::simulate(&["--jobs", "60", "--days", "30", "--seed", "21"]);
    let (clean, loaded) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    loaded
        .run(&["load", "--allow-rejects", "--as-of", &company.as_of, logs])
        .done();

    let world = World::new().in_paris();
    let server = OwnServer::below(world.home.path());
    server.with_url(|url| {
        let port = free_port();
        let proxy = Proxy::to(port);
        let mut broker = Broker::behind(port, proxy.port);
        let world = Topics { name: "storm" }
            .at(&broker.address, World::on(url).in_paris())
            // Whoever sleeps is taken for dead soon.
            .set("SMARTETL_KAFKA_PROPERTIES", "session.timeout.ms=6000")
            .set("SMARTETL_SABOTAGE", fault.unwrap_or("none"));
        let live = world.home.path().join("live");
        let growing = Growing::of(&company, &live, seed);
        let told = world.home.path().to_owned();
        let mut crew = Crew::start(&world, &live, &told);
        let mut storm = Storm {
            dice: Dice(seed),
            crew: &mut crew,
            broker: &mut broker,
            proxy: &proxy,
            server: &server,
            log: String::new(),
        };
        let end = Instant::now() + Duration::from_secs(seconds);
        let writing = std::thread::spawn(move || growing.grow_until(end));
        storm.blow_until(end);
        let log = std::mem::take(&mut storm.log);
        writing.join().expect("the files are written");
        tell(&log);
        wait_for_calm(url, &live, &mut crew, &told);
        crew.end();
        fuse(&world, &company.as_of);
        assert_same_content("after the storm", &clean.url, url);
        verify(&world);
        tell(&format!(
            "{} of {} messages came more than once; {} batches",
            known(&told),
            number(url, "SELECT coalesce(sum(messages), 0)::bigint FROM stream"),
            number(url, "SELECT count(*) FROM batch")
        ));
    });
}

/// Files that grow until they are those of a company.
struct Growing {
    files: Vec<(PathBuf, Vec<u8>)>,
    dice: Dice,
}

impl Growing {
    /// Compressed files and Parquet are there at once: they are complete or nothing.
    fn of(company: &Company, live: &Path, seed: u64) -> Self {
        std::fs::create_dir(live).expect("a folder");
        let mut files = Vec::new();
        for file in company.files() {
            let below = file
                .strip_prefix(&company.logs)
                .expect("a log of the company");
            let name = below.to_str().expect("UTF-8").replace('/', "_");
            let bytes = std::fs::read(&file).expect("a log");
            if file.extension().is_some_and(|extension| extension == "csv") {
                files.push((live.join(name), bytes));
            } else {
                std::fs::write(live.join(name), bytes).expect("a log");
            }
        }
        Self {
            files,
            dice: Dice(seed ^ 0x6f),
        }
    }

    /// Appends pieces that end anywhere, also within a line or a character.
    fn grow_until(mut self, end: Instant) {
        let began = Instant::now();
        let total = (end - began).as_secs_f64() * 0.9;
        let mut open: Vec<(File, Vec<u8>, usize)> = self
            .files
            .iter()
            .map(|(path, bytes)| {
                let file = OpenOptions::new().create(true).append(true).open(path);
                (file.expect("a log"), bytes.clone(), 0)
            })
            .collect();
        loop {
            let share = (began.elapsed().as_secs_f64() / total).min(1.0);
            let mut is_whole = true;
            for (file, bytes, written) in &mut open {
                let due = (bytes.len() as f64 * share) as usize;
                let piece = if share < 1.0 {
                    due.saturating_sub(*written)
                        .min(1 + self.dice.below(20_000))
                } else {
                    bytes.len() - *written
                };
                file.write_all(&bytes[*written..*written + piece])
                    .expect("a log grows");
                *written += piece;
                is_whole &= *written == bytes.len();
            }
            if is_whole {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // A last line without end would be waited for.
        for (file, bytes, _) in &mut open {
            if !bytes.is_empty() && bytes.last() != Some(&b'\n') {
                file.write_all(b"\n").expect("a log grows");
            }
        }
    }
}

/// The processes of ours.
struct Crew {
    commands: Vec<(String, Vec<String>)>,
    running: Vec<Child>,
    starts: u32,
    variables: Vec<(String, String)>,
    told: PathBuf,
}

impl Crew {
    fn start(world: &World, live: &Path, told: &Path) -> Self {
        let live = live.to_str().expect("UTF-8").to_owned();
        let mut commands = vec![(
            "producer".to_owned(),
            vec![
                "produce".to_owned(),
                live,
                "--set".to_owned(),
                "load.batch_records=300".to_owned(),
            ],
        )];
        for number in 1..=CONSUMERS {
            let arguments = ["consume", "--set", "load.batch_records=500"].map(str::to_owned);
            commands.push((format!("consumer {number}"), arguments.to_vec()));
        }
        let variables = world
            .command(&[])
            .get_envs()
            .filter_map(|(name, value)| {
                Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned()))
            })
            .collect();
        let mut crew = Self {
            running: Vec::new(),
            commands,
            starts: 0,
            variables,
            told: told.to_owned(),
        };
        for number in 0..crew.commands.len() {
            let child = crew.spawn(number);
            crew.running.push(child);
        }
        crew
    }

    fn spawn(&mut self, number: usize) -> Child {
        self.starts += 1;
        let told = self.told.join(format!("told-{}", self.starts));
        let out = File::create(told).expect("a file");
        Command::new(PROGRAM)
            .args(&self.commands[number].1)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(out)
            .spawn()
            .expect("the program starts")
    }

    fn signal(&self, number: usize, signal: Signal) {
        let pid = Pid::from_raw(self.running[number].id().cast_signed());
        // It may have died meanwhile, which is found out at the end.
        let _ = kill(pid, signal);
    }

    fn kill_and_restart(&mut self, number: usize) {
        self.running[number].kill().expect("it is our child");
        self.running[number].wait().expect("it is our child");
        self.running[number] = self.spawn(number);
    }

    /// None of them may have given up.
    fn assert_alive(&mut self) {
        for (number, child) in self.running.iter_mut().enumerate() {
            let ended = child.try_wait().expect("it is our child");
            assert!(
                ended.is_none(),
                "the {} gave up: {}",
                self.commands[number].0,
                told(&self.told)
            );
        }
    }

    fn end(&mut self) {
        for number in 0..self.running.len() {
            self.signal(number, Signal::SIGTERM);
        }
        for child in &mut self.running {
            let ended = child.wait().expect("it is our child");
            assert!(ended.success(), "{ended}: {}", told(&self.told));
        }
    }
}

/// How many messages those who ended well had known before.
fn known(folder: &Path) -> u64 {
    let told = told(folder);
    let of_line = |line: &str| {
        let (before, _) = line.split_once(" known before")?;
        before.rsplit(' ').next()?.parse::<u64>().ok()
    };
    told.lines().filter_map(of_line).sum()
}

impl Drop for Crew {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn told(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("told-") {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let _ = writeln!(all, "{}:\n{text}", name.display());
        }
    }
    all
}

/// What happens to whom.
struct Storm<'s> {
    dice: Dice,
    crew: &'s mut Crew,
    broker: &'s mut Broker,
    proxy: &'s Proxy,
    server: &'s OwnServer,
    log: String,
}

impl Storm<'_> {
    fn blow_until(&mut self, end: Instant) {
        let began = Instant::now();
        while Instant::now() < end {
            let pause = 500 + self.dice.below(3_000) as u64;
            std::thread::sleep(Duration::from_millis(pause));
            let what = self.strike();
            let _ = writeln!(self.log, "{:6.1} s  {what}", began.elapsed().as_secs_f64());
            self.crew.assert_alive();
        }
        self.proxy.mend();
    }

    fn strike(&mut self) -> String {
        let someone = self.dice.below(1 + CONSUMERS);
        let name = self.crew.commands[someone].0.clone();
        let seconds = 1 + self.dice.below(3) as u64;
        // What it has sent and nobody has taken dies with it.
        let is_cruel = self.dice.below(2) == 0;
        let (victim, and_dies) = if is_cruel {
            (PRODUCER, ", and the producer was killed meanwhile")
        } else {
            (someone, "")
        };
        match self.dice.below(12) {
            0..4 => {
                self.crew.kill_and_restart(someone);
                format!("the {name} is killed and started again")
            }
            4..7 => {
                // Long enough to lose its partitions.
                let seconds = if self.dice.below(3) > 0 { 9 } else { seconds };
                self.crew.signal(someone, Signal::SIGSTOP);
                std::thread::sleep(Duration::from_secs(seconds));
                self.crew.signal(someone, Signal::SIGCONT);
                format!("the {name} slept for {seconds} s")
            }
            7 => {
                self.broker.kill();
                std::thread::sleep(Duration::from_millis(700));
                self.crew.kill_and_restart(victim);
                self.broker.start_again();
                let name = &self.crew.commands[victim].0;
                format!(
                    "the broker is killed and started again, and so is the {name} while it is away"
                )
            }
            8 => {
                let pid = Pid::from_raw(self.broker.pid().cast_signed());
                let _ = kill(pid, Signal::SIGSTOP);
                std::thread::sleep(Duration::from_secs(seconds));
                if is_cruel {
                    self.crew.kill_and_restart(PRODUCER);
                }
                let _ = kill(pid, Signal::SIGCONT);
                format!("the broker slept for {seconds} s{and_dies}")
            }
            9 => {
                self.server.kill_postmaster();
                "PostgreSQL is killed; its supervisor starts it again".to_owned()
            }
            10 => {
                self.proxy.cut();
                std::thread::sleep(Duration::from_secs(seconds));
                if is_cruel {
                    self.crew.kill_and_restart(PRODUCER);
                }
                self.proxy.mend();
                format!("the network to Kafka was cut for {seconds} s{and_dies}")
            }
            _ => {
                self.proxy.slow(20 + self.dice.below(150) as u64);
                std::thread::sleep(Duration::from_secs(seconds));
                self.proxy.slow(0);
                format!("the network to Kafka was slow for {seconds} s")
            }
        }
    }
}

/// Waits until all that was written is sent, and all that was sent is stored.
fn wait_for_calm(url: &str, live: &Path, crew: &mut Crew, folder: &Path) {
    let files = std::fs::read_dir(live).expect("a folder").count();
    let unread = format!(
        "SELECT {files} - count(*) FROM source WHERE size_bytes >= 0 AND path NOT LIKE 'kafka:%'"
    );
    let unsent = "SELECT count(*) FROM source WHERE size_bytes < 0 AND path NOT LIKE 'kafka:%'";
    let waiting = "SELECT coalesce((SELECT sum(messages) FROM stream), 0)::bigint \
         - coalesce((SELECT sum(records) FROM batch JOIN source USING (source) WHERE path LIKE 'kafka:%'), 0)::bigint";
    let began = Instant::now();
    // It may have been killed just now.
    wait_until("PostgreSQL answers", || answers(url));
    loop {
        let left = [
            number(url, &unread),
            number(url, unsent),
            number(url, waiting),
        ];
        if left.iter().all(|left| *left <= 0) && is_read_to_the_end(url, live) {
            return;
        }
        crew.assert_alive();
        let [unread, cut, missing] = left;
        let what = if unread <= 0 && cut <= 0 {
            format!("{missing} messages not stored")
        } else {
            format!("{unread} files unread, {cut} not read to their end")
        };
        assert!(
            began.elapsed() < Duration::from_mins(2),
            "{what}; {}",
            told(folder)
        );
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn answers(url: &str) -> bool {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { PgConnection::connect(url).await.is_ok() })
}

/// Whether the sizes that were remembered are those of the files.
fn is_read_to_the_end(url: &str, live: &Path) -> bool {
    let known = crate::tables::rows(url, "SELECT ARRAY[path, size_bytes::text] FROM source");
    let size_of = |path: &Path| {
        let path = path.to_str()?;
        known
            .iter()
            .find(|row| row[0] == path)
            .map(|row| row[1].clone())
    };
    std::fs::read_dir(live)
        .expect("a folder")
        .flatten()
        .all(|entry| {
            let size = entry.metadata().expect("a file").len().to_string();
            size_of(&entry.path()) == Some(size)
        })
}
