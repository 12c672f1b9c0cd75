//! Which columns say how runs ended, and what their words and codes mean.

use smartetl_core::model::RowStatus;

use super::measure;
use super::published;
use super::question::Question;
use super::role::Role;
use super::scene::Scene;
use super::shape::{Shape, Taken, Words, by_frequency};
use super::table::Column;
use super::words::{self, EventWord};

/// No tool has more states; there are more return codes.
const MOST_STATES: usize = 15;
/// So many different codes may be asked about.
const MOST_CODES: usize = 60;

/// How much a column speaks for saying how runs ended, 0 (never) to 1.
pub fn evidence(scene: &Scene<'_>, at: usize) -> f64 {
    let (profile, column) = (&scene.profiles[at], scene.column(at));
    if published::of(scene, at).is_some() || if_true(scene, at).is_some() {
        return 0.95;
    }
    if profile.times.is_some() || profile.lines > 0.0 {
        return 0.0;
    }
    let known = |share: f64| 0.3 + 0.55 * share;
    if profile.name.says_status() || profile.name.fits(Role::Status) >= 0.8 {
        return match profile.distinct {
            0 => 0.0,
            1..=MOST_STATES if profile.states >= 0.5 => known(profile.states),
            1..=MOST_CODES if profile.is_int => 0.45,
            1..=MOST_STATES if !profile.is_text() && !profile.is_number => 0.45,
            _ => 0.0,
        };
    }
    // Texts of errors and names of steps may hold words of states; here these have to stand alone.
    let states = if profile.name.speaks() {
        column.share(words::is_state)
    } else {
        profile.states
    };
    let ends_well = |word: &String| words::status(word) == Some(RowStatus::Success);
    let says_states = states >= 0.8
        && profile.distinct <= MOST_STATES
        && !profile.is_text()
        && column.words.iter().any(ends_well);
    if says_states { known(states) } else { 0.0 }
}

/// What a yes says in a column that answers how runs went with yes or no.
fn if_true(scene: &Scene<'_>, at: usize) -> Option<RowStatus> {
    let words = &scene.column(at).words;
    let answers =
        (1..=2).contains(&words.len()) && words.iter().all(|word| words::truth(word).is_some());
    scene.profiles[at].name.if_true.filter(|_| answers)
}

fn answer(if_true: RowStatus, word: &str) -> Option<RowStatus> {
    let is_good = words::truth(word)? == (if_true == RowStatus::Success);
    Some(if is_good {
        RowStatus::Success
    } else {
        RowStatus::Failed
    })
}

/// What the words of states and severities mean.
pub fn vocabularies(scene: &Scene<'_>, taken: &mut Taken) {
    if taken.shape == Shape::Events
        && !taken.roles.contains_key(&Role::Status)
        && let Some(event) = taken.roles.get(&Role::Event).copied()
        && scene.column(event.column).words.iter().any(|word| {
            matches!(words::status(word), Some(status) if status != RowStatus::Running && words::event_of_status(word).is_some())
        })
        && taken.events.iter().any(|(word, _)| words::status(word) == Some(RowStatus::Failed))
    {
        // One column says both.
        taken.roles.insert(Role::Status, event);
    }
    if let Some(status) = taken.roles.get(&Role::Status).copied() {
        let column = scene.column(status.column);
        let at = status.column;
        if let Some(published) = published::of(scene, at) {
            taken.published = Some(published);
            taken.statuses = published.statuses(column);
        } else if let Some(if_true) = if_true(scene, at) {
            taken.statuses = by_frequency(column, |word| answer(if_true, word));
        } else if scene.profiles[at].is_int {
            codes(scene, taken, at);
        } else {
            taken.statuses = by_frequency(column, words::status);
        }
        let key = "status";
        let unknown: Vec<String> = taken
            .statuses
            .iter()
            .filter(|(_, meaning)| meaning.is_none())
            .map(|(word, _)| word.clone())
            .collect();
        for word in unknown {
            let perhaps = perhaps(scene, taken, at, &word);
            taken.questions.push(question(column, key, &word, perhaps));
        }
    }
    ask_for_states(taken);
    if let Some(severity) = taken.roles.get(&Role::Severity) {
        let column = scene.column(severity.column);
        taken.severities = by_frequency(column, words::severity);
        for (word, meaning) in &taken.severities {
            if meaning.is_none() {
                taken
                    .questions
                    .push(question(column, "severity", word, None));
            }
        }
    }
    if let Some(event) = taken.roles.get(&Role::Event) {
        let column = scene.column(event.column);
        for (word, meaning) in &taken.events {
            if meaning.is_none() {
                taken.questions.push(question(column, "event", word, None));
            }
        }
    }
}

