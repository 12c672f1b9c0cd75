//! `smartetl consume`: what comes through Kafka goes into the tables; any number of these processes share the work.

use super::kafka::Servers;
use super::{Context, Database, Outcome, beside, load, progress, summary, up};
use crate::config::FuseMode;
use crate::jobs::{Intake, fuse};
use crate::kafka::consume::{Counters, Options, Presence, Told, consume, dry_run};
use crate::kafka::{End, Kafka, Topics};
use crate::night::Lang;
use crate::output::{self, counted};
use crate::pulse::Pulse;
use crate::reason::Reason;
use crate::service::Process;
use crate::stop::Stop;
use smartetl_core::fuse::FuseConfig;
use smartetl_store::stream;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// A batch is committed when its first message is so old.
const LINGER: Duration = Duration::from_millis(200);
/// How often open runs are judged again although nothing came.
const CLOCK_EVERY: Duration = Duration::from_mins(1);
/// How long to wait after a fuse that failed.
const FUSE_AGAIN: Duration = Duration::from_secs(5);
/// How often it is asked whether all is stored.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// So many looks without a change, and it is asked whether a partition has anything left to be stored.
const PATIENCE: usize = 10;
/// How often something is told while messages come.
const TELL_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    servers: Servers,
    /// How messages are read that smartETL did not send: with --dialect or --mapping
    #[command(flatten)]
    reading: load::Reading,
    /// The group of consumers that share the partitions
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// End when all that was in the topics at the start is stored
    #[arg(long)]
    once: bool,
    /// With --once: say what would be stored, and store nothing; no consumer is disturbed
    #[arg(long, requires = "once", conflicts_with = "port")]
    dry_run: bool,
    /// Exit 0 also when messages were rejected
    #[arg(long)]
    allow_rejects: bool,
    /// Go on where Kafka has deleted messages before they were stored
    #[arg(long)]
    accept_loss: bool,
    /// Answer /livez, /readyz and /metrics about this process on a port; 0 for any that is free
    #[arg(long)]
    port: Option<u16>,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let stop = progress::stop_by_signals(
        context,
        lang.pick(
            "stopping after the batch that is on its way; again to end at once",
            "arrêt après le lot en route\u{a0}; une seconde fois pour arrêter tout de suite",
        ),
    )?;
    // Before everything else: where the port is taken, nothing shall have been started.
    let listener = match args.port {
        Some(_) => Some(up::listen(args.port, context).await?),
        None => None,
    };
    let context = &args.servers.applied(context);
    let kafka = Kafka::of(&context.settings)?;
    let mut foreign = args.reading.settings(context)?;
    let database = Database::open(context).await?;
    let intake = if args.dry_run {
        let pool = database.pool(Intake::pool_size(&context.settings)).await?;
        smartetl_store::check_tables(&mut *pool.acquire().await?).await?;
        load::intake_over(pool, context).await?
    } else {
        load::intake(context, &database).await?
    };
    args.reading.complete(&mut foreign, &intake, context);
    let is_foreign = foreign.dialect.is_some() || foreign.mappings.is_only();
    // Whoever sleeps inside of a transaction must not keep a partition from others.
    let connections = database
        .options()?
        .options([("transaction_timeout", "60s")]);
    let connections = if args.dry_run {
        connections.options([("default_transaction_read_only", "on")])
    } else {
        connections
    };
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect_lazy_with(connections);
    let settings = &context.settings;
    let topics = Topics::of(settings);
    let options = Options {
        group: args.group.unwrap_or_else(|| settings.kafka.group.clone()),
        partitions: settings.kafka.partitions.get(),
        batch_messages: settings.load.batch_records.get() as usize,
        configuration_hash: FuseConfig::from(settings).hash(),
        linger: LINGER,
        accept_loss: args.accept_loss,
        pulse: Arc::new(Pulse::new(settings.http.hung_after)),
        foreign: is_foreign.then(|| Arc::new(foreign)),
        pool: pool.clone(),
        topics,
        kafka,
    };
    let counters = Arc::<Counters>::default();
    if args.dry_run {
        dry_run(options, Arc::clone(&counters), stop.clone()).await?;
        if let Some(signal) = stop.asked() {
            return Ok(Outcome::Stopped(signal));
        }
        output::print(&would_be_stored(&counters, lang))?;
        context.say(lang.pick(
            "nothing is stored: the same command without --dry-run stores it",
            "rien n’est enregistré\u{a0}: la même commande sans --dry-run enregistre",
        ));
        return Ok(outcome(&counters, args.allow_rejects));
    }
    let presence = Arc::new(Presence::new(&options.group, Arc::clone(&counters)));
    let aside = beside::pool(&database)?;
    if let Some(listener) = listener {
        let process = Process::Consumer(Arc::clone(&presence));
        let known = (Arc::clone(&options.pulse), Arc::default());
        beside::serve(listener, context, (&aside, process), known, &stop)?;
    }
    let keeping = {
        let (presence, aside) = (Arc::clone(&presence), aside.clone());
        tokio::spawn(async move { presence.keep(&aside).await })
    };
    let stored = Arc::<Notify>::default();
    let (ender, until) = Stop::by_hand(stop.clone());
    let all_stored = async {
        if !args.once {
            return std::future::pending().await;
        }
        let topics = &options.topics;
        options
            .kafka
            .prepare(&topics.all(), options.partitions)
            .await?;
        let names = topics.of_rows();
        let ends = options.kafka.ends_of_stored(&pool, &names).await?;
        wait_for(&options.kafka, &pool, &ends).await;
        anyhow::Ok(())
    };
    let teller = Arc::new(Teller(context.clone())) as Arc<dyn Told>;
    let mut consuming = std::pin::pin!(consume(
        options.clone(),
        Arc::clone(&counters),
        Arc::clone(&stored),
        teller,
        until,
    ));
    let fusing = fuse_what_comes(context, &intake, settings.fuse.mode, &stored);
    let telling = tell(context, &counters);
    let ended = tokio::select! {
        ended = &mut consuming => Some(ended),
        ended = all_stored => ended.err().map(Err),
        () = fusing => None,
        () = telling => None,
    };
    if ended.is_none() {
        // It leaves the group and stores what it has read.
        ender.end();
    }
    let ended = match ended {
        Some(ended) => ended,
        None => consuming.await,
    };
    keeping.abort();
    presence.end(&aside).await;
    ended?;
    if settings.fuse.mode == FuseMode::Live {
        let report = intake.fuse(None, false, None).await?;
        tell_left_out(context, &report);
    }
    context.say(&said(&counters, lang));
    if let Some(signal) = stop.asked().filter(|_| args.once) {
        return Ok(Outcome::Stopped(signal));
    }
    Ok(if args.once {
        outcome(&counters, args.allow_rejects)
    } else {
        Outcome::Done
    })
}

