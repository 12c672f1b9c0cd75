//! Executing a tree: each job does its parts one after the other, starts its children, and meets what goes wrong.

use super::catalogue::{Catalogue, Job, Part, Stats};
use super::messages::{
    DIES, DIES_AFTER, EXCEPTIONS, LONG_EXCEPTIONS, TOLERATED, Template, WARNINGS,
};
use super::{
    End, Environment, Failure, FailureKind, Meter, Origin, Reason, Resource, Run, Step, Tree,
};
use crate::dice::{Dice, Pid};

/// The width of the column into which some tLogCatchers write.
pub(crate) const CUT_AT: usize = 255;

/// Something that goes wrong in one job of a tree, the first time it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) job: usize,
    pub(crate) kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Exception,
    LongException,
    ExceptionThenDie,
    Die,
    /// The memory is full: neither an end nor an error is written.
    OutOfMemory,
    /// An error is logged, the job goes on.
    Tolerated,
    Warning,
    BeginLost,
}

/// A time in which something that jobs need does not work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incident {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) resource: Resource,
}

/// How a tree is to be executed.
pub(crate) struct Order<'a> {
    pub(crate) job: usize,
    pub(crate) start: i64,
    pub(crate) environment: Environment,
    pub(crate) context: &'static str,
    pub(crate) reason: Reason,
    pub(crate) fault: Option<Fault>,
    pub(crate) incidents: &'a [Incident],
    /// A pid that is used again.
    pub(crate) pid: Option<Pid>,
    /// Everything takes so many times longer.
    pub(crate) stretch: i64,
    /// How much there is to do that day, 100 is usual.
    pub(crate) volume: i64,
}

/// Lets the world happen: who ran, when, and what came of it.
pub(crate) fn execute(catalogue: &Catalogue, order: &Order, dice: &mut Dice) -> Tree {
    let mut machine = Machine {
        catalogue,
        order,
        dice,
        runs: Vec::new(),
        fault: order.fault,
    };
    machine.run(order.job, order.start, None);
    Tree {
        environment: order.environment,
        context: order.context,
        reason: order.reason,
        runs: machine.runs,
    }
}

struct Machine<'a> {
    catalogue: &'a Catalogue,
    order: &'a Order<'a>,
    dice: &'a mut Dice,
    runs: Vec<Run>,
    /// What is still to go wrong.
    fault: Option<Fault>,
}

enum Fate {
    Ended,
    /// With what the exception said, when someone caught it.
    Failed(Option<String>),
    /// The process is gone.
    Killed,
}

