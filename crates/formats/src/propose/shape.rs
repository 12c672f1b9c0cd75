//! What a table is, and which column is what: first what gives it its shape (events, begins and ends), then the runs and their
//! tree, then the job, then all the others at once.

use std::collections::BTreeMap;

use smartetl_core::model::{RowStatus, Severity};

use super::content::Content;
use super::published::Published;
use super::question::Question;
use super::relations::{are_of_one_day, moments, past_midnight};
use super::role::Role;
use super::runs::{Runs, runs};
use super::scene::{Known, Scene, together};
use super::times::{begin_and_end, duration_by_name, single_moment};
use super::words::{self, EventWord, Measure, SeverityWord};
use super::write::shown;
use super::{assign, measure, percent_of, states};
use crate::dialect::generic::Unit;

/// What one record of a table tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// That something began or ended.
    Events,
    /// A run or step with its begin and end.
    Runs,
    /// That a run ended.
    Ends,
    /// That something went wrong.
    Errors,
    /// That something was measured.
    Metrics,
}

/// A column that was given a role.
#[derive(Clone, Copy, Debug)]
pub struct Assigned {
    pub column: usize,
    /// 0 to 1.
    pub confidence: f64,
}

/// The words of a column with what they mean, the most frequent first; those without a meaning are asked for.
pub type Words<T> = Vec<(String, Option<T>)>;

/// What a table was taken to be.
#[derive(Clone, Debug)]
pub struct Taken {
    pub shape: Shape,
    pub roles: BTreeMap<Role, Assigned>,
    pub events: Words<EventWord>,
    pub statuses: Words<RowStatus>,
    /// The list of a tool by which the codes of states were read.
    pub published: Option<&'static Published>,
    /// Every status that is not listed, such as exit codes.
    pub other_status: Option<RowStatus>,
    pub severities: Words<SeverityWord>,
    /// A column that says which rows the count of a metric is of.
    pub measures: Option<(usize, Vec<(String, Measure)>)>,
    pub unit: Option<Unit>,
    pub questions: Vec<Question>,
    /// How much speaks for a log of ETL jobs at all; 1 is enough.
    pub strength: f64,
}

/// Below this nothing is given.
const ENOUGH: f64 = 0.45;
const ENOUGH_OF_MUTE: f64 = 0.38;
/// Below this a person is asked.
pub const SURE: f64 = 0.55;
/// What identifies runs and is asked about below `SURE_BY_VALUES` where only values speak for it: where no name fits it so well as
/// `NAMED`.
const BY_VALUES: [Role; 4] = [Role::JobId, Role::Context, Role::Host, Role::Project];
const SURE_BY_VALUES: f64 = 0.7;
const NAMED: f64 = 0.3;
/// So near the second best is to the best when a person is asked.
const NEAR: f64 = 0.06;

/// What gives a table its shape.
struct Frame {
    shape: Shape,
    /// The roles of columns that tell it.
    roles: Vec<(Role, Assigned)>,
    events: Words<EventWord>,
    questions: Vec<Question>,
    strength: f64,
}

/// Why a table is no log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    Times,
    /// `nearest`: the column that came nearest.
    Runs {
        nearest: Option<String>,
    },
    /// `run`: the column of its runs; `shared`: how many of them are in the run log, in hundredths.
    Jobs {
        run: String,
        shared: Option<u8>,
        nearest: Option<String>,
    },
    /// Neither events nor states nor errors.
    Meaning,
    /// Something stands above the names of the columns, of which these are the first.
    Names {
        first: Vec<String>,
    },
}

