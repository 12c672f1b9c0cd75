//! Sections 1.4 to 3 of `doc/fusion.md`: which rows of a tree are one run, and what the run says of itself.

use std::cmp::Ordering;
use std::ops::Range;

use hashbrown::{HashMap, HashSet};
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use super::config::TriggerEvidence;
use super::facts::{ErrorFact, LogFact};
use super::heads::{Head, Names};
use super::interner::Sym;
use super::part::Id;
use crate::model::{Event, Evidence, Moment, RowStatus, RunStatus, Severity, Trigger};

/// Systems whose run ids never come back: their keys are not cut, their run keys need no moment.
pub const GLOBAL_RUN_IDS: &[&str] = &[
    "airflow",
    "dbt",
    "spark",
    "openlineage",
    "ssis",
    "hop",
    "adf",
];

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// Section 2.5: the hash of a run's key and, where run ids come back, of its first moment; where a run that has retired has that one,
/// of a number behind it. uuid version 8.
fn run_key(
    [system, environment, root_run_id, project, job, run_id]: [&str; 6],
    first: Moment,
    taken: &HashSet<Uuid>,
) -> Uuid {
    let mut hasher = Xxh3::new();
    for word in [system, environment, root_run_id, project, job, run_id] {
        hasher.update(&(word.len() as u32).to_le_bytes());
        hasher.update(word.as_bytes());
    }
    if !has_global_run_ids(system) {
        hasher.update(&first.0.to_le_bytes());
    }
    let mut key = Uuid::new_v8(hasher.digest128().to_be_bytes());
    let mut again = 0_u64;
    while taken.contains(&key) {
        again += 1;
        let mut hasher = hasher.clone();
        hasher.update(&again.to_le_bytes());
        key = Uuid::new_v8(hasher.digest128().to_be_bytes());
    }
    key
}

fn has_global_run_ids(system: &str) -> bool {
    GLOBAL_RUN_IDS.contains(&system)
}

/// The rows of one tree, unpacked.
pub(super) struct Facts<'b> {
    pub(super) logs: Vec<LogFact>,
    pub(super) errors: Vec<ErrorFact<'b>>,
}

/// A row's place in the order of its key.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    key: u32,
    moment: Moment,
    rank: u8,
    /// The hour that comes twice has been decided for this row.
    settled: bool,
    index: u32,
}

/// The rank of errors and warnings; every other rank is a row of `log`.
const ERROR_RANK: u8 = 3;
const RUN_BEGIN_RANK: u8 = 0;

impl Entry {
    pub(super) fn error<'f, 'b>(&self, facts: &'f Facts<'b>) -> Option<&'f ErrorFact<'b>> {
        (self.rank == ERROR_RANK).then(|| &facts.errors[self.index as usize])
    }

    pub(super) fn log<'f>(&self, facts: &'f Facts<'_>) -> Option<&'f LogFact> {
        (self.rank != ERROR_RANK).then(|| &facts.logs[self.index as usize])
    }

    /// Its place among the rows of `log`, or among those of `logerreur`.
    pub(super) fn place(&self) -> u32 {
        self.index
    }

    pub(super) fn moment(&self) -> Moment {
        self.moment
    }

    pub(super) fn head(&self, facts: &Facts<'_>) -> u32 {
        match self.error(facts) {
            Some(error) => error.head,
            None => facts.logs[self.index as usize].head,
        }
    }

    fn marked(&self, facts: &Facts<'_>) -> bool {
        match self.error(facts) {
            Some(error) => error.marked,
            None => facts.logs[self.index as usize].marked,
        }
    }

    pub(super) fn batch(&self, facts: &Facts<'_>) -> u32 {
        match self.error(facts) {
            Some(error) => error.batch,
            None => facts.logs[self.index as usize].batch,
        }
    }
}

/// A run as its own rows tell it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) run_key: Uuid,
    pub(super) entries: Range<usize>,
    pub(super) system: Sym,
    pub(super) environment: Sym,
    pub(super) project: Sym,
    pub(super) job: Sym,
    pub(super) run: Id,
    pub(super) parent: Id,
    pub(super) job_id: Sym,
    pub(super) job_version: Sym,
    pub(super) context: Sym,
    pub(super) host: Sym,
    pub(super) trigger: Option<(Trigger, TriggerEvidence)>,
    /// Its key holds more than one run.
    pub(super) key_was_cut: bool,
    pub(super) evidence: Evidence,
    pub(super) started_at: Moment,
    pub(super) ended_at: Option<Moment>,
    pub(super) last_event_at: Moment,
    /// `None` while the run is open.
    pub(super) status: Option<RunStatus>,
    pub(super) duration_ms: Option<i64>,
    pub(super) duration_reported_ms: Option<i64>,
    pub(super) attempt: i32,
    pub(super) steps: Option<i32>,
    pub(super) steps_failed: Option<i32>,
    pub(super) rows_in: Option<i64>,
    pub(super) rows_out: Option<i64>,
    pub(super) rows_rejected: Option<i64>,
    pub(super) marked: bool,
    pub(super) truncated: bool,
    /// Errors of it named no tree (section 2.6).
    pub(super) tree_inferred: bool,
}