impl Machine<'_> {
    /// Runs a job from `start`; tells when it was over and how.
    fn run(&mut self, job: usize, start: i64, parent: Option<usize>) -> (i64, Fate) {
        let catalogue = self.catalogue;
        let made = &catalogue.jobs[job];
        let index = self.enter(job, made, start, parent);
        let fault = self
            .fault
            .take_if(|fault| fault.job == job)
            .map(|fault| fault.kind);
        let components = made
            .parts
            .iter()
            .filter(|part| matches!(part, Part::Component { .. }))
            .count() as i64;
        let fault_at = self.dice.between(0, components - 1);
        let mut component = 0;
        let mut now = start + self.dice.between(80, 900);
        for part in &made.parts {
            let (after, fate) = match part {
                Part::Child { origin, job, times } => {
                    self.children(index, *origin, *job, *times, now)
                }
                Part::Component {
                    origin,
                    resource,
                    typical_ms,
                    flow,
                } => {
                    let here = fault.filter(|_| component == fault_at);
                    component += 1;
                    self.component(index, *origin, *resource, *typical_ms, *flow, here, now)
                }
            };
            now = after;
            match fate {
                Fate::Ended => now += self.dice.between(2, 400),
                Fate::Killed => {
                    (self.runs[index].broken, self.runs[index].killed) = (true, true);
                    return (now, Fate::Killed);
                }
                Fate::Failed(text) => {
                    self.runs[index].broken = true;
                    now += self.dice.between(3, 200);
                    self.leave(index, start, now, false);
                    return (now, Fate::Failed(text));
                }
            }
        }
        if fault == Some(FaultKind::BeginLost) {
            self.runs[index].begin = None;
        }
        self.leave(index, start, now, true);
        (now, Fate::Ended)
    }

    fn enter(&mut self, job: usize, made: &Job, start: i64, parent: Option<usize>) -> usize {
        let inherited = parent.map(|parent| &self.runs[parent]);
        let (depth, above) = inherited.map_or((0, 0), |run| (run.depth + 1, run.skew_ms));
        let skew_ms = if made.own_process && made.skew_ms != 0 {
            made.skew_ms
        } else {
            above
        };
        let system_pid = match inherited {
            Some(run) if !made.own_process => run.system_pid,
            _ => self.dice.between(1_200, 64_000),
        };
        let pid = match self.order.pid {
            Some(pid) if parent.is_none() => pid,
            _ => self.dice.pid(),
        };
        let begin = matches!(made.stats, Stats::Full | Stats::RunOnly).then_some(start);
        self.runs.push(Run {
            job,
            pid,
            system_pid,
            parent,
            depth,
            skew_ms: if parent.is_none() { 0 } else { skew_ms },
            broken: false,
            killed: false,
            begin,
            end: None,
            steps: Vec::new(),
            failures: Vec::new(),
            meters: Vec::new(),
        });
        self.runs.len() - 1
    }

    fn leave(&mut self, index: usize, start: i64, now: i64, success: bool) {
        let run = &mut self.runs[index];
        if matches!(
            self.catalogue.jobs[run.job].stats,
            Stats::Full | Stats::RunOnly
        ) {
            run.end = Some(End {
                at: now,
                success,
                reported_ms: now - start,
            });
        }
    }

    fn has_steps(&self, index: usize) -> bool {
        matches!(
            self.catalogue.jobs[self.runs[index].job].stats,
            Stats::Full | Stats::StepsOnly
        )
    }

    fn step(&mut self, index: usize, origin: Origin, begin: i64, end: Option<(i64, bool)>) {
        if self.has_steps(index) {
            let end = end.map(|(at, success)| End {
                at,
                success,
                reported_ms: at - begin,
            });
            self.runs[index].steps.push(Step { origin, begin, end });
        }
    }

    /// A tRunJob: waits for its child, once or several times.
    fn children(
        &mut self,
        index: usize,
        origin: Origin,
        job: usize,
        times: u8,
        start: i64,
    ) -> (i64, Fate) {
        let parent = &self.catalogue.jobs[self.runs[index].job];
        let mut now = start;
        for _ in 0..times {
            let begin = now;
            let launched = begin + self.dice.between(5, 700);
            let (ended, fate) = self.run(job, launched, Some(index));
            now = ended + self.dice.between(2, 60);
            let text = match fate {
                Fate::Ended => {
                    self.step(index, origin, begin, Some((now, true)));
                    now += self.dice.between(1_000, 1_900);
                    continue;
                }
                Fate::Failed(text) => text,
                Fate::Killed if self.catalogue.jobs[job].own_process => None,
                Fate::Killed => {
                    self.step(index, origin, begin, None);
                    return (now, Fate::Killed);
                }
            };
            if parent.tolerant {
                self.step(index, origin, begin, Some((now, true)));
                now += self.dice.between(1_000, 1_900);
                continue;
            }
            let mut wrapper = String::from("java.lang.RuntimeException:Child job running failed.");
            if let Some(text) = text.as_ref().filter(|_| parent.modern_wrapper) {
                wrapper.push('\n');
                wrapper.push_str(&text.replacen(':', ": ", 1));
            }
            self.fail(
                index,
                now,
                origin,
                FailureKind::Wrapper,
                usize::MAX,
                "unknown",
                wrapper,
                1,
            );
            let noticed = now + self.dice.between(1, 40);
            self.step(index, origin, begin, Some((noticed, false)));
            return (now + 41, Fate::Failed(text));
        }
        (now, Fate::Ended)
    }

    /// A component reads, changes or writes; or fails at it.
    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one component, taken apart by the match that calls this"
    )]
    fn component(
        &mut self,
        index: usize,
        origin: Origin,
        resource: Resource,
        typical_ms: i64,
        flow: Option<&'static str>,
        fault: Option<FaultKind>,
        begin: i64,
    ) -> (i64, Fate) {
        let end =
            begin + self.dice.around(typical_ms) * self.order.stretch * self.order.volume / 100;
        let made = &self.catalogue.jobs[self.runs[index].job];
        let down = self.order.incidents.iter().any(|incident| {
            incident.resource == resource && incident.from <= begin && begin < incident.until
        });
        let fault = if down {
            Some(FaultKind::Exception)
        } else {
            fault
        };
        if made.noisy && flow.is_some() && fault.is_none() {
            self.tolerated(index, origin, begin, end);
        }
        match fault {
            None | Some(FaultKind::BeginLost) => {}
            Some(FaultKind::Tolerated) => self.tolerated(index, origin, begin, end),
            Some(FaultKind::Warning) => {
                let template = self.template(WARNINGS, |_| true);
                let text = WARNINGS[template].fill(self.dice);
                let warn = Origin {
                    component: "tWarn",
                    number: 1,
                };
                self.fail(
                    index,
                    end,
                    warn,
                    FailureKind::Warning,
                    5_000 + template,
                    WARNINGS[template].category,
                    text,
                    42,
                );
            }
            Some(FaultKind::OutOfMemory) => {
                self.step(index, origin, begin, None);
                return (end, Fate::Killed);
            }
            Some(kind) => return self.exception(index, origin, resource, begin, end, kind, down),
        }
        self.step(index, origin, begin, Some((end, true)));
        if let Some(label) = flow.filter(|_| made.stats != Stats::Nothing) {
            let count = if self.dice.percent(6.0) || label.contains("reject") {
                0
            } else {
                self.dice.between(12, 90_000)
            };
            let count = if label == "lignes_rejetees" {
                count % 40
            } else {
                count
            };
            let copies = if self.dice.percent(2.0) { 2 } else { 1 };
            let number = origin.number;
            self.runs[index].meters.push(Meter {
                at: end,
                origin: Origin {
                    component: "tFlowMeter",
                    number,
                },
                label,
                count,
                copies,
            });
        }
        (end, Fate::Ended)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one component, and what goes wrong in it"
    )]
    fn exception(
        &mut self,
        index: usize,
        origin: Origin,
        resource: Resource,
        begin: i64,
        end: i64,
        kind: FaultKind,
        down: bool,
    ) -> (i64, Fate) {
        let at = begin + (end - begin) * self.dice.between(5, 100) / 100;
        let mut now = at;
        let mut text = None;
        let made = &self.catalogue.jobs[self.runs[index].job];
        // Rows of steps alone could not tell that a check ended the job.
        if kind == FaultKind::Die && made.stats != Stats::StepsOnly {
            let template = self.template(DIES, |_| true);
            let said = DIES[template].fill(self.dice);
            self.step(index, origin, begin, Some((at, true)));
            let die = Origin {
                component: "tDie",
                number: 1,
            };
            self.fail(
                index,
                at,
                die,
                FailureKind::Die,
                3_000 + template,
                DIES[template].category,
                said.clone(),
                4,
            );
            text = Some(said);
        } else {
            let long = kind == FaultKind::LongException;
            let list = if long { LONG_EXCEPTIONS } else { EXCEPTIONS };
            let template = if down {
                list.iter()
                    .position(|template| template.resource == resource)
                    .unwrap_or(0)
            } else {
                self.template(list, |template| long || template.resource == resource)
            };
            let filled = list[template].fill(self.dice);
            let said = format!("{}:{}", list[template].class, filled);
            let identity = template + if long { 1_000 } else { 0 };
            self.fail(
                index,
                at,
                origin,
                FailureKind::Exception,
                identity,
                list[template].category,
                said.clone(),
                1,
            );
            if kind == FaultKind::ExceptionThenDie {
                let after = self.template(DIES_AFTER, |_| true);
                let said = DIES_AFTER[after].fill(self.dice);
                now += self.dice.between(1, 30);
                let die = Origin {
                    component: "tDie",
                    number: 1,
                };
                self.fail(
                    index,
                    now,
                    die,
                    FailureKind::Die,
                    4_000 + after,
                    DIES_AFTER[after].category,
                    said,
                    4,
                );
            }
            // Some components end without saying so.
            let steps_only = self.catalogue.jobs[self.runs[index].job].stats == Stats::StepsOnly;
            let ended = steps_only || self.dice.percent(85.0);
            self.step(index, origin, begin, ended.then_some((now + 1, false)));
            text = text.or(Some(said));
        }
        let caught = self.catalogue.jobs[self.runs[index].job].catchers > 0;
        (now + 2, Fate::Failed(text.filter(|_| caught)))
    }

    /// Errors that are logged and do not stop the job; they differ in their figures only.
    fn tolerated(&mut self, index: usize, origin: Origin, begin: i64, end: i64) {
        let template = self.template(TOLERATED, |_| true);
        let times = self.dice.between(1, 7);
        for n in 1..=times {
            let said = format!(
                "{}:{}",
                TOLERATED[template].class,
                TOLERATED[template].fill(self.dice)
            );
            let at = begin + (end - begin) * n / (times + 1);
            self.fail(
                index,
                at,
                origin,
                FailureKind::Exception,
                6_000 + template,
                TOLERATED[template].category,
                said,
                1,
            );
        }
    }

    fn template(&mut self, list: &[Template], fits: impl Fn(&Template) -> bool) -> usize {
        let fitting: Vec<usize> = (0..list.len())
            .filter(|&place| fits(&list[place]))
            .collect();
        *self.dice.pick(&fitting)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one failure, in their order"
    )]
    fn fail(
        &mut self,
        index: usize,
        at: i64,
        origin: Origin,
        kind: FailureKind,
        identity: usize,
        category: &'static str,
        text: String,
        code: i32,
    ) {
        let made = &self.catalogue.jobs[self.runs[index].job];
        if made.catchers > 0 {
            let mut text = text;
            if text.chars().count() == CUT_AT {
                // A whole text must not look like a cut one.
                text.push('.');
            }
            let (whole, cut) = (made.catchers - made.cutting, made.cutting);
            self.runs[index].failures.push(Failure {
                at,
                origin,
                kind,
                identity,
                category,
                text,
                whole,
                cut,
                code,
            });
        }
    }
}
