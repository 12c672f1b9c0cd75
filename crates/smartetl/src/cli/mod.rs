//! The command line: one file per command, each with its `Args` and `run`. Parses, prints, chooses the exit code;
//! what commands do lives elsewhere.
//!
//! stdout carries results, stderr everything else. Exit 0 done, 1 done with findings, 2 could not do it, 128 + n when
//! signal n ended it early.

mod again;
mod backup;
mod beside;
mod calendar;
mod catalogue;
mod classify;
mod completions;
mod config;
mod consume;
mod context;
mod dashboards;
mod database;
mod disk;
mod doctor;
mod dry_run;
mod explain;
mod export;
mod filters;
mod follow;
mod form;
mod fuse;
mod group;
mod init_env;
mod issues;
mod jobs;
mod kafka;
mod load;
mod logging;
mod map;
mod messages;
mod migrate;
mod near;
mod other_night;
mod produce;
mod progress;
mod prune;
mod reader;
mod regroup;
mod replay;
mod report;
mod restore;
mod roles;
mod runs;
mod secret;
mod serve;
mod show;
mod simulate;
mod sql;
mod status;
mod summary;
mod telling;
mod tokens;
mod unload;
mod unmapped;
mod up;
mod users;
mod verify;
mod wait;
mod watching;

pub use context::{Context, Outcome};
pub use database::Database;