/// The job and project that a head stands for in its tree.
struct Key {
    project: Sym,
    job: Sym,
    head: u32,
}

/// Sections 1.4, 1.5: keys of the tree, and for each head the number of its key.
fn keys(names: Names<'_>, facts: &Facts<'_>) -> (Vec<Key>, HashMap<u32, u32>) {
    let mut present: Vec<u32> = facts
        .logs
        .iter()
        .map(|log| log.head)
        .chain(facts.errors.iter().map(|error| error.head))
        .collect();
    present.sort_unstable();
    present.dedup();

    let mut named: Vec<(u32, Sym, Sym)> = Vec::with_capacity(present.len());
    for &index in &present {
        let head = names.head(index);
        let job = if head.job_may_be_cut {
            whole_job(names, &present, index)
        } else {
            head.job
        };
        named.push((index, job, head.project));
    }
    let mut keys: Vec<Key> = Vec::new();
    let mut key_of = HashMap::with_capacity(present.len());
    let mut numbers: HashMap<(Sym, Sym, Id), u32> = HashMap::new();
    for &(index, job, project) in &named {
        let run = names.head(index).run;
        let project = if project.is_none() {
            only_project(names, &named, job, run)
        } else {
            project
        };
        let key = *numbers.entry((project, job, run)).or_insert_with(|| {
            keys.push(Key {
                project,
                job,
                head: index,
            });
            keys.len() as u32 - 1
        });
        key_of.insert(index, key);
    }
    (keys, key_of)
}

fn whole_job(names: Names<'_>, present: &[u32], cut: u32) -> Sym {
    let cut = names.head(cut);
    let name = names.word(cut.job);
    let mut found = Sym::NONE;
    for &index in present {
        let head = names.head(index);
        if head.run == cut.run && head.job != cut.job && names.word(head.job).starts_with(name) {
            if !found.is_none() && found != head.job {
                return cut.job;
            }
            found = head.job;
        }
    }
    if found.is_none() { cut.job } else { found }
}

fn only_project(names: Names<'_>, named: &[(u32, Sym, Sym)], job: Sym, run: Id) -> Sym {
    let mut found = Sym::NONE;
    for &(index, other_job, project) in named {
        if other_job == job && names.head(index).run == run && !project.is_none() {
            if !found.is_none() && found != project {
                return Sym::NONE;
            }
            found = project;
        }
    }
    found
}

/// The rows of a tree as runs.
pub(super) struct Pieces {
    pub(super) drafts: Vec<Draft>,
    /// The rows in their order.
    pub(super) entries: Vec<Entry>,
    /// Two batches for each row that stands in both.
    pub(super) repeats: Vec<(u32, u32)>,
}

/// Sections 2 and 3: the runs of a tree, and the order of its rows.
pub(super) fn runs(names: Names<'_>, facts: &Facts<'_>) -> Pieces {
    let (keys, key_of) = keys(names, facts);
    let mut entries = Vec::with_capacity(facts.logs.len() + facts.errors.len());
    for (index, log) in facts.logs.iter().enumerate() {
        entries.push(Entry {
            key: key_of[&log.head],
            moment: log.moment,
            rank: rank(log),
            settled: false,
            index: index as u32,
        });
    }
    for (index, error) in facts.errors.iter().enumerate() {
        entries.push(Entry {
            key: key_of[&error.head],
            moment: error.moment,
            rank: ERROR_RANK,
            settled: false,
            index: index as u32,
        });
    }
    read_marked_rows_later(facts, &mut entries);
    entries.sort_unstable_by(|a, b| a.key.cmp(&b.key).then_with(|| order(names, facts, a, b)));
    let repeats = repeats(names, facts, &entries);

    let mut drafts = Vec::new();
    let mut start = 0;
    while start < entries.len() {
        let key = entries[start].key;
        let end = start + entries[start..].partition_point(|entry| entry.key == key);
        let named = &keys[key as usize];
        let system = names.word(names.head(named.head).system);
        let pieces = cut(&entries, start..end, has_global_run_ids(system));
        let key_was_cut = pieces.len() > 1;
        for piece in pieces {
            drafts.push(draft(names, facts, &mut entries, piece, named, key_was_cut));
        }
        start = end;
    }
    Pieces {
        drafts,
        entries,
        repeats,
    }
}

