//! What tells runs apart, and what names jobs, where no column does so by itself.

use std::collections::HashSet;

use super::role::Role;
use super::runs::job;
use super::scene::{Known, Scene};
use super::shape::{Assigned, Shape, Taken};

/// Little speaks for it: a person is asked.
const LITTLE: f64 = 0.5;
/// So many records are enough to see that a column differs in each.
const RECORDS: usize = 3;

/// The begin, if no job has it twice; with the job.
pub fn run_by_begin(
    scene: &Scene<'_>,
    taken: &Taken,
    free: &[usize],
    begins: &[Option<i64>],
) -> Option<(Assigned, Assigned)> {
    let begin = taken.column(Role::Begin)?;
    if !scene.column(begin).parts.is_empty() || scene.profiles[begin].is_day {
        return None;
    }
    let job = job(scene, taken.shape, None, free, None).ok()?;
    let mut seen = HashSet::new();
    let jobs = scene.column(job.column);
    let twice = (0..scene.table.rows)
        .filter(|row| begins[*row].is_some() && !seen.insert((jobs.cells[*row], begins[*row])))
        .count();
    let run = Assigned {
        column: begin,
        confidence: LITTLE,
    };
    (twice * 1_000 <= scene.table.rows).then_some((run, job))
}

/// An id that differs in each record, where each record is a run: it is called one, is drawn by lot, or rises with time.
pub fn run_by_record(
    scene: &Scene<'_>,
    taken: &Taken,
    free: &[usize],
    begins: &[Option<i64>],
) -> Option<Assigned> {
    if !matches!(taken.shape, Shape::Runs | Shape::Ends) || scene.table.rows < RECORDS {
        return None;
    }
    let is_one = |at: &usize| {
        let (profile, column) = (&scene.profiles[*at], scene.column(*at));
        let is_other = Role::ALL
            .iter()
            .filter(|role| !matches!(role, Role::RunId | Role::JobId | Role::Job))
            .any(|role| profile.name.fits(*role) >= 0.7);
        let has_digits = |word: &String| word.bytes().any(|byte| byte.is_ascii_digit());
        profile.distinct == scene.table.rows
            && profile.is_id()
            && !is_other
            && column.words.iter().all(has_digits)
            && (!profile.is_int || profile.name.is_of("id") || rises(scene, *at, begins))
    };
    let column = free.iter().copied().find(is_one)?;
    Some(Assigned {
        column,
        confidence: LITTLE,
    })
}

/// Whether the numbers of a column grow with the begins of their records.
fn rises(scene: &Scene<'_>, at: usize, begins: &[Option<i64>]) -> bool {
    let column = scene.column(at);
    let both = begins.iter().enumerate().filter_map(|(row, begin)| {
        let number: i64 = column.get(row)?.parse().ok()?;
        Some(((*begin)?, number))
    });
    let mut both: Vec<(i64, i64)> = both.collect();
    both.sort_unstable();
    let grows = both.windows(2).filter(|pair| pair[0].1 < pair[1].1).count();
    both.len() >= RECORDS && grows * 10 >= (both.len() - 1) * 9
}

/// What each run has once and all runs have, as the models of a project that is run as a whole: they are its jobs. In a table that
/// belongs to a run log it is a step, whose job the run log says.
pub fn job_within_runs(
    scene: &Scene<'_>,
    shape: Shape,
    run: usize,
    free: &[usize],
    known: Option<Known<'_>>,
) -> Option<Assigned> {
    let is_alone = known.is_none_or(|known| known.shares(scene.column(run)) < 0.3);
    if !matches!(shape, Shape::Runs | Shape::Ends) || !is_alone {
        return None;
    }
    let runs = scene.column(run);
    let is_one = |at: &usize| {
        let (profile, column) = (&scene.profiles[*at], scene.column(*at));
        let mut seen = HashSet::new();
        let pairs = runs.cells.iter().zip(&column.cells);
        let twice = pairs.filter(|pair| !seen.insert(*pair)).count();
        profile.filled >= 0.9
            && profile.names >= 0.8
            && profile.times.is_none()
            && !profile.is_text()
            && profile
                .states
                .max(profile.severities)
                .max(profile.environments)
                < 0.5
            && profile.distinct >= 2
            && profile.distinct * 10 <= scene.table.rows * 9
            && twice * 100 <= scene.table.rows
    };
    let best = free.iter().copied().filter(is_one);
    let column = best.max_by_key(|at| scene.profiles[*at].distinct)?;
    Some(Assigned {
        column,
        confidence: LITTLE,
    })
}
