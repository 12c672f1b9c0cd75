//! The rota of special situations: every few days each of them happens to some job that it fits, so that even a small
//! period has them; chance adds the rest.

use super::catalogue::{Catalogue, Job, Slot, Stats, Trait};
use super::execute::{Fault, FaultKind};
use crate::dice::Dice;
use std::collections::BTreeMap;

/// What people do about a failed night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    Nothing,
    /// The whole tree again.
    Whole,
    /// Only the failed child, as a root of its own.
    ChildOnly,
    /// The whole tree, which fails again, and once more.
    Twice,
    /// By hand, and the context says so.
    Person,
}

/// What is to happen to a root job today.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fortune {
    pub(crate) fault: Option<Fault>,
    pub(crate) repair: Repair,
    pub(crate) pid_again: bool,
}

/// A situation of the rota: which jobs it fits, and what happens.
struct Special {
    fits: fn(&Job) -> bool,
    fault: Option<FaultKind>,
    repair: Repair,
    /// Needs some days of log after it, so that nobody can doubt.
    long_silence: bool,
}

const fn special(fits: fn(&Job) -> bool, fault: FaultKind, repair: Repair) -> Special {
    Special {
        fits,
        fault: Some(fault),
        repair,
        long_silence: false,
    }
}

fn child(job: &Job) -> bool {
    job.is_child && job.trait_word == Trait::Plain
}

fn flat(job: &Job) -> bool {
    matches!(job.slot, Slot::Night { .. })
        && job.is_flat()
        && job.trait_word == Trait::Plain
        && usual(job)
}

fn usual(job: &Job) -> bool {
    matches!(job.stats, Stats::Full | Stats::RunOnly) && job.catchers > 0
}

const ROTA: &[Special] = &[
    special(child, FaultKind::Exception, Repair::Whole),
    special(
        |job| child(job) && !job.own_process,
        FaultKind::Exception,
        Repair::ChildOnly,
    ),
    special(
        |job| job.stats == Stats::Nothing,
        FaultKind::Exception,
        Repair::Nothing,
    ),
    Special {
        fits: |job| child(job) && !job.own_process && usual(job),
        fault: Some(FaultKind::OutOfMemory),
        repair: Repair::Whole,
        long_silence: true,
    },
    special(
        |job| job.own_process && usual(job),
        FaultKind::OutOfMemory,
        Repair::ChildOnly,
    ),
    special(flat, FaultKind::ExceptionThenDie, Repair::Whole),
    special(
        |job| job.trait_word == Trait::LongName,
        FaultKind::Exception,
        Repair::Whole,
    ),
    special(usual, FaultKind::Warning, Repair::Nothing),
    special(|job| job.is_child, FaultKind::Exception, Repair::Twice),
    special(
        |job| job.trait_word == Trait::Silent,
        FaultKind::Exception,
        Repair::Nothing,
    ),
    special(
        |job| job.trait_word == Trait::Cutting,
        FaultKind::LongException,
        Repair::Whole,
    ),
    special(
        |job| job.trait_word == Trait::CuttingBeside,
        FaultKind::LongException,
        Repair::Person,
    ),
    special(usual, FaultKind::Tolerated, Repair::Nothing),
    Special {
        fits: flat,
        fault: None,
        repair: Repair::Nothing,
        long_silence: false,
    },
    special(
        |job| job.stats == Stats::StepsOnly,
        FaultKind::Exception,
        Repair::Nothing,
    ),
    special(flat, FaultKind::BeginLost, Repair::Nothing),
    special(child, FaultKind::Die, Repair::Person),
    special(|job| job.own_process, FaultKind::Exception, Repair::Whole),
    special(flat, FaultKind::Exception, Repair::Nothing),
    Special {
        fits: flat,
        fault: Some(FaultKind::OutOfMemory),
        repair: Repair::Whole,
        long_silence: true,
    },
    Special {
        fits: flat,
        fault: Some(FaultKind::OutOfMemory),
        repair: Repair::Nothing,
        long_silence: true,
    },
];

