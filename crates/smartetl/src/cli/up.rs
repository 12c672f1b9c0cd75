//! `smartetl up [PATH…]`: the database, the logs, the status page, and everything new as it comes.

use super::again::{flag, folder, program};
use super::dashboards::Pulling;
use super::telling::{Telling, line};
use super::{Context, Database, Outcome, disk, load, map, other_night, progress, unmapped};
use crate::access;
use crate::alive::Alive;
use crate::api::{Acting, Listeners, Token};
use crate::config::{FuseMode, Login, MACHINE, Shown};
use crate::errors::{ErrorCode, Failure, reason};
use crate::follow::{Follower, News};
use crate::inbox::{Inbox, Posts};
use crate::jobs::Intake;
use crate::night::{self, Teller};
use crate::output;
use crate::pulse::Pulse;
use crate::service::{self, Hosts, Posting, Process, Service, Telemetry, app};
use crate::stop::Stop;
use crate::up::demo;
use crate::work::{Files, Parts, Work};
use anyhow::Context as _;
use jiff::civil::Date;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_formats::Settings;
use smartetl_store::night::{Night, Unscheduled};
use smartetl_store::processes::Kind;
use sqlx::postgres::{PgPool, PgPoolOptions};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How long answers that are being written may take when smartETL stops.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// The same for long work.
const LAST_WORK: Duration = Duration::from_secs(8);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders or globs to read and to watch; the setting `data` (./data) where it is left out
    #[arg(value_name = "PATH", conflicts_with = "demo")]
    paths: Vec<PathBuf>,
    /// Show simulated logs, in a database of their own
    #[arg(long)]
    demo: bool,
    /// Port of the web page; 0 for any that is free. The setting `http.port` where it is left out
    #[arg(long)]
    port: Option<u16>,
    #[command(flatten)]
    reading: load::Reading,
    /// No path at all: others read the files.
    #[arg(skip)]
    no_paths: bool,
}

impl Args {
    /// For a service that reads no files.
    pub(super) fn without_paths(port: Option<u16>) -> Self {
        Self {
            paths: Vec::new(),
            demo: false,
            port,
            reading: load::Reading::default(),
            no_paths: true,
        }
    }
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let stop = progress::stop_by_signals(context, lang.words().stopping)?;
    // Before everything else: where the port is taken, nothing shall have been started.
    let listener = listen(args.port, context).await?;
    let own;
    let context = if args.demo {
        own = demo_context(context)?;
        &own
    } else {
        context
    };
    let mut settings = args.reading.settings(context)?;
    args.reading.check_environment(context)?;
    let pulling = Pulling::of(context)?;
    if !args.demo {
        args.reading.warn_of_two_zones(context);
    }
    let started = tokio::select! {
        started = start(&args, context) => started?,
        // Dropping lets a server that was being started stop by itself.
        _ = stop.clone().wait() => return Ok(Outcome::Done),
    };
    let Started {
        database,
        intake,
        pool,
        demo,
    } = started;
    let paths = match (&demo, args.paths.is_empty()) {
        (Some(demo), _) => demo.files(),
        (None, true) if args.no_paths => Vec::new(),
        (None, true) => vec![context.settings.data.clone()],
        (None, false) => args.paths.clone(),
    };
    let watched = match &demo {
        Some(demo) => vec![shown(demo.folder())],
        None => paths.iter().map(|path| shown(path)).collect(),
    };
    let telemetry = Arc::new(Telemetry::default());
    telemetry.set_loading(true);
    if demo.is_none() {
        args.reading.complete(&mut settings, &intake, context);
    }
    let own = own_settings(&settings, context)?;
    let reading = (&settings, &own, paths.as_slice());
    let acting = acting(&database, demo.as_ref(), reading, context).await?;
    let disk = disk::Watching::of(context, &database)?;
    let zone = intake.zone().clone();
    let business_zone = zone.iana_name().unwrap_or("UTC").to_owned();
    let teller = Teller {
        lang,
        zone: zone.clone(),
        now: jiff::Timestamp::now(),
    };
    let folder = match &context.settings.data_dir {
        Some(place) if args.demo => flag(place),
        _ => folder(context),
    };
    let view = View {
        telling: Telling {
            context,
            teller,
            folder: folder.clone(),
        },
        web: format!("http://{}", reachable(listener.local_addr()?)),
        database: database.masked_url(),
        watched: watched.clone(),
        demo: demo.is_some(),
        day: demo.as_ref().map(|demo| demo.day),
        said: RefCell::default(),
    };
    view.opening();

