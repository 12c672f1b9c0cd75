//! The fold itself: part by part, tree by tree.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use jiff::civil::Date;

use super::adrift::{self, Adrift, Candidate, Sorter};
use super::causes::{self, Cause, Errors};
use super::facts::{ErrorFact, LogFact};
use super::heads::{Head, Names, job_hash};
use super::interner::Sym;
use super::part::Part;
use super::piece::{self, Draft, Entry, Facts, Pieces};
use super::rows::Rows;
use super::run::{Run, RunCause};
use super::tree::{self, Forest};
use crate::calendar::BusinessCalendar;
use crate::model::{Evidence, Moment, Outcome, RunStatus};

/// The reason for less quality of a run of which errors name no tree.
pub const TREE_INFERRED: &str = "tree_inferred";

const HOUR_MS: i64 = 3_600_000;
/// How far clocks of two servers may be apart before it is noted.
const CLOCKS_APART_US: i64 = 60_000_000;

/// A job whose habits decide about its open runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobKey {
    pub system: String,
    pub environment: String,
    /// Empty where there is none.
    pub project: String,
    pub job: String,
}

type JobSyms = (Sym, Sym, Sym, Sym);

/// What folding some parts came to, besides the emitted runs.
#[derive(Debug, Default)]
pub struct Folded {
    /// Packed rows of trees with an open run: to be judged by [`Fold::open_trees`] when everything else is known.
    pub open: Vec<u8>,
    /// Packed rows of trees that errors of other trees may belong to, or that have such errors: to be handed to [`Fold::settled`],
    /// with what [`Fold::settle`] adds.
    pub apart: Vec<u8>,
    /// Packed errors that name no tree, for [`Fold::settle`].
    pub adrift: Vec<u8>,
    candidates: Vec<Candidate>,
    /// Durations of good runs, for the limit of section 5.
    durations: HashMap<JobSyms, Vec<i64>>,
    horizons: HashMap<(Sym, Sym), Moment>,
    open_jobs: HashSet<JobSyms>,
    /// How many rows stand in both of two batches.
    repeats: HashMap<(u32, u32), u64>,
    business_days: HashSet<(Sym, Date)>,
}

/// A fold under way.
#[derive(Debug)]
pub struct Fold {
    rows: Rows,
    as_of: Moment,
    done: Folded,
    /// By the tree in which their run id would be the root.
    candidates: HashMap<u64, Vec<Candidate>>,
    adrift: BTreeSet<Adrift>,
}

impl Fold {
    pub fn new(rows: Rows, as_of: Moment) -> Self {
        Self {
            rows,
            as_of,
            done: Folded::default(),
            candidates: HashMap::new(),
            adrift: BTreeSet::new(),
        }
    }

    /// Takes what [`Fold::part`] or [`Fold::settled`] gave, all but packed rows.
    pub fn absorb(&mut self, folded: Folded) {
        let Folded {
            open: _,
            apart: _,
            adrift: _,
            candidates,
            durations,
            horizons,
            open_jobs,
            repeats,
            business_days,
        } = folded;
        for candidate in candidates {
            let of_run = self.candidates.entry(candidate.own_tree).or_default();
            of_run.push(candidate);
        }
        for (job, of_job) in durations {
            self.done.durations.entry(job).or_default().extend(of_job);
        }
        for (source, at) in horizons {
            let horizon = self.done.horizons.entry(source).or_insert(at);
            *horizon = (*horizon).max(at);
        }
        self.done.open_jobs.extend(open_jobs);
        for (batches, rows) in repeats {
            *self.done.repeats.entry(batches).or_default() += rows;
        }
        self.done.business_days.extend(business_days);
    }