/// Which batches hold the same rows. Of equal rows inside of one batch each counts.
fn repeats(names: Names<'_>, facts: &Facts<'_>, entries: &[Entry]) -> Vec<(u32, u32)> {
    let mut repeats = Vec::new();
    let together = |a: &Entry, b: &Entry| (a.key, a.moment, a.rank) == (b.key, b.moment, b.rank);
    for close in entries.chunk_by(together) {
        let batch = close[0].batch(facts);
        // Only rows of several batches are worth comparing.
        if close.iter().all(|entry| entry.batch(facts) == batch) {
            continue;
        }
        for copies in close.chunk_by(|a, b| order(names, facts, a, b).is_eq()) {
            let mut batches: Vec<u32> = copies.iter().map(|copy| copy.batch(facts)).collect();
            batches.sort_unstable();
            let mut before: Option<&[u32]> = None;
            for batch in batches.chunk_by(u32::eq) {
                if let Some(before) = before {
                    repeats.extend(before.iter().copied().zip(batch.iter().copied()));
                }
                before = Some(batch);
            }
        }
    }
    repeats
}

/// Section 2.2.
fn rank(log: &LogFact) -> u8 {
    match (log.event, log.step.is_none()) {
        (Event::Begin, true) => RUN_BEGIN_RANK,
        (Event::Begin, false) => 1,
        (Event::Metric, _) => 2,
        (Event::End, false) => 4,
        (Event::End, true) => 5,
    }
}

fn order(names: Names<'_>, facts: &Facts<'_>, a: &Entry, b: &Entry) -> Ordering {
    a.moment
        .cmp(&b.moment)
        .then(a.rank.cmp(&b.rank))
        .then_with(|| {
            let word = |sym: Sym| names.word(sym);
            let (x_head, y_head) = (names.head(a.head(facts)), names.head(b.head(facts)));
            if let (Some(x), Some(y)) = (a.error(facts), b.error(facts)) {
                return word(x.step)
                    .cmp(word(y.step))
                    .then(x.map_index.cmp(&y.map_index))
                    .then(x.attempt.cmp(&y.attempt))
                    .then(x.severity.cmp(&y.severity))
                    .then(x.signature.cmp(&y.signature))
                    .then_with(|| names.id(x_head.parent).cmp(names.id(y_head.parent)))
                    .then_with(|| word(x_head.context).cmp(word(y_head.context)))
                    .then_with(|| word(x_head.host).cmp(word(y_head.host)))
                    .then_with(|| x.message.cmp(&y.message))
                    .then(x.truncated.cmp(&y.truncated))
                    .then(x.category.cmp(&y.category))
                    .then(x.wrapper.cmp(&y.wrapper))
                    .then(x.blame.cmp(&y.blame))
                    .then(x.retryable.cmp(&y.retryable));
            }
            let (x, y) = (&facts.logs[a.index as usize], &facts.logs[b.index as usize]);
            word(x.step)
                .cmp(word(y.step))
                .then(x.map_index.cmp(&y.map_index))
                .then(x.attempt.cmp(&y.attempt))
                .then(x.status.cmp(&y.status))
                .then(x.duration_ms.cmp(&y.duration_ms))
                .then_with(|| word(x.label).cmp(word(y.label)))
                .then(x.count.cmp(&y.count))
                .then(x.rows_in.cmp(&y.rows_in))
                .then(x.rows_out.cmp(&y.rows_out))
                .then(x.rows_rejected.cmp(&y.rows_rejected))
                .then_with(|| names.id(x_head.parent).cmp(names.id(y_head.parent)))
                .then_with(|| word(x_head.job_id).cmp(word(y_head.job_id)))
                .then_with(|| word(x_head.job_version).cmp(word(y_head.job_version)))
                .then_with(|| word(x_head.context).cmp(word(y_head.context)))
                .then_with(|| word(x_head.host).cmp(word(y_head.host)))
        })
}

/// Section 2.3.
fn read_marked_rows_later(facts: &Facts<'_>, entries: &mut [Entry]) {
    let mut begins: HashMap<u32, Moment> = HashMap::new();
    for entry in entries.iter() {
        if entry.rank == RUN_BEGIN_RANK && entry.marked(facts) {
            let begin = begins.entry(entry.key).or_insert(entry.moment);
            *begin = (*begin).min(entry.moment);
        }
    }
    if begins.is_empty() {
        return;
    }
    for entry in entries {
        if let Some(&begin) = begins.get(&entry.key)
            && entry.marked(facts)
            && entry.moment < begin
            && entry.moment.0 >= begin.0 - HOUR_US
        {
            entry.moment.0 += HOUR_US;
            entry.settled = true;
        }
    }
}