    let posts = Arc::<Posts>::default();
    let (posting, storing) = match &demo {
        Some(_) => (None, None),
        None => {
            let (posting, storing) = posting(own, &posts, (context, &database))?;
            (Some(posting), Some(storing))
        }
    };
    let writing = acting.pool.clone();
    let pulse = Arc::new(Pulse::new(context.settings.http.hung_after));
    let known = (Arc::clone(&pulse), Arc::clone(&telemetry));
    let alive = Alive::new(Kind::Server, database.options()?, known, lang);
    let working = acting.work.clone().begin(stop.clone());
    let router = service::router(Service {
        pool: pool.clone(),
        telemetry: Arc::clone(&telemetry),
        pulse: Arc::clone(&pulse),
        zone,
        border: context.settings.business_day.border,
        lang,
        demo: demo.is_some(),
        day: demo.as_ref().map(|demo| demo.day),
        watched,
        scheduled: context.settings.fuse.mode == FuseMode::Scheduled,
        folder,
        hosts: Hosts {
            bind: context.settings.http.bind,
            names: context.settings.http.hosts.clone(),
        },
        token: Token::of(&context.settings.http.token),
        started: jiff::Timestamp::now().to_string(),
        listeners: Listeners::until(stop.clone()),
        acting: Some(acting),
        posting,
        process: Process::Pages,
        shown: shown_settings(context, &business_zone, demo.is_some()),
    });
    let mut served = tokio::spawn(service::serve(
        listener,
        router,
        service::Patience::default(),
        stop.clone(),
    ));
    let total = bytes_of(&paths);
    let bar = intake.progress();
    let mut bar = (total > 0).then(|| progress::watch(bar, total, context));
    let as_of = demo.as_ref().map(demo::Demo::as_of);
    let settings = (settings, args.reading.is_zone_given(context));
    let follower = Follower::new(intake, pool.clone(), paths, settings, as_of, telemetry)
        .with(posts)
        .beating(pulse);
    let mut first = true;
    let told = async |news: News| {
        if let Some(bar) = bar.take() {
            bar.stop();
        }
        view.news(&news, std::mem::take(&mut first), &pool).await;
    };
    // It ends by being dropped: transactions that are open are taken back.
    let never = Stop::never();
    let outcome = tokio::select! {
        () = follower.run(&never, told, |reason| view.telling.trouble(reason)) => Ok(Outcome::Done),
        _ = stop.wait() => Ok(Outcome::Done),
        never = pulling.run() => match never {},
        never = disk.run() => match never {},
        never = alive.keep() => match never {},
        ended = &mut served => match ended {
            Ok(()) => Ok(Outcome::Done),
            Err(error) => Err(anyhow::Error::new(error).context("the service came to an unexpected end")),
        },
    };
    if let Some(bar) = bar {
        bar.stop();
    }
    if !served.is_finished()
        && tokio::time::timeout(LAST_ANSWERS, &mut served)
            .await
            .is_err()
    {
        served.abort();
    }
    if let Some(storing) = storing {
        // Nobody posts any more: what waits is stored or refused.
        let _ = tokio::time::timeout(LAST_ANSWERS, storing).await;
    }
    let _ = tokio::time::timeout(LAST_WORK, working).await;
    alive.end().await;
    // Whoever still waits for an answer of the database has lost it now.
    let _ = tokio::time::timeout(LAST_ANSWERS, writing.close()).await;
    let _ = tokio::time::timeout(LAST_ANSWERS, pool.close()).await;
    let words = lang.words();
    let alone = database.stop().await?;
    context.say(if alone {
        words.stopped
    } else {
        words.server_goes_on
    });
    outcome
}

