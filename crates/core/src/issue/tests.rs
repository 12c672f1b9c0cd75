//! Every change of state, by hand. A moment is an hour; a business day has 24.

use super::*;
use crate::model::IssueState::{New, Ongoing, Regressed, Resolved};

const RULES_OF_THREE: Rules = Rules { resolve_after: 3 };

/// A history of hours.
#[derive(Default)]
struct History(Facts);

impl History {
    fn fails(mut self, job: JobNumber, at: i64) -> Self {
        let number = self.0.occurrences.len() as u128 + 1;
        self.0.occurrences.push(Occurrence {
            run_key: Uuid::from_u128(number),
            job,
            started_at: Moment(at),
            seen_at: Moment(at),
            business_day: Date::constant(2026, 11, 1)
                .saturating_add(jiff::Span::new().days(at / 24)),
            failed_runs: 2,
            lost_ms: 100,
        });
        self
    }

    fn succeeds(mut self, job: JobNumber, at: impl IntoIterator<Item = i64>) -> Self {
        for at in at {
            let number = self.0.good.len() as u128 + 1_000;
            self.0.good.push(Good::Success {
                run_key: Uuid::from_u128(number),
                job,
                started_at: Moment(at),
                ended_at: Moment(at),
            });
        }
        self
    }

    fn retires(mut self, job: JobNumber, at: i64) -> Self {
        let at = Moment(at);
        self.0.good.push(Good::Retired { job, at });
        self
    }

    fn runs_in(mut self, job: JobNumber, at: i64, version: &str) -> Self {
        self.0.versions.push(Version {
            job,
            started_at: Moment(at),
            version: version.to_owned(),
        });
        self
    }

    fn act(mut self, at: i64, what: What) -> Self {
        self.0.acts.push(Act {
            number: self.0.acts.len() as i64,
            at: Moment(at),
            by: "ann".to_owned(),
            what,
        });
        self
    }

    fn judged(&self) -> Judged {
        judge(&self.0, RULES_OF_THREE).expect("it occurred")
    }

    #[track_caller]
    fn is(self, state: IssueState, since: i64) -> Self {
        let judged = self.judged();
        assert_eq!((judged.state, judged.since), (state, Moment(since)));
        self
    }

    #[track_caller]
    fn muted(self, as_of: i64, expected: bool) -> Self {
        assert_eq!(self.judged().is_muted(Moment(as_of)), expected);
        self
    }
}

fn history() -> History {
    History::default()
}

#[test]
fn nothing_occurred() {
    let facts = history().succeeds(1, [1, 2]).act(3, What::Ack).0;
    assert_eq!(judge(&facts, RULES_OF_THREE), None);
}

#[test]
fn it_is_new_all_night_and_goes_on_with_the_next() {
    history()
        .fails(1, 3)
        .is(New, 3)
        .fails(2, 5)
        .is(New, 3)
        .fails(1, 27)
        .is(Ongoing, 27)
        .fails(1, 51)
        .is(Ongoing, 27);
}

#[test]
fn whoever_acknowledges_it_knows_it() {
    let issue = history().fails(1, 3).act(8, What::Ack).is(Ongoing, 8);
    let issue = issue.act(9, What::Ack).fails(1, 27).is(Ongoing, 8);
    let by = Some((Moment(8), "ann".to_owned()));
    assert_eq!(issue.judged().acknowledged, by);
}

#[test]
fn three_scheduled_successes_resolve_it() {
    let issue = history().fails(1, 3).succeeds(1, [4, 5]).is(New, 3);
    assert_eq!(issue.judged().successes, Some(2));
    let issue = issue.succeeds(1, [6]).is(Resolved, 6);
    assert_eq!(issue.judged().resolved_by, Some(ResolvedBy::Itself));
    assert_eq!(issue.judged().successes, None);
}

#[test]
fn a_failure_between_them_begins_the_count_again() {
    history()
        .fails(1, 3)
        .succeeds(1, [4, 5, 7, 8])
        .fails(1, 6)
        .is(New, 3)
        .succeeds(1, [9])
        .is(Resolved, 9);
}

#[test]
fn all_touched_jobs_must_be_good_again() {
    history()
        .fails(1, 3)
        .fails(2, 3)
        .succeeds(1, [4, 5, 6, 7])
        .succeeds(3, [4, 5, 6])
        .is(New, 3)
        .succeeds(2, [10, 20, 30])
        .is(Resolved, 30);
}