use crate::config::LogFormat;
use crate::errors::{self, StdoutClosed};
use crate::night::Lang;
use crate::output;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use smartetl_formats::container::is_panic_told;
use smartetl_store::embedded::{SUBCOMMAND, run_as_postgres};
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// From the logs of ETL jobs to a table that says, for each run and each night, what happened and why.
#[derive(Debug, Parser)]
#[command(
    name = "smartetl",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "Configuration file; also SMARTETL_CONFIG"
    )]
    config: Option<PathBuf>,
    /// Any setting, like `http.port=9000`; may be repeated.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Folder of the embedded PostgreSQL.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "PostgreSQL server to use instead of the embedded one. A password given here is visible to other \
                users of the machine; DATABASE_URL is not"
    )]
    database_url: Option<String>,
    /// An archive of PostgreSQL 17 that is already here, for machines without network.
    #[arg(long, global = true, value_name = "FILE")]
    postgres_archive: Option<String>,
    /// Say more on stderr; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// Say only errors on stderr.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Form of the log on stderr.
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    log_format: Option<LogFormat>,
    #[arg(
        long,
        global = true,
        value_name = "LANG",
        value_enum,
        help = "Language for people; the setting `lang` where it is left out, then that of the environment (LC_ALL, \
                LC_MESSAGES, LANG)"
    )]
    lang: Option<Lang>,
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, help = "Colours: never when NO_COLOR is set")]
    color: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    /// Whether to colour what goes to a stream that is, or is not, a terminal.
    fn on(self, terminal: bool) -> bool {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => terminal && !unwanted,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the database, read logs, show the night, and go on with what is new.
    Up(up::Args),
    /// Serve the page, take what is posted, and read no files: where `follow`, `produce` or others do that.
    ///
    /// Runs are made of what is posted as by `up`. Goes on until SIGTERM or Ctrl-C, and ends with 0.
    Serve(serve::Args),
    /// Load logs: CSV and Parquet files, folders, globs; then fuse.
    Load(load::Args),
    /// Go on reading what is appended to logs, as it comes, also when they are rotated.
    ///
    /// Goes on until SIGTERM or Ctrl-C, after the batches that are on their way, and ends with 0.
    Follow(follow::Args),
    /// Look at logs that nobody knows yet and propose a mapping for them.
    Map(map::Args),
    /// Send logs to Kafka: what is there, and then what is appended.
    Produce(produce::Args),
    /// Store what comes through Kafka; as many of these as partitions share the work.
    Consume(consume::Args),
    /// Send messages again that could not become rows.
    Replay(replay::Args),
    /// Take back what was loaded, as if it had never been; then fuse.
    Unload(unload::Args),
    /// Remove the rows of old trees, by retention.months; runs and days that were folded from them stay as they are.
    Prune(prune::Args),
    /// Fuse what is stored into runs and days; or files into a file of runs, with --to.
    Fuse(fuse::Args),
    /// Which messages of a file mean the same: their templates. Needs no database.
    Group(group::Args),
    /// What was received, what the last night came to, and what needs someone.
    Status(status::Args),
    /// A night or a week as text, HTML or JSON: to read, to send, to print.
    Report(report::Args),
    /// Runs, newest first; `runs show RUN` for one with its tree.
    Runs(runs::Args),
    /// Jobs with their last run and habits; `jobs export` and `jobs import` for what people say of them.
    Jobs(jobs::Args),
    /// What goes wrong again and again: since when, how often, who deals with it, and which errors mean the same.
    Issues(issues::Args),
    /// Mask and group all messages anew, by the masks of this version.
    Regroup(regroup::Args),
    /// Say what kind of error each message of a list is; or that a stored error is of another kind, with --correct.
    Classify(classify::Args),
    /// Say what kind of error a message, or a stored error, is, why, and what it means.
    Explain(explain::Args),
    /// Run one SQL statement; reads only, unless --write is given.
    Sql(sql::Args),
    /// Write a table as Parquet, CSV or Excel.
    Export(export::Args),
    /// Prove that what was loaded is stored, once and unchanged, and fused right.
    ///
    /// Reads the sources again that are still there. One whose load ended before its end is a finding (exit 1); one that
    /// grew since, or is being read now, is a note.
    Verify(verify::Args),
    /// Write all tables into one file, as they stand at one moment.
    Backup(backup::Args),
    /// Put a backup into an empty database: all of it or nothing.
    Restore(restore::Args),
    /// Write the logs of an imagined company, with the truth about them.
    Simulate(simulate::Args),
    /// Wait until servers, services or files are there.
    Wait(wait::Args),
    /// Dashboards of Grafana as files: take, give, compare, check.
    Dashboards(dashboards::Args),
    /// Look at what is installed, reachable and writable, and say what to do about it.
    Doctor(doctor::Args),
    /// Bring the tables to this version.
    Migrate(migrate::Args),
    /// Who may log in to the service, and what they may.
    Users(users::Args),
    /// Programs that may use the service, and what they may.
    Tokens(tokens::Args),
    /// Make the roles and databases of a PostgreSQL server, and change their passwords.
    Roles(roles::Args),
    /// Print the settings of compose.yaml with new passwords: `smartetl init-env > .env`.
    InitEnv,
    /// Print the SQL of all tables.
    Schema,
    /// Show the configuration and where each value comes from.
    Config(config::Args),
    /// The days of a year that are no usual ones: holidays, closures, month ends.
    Calendar(calendar::Args),
    /// Print the completion script of a shell.
    Completions(completions::Args),
}