/// How what people send is read. What is said about the files that are watched is said about them only, except where and when they
/// were written.
fn own_settings(settings: &Settings, context: &Context) -> anyhow::Result<Settings> {
    Ok(Settings {
        timezone: settings.timezone.clone(),
        environment: settings.environment.clone(),
        host: settings.host.clone(),
        ..load::Reading::default().settings(context)?
    })
}

/// Where posts go, and what ends when all of them are stored.
fn posting(
    settings: Settings,
    posts: &Arc<Posts>,
    (context, database): (&Context, &Database),
) -> anyhow::Result<(Posting, JoinHandle<()>)> {
    let hash = FuseConfig::from(&context.settings).hash();
    let (inbox, storing) = Inbox::open(database.options()?, hash, &settings, Arc::clone(posts))?;
    let posting = Posting { inbox, settings };
    Ok((posting, storing))
}

/// What is there when the database answers.
struct Started {
    database: Database,
    intake: Intake,
    /// For the service and for small questions: only reads.
    pool: PgPool,
    demo: Option<demo::Demo>,
}

async fn start(args: &Args, context: &Context) -> anyhow::Result<Started> {
    let demo = if args.demo {
        let place = data_dir(context)?;
        // It computes for a moment and never waits.
        let made = tokio::task::spawn_blocking(move || {
            demo::Demo::prepare(&place, jiff::Timestamp::now())
        });
        Some(made.await??)
    } else {
        None
    };
    let database = Database::open(context).await?;
    if let Some(demo) = &demo {
        demo::make_room(&mut database.connect().await?, &demo.identity).await?;
    }
    let intake = load::intake(context, &database).await?;
    let options = database.options()?.options([
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "20s"),
        // What is not asked for is NULL, and would make a plan for everything a bad one.
        ("plan_cache_mode", "force_custom_plan"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(5));
    let pool = pool.connect_lazy_with(options);
    Ok(Started {
        database,
        intake,
        pool,
        demo,
    })
}

/// What people need to change something. Where others could come in, somebody must have an account.
async fn acting(
    database: &Database,
    demo: Option<&demo::Demo>,
    (followed, own, paths): (&Settings, &Settings, &[PathBuf]),
    context: &Context,
) -> anyhow::Result<Acting> {
    let http = &context.settings.http;
    let mut connection = database.connect().await?;
    if !http.password.is_empty() {
        access::admin_of_settings(&mut connection, &http.password)
            .await
            .context("http.password")?;
    }
    let is_open = !http.bind.is_loopback() || http.login == Login::Always;
    if is_open && !smartetl_store::access::any(&mut connection).await? {
        return Err(Failure::new(
            ErrorCode::NoAccount,
            [
                "a login is wanted, and nobody has an account",
                "une connexion est demandée, et personne n’a de compte",
            ],
        )
        .at(format!("http.bind = {}, http.login = {}", http.bind, http.login.as_str()))
        .hint([
            "smartetl users add NAME --role admin; or set SMARTETL_HTTP_PASSWORD, the password of the account admin",
            "smartetl users add NOM --role admin\u{a0}; ou mettez dans SMARTETL_HTTP_PASSWORD le mot de passe du compte admin",
        ])
        .into());
    }
    let settings = context.settings_of(&mut connection).await?;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(10));
    let (config, rules) = (FuseConfig::from(&settings), Rules::from(&settings));
    let folder = super::database::scratch(context)?;
    let as_of = demo.map(demo::Demo::as_of);
    let of_work = PgPoolOptions::new()
        .max_connections(Work::pool_size(&settings))
        .idle_timeout(Duration::from_mins(1))
        .connect_lazy_with(database.options()?);
    let uploads = data_dir(context)?.join("uploads");
    let work = Work::new(Parts {
        intake: Intake::new(of_work.clone(), &settings, folder.clone()),
        pool: of_work,
        config: config.clone(),
        rules,
        scratch: folder.clone(),
        as_of,
        files: Files::new(&uploads, u64::from(http.upload_mib) << 20),
        followed: followed.clone(),
        own: own.clone(),
        paths: paths.to_vec(),
        vocabularies: map::vocabularies(&settings),
        is_zone_known: context.is_zone_chosen() || !map::is_utc(&own.timezone),
    });
    Ok(Acting {
        pool: pool.connect_lazy_with(database.options()?),
        config,
        rules,
        folder,
        as_of,
        slowing: Arc::default(),
        always: http.login == Login::Always,
        user: access::user(),
        work,
    })
}

