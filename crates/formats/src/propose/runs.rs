//! Which column tells runs apart, which ones say the tree they stand in, and which one says the job.

use super::apart::{job_within_runs, run_by_begin, run_by_record};
use super::assign;
use super::question::Question;
use super::relations::{Tree, determines, is_compact, repeated, spans, tree};
use super::role::Role;
use super::scene::{Known, Scene};
use super::shape::{Assigned, SURE, Shape, Taken};

/// What was found.
#[derive(Default)]
pub struct Runs {
    pub run: Option<Assigned>,
    pub parent: Option<Assigned>,
    pub root: Option<Assigned>,
    pub job: Option<Assigned>,
    /// The column that came nearest to what was not found.
    pub nearest: Option<usize>,
    pub questions: Vec<Question>,
    pub strength: f64,
}

/// Below this a column tells no runs, and no jobs.
const ENOUGH: f64 = 0.4;

/// `begins`, `ends`: the moments of each record.
pub fn runs(
    scene: &Scene<'_>,
    taken: &Taken,
    begins: &[Option<i64>],
    ends: &[Option<i64>],
    known: Option<Known<'_>>,
) -> Runs {
    let used = taken.used(scene);
    let free: Vec<usize> = scene
        .columns()
        .filter(|at| !used.contains(at) && scene.column(*at).parts.is_empty())
        .collect();
    let mut found = Runs::default();
    let mut ranked: Vec<(Assigned, Vec<(usize, Tree)>)> = free
        .iter()
        .filter_map(|at| {
            let (content, trees) =
                run_content(scene, taken.shape, *at, &free, begins, ends, known)?;
            let confidence = scene.score(Role::RunId, *at, content);
            let technical = scene.profiles[*at].name.fits(Role::Ignored);
            Some((
                Assigned {
                    column: *at,
                    confidence: confidence - if technical >= 0.7 { 0.3 } else { 0.0 },
                },
                trees,
            ))
        })
        .collect();
    // What stands above the runs of another column tells these apart no more.
    let above_others: Vec<usize> = ranked
        .iter()
        .flat_map(|(run, trees)| trees.iter().map(move |(above, _)| (run.column, *above)))
        .filter(|(below, above)| {
            let back = ranked.iter().find(|(run, _)| run.column == *above);
            back.is_none_or(|(_, trees)| trees.iter().all(|(at, _)| at != below))
        })
        .map(|(_, above)| above)
        .collect();
    for (run, _) in &mut ranked {
        if above_others.contains(&run.column) {
            run.confidence -= 0.35;
        }
    }
    ranked.sort_by(|(one, _), (other, _)| other.confidence.total_cmp(&one.confidence));
    let best = ranked.first().filter(|(run, _)| run.confidence >= ENOUGH);
    let (run, trees) = match best {
        Some((run, trees)) => (*run, trees.clone()),
        None => {
            if let Some((run, job)) = run_by_begin(scene, taken, &free, begins) {
                found.questions.push(Question::RunByBegin {
                    column: scene.column(run.column).name.clone(),
                });
                found.run = Some(run);
                found.job = Some(job);
                return found;
            }
            match run_by_record(scene, taken, &free, begins) {
                Some(run) => (run, Vec::new()),
                None => {
                    found.nearest = ranked.first().map(|(run, _)| run.column);
                    return found;
                }
            }
        }
    };
    if scene.profiles[run.column].name.fits(Role::RunId) >= 0.5 {
        found.strength += 0.4;
    }
    found.run = Some(Assigned {
        confidence: run.confidence.min(0.99),
        ..run
    });
    above(scene, run.column, &free, &trees, known, &mut found);
    let near: Vec<usize> = [found.run, found.parent, found.root]
        .into_iter()
        .flatten()
        .map(|assigned| assigned.column)
        .collect();
    if let Some((second, _)) = ranked.get(1)
        && second.confidence + 0.05 >= run.confidence
        && !near.contains(&second.column)
        && run.confidence < 0.9
    {
        found.questions.push(Question::Close {
            role: Role::RunId,
            taken: scene.column(run.column).name.clone(),
            other: scene.column(second.column).name.clone(),
        });
    }
    if let Some(known) = known
        && known.shares(scene.column(run.column)) >= 0.3
    {
        found.strength += 1.0;
    }
    let free: Vec<usize> = free.into_iter().filter(|at| !near.contains(at)).collect();
    match job(scene, taken.shape, Some(run.column), &free, known) {
        Ok(job) => found.job = Some(job),
        Err(nearest) => {
            found.job = job_within_runs(scene, taken.shape, run.column, &free, known);
            found.nearest = nearest;
        }
    }
    for (role, assigned) in [(Role::RunId, found.run), (Role::Job, found.job)] {
        if let Some(assigned) = assigned.filter(|assigned| assigned.confidence < SURE) {
            found.questions.push(Question::Unsure {
                role,
                taken: scene.column(assigned.column).name.clone(),
            });
        }
    }
    if let Some(job) = &found.job
        && scene.profiles[job.column].name.fits(Role::Job) >= 0.5
    {
        found.strength += 0.4;
    }
    found
}

