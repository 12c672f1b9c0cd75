//! What columns of a table have to do with each other.

use std::collections::HashMap;

use super::profile::Times;
use super::scene::Scene;
use super::table::Column;
use crate::moment::DAY;

/// The share of records that have the value which the first record with their key has; 1 where no key comes twice.
pub fn determines(key: &Column, value: &Column) -> f64 {
    let mut first: Vec<Option<u32>> = vec![None; key.words.len()];
    let (mut agree, mut compared) = (0_usize, 0_usize);
    for (key, value) in key.cells.iter().zip(&value.cells) {
        let Some(place) = (*key as usize).checked_sub(1) else {
            continue;
        };
        match first[place] {
            None => first[place] = Some(*value),
            Some(known) => {
                compared += 1;
                agree += usize::from(known == *value);
            }
        }
    }
    match compared {
        0 => 1.0,
        compared => agree as f64 / compared as f64,
    }
}

/// The share of keys that stand in at least two records.
pub fn repeated(key: &Column) -> f64 {
    let twice = key.counts.iter().filter(|count| **count >= 2).count();
    twice as f64 / key.counts.len().max(1) as f64
}

/// From the first to the last moment of each key.
pub fn spans(
    key: &Column,
    begins: &[Option<i64>],
    ends: &[Option<i64>],
) -> Vec<Option<(i64, i64)>> {
    let mut spans: Vec<Option<(i64, i64)>> = vec![None; key.words.len()];
    for ((key, begin), end) in key.cells.iter().zip(begins).zip(ends) {
        let Some(place) = (*key as usize).checked_sub(1) else {
            continue;
        };
        for moment in [begin, end].into_iter().flatten() {
            let (first, last) = spans[place].unwrap_or((*moment, *moment));
            spans[place] = Some((first.min(*moment), last.max(*moment)));
        }
    }
    spans
}

/// Whether the records of a key stand close together in time, as those of a run do; `None` where all records do.
pub fn is_compact(spans: &[Option<(i64, i64)>]) -> Option<bool> {
    let known = || spans.iter().flatten();
    let total = known().map(|span| span.1).max()? - known().map(|span| span.0).min()?;
    if total < 2 * DAY {
        return None;
    }
    let mut lengths: Vec<i64> = known().map(|(first, last)| last - first).collect();
    lengths.sort_unstable();
    Some(lengths[lengths.len() * 3 / 4] < DAY)
}

/// What a column says about the runs of another: who started them, or what stands at the top.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// Of its different values, the share that are runs.
    pub within: f64,
    /// The share of records of a run that say the same.
    pub constant: f64,
    /// The share of runs below others.
    pub below: f64,
    /// Of these, the share that begin while the other one runs.
    pub nested: f64,
    /// Of these, the share whose other run says itself, or nothing.
    pub top: f64,
}

/// `spans`: when each run was there.
pub fn tree(run: &Column, other: &Column, spans: &[Option<(i64, i64)>]) -> Tree {
    let places: HashMap<&str, usize> = run
        .words
        .iter()
        .enumerate()
        .map(|(place, word)| (word.as_str(), place))
        .collect();
    let of: Vec<Option<usize>> = other
        .words
        .iter()
        .map(|word| places.get(word.as_str()).copied())
        .collect();
    let first = firsts(run, other);
    let up = |place: usize| -> Option<usize> {
        let value = (first[place]? as usize).checked_sub(1)?;
        of[value].filter(|above| *above != place)
    };
    let (mut below, mut nested, mut timed, mut top) = (0_usize, 0_usize, 0_usize, 0_usize);
    for place in 0..run.words.len() {
        let Some(above) = up(place) else { continue };
        below += 1;
        top += usize::from(up(above).is_none());
        let span = |place: usize| spans.get(place).copied().flatten();
        if let (Some(own), Some(its)) = (span(place), span(above)) {
            timed += 1;
            // Clocks of two hosts may differ.
            nested += usize::from(own.0 + 120_000_000 >= its.0 && own.0 <= its.1 + 120_000_000);
        }
    }
    let share = |part: usize, of: usize| {
        if of == 0 {
            0.0
        } else {
            part as f64 / of as f64
        }
    };
    Tree {
        within: other.within(run),
        constant: determines(run, other),
        below: share(below, run.words.len()),
        nested: share(nested, timed),
        top: share(top, below),
    }
}

/// The value that the first record of each key has.
pub fn firsts(key: &Column, value: &Column) -> Vec<Option<u32>> {
    let mut first: Vec<Option<u32>> = vec![None; key.words.len()];
    for (key, value) in key.cells.iter().zip(&value.cells) {
        if let Some(place) = (*key as usize).checked_sub(1)
            && first[place].is_none()
        {
            first[place] = Some(*value);
        }
    }
    first
}

/// The moments of all records.
pub fn moments(column: &Column, times: &Times) -> Vec<Option<i64>> {
    (0..column.cells.len())
        .map(|row| times.at(column, row))
        .collect()
}

/// Whether begin and end are hours of one column of days, which is not named after ends: an end before its begin is of the next day.
pub fn are_of_one_day(scene: &Scene<'_>, begin: usize, end: usize) -> bool {
    let day = |at: usize| scene.column(at).parts.first().copied();
    let is_of_end = |day: usize| {
        let name = &scene.profiles[day].name;
        name.is_of("end") && !name.is_of("begin")
    };
    day(begin).is_some_and(|of_begin| Some(of_begin) == day(end) && !is_of_end(of_begin))
}

/// The ends, where those before their begin are of the next day; and whether some are.
pub fn past_midnight(begins: &[Option<i64>], ends: &[Option<i64>]) -> (Vec<Option<i64>>, bool) {
    let mut is_some = false;
    let pairs = begins.iter().zip(ends);
    let shifted = pairs.map(|pair| match pair {
        (Some(begin), Some(end)) if end < begin => {
            is_some = true;
            Some(end + DAY)
        }
        (_, end) => *end,
    });
    (shifted.collect(), is_some)
}

/// How well two columns are begin and end of one thing in each record: the share of records where the second is not before
/// the first, and the share where it is behind it.
pub fn follows(begins: &[Option<i64>], ends: &[Option<i64>]) -> (f64, f64) {
    let (mut both, mut in_order, mut apart) = (0_usize, 0_usize, 0_usize);
    for (begin, end) in begins.iter().zip(ends) {
        if let (Some(begin), Some(end)) = (begin, end) {
            both += 1;
            in_order += usize::from(end >= begin);
            apart += usize::from(end > begin);
        }
    }
    let share = |part: usize| part as f64 / both.max(1) as f64;
    (share(in_order), share(apart))
}