    /// Folds part `part` of the rows; `spilled` is what [`Rows::spill`] gave away of it: of the first gathering, then of the joined
    /// ones; what stands behind may be left out. Trees without an open run are emitted, unless other trees may concern them. Parts may
    /// be folded side by side; what each gives is to be absorbed.
    pub fn part(&self, part: usize, spilled: &[Vec<u8>], emit: &mut dyn FnMut(&Run<'_>)) -> Folded {
        self.rows.unpacked(part, spilled, |names, logs, errors| {
            self.trees(names, &logs, &errors, Settled::No, emit)
        })
    }

    /// Brings errors, as [`Folded::adrift`] holds them, to the trees that they belong to: `put` appends bytes to what is apart of a
    /// part. To be called after all parts are absorbed.
    ///
    /// # Errors
    /// Those of `put`.
    pub fn settle<E>(
        &mut self,
        adrift: &[u8],
        mut put: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut logs, mut errors) = (Vec::new(), Vec::new());
        let mut part = Part::default();
        part.read(adrift, None, &mut logs, &mut errors);
        let names = Names {
            heads: &self.rows.heads,
            part: &part,
        };
        let mut sorter = Sorter::new(&self.candidates);
        errors.iter().for_each(|error| sorter.take(names, error));
        for (part, bytes) in sorter.written() {
            put(part, &bytes)?;
        }
        self.adrift.append(&mut sorter.found);
        Ok(())
    }

