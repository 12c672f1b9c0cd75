//! Where rows wait for the fold: brought together by run tree, packed, in parts that can be taken away and kept
//! elsewhere when they grow too large.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use super::config::FuseConfig;
use super::facts::{ErrorFact, LogFact, Packed, unpack};
use super::heads::{CUT_JOB_CHARS, Head, Heads, Names};
use super::interner::Sym;
use super::part::Part;
use crate::calendar::BusinessCalendar;
use crate::group::problem::Correction;
use crate::model::{Blame, Category, ErrorRow, LogRow};

/// How many parts rows are spread over. Each part is folded by itself, so memory for the fold is that of one part.
pub const PARTS: usize = 256;

/// The part of a tree.
pub(super) fn part_of(tree: u64) -> usize {
    (tree >> (u64::BITS - PARTS.ilog2())) as usize
}

/// What classification and signature say about a row of `logerreur`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorClass {
    pub signature: Uuid,
    pub category: Category,
    /// The rule that decided only says that something below failed.
    pub wrapper: bool,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
}

/// A job by what no other row can change: a cut name may become a longer one, a project that was left out may be found
/// (sections 1.4 and 1.5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobBeginning {
    pub system: String,
    pub environment: String,
    /// The first [`CUT_JOB_CHARS`] characters of its name.
    pub beginning: String,
}

/// What people say of signatures: other categories than the rules say.
pub type Corrections = BTreeMap<Uuid, Correction>;

/// Rows on their way to the fold.
#[derive(Debug)]
pub struct Rows {
    pub(super) heads: Heads,
    pub(super) parts: Vec<Part>,
    /// Of heads that were taken away.
    spilled_trees: Vec<u64>,
    spilled_jobs: Vec<JobSyms>,
    batches: Vec<i64>,
    batch_index: HashMap<i64, u32>,
    packed_bytes: usize,
    /// Hashes of the ids of runs whose errors say them as their root: these may name no tree (section 2.6).
    pub(super) lone: HashSet<u64>,
    pub(super) joined: Vec<Joined>,
    /// The signatures of all errors seen so far; true where the source cut the message.
    signatures: HashSet<(Uuid, bool)>,
    pub(super) corrections: Corrections,
}

/// What another gathering holds, and what its numbers are here.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) parts: Vec<Part>,
    pub(super) numbers: Numbers,
}

/// Numbers of words and batches of another gathering, as they are here.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    words: Vec<Sym>,
    batches: Vec<u32>,
}

impl Numbers {
    pub(super) fn word(&self, sym: Sym) -> Sym {
        self.words[sym.0 as usize]
    }

    pub(super) fn batch(&self, batch: u32) -> u32 {
        self.batches[batch as usize]
    }
}

/// (system, environment, job)
type JobSyms = (Sym, Sym, Sym);

impl Rows {
    pub fn new(config: FuseConfig) -> Self {
        Self {
            heads: Heads::new(config),
            parts: (0..PARTS).map(|_| Part::default()).collect(),
            spilled_trees: Vec::new(),
            spilled_jobs: Vec::new(),
            batches: Vec::new(),
            batch_index: HashMap::new(),
            packed_bytes: 0,
            lone: HashSet::new(),
            joined: Vec::new(),
            signatures: HashSet::new(),
            corrections: Corrections::new(),
        }
    }

    /// Says what people say: errors of these signatures count as what stands here.
    pub fn correct(&mut self, corrections: Corrections) {
        self.corrections = corrections;
    }

    /// Says which keys of runs are taken: those of runs that have retired, at least of the trees that have rows here.
    pub fn leave_keys(&mut self, taken: impl IntoIterator<Item = Uuid>) {
        self.heads.taken.extend(taken);
    }

    /// The signatures of all errors taken so far; true where the source cut the message.
    pub fn signatures(&self) -> &HashSet<(Uuid, bool)> {
        &self.signatures
    }