#[test]
fn a_retired_job_needs_no_success() {
    history()
        .fails(1, 3)
        .fails(2, 3)
        .succeeds(1, [4, 5, 6])
        .retires(2, 9)
        .is(Resolved, 9)
        .fails(2, 12)
        .is(Regressed, 12);
    // It was said before it ran again.
    history().retires(1, 2).fails(1, 3).is(New, 3);
}

#[test]
fn a_run_that_began_before_the_failure_proves_nothing() {
    let mut issue = history().fails(1, 3).succeeds(1, [4, 5]);
    let (started_at, ended_at) = (Moment(2), Moment(6));
    let run_key = Uuid::from_u128(77);
    issue.0.good.push(Good::Success {
        run_key,
        job: 1,
        started_at,
        ended_at,
    });
    issue.is(New, 3).succeeds(1, [7]).is(Resolved, 7);
}

#[test]
fn a_success_with_the_error_is_none() {
    let mut issue = history().fails(1, 3).succeeds(1, [4, 5]);
    let run_key = issue.0.occurrences[0].run_key;
    let (started_at, ended_at) = (Moment(6), Moment(6));
    issue.0.good.push(Good::Success {
        run_key,
        job: 1,
        started_at,
        ended_at,
    });
    issue.is(New, 3);
}

#[test]
fn what_comes_back_has_regressed_and_then_goes_on() {
    let issue = history()
        .fails(1, 3)
        .succeeds(1, [4, 5, 6])
        .fails(1, 30)
        .is(Regressed, 30)
        .fails(1, 31)
        .is(Regressed, 30);
    let judged = issue.judged();
    assert_eq!((judged.regressions, judged.runs), (1, 3));
    assert_eq!((judged.runs_since_opened, judged.days), (2, 2));
    assert_eq!(
        (judged.opened_at, judged.first_seen),
        (Moment(30), Moment(3))
    );
    issue
        .fails(1, 55)
        .is(Ongoing, 55)
        .succeeds(1, [56, 57, 58])
        .is(Resolved, 58);
    history()
        .fails(1, 3)
        .act(4, What::Resolve)
        .fails(1, 30)
        .act(31, What::Ack)
        .is(Ongoing, 31);
}

#[test]
fn a_person_resolves_and_reopens() {
    let issue = history()
        .fails(1, 3)
        .act(8, What::Resolve)
        .is(Resolved, 8)
        .succeeds(1, [9, 10, 11]);
    assert_eq!(issue.judged().resolved_by, Some(ResolvedBy::Person));
    let issue = issue
        .is(Resolved, 8)
        .act(12, What::Reopen)
        .is(Ongoing, 12)
        .act(13, What::Reopen)
        .is(Ongoing, 12);
    assert_eq!(issue.judged().runs_since_opened, 1);
    // Only what ran since then counts.
    issue
        .succeeds(1, [14, 15])
        .is(Ongoing, 12)
        .succeeds(1, [16])
        .is(Resolved, 16);
}

#[test]
fn an_older_occurrence_that_comes_late_does_not_bring_it_back() {
    history()
        .fails(1, 5)
        .act(8, What::Resolve)
        .fails(1, 4)
        .fails(2, 8)
        .is(Resolved, 8)
        .fails(1, 9)
        .is(Regressed, 9);
    // Such a run began before, and wrote its error afterwards.
    let mut issue = history().fails(1, 5).act(8, What::Resolve).fails(1, 7);
    issue.0.occurrences[1].seen_at = Moment(10);
    let judged = issue.is(Resolved, 8).judged();
    assert_eq!(judged.last_seen, Moment(10));
}

#[test]
fn acts_before_it_ever_occurred_change_no_state() {
    history()
        .act(1, What::Resolve)
        .act(1, What::Ack)
        .act(1, What::Reopen)
        .fails(1, 3)
        .is(New, 3);
}

#[test]
fn never_by_itself() {
    let facts = history().fails(1, 3).succeeds(1, 4..40).retires(1, 50).0;
    let never = judge(&facts, Rules { resolve_after: 0 }).expect("it occurred");
    assert_eq!(never.state, New);
}

#[test]
fn muted_until_a_moment() {
    let until = Mute::Until(Moment(20));
    history()
        .fails(1, 3)
        .muted(4, false)
        .act(4, What::Mute(until))
        .muted(19, true)
        .muted(20, false)
        .act(5, What::Unmute)
        .muted(6, false);
}