/// How many children's failures a tolerant root meets: it has a place of its own, it would starve in the rota.
const TOLERANT_EVERY: u32 = 6;

/// Deals out today's situations among the root jobs that are due.
pub(crate) fn deal(
    catalogue: &Catalogue,
    root_of: &[usize],
    due: &[usize],
    day: u32,
    days_left: u32,
    dice: &mut Dice,
) -> BTreeMap<usize, Fortune> {
    let mut dealt = BTreeMap::new();
    let per_day = 3 + catalogue.jobs.len() as u32 / 150;
    for n in 0..per_day {
        let special = &ROTA[((day * per_day + n) as usize) % ROTA.len()];
        if special.long_silence && days_left < 4 {
            continue;
        }
        let tolerant = |job: usize| catalogue.jobs[root_of[job]].tolerant;
        let fitting = candidates(catalogue, root_of, due, &dealt, |job| {
            (special.fits)(&catalogue.jobs[job]) && !tolerant(job)
        });
        if let Some(&job) = choose(&fitting, dice) {
            let fault = special.fault.map(|kind| Fault { job, kind });
            dealt.insert(
                root_of[job],
                Fortune {
                    fault,
                    repair: special.repair,
                    pid_again: fault.is_none(),
                },
            );
        }
    }
    if day % TOLERANT_EVERY == 2 {
        let fitting = candidates(catalogue, root_of, due, &dealt, |job| {
            job != root_of[job] && catalogue.jobs[root_of[job]].tolerant
        });
        if let Some(&job) = choose(&fitting, dice) {
            let fault = Some(Fault {
                job,
                kind: FaultKind::Exception,
            });
            dealt.insert(
                root_of[job],
                Fortune {
                    fault,
                    repair: Repair::Nothing,
                    pid_again: false,
                },
            );
        }
    }
    for &root in due {
        if !dealt.contains_key(&root) && dice.percent(2.4) {
            dealt.insert(root, by_chance(catalogue, root_of, root, dice));
        }
    }
    dealt
}

fn candidates(
    catalogue: &Catalogue,
    root_of: &[usize],
    due: &[usize],
    dealt: &BTreeMap<usize, Fortune>,
    fits: impl Fn(usize) -> bool,
) -> Vec<usize> {
    (0..catalogue.jobs.len())
        .filter(|&job| {
            due.contains(&root_of[job]) && !dealt.contains_key(&root_of[job]) && fits(job)
        })
        .collect()
}

fn choose<'a>(list: &'a [usize], dice: &mut Dice) -> Option<&'a usize> {
    if list.is_empty() {
        None
    } else {
        Some(dice.pick(list))
    }
}

/// A usual failure somewhere in the tree, and a usual way out of it.
fn by_chance(catalogue: &Catalogue, root_of: &[usize], root: usize, dice: &mut Dice) -> Fortune {
    let members: Vec<usize> = (0..root_of.len())
        .filter(|&job| root_of[job] == root)
        .collect();
    let job = *dice.pick(&members);
    let kinds = [
        FaultKind::Exception,
        FaultKind::Exception,
        FaultKind::Exception,
        FaultKind::ExceptionThenDie,
        FaultKind::Die,
        FaultKind::Warning,
    ];
    let kind = if catalogue.jobs[job].stats == Stats::Nothing {
        FaultKind::Exception
    } else {
        *dice.pick(&kinds)
    };
    let repair = *dice.pick(&[
        Repair::Whole,
        Repair::Whole,
        Repair::Whole,
        Repair::ChildOnly,
        Repair::Twice,
        Repair::Person,
        Repair::Nothing,
    ]);
    Fortune {
        fault: Some(Fault { job, kind }),
        repair,
        pid_again: false,
    }
}
