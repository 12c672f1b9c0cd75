//! `smartetl issues`: what goes wrong again and again, since when, and who deals with it. What commands have in common stands here: how
//! an issue is named, and who acts.

mod act;
mod example;
mod list;
mod overrides;
mod phrases;
pub mod said;
mod show;

use super::{Context, Database, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::look::first_and_last;
use crate::night::{Lang, Teller};
use smartetl_core::model::Moment;
use smartetl_store::issues::{self, Former, Listed};
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
    Overrides(overrides::Overrides),
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
        Some(Action::Overrides(args)) => overrides::overrides(args, context).await,
    }
}

/// A session that may write, and how people are told times.
async fn open(context: &Context) -> anyhow::Result<(Database, PgConnection, Teller)> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let teller = context.teller_of(&mut connection).await?;
    Ok((database, connection, teller))
}

/// Who acts: whom they named, or the user of this machine.
fn actor(named: Option<&str>) -> String {
    named.map_or_else(crate::access::user, str::to_owned)
}

/// The issue that a person means.
struct Found {
    listed: Listed,
    /// They named it by an id that it took over.
    former: Option<Former>,
}

impl Found {
    /// `ab1b is issue d886 now: override 1 merged them`
    fn told(&self, short: &str, lang: Lang) -> Option<String> {
        let former = self.former.as_ref()?;
        let id = former.id.simple().to_string();
        let id = &id[..8];
        Some(match (lang, former.decision) {
            (Lang::En, Some(number)) => {
                format!("{id} is issue {short} now: override {number} merged them")
            }
            (Lang::En, None) => {
                format!("{id} is issue {short} now: its messages belong to that")
            }
            (Lang::Fr, Some(number)) => format!(
                "{id} est maintenant le problème {short}\u{a0}: la décision {number} les a fusionnés"
            ),
            (Lang::Fr, None) => format!(
                "{id} est maintenant le problème {short}\u{a0}: ses messages en font partie"
            ),
        })
    }
}

/// The issue that a person means by the first digits of its id, or of one that it had before.
async fn find(connection: &mut PgConnection, name: &str, lang: Lang) -> anyhow::Result<Found> {
    let range = first_and_last(name);
    let (mut ids, mut formers) = (Vec::new(), Vec::new());
    if let Some(range) = range {
        ids = issues::ids(connection, range, CANDIDATES + 1).await?;
        if ids.is_empty() {
            formers = issues::former(connection, range).await?;
            ids.extend(formers.iter().map(|former| former.issue));
            ids.dedup();
        }
    }
    let found = match ids.as_slice() {
        [] => None,
        [one] => issues::by_id(connection, *one).await?,
        several => {
            let candidates = candidates(connection, several).await?;
            let failure = if formers.is_empty() {
                ambiguous(name, &candidates, lang)
            } else {
                fell_apart(name, &candidates, lang)
            };
            return Err(failure.into());
        }
    };
    if let Some(listed) = found {
        return Ok(Found {
            listed,
            former: formers.pop(),
        });
    }
    let what = if range.is_some() {
        [
            format!("there is no issue `{name}`"),
            format!("il n’y a pas de problème `{name}`"),
        ]
    } else {
        [
            format!("`{name}` is no id: that is 4 to 32 characters, 0 to 9 and a to f"),
            format!(
                "`{name}` n’est pas un identifiant\u{a0}: il faut 4 à 32 caractères, de 0 à 9 et de a à f"
            ),
        ]
    };
    Err(Failure::new(ErrorCode::Usage, what).hint([
        "give the beginning of its id (at least 4 digits) as `smartetl issues --all` shows it",
        "donnez le début de son identifiant (4 chiffres au moins) comme `smartetl issues --all` le montre",
    ])
    .into())
}

/// The shortest id of the issue that this text names, and names alone.
pub(super) async fn named(
    connection: &mut PgConnection,
    text: &str,
) -> anyhow::Result<Option<String>> {
    let Some(range) = first_and_last(text) else {
        return Ok(None);
    };
    let ids = issues::ids(connection, range, 2).await?;
    let [id] = ids.as_slice() else {
        return Ok(None);
    };
    Ok(issues::shortest(connection).await?.remove(id))
}

/// A line for each of these issues, a line break before each.
async fn candidates(connection: &mut PgConnection, ids: &[Uuid]) -> anyhow::Result<String> {
    let short = issues::shortest(connection).await?;
    let mut lines = String::new();
    for id in ids.iter().take(CANDIDATES as usize) {
        let listed = issues::by_id(connection, *id).await?;
        if let (Some(listed), Some(short)) = (listed, short.get(id)) {
            let row = &listed.row;
            let _ = write!(lines, "\n  {short}  {} · {}", row.family, row.environment);
            if let Some(title) = &listed.title {
                let _ = write!(lines, " · {title}");
            }
        }
    }
    if ids.len() > CANDIDATES as usize {
        lines.push_str("\n  …");
    }
    Ok(lines)
}

fn ambiguous(name: &str, candidates: &str, lang: Lang) -> Failure {
    let more = lang.pick("give more of it:", "donnez-en plus\u{a0}:");
    Failure::new(
        ErrorCode::Usage,
        [
            format!("`{name}` names several issues"),
            format!("`{name}` désigne plusieurs problèmes"),
        ],
    )
    .hint(format!("{more}{candidates}"))
}

/// The id is none any more, and what it named is several issues now.
fn fell_apart(name: &str, candidates: &str, lang: Lang) -> Failure {
    let use_one = lang.pick(
        "use one of their ids:",
        "prenez l’un de leurs identifiants\u{a0}:",
    );
    Failure::new(
        ErrorCode::Usage,
        [
            format!("`{name}` is no issue any more: it fell apart into several"),
            format!("`{name}` n’est plus un problème\u{a0}: il a été séparé en plusieurs"),
        ],
    )
    .hint(format!("{use_one}{candidates}"))
}

fn now(teller: &Teller) -> Moment {
    Moment(teller.now.as_microsecond())
}
