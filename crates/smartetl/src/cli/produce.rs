//! `smartetl produce PATH…`: what is read goes to Kafka; how far that came stands in the database.

use super::kafka::Servers;
use super::{Context, Database, Outcome, beside, load, progress, up};
use crate::alive::Alive;
use crate::follow::{Changed, Changes, Look, Outcome as Read};
use crate::ingest::{FileResult, LoadReport, Loader, Named, Request};
use crate::kafka::{Kafka, Producer, Topics, is_final};
use crate::night::Lang;
use crate::output::{self, counted};
use crate::pulse::Pulse;
use crate::reason::Reason;
use crate::service::{Process, Telemetry};
use crate::stop::Stop;
use smartetl_store::processes::Kind;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// So long without an acknowledgement is told.
const SILENCE: Duration = Duration::from_secs(30);
/// How long to wait after a failure, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders or globs; CSV, JSON lines or Parquet, also .gz and .zst
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: load::Reading,
    #[command(flatten)]
    servers: Servers,
    /// Send what is there, and end; else it goes on with what is appended
    #[arg(long)]
    once: bool,
    /// With --once: exit 0 also when records were rejected
    #[arg(long, requires = "once")]
    allow_rejects: bool,
    /// Answer /livez, /readyz and /metrics about this process on a port; 0 for any that is free
    #[arg(long, conflicts_with = "once")]
    port: Option<u16>,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let stop = progress::stop_after_batches(context)?;
    // Before everything else: where the port is taken, nothing shall have been started.
    let listener = match args.port {
        Some(_) => Some(up::listen(args.port, context).await?),
        None => None,
    };
    let mut settings = args.reading.settings(context)?;
    args.reading.warn_of_two_zones(context);
    if args.once {
        load::files(&args.paths)?;
    }
    let context = &args.servers.applied(context);
    let kafka = Kafka::of(&context.settings)?;
    // Let go of at the end of this command.
    let database = Database::open(context).await?;
    let intake = load::intake(context, &database).await?;
    args.reading.complete(&mut settings, &intake, context);
    let pulse = Arc::new(Pulse::new(context.settings.http.hung_after));
    let telemetry = Arc::<Telemetry>::default();
    let known = (Arc::clone(&pulse), Arc::clone(&telemetry));
    let alive = Alive::new(
        Kind::Producer,
        database.options()?,
        known.clone(),
        context.lang(),
    );
    if let Some(listener) = listener {
        let aside = beside::pool(&database)?;
        beside::serve(listener, context, (&aside, Process::Producer), known, &stop)?;
    }
    let sender = Sender {
        pulse,
        telemetry,
        request: Request {
            files: Vec::new(),
            named: Named::of(&args.paths),
            settings,
            zone_given: args.reading.is_zone_given(context),
            allow_duplicate: false,
            follow: true,
        },
        loader: intake.loader().clone(),
        kafka,
        context,
        stop,
    };
    let changes = Changes::new(args.paths.clone());
    if args.once {
        sender.once(changes, args.allow_rejects).await
    } else {
        let outcome = tokio::select! {
            outcome = sender.go_on(changes) => outcome,
            never = alive.keep() => match never {},
        };
        alive.end().await;
        outcome
    }
}

/// Sends what changed.
struct Sender<'c> {
    request: Request,
    loader: Loader,
    kafka: Kafka,
    context: &'c Context,
    stop: Stop,
    pulse: Arc<Pulse>,
    telemetry: Arc<Telemetry>,
}

