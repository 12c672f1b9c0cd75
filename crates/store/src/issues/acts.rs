//! What people did with issues. Acts are never computed, never changed and never deleted.
//!
//! An act follows what it was done with: the signatures that the issue was made of, and its jobs. So it finds the issue that took
//! another one in, and finds the way back when that is undone, or when jobs move to another family.

use std::collections::{BTreeSet, HashMap};

use smartetl_core::issue::{Act, Mute, What};
use smartetl_core::model::{ActKind, Moment};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{IssueRow, Scope};
use crate::StoreError;

/// An issue may be made of more signatures and jobs: these are enough to find it again.
const KEPT: usize = 200;

/// What somebody does.
#[derive(Clone, Debug)]
pub struct NewAct<'a> {
    pub what: &'a What,
    /// From when on it holds.
    pub at: Moment,
    /// When it was really done.
    pub made_at: Moment,
    pub by: &'a str,
}

/// An act as it is stored, with the issue that it belongs to by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAct {
    pub act: Act,
    pub made_at: Moment,
    pub environment: String,
    pub family: String,
    pub problem: Uuid,
}

/// Stores an act. The caller holds [`crate::fusion::lock`], and brings the issue up to date behind it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn add(
    connection: &mut PgConnection,
    issue: &IssueRow,
    act: NewAct<'_>,
) -> Result<(), StoreError> {
    let (mut text, mut until, mut occurrences) = (None, None, None);
    match act.what {
        What::Note(word) | What::Assign(word) | What::Runbook(word) => text = word.as_deref(),
        What::Mute(Mute::Until(at)) => until = Some(at.0),
        What::Mute(Mute::Occurrences(more)) => occurrences = Some(i64::from(*more)),
        What::Mute(Mute::NextVersion) | What::Ack | What::Resolve | What::Reopen | What::Unmute => {
        }
    }
    let signatures = &issue.signatures[..issue.signatures.len().min(KEPT)];
    let jobs = &issue.jobs[..issue.jobs.len().min(KEPT)];
    sqlx::query(ADD)
        .bind(act.what.kind().as_str())
        .bind(act.at.0)
        .bind(act.made_at.0)
        .bind(act.by)
        .bind(text)
        .bind(until)
        .bind(occurrences)
        .bind(&issue.environment)
        .bind(&issue.family)
        .bind(issue.problem)
        .bind(signatures)
        .bind(issue.last_run_key)
        .bind(jobs)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const ADD: &str = "INSERT INTO issue_act (kind, at, made_at, made_by, text, until, occurrences, environment, family, problem, \
     signatures, system, project, job, jobs) \
     SELECT $1, to_timestamp($2::bigint::numeric / 1000000), to_timestamp($3::bigint::numeric / 1000000), $4, $5, \
     to_timestamp($6::bigint::numeric / 1000000), $7, $8, $9, $10, $11, run.system, run.project, run.job, \
     (SELECT jsonb_agg(jsonb_build_array(named.system, named.project, named.job) ORDER BY named.system, named.project, named.job) \
     FROM job AS named WHERE named.environment = $8 AND named.family = $9 AND named.job = ANY ($13)) \
     FROM (SELECT $12::uuid AS run_key) AS last LEFT JOIN dataset AS run USING (run_key)";

/// The acts of these families' issues, in their order.
pub(super) async fn acts(
    connection: &mut PgConnection,
    scope: &Scope,
) -> Result<Vec<StoredAct>, StoreError> {
    let (environments, families) = scope.columns();
    let rows: Vec<ActRow> = sqlx::query_as(ACTS)
        .bind(scope.is_all())
        .bind(environments)
        .bind(families)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(ActRow::into_act).collect())
}

/// By the issue that each belongs to: environment, family and problem.
pub(super) fn by_issue(acts: &[StoredAct]) -> HashMap<(&str, &str, Uuid), Vec<Act>> {
    let mut by_issue: HashMap<_, Vec<Act>> = HashMap::new();
    for act in acts {
        let issue = (act.environment.as_str(), act.family.as_str(), act.problem);
        by_issue.entry(issue).or_default().push(act.act.clone());
    }
    by_issue
}

