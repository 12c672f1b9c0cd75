//! Durations and their units, proved by begins and ends; and which rows a number counts.

use std::collections::HashMap;

use smartetl_core::model::Event;

use super::question::Question;
use super::role::Role;
use super::scene::Scene;
use super::shape::{Assigned, Shape, Taken};
use super::table::Column;
use super::words::{self, EventWord, Measure};
use crate::dialect::generic::Unit;
use crate::number::parse_scaled;

const UNITS: [Unit; 6] = [Unit::Ms, Unit::S, Unit::Min, Unit::Us, Unit::H, Unit::Ns];
/// So many pairs are enough to prove a unit.
const PAIRS: usize = 5_000;
/// A shorter time fits too many units.
const SHORTEST_MS: i64 = 5_000;

/// Gives the duration its unit, and a column that is one without its name saying so the role.
pub fn duration(
    scene: &Scene<'_>,
    taken: &mut Taken,
    begins: &[Option<i64>],
    ends: &[Option<i64>],
) {
    if !matches!(taken.shape, Shape::Events | Shape::Runs | Shape::Ends) {
        return;
    }
    let lengths = match taken.shape {
        Shape::Events => lengths_of_events(scene, taken, begins),
        // Nothing beside the duration says the end.
        Shape::Runs if taken.ends_by_duration() => Vec::new(),
        _ => lengths_of_records(begins, ends),
    };
    let proved = |at: usize| proof(scene.column(at), &lengths);
    let given = taken.roles.get(&Role::Duration).copied();
    let proof_of_given = given.and_then(|given| proved(given.column));
    if proof_of_given.is_none_or(|(_, share)| share < 0.5) {
        let used = taken.used(scene);
        let best = scene
            .columns()
            .filter(|at| !used.contains(at) && scene.profiles[*at].times.is_none())
            .filter_map(|at| proved(at).map(|(unit, share)| (at, unit, share)))
            .filter(|(_, _, share)| *share >= 0.8)
            .max_by(|one, other| one.2.total_cmp(&other.2));
        if let Some((at, unit, share)) = best {
            let confidence = scene.score(Role::Duration, at, share);
            taken.roles.insert(
                Role::Duration,
                Assigned {
                    column: at,
                    confidence,
                },
            );
            taken.unit = Some(unit);
            return;
        }
    }
    let Some(given) = given else { return };
    let profile = &scene.profiles[given.column];
    let named = profile.name.unit.and_then(unit_of_name);
    match proof_of_given {
        Some((unit, share)) if share >= 0.5 => {
            taken.unit = Some(unit);
            if let Some(named) = named.filter(|named| *named != unit) {
                taken.questions.push(Question::OtherUnit {
                    column: scene.column(given.column).name.clone(),
                    taken: unit.as_str(),
                    named: named.as_str(),
                });
            }
            let confidence = scene.score(Role::Duration, given.column, share);
            taken.roles.insert(
                Role::Duration,
                Assigned {
                    confidence: confidence.min(0.99),
                    ..given
                },
            );
        }
        _ if profile.is_duration_text || profile.is_hour => {
            taken.unit = Some(Unit::Text);
            ask_where_contradicted(scene, taken, given.column, Unit::Text, &lengths);
        }
        _ => {
            let guessed = named.unwrap_or_else(|| nearest(scene.column(given.column), &lengths));
            taken.unit = Some(guessed);
            if named.is_some() {
                ask_where_contradicted(scene, taken, given.column, guessed, &lengths);
            } else {
                taken.questions.push(Question::Unit {
                    column: scene.column(given.column).name.clone(),
                    taken: guessed.as_str(),
                });
            }
        }
    }
}

/// Asks where the durations of most records are not the times between begin and end, by more than a minute and a tenth: one of the
/// three is read wrong, or is something else.
fn ask_where_contradicted(
    scene: &Scene<'_>,
    taken: &mut Taken,
    at: usize,
    unit: Unit,
    lengths: &Lengths,
) {
    let column = scene.column(at);
    let both = lengths.iter().filter_map(|(row, length)| {
        let said = unit.read(column.get(*row)?)?;
        let off = (said - length).abs();
        Some(off > 61_000 && off * 10 > said.abs().max(length.abs()))
    });
    let off: Vec<bool> = both.collect();
    let wrong = off.iter().filter(|off| **off).count();
    if wrong >= 3 && wrong * 2 > off.len() {
        taken.questions.push(Question::Contradicted {
            column: column.name.clone(),
        });
    }
}

/// Whether some column holds the times between these begins and ends.
pub fn has_duration(scene: &Scene<'_>, begins: &[Option<i64>], ends: &[Option<i64>]) -> bool {
    let lengths = lengths_of_records(begins, ends);
    scene.columns().any(|at| {
        let profile = &scene.profiles[at];
        (profile.is_number || profile.is_duration_text || profile.is_hour)
            && profile.distinct >= 5
            && proof(scene.column(at), &lengths).is_some_and(|(_, share)| share >= 0.8)
    })
}

