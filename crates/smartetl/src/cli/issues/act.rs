//! What people do with issues.

use super::list::{columns, row};
use super::{Context, Found, Outcome, find, now, open, phrases};
use crate::catalogue;
use crate::errors::{ErrorCode, Failure};
use crate::filtering::{self, When};
use crate::issue::{self, filled};
use crate::night::{Lang, Teller, in_a_line, initial_upper};
use crate::output::{self, ReportFormat, Sheet};
use crate::reason::Reason;
use serde_json::{Value, json};
use smartetl_core::issue::{Mute, Rules, What};
use smartetl_core::model::{IssueState, Moment};
use smartetl_store::fusion;
use smartetl_store::issues::{self, IssueRow};
use sqlx::Connection;

const DAY_US: i64 = 86_400_000_000;

/// Who acts, and since when it holds.
#[derive(Debug, clap::Args)]
struct Actor {
    /// Who does it; the user of this machine where it is left out
    #[arg(long, value_name = "NAME", value_parser = filled)]
    by: Option<String>,
    /// Since when it holds, like 2026-11-23T02:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Moment>,
    /// How to write what became of them
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

#[derive(Debug, clap::Args)]
pub struct Acting {
    /// Their ids, or the beginnings of them, as `smartetl issues` shows them
    #[arg(value_name = "ISSUE", required = true)]
    issues: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    note: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

#[derive(Debug, clap::Args)]
#[group(id = "how_long", required = true, multiple = false, args = ["until", "occurrences", "next_version"])]
pub struct Muting {
    /// Their ids, or the beginnings of them, as `smartetl issues` shows them
    #[arg(value_name = "ISSUE", required = true)]
    issues: Vec<String>,
    /// Until that day begins, or until this moment, like 2026-12-01 or 2026-12-01T08:00:00Z
    #[arg(long, value_name = "DAY|TIME", value_parser = filtering::when)]
    until: Option<When>,
    /// Until it has occurred so many times more
    #[arg(long, value_name = "NUMBER", value_parser = times, allow_negative_numbers = true)]
    occurrences: Option<u32>,
    /// Until one of its jobs runs in another version
    #[arg(long)]
    next_version: bool,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    note: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

#[derive(Debug, clap::Args)]
pub struct Assigning {
    /// Its id, or the beginning of it, as `smartetl issues` shows it
    #[arg(value_name = "ISSUE")]
    issue: String,
    /// To whom
    #[arg(value_name = "NAME", value_parser = filled)]
    name: Option<String>,
    /// To nobody any more
    #[arg(long, conflicts_with = "name")]
    nobody: bool,
    #[command(flatten)]
    actor: Actor,
}

#[derive(Debug, clap::Args)]
pub struct Noting {
    /// Its id, or the beginning of it, as `smartetl issues` shows it
    #[arg(value_name = "ISSUE")]
    issue: String,
    /// What
    #[arg(value_name = "TEXT", value_parser = filled)]
    text: Option<String>,
    /// Nothing any more
    #[arg(long, conflicts_with = "text")]
    none: bool,
    #[command(flatten)]
    actor: Actor,
}

#[derive(Debug, clap::Args)]
pub struct Linking {
    /// Its id, or the beginning of it, as `smartetl issues` shows it
    #[arg(value_name = "ISSUE")]
    issue: String,
    /// Where: an address, or a path
    #[arg(value_name = "LINK", value_parser = filled)]
    link: Option<String>,
    /// Nowhere any more
    #[arg(long, conflicts_with = "link")]
    none: bool,
    #[command(flatten)]
    actor: Actor,
}

/// A moment with its offset.
fn moment(text: &str) -> Result<Moment, Reason> {
    match filtering::when(text) {
        Ok(When::Moment(at)) => Ok(at),
        Ok(When::Day(day)) => Err(Reason::new(
            format!("`{text}` is a day, and a moment is wanted; write for example {day}T02:00:00Z"),
            format!("`{text}` est un jour, il faut un instant\u{a0}; écrivez par exemple {day}T02:00:00Z"),
        )),
        Err(_) => Err(filtering::without_zone(text).unwrap_or_else(|| {
            Reason::new(
                format!("`{text}` is no moment from 1990 to 2100; write for example 2026-11-23T02:00:00Z"),
                format!("`{text}` n’est pas un instant de 1990 à 2100\u{a0}; écrivez par exemple 2026-11-23T02:00:00Z"),
            )
        })),
    }
}

fn times(text: &str) -> Result<u32, String> {
    let times = text.parse().ok().filter(|times| *times > 0);
    times.ok_or_else(|| format!("`{text}` is no number of times: 1 or more"))
}

pub async fn ack(args: Acting, context: &Context) -> anyhow::Result<Outcome> {
    on_several(What::Ack, args, context).await
}

pub async fn resolve(args: Acting, context: &Context) -> anyhow::Result<Outcome> {
    on_several(What::Resolve, args, context).await
}

pub async fn reopen(args: Acting, context: &Context) -> anyhow::Result<Outcome> {
    on_several(What::Reopen, args, context).await
}

pub async fn unmute(args: Acting, context: &Context) -> anyhow::Result<Outcome> {
    on_several(What::Unmute, args, context).await
}

async fn on_several(what: What, args: Acting, context: &Context) -> anyhow::Result<Outcome> {
    let acts = with_note(what, args.note);
    act(&args.issues, |_| Ok(acts.clone()), &args.actor, context).await
}

fn with_note(what: What, note: Option<String>) -> Vec<What> {
    [what]
        .into_iter()
        .chain(note.map(|note| What::Note(Some(note))))
        .collect()
}

pub async fn mute(args: Muting, context: &Context) -> anyhow::Result<Outcome> {
    let how_long = |teller: &Teller| {
        Ok(match (args.until, args.occurrences) {
            (Some(When::Moment(at)), _) => Mute::Until(at),
            (Some(When::Day(day)), _) => Mute::Until(issue::begin_of(day, &teller.zone)?),
            (None, Some(more)) => Mute::Occurrences(more),
            (None, None) => Mute::NextVersion,
        })
    };
    let acts = |teller: &Teller| {
        let mute: anyhow::Result<Mute> = how_long(teller);
        let mute = mute?;
        if let Mute::Until(at) = mute
            && at <= args.actor.since(teller)
        {
            return Err(Failure::new(
                ErrorCode::Usage,
                ["that is over already", "c’est déjà passé"],
            )
            .at("--until")
            .hint([
                "give a day or a moment that is to come; `smartetl issues unmute` lets it stand in lists again",
                "donnez un jour ou un moment à venir\u{a0}; `smartetl issues unmute` le remet dans les listes",
            ])
            .into());
        }
        Ok(with_note(What::Mute(mute), args.note.clone()))
    };
    act(&args.issues, acts, &args.actor, context).await
}

pub async fn assign(args: Assigning, context: &Context) -> anyhow::Result<Outcome> {
    if args.name.is_none() && !args.nobody {
        return Err(missing(
            ["to whom?", "à qui\u{a0}?"],
            "smartetl issues assign ISSUE NAME, smartetl issues assign ISSUE --nobody",
        ));
    }
    on_one(What::Assign(args.name), args.issue, &args.actor, context).await
}

pub async fn note(args: Noting, context: &Context) -> anyhow::Result<Outcome> {
    if args.text.is_none() && !args.none {
        return Err(missing(
            ["what is to be noted?", "que faut-il noter\u{a0}?"],
            "smartetl issues note ISSUE TEXT, smartetl issues note ISSUE --none",
        ));
    }
    on_one(What::Note(args.text), args.issue, &args.actor, context).await
}

pub async fn runbook(args: Linking, context: &Context) -> anyhow::Result<Outcome> {
    if args.link.is_none() && !args.none {
        return Err(missing(
            ["where is it written?", "où est-ce écrit\u{a0}?"],
            "smartetl issues runbook ISSUE LINK, smartetl issues runbook ISSUE --none",
        ));
    }
    if let Some(link) = &args.link {
        catalogue::link(link).map_err(|why| {
            let said = |lang: Lang| format!("`{link}` {}", why.text(lang));
            Failure::new(ErrorCode::Usage, [said(Lang::En), said(Lang::Fr)])
        })?;
    }
    on_one(What::Runbook(args.link), args.issue, &args.actor, context).await
}

fn missing(what: [&str; 2], hint: &str) -> anyhow::Error {
    Failure::new(ErrorCode::Usage, what).hint(hint).into()
}

async fn on_one(
    what: What,
    issue: String,
    actor: &Actor,
    context: &Context,
) -> anyhow::Result<Outcome> {
    act(&[issue], |_| Ok(vec![what.clone()]), actor, context).await
}

impl Actor {
    fn since(&self, teller: &Teller) -> Moment {
        self.at.unwrap_or_else(|| now(teller))
    }

