//! Issues like another one: the same problem elsewhere, and problems whose messages share most of their words.

use crate::wire::IssueStateWord;
use serde::Serialize;
use smartetl_store::issues::{Beside, Listed};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// So many are told.
const TOLD: usize = 5;
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

/// Those of `others` that are like this one: the same problem first, then the more alike, then what was seen last.
pub fn similar(
    listed: &Listed,
    others: &[Beside],
    short: &HashMap<Uuid, String>,
) -> Vec<SimilarIssue> {
    let ours = words(listed.template.as_deref().unwrap_or_default());
    let mut likeness: HashMap<Uuid, f64> = HashMap::from([(listed.row.problem, 2.0)]);
    let mut found: Vec<(f64, &Beside)> = others
        .iter()
        .filter_map(|other| {
            let alike = *likeness
                .entry(other.problem)
                .or_insert_with(|| shared(&ours, &words(&other.template)));
            (alike >= ALIKE).then_some((alike, other))
        })
        .collect();
    // They come by the moment at which they were seen last, and stay so among equals.
    found.sort_by_key(|(alike, _)| Reverse((alike * 1000.0) as u32));
    let told = found.into_iter().take(TOLD).map(|(_, other)| SimilarIssue {
        id: short.get(&other.issue).cloned().unwrap_or_default(),
        issue: other.issue.to_string(),
        environment: other.environment.clone(),
        family: other.family.clone(),
        state: other.state.into(),
        title: Some(other.title.clone()),
        same_problem: other.problem == listed.row.problem,
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
        let ours = words("ORA-00001: unique constraint (STOCK.<*>) violated");
        let alike = |other: &str| shared(&ours, &words(other)) >= ALIKE;
        assert!(alike("ORA-00001: unique constraint (VENTES.<*>) violated"));
        assert!(!alike("connection to <*> refused"));
        assert!(!alike(""));
    }
}