/// # Errors
/// What it lacks to be a log.
pub fn take(scene: &Scene<'_>, known: Option<Known<'_>>) -> Result<Taken, Missing> {
    if let Some(names) = scene.table.names_below_a_title() {
        let first = names.into_iter().map(shown).collect();
        return Err(Missing::Names { first });
    }
    if scene.profiles.iter().all(|profile| profile.times.is_none()) {
        return Err(Missing::Times);
    }
    let frame = frame(scene).ok_or(Missing::Meaning)?;
    let at = |role: Role| {
        let found = frame.roles.iter().find(|(of, _)| *of == role);
        found.map(|(_, assigned)| assigned.column)
    };
    let begin = at(Role::Begin).or(at(Role::Moment));
    let end = at(Role::End).or(at(Role::Moment));
    let of = |column: Option<usize>| {
        let column = column?;
        let times = scene.profiles[column].times.as_ref()?;
        Some(moments(scene.column(column), times))
    };
    let (Some(begins), Some(mut ends)) = (of(begin), of(end.or(begin))) else {
        return Err(Missing::Times);
    };
    let mut questions = frame.questions;
    if let (Some(begin), Some(end)) = (at(Role::Begin), at(Role::End))
        && are_of_one_day(scene, begin, end)
    {
        let (shifted, is_some) = past_midnight(&begins, &ends);
        ends = shifted;
        if is_some {
            let day = scene.column(begin).parts[0];
            questions.push(Question::NextDay {
                column: scene.column(day).name.clone(),
            });
        }
    }
    let mut taken = Taken {
        shape: frame.shape,
        roles: frame.roles.iter().copied().collect(),
        events: frame.events,
        statuses: Vec::new(),
        published: None,
        other_status: None,
        severities: Vec::new(),
        measures: None,
        unit: None,
        questions,
        strength: frame.strength,
    };
    let found = runs(scene, &taken, &begins, &ends, known);
    let Runs {
        job: Some(job),
        run: Some(run),
        ..
    } = found
    else {
        let nearest = found.nearest.map(|at| scene.column(at).name.clone());
        return Err(match found.run {
            None => Missing::Runs { nearest },
            Some(run) => {
                let runs = scene.column(run.column);
                Missing::Jobs {
                    run: runs.name.clone(),
                    shared: known.map(|known| percent_of(known.shares(runs))),
                    nearest,
                }
            }
        });
    };
    taken.strength += found.strength;
    taken.questions.extend(found.questions);
    taken.roles.insert(Role::RunId, run);
    taken.roles.insert(Role::Job, job);
    for (role, assigned) in [(Role::Parent, found.parent), (Role::Root, found.root)] {
        if let Some(assigned) = assigned {
            taken.roles.insert(role, assigned);
        }
    }
    others(scene, &mut taken, known);
    measure::duration(scene, &mut taken, &begins, &ends);
    measure::measures(scene, &mut taken);
    states::vocabularies(scene, &mut taken);
    if taken.strength < 1.0 {
        return Err(Missing::Meaning);
    }
    Ok(taken)
}

/// The shape of a table: events before runs, because a table of events may hold other times as well.
fn frame(scene: &Scene<'_>) -> Option<Frame> {
    let pair = begin_and_end(scene);
    let events = event_column(scene, pair.is_some());
    let moment = single_moment(scene);
    let with_events = |(column, confidence, words): (usize, f64, Words<EventWord>), strength| {
        let moment = moment?;
        Some(Frame {
            shape: Shape::Events,
            roles: vec![
                (Role::Moment, moment),
                (Role::Event, Assigned { column, confidence }),
            ],
            events: words,
            questions: Vec::new(),
            strength,
        })
    };
    if let Some((column, confidence, words, true)) = &events
        && let Some(frame) = with_events((*column, *confidence, words.clone()), 0.8)
    {
        return Some(frame);
    }
    if let Some((begin, end, named)) = pair {
        return Some(Frame {
            shape: Shape::Runs,
            roles: vec![(Role::Begin, begin), (Role::End, end)],
            events: Vec::new(),
            questions: Vec::new(),
            strength: if named { 0.6 } else { 0.2 },
        });
    }
    let duration = duration_by_name(scene);
    let is_begin = moment.is_some_and(|moment| {
        let name = &scene.profiles[moment.column].name;
        name.fits(Role::Begin) >= 0.7 && name.fits(Role::End) < 0.7
    });
    if let (true, Some(begin), Some(duration)) = (is_begin, moment, duration) {
        return Some(Frame {
            shape: Shape::Runs,
            roles: vec![(Role::Begin, begin), (Role::Duration, duration)],
            events: Vec::new(),
            questions: Vec::new(),
            strength: 0.5,
        });
    }
    let taken_as_end = || {
        moment.map(|moment| Question::TakenAsEnd {
            column: scene.column(moment.column).name.clone(),
            is_begin,
        })
    };
    if let Some((column, confidence, words, false)) = events
        && let Some(mut frame) = with_events((column, confidence, words), 0.6)
    {
        frame.questions.extend(taken_as_end().filter(|_| is_begin));
        return Some(frame);
    }
    let moment = moment?;
    let best = |role: Role, content: &dyn Fn(usize) -> f64| {
        scene
            .columns()
            .map(|at| scene.score(role, at, content(at)))
            .fold(0.0, f64::max)
    };
    let profile = |at: usize| &scene.profiles[at];
    let severity = best(Role::Severity, &|at| 0.9 * profile(at).severities);
    let text = best(Role::Message, &|at| {
        if profile(at).is_text() { 0.6 } else { 0.0 }
    });
    let class = best(Role::ErrorType, &|at| 0.7 * profile(at).classes);
    let number = |at: usize| if profile(at).is_int { 0.35 } else { 0.0 };
    let counts = [Role::Count, Role::RowsIn, Role::RowsOut, Role::RowsRejected]
        .map(|role| best(role, &number))
        .into_iter()
        .fold(0.0, f64::max);
    let state = best(Role::Status, &|at| 0.9 * profile(at).states);
    let ends = best(Role::Status, &|at| states::evidence(scene, at));
    let ended = scene.profiles[moment.column].name.fits(Role::End) >= 0.7;
    let (shape, strength) = if ends >= 0.75 && ended {
        (Shape::Ends, 0.5)
    } else if text.max(class) >= 0.5 && severity.max(class) >= 0.7 {
        (Shape::Errors, 0.5)
    } else if counts >= 0.7 {
        (Shape::Metrics, 0.3)
    } else if text >= 0.8 {
        (Shape::Errors, 0.3)
    } else if state >= 0.75 {
        (Shape::Ends, 0.4)
    } else if text.max(class) >= 0.5 {
        (Shape::Errors, 0.1)
    } else {
        return None;
    };
    let is_doubtful = !ended && (is_begin || duration.is_some());
    let questions = taken_as_end().filter(|_| shape == Shape::Ends && is_doubtful);
    Some(Frame {
        shape,
        roles: vec![(Role::Moment, moment)],
        events: Vec::new(),
        questions: questions.into_iter().collect(),
        strength,
    })
}