/// How much the values of a column speak for runs, and the columns that say what stands above these.
fn run_content(
    scene: &Scene<'_>,
    shape: Shape,
    at: usize,
    free: &[usize],
    begins: &[Option<i64>],
    ends: &[Option<i64>],
    known: Option<Known<'_>>,
) -> Option<(f64, Vec<(usize, Tree)>)> {
    let (profile, column) = (&scene.profiles[at], scene.column(at));
    let named = profile.name.fits(Role::RunId) >= 0.8;
    if profile.filled < 0.9 || !(profile.is_id() || named && profile.distinct == 1) {
        return None;
    }
    if let Some(known) = known {
        let shares = known.shares(column);
        if shares >= 0.3 {
            let agrees = free
                .iter()
                .filter(|other| **other != at)
                .filter_map(|other| known.agreement(Role::Job, column, scene.column(*other)))
                .fold(0.0, f64::max);
            // Ids that are nearly all runs of the run log are these, also where nothing else agrees with it.
            let content =
                (0.1 + 0.3 * shares + 0.55 * agrees).max(if shares >= 0.9 { 0.5 } else { 0.0 });
            return Some((content, Vec::new()));
        }
    }
    let spans = spans(column, begins, ends);
    let mut content: f64 = match is_compact(&spans) {
        Some(true) => 0.45,
        None => 0.3,
        Some(false) => 0.03,
    };
    if shape == Shape::Events {
        content += if repeated(column) >= 0.6 { 0.15 } else { -0.25 };
    }
    let is_named_thing = profile.names >= 0.9 && profile.distinct * 3 < scene.table.rows;
    if is_named_thing {
        content -= 0.2;
    }
    let trees: Vec<(usize, Tree)> = free
        .iter()
        .filter(|other| **other != at && scene.profiles[**other].is_id())
        .map(|other| (*other, tree(column, scene.column(*other), &spans)))
        .filter(|(_, tree)| {
            tree.within >= 0.8 && tree.constant >= 0.97 && tree.below >= 0.005 && tree.nested >= 0.7
        })
        .collect();
    if !trees.is_empty() {
        content += 0.3;
    }
    Some((content.max(0.01), trees))
}

/// The columns of parent and root.
fn above(
    scene: &Scene<'_>,
    run: usize,
    free: &[usize],
    trees: &[(usize, Tree)],
    known: Option<Known<'_>>,
    found: &mut Runs,
) {
    let others: Vec<usize> = free.iter().copied().filter(|at| *at != run).collect();
    let tree_of = |at: usize| trees.iter().find(|(of, _)| *of == at).map(|(_, tree)| tree);
    let is_deep = trees.iter().any(|(_, tree)| tree.top < 0.98);
    let content = |role: Role, at: usize| -> f64 {
        let profile = &scene.profiles[at];
        let plain = profile.times.is_none() && profile.distinct >= 1 && profile.length <= 100.0;
        if !plain {
            return 0.0;
        }
        if let Some(agreement) =
            known.and_then(|known| known.agreement(role, scene.column(run), scene.column(at)))
        {
            return if agreement >= 0.9 { 0.9 } else { 0.03 };
        }
        let spans: &[Option<(i64, i64)>] = &[];
        match (tree_of(at), role) {
            (Some(tree), Role::Root) if tree.top >= 0.98 => {
                if is_deep {
                    0.9
                } else {
                    0.55
                }
            }
            (Some(tree), Role::Parent) if tree.top < 0.98 => 0.9,
            (Some(_), Role::Parent) => {
                if is_deep {
                    0.05
                } else {
                    0.55
                }
            }
            (Some(_), _) => 0.03,
            (None, _) if profile.name.fits(role) >= 0.9 && profile.is_id() => {
                let tree = tree(scene.column(run), scene.column(at), spans);
                if tree.within >= 0.3 && tree.constant >= 0.97 {
                    0.3
                } else {
                    0.05
                }
            }
            (None, _) => 0.0,
        }
    };
    let scores: Vec<Vec<f64>> = [Role::Parent, Role::Root]
        .into_iter()
        .map(|role| {
            others
                .iter()
                .map(|at| {
                    let content = content(role, *at);
                    let score = scene.score(role, *at, content);
                    if content >= 0.3 && score >= 0.45 {
                        score
                    } else {
                        0.0
                    }
                })
                .collect()
        })
        .collect();
    let assigned = |row: usize, column: Option<usize>| {
        column.map(|column| Assigned {
            column: others[column],
            confidence: scores[row][column].min(0.99),
        })
    };
    let best = assign::best(&scores);
    found.parent = assigned(0, best.first().copied().flatten());
    found.root = assigned(1, best.get(1).copied().flatten());
    let says = |role: Role, at: usize| {
        known
            .and_then(|known| known.agreement(role, scene.column(run), scene.column(at)))
            .is_some_and(|agreement| agreement >= 0.9)
    };
    match (found.parent, found.root) {
        (Some(one), None) | (None, Some(one))
            if known.is_none() && tree_of(one.column).is_some_and(|tree| tree.top >= 0.98) =>
        {
            // Where no tree is deeper than one level, a parent is the root as well.
            found.parent = Some(one);
            found.root = Some(one);
        }
        // As in the run log, where one column may say both.
        (Some(one), None) if says(Role::Root, one.column) => found.root = Some(one),
        (None, Some(one)) if says(Role::Parent, one.column) => found.parent = Some(one),
        (Some(parent), None) if known.is_none() => found.questions.push(Question::NoRoot {
            parent: scene.column(parent.column).name.clone(),
        }),
        _ => {}
    }
    if found.parent.is_some() || found.root.is_some() {
        found.strength += 0.4;
    }
}