    /// Takes over what was gathered elsewhere with the same configuration. What the other spilled is to be handed to
    /// [`super::Fold::part`] too, in the order of these calls.
    pub fn join(&mut self, other: Self) {
        debug_assert!(other.joined.is_empty(), "gatherings are joined to one");
        let words = &mut self.heads.words;
        let numbers = Numbers {
            words: std::iter::once(Sym::NONE)
                .chain(other.heads.words.words().map(|word| words.intern(word)))
                .collect(),
            batches: other.batches.iter().map(|&id| self.batch(id)).collect(),
        };
        self.lone.extend(&other.lone);
        self.signatures.extend(&other.signatures);
        self.spilled_trees.extend(other.trees());
        let heads = other.parts.iter().flat_map(|part| jobs_of(part.heads()));
        let jobs = heads.chain(other.spilled_jobs.iter().copied());
        self.spilled_jobs
            .extend(jobs.map(|(system, environment, job)| {
                (
                    numbers.word(system),
                    numbers.word(environment),
                    numbers.word(job),
                )
            }));
        self.spilled_jobs.sort_unstable();
        self.spilled_jobs.dedup();
        self.joined.push(Joined {
            parts: other.parts,
            numbers,
        });
    }

    /// Takes a row of `log` that batch `batch` holds.
    pub fn log(&mut self, batch: i64, row: &LogRow<'_>) {
        self.log_if(batch, row, |_| true);
    }

    /// The same, for trees that `wanted` accepts.
    pub fn log_if(&mut self, batch: i64, row: &LogRow<'_>, wanted: impl FnOnce(u64) -> bool) {
        let place = self.heads.of_log(row, &mut self.parts);
        let part = place.part as usize;
        if !wanted(self.parts[part].head(place.head).tree) {
            return;
        }
        let fact = LogFact {
            head: place.head,
            moment: row.moment,
            marked: row.moment_ambiguous,
            batch: self.batch(batch),
            event: row.event,
            step: self.heads.words.intern_option(row.step),
            status: row.status,
            attempt: row.attempt,
            map_index: row.map_index,
            duration_ms: row.duration_reported_ms,
            label: self.heads.words.intern_option(row.label),
            count: row.count,
            rows_in: row.rows_in,
            rows_out: row.rows_out,
            rows_rejected: row.rows_rejected,
        };
        let rows = &mut self.parts[part].rows;
        let before = rows.len();
        fact.pack(rows);
        self.packed_bytes += rows.len() - before;
    }

    /// Takes a row of `logerreur` that batch `batch` holds.
    pub fn error(&mut self, batch: i64, row: &ErrorRow<'_>, class: &ErrorClass) {
        self.error_if(batch, row, class, |_| true);
    }

    /// The same, for trees that `wanted` accepts.
    pub fn error_if(
        &mut self,
        batch: i64,
        row: &ErrorRow<'_>,
        class: &ErrorClass,
        wanted: impl FnOnce(u64) -> bool,
    ) {
        let place = self.heads.of_error(row, &mut self.parts);
        let part = place.part as usize;
        let head = self.parts[part].head(place.head);
        if !wanted(head.tree) {
            return;
        }
        if head.run == head.root {
            let id = self.parts[part].id(head.root);
            self.lone.insert(xxh3_64(id.as_bytes()));
        }
        self.signatures
            .insert((class.signature, row.message_truncated));
        let fact = ErrorFact {
            head: place.head,
            moment: row.moment,
            marked: row.moment_ambiguous,
            batch: self.batch(batch),
            step: self.heads.words.intern_option(row.step),
            attempt: row.attempt,
            map_index: row.map_index,
            severity: row.severity,
            signature: class.signature,
            category: class.category,
            wrapper: class.wrapper,
            blame: class.blame,
            retryable: class.retryable,
            truncated: row.message_truncated,
            tree_inferred: false,
            message: row.message,
        };
        let rows = &mut self.parts[part].rows;
        let before = rows.len();
        fact.pack(rows);
        self.packed_bytes += rows.len() - before;
    }

    /// That of the configuration.
    pub fn calendar(&self) -> &BusinessCalendar {
        &self.heads.config.calendar
    }

    /// Bytes of packed rows that are held here (not those taken away).
    pub fn packed_bytes(&self) -> usize {
        self.packed_bytes
    }

