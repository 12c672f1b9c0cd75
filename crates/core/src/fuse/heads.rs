//! What all rows of a run have in common, kept once and named by a number.

use hashbrown::{HashMap, HashSet, HashTable};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_128;

use super::config::{FuseConfig, TriggerEvidence};
use super::interner::{Interner, Sym};
use super::part::{Id, Part};
use super::rows::part_of;
use crate::model::{ErrorRow, LogRow, Trigger};

/// A job name of this many characters may have been cut (the AMC tables' `varchar(50)`).
pub const CUT_JOB_CHARS: usize = 50;

/// The words of a row that say which run it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Hash of (system, environment, root): rows that are folded together share it.
    pub(super) tree: u64,
    pub(super) system: Sym,
    pub(super) environment: Sym,
    pub(super) project: Sym,
    pub(super) job: Sym,
    pub(super) run: Id,
    pub(super) root: Id,
    pub(super) parent: Id,
    pub(super) job_id: Sym,
    pub(super) job_version: Sym,
    pub(super) context: Sym,
    pub(super) host: Sym,
    pub(super) trigger: Option<(Trigger, TriggerEvidence)>,
    pub(super) job_may_be_cut: bool,
}

impl Head {
    /// The same with other numbers for its run ids.
    pub(super) fn with_ids(self, mut rename: impl FnMut(Id) -> Id) -> Self {
        Self {
            run: rename(self.run),
            root: rename(self.root),
            parent: rename(self.parent),
            ..self
        }
    }

    /// The same with other numbers for its words.
    pub(super) fn with_words(self, mut rename: impl FnMut(Sym) -> Sym) -> Self {
        Self {
            system: rename(self.system),
            environment: rename(self.environment),
            project: rename(self.project),
            job: rename(self.job),
            job_id: rename(self.job_id),
            job_version: rename(self.job_version),
            context: rename(self.context),
            host: rename(self.host),
            ..self
        }
    }
}

/// The words of a row, before they have numbers.
struct Words<'a> {
    system: &'a str,
    environment: Option<&'a str>,
    project: Option<&'a str>,
    job: &'a str,
    run: &'a str,
    root: &'a str,
    parent: Option<&'a str>,
    job_id: Option<&'a str>,
    job_version: Option<&'a str>,
    context: Option<&'a str>,
    host: Option<&'a str>,
}

/// Where a head is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) part: u32,
    pub(super) head: u32,
}

/// Finds heads by their content, and numbers all words but run ids: those are as many as runs, these are few.
#[derive(Debug)]
pub(super) struct Heads {
    pub(super) config: FuseConfig,
    pub(super) words: Interner,
    /// Keys of runs that have retired: no run that is folded may have one of them (section 2.5).
    pub(super) taken: HashSet<Uuid>,
    /// By content hash; 128 bits, so that equal hashes are equal heads.
    places: HashTable<([u64; 2], Place)>,
    environments: HashMap<(Sym, Sym), Sym>,
    scratch: Vec<u8>,
    /// The content of the last head and where it is: rows of a run often follow each other.
    last: (Vec<u8>, Place),
}

impl Heads {
    pub(super) fn new(config: FuseConfig) -> Self {
        Self {
            config,
            words: Interner::default(),
            taken: HashSet::new(),
            places: HashTable::new(),
            environments: HashMap::new(),
            scratch: Vec::new(),
            last: (Vec::new(), Place { part: 0, head: 0 }),
        }
    }

    pub(super) fn of_log(&mut self, row: &LogRow<'_>, parts: &mut [Part]) -> Place {
        let words = Words {
            system: row.system,
            environment: row.environment,
            project: row.project,
            job: row.job,
            run: row.run_id,
            root: row.root_run_id,
            parent: row.parent_run_id,
            job_id: row.job_id,
            job_version: row.job_version,
            context: row.context,
            host: row.host,
        };
        self.place(&words, parts)
    }

    pub(super) fn of_error(&mut self, row: &ErrorRow<'_>, parts: &mut [Part]) -> Place {
        let words = Words {
            system: row.system,
            environment: row.environment,
            project: row.project,
            job: row.job,
            run: row.run_id,
            root: row.root_run_id,
            parent: row.parent_run_id,
            job_id: None,
            job_version: None,
            context: row.context,
            host: row.host,
        };
        self.place(&words, parts)
    }