/// The column of the job; else what came nearest.
pub fn job(
    scene: &Scene<'_>,
    shape: Shape,
    run: Option<usize>,
    free: &[usize],
    known: Option<Known<'_>>,
) -> Result<Assigned, Option<usize>> {
    let of_run = |at: usize| run.map_or(1.0, |run| determines(scene.column(run), scene.column(at)));
    let is_candidate = |at: &usize| {
        let profile = &scene.profiles[*at];
        profile.times.is_none()
            && profile.filled >= 0.9
            && profile.lines == 0.0
            && !profile.is_hour
            && !profile.is_duration_text
            && (!profile.is_number || profile.is_int)
            // The text of an error names no job.
            && (shape != Shape::Errors
                || !profile.is_text() && profile.name.fits(Role::Message) < 0.7
                || profile.name.fits(Role::Job) >= 0.5)
    };
    let candidates: Vec<usize> = free.iter().copied().filter(is_candidate).collect();
    let most = candidates
        .iter()
        .filter(|at| scene.profiles[**at].names >= 0.5 && of_run(**at) >= 0.97)
        .map(|at| scene.profiles[*at].distinct)
        .max()
        .unwrap_or(1);
    let content = |at: usize| -> f64 {
        let profile = &scene.profiles[at];
        if let (Some(known), Some(run)) = (known, run)
            && let Some(agreement) = known.agreement(Role::Job, scene.column(run), scene.column(at))
        {
            return if agreement >= 0.8 { 0.95 } else { 0.03 };
        }
        // Too few to compare one by one: the jobs are those of the run log.
        if let (Some(known), Some(run)) = (known, run)
            && known.shares(scene.column(run)) >= 0.3
            && let Some(jobs) = known.jobs(scene.column(at))
        {
            return if jobs >= 0.8 { 0.9 } else { 0.03 };
        }
        let is_other = profile.states >= 0.5
            || profile.environments >= 0.5
            || profile.severities >= 0.5
            || profile.versions >= 0.5;
        if is_other {
            return 0.03;
        }
        let runs = run.map_or(scene.table.rows, |run| scene.profiles[run].distinct);
        if profile.distinct * 10 > runs * 9 && runs >= 20 {
            return 0.03;
        }
        let mut content = if of_run(at) >= 0.97 { 0.3 } else { 0.12 };
        if profile.names >= 0.5 {
            let share = profile.distinct.min(most) as f64 / most as f64;
            content += 0.2 * profile.names * if of_run(at) >= 0.97 { share } else { 0.0 };
        } else {
            content -= 0.15;
        }
        if profile.distinct < 2 && shape != Shape::Errors {
            content -= 0.1;
        }
        content
    };
    let best = candidates
        .iter()
        .map(|at| Assigned {
            column: *at,
            confidence: scene.score(Role::Job, *at, content(*at)).min(0.99),
        })
        .max_by(|one, other| one.confidence.total_cmp(&other.confidence));
    match best {
        Some(job) if job.confidence >= ENOUGH => Ok(job),
        nearest => Err(nearest.map(|nearest| nearest.column)),
    }
}