/// The settings as they hold: the demo has some of its own, and a database the zone that it was filled with.
fn shown_settings(context: &Context, zone: &str, is_demo: bool) -> Shown {
    let settings = &context.settings;
    let border = settings.business_day.border;
    let mut origins = context.origins.clone();
    for setting in &mut origins {
        let of_demo = match setting.key.as_str() {
            "timezone" => zone.to_owned(),
            "business_day.border" => border.strftime("%H:%M").to_string(),
            "fuse.mode" => "live".to_owned(),
            "database.url" | "grafana.pull_every" => String::new(),
            "data_dir" => settings.data_dir.as_deref().map(shown).unwrap_or_default(),
            _ => continue,
        };
        if is_demo {
            setting.value = of_demo.into();
            "demo".clone_into(&mut setting.origin);
        } else if setting.key == "timezone" && setting.origin == MACHINE {
            if setting.value.as_str() != Some(zone) {
                "database".clone_into(&mut setting.origin);
            }
            setting.value = of_demo.into();
        }
    }
    Shown {
        origins,
        file: context.file.clone(),
        file_read: context.file_read,
    }
}

/// The demo always has the embedded server, in a folder below that of the real data.
fn demo_context(context: &Context) -> anyhow::Result<Context> {
    let mut settings = context.settings.clone();
    settings.data_dir = Some(data_dir(context)?.join("demo"));
    settings.database.url = None;
    settings.grafana.pull_every = None;
    demo::TIMEZONE.clone_into(&mut settings.timezone);
    settings.business_day.border = jiff::civil::time(18, 0, 0, 0);
    settings.fuse.mode = FuseMode::Live;
    Ok(Context {
        settings,
        origins: context.origins.clone(),
        file: context.file.clone(),
        file_read: context.file_read,
        warnings: Vec::new(),
        colour: context.colour,
        verbosity: context.verbosity,
    })
}

fn data_dir(context: &Context) -> anyhow::Result<PathBuf> {
    Ok(super::database::options(context)?.data_dir)
}

fn bytes_of(paths: &[PathBuf]) -> u64 {
    let (files, _) = smartetl_formats::source::expand(paths);
    files
        .iter()
        .filter_map(|file| file.metadata().ok())
        .map(|data| data.len())
        .sum()
}

fn shown(path: &std::path::Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}