/// Section 2.4.
fn cut(entries: &[Entry], range: Range<usize>, global_ids: bool) -> Vec<Range<usize>> {
    if global_ids {
        return vec![range];
    }
    let mut pieces = Vec::with_capacity(1);
    let mut start = range.start;
    let mut begin: Option<Moment> = None;
    for index in range.clone() {
        let entry = &entries[index];
        let is_begin = entry.rank == RUN_BEGIN_RANK;
        let another_begin = is_begin && begin.is_some_and(|begin| begin != entry.moment);
        let gap = index > range.start && entry.moment.0 - entries[index - 1].moment.0 > DAY_US;
        if index > start && (another_begin || gap) {
            pieces.push(start..index);
            start = index;
        }
        if is_begin {
            begin = Some(entry.moment);
        }
    }
    pieces.push(start..range.end);
    pieces
}

/// Section 3.
fn draft(
    names: Names<'_>,
    facts: &Facts<'_>,
    entries: &mut [Entry],
    range: Range<usize>,
    key: &Key,
    key_was_cut: bool,
) -> Draft {
    let head = names.head(key.head);
    let word = |sym| names.word(sym);
    let run_key = run_key(
        [
            word(head.system),
            word(head.environment),
            names.id(head.root),
            word(key.project),
            word(key.job),
            names.id(head.run),
        ],
        entries[range.start].moment,
        &names.heads.taken,
    );
    let piece = &mut entries[range.clone()];
    let marked = piece.iter().any(|entry| entry.marked(facts));
    let begin = piece.iter().position(|entry| entry.rank == RUN_BEGIN_RANK);
    let end = piece.iter().rposition(|entry| entry.rank == 5);
    let end_log = end.and_then(|at| piece[at].log(facts));
    let reported = end_log.and_then(|log| log.duration_ms);
    let read = read_marks(facts, piece, begin, end, reported);
    if let (true, Some((begin, begin_at)), Some((end, end_at))) =
        (marked, begin.zip(read.begin), end.zip(read.end))
    {
        for (at, entry) in piece.iter_mut().enumerate() {
            if at == begin {
                entry.moment = begin_at;
            } else if at == end {
                entry.moment = end_at;
            } else if entry.marked(facts) && !entry.settled && entry.moment < begin_at {
                entry.moment.0 += HOUR_US;
            }
        }
        piece.sort_unstable_by(|a, b| order(names, facts, a, b));
    }
    let piece = &*piece;

    let has_error = piece
        .iter()
        .filter_map(|e| e.error(facts))
        .any(|error| error.severity != Severity::Warning);
    let has_log = piece.iter().any(|entry| entry.rank != ERROR_RANK);
    let evidence = match (begin, end, has_log) {
        (Some(_), Some(_), _) => Evidence::Full,
        (Some(_), None, _) => Evidence::NoEnd,
        (None, Some(_), _) => Evidence::NoBegin,
        (None, None, true) => Evidence::StepsOnly,
        (None, None, false) => Evidence::ErrorsOnly,
    };
    let steps = super::steps::of_piece(facts, piece);
    // Tools report negative durations (Airflow on SQLite does) and absurd ones: nothing is computed from these.
    let begun = reported
        .filter(|&ms| ms >= 0)
        .and_then(|ms| Some(read.end?.plus_millis(-ms)))
        .filter(|begun| begun.in_range());
    let started_at = read.begin.or(begun).unwrap_or(piece[0].moment);
    let (ended_at, status) = match evidence {
        Evidence::Full | Evidence::NoBegin => (
            read.end,
            Some(reported_status(
                end_log.and_then(|log| log.status),
                has_error,
            )),
        ),
        Evidence::NoEnd => (None, None),
        Evidence::StepsOnly => (steps.ended_at, steps.ended_at.map(|_| steps.status)),
        Evidence::ErrorsOnly => {
            let last_error = piece
                .iter()
                .filter(|entry| {
                    entry
                        .error(facts)
                        .is_some_and(|error| error.severity != Severity::Warning)
                })
                .map(Entry::moment)
                .max();
            (last_error, last_error.map(|_| RunStatus::Failed))
        }
    };
    let measured = match evidence {
        Evidence::Full | Evidence::StepsOnly => true,
        Evidence::NoBegin => begun.is_some(),
        Evidence::NoEnd | Evidence::ErrorsOnly => false,
    };
    let duration_ms = ended_at
        .filter(|_| measured)
        .map(|ended| ended.millis_since(started_at))
        .filter(|&ms| ms >= 0);
    let measures = super::steps::measures(facts, piece);
    let first = |pick: fn(&Head) -> Sym| first_word(names, facts, piece, pick);
    Draft {
        run_key,
        entries: range,
        system: head.system,
        environment: head.environment,
        project: key.project,
        job: key.job,
        run: head.run,
        parent: piece
            .iter()
            .map(|entry| names.head(entry.head(facts)).parent)
            .find(|parent| !parent.is_none())
            .unwrap_or(Id::NONE),
        job_id: first(|head| head.job_id),
        job_version: first(|head| head.job_version),
        context: first(|head| head.context),
        host: first(|head| head.host),
        trigger: piece
            .iter()
            .find_map(|entry| names.head(entry.head(facts)).trigger),
        key_was_cut,
        evidence,
        started_at,
        ended_at,
        last_event_at: piece
            .iter()
            .map(Entry::moment)
            .chain(ended_at)
            .max()
            .unwrap_or(started_at),
        status,
        duration_ms,
        duration_reported_ms: reported,
        attempt: piece
            .iter()
            .filter_map(|entry| match (entry.log(facts), entry.error(facts)) {
                (Some(log), _) if log.step.is_none() && log.event != Event::Metric => log.attempt,
                (_, Some(error)) if error.step.is_none() => error.attempt,
                _ => None,
            })
            .max()
            .unwrap_or(1),
        steps: steps.count,
        steps_failed: steps.failed,
        rows_in: measures.rows_in,
        rows_out: measures.rows_out,
        rows_rejected: measures.rows_rejected,
        marked,
        truncated: piece
            .iter()
            .filter_map(|entry| entry.error(facts))
            .any(|error| error.truncated),
        tree_inferred: piece
            .iter()
            .filter_map(|entry| entry.error(facts))
            .any(|error| error.tree_inferred),
    }
}