    /// Gives the rows of each part that has some to `keep`, and forgets them; not those of joined gatherings. Whoever keeps
    /// them hands them back to [`super::Fold::part`], one behind the other.
    ///
    /// # Errors
    /// Those of `keep`.
    pub fn spill<E>(
        &mut self,
        mut keep: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut bytes = Vec::new();
        for (index, part) in self.parts.iter_mut().enumerate() {
            if !part.is_empty() {
                bytes.clear();
                part.write(&mut bytes);
                keep(index, &bytes)?;
            }
            let heads = part.heads();
            self.spilled_trees.extend(trees_of(heads));
            self.spilled_jobs.extend(jobs_of(heads));
            *part = Part::default();
        }
        self.heads.forget();
        self.packed_bytes = 0;
        self.spilled_jobs.sort_unstable();
        self.spilled_jobs.dedup();
        Ok(())
    }

    /// The tree numbers of all rows seen so far, without repetition.
    pub fn trees(&self) -> Vec<u64> {
        let here = self.parts.iter().flat_map(|part| trees_of(part.heads()));
        let mut trees: Vec<u64> = here.chain(self.spilled_trees.iter().copied()).collect();
        trees.sort_unstable();
        trees.dedup();
        trees
    }

    /// The jobs that all rows seen so far name, in order and without repetition: a run that these rows touch was and will be
    /// one of them.
    pub fn jobs(&self) -> Vec<JobBeginning> {
        let word = |sym| self.heads.words.word(sym);
        let here = self.parts.iter().flat_map(|part| jobs_of(part.heads()));
        let mut jobs: Vec<JobSyms> = here.chain(self.spilled_jobs.iter().copied()).collect();
        jobs.sort_unstable();
        jobs.dedup();
        let mut jobs: Vec<JobBeginning> = jobs
            .into_iter()
            .map(|(system, environment, job)| JobBeginning {
                system: word(system).to_owned(),
                environment: word(environment).to_owned(),
                beginning: word(job).chars().take(CUT_JOB_CHARS).collect(),
            })
            .collect();
        jobs.sort_unstable();
        jobs.dedup();
        jobs
    }

    /// Calls `then` with all rows of part `part`, in the numbers of the whole fold. `spilled` is what [`Rows::spill`] gave away of it: of
    /// the first gathering, then of the joined ones; what stands behind may be left out.
    pub(super) fn unpacked<T>(
        &self,
        part: usize,
        spilled: &[Vec<u8>],
        then: impl FnOnce(Names<'_>, Vec<LogFact>, Vec<ErrorFact<'_>>) -> T,
    ) -> T {
        let here = &self.parts[part];
        let mut whole = Part::default();
        let (mut logs, mut errors) = (Vec::new(), Vec::new());
        let part = if self.joined.is_empty() && spilled.iter().all(Vec::is_empty) {
            unpack(Packed(&here.rows), 0, &mut logs, &mut errors);
            here
        } else {
            let joined = self.joined.iter();
            let joined = joined.map(|joined| (&joined.parts[part], Some(&joined.numbers)));
            for (at, (part, numbers)) in std::iter::once((here, None)).chain(joined).enumerate() {
                whole.take(part, numbers, &mut logs, &mut errors);
                if let Some(bytes) = spilled.get(at) {
                    whole.read(bytes, numbers, &mut logs, &mut errors);
                }
            }
            &whole
        };
        let names = Names {
            heads: &self.heads,
            part,
        };
        then(names, logs, errors)
    }

    pub(super) fn batch_id(&self, index: u32) -> i64 {
        self.batches[index as usize]
    }

    fn batch(&mut self, batch: i64) -> u32 {
        if self.batches.last() == Some(&batch) {
            return self.batches.len() as u32 - 1;
        }
        let next = self.batches.len() as u32;
        let index = *self.batch_index.entry(batch).or_insert(next);
        if index == next {
            self.batches.push(batch);
        }
        index
    }
}

fn trees_of(heads: &[Head]) -> impl Iterator<Item = u64> {
    heads.iter().map(|head| head.tree)
}

fn jobs_of(heads: &[Head]) -> impl Iterator<Item = JobSyms> {
    heads
        .iter()
        .map(|head| (head.system, head.environment, head.job))
}