/// The column whose words say that something began or ended, with these words, and whether it says nothing else; `is_paired`: whether
/// records hold their begin and end themselves.
fn event_column(
    scene: &Scene<'_>,
    is_paired: bool,
) -> Option<(usize, f64, Words<EventWord>, bool)> {
    use smartetl_core::model::Event;
    let mut best: Option<(usize, f64, Words<EventWord>, bool)> = None;
    for at in scene.columns() {
        let (column, profile) = (scene.column(at), &scene.profiles[at]);
        if !(2..=20).contains(&profile.distinct) || profile.filled < 0.95 || profile.times.is_some()
        {
            continue;
        }
        // A state such as `D` for done, beside `E` for error, begins nothing.
        let letters = if is_paired && profile.name.says_status() {
            0
        } else {
            profile.distinct
        };
        let letters = |word: &str| match (letters, word.to_lowercase().as_str()) {
            (2, "d" | "b" | "s") => Some(EventWord::Row(Event::Begin)),
            (2, "f" | "e") => Some(EventWord::Row(Event::End)),
            _ => None,
        };
        let pure = |word: &str| words::event(word).or_else(|| letters(word));
        let mixed = |word: &str| words::event_of_status(word).or_else(|| pure(word));
        for (is_pure, meaning) in [(true, &pure as &dyn Fn(&str) -> _), (false, &mixed)] {
            let known = column.share(|word| meaning(word).is_some());
            let of = |event| column.share(|word| meaning(word) == Some(EventWord::Row(event)));
            let (begins, ends) = (of(Event::Begin), of(Event::End));
            // What failed and has no other end ends there: the ends that lack are as many.
            let is_failed = |word: &str| {
                meaning(word) == Some(EventWord::Error)
                    && words::status(word) == Some(RowStatus::Failed)
            };
            let failed = column.share(is_failed);
            let is_last = failed > 0.0 && begins - ends >= failed / 2.0;
            let ends = if is_last { ends + failed } else { ends };
            let meaning = |word: &str| {
                if is_last && is_failed(word) {
                    return Some(EventWord::Row(Event::End));
                }
                meaning(word)
            };
            if known < 0.8 || begins < 0.1 || ends < 0.1 || ends > 4.0 * begins {
                continue;
            }
            let content = if is_pure { 0.55 } else { 0.35 } + 0.4 * known;
            let name = profile
                .name
                .fits(Role::Event)
                .max(0.6 * profile.name.fits(Role::Status));
            let confidence = together(name, content);
            let better = best
                .as_ref()
                .is_none_or(|(_, least, _, was_pure)| (is_pure, confidence) > (*was_pure, *least));
            if better {
                best = Some((at, confidence, by_frequency(column, meaning), is_pure));
            }
        }
    }
    best
}