/// Rejects are findings.
fn outcome(counters: &Counters, allow_rejects: bool) -> Outcome {
    match counters.rejects.load(Ordering::Relaxed) {
        _ if allow_rejects => Outcome::Done,
        0 => Outcome::Done,
        _ => Outcome::Findings,
    }
}

/// Waits until the partitions are stored up to these offsets, by whichever consumer.
async fn wait_for(kafka: &Kafka, pool: &PgPool, ends: &[End]) {
    // Where all messages have expired, none comes.
    let waited_for = ends.iter().filter(|end| end.first < end.end);
    let ends: HashMap<&str, &End> = waited_for.map(|end| (&*end.path, end)).collect();
    let paths: Vec<&str> = ends.keys().copied().collect();
    let mut before: Vec<(String, i64)> = Vec::new();
    for look in 1_usize.. {
        let asked = async {
            let mut connection = pool.acquire().await?;
            anyhow::Ok(stream::next_offsets(&mut connection, &paths).await?)
        };
        // A database that is away is told by those who store.
        let stored = asked.await.unwrap_or_default();
        let is_there = |(path, next): &(String, i64)| ends[path.as_str()].end <= *next;
        if stored.iter().filter(|one| is_there(one)).count() == ends.len() {
            return;
        }
        if look.is_multiple_of(PATIENCE) {
            let still = stored.iter().filter(|one| before.contains(one));
            for (path, next) in still.filter(|one| !is_there(one)) {
                // What does not answer now is asked again.
                if let Err(error) = kafka.pass_gap(pool, ends[path.as_str()], *next).await {
                    tracing::debug!("the end of {path} is not found: {error:#}");
                }
            }
            before = stored;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Makes runs of what was stored, again and again. What fails is tried again: the rows are stored.
async fn fuse_what_comes(context: &Context, intake: &Intake, mode: FuseMode, stored: &Notify) {
    if mode == FuseMode::Scheduled {
        return std::future::pending().await;
    }
    loop {
        tokio::select! {
            () = stored.notified() => {}
            () = tokio::time::sleep(CLOCK_EVERY) => {}
        }
        match intake.fuse(None, false, None).await {
            Ok(report) => tell_left_out(context, &report),
            Err(error) => {
                tracing::warn!("no runs can be made of stored rows: {error:#}; trying again");
                tokio::time::sleep(FUSE_AGAIN).await;
                stored.notify_one();
            }
        }
    }
}

/// Rows that count nothing are no mistake, and nobody should look for them in vain.
fn tell_left_out(context: &Context, report: &fuse::Report) {
    if report.left_out > 0 {
        let told = summary::left_out(report.left_out, context.lang());
        context.say(&told);
    }
}

/// Says now and then how much came.
async fn tell(context: &Context, counters: &Counters) {
    let mut before = 0;
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        let messages = counters.messages.load(Ordering::Relaxed);
        if messages != before {
            before = messages;
            context.say(&said(counters, context.lang()));
        }
    }
}

fn would_be_stored(counters: &Counters, lang: Lang) -> String {
    let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let messages = number(&counters.messages);
    let (log, errors) = (number(&counters.rows_log), number(&counters.rows_error));
    let (rejects, known) = (number(&counters.rejects), number(&counters.known));
    match lang {
        Lang::En => format!(
            "would be stored: {log} log, {errors} logerreur, {rejects} rejected of {}; {known} known before\n",
            counted(messages, "message", "messages"),
        ),
        Lang::Fr => format!(
            "seraient enregistrés\u{a0}: {log} log, {errors} logerreur, {} sur {}\u{a0}; {}\n",
            lang.counted(rejects, ["rejeté", "rejetés"]),
            lang.counted(messages, ["message", "messages"]),
            lang.counted(known, ["déjà connu", "déjà connus"]),
        ),
    }
}

fn said(counters: &Counters, lang: Lang) -> String {
    let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (messages, batches) = (number(&counters.messages), number(&counters.batches));
    let (log, errors) = (number(&counters.rows_log), number(&counters.rows_error));
    let (rejects, known) = (number(&counters.rejects), number(&counters.known));
    match lang {
        Lang::En => format!(
            "{}: {log} log, {errors} logerreur, {rejects} rejected, {known} known before; {}",
            counted(messages, "message", "messages"),
            counted(batches, "batch", "batches"),
        ),
        Lang::Fr => format!(
            "{}\u{a0}: {log} log, {errors} logerreur, {}, {}\u{a0}; {}",
            lang.counted(messages, ["message", "messages"]),
            lang.counted(rejects, ["rejeté", "rejetés"]),
            lang.counted(known, ["déjà connu", "déjà connus"]),
            lang.counted(batches, ["lot", "lots"]),
        ),
    }
}

/// Says once that nothing can be stored, and once that it can again.
struct Teller(Context);

impl Told for Teller {
    fn trouble(&self, error: &anyhow::Error) {
        let lang = self.0.lang();
        let reason = Reason::from(error);
        let reason = reason.text(lang);
        self.0.say(&match lang {
            Lang::En => format!("! nothing is stored: {reason}; trying again"),
            Lang::Fr => format!("! rien n’est enregistré\u{a0}: {reason}\u{a0}; nouvel essai"),
        });
    }

    fn recovered(&self) {
        let lang = self.0.lang();
        self.0.say(lang.pick(
            "messages are stored again",
            "les messages sont de nouveau enregistrés",
        ));
    }
}
