//! `smartetl issues`: what goes wrong again and again, since when, and who deals with it. What commands have in common stands here: how
//! an issue is named, and who acts.

mod act;
mod list;
pub mod said;
mod show;

use super::{Context, Database, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::look::first_and_last;
use crate::night::{Lang, Teller};
use jiff::tz::TimeZone;
use smartetl_core::model::Moment;
use smartetl_store::issues::{self, Listed};
use sqlx::PgConnection;
use std::fmt::Write as _;
use uuid::Uuid;

/// More issues that could be meant are not listed.
const CANDIDATES: u32 = 10;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::Args,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Open issues, what was seen last first; so it is where nothing is said.
    List(list::Args),
    /// One issue: since when, how often, in which runs, and what people did.
    Show(show::Args),
    /// Say that you know it: a new issue, or one that came back, becomes an ongoing one.
    Ack(act::Acting),
    /// Say that it is solved: should it occur in a run that begins later, it has regressed.
    Resolve(act::Acting),
    /// Take that back, or open what was resolved by itself.
    Reopen(act::Acting),
    /// Leave it out of lists for a while.
    Mute(act::Muting),
    /// Let it stand in lists again.
    Unmute(act::Acting),
    /// Say who deals with it.
    Assign(act::Assigning),
    /// Note something.
    Note(act::Noting),
    /// Say where it is written what to do.
    Runbook(act::Linking),
    /// Say that two problems are one: for all that was and all that comes.
    Merge(said::Merge),
    /// Say that a problem is several: signatures of it become one of their own.
    Split(said::Split),
    /// Say what a problem is called.
    Rename(said::Rename),
    /// Take back what was said; everything is then as if it had never been said.
    Undo(said::Undo),
    /// What was said of problems, the latest first.
    Overrides(said::Overrides),
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    match args.action {
        None => list::run(args.list, context).await,
        Some(Action::List(args)) => list::run(args, context).await,
        Some(Action::Show(args)) => show::run(args, context).await,
        Some(Action::Ack(args)) => act::ack(args, context).await,
        Some(Action::Resolve(args)) => act::resolve(args, context).await,
        Some(Action::Reopen(args)) => act::reopen(args, context).await,
        Some(Action::Unmute(args)) => act::unmute(args, context).await,
        Some(Action::Mute(args)) => act::mute(args, context).await,
        Some(Action::Assign(args)) => act::assign(args, context).await,
        Some(Action::Note(args)) => act::note(args, context).await,
        Some(Action::Runbook(args)) => act::runbook(args, context).await,
        Some(Action::Merge(args)) => said::merge(args, context).await,
        Some(Action::Split(args)) => said::split(args, context).await,
        Some(Action::Rename(args)) => said::rename(args, context).await,
        Some(Action::Undo(args)) => said::undo(args, context).await,
        Some(Action::Overrides(args)) => said::overrides(args, context).await,
    }
}

/// A session that may write, and how people are told times.
async fn open(context: &Context) -> anyhow::Result<(Database, PgConnection, Teller)> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let zone = context.settings_of(&mut connection).await?.timezone;
    let teller = Teller {
        lang: context.lang(),
        zone: TimeZone::get(&zone)?,
        now: jiff::Timestamp::now(),
    };
    Ok((database, connection, teller))
}

/// Who acts: whom they named, or the user of this machine.
fn actor(named: Option<&str>) -> String {
    let user = || {
        let user = nix::unistd::User::from_uid(nix::unistd::getuid());
        user.ok().flatten().map(|user| user.name)
    };
    let variable = || std::env::var("USER").ok().filter(|name| !name.is_empty());
    named
        .map(str::to_owned)
        .or_else(user)
        .or_else(variable)
        .unwrap_or_else(|| nix::unistd::getuid().to_string())
}

/// The issue that a person means by the first digits of its id.
pub(super) async fn find(
    connection: &mut PgConnection,
    name: &str,
    lang: Lang,
) -> anyhow::Result<Listed> {
    let ids = match first_and_last(name) {
        Some(range) => issues::ids(connection, range, CANDIDATES + 1).await?,
        None => Vec::new(),
    };
    let found = match ids.as_slice() {
        [] => None,
        [one] => issues::by_id(connection, *one).await?,
        several => return Err(ambiguous(connection, name, several, lang).await?.into()),
    };
    found.ok_or_else(|| {
        Failure::new(
            ErrorCode::Usage,
            [
                format!("there is no issue `{name}`"),
                format!("il n’y a pas de problème `{name}`"),
            ],
        )
        .hint([
            "give the beginning of its id (at least 4 digits) as `smartetl issues --all` shows it",
            "donnez le début de son identifiant (4 chiffres au moins) comme `smartetl issues --all` le montre",
        ])
        .into()
    })
}

async fn ambiguous(
    connection: &mut PgConnection,
    name: &str,
    ids: &[Uuid],
    lang: Lang,
) -> anyhow::Result<Failure> {
    let short = issues::shortest(connection).await?;
    let mut hint = lang
        .pick("give more of it:", "donnez-en plus\u{a0}:")
        .to_owned();
    for id in ids.iter().take(CANDIDATES as usize) {
        let listed = issues::by_id(connection, *id).await?;
        if let (Some(listed), Some(short)) = (listed, short.get(id)) {
            let row = &listed.row;
            let _ = write!(hint, "\n  {short}  {} · {}", row.family, row.environment);
            if let Some(title) = &listed.title {
                let _ = write!(hint, " · {title}");
            }
        }
    }
    if ids.len() > CANDIDATES as usize {
        hint.push_str("\n  …");
    }
    Ok(Failure::new(
        ErrorCode::Usage,
        [
            format!("`{name}` names several issues"),
            format!("`{name}` désigne plusieurs problèmes"),
        ],
    )
    .hint(hint))
}

fn now(teller: &Teller) -> Moment {
    Moment(teller.now.as_microsecond())
}