/// The words of a column and what they mean, the most frequent first.
pub fn by_frequency<T>(
    column: &super::table::Column,
    meaning: impl Fn(&str) -> Option<T>,
) -> Words<T> {
    let mut counted: Vec<(&String, &u32)> = column.words.iter().zip(&column.counts).collect();
    counted.sort_by_key(|(word, count)| (std::cmp::Reverse(**count), (*word).clone()));
    counted
        .into_iter()
        .map(|(word, _)| (word.clone(), meaning(word)))
        .collect()
}

/// Gives all other columns their roles at once.
fn others(scene: &Scene<'_>, taken: &mut Taken, known: Option<Known<'_>>) {
    let mut wanted = vec![
        Role::Project,
        Role::JobId,
        Role::JobVersion,
        Role::Environment,
        Role::Context,
        Role::Host,
        Role::Step,
        Role::Attempt,
        Role::MapIndex,
        Role::Message,
    ];
    wanted.extend(match taken.shape {
        Shape::Events | Shape::Runs | Shape::Ends => &[
            Role::Status,
            Role::Duration,
            Role::RowsIn,
            Role::RowsOut,
            Role::RowsRejected,
            Role::ErrorType,
            Role::ErrorCode,
            Role::Severity,
            Role::Stack,
        ][..],
        Shape::Errors => &[
            Role::Severity,
            Role::ErrorType,
            Role::ErrorCode,
            Role::Stack,
        ],
        Shape::Metrics => &[
            Role::Label,
            Role::Count,
            Role::RowsIn,
            Role::RowsOut,
            Role::RowsRejected,
        ],
    });
    wanted.retain(|role| !taken.roles.contains_key(role));
    wanted.push(Role::Ignored);
    let used = taken.used(scene);
    let free: Vec<usize> = scene
        .columns()
        .filter(|at| !used.contains(at) && scene.profiles[*at].distinct > 0)
        .collect();
    let content = Content::new(scene, taken, known);
    let enough = if scene.mute { ENOUGH_OF_MUTE } else { ENOUGH };
    let scores: Vec<Vec<f64>> = wanted
        .iter()
        .map(|role| {
            free.iter()
                .map(|at| scene.score(*role, *at, content.of(*role, *at)))
                .collect()
        })
        .collect();
    let mut worth: Vec<Vec<f64>> = scores
        .iter()
        .map(|row| row.iter().map(|score| (score - enough).max(0.0)).collect())
        .collect();
    // What is ignored may be many columns.
    let ignored = worth.pop().unwrap_or_default();
    for row in &mut worth {
        for (worth, ignored) in row.iter_mut().zip(&ignored) {
            *worth = if *ignored > *worth { 0.0 } else { *worth };
        }
    }
    for (row, column) in assign::best(&worth).into_iter().enumerate() {
        let Some(column) = column else { continue };
        let (role, confidence) = (wanted[row], scores[row][column]);
        let assigned = Assigned {
            column: free[column],
            confidence: confidence.min(0.99),
        };
        taken.roles.insert(role, assigned);
        let name = |at: usize| scene.column(free[at]).name.clone();
        let is_by_values = BY_VALUES.contains(&role)
            && scene.profiles[free[column]].name.fits(role) < NAMED
            && confidence < SURE_BY_VALUES;
        if confidence < SURE || is_by_values {
            taken.questions.push(Question::Unsure {
                role,
                taken: name(column),
            });
        }
        let second = (0..free.len())
            .filter(|other| *other != column && scores[row][*other] + NEAR >= confidence)
            .find(|other| {
                // Not where the other one is taken for something else with more right.
                let best = scores.iter().map(|of| of[*other]).fold(0.0, f64::max);
                scores[row][*other] + 1e-9 >= best
            });
        if let Some(other) = second
            && confidence < 0.9
        {
            taken.questions.push(Question::Close {
                role,
                taken: name(column),
                other: name(other),
            });
        }
    }
    leave_numbers_of_severity(scene, taken);
    ask_about_unused(scene, taken, &wanted, &free, &scores);
    for (role, least, strength) in [
        (Role::Status, 0.6, 0.4),
        (Role::Severity, 0.6, 0.3),
        (Role::Message, 0.7, 0.2),
        (Role::Step, 0.7, 0.1),
        (Role::ErrorType, 0.7, 0.2),
    ] {
        let known = taken.roles.get(&role);
        if known.is_some_and(|assigned| assigned.confidence >= least) {
            taken.strength += strength;
        }
    }
}