#[test]
fn muted_until_three_more() {
    let issue = history()
        .fails(1, 3)
        .act(4, What::Mute(Mute::Occurrences(3)))
        .fails(1, 4)
        .fails(1, 5)
        .fails(1, 6)
        .muted(9, true);
    let left = issue.judged().muted.and_then(|muted| muted.left);
    assert_eq!(left, Some(1));
    issue.fails(1, 7).muted(9, false);
}

#[test]
fn muted_until_the_next_version() {
    let issue = history()
        .fails(1, 3)
        .act(4, What::Mute(Mute::NextVersion))
        .muted(9, true)
        .runs_in(1, 2, "1.0")
        .runs_in(1, 5, "1.0")
        .runs_in(2, 6, "2.0")
        .muted(9, true);
    issue.runs_in(1, 7, "1.1").muted(9, false);
    // Where none was known, the first one is none that is next.
    history()
        .fails(1, 3)
        .act(4, What::Mute(Mute::NextVersion))
        .runs_in(1, 5, "1.0")
        .muted(9, true)
        .runs_in(1, 6, "1.1")
        .muted(9, false);
}

/// It was resolved before it was muted, whenever that was said.
#[test]
fn what_is_resolved_cannot_be_muted() {
    let mute = || What::Mute(Mute::Until(Moment(100)));
    let said = history().fails(1, 3).act(9, mute()).muted(10, true);
    let said = said.act(8, What::Resolve).is(Resolved, 8).muted(10, false);
    assert_eq!(said.judged().idle, [0], "the mute came behind it");
    said.fails(1, 27).is(Regressed, 27).muted(28, false);
    // It came back before it was muted.
    let said = history().fails(1, 3).act(9, mute()).act(5, What::Resolve);
    said.fails(1, 7).is(Regressed, 7).muted(10, true);
}

#[test]
fn acts_that_make_no_sense_are_known() {
    let issue = history().fails(1, 3).act(4, What::Reopen);
    let issue = issue.act(5, What::Resolve).act(6, What::Ack);
    let issue = issue.act(7, What::Resolve).act(8, What::Note(None));
    assert_eq!(issue.judged().idle, [0, 2, 3]);
    assert_eq!(
        issue.act(9, What::Reopen).act(10, What::Ack).judged().idle,
        [0, 2, 3]
    );
}

#[test]
fn a_mute_ends_where_the_issue_is_resolved_by_itself_or_by_a_person() {
    let mute = || What::Mute(Mute::Until(Moment(100)));
    history()
        .fails(1, 3)
        .act(4, mute())
        .succeeds(1, [5, 6])
        .muted(6, true)
        .succeeds(1, [7])
        .muted(8, false)
        .fails(1, 9)
        .muted(10, false)
        .act(11, mute())
        .muted(12, true)
        .act(13, What::Resolve)
        .muted(14, false);
}

#[test]
fn the_last_word_counts() {
    let judged = history()
        .fails(1, 3)
        .act(5, What::Assign(Some("bob".to_owned())))
        .act(4, What::Assign(Some("eve".to_owned())))
        .act(5, What::Note(Some("first".to_owned())))
        .act(5, What::Note(Some("second".to_owned())))
        .act(6, What::Runbook(Some("https://wiki/1".to_owned())))
        .act(7, What::Runbook(None))
        .judged();
    assert_eq!(judged.assignee.as_deref(), Some("bob"));
    assert_eq!(judged.note.as_deref(), Some("second"));
    let unsaid = history()
        .fails(1, 3)
        .act(4, What::Note(Some("wrong".to_owned())))
        .act(5, What::Note(None));
    assert_eq!(unsaid.judged().note, None);
    assert_eq!(judged.runbook, None);
    assert_eq!((judged.failed_runs, judged.lost_ms), (2, 100));
}

#[test]
fn an_id_says_what_it_is_about() {
    let [one, other] = [1, 2].map(Uuid::from_u128);
    let ids = [
        issue_id(one, "PROD", "LOAD"),
        issue_id(one, "DEV", "LOAD"),
        issue_id(one, "PROD", "SEND"),
        issue_id(one, "PRODL", "OAD"),
        issue_id(other, "PROD", "LOAD"),
    ];
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
    assert_eq!(ids[0].get_version_num(), 8);
    assert_eq!(ids[0], issue_id(one, "PROD", "LOAD"));
}