    /// What is to come is not known.
    fn check(&self, teller: &Teller) -> anyhow::Result<()> {
        if self.since(teller) <= now(teller) {
            return Ok(());
        }
        Err(Failure::new(
            ErrorCode::Usage,
            ["that is yet to come", "c’est encore à venir"],
        )
        .at("--at")
        .hint([
            "leave --at out for now, or give a moment that has been",
            "sans --at, c’est maintenant\u{a0}; sinon, donnez un moment passé",
        ])
        .into())
    }
}

/// Stores what is done with all of these issues, or with none; says what has become of them.
async fn act(
    names: &[String],
    acts: impl Fn(&Teller) -> anyhow::Result<Vec<What>>,
    actor: &Actor,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let (_database, mut connection, teller) = open(context).await?;
    actor.check(&teller)?;
    let (acts, by) = (acts(&teller)?, super::actor(actor.by.as_deref()));
    let mut transaction = connection.begin().await?;
    // A fuse must not judge them meanwhile without knowing of it.
    fusion::lock(&mut transaction).await?;
    let mut named: Vec<Found> = Vec::new();
    for name in names {
        let found = find(&mut transaction, name, teller.lang).await;
        let found = found.map_err(|error| match names {
            [_] => error,
            _ => unchanged(error),
        })?;
        let id = found.listed.row.issue;
        if named.iter().all(|known| known.listed.row.issue != id) {
            named.push(found);
        }
    }
    let before: Vec<&IssueRow> = named.iter().map(|found| &found.listed.row).collect();
    let done = issue::Done {
        acts: &acts,
        at: actor.since(&teller),
        made_at: now(&teller),
        by: &by,
    };
    let rules = Rules::from(&context.settings);
    issue::act(&mut transaction, &before, &done, rules).await?;
    let short = issues::shortest(&mut transaction).await?;
    let ids: Vec<_> = before.iter().map(|issue| issue.issue).collect();
    let blocked = issues::blocked(&mut transaction, &ids).await?;
    let mut text = String::new();
    let mut sheet = Sheet::new(columns());
    for (issue, found) in before.iter().zip(&named) {
        let Some(after) = issues::by_id(&mut transaction, issue.issue).await? else {
            continue;
        };
        let short = short.get(&issue.issue).map_or("", String::as_str);
        if let Some(former) = found.told(short, teller.lang) {
            text.push_str(&(former + "\n"));
        }
        text.push_str(&told(issue, &after.row, short, &acts, &teller));
        let blocked = blocked.get(&issue.issue).copied().unwrap_or(0);
        sheet.rows.push(row(&after, short, blocked, now(&teller)));
    }
    let fused = fusion::state(&mut transaction).await?;
    transaction.commit().await?;
    if let Some(fused) = fused
        && actor.at.is_none()
        && acts.iter().any(waits_for_runs)
        && fused.as_of.0 < now(&teller).0 - DAY_US
    {
        warn_of_history(fused.as_of, &teller, context);
    }
    match actor.format {
        ReportFormat::Json => {
            let issues: Value = serde_json::from_str(&sheet.to_json()?)?;
            let all = serde_json::to_string_pretty(&json!({"issues": issues}))?;
            output::print(&(all + "\n"))?;
        }
        ReportFormat::Table => output::print(&output::folded(&text, output::terminal_width()))?,
    }
    Ok(Outcome::Done)
}

/// Whether only runs that begin later end it.
fn waits_for_runs(what: &What) -> bool {
    matches!(what, What::Mute(Mute::Occurrences(_) | Mute::NextVersion))
}

/// Says that runs which are loaded later may all have begun before now.
fn warn_of_history(as_of: Moment, teller: &Teller, context: &Context) {
    let last = phrases::at(as_of, teller);
    let (text, hint) = match teller.lang {
        Lang::En => (
            format!(
                "only runs that begin after now count, and the last fuse knew time as of {last}"
            ),
            format!("with older logs it never ends; give the moment in them: --at {as_of}"),
        ),
        Lang::Fr => (
            format!(
                "seules comptent les exécutions qui commencent après maintenant, et la dernière fusion s’arrêtait au {last}"
            ),
            format!(
                "avec des journaux plus anciens, cela ne finit jamais\u{a0}; donnez le moment qui y correspond\u{a0}: --at {as_of}"
            ),
        ),
    };
    context.warn(&text, &hint);
}

/// That what was asked of several issues was done with none.
fn unchanged(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Failure>() {
        Ok(mut failure) => {
            let [en, fr] = [Lang::En, Lang::Fr].map(|lang| failure.message.text(lang));
            failure.message = Reason::new(
                format!("{en}; nothing was changed"),
                format!("{fr}\u{a0}; rien n’a été changé"),
            );
            failure.into()
        }
        Err(error) => error,
    }
}

/// What has become of an issue; or that nothing has, and why.
fn told(
    before: &IssueRow,
    after: &IssueRow,
    short: &str,
    acts: &[What],
    teller: &Teller,
) -> String {
    let lang = teller.lang;
    // The state that it has now stands at the end.
    let mut said = vec![in_a_line(after, short, teller)];
    for what in acts {
        if let What::Mute(Mute::Until(until)) = what
            && *until <= now(teller)
        {
            said.push(phrases::over(*until, teller));
            continue;
        }
        let is_idle = match what {
            What::Ack => {
                (after.state, &after.acknowledged_at) == (before.state, &before.acknowledged_at)
            }
            What::Resolve | What::Reopen => {
                (after.state, after.since) == (before.state, before.since)
            }
            What::Unmute => !before.is_muted(now(teller)),
            What::Mute(_) => after.state == IssueState::Resolved && after.muted.is_none(),
            _ => false,
        };
        if is_idle {
            let why = match (what, after.state) {
                (What::Ack, IssueState::Resolved) => lang.pick(
                    "no effect: it is resolved, so nothing is to be acknowledged",
                    "sans effet\u{a0}: il est résolu, il n’y a rien à prendre en charge",
                ),
                (What::Ack, _) => lang.pick(
                    "somebody had acknowledged it before",
                    "quelqu’un l’avait déjà pris en charge",
                ),
                (What::Resolve, IssueState::Resolved) => {
                    lang.pick("it was resolved before", "il était déjà résolu")
                }
                (What::Unmute, _) => lang.pick("it was not muted", "il n’était pas en sourdine"),
                (What::Mute(_), _) => lang.pick(
                    "no effect: it is resolved, and its coming back is to be seen",
                    "sans effet\u{a0}: il est résolu, et son retour doit se voir",
                ),
                (What::Resolve, _) => lang.pick(
                    "it has occurred in a run that began later",
                    "il est réapparu dans une exécution commencée plus tard",
                ),
                _ => lang.pick(
                    "it was not resolved, or is resolved again since",
                    "il n’était pas résolu, ou il l’est de nouveau depuis",
                ),
            };
            said.push(why.to_owned());
            let is_resolved = after.state == IssueState::Resolved;
            if is_resolved && matches!(what, What::Ack | What::Mute(_)) {
                let open = lang.pick("to open it again", "pour le rouvrir");
                said.push(format!(
                    "{open}{} smartetl issues reopen {short}",
                    lang.colon()
                ));
            }
        } else {
            said.push(phrases::act(what, teller));
        }
    }
    said.push(phrases::now_it_is(before, after, teller));
    let mut lines = said.into_iter();
    let first = initial_upper(&lines.next().unwrap_or_default());
    std::iter::once(first)
        .chain(lines.map(|line| format!("  {line}")))
        .map(|line| line + "\n")
        .collect()
}
