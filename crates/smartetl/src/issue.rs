//! Issues as they are asked for and handed out, for commands and the API alike.

use crate::wire::{ActKindWord, At};
use serde::Serialize;
use smartetl_core::issue::{Mute, What};
use smartetl_core::model::{IssueState, Moment};
use smartetl_store::StoreError;
use smartetl_store::issues::{self, Filter, Listed, StoredAct};
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
            What::Note(text) => (Some(text.as_str()), None, None),
            What::Assign(word) | What::Runbook(word) => (word.as_deref(), None, None),
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