/// Column of kinds such as `read` and `written` beside a count: which rows it is of.
pub fn measures(scene: &Scene<'_>, taken: &mut Taken) {
    let is_counted = taken.roles.contains_key(&Role::Count);
    let is_split = [Role::RowsIn, Role::RowsOut, Role::RowsRejected]
        .iter()
        .any(|role| taken.roles.contains_key(role));
    if !is_counted || is_split {
        return;
    }
    let label = taken.column(Role::Label);
    let used: Vec<usize> = taken
        .roles
        .iter()
        .filter(|(role, _)| **role != Role::Label)
        .map(|(_, assigned)| assigned.column)
        .collect();
    let best = scene
        .columns()
        .filter(|at| !used.contains(at) && scene.profiles[*at].distinct <= 100)
        .map(|at| {
            let column = scene.column(at);
            (at, column.share(|word| words::measure(word).is_some()))
        })
        .filter(|(at, share)| *share >= 0.5 || Some(*at) == label && *share > 0.0)
        .max_by(|one, other| one.1.total_cmp(&other.1));
    if let Some((at, _)) = best {
        let known = scene.column(at).words.iter();
        let known = known.filter_map(|word| Some((word.clone(), words::measure(word)?)));
        taken.measures = Some((at, known.collect()));
    }
}

/// How many records have a word.
pub fn records_with(column: &Column, word: &str) -> u32 {
    let found = column.words.iter().position(|own| own == word);
    found.map_or(0, |place| column.counts[place])
}

/// What happened in so many milliseconds, by record.
type Lengths = Vec<(usize, i64)>;

fn lengths_of_records(begins: &[Option<i64>], ends: &[Option<i64>]) -> Lengths {
    begins
        .iter()
        .zip(ends)
        .enumerate()
        .filter_map(|(row, (begin, end))| Some((row, ((*end)? - (*begin)?) / 1_000)))
        .collect()
}

/// From the begin of a run or step to its end, at the record of the end.
fn lengths_of_events(scene: &Scene<'_>, taken: &Taken, moments: &[Option<i64>]) -> Lengths {
    let (Some(event), Some(run)) = (taken.column(Role::Event), taken.column(Role::RunId)) else {
        return Vec::new();
    };
    let (event, run) = (scene.column(event), scene.column(run));
    let step = taken.column(Role::Step).map(|step| scene.column(step));
    let is = |row: usize, wanted: Event| {
        event.get(row).is_some_and(|word| {
            let found = taken.events.iter().find(|(own, _)| own == word);
            found.is_some_and(|(_, meaning)| *meaning == Some(EventWord::Row(wanted)))
        })
    };
    let mut open: HashMap<(u32, u32), i64> = HashMap::new();
    let mut lengths = Vec::new();
    for (row, moment) in moments.iter().enumerate() {
        let Some(moment) = moment else { continue };
        let key = (run.cells[row], step.map_or(0, |step| step.cells[row]));
        if is(row, Event::Begin) {
            open.insert(key, *moment);
        } else if is(row, Event::End)
            && let Some(begin) = open.remove(&key)
        {
            lengths.push((row, (moment - begin) / 1_000));
        }
    }
    lengths
}

/// The unit in which a column holds these lengths, and the share of records where it does.
fn proof(column: &Column, lengths: &Lengths) -> Option<(Unit, f64)> {
    let long: Vec<(&str, i64)> = lengths
        .iter()
        .filter(|(_, length)| *length >= SHORTEST_MS)
        .filter_map(|(row, length)| Some((column.get(*row)?, *length)))
        .take(PAIRS)
        .collect();
    if long.len() < 5 {
        return None;
    }
    let share = |unit: Unit| {
        let unit_ms = unit.millis().unwrap_or(1_000.0);
        let fits = |(text, length): &&(&str, i64)| {
            unit.read(text).is_some_and(|found| {
                let off = (found - length).abs() as f64;
                // Times are often cut to seconds, numbers to whole units.
                off <= 1_100.0_f64
                    .max(0.02 * *length as f64)
                    .max(unit_ms.min(60_000.0))
                    && off <= 0.5 * *length as f64
            })
        };
        long.iter().filter(fits).count() as f64 / long.len() as f64
    };
    UNITS
        .into_iter()
        .chain([Unit::Text])
        .map(|unit| (unit, share(unit)))
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .filter(|(_, share)| *share > 0.0)
}

/// The unit that comes nearest, where none fits.
fn nearest(column: &Column, lengths: &Lengths) -> Unit {
    let mut ratios: Vec<f64> = lengths
        .iter()
        .filter_map(|(row, length)| {
            let found = parse_scaled(column.get(*row)?, 1_000.0)? as f64 / 1_000.0;
            (found > 0.0 && *length > 0).then(|| *length as f64 / found)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let Some(middle) = ratios.get(ratios.len() / 2) else {
        return Unit::S;
    };
    let far = |unit: &Unit| (unit.millis().unwrap_or(1.0) / middle).ln().abs();
    UNITS
        .into_iter()
        .min_by(|one, other| far(one).total_cmp(&far(other)))
        .unwrap_or(Unit::S)
}

fn unit_of_name(word: &str) -> Option<Unit> {
    UNITS.into_iter().find(|unit| unit.as_str() == word)
}

/// The kinds of rows that have words.
pub fn kinds(measures: &[(String, Measure)]) -> Vec<(Measure, Vec<String>)> {
    [Measure::In, Measure::Out, Measure::Rejected]
        .into_iter()
        .map(|kind| {
            let own = measures.iter().filter(|(_, found)| *found == kind);
            (kind, own.map(|(word, _)| word.clone()).collect::<Vec<_>>())
        })
        .filter(|(_, words)| !words.is_empty())
        .collect()
}
