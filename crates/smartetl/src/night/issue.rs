//! Issues in a few words, for lists and beside a cause.

use super::{Lang, Teller};
use smartetl_core::model::{IssueState, Moment};
use smartetl_store::issues::{IssueRow, Named};
use smartetl_store::night::Cause;

pub const fn issue_state(state: IssueState, lang: Lang) -> &'static str {
    match state {
        IssueState::New => lang.pick("new", "nouveau"),
        IssueState::Ongoing => lang.pick("ongoing", "persistant"),
        IssueState::Resolved => lang.pick("resolved", "résolu"),
        IssueState::Regressed => lang.pick("regressed", "réapparu"),
    }
}

/// The colour that goes with it; never without the word.
pub const fn issue_shade(state: IssueState) -> &'static str {
    match state {
        IssueState::New | IssueState::Regressed => "31",
        IssueState::Ongoing => "33",
        IssueState::Resolved => "32",
    }
}

/// `issue 3f2a: since 12 Nov, 14 runs`; of a run before it was resolved `issue 3f2a: resolved, first seen 12 Nov, 14 runs`
pub fn beside(issue: &Named, teller: &Teller) -> String {
    let is_muted = issue.is_muted
        && issue
            .muted_until
            .is_none_or(|until| teller.now.as_microsecond() < until.0);
    told(
        (&issue.short, issue.state),
        (issue.since, issue.runs),
        issue.is_of_before,
        is_muted,
        issue.assignee.as_deref(),
        teller,
    )
}

/// The same of a whole one, without its state.
pub fn in_a_line(issue: &IssueRow, short: &str, teller: &Teller) -> String {
    let is_muted = issue.is_muted(Moment(teller.now.as_microsecond()));
    told(
        (short, IssueState::Ongoing),
        (issue.opened_at, issue.runs_since_opened),
        false,
        is_muted,
        issue.assignee.as_deref(),
        teller,
    )
}

fn told(
    (short, state): (&str, IssueState),
    (since, runs): (Moment, i64),
    is_of_before: bool,
    is_muted: bool,
    assignee: Option<&str>,
    teller: &Teller,
) -> String {
    let lang = teller.lang;
    let day = teller.day_of(since);
    let runs = match lang {
        Lang::En => teller.counted(runs.unsigned_abs(), ["run", "runs"]),
        Lang::Fr => teller.counted(runs.unsigned_abs(), ["exécution", "exécutions"]),
    };
    let name = lang.pick("issue", "problème");
    // What goes on needs no word.
    let state = match state {
        IssueState::Ongoing => String::new(),
        state => format!(" {},", issue_state(state, lang)),
    };
    let since = if is_of_before {
        lang.pick("first seen", "vu dès le")
    } else {
        lang.pick("since", "depuis le")
    };
    let mut text = format!(
        "{name} {short}{}{state} {since} {day}, {runs}",
        lang.colon()
    );
    if let Some(assignee) = assignee {
        text = format!(
            "{text}, {} {assignee}",
            lang.pick("assigned to", "suivi par")
        );
    }
    if is_muted {
        text = format!("{text}, {}", lang.pick("muted", "en sourdine"));
    }
    text
}

/// The issue of a cause: of several, that which is open for longest, and how many there are besides.
pub fn of_cause(cause: &Cause, teller: &Teller) -> Option<String> {
    let mut issues: Vec<&Named> = Vec::new();
    for issue in cause.places.iter().filter_map(|place| place.issue.as_ref()) {
        if issues.iter().all(|known| known.issue != issue.issue) {
            issues.push(issue);
        }
    }
    issues.sort_by_key(|issue| (issue.since, issue.issue));
    let first = beside(issues.first()?, teller);
    Some(match issues.len() {
        1 => first,
        several => format!("{first} (+ {})", several - 1),
    })
}
