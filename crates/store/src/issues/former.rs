//! Ids that issues had: a merge, or a larger template, gives an issue to another problem, and its id is a hash of that. Who wrote the old
//! id down is led to the issue that holds its messages now. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use smartetl_core::group::problem::{Said, Split};
use smartetl_core::issue::issue_id;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::problems;

/// An issue that took over an id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Former {
    /// The id that the issue has now.
    pub issue: Uuid,
    /// That which it had, or which another one had whose messages it holds.
    pub id: Uuid,
    /// The merge that holds and joined them; `None` where its template took another id.
    pub decision: Option<i64>,
}

/// The issues that took over ids which lie between these two.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn former(
    connection: &mut PgConnection,
    [first, last]: [Uuid; 2],
) -> Result<Vec<Former>, StoreError> {
    let overrides = problems::overrides(&mut *connection).await?;
    let apart: Vec<Uuid> = overrides
        .iter()
        .filter(|one| !one.is_undone)
        .filter_map(|one| match &one.said {
            Said::Split {
                how: Split::These(these),
                ..
            } => Some(these),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let names: Vec<(Uuid, Uuid, bool)> = sqlx::query_as(NAMES)
        .bind(apart)
        .fetch_all(&mut *connection)
        .await?;
    // What was split off has left the name behind, unless nothing else is left of it.
    let kept: BTreeSet<Uuid> = names
        .iter()
        .filter(|(_, _, is_apart)| !is_apart)
        .map(|(name, _, _)| *name)
        .collect();
    let mut problems_of: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for (name, problem, is_apart) in names {
        if !is_apart || !kept.contains(&name) {
            problems_of.entry(name).or_default().insert(problem);
        }
    }
    let mut decisions = BTreeMap::new();
    for said in overrides {
        if let Said::Merge { into, other } = said.said {
            decisions.insert(other, said.number);
            // What was split off has the name of no template.
            if !problems_of.contains_key(&other) {
                let holders = problems_of.get(&into).cloned();
                let holders = holders.unwrap_or_else(|| BTreeSet::from([into]));
                problems_of.insert(other, holders);
            }
        }
    }
    let mut names_of: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (name, problems) in &problems_of {
        for problem in problems.iter().filter(|problem| *problem != name) {
            names_of.entry(*problem).or_default().push(*name);
        }
    }
    let issues: Vec<(Uuid, Uuid, String, String)> =
        sqlx::query_as(ISSUES).fetch_all(connection).await?;
    let mut found = BTreeSet::new();
    for (issue, problem, environment, family) in &issues {
        for name in names_of.get(problem).into_iter().flatten() {
            let id = issue_id(*name, environment, family);
            if (first..=last).contains(&id) {
                found.insert(Former {
                    issue: *issue,
                    id,
                    decision: decisions.get(name).copied(),
                });
            }
        }
    }
    Ok(found.into_iter().collect())
}

// Whether a signature was split off; others of the same text went with it.
pub(crate) const NAMES: &str = "WITH held AS (SELECT template, problem, EXISTS (SELECT FROM signature AS apart \
     WHERE apart.signature = ANY ($1) AND apart.text = signature.text) AS is_apart FROM signature) \
     SELECT DISTINCT template, problem, is_apart FROM held \
     UNION SELECT alias, held.problem, is_apart FROM template_alias JOIN held USING (template)";
pub(crate) const ISSUES: &str = "SELECT issue, problem, environment, family FROM issue";