/// What people did with an issue, the oldest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn acts_of(
    connection: &mut PgConnection,
    issue: &IssueRow,
) -> Result<Vec<StoredAct>, StoreError> {
    let family = (issue.environment.clone(), issue.family.clone());
    let mut acts = acts(connection, &Scope::Families(vec![family])).await?;
    acts.retain(|act| act.problem == issue.problem);
    Ok(acts)
}

/// Those of these problems to whose issues something belongs that people did.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn acted(
    connection: &mut PgConnection,
    problems: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let acts = acts(connection, &Scope::All).await?;
    let acted: BTreeSet<Uuid> = acts.iter().map(|act| act.problem).collect();
    let mut problems = problems.to_vec();
    problems.retain(|problem| acted.contains(problem));
    Ok(problems)
}

// Most jobs decide in which family it is by now, then the one that ran last. Most signatures decide of the problem, then the smallest id. Where none of them is known any more, the problem is the one that was meant, or that
// which its template is called by now.
pub(crate) const ACTS: &str = "SELECT act.act, act.kind, (extract(epoch FROM act.at) * 1000000)::bigint AS at_us, \
     (extract(epoch FROM act.made_at) * 1000000)::bigint AS made_us, act.made_by, act.text, \
     (extract(epoch FROM act.until) * 1000000)::bigint AS until_us, act.occurrences, act.environment, \
     coalesce(most.family, job.family, act.family) AS family, \
     coalesce((SELECT of_act.problem FROM (SELECT (SELECT known.problem FROM signature AS known \
         WHERE known.signature = held.signature ORDER BY known.cut LIMIT 1) AS problem \
         FROM unnest(act.signatures) AS held (signature)) AS of_act \
         WHERE of_act.problem IS NOT NULL GROUP BY of_act.problem ORDER BY count(*) DESC, of_act.problem LIMIT 1), \
     (SELECT alias.template FROM template_alias AS alias WHERE alias.alias = act.problem), act.problem) AS problem \
     FROM issue_act AS act LEFT JOIN job ON job.environment = act.environment AND job.system = act.system \
     AND job.project IS NOT DISTINCT FROM act.project AND job.job = act.job \
     LEFT JOIN LATERAL (SELECT known.family FROM jsonb_array_elements(act.jobs) AS held (job) \
         JOIN job AS known ON known.environment = act.environment AND known.system = held.job ->> 0 \
         AND known.project IS NOT DISTINCT FROM held.job ->> 1 AND known.job = held.job ->> 2 \
         GROUP BY known.family ORDER BY count(*) DESC, bool_or(known.family = job.family) DESC NULLS LAST, known.family LIMIT 1) AS most ON true \
     WHERE $1 OR (act.environment, coalesce(most.family, job.family, act.family)) IN (SELECT * FROM unnest($2::text[], $3::text[])) \
     ORDER BY act.at, act.act";

#[derive(FromRow)]
struct ActRow {
    act: i64,
    kind: String,
    at_us: i64,
    made_us: i64,
    made_by: String,
    text: Option<String>,
    until_us: Option<i64>,
    occurrences: Option<i64>,
    environment: String,
    family: String,
    problem: Uuid,
}

impl ActRow {
    /// `None` for what no version of smartETL wrote.
    fn into_act(self) -> Option<StoredAct> {
        let what = match ActKind::parse(&self.kind)? {
            ActKind::Ack => What::Ack,
            ActKind::Resolve => What::Resolve,
            ActKind::Reopen => What::Reopen,
            ActKind::MuteUntil => What::Mute(Mute::Until(Moment(self.until_us?))),
            ActKind::MuteOccurrences => {
                let more = u32::try_from(self.occurrences?).ok()?;
                What::Mute(Mute::Occurrences(more))
            }
            ActKind::MuteNextVersion => What::Mute(Mute::NextVersion),
            ActKind::Unmute => What::Unmute,
            ActKind::Assign => What::Assign(self.text),
            ActKind::Note => What::Note(self.text),
            ActKind::Runbook => What::Runbook(self.text),
        };
        Some(StoredAct {
            act: Act {
                number: self.act,
                at: Moment(self.at_us),
                by: self.made_by,
                what,
            },
            made_at: Moment(self.made_us),
            environment: self.environment,
            family: self.family,
            problem: self.problem,
        })
    }
}