/// Opens the port; that of the settings where none is given.
pub(super) async fn listen(port: Option<u16>, context: &Context) -> anyhow::Result<TcpListener> {
    let http = &context.settings.http;
    let address = SocketAddr::new(http.bind, port.unwrap_or(http.port));
    let error = match TcpListener::bind(address).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    let url = format!("http://{}", reachable(address));
    let failure = if error.kind() != std::io::ErrorKind::AddrInUse {
        let message = format!("cannot listen on {address}: {}", reason(&error));
        Failure::new(ErrorCode::PortTaken, message).hint([
            "choose another with --port, or correct http.bind",
            "choisissez-en un autre avec --port, ou corrigez http.bind",
        ])
    } else if is_ours(reachable(address)).await {
        Failure::new(
            ErrorCode::PortTaken,
            [
                format!("smartETL already runs here: {url}"),
                format!("smartETL tourne déjà ici\u{a0}: {url}"),
            ],
        )
        .hint([
            "open that page, stop that process, or choose another port with --port (0: any that is free)",
            "ouvrez cette page, arrêtez ce processus, ou choisissez un autre port avec --port (0\u{a0}: n’importe lequel de libre)",
        ])
    } else {
        Failure::new(
            ErrorCode::PortTaken,
            [
                format!("another program uses {address}"),
                format!("un autre programme occupe {address}"),
            ],
        )
        .hint([
            "choose another port with --port (0: any that is free) or SMARTETL_HTTP_PORT",
            "choisissez un autre port avec --port (0\u{a0}: n’importe lequel de libre) ou SMARTETL_HTTP_PORT",
        ])
    };
    Err(failure.into())
}

/// Where this machine reaches what listens there.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        std::net::IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether smartETL's own service answers there.
async fn is_ours(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .await?;
        let mut answer = Vec::new();
        stream.take(4096).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(
            String::from_utf8_lossy(&answer).contains("\"service\":\"smartetl\""),
        )
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(2), asked).await,
        Ok(Ok(true))
    )
}

/// What is said in the terminal.
struct View<'a> {
    telling: Telling<'a>,
    web: String,
    database: String,
    watched: Vec<String>,
    demo: bool,
    /// To be told first; else the newest.
    day: Option<Date>,
    /// The last sentence.
    said: RefCell<String>,
}

