//! Issues like another one: the same problem elsewhere, and problems whose messages share most of their words.

use crate::wire::IssueStateWord;
use serde::Serialize;
use smartetl_store::issues::Beside;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// So many are told.
pub const TOLD: usize = 5;
/// Of all words of two messages, so many are in both where they are alike.
const ALIKE: f64 = 0.5;

/// An issue like another one.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarIssue {
    /// As it is shown, and as it is stored.
    id: String,
    issue: String,
    environment: String,
    family: String,
    state: IssueStateWord,
    title: Option<String>,
    /// It is the same problem, in another family.
    same_problem: bool,
}

/// The problems that read like this template, the most alike first: itself, and 4 others at most.
pub fn alike(template: &str, problem: Uuid, texts: &[(Uuid, String)]) -> Vec<Uuid> {
    let ours = words(template);
    let others = texts.iter().filter(|(other, _)| *other != problem);
    let mut found: Vec<(f64, Uuid)> = others
        .map(|(other, text)| (shared(&ours, &words(text)), *other))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let others = found.into_iter().map(|(_, other)| other);
    [problem].into_iter().chain(others).take(TOLD).collect()
}

/// The issues of these problems, in the order of the problems; of one problem what was seen last comes first, as they come. The same
/// problem elsewhere leaves room for others.
pub fn similar(
    problem: Uuid,
    alike: &[Uuid],
    others: &[Beside],
    short: &HashMap<Uuid, String>,
) -> Vec<SimilarIssue> {
    let of = |wanted: Uuid| others.iter().filter(move |other| other.problem == wanted);
    let most = if alike.len() > 1 { TOLD - 2 } else { TOLD };
    let same = of(problem).take(most);
    let found = alike.iter().filter(|one| **one != problem);
    let told = same.chain(found.flat_map(|one| of(*one)));
    let told = told.take(TOLD).map(|other| SimilarIssue {
        id: short.get(&other.issue).cloned().unwrap_or_default(),
        issue: other.issue.to_string(),
        environment: other.environment.clone(),
        family: other.family.clone(),
        state: other.state.into(),
        title: Some(other.title.clone()),
        same_problem: other.problem == problem,
    });
    told.collect()
}

/// The words of a message, without what differs each time.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '<' || c == '*'));
    let words = words.filter(|word| word.len() > 1 && !word.starts_with('<'));
    words.map(str::to_lowercase).collect()
}

fn shared(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let all = one.union(other).count();
    if all == 0 {
        return 0.0;
    }
    one.intersection(other).count() as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_with_most_words_in_common_are_alike() {
        let [ours, near, far, same] = [1, 2, 3, 4].map(Uuid::from_u128);
        let texts = [
            (far, "connection to <*> refused"),
            (near, "ORA-00001: unique constraint (VENTES.<*>) violated"),
            (same, "ORA-00001: unique constraint (STOCK.<*>) violated"),
            (ours, "ORA-00001: unique constraint (STOCK.<*>) violated"),
        ];
        let texts = texts.map(|(problem, text)| (problem, text.to_owned()));
        let template = "ORA-00001: unique constraint (STOCK.<*>) violated";
        assert_eq!(alike(template, ours, &texts), [ours, same, near]);
        // What says nothing is like nothing.
        assert_eq!(alike("", ours, &texts), [ours]);
    }
}
