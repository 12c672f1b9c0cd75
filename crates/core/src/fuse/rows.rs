//! Where rows wait for the fold: brought together by run tree, packed, in parts that can be taken away and kept
//! elsewhere when they grow too large.

use hashbrown::HashMap;
use uuid::Uuid;

use super::config::FuseConfig;
use super::facts::{ErrorFact, LogFact};
use super::heads::{CUT_JOB_CHARS, Heads};
use super::interner::Sym;
use crate::model::{Blame, Category, ErrorRow, LogRow};

/// How many parts rows are spread over. Each part is folded by itself, so memory for the fold is that of one part.
pub const PARTS: usize = 64;

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

/// Rows on their way to the fold.
#[derive(Debug)]
pub struct Rows {
    pub(super) heads: Heads,
    pub(super) parts: Vec<Vec<u8>>,
    batches: Vec<i64>,
    batch_index: HashMap<i64, u32>,
    packed_bytes: usize,
}

impl Rows {
    pub fn new(config: FuseConfig) -> Self {
        Self {
            heads: Heads::new(config),
            parts: vec![Vec::new(); PARTS],
            batches: Vec::new(),
            batch_index: HashMap::new(),
            packed_bytes: 0,
        }
    }

    /// Takes a row of `log` that batch `batch` holds.
    pub fn log(&mut self, batch: i64, row: &LogRow<'_>) {
        self.log_if(batch, row, |_| true);
    }

    /// The same, for trees that `wanted` accepts.
    pub fn log_if(&mut self, batch: i64, row: &LogRow<'_>, wanted: impl FnOnce(u64) -> bool) {
        let head = self.heads.of_log(row);
        if !wanted(self.heads.get(head).tree) {
            return;
        }
        let fact = LogFact {
            head,
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
        let part = self.part(head);
        let before = self.parts[part].len();
        fact.pack(&mut self.parts[part]);
        self.packed_bytes += self.parts[part].len() - before;
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
        let head = self.heads.of_error(row);
        if !wanted(self.heads.get(head).tree) {
            return;
        }
        let fact = ErrorFact {
            head,
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
            message: row.message,
        };
        let part = self.part(head);
        let before = self.parts[part].len();
        fact.pack(&mut self.parts[part]);
        self.packed_bytes += self.parts[part].len() - before;
    }

    /// Bytes of packed rows that are held here (not those taken away).
    pub fn packed_bytes(&self) -> usize {
        self.packed_bytes
    }

    /// All bytes that are held here.
    pub fn size_bytes(&self) -> usize {
        self.heads.size_bytes() + self.parts.iter().map(Vec::capacity).sum::<usize>()
    }

    /// Gives the packed rows of each part that has some to `keep`, and forgets them. Whoever keeps them hands them back to
    /// [`super::Fold::part`].
    ///
    /// # Errors
    /// Those of `keep`.
    pub fn spill<E>(
        &mut self,
        mut keep: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for (index, part) in self.parts.iter_mut().enumerate() {
            if !part.is_empty() {
                keep(index, part)?;
                *part = Vec::new();
            }
        }
        self.packed_bytes = 0;
        Ok(())
    }

    /// The tree numbers of all rows seen so far, without repetition.
    pub fn trees(&self) -> Vec<u64> {
        let mut trees: Vec<u64> = (0..self.heads.len())
            .map(|head| self.heads.get(head as u32).tree)
            .collect();
        trees.sort_unstable();
        trees.dedup();
        trees
    }

    /// The jobs that all rows seen so far name, in order and without repetition: a run that these rows touch was and will be
    /// one of them.
    pub fn jobs(&self) -> Vec<JobBeginning> {
        let word = |sym| self.heads.words.word(sym);
        let mut jobs: Vec<_> = (0..self.heads.len())
            .map(|head| self.heads.get(head as u32))
            .map(|head| (head.system.0, head.environment.0, head.job.0))
            .collect();
        jobs.sort_unstable();
        jobs.dedup();
        let mut jobs: Vec<JobBeginning> = jobs
            .into_iter()
            .map(|(system, environment, job)| JobBeginning {
                system: word(Sym(system)).to_owned(),
                environment: word(Sym(environment)).to_owned(),
                beginning: word(Sym(job)).chars().take(CUT_JOB_CHARS).collect(),
            })
            .collect();
        jobs.sort_unstable();
        jobs.dedup();
        jobs
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

    fn part(&self, head: u32) -> usize {
        (self.heads.get(head).tree >> (u64::BITS - PARTS.ilog2())) as usize
    }
}