    /// Folds what was set apart of a part. To be called after all errors are settled; what it gives is to be absorbed.
    pub fn settled(&self, apart: &[u8], emit: &mut dyn FnMut(&Run<'_>)) -> Folded {
        let (mut logs, mut errors) = (Vec::new(), Vec::new());
        let mut part = Part::default();
        part.read(apart, None, &mut logs, &mut errors);
        let names = Names {
            heads: &self.rows.heads,
            part: &part,
        };
        self.trees(names, &logs, &errors, Settled::Yes, emit)
    }

    /// Where errors stand that name no tree.
    pub fn adrift(&self) -> &BTreeSet<Adrift> {
        &self.adrift
    }

    fn trees(
        &self,
        names: Names<'_>,
        logs: &[LogFact],
        errors: &[ErrorFact<'_>],
        settled: Settled,
        emit: &mut dyn FnMut(&Run<'_>),
    ) -> Folded {
        let mut folded = Folded::default();
        let mut waiting = Waiting::default();
        each_tree(names.part, logs, errors, |facts| {
            self.tree(names, facts, settled, &mut folded, &mut waiting, emit);
        });
        for (part, bytes) in [
            (waiting.open, &mut folded.open),
            (waiting.apart, &mut folded.apart),
            (waiting.adrift, &mut folded.adrift),
        ] {
            if !part.is_empty() {
                part.write(bytes);
            }
        }
        folded
    }

    /// Jobs with an open run: their habits must be known, also from runs that are not in this fold.
    pub fn open_jobs(&self) -> Vec<JobKey> {
        let word = |sym| self.rows.heads.words.word(sym).to_owned();
        let mut jobs: Vec<JobKey> = self
            .done
            .open_jobs
            .iter()
            .map(|&(system, environment, project, job)| JobKey {
                system: word(system),
                environment: word(environment),
                project: word(project),
                job: word(job),
            })
            .collect();
        jobs.sort_unstable();
        jobs.dedup();
        jobs
    }

    /// Tells of a good run of a job that is not in this fold.
    pub fn known_duration(&mut self, job: &JobKey, duration_ms: i64) {
        let words = &mut self.rows.heads.words;
        let key = (
            words.intern(&job.system),
            words.intern(&job.environment),
            words.intern(&job.project),
            words.intern(&job.job),
        );
        self.done
            .durations
            .entry(key)
            .or_default()
            .push(duration_ms);
    }

    /// Tells how far a source has come in runs that are not in this fold.
    pub fn known_horizon(&mut self, system: &str, environment: &str, last_event_at: Moment) {
        let words = &mut self.rows.heads.words;
        let key = (words.intern(system), words.intern(environment));
        let horizon = self.done.horizons.entry(key).or_insert(last_event_at);
        *horizon = (*horizon).max(last_event_at);
    }

    /// How far each (system, environment) has come, as far as this fold knows.
    pub fn horizons(&self) -> Vec<(String, String, Moment)> {
        let word = |sym| self.rows.heads.words.word(sym).to_owned();
        let mut horizons: Vec<_> = self
            .done
            .horizons
            .iter()
            .map(|(&(system, environment), &at)| (word(system), word(environment), at))
            .collect();
        horizons.sort_unstable();
        horizons
    }

    /// Rows that stand in more than one batch: two batches, ascending, and how many rows they share. Rows are the same
    /// when nothing that the fold looks at tells them apart.
    pub fn repeats(&self) -> Vec<(i64, i64, u64)> {
        let id = |batch| self.rows.batch_id(batch);
        let mut repeats: Vec<_> = self
            .done
            .repeats
            .iter()
            .map(|(&(a, b), &rows)| (id(a).min(id(b)), id(a).max(id(b)), rows))
            .collect();
        repeats.sort_unstable();
        repeats
    }

    /// Judges and emits trees with an open run, as [`Folded::open`] holds them. To be called after all parts are absorbed and
    /// everything is told that is known besides.
    pub fn open_trees(&mut self, open: &[u8], emit: &mut dyn FnMut(&Run<'_>)) {
        let (mut logs, mut errors) = (Vec::new(), Vec::new());
        let mut part = Part::default();
        part.read(open, None, &mut logs, &mut errors);
        let Self {
            rows, as_of, done, ..
        } = self;
        let names = Names {
            heads: &rows.heads,
            part: &part,
        };
        each_tree(&part, &logs, &errors, |facts| {
            let pieces = piece::runs(names, facts);
            let forest = tree::link(&pieces.drafts);
            let statuses = done.judge(&pieces.drafts, &forest, *as_of);
            let tree = Tree {
                rows,
                names,
                facts,
                drafts: pieces.drafts,
                entries: pieces.entries,
                forest,
                statuses,
            };
            tree.emit(&mut done.business_days, emit);
        });
    }

    /// Every business day that has an emitted run: environment and day.
    pub fn business_days(&self) -> Vec<(String, Date)> {
        let mut days: Vec<(String, Date)> = self
            .done
            .business_days
            .iter()
            .map(|&(environment, day)| (self.rows.heads.words.word(environment).to_owned(), day))
            .collect();
        days.sort_unstable();
        days
    }

    fn tree(
        &self,
        names: Names<'_>,
        facts: &Facts<'_>,
        settled: Settled,
        folded: &mut Folded,
        waiting: &mut Waiting,
        emit: &mut dyn FnMut(&Run<'_>),
    ) {
        let pieces = piece::runs(names, facts);
        if settled == Settled::No && !self.rows.lone.is_empty() {
            let concern = adrift::concern(names, facts, &pieces, &self.rows.lone);
            if !concern.is_none() {
                let is_adrift = |place| concern.adrift.contains(&place);
                set_apart(names.part, facts, &mut waiting.apart, |place| {
                    !is_adrift(place)
                });
                set_errors_apart(names.part, &facts.errors, &mut waiting.adrift, is_adrift);
                folded.candidates.extend(concern.candidates);
                return;
            }
        }
        let Pieces {
            drafts,
            entries,
            repeats,
        } = pieces;
        for batches in repeats {
            *folded.repeats.entry(batches).or_default() += 1;
        }
        for draft in &drafts {
            let horizon = folded
                .horizons
                .entry((draft.system, draft.environment))
                .or_insert(draft.last_event_at);
            *horizon = (*horizon).max(draft.last_event_at);
            let job = (draft.system, draft.environment, draft.project, draft.job);
            if draft.status == Some(RunStatus::Success)
                && draft.evidence == Evidence::Full
                && let Some(duration_ms) = draft.duration_ms
            {
                folded.durations.entry(job).or_default().push(duration_ms);
            }
            if draft.status.is_none() {
                folded.open_jobs.insert(job);
            }
        }
        if drafts.iter().any(|draft| draft.status.is_none()) {
            set_apart(names.part, facts, &mut waiting.open, |_| true);
            return;
        }
        let forest = tree::link(&drafts);
        let statuses = drafts.iter().filter_map(|draft| draft.status).collect();
        let tree = Tree {
            rows: &self.rows,
            names,
            facts,
            drafts,
            entries,
            forest,
            statuses,
        };
        tree.emit(&mut folded.business_days, emit);
    }
}

/// Whether the errors that name no tree have found theirs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    No,
    Yes,
}

/// Rows of a part that are folded later.
#[derive(Default)]
struct Waiting {
    open: Part,
    apart: Part,
    adrift: Part,
}

/// Calls `fold` with the rows of each tree of a part.
pub(super) fn each_tree<'b>(
    part: &Part,
    logs: &[LogFact],
    errors: &[ErrorFact<'b>],
    mut fold: impl FnMut(&Facts<'b>),
) {
    let tree_of = |head: u32| {
        let head = part.head(head);
        (head.tree, head.system, head.environment, head.root)
    };
    let mut log_order: Vec<_> = (0..logs.len())
        .map(|at| (tree_of(logs[at].head), at))
        .collect();
    let mut error_order: Vec<_> = (0..errors.len())
        .map(|at| (tree_of(errors[at].head), at))
        .collect();
    log_order.sort_unstable();
    error_order.sort_unstable();

    let (mut log_at, mut error_at) = (0, 0);
    let mut facts = Facts {
        logs: Vec::new(),
        errors: Vec::new(),
    };
    while log_at < log_order.len() || error_at < error_order.len() {
        let next = [log_order.get(log_at), error_order.get(error_at)];
        let Some(tree) = next.into_iter().flatten().map(|&(tree, _)| tree).min() else {
            break;
        };
        facts.logs.clear();
        facts.errors.clear();
        while let Some(&(_, at)) = log_order.get(log_at).filter(|(other, _)| *other == tree) {
            facts.logs.push(logs[at]);
            log_at += 1;
        }
        while let Some(&(_, at)) = error_order
            .get(error_at)
            .filter(|(other, _)| *other == tree)
        {
            facts.errors.push(errors[at]);
            error_at += 1;
        }
        fold(&facts);
    }
}

/// Copies the rows of a tree, with what they name; of errors those whose place is `wanted`.
fn set_apart(part: &Part, facts: &Facts<'_>, to: &mut Part, wanted: impl Fn(u32) -> bool) {
    let mut copied: HashMap<u32, u32> = HashMap::new();
    for log in &facts.logs {
        let head = *copied
            .entry(log.head)
            .or_insert_with(|| to.copy(part, log.head));
        LogFact { head, ..*log }.pack(&mut to.rows);
    }
    set_errors_apart(part, &facts.errors, to, wanted);
}

fn set_errors_apart(
    part: &Part,
    errors: &[ErrorFact<'_>],
    to: &mut Part,
    wanted: impl Fn(u32) -> bool,
) {
    let mut copied: HashMap<u32, u32> = HashMap::new();
    for (_, error) in (0..).zip(errors).filter(|(place, _)| wanted(*place)) {
        let head = *copied
            .entry(error.head)
            .or_insert_with(|| to.copy(part, error.head));
        ErrorFact { head, ..*error }.pack(&mut to.rows);
    }
}

impl Folded {
    /// Section 5.
    fn judge(&mut self, drafts: &[Draft], forest: &Forest, as_of: Moment) -> Vec<RunStatus> {
        let mut last: Vec<Moment> = drafts.iter().map(|draft| draft.last_event_at).collect();
        for &run in forest.down.iter().rev() {
            if let Some(parent) = forest.parent[run] {
                last[parent] = last[parent].max(last[run]);
            }
        }
        (0..drafts.len())
            .map(|run| {
                let draft = &drafts[run];
                if let Some(status) = draft.status {
                    return status;
                }
                if forest.parent[run].is_some_and(|parent| drafts[parent].ended_at.is_some()) {
                    return RunStatus::Lost;
                }
                let job = (draft.system, draft.environment, draft.project, draft.job);
                let limit_ms = (4 * self.median(job)).max(HOUR_MS);
                let horizon = self.horizons[&(draft.system, draft.environment)];
                let silent_us = |until: Moment| until.0 - last[run].0;
                if silent_us(as_of.min(horizon)) > limit_ms * 1_000 {
                    RunStatus::Lost
                } else if silent_us(as_of) > limit_ms * 1_000 {
                    RunStatus::Unverified
                } else {
                    RunStatus::Running
                }
            })
            .collect()
    }

    /// The lower median of the durations of the job's good runs; 0 without any.
    fn median(&mut self, job: JobSyms) -> i64 {
        let Some(durations) = self.durations.get_mut(&job) else {
            return 0;
        };
        let middle = (durations.len() - 1) / 2;
        *durations.select_nth_unstable(middle).1
    }
}

/// A tree whose runs all have a status.
struct Tree<'t, 'b> {
    rows: &'t Rows,
    names: Names<'t>,
    facts: &'t Facts<'b>,
    drafts: Vec<Draft>,
    entries: Vec<Entry>,
    forest: Forest,
    statuses: Vec<RunStatus>,
}

impl Tree<'_, '_> {
    fn emit(&self, days: &mut HashSet<(Sym, Date)>, emit: &mut dyn FnMut(&Run<'_>)) {
        let names = self.names;
        let errors = causes::of_runs(
            names,
            self.facts,
            &self.entries,
            &self.drafts,
            &self.rows.corrections,
        );
        let mut judged = causes::judge(&self.drafts, &self.forest, &self.statuses, &errors);
        let tree_statuses = self.tree_statuses();
        let self_durations = self.self_durations();
        let config = &names.heads.config;
        let mut business_days = vec![Date::ZERO; self.drafts.len()];
        for &index in &self.forest.down {
            let draft = &self.drafts[index];
            let root = self.forest.root[index];
            business_days[index] = if root == index {
                BusinessCalendar::business_day(
                    draft.started_at,
                    &config.zone,
                    config.border_minutes,
                )
            } else {
                business_days[root]
            };
            let (quality_percent, quality_reasons) = self.quality(index);
            let outcome = self.outcome(
                index,
                judged.counts[index],
                &errors[index],
                judged.broken_below[index],
            );
            let word = |sym| names.word(sym);
            let option = |sym| names.option(sym);
            let run = Run {
                run_key: draft.run_key,
                tree: self.any_head(draft).tree as i64,
                job_number: job_hash(
                    word(draft.system),
                    word(draft.environment),
                    word(draft.project),
                    word(draft.job),
                ) as i64,
                system: word(draft.system),
                environment: word(draft.environment),
                host: option(draft.host),
                project: option(draft.project),
                job: word(draft.job),
                job_id: option(draft.job_id),
                job_version: option(draft.job_version),
                context: option(draft.context),
                run_id: names.id(draft.run),
                root_run_id: names.id(self.any_head(draft).root),
                parent_run_key: self.forest.parent[index].map(|parent| self.drafts[parent].run_key),
                root_run_key: self.drafts[root].run_key,
                is_root: root == index,
                depth: self.forest.depth[index],
                root_job: word(self.drafts[root].job),
                attempt: draft.attempt,
                started_at: draft.started_at,
                ended_at: draft.ended_at,
                last_event_at: draft.last_event_at,
                duration_ms: draft.duration_ms,
                duration_reported_ms: draft.duration_reported_ms,
                self_duration_ms: self_durations[index],
                status: self.statuses[index],
                outcome,
                tree_status: tree_statuses[index],
                steps: draft.steps,
                steps_failed: draft.steps_failed,
                rows_in: draft.rows_in,
                rows_out: draft.rows_out,
                rows_rejected: draft.rows_rejected,
                errors: judged.counts[index],
                error_rows: errors[index].rows,
                warnings: errors[index].warnings,
                error_signatures: std::mem::take(&mut judged.signatures[index]),
                first_error_at: errors[index].first_at,
                cause: judged.causes[index].as_ref().map(|cause| self.cause(cause)),
                business_day: business_days[index],
                evidence: draft.evidence,
                quality_percent,
                quality_reasons,
                batches: self.batches(draft),
                trigger: self.drafts[root].trigger,
            };
            days.insert((draft.environment, run.business_day));
            emit(&run);
        }
    }

    fn cause<'c>(&'c self, cause: &Cause<'c>) -> RunCause<'c> {
        let run = &self.drafts[cause.run];
        RunCause {
            run_key: run.run_key,
            job: self.names.word(run.job),
            step: cause
                .error
                .map(|error| error.step)
                .filter(|step| !step.is_empty()),
            signature: cause.error.map(|error| error.signature),
            category: cause.category,
            blame: cause.error.and_then(|error| error.blame),
            retryable: cause.error.and_then(|error| error.retryable),
            message: cause.error.and_then(|error| error.message),
            ruled: cause.error.and_then(|error| error.ruled),
        }
    }

    fn any_head(&self, draft: &Draft) -> &Head {
        let entry = &self.entries[draft.entries.start];
        self.names.head(entry.head(self.facts))
    }

    fn batches(&self, draft: &Draft) -> Vec<i64> {
        let mut batches: Vec<i64> = Vec::with_capacity(1);
        let mut last = u32::MAX;
        for entry in &self.entries[draft.entries.clone()] {
            let batch = entry.batch(self.facts);
            if batch != last {
                batches.push(self.rows.batch_id(batch));
                last = batch;
            }
        }
        batches.sort_unstable();
        batches.dedup();
        batches
    }

    /// Section 7.1.
    fn outcome(&self, index: usize, errors: i64, own: &Errors<'_>, broken_below: bool) -> Outcome {
        match self.statuses[index] {
            RunStatus::Success if errors > 0 || broken_below => Outcome::SuccessWithErrors,
            RunStatus::Success if own.warnings > 0 => Outcome::SuccessWithWarnings,
            RunStatus::Success => Outcome::Success,
            RunStatus::Failed => Outcome::Failed,
            RunStatus::Running => Outcome::Running,
            RunStatus::Lost => Outcome::Lost,
            RunStatus::Cancelled => Outcome::Cancelled,
            RunStatus::Skipped => Outcome::Skipped,
            RunStatus::Unverified => Outcome::Unverified,
        }
    }

    /// Section 7.2.
    fn tree_statuses(&self) -> Vec<RunStatus> {
        let badness = |status: RunStatus| match status {
            RunStatus::Skipped => 0,
            RunStatus::Success => 1,
            RunStatus::Cancelled => 2,
            RunStatus::Unverified => 3,
            RunStatus::Running => 4,
            RunStatus::Lost => 5,
            RunStatus::Failed => 6,
        };
        let mut worst = self.statuses.clone();
        for &run in self.forest.down.iter().rev() {
            if let Some(parent) = self.forest.parent[run] {
                worst[parent] =
                    std::cmp::max_by_key(worst[parent], worst[run], |&status| badness(status));
            }
        }
        worst
    }

    /// Section 7.3.
    fn self_durations(&self) -> Vec<Option<i64>> {
        (0..self.drafts.len())
            .map(|index| {
                let draft = &self.drafts[index];
                let duration_ms = draft.duration_ms?;
                let ended = draft.ended_at?;
                let mut intervals: Vec<(Moment, Moment)> = self.forest.children[index]
                    .iter()
                    .map(|&child| {
                        let child = &self.drafts[child];
                        (
                            child.started_at.max(draft.started_at),
                            child.ended_at.unwrap_or(ended).min(ended),
                        )
                    })
                    .filter(|(from, to)| from < to)
                    .collect();
                intervals.sort_unstable();
                let mut covered_us = 0;
                let mut until = draft.started_at;
                for (from, to) in intervals {
                    covered_us += (to.0 - from.max(until).0).max(0);
                    until = until.max(to);
                }
                Some(duration_ms - covered_us.div_euclid(1_000))
            })
            .collect()
    }

    /// Section 7.4.
    fn quality(&self, index: usize) -> (u8, Vec<&'static str>) {
        let draft = &self.drafts[index];
        let clocks_apart = self.forest.parent[index].is_some_and(|parent| {
            let parent = &self.drafts[parent];
            parent.started_at.0 - draft.started_at.0 > CLOCKS_APART_US
                || matches!((draft.ended_at, parent.ended_at),
                    (Some(ended), Some(parent_ended)) if ended.0 - parent_ended.0 > CLOCKS_APART_US)
        });
        let checks = [
            (
                "end_missing",
                30,
                !matches!(draft.evidence, Evidence::Full | Evidence::NoBegin),
            ),
            (
                "begin_missing",
                20,
                !matches!(draft.evidence, Evidence::Full | Evidence::NoEnd),
            ),
            ("errors_only", 30, draft.evidence == Evidence::ErrorsOnly),
            ("parent_inferred", 10, self.forest.parent_inferred[index]),
            ("parent_missing", 10, self.forest.parent_missing[index]),
            (TREE_INFERRED, 10, draft.tree_inferred),
            ("ambiguous_id", 10, draft.key_was_cut),
            ("clocks_apart", 10, clocks_apart),
            ("time_ambiguous", 5, draft.marked),
            ("message_truncated", 5, draft.truncated),
        ];
        let noted = checks.into_iter().filter(|&(_, _, applies)| applies);
        let penalty: u8 = noted.clone().map(|(_, penalty, _)| penalty).sum();
        (
            100_u8.saturating_sub(penalty),
            noted.map(|(reason, _, _)| reason).collect(),
        )
    }
}