impl View<'_> {
    fn opening(&self) {
        let words = self.telling.teller.lang.words();
        let mut text = format!("smartETL {} · {}\n", env!("CARGO_PKG_VERSION"), self.web);
        if self.demo {
            let _ = writeln!(text, "{} · {}", words.demo.to_uppercase(), words.demo_text);
        }
        for path in &self.watched {
            let _ = writeln!(text, "{} {path}", words.watching);
        }
        print(&text);
    }

    /// After every pass; `first` after the first one.
    async fn news(&self, news: &News, first: bool, pool: &PgPool) {
        self.telling.notes(news, first);
        if !first && news.records == 0 && news.runs == 0 {
            return;
        }
        let teller = Teller {
            now: jiff::Timestamp::now(),
            ..self.telling.teller.clone()
        };
        let mut text = String::new();
        if news.records > 0 {
            let _ = writeln!(text, "{}", line(news, &teller));
        }
        if first {
            text.push_str(&news.recognised.text(teller.lang));
        }
        let night = told_night(pool, self.day).await;
        if first {
            match &night {
                Ok(Some(night)) => {
                    self.sentence(night, &teller, &mut String::new());
                    let _ = write!(
                        text,
                        "\n{}",
                        night::summary(night, &teller, width(), self.telling.context.colour)
                    );
                    if let Some(note) = self.other_night(pool, night, &teller).await {
                        let _ = writeln!(text, "\n{note}");
                    }
                }
                Ok(None) if news.records == 0 && is_empty(pool).await => self.empty(&mut text),
                Ok(None) => self.no_night(pool, &mut text).await,
                Err(_) => {}
            }
            self.connect(&mut text);
        } else if let Ok(Some(night)) = &night {
            self.sentence(night, &teller, &mut text);
        }
        if let Err(error) = night {
            tracing::warn!("the night cannot be told: {error:#}");
        }
        print(&text);
        if first && let Ok(mut connection) = pool.acquire().await {
            // Where the database is away that is told elsewhere.
            let _ = unmapped::warn(&mut connection, self.telling.context).await;
        }
    }

    /// The sentence, where it is another one than before.
    fn sentence(&self, night: &Night, teller: &Teller, text: &mut String) {
        let parts: Vec<_> = night::sentence(night, teller)
            .into_iter()
            .map(|part| part.text)
            .collect();
        let colon = teller.lang.colon();
        let sentence = format!(
            "          {}{colon} {}\n",
            teller.night(night.day),
            parts.join(" ")
        );
        let mut said = self.said.borrow_mut();
        if *said != sentence {
            text.push_str(&sentence);
            *said = sentence;
        }
    }

    /// Whether that can be told depends on the database; the night itself was told.
    async fn other_night(&self, pool: &PgPool, night: &Night, teller: &Teller) -> Option<String> {
        let Telling {
            context, folder, ..
        } = &self.telling;
        let mut connection = pool.acquire().await.ok()?;
        let note = other_night::note(&mut connection, night, teller, context, folder).await;
        note.ok().flatten()
    }

    /// What reaches this database from a shell.
    fn command(&self) -> String {
        program() + &self.telling.folder
    }

    /// There are rows, but no night.
    async fn no_night(&self, pool: &PgPool, text: &mut String) {
        let lang = self.telling.teller.lang;
        let runs = unscheduled_runs(pool).await.unwrap_or_default();
        text.push('\n');
        text.push_str(&night::without_night(&runs, lang, &self.command(), width()));
    }

    /// The ways to bring logs.
    fn empty(&self, text: &mut String) {
        let words = self.telling.teller.lang.words();
        let _ = writeln!(text, "\n{}", words.empty_title);
        let folder = self.watched.first();
        let folder = folder.map(|folder| (words.empty_folder, folder.clone()));
        let commands = [
            (words.empty_load, format!("{} load PATH…", self.command())),
            (words.empty_demo, format!("{} up --demo", program())),
        ];
        for (way, command) in folder.into_iter().chain(commands) {
            let _ = writeln!(text, "  {way}\n    {command}");
        }
        let _ = writeln!(text, "{}", words.empty_text);
    }

    /// The app, or where the program was built without it the page that only reads.
    fn page(&self) -> String {
        let root = if app::is_built() { app::ROOT } else { "" };
        format!("{}{root}", self.web)
    }

    /// Where to connect, and how to stop.
    fn connect(&self, text: &mut String) {
        let words = self.telling.teller.lang.words();
        let command = self.command();
        let lines = [
            (words.web, self.page()),
            ("PostgreSQL", self.database.clone()),
            (
                "",
                format!("{} {command} doctor --format json", words.with_password),
            ),
            (
                "SQL",
                format!(
                    "{command} sql \"SELECT job, status, category FROM dataset ORDER BY started_at DESC LIMIT 20\""
                ),
            ),
            (words.stop, words.stop_how.to_owned()),
        ];
        text.push('\n');
        for (name, value) in lines {
            let _ = writeln!(text, "  {name:<11} {value}");
        }
    }
}

fn print(text: &str) {
    // Where nobody listens, the service goes on.
    let _ = output::print(&output::folded(text, output::terminal_width()));
}

/// For text that is broken into lines.
pub(super) fn width() -> usize {
    usize::from(output::terminal_width().unwrap_or(100)).clamp(40, 120)
}

async fn told_night(pool: &PgPool, day: Option<Date>) -> anyhow::Result<Option<Night>> {
    let mut connection = pool.acquire().await?;
    Ok(smartetl_store::night::night(&mut connection, None, day).await?)
}

async fn unscheduled_runs(pool: &PgPool) -> anyhow::Result<Vec<Unscheduled>> {
    let mut connection = pool.acquire().await?;
    Ok(smartetl_store::night::unscheduled(&mut connection).await?)
}

/// Whether nothing was ever stored.
async fn is_empty(pool: &PgPool) -> bool {
    let facts = async {
        let mut connection = pool.acquire().await?;
        anyhow::Ok(smartetl_store::facts::facts(&mut connection).await?)
    };
    facts.await.is_ok_and(|facts| facts.sources.is_empty())
}