impl Sender<'_> {
    async fn producer(&self) -> anyhow::Result<Producer> {
        let settings = &self.context.settings;
        let topics = Topics::of(settings);
        Producer::new(&self.kafka, topics, settings.kafka.partitions.get()).await
    }

    async fn send(&self, look: &Look, producer: &Producer) -> anyhow::Result<LoadReport> {
        let request = Request {
            files: look.changed.iter().map(Changed::input).collect(),
            ..self.request.clone()
        };
        let loader = self.loader.clone().sending(producer.clone());
        let stored = || loader.progress.stored.load(Ordering::Relaxed);
        let done = || loader.progress.done();
        let sending = loader.load(&request, None, &self.stop);
        let mut sending = std::pin::pin!(self.pulse.during(sending, done));
        let mut is_told = false;
        loop {
            let before = stored();
            tokio::select! {
                report = &mut sending => return report,
                () = tokio::time::sleep(SILENCE) => {}
            }
            let is_silent = stored() == before && !request.files.is_empty();
            if is_silent && !std::mem::replace(&mut is_told, true) {
                self.context.say(self.context.lang().pick(
                    "! the brokers have taken nothing for a while; waiting for them",
                    "! les brokers n’ont rien pris depuis un moment\u{a0}; attente",
                ));
            }
        }
    }

    /// Sends what is there.
    async fn once(&self, mut changes: Changes, allow_rejects: bool) -> anyhow::Result<Outcome> {
        let producer = self.producer().await?;
        let look = changes.look().await;
        let report = self.send(&look, &producer).await?;
        let lang = self.context.lang();
        let told = Told::of(&report, lang);
        output::print(&output::folded(&told.text(lang), output::terminal_width()))?;
        for missing in &look.missing {
            self.context.say(&format!("! {missing}"));
        }
        if let Some(signal) = self.stop.asked() {
            return Ok(Outcome::Stopped(signal));
        }
        let findings = told.findings.len() + look.missing.len();
        let rejects = told.rejects.values().sum::<u64>() > 0 && !allow_rejects;
        Ok(if findings > 0 || rejects {
            Outcome::Findings
        } else {
            Outcome::Done
        })
    }

    /// Goes on until it is asked to stop.
    async fn go_on(&self, mut changes: Changes) -> anyhow::Result<Outcome> {
        let lang = self.context.lang();
        let mut producer = None;
        let mut pause = FIRST_PAUSE;
        let mut is_troubled = false;
        loop {
            self.pulse.beat();
            match self.pass(&mut changes, &mut producer).await {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    if std::mem::take(&mut is_troubled) {
                        self.context.say(
                            lang.pick("messages are sent again", "les messages partent de nouveau"),
                        );
                    }
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    // What was on its way may have been lost: it is sent again from the checkpoint.
                    producer = None;
                    if !std::mem::replace(&mut is_troubled, true) {
                        let reason = Reason::from(&error);
                        let reason = reason.text(lang);
                        self.context.say(&match lang {
                            Lang::En => format!("! nothing is sent: {reason}; trying again"),
                            Lang::Fr => {
                                format!("! rien ne part\u{a0}: {reason}\u{a0}; nouvel essai")
                            }
                        });
                    }
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        _ = self.stop.clone().wait() => return Ok(Outcome::Done),
                    }
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
            if self.stop.asked().is_some() {
                return Ok(Outcome::Done);
            }
        }
    }

    async fn pass(
        &self,
        changes: &mut Changes,
        producer: &mut Option<Producer>,
    ) -> anyhow::Result<()> {
        let sending = match producer {
            Some(known) if !known.is_broken() => known.clone(),
            _ => producer.insert(self.producer().await?).clone(),
        };
        let look = tokio::select! {
            look = changes.next() => look,
            _ = self.stop.clone().wait() => return Ok(()),
        };
        for missing in &look.missing {
            self.context.say(&format!("! {missing}"));
        }
        if look.changed.is_empty() {
            return Ok(());
        }
        let report = self.send(&look, &sending).await?;
        if self.stop.asked().is_some() {
            return Ok(());
        }
        let lang = self.context.lang();
        let mut told = Told::of(&report, lang);
        told.findings.clear();
        for file in &report.files {
            if let Some(changed) = look.changed.get(file.index)
                && changes.note(changed, Read::from(file))
                && let FileResult::Failed { reason } | FileResult::Trouble { reason } = &file.result
            {
                self.context
                    .say(&format!("! {}: {}", file.path, reason.text(lang)));
            }
        }
        self.telemetry.set_findings(changes.findings());
        if told.records > 0 {
            self.context.say(told.text(lang).trim_end());
        }
        Ok(())
    }
}

/// What a person wants to know after a pass.
#[derive(Debug, Default)]
struct Told {
    files: u64,
    records: u64,
    rows_log: u64,
    rows_error: u64,
    rejects: BTreeMap<String, u64>,
    findings: Vec<String>,
}

impl Told {
    fn of(report: &LoadReport, lang: Lang) -> Self {
        let mut told = Self::default();
        for file in &report.files {
            told.files += u64::from(file.records > 0);
            told.records += file.records;
            told.rows_log += file.rows_log;
            told.rows_error += file.rows_error;
            for (reason, number) in &file.rejects {
                *told.rejects.entry(reason.clone()).or_default() += number;
            }
            if let FileResult::Failed { reason } | FileResult::Trouble { reason } = &file.result {
                told.findings
                    .push(format!("{}: {}", file.path, reason.text(lang)));
            }
        }
        told
    }

    fn text(&self, lang: Lang) -> String {
        let (log, errors) = (self.rows_log, self.rows_error);
        let mut text = match lang {
            Lang::En => format!(
                "sent: {} of {}: {log} log, {errors} logerreur",
                counted(self.records, "record", "records"),
                counted(self.files, "file", "files"),
            ),
            Lang::Fr => format!(
                "envoyé\u{a0}: {} de {}\u{a0}: {log} log, {errors} logerreur",
                lang.counted(self.records, ["enregistrement", "enregistrements"]),
                lang.counted(self.files, ["fichier", "fichiers"]),
            ),
        };
        for (reason, number) in &self.rejects {
            let rejected = lang.pick("rejected", "rejetés");
            let _ = write!(text, ", {number} {rejected} ({reason})");
        }
        text.push('\n');
        for finding in &self.findings {
            let _ = writeln!(text, "! {finding}");
        }
        text
    }
}
