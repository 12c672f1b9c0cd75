//! Issues as they are asked for, acted on and handed out, for commands and the API alike.

use crate::output;
use crate::reason::Reason;
use crate::wire::{ActKindWord, At};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Serialize;
use smartetl_core::issue::{Mute, Rules, What};
use smartetl_core::model::{IssueState, Moment};
use smartetl_core::redact::redact;
use smartetl_store::StoreError;
use smartetl_store::issues::{self, Filter, IssueRow, Listed, NewAct, StoredAct, Touched};
use sqlx::PgConnection;
use utoipa::ToSchema;

/// Which issues stand in a list.
#[derive(Clone, Debug, Default)]
pub struct Which {
    pub filter: Filter,
    /// Muted ones, and no others.
    pub muted: bool,
    /// Resolved and muted ones too.
    pub all: bool,
}

impl Which {
    /// They: resolved ones only where a state or a day is asked for, muted ones only where somebody asks for them.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn read(
        mut self,
        connection: &mut PgConnection,
        as_of: Moment,
    ) -> Result<Vec<Listed>, StoreError> {
        if self.filter.states.is_empty() && !self.all && self.filter.day.is_none() {
            self.filter.states = vec![IssueState::New, IssueState::Ongoing, IssueState::Regressed];
        }
        let mut issues = issues::list(connection, &self.filter).await?;
        if !self.all {
            issues.retain(|issue| issue.row.is_muted(as_of) == self.muted);
        }
        Ok(issues)
    }
}

/// Nobody reads more in a line, characters.
pub const LONGEST: usize = 2000;

/// What people type to be kept: one line, not empty, without secrets. PostgreSQL stores no NUL, and a terminal must not be steered.
pub fn filled(text: &str) -> Result<String, Reason> {
    named_filled(["it", "il"], text)
}

/// The same where what is typed has a name.
pub fn named_filled([en, fr]: [&str; 2], text: &str) -> Result<String, Reason> {
    let text: String = text
        .chars()
        .map(|c| if output::steers(c) { ' ' } else { c })
        .collect();
    match text.trim() {
        "" => Err(Reason::new(
            format!("{en} is empty"),
            format!("{fr} est vide"),
        )),
        text if text.chars().count() > LONGEST => Err(Reason::new(
            format!("{en} is longer than {LONGEST} characters"),
            format!("{fr} dépasse {LONGEST} caractères"),
        )),
        text => Ok(redact(text).into_owned()),
    }
}

/// When a day begins, where people are.
///
/// # Errors
/// When no clock shows it.
pub fn begin_of(day: Date, zone: &TimeZone) -> Result<Moment, jiff::Error> {
    let midnight = day.to_datetime(Time::midnight());
    let begin = zone.to_ambiguous_zoned_datetime(midnight).later()?;
    Ok(Moment(begin.timestamp().as_microsecond()))
}

/// What somebody does with issues.
#[derive(Clone, Debug)]
pub struct Done<'a> {
    pub acts: &'a [What],
    /// From when on it holds.
    pub at: Moment,
    /// When it is really done.
    pub made_at: Moment,
    pub by: &'a str,
}

/// Stores what is done with all of these issues, and judges them anew. To be called in a transaction that holds
/// [`smartetl_store::fusion::lock`], so that no fuse judges them meanwhile without knowing of it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn act(
    connection: &mut PgConnection,
    issues: &[&IssueRow],
    done: &Done<'_>,
    rules: Rules,
) -> Result<(), StoreError> {
    for issue in issues {
        for what in done.acts {
            let new = NewAct {
                what,
                at: done.at,
                made_at: done.made_at,
                by: done.by,
            };
            issues::add(connection, issue, new).await?;
        }
    }
    let touched = Touched {
        families: issues
            .iter()
            .map(|issue| (issue.environment.clone(), issue.family.clone()))
            .collect(),
        ..Touched::default()
    };
    issues::settle(connection, &touched, rules).await?;
    Ok(())
}

/// What somebody did with an issue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActFacts {
    act: i64,
    kind: ActKindWord,
    /// From when on it holds.
    at: Option<At>,
    /// When it was really done.
    made_at: Option<At>,
    by: String,
    /// A note, who deals with it, or where it is written what to do.
    text: Option<String>,
    /// How long it is muted.
    until: Option<At>,
    occurrences: Option<u32>,
}

impl From<&StoredAct> for ActFacts {
    fn from(stored: &StoredAct) -> Self {
        let (text, until, occurrences) = match &stored.act.what {
            What::Note(word) | What::Assign(word) | What::Runbook(word) => {
                (word.as_deref(), None, None)
            }
            What::Mute(Mute::Until(at)) => (None, At::shown(*at), None),
            What::Mute(Mute::Occurrences(more)) => (None, None, Some(*more)),
            _ => (None, None, None),
        };
        Self {
            act: stored.act.number,
            kind: stored.act.what.kind().into(),
            at: At::shown(stored.act.at),
            made_at: At::shown(stored.made_at),
            by: stored.act.by.clone(),
            text: text.map(str::to_owned),
            until,
            occurrences,
        }
    }
}
