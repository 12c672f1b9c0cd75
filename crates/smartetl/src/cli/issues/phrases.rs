//! An issue in words: its state, what it costs, and what people did.

use super::list::lost;
use super::now;
use crate::night::{self, Lang, Teller, act_by, initial_upper, issue_state};
use smartetl_core::issue::{Mute, What};
use smartetl_core::model::{IssueState, Moment, MuteKind, ResolvedBy};
use smartetl_store::issues::{IssueRow, Listed};
use std::fmt::Write as _;

/// `23 Nov 2025 07:05` in a sentence, which French says with a word more.
pub(super) fn at(at: Moment, teller: &Teller) -> String {
    let told = teller.dated(at);
    match (teller.lang, told.rsplit_once(' ')) {
        (Lang::Fr, Some((day, clock))) => format!("{day} à {clock}"),
        _ => told,
    }
}

/// `Ongoing · open since 12 Nov 2025 03:10 · connection · to act: platform team`; the same moment as in lists.
pub(super) fn state(row: &IssueRow, teller: &Teller) -> String {
    let lang = teller.lang;
    let mut state = initial_upper(&state_alone(row, teller));
    let opened = at(row.opened_at, teller);
    let _ = match lang {
        Lang::En => write!(state, " · open since {opened}"),
        Lang::Fr => write!(state, " · ouvert le {opened}"),
    };
    if let Some(category) = row.category {
        let _ = write!(state, " · {}", night::category(category, lang));
    }
    if let Some(blame) = row.blame {
        let _ = write!(state, " · {}", act_by(blame, lang));
    }
    if row.retryable == Some(true) {
        let _ = write!(state, " · {}", lang.words().retryable);
    }
    state
}

/// `ongoing`, `resolved on 14 Nov 2025 07:05, by a person`
fn state_alone(row: &IssueRow, teller: &Teller) -> String {
    let lang = teller.lang;
    let mut state = issue_state(row.state, lang).to_owned();
    if row.state == IssueState::Resolved {
        let resolved = at(row.since, teller);
        let _ = match lang {
            Lang::En => write!(state, " on {resolved}"),
            Lang::Fr => write!(state, " le {resolved}"),
        };
        state.push_str(match row.resolved_by {
            Some(ResolvedBy::Itself) => lang.pick(", by itself", ", de lui-même"),
            Some(ResolvedBy::Person) => lang.pick(", by a person", ", par quelqu’un"),
            None => "",
        });
    }
    state
}

/// `state now: resolved on 14 Nov 2025 07:05, by a person, not muted any more`
pub(super) fn now_it_is(before: &IssueRow, after: &IssueRow, teller: &Teller) -> String {
    let lang = teller.lang;
    let label = lang.pick("state now", "état désormais");
    let mut said = format!("{label}{} {}", lang.colon(), state_alone(after, teller));
    let muted = |row: &IssueRow| row.is_muted(now(teller));
    if muted(after) {
        said.push_str(lang.pick(", muted", ", en sourdine"));
    } else if muted(before) {
        said.push_str(lang.pick(", not muted any more", ", sourdine levée"));
    }
    said
}

/// `Acknowledged by ann, 26 Nov 2026 14:28`
pub(super) fn acknowledged(row: &IssueRow, teller: &Teller) -> Option<String> {
    let (when, by) = row.acknowledged_at.zip(row.acknowledged_by.as_ref())?;
    let when = at(when, teller);
    Some(match teller.lang {
        Lang::En => format!("Acknowledged by {by}, {when}"),
        Lang::Fr => format!("Pris en charge par {by}, le {when}"),
    })
}

/// `First seen 12 Nov 2025 03:10, last 14 Nov 2025 03:12 (5 h ago)`
pub(super) fn seen(issue: &Listed, teller: &Teller) -> String {
    let row = &issue.row;
    let ago = teller.ago(row.last_seen);
    let ago = ago.map_or_else(String::new, |ago| format!(" ({ago})"));
    let (first, last) = (at(row.first_seen, teller), at(row.last_seen, teller));
    match teller.lang {
        Lang::En => format!("First seen {first}, last {last}{ago}"),
        Lang::Fr => format!("Vu la première fois le {first}, la dernière fois le {last}{ago}"),
    }
}

