//! The rows of one part: packed, with the heads they name, so that they can be taken away and come back.

use super::config::TriggerEvidence;
use super::facts::{ErrorFact, LogFact, Packed, unpack};
use super::heads::Head;
use super::interner::{Interner, Sym};
use super::rows::Numbers;
use crate::model::Trigger;

/// A run id of one part; `Id::NONE` stands for a missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(Sym);

impl Id {
    pub(super) const NONE: Self = Self(Sym::NONE);

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// Rows of some trees. Run ids are named by numbers of the part, all other words by numbers of the whole fold.
#[derive(Debug, Default)]
pub(super) struct Part {
    ids: Interner,
    heads: Vec<Head>,
    /// Packed rows; each names its head by number.
    pub(super) rows: Vec<u8>,
}

impl Part {
    pub(super) fn intern(&mut self, id: Option<&str>) -> Id {
        Id(self.ids.intern_option(id))
    }

    pub(super) fn id(&self, id: Id) -> &str {
        self.ids.word(id.0)
    }

    pub(super) fn head(&self, head: u32) -> &Head {
        &self.heads[head as usize]
    }

    pub(super) fn heads(&self) -> &[Head] {
        &self.heads
    }

    pub(super) fn push(&mut self, head: Head) -> u32 {
        self.heads.push(head);
        self.heads.len() as u32 - 1
    }

    /// Takes a head of another part.
    pub(super) fn copy(&mut self, other: &Self, head: u32) -> u32 {
        let head = *other.head(head);
        let head = head.with_ids(|id| self.intern(Some(other.id(id))));
        self.push(head)
    }

    /// Takes a head of another part into another tree.
    pub(super) fn copy_below(&mut self, other: &Self, head: u32, tree: u64, root: &str) -> u32 {
        let copy = self.copy(other, head);
        let root = self.intern(Some(root));
        let head = &mut self.heads[copy as usize];
        (head.tree, head.root) = (tree, root);
        copy
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Appends everything that is here, for [`Part::read`] in the same process.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for count in [self.ids.len(), self.heads.len(), self.rows.len()] {
            out.extend_from_slice(&(count as u32).to_le_bytes());
        }
        for id in self.ids.words() {
            out.extend_from_slice(&(id.len() as u32).to_le_bytes());
            out.extend_from_slice(id.as_bytes());
        }
        self.heads.iter().for_each(|head| pack(head, out));
        out.extend_from_slice(&self.rows);
    }

    /// Takes what another part holds: its rows are pushed to `logs` and `errors`. `numbers`: those of the gathering it belongs to,
    /// where that is another one.
    pub(super) fn take<'b>(
        &mut self,
        other: &'b Self,
        numbers: Option<&Numbers>,
        logs: &mut Vec<LogFact>,
        errors: &mut Vec<ErrorFact<'b>>,
    ) {
        let (first_log, first_error, first_head) = (logs.len(), errors.len(), self.heads.len());
        let ids: Vec<Id> = std::iter::once(Id::NONE)
            .chain(other.ids.words().map(|id| self.intern(Some(id))))
            .collect();
        let heads = other.heads.iter();
        self.heads
            .extend(heads.map(|head| head.with_ids(|Id(Sym(id))| ids[id as usize])));
        unpack(Packed(&other.rows), first_head as u32, logs, errors);
        self.renumber(
            numbers,
            first_head,
            &mut logs[first_log..],
            &mut errors[first_error..],
        );
    }

    /// Unpacks what several calls of [`Part::write`] appended. The rows are not kept here, but pushed to `logs` and `errors`.
    /// `numbers`: those of the gathering that wrote, where it was another one.
    pub(super) fn read<'b>(
        &mut self,
        bytes: &'b [u8],
        numbers: Option<&Numbers>,
        logs: &mut Vec<LogFact>,
        errors: &mut Vec<ErrorFact<'b>>,
    ) {
        let (first_log, first_error, first_head) = (logs.len(), errors.len(), self.heads.len());
        let mut bytes = Packed(bytes);
        while !bytes.is_empty() {
            let [ids, heads, rows] = [bytes.int(), bytes.int(), bytes.int()];
            let mut renamed = vec![Id::NONE];
            for _ in 0..ids {
                renamed.push(self.intern(Some(bytes.text())));
            }
            let base = self.heads.len() as u32;
            for _ in 0..heads {
                let head = unpack_head(&mut bytes);
                self.push(head.with_ids(|Id(Sym(id))| renamed[id as usize]));
            }
            unpack(bytes.split(rows as usize), base, logs, errors);
        }
        self.renumber(
            numbers,
            first_head,
            &mut logs[first_log..],
            &mut errors[first_error..],
        );
    }

    /// Gives heads from the `first_head`th on, and rows, the numbers that words and batches have here.
    fn renumber(
        &mut self,
        numbers: Option<&Numbers>,
        first_head: usize,
        logs: &mut [LogFact],
        errors: &mut [ErrorFact<'_>],
    ) {
        let Some(numbers) = numbers else {
            return;
        };
        for head in &mut self.heads[first_head..] {
            *head = head.with_words(|word| numbers.word(word));
        }
        for log in logs {
            log.step = numbers.word(log.step);
            log.label = numbers.word(log.label);
            log.batch = numbers.batch(log.batch);
        }
        for error in errors {
            error.step = numbers.word(error.step);
            error.batch = numbers.batch(error.batch);
        }
    }
}

fn pack(head: &Head, out: &mut Vec<u8>) {
    out.extend_from_slice(&head.tree.to_le_bytes());
    for sym in [
        head.system,
        head.environment,
        head.project,
        head.job,
        head.job_id,
        head.job_version,
        head.context,
        head.host,
        head.run.0,
        head.root.0,
        head.parent.0,
    ] {
        out.extend_from_slice(&sym.0.to_le_bytes());
    }
    let [trigger, evidence] = head.trigger.map_or([NO_TRIGGER; 2], |(trigger, evidence)| {
        [trigger as u8, evidence as u8]
    });
    out.extend_from_slice(&[trigger, evidence, u8::from(head.job_may_be_cut)]);
}

const NO_TRIGGER: u8 = u8::MAX;

fn unpack_head(bytes: &mut Packed<'_>) -> Head {
    let tree = u64::from_le_bytes(bytes.take());
    let mut sym = || Sym(bytes.int());
    let (system, environment, project, job) = (sym(), sym(), sym(), sym());
    let (job_id, job_version, context, host) = (sym(), sym(), sym(), sym());
    let (run, root, parent) = (Id(sym()), Id(sym()), Id(sym()));
    let [trigger, evidence, job_may_be_cut] = bytes.take();
    Head {
        tree,
        system,
        environment,
        project,
        job,
        run,
        root,
        parent,
        job_id,
        job_version,
        context,
        host,
        trigger: Trigger::from_index(trigger).zip(TriggerEvidence::from_index(evidence)),
        job_may_be_cut: job_may_be_cut == 1,
    }
}