/// Where runs end, whether they succeeded is what matters most.
fn ask_for_states(taken: &mut Taken) {
    let ends = matches!(taken.shape, Shape::Events | Shape::Runs | Shape::Ends);
    let is_error = |word: &Option<EventWord>| *word == Some(EventWord::Error);
    let tells_errors = taken.events.iter().any(|(_, word)| is_error(word));
    let is_asked = |question: &Question| {
        matches!(
            question,
            Question::Unused {
                role: Role::Status,
                ..
            }
        )
    };
    if ends
        && !tells_errors
        && !taken.roles.contains_key(&Role::Status)
        && !taken.questions.iter().any(is_asked)
    {
        taken.questions.push(Question::NoStatus);
    }
}

fn question(
    column: &Column,
    key: &'static str,
    word: &str,
    perhaps: Option<&'static str>,
) -> Question {
    Question::Word {
        column: column.name.clone(),
        key,
        word: smartetl_core::redact::redact(word).into_owned(),
        records: measure::records_with(column, word),
        perhaps,
    }
}

/// States that are numbers: 0 of a return code is good and all others are bad; else what the other columns say. Where no 0 occurs,
/// nothing shows that 0 is the good one.
fn codes(scene: &Scene<'_>, taken: &mut Taken, at: usize) {
    let column = scene.column(at);
    let name = &scene.profiles[at].name;
    let is_return_code = name.is_of("return") || name.is_of("code") && !name.is_of("status");
    if column.has("0") && (is_return_code || column.words.len() > MOST_STATES) {
        taken.statuses = vec![("0".to_owned(), Some(RowStatus::Success))];
        taken.other_status = Some(RowStatus::Failed);
        return;
    }
    let by_texts = |word: &str| match perhaps(scene, taken, at, word) {
        Some("failed") => Some(RowStatus::Failed),
        Some("success") => Some(RowStatus::Success),
        _ => None,
    };
    taken.statuses = by_frequency(column, by_texts);
    let good =
        |words: &Words<RowStatus>, wanted| words.iter().any(|(_, found)| *found == Some(wanted));
    // Two states, and for the one nothing speaks.
    if taken.statuses.len() == 2
        && good(&taken.statuses, RowStatus::Failed) != good(&taken.statuses, RowStatus::Success)
    {
        let other = if good(&taken.statuses, RowStatus::Failed) {
            RowStatus::Success
        } else {
            RowStatus::Failed
        };
        for (_, meaning) in &mut taken.statuses {
            meaning.get_or_insert(other);
        }
    }
}

/// What the message of a run's records speaks for: a state that always comes with one is bad, one that never does is good.
fn perhaps(scene: &Scene<'_>, taken: &Taken, at: usize, word: &str) -> Option<&'static str> {
    let column = scene.column(at);
    let message = scene.column(taken.roles.get(&Role::Message)?.column);
    let (mut with, mut without) = ([0_usize; 2], [0_usize; 2]);
    for row in 0..column.cells.len() {
        let Some(found) = column.get(row) else {
            continue;
        };
        let side = usize::from(found == word);
        if message.get(row).is_some() {
            with[side] += 1;
        } else {
            without[side] += 1;
        }
    }
    let share = |side: usize| with[side] as f64 / (with[side] + without[side]).max(1) as f64;
    if share(1) >= 0.8 && share(0) < 0.5 {
        Some(RowStatus::Failed.as_str())
    } else if share(1) <= 0.05 && share(0) >= 0.5 {
        Some(RowStatus::Success.as_str())
    } else {
        None
    }
}