/// `14 runs on 3 days · 20 failed · 4 h 12 min lost · 3 jobs not started · came back once`
pub(super) fn harm(row: &IssueRow, blocked: i64, teller: &Teller) -> String {
    let lang = teller.lang;
    let count = |number: i64, en: [&str; 2], fr: [&str; 2]| {
        let words = match lang {
            Lang::En => en,
            Lang::Fr => fr,
        };
        teller.counted(number.unsigned_abs(), words)
    };
    let runs = count(row.runs, ["run", "runs"], ["exécution", "exécutions"]);
    let days = count(row.days, ["day", "days"], ["journée", "journées"]);
    let mut said = vec![format!("{runs} {} {days}", lang.pick("on", "sur"))];
    if row.runs_since_opened != row.runs {
        let since = teller.day_of(row.opened_at);
        let number = teller.number(row.runs_since_opened);
        said.push(match lang {
            Lang::En => format!("{number} since {since}"),
            Lang::Fr => format!("{number} depuis le {since}"),
        });
    }
    if row.failed_runs > 0 {
        said.push(count(
            row.failed_runs,
            [
                "failed by it, parents included",
                "failed by it, parents included",
            ],
            [
                "en échec à cause de lui, parents compris",
                "en échec à cause de lui, parents compris",
            ],
        ));
    }
    if row.lost_ms > 0 {
        let lost = lost(row.lost_ms, teller);
        said.push(format!("{lost} {}", lang.pick("lost", "de calcul perdu")));
    }
    if blocked > 0 {
        said.push(count(
            blocked,
            ["job run blocked", "job runs blocked"],
            ["exécution bloquée en amont", "exécutions bloquées en amont"],
        ));
    }
    if row.regressions > 0 {
        said.push(count(
            row.regressions,
            ["time it came back", "times it came back"],
            ["réapparition", "réapparitions"],
        ));
    }
    said.join(" · ")
}

/// `Resolved by itself after 3 scheduled successes of each job: 1 so far`
pub(super) fn progress(successes: u32, resolve_after: u32, teller: &Teller) -> String {
    match teller.lang {
        Lang::En => format!(
            "Resolved by itself after {resolve_after} scheduled {} of each job: {successes} so far",
            if resolve_after == 1 {
                "success"
            } else {
                "successes"
            }
        ),
        Lang::Fr => format!(
            "Résolu de lui-même après {} de chaque job\u{a0}: {successes} jusqu’ici",
            teller.counted(
                resolve_after.into(),
                ["réussite planifiée", "réussites planifiées"]
            )
        ),
    }
}

/// Until when it is muted, and by whom.
pub(super) fn muted(issue: &Listed, teller: &Teller) -> Option<String> {
    let (row, lang) = (&issue.row, teller.lang);
    let kind = row.muted.filter(|_| row.is_muted(now(teller)))?;
    let kind = match kind {
        MuteKind::Until => Mute::Until(row.muted_until.unwrap_or(Moment(0))),
        MuteKind::Occurrences => Mute::Occurrences(row.muted_left.unwrap_or(0)),
        MuteKind::NextVersion => Mute::NextVersion,
    };
    let by = row.muted_by.as_deref().unwrap_or_default();
    let by = match lang {
        Lang::En => format!("muted by {by}"),
        Lang::Fr => format!("mis en sourdine par {by}"),
    };
    Some(initial_upper(&mute(&by, kind, teller)))
}

fn mute(muted: &str, until: Mute, teller: &Teller) -> String {
    match (until, teller.lang) {
        (Mute::Until(at), Lang::En) => format!("{muted} until {}", self::at(at, teller)),
        (Mute::Until(at), Lang::Fr) => format!("{muted} jusqu’au {}", self::at(at, teller)),
        (Mute::Occurrences(more), Lang::En) => {
            let times = teller.counted(more.into(), ["more occurrence", "more occurrences"]);
            format!("{muted} until {times}")
        }
        (Mute::Occurrences(more), Lang::Fr) => {
            let times = teller.counted(more.into(), ["occurrence", "occurrences"]);
            format!("{muted} jusqu’à {times} de plus")
        }
        (Mute::NextVersion, Lang::En) => format!("{muted} until the next version of its job"),
        (Mute::NextVersion, Lang::Fr) => {
            format!("{muted} jusqu’à la prochaine version de son job")
        }
    }
}

/// `no effect: it is over since 20 Jan 2025 09:00`
pub(super) fn over(until: Moment, teller: &Teller) -> String {
    let until = at(until, teller);
    match teller.lang {
        Lang::En => format!("no effect: it is over since {until}"),
        Lang::Fr => format!("sans effet\u{a0}: c’est fini depuis le {until}"),
    }
}

/// What somebody did, in a few words.
pub(super) fn act(what: &What, teller: &Teller) -> String {
    let lang = teller.lang;
    let said = |label: &str, text: &str| format!("{label}{} {text}", lang.colon());
    match what {
        What::Ack => lang.pick("acknowledged", "pris en charge").to_owned(),
        What::Resolve => lang.pick("resolved", "résolu").to_owned(),
        What::Reopen => lang.pick("reopened", "rouvert").to_owned(),
        What::Unmute => lang.pick("not muted any more", "sourdine levée").to_owned(),
        What::Mute(until) => mute(lang.pick("muted", "mis en sourdine"), *until, teller),
        What::Assign(Some(name)) => said(lang.pick("assigned to", "suivi par"), name),
        What::Assign(None) => lang
            .pick("assigned to nobody", "suivi par personne")
            .to_owned(),
        What::Note(Some(text)) => said("note", text),
        What::Note(None) => lang.pick("no note", "note retirée").to_owned(),
        What::Runbook(Some(link)) => said(lang.pick("runbook", "consigne"), link),
        What::Runbook(None) => lang.pick("no runbook", "consigne retirée").to_owned(),
    }
}