/// The first word in order, of rows of `log` before rows of `logerreur` (section 3.10).
fn first_word(names: Names<'_>, facts: &Facts<'_>, piece: &[Entry], pick: fn(&Head) -> Sym) -> Sym {
    let of = |errors: bool| {
        piece
            .iter()
            .filter(|entry| (entry.rank == ERROR_RANK) == errors)
            .map(|entry| pick(names.head(entry.head(facts))))
            .find(|sym| !sym.is_none())
    };
    of(false).or_else(|| of(true)).unwrap_or(Sym::NONE)
}

struct ReadMarks {
    begin: Option<Moment>,
    end: Option<Moment>,
}

/// Section 3.2.
fn read_marks(
    facts: &Facts<'_>,
    piece: &[Entry],
    begin: Option<usize>,
    end: Option<usize>,
    reported: Option<i64>,
) -> ReadMarks {
    let readings = |at: Option<usize>| -> Vec<Moment> {
        at.map_or_else(Vec::new, |at| {
            let moment = piece[at].moment;
            let later = Moment(moment.0 + HOUR_US);
            if piece[at].marked(facts) && !piece[at].settled {
                vec![moment, later]
            } else {
                vec![moment]
            }
        })
    };
    let (begins, ends) = (readings(begin), readings(end));
    if begins.is_empty() || ends.is_empty() {
        return ReadMarks {
            begin: begins.first().copied(),
            end: ends.first().copied(),
        };
    }
    let best = begins
        .iter()
        .flat_map(|&begin| ends.iter().map(move |&end| (begin, end)))
        .min_by_key(|&(begin, end)| {
            let off = reported.map_or(0, |ms| {
                (end.0 - begin.0)
                    .saturating_sub(ms.saturating_mul(1_000))
                    .saturating_abs()
            });
            (end < begin, off, begin, end)
        });
    ReadMarks {
        begin: best.map(|(begin, _)| begin),
        end: best.map(|(_, end)| end),
    }
}

/// Section 3.7.
fn reported_status(status: Option<RowStatus>, has_error: bool) -> RunStatus {
    match status {
        Some(RowStatus::Success) => RunStatus::Success,
        Some(RowStatus::Failed | RowStatus::UpstreamFailed) => RunStatus::Failed,
        Some(RowStatus::Cancelled) => RunStatus::Cancelled,
        Some(RowStatus::Skipped) => RunStatus::Skipped,
        Some(RowStatus::Running | RowStatus::Retrying | RowStatus::Unknown) | None => {
            if has_error {
                RunStatus::Failed
            } else {
                RunStatus::Success
            }
        }
    }
}