impl Command {
    async fn run(self, context: &Context) -> anyhow::Result<Outcome> {
        match self {
            Self::Up(args) => up::run(args, context).await,
            Self::Serve(args) => serve::run(args, context).await,
            Self::Group(args) => group::run(args, context).await,
            Self::Status(args) => status::run(args, context).await,
            Self::Report(args) => report::run(args, context).await,
            Self::Runs(args) => runs::run(args, context).await,
            Self::Jobs(args) => jobs::run(args, context).await,
            Self::Issues(args) => issues::run(args, context).await,
            Self::Migrate(args) => migrate::run(args, context).await,
            Self::Users(args) => users::run(args, context).await,
            Self::Tokens(args) => tokens::run(args, context).await,
            Self::Roles(args) => roles::run(args, context).await,
            Self::InitEnv => init_env::run(),
            Self::Schema => migrate::schema(),
            Self::Load(args) => load::run(args, context).await,
            Self::Produce(args) => produce::run(args, context).await,
            Self::Replay(args) => replay::run(args, context).await,
            Self::Consume(args) => consume::run(args, context).await,
            Self::Unload(args) => unload::run(args, context).await,
            Self::Prune(args) => prune::run(args, context).await,
            Self::Fuse(args) => fuse::run(args, context).await,
            Self::Regroup(args) => regroup::run(args, context).await,
            Self::Classify(args) => classify::run(args, context).await,
            Self::Explain(args) => explain::run(&args, context).await,
            Self::Sql(args) => sql::run(args, context).await,
            Self::Export(args) => export::run(args, context).await,
            Self::Verify(args) => verify::run(args, context).await,
            Self::Dashboards(args) => dashboards::run(args, context).await,
            Self::Doctor(args) => doctor::run(args, context).await,
            Self::Backup(args) => backup::run(args, context).await,
            Self::Restore(args) => restore::run(args, context).await,
            Self::Simulate(args) => simulate::run(args, context).await,
            Self::Wait(args) => wait::run(args, context).await,
            Self::Calendar(args) => calendar::run(&args, context),
            Self::Follow(args) => follow::run(args, context).await,
            Self::Map(args) => map::run(&args, context),
            Self::Config(args) => config::run(&args, context),
            Self::Completions(args) => completions::run(&args, Cli::command()),
        }
    }
}

/// The whole program.
pub fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == SUBCOMMAND) {
        // The embedded server's own processes: before any thread exists.
        return run_as_postgres(arguments);
    }
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // A damaged Parquet file makes its decoder panic, which is a finding like others and told as such.
        if !is_panic_told() {
            usual(panic);
        }
    }));
    let cli = parsed();
    let colour = cli.global.color.on(std::io::stderr().is_terminal());
    let folder = cli.global.data_dir.as_ref();
    let folder = folder.map_or_else(String::new, |folder| again::flag(folder.as_ref()));
    let mut lang = first_language(cli.global.lang);
    match start(cli, &mut lang) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Ok(Outcome::Stopped(signal)) => ExitCode::from(128 + signal),
        Err(error) if error.is::<StdoutClosed>() => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = Vec::new();
            // Writing to memory cannot fail, and nothing can be done when stderr is gone as well.
            let _ = errors::report(&mut text, &error, &folder, lang, colour);
            let text = String::from_utf8_lossy(&text);
            let text = output::folded(&text, output::stderr_width());
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
            ExitCode::from(errors::code_of(&error).exit())
        }
    }
}

/// The command line; where it is wrong the process ends. What was typed at length is not repeated as a whole.
fn parsed() -> Cli {
    Cli::try_parse().unwrap_or_else(|mut error| {
        if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
            let value = crate::service::shortened(value);
            error.insert(ContextKind::InvalidValue, ContextValue::String(value));
        }
        error.exit()
    })
}

/// The language until the configuration is read.
fn first_language(flag: Option<Lang>) -> Lang {
    let variable = || std::env::var("SMARTETL_LANG").ok();
    flag.or_else(|| variable().as_deref().and_then(Lang::of_tag))
        .unwrap_or_else(Lang::of_environment)
}

/// `lang` becomes that of the configuration.
fn start(cli: Cli, lang: &mut Lang) -> anyhow::Result<Outcome> {
    let command = match cli.command {
        // Works whatever the configuration says.
        Command::Completions(args) => return completions::run(&args, Cli::command()),
        Command::InitEnv => return init_env::run(),
        command => command,
    };
    let context = Context::new(&cli.global)?;
    *lang = context.lang();
    logging::start(&context, cli.global.color)?;
    for warning in &context.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(command.run(&context));
    // Readers of stdin and look-ups of names block threads that cannot be stopped; they must not hold up the end.
    runtime.shutdown_background();
    outcome
}