    fn place(&mut self, words: &Words<'_>, parts: &mut [Part]) -> Place {
        self.scratch.clear();
        for word in [
            Some(words.system),
            words.environment,
            words.project,
            Some(words.job),
            Some(words.run),
            Some(words.root),
            words.parent,
            words.job_id,
            words.job_version,
            words.context,
            words.host,
        ] {
            let word = word.unwrap_or_default();
            self.scratch
                .extend_from_slice(&(word.len() as u32).to_le_bytes());
            self.scratch.extend_from_slice(word.as_bytes());
        }
        if self.scratch == self.last.0 {
            return self.last.1;
        }
        let hash = xxh3_128(&self.scratch);
        let hash = [hash as u64, (hash >> 64) as u64];
        let found = self.places.find(hash[0], |(other, _)| *other == hash);
        let place = match found {
            Some(&(_, place)) => place,
            None => {
                let place = self.build(words, parts);
                self.places
                    .insert_unique(hash[0], (hash, place), |(other, _)| other[0]);
                place
            }
        };
        std::mem::swap(&mut self.last.0, &mut self.scratch);
        self.last.1 = place;
        place
    }

    fn build(&mut self, words: &Words<'_>, parts: &mut [Part]) -> Place {
        let context = self.words.intern_option(words.context);
        let said = self.words.intern_option(words.environment);
        let environment = match self.environments.get(&(said, context)) {
            Some(&environment) => environment,
            None => {
                let name = self
                    .config
                    .environment(words.environment, words.context)
                    .to_owned();
                let environment = self.words.intern(&name);
                self.environments.insert((said, context), environment);
                environment
            }
        };
        let tree = tree_hash(words.system, self.words.word(environment), words.root);
        let number = part_of(tree);
        let part = &mut parts[number];
        let head = Head {
            tree,
            system: self.words.intern(words.system),
            environment,
            project: self.words.intern_option(words.project),
            job: self.words.intern(words.job),
            run: part.intern(Some(words.run)),
            root: part.intern(Some(words.root)),
            parent: part.intern(words.parent),
            job_id: self.words.intern_option(words.job_id),
            job_version: self.words.intern_option(words.job_version),
            context,
            host: self.words.intern_option(words.host),
            trigger: self.config.trigger(words.system, words.context, words.run),
            job_may_be_cut: words.job.chars().count() == CUT_JOB_CHARS,
        };
        Place {
            part: number as u32,
            head: part.push(head),
        }
    }

    /// Heads that are taken away are not found again.
    pub(super) fn forget(&mut self) {
        self.places = HashTable::new();
        self.last.0.clear();
    }
}

/// A part's heads and their words.
#[derive(Clone, Copy)]
pub(super) struct Names<'f> {
    pub(super) heads: &'f Heads,
    pub(super) part: &'f Part,
}

impl<'f> Names<'f> {
    pub(super) fn head(self, head: u32) -> &'f Head {
        self.part.head(head)
    }

    /// The word; empty for the missing one.
    pub(super) fn word(self, sym: Sym) -> &'f str {
        self.heads.words.word(sym)
    }

    pub(super) fn option(self, sym: Sym) -> Option<&'f str> {
        self.heads.words.option(sym)
    }

    /// The run id; empty for the missing one.
    pub(super) fn id(self, id: Id) -> &'f str {
        self.part.id(id)
    }
}

/// The number of a job: runs of the same (system, environment, project, job) share it.
pub fn job_hash(system: &str, environment: &str, project: &str, job: &str) -> u64 {
    hash_of(&[system, environment, project, job])
}

/// The number under which rows of one run tree are brought together (section 1.3). Runs whose trees share a number by
/// accident are folded side by side without harm: everything below compares words.
pub fn tree_hash(system: &str, environment: &str, root_run_id: &str) -> u64 {
    hash_of(&[system, environment, root_run_id])
}

fn hash_of(words: &[&str]) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for word in words {
        hasher.update(&(word.len() as u32).to_le_bytes());
        hasher.update(word.as_bytes());
    }
    hasher.digest()
}
