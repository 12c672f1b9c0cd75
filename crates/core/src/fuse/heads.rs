//! What all rows of a run have in common, kept once and named by a number.

use hashbrown::{HashMap, HashTable};
use xxhash_rust::xxh3::xxh3_128;

use super::config::{FuseConfig, TriggerEvidence};
use super::interner::{Interner, Sym};
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
    pub(super) run: Sym,
    pub(super) root: Sym,
    pub(super) parent: Sym,
    pub(super) job_id: Sym,
    pub(super) job_version: Sym,
    pub(super) context: Sym,
    pub(super) host: Sym,
    pub(super) trigger: Option<(Trigger, TriggerEvidence)>,
    pub(super) job_may_be_cut: bool,
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

/// Every different head once, and every different word once.
#[derive(Debug)]
pub(super) struct Heads {
    config: FuseConfig,
    pub(super) words: Interner,
    heads: Vec<Head>,
    /// Content hash of each head; 128 bits, so that equal hashes are equal heads.
    hashes: Vec<u128>,
    table: HashTable<u32>,
    environments: HashMap<(Sym, Sym), Sym>,
    scratch: Vec<u8>,
}

impl Heads {
    pub(super) fn new(config: FuseConfig) -> Self {
        Self {
            config,
            words: Interner::new(),
            heads: Vec::new(),
            hashes: Vec::new(),
            table: HashTable::new(),
            environments: HashMap::new(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn config(&self) -> &FuseConfig {
        &self.config
    }

    pub(super) fn get(&self, head: u32) -> &Head {
        &self.heads[head as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    pub(super) fn of_log(&mut self, row: &LogRow<'_>) -> u32 {
        self.intern(&Words {
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
        })
    }

    pub(super) fn of_error(&mut self, row: &ErrorRow<'_>) -> u32 {
        self.intern(&Words {
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
        })
    }

    fn intern(&mut self, words: &Words<'_>) -> u32 {
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
        let hash = xxh3_128(&self.scratch);
        let hashes = &self.hashes;
        if let Some(&head) = self
            .table
            .find(hash as u64, |&head| hashes[head as usize] == hash)
        {
            return head;
        }
        let head = self.build(words);
        let index = self.heads.len() as u32;
        self.heads.push(head);
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table
            .insert_unique(hash as u64, index, |&other| hashes[other as usize] as u64);
        index
    }

    fn build(&mut self, words: &Words<'_>) -> Head {
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
        let system = self.words.intern(words.system);
        Head {
            tree: tree_hash(words.system, self.words.word(environment), words.root),
            system,
            environment,
            project: self.words.intern_option(words.project),
            job: self.words.intern(words.job),
            run: self.words.intern(words.run),
            root: self.words.intern(words.root),
            parent: self.words.intern_option(words.parent),
            job_id: self.words.intern_option(words.job_id),
            job_version: self.words.intern_option(words.job_version),
            context,
            host: self.words.intern_option(words.host),
            trigger: self.config.trigger(words.system, words.context, words.run),
            job_may_be_cut: words.job.chars().count() == CUT_JOB_CHARS,
        }
    }

    /// Bytes held.
    pub(super) fn size_bytes(&self) -> usize {
        self.words.size_bytes() + self.heads.capacity() * (size_of::<Head>() + 16 + 5)
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
