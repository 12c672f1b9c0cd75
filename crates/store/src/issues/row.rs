//! A row of `issue`, as JSON that the server makes rows of and back.

use serde::{Deserialize, Serialize};
use smartetl_core::issue::Judged;
use smartetl_core::model::{Blame, Category, IssueState, Moment, MuteKind, ResolvedBy};
use uuid::Uuid;

/// One issue. Fields are the columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRow {
    #[serde(with = "id")]
    pub issue: Uuid,
    #[serde(with = "id")]
    pub problem: Uuid,
    pub environment: String,
    pub family: String,
    pub state: IssueState,
    #[serde(with = "moment")]
    pub since: Moment,
    #[serde(with = "moment")]
    pub opened_at: Moment,
    pub resolved_by: Option<ResolvedBy>,
    #[serde(with = "option_moment")]
    pub acknowledged_at: Option<Moment>,
    pub acknowledged_by: Option<String>,
    pub muted: Option<MuteKind>,
    #[serde(with = "option_moment")]
    pub muted_at: Option<Moment>,
    pub muted_by: Option<String>,
    #[serde(with = "option_moment")]
    pub muted_until: Option<Moment>,
    pub muted_left: Option<u32>,
    pub assignee: Option<String>,
    pub note: Option<String>,
    pub runbook: Option<String>,
    #[serde(with = "moment")]
    pub first_seen: Moment,
    #[serde(with = "moment")]
    pub last_seen: Moment,
    #[serde(with = "id")]
    pub last_run_key: Uuid,
    pub runs: i64,
    pub runs_since_opened: i64,
    pub days: i64,
    pub regressions: i64,
    pub failed_runs: i64,
    pub lost_ms: i64,
    pub successes: Option<u32>,
    pub jobs: Vec<String>,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    #[serde(with = "ids")]
    pub signatures: Vec<Uuid>,
}

/// What a row has besides what was judged.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) issue: Uuid,
    pub(super) problem: Uuid,
    pub(super) environment: String,
    pub(super) family: String,
    pub(super) jobs: Vec<String>,
    pub(super) category: Option<Category>,
    pub(super) blame: Option<Blame>,
    pub(super) retryable: Option<bool>,
    pub(super) signatures: Vec<Uuid>,
}

impl IssueRow {
    pub(super) fn new(about: About, judged: Judged) -> Self {
        let (acknowledged_at, acknowledged_by) = judged.acknowledged.unzip();
        let muted = judged.muted;
        Self {
            issue: about.issue,
            problem: about.problem,
            environment: about.environment,
            family: about.family,
            state: judged.state,
            since: judged.since,
            opened_at: judged.opened_at,
            resolved_by: judged.resolved_by,
            acknowledged_at,
            acknowledged_by,
            muted: muted.as_ref().map(|muted| muted.kind),
            muted_at: muted.as_ref().map(|muted| muted.at),
            muted_until: muted.as_ref().and_then(|muted| muted.until),
            muted_left: muted.as_ref().and_then(|muted| muted.left),
            muted_by: muted.map(|muted| muted.by),
            assignee: judged.assignee,
            note: judged.note,
            runbook: judged.runbook,
            first_seen: judged.first_seen,
            last_seen: judged.last_seen,
            last_run_key: judged.last_run,
            runs: judged.runs,
            runs_since_opened: judged.runs_since_opened,
            days: judged.days,
            regressions: judged.regressions,
            failed_runs: judged.failed_runs,
            lost_ms: judged.lost_ms,
            successes: judged.successes,
            jobs: about.jobs,
            category: about.category,
            blame: about.blame,
            retryable: about.retryable,
            signatures: about.signatures,
        }
    }

    /// Whether it is muted at this moment.
    pub fn is_muted(&self, as_of: Moment) -> bool {
        self.muted.is_some() && self.muted_until.is_none_or(|until| as_of < until)
    }
}

/// A moment as PostgreSQL writes it into JSON.
mod moment {
    use super::Moment;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn parsed<E: serde::de::Error>(text: &str) -> Result<Moment, E> {
        let at: jiff::Timestamp = text.parse().map_err(E::custom)?;
        Ok(Moment(at.as_microsecond()))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
    pub(super) fn serialize<S: Serializer>(at: &Moment, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
        parsed(&String::deserialize(from)?)
    }
}

mod option_moment {
    use super::{Moment, moment};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde gives it so")]
    pub(super) fn serialize<S: Serializer>(at: &Option<Moment>, to: S) -> Result<S::Ok, S::Error> {
        at.map(|at| at.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Moment>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| moment::parsed(&text)).transpose()
    }
}

/// A uuid as PostgreSQL writes it into JSON.
mod id {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(id: &Uuid, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Uuid, D::Error> {
        let text = String::deserialize(from)?;
        Uuid::try_parse(&text).map_err(D::Error::custom)
    }
}

mod ids {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(ids: &[Uuid], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(ids.iter().map(Uuid::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Uuid>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?.into_iter();
        texts
            .map(|text| Uuid::try_parse(&text).map_err(D::Error::custom))
            .collect()
    }
}