/// Numbers say nothing about how bad an error is, in one tool 1 is the worst and in another the least: the column is asked about,
/// and its errors are plain errors until then.
fn leave_numbers_of_severity(scene: &Scene<'_>, taken: &mut Taken) {
    if let Some(at) = taken.column(Role::Severity)
        && scene.profiles[at].is_int
    {
        taken.roles.remove(&Role::Severity);
        taken.questions.push(Question::Unused {
            role: Role::Severity,
            column: scene.column(at).name.clone(),
        });
    }
}

/// Asks about columns that go nowhere and could be one of the things that many logs have.
fn ask_about_unused(
    scene: &Scene<'_>,
    taken: &mut Taken,
    wanted: &[Role],
    free: &[usize],
    scores: &[Vec<f64>],
) {
    const COULD_BE: f64 = 0.25;
    for role in [Role::Project, Role::Step, Role::Status, Role::Message] {
        let Some(row) = wanted.iter().position(|own| *own == role) else {
            continue;
        };
        if taken.roles.contains_key(&role) {
            continue;
        }
        let is_used = |at: usize| taken.roles.values().any(|assigned| assigned.column == at);
        let best = (0..free.len())
            .filter(|column| !is_used(free[*column]) && scores[row][*column] >= COULD_BE)
            .max_by(|one, other| scores[row][*one].total_cmp(&scores[row][*other]));
        let profile = best.map(|column| &scene.profiles[free[column]]);
        let is_worth_asking = |profile: &super::profile::Profile| {
            profile.name.fits(Role::Ignored) < 0.5
                && (role != Role::Project || profile.names >= 0.8 && profile.distinct >= 2)
        };
        if let (Some(column), Some(true)) = (best, profile.map(is_worth_asking)) {
            taken.questions.push(Question::Unused {
                role,
                column: scene.column(free[column]).name.clone(),
            });
        }
    }
}

impl Taken {
    /// The columns that have a role, with the parts of those that are joined.
    pub fn used(&self, scene: &Scene<'_>) -> Vec<usize> {
        let columns = self.roles.values().map(|assigned| assigned.column);
        columns
            .flat_map(|at| std::iter::once(at).chain(scene.column(at).parts.iter().copied()))
            .collect()
    }

    pub fn is_sure_of_jobs(&self) -> bool {
        let job = self.roles.get(&Role::Job);
        job.is_some_and(|job| job.confidence >= SURE)
    }

    /// The end of a run is its begin and its duration.
    pub fn ends_by_duration(&self) -> bool {
        self.shape == Shape::Runs && !self.roles.contains_key(&Role::End)
    }

    pub fn column(&self, role: Role) -> Option<usize> {
        self.roles.get(&role).map(|assigned| assigned.column)
    }

    /// The words of the status column that mean this.
    pub fn states(&self, wanted: &[RowStatus]) -> Vec<String> {
        self.statuses
            .iter()
            .filter(|(_, meaning)| meaning.is_some_and(|meaning| wanted.contains(&meaning)))
            .map(|(word, _)| word.clone())
            .collect()
    }

    /// A word of the status column, or what its tool calls that code.
    pub fn said<'w>(&self, word: &'w str) -> &'w str {
        let published = self.published.and_then(|published| published.word(word));
        published.unwrap_or(word)
    }

    /// The severities below a warning.
    pub fn notes(&self) -> Vec<String> {
        self.severities
            .iter()
            .filter(|(_, meaning)| *meaning == Some(SeverityWord::Note))
            .map(|(word, _)| word.clone())
            .collect()
    }

    pub fn levels(&self) -> Vec<(String, Severity)> {
        self.severities
            .iter()
            .filter_map(|(word, meaning)| match meaning {
                Some(SeverityWord::Level(level)) => Some((word.clone(), *level)),
                _ => None,
            })
            .collect()
    }
}
