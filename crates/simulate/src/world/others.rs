//! What does not come from production's scheduler: people by hand, REC, developers.

use super::calendar::{HOUR, MINUTE, is_working};
use super::catalogue::Stats;
use super::execute::{Fault, FaultKind, Order, execute};
use super::plan::{Day, World};
use super::repair::{MANUAL, repair};
use super::situations::Repair;
use super::{Environment, Reason};
use crate::dice::Dice;

impl World {
    /// Runs in production that are not the scheduler's and repair nothing.
    pub(super) fn by_hand(&mut self, today: &mut Day, dice: &mut Dice) {
        let day = today.number;
        for (every, minute, context, reason) in [
            (3, 990, MANUAL, Reason::Manual),
            (5, 1_200, "PROD_REPRISE", Reason::Reprocess),
        ] {
            if !day.is_multiple_of(every) {
                continue;
            }
            let broken = |root: usize| {
                today.trees.iter().any(|tree| {
                    tree.runs
                        .iter()
                        .any(|run| self.root_of[run.job] == root && run.broken)
                })
            };
            let fitting: Vec<usize> = self
                .catalogue
                .roots()
                .filter(|&(root, job)| {
                    !job.is_hourly()
                        && job.days.contains(&day)
                        && job.stats != Stats::Nothing
                        && !broken(root)
                })
                .map(|(root, _)| root)
                .collect();
            if !fitting.is_empty() {
                let root = *dice.pick(&fitting);
                let start = self.calendar.at(day, minute) + dice.between(0, 60) * MINUTE;
                let order = Order {
                    context,
                    reason,
                    ..self.order(root, start, day, &[])
                };
                today.trees.push(execute(&self.catalogue, &order, dice));
            }
        }
    }

    /// REC: a part of the night once more, on working days.
    pub(super) fn rehearsal(&mut self, today: &mut Day, dice: &mut Dice) {
        let day = today.number;
        if !is_working(self.calendar.date(day)) || self.silent_from.contains_key(&Environment::Rec)
        {
            return;
        }
        let calm = self.rec_stops == Some(day)
            || day + 1 == self.days
            || self.calendar.doubled_hours(day).is_some();
        let due: Vec<usize> = self
            .catalogue
            .roots()
            .filter(|(_, job)| job.in_rec && !job.is_hourly() && self.is_due(job, day))
            .map(|(root, _)| root)
            .collect();
        for root in due {
            let context = if root.is_multiple_of(2) { "REC" } else { "UAT" };
            let mut start = self.start_of(root, day) + dice.between(20, 30) * MINUTE;
            if let Some((from, until)) = self
                .calendar
                .doubled_hours(day)
                .filter(|&(from, until)| (from - 4 * HOUR..until).contains(&start))
            {
                start += until - from + 5 * HOUR;
            }
            let fault = (!calm && dice.percent(4.0)).then(|| self.usual_fault(root, dice));
            let order = Order {
                fault,
                environment: Environment::Rec,
                context,
                ..self.order(root, start, day, &[])
            };
            let tree = execute(&self.catalogue, &order, dice);
            let mut repairs = Vec::new();
            if tree.root().broken && dice.percent(60.0) {
                repair(self, day, &tree, Repair::Whole, None, &mut repairs, dice);
            }
            today.trees.push(tree);
            today.trees.append(&mut repairs);
        }
    }

    /// DEV, and contexts nobody has named: people try, and try again.
    pub(super) fn developers(&mut self, today: &mut Day, dice: &mut Dice) {
        let day = today.number;
        let mut tried = vec![false; self.catalogue.jobs.len()];
        let attempts = 1 + self.catalogue.jobs.len() / 14 + usize::from(day.is_multiple_of(3));
        for n in 0..attempts {
            let job = dice.between(0, self.catalogue.jobs.len() as i64 - 1) as usize;
            if std::mem::replace(&mut tried[self.root_of[job]], true)
                || !self.catalogue.jobs[job].days.contains(&day)
            {
                continue;
            }
            let unmapped = n == 0 && day.is_multiple_of(3);
            let (environment, context) = if unmapped {
                (Environment::Unmapped, "Default")
            } else {
                (Environment::Dev, "DEV")
            };
            let mut start = self.calendar.at(day, 930) + dice.between(0, 390) * MINUTE;
            for attempt in 0..3 {
                let fault = (attempt < 2 && dice.percent(17.0)).then_some(Fault {
                    job,
                    kind: FaultKind::Exception,
                });
                let pid = if n == 1 && attempt == 0 {
                    self.pids.get(&job).map(|pids| pids.1)
                } else {
                    None
                };
                let order = Order {
                    fault,
                    environment,
                    context,
                    reason: Reason::Hand,
                    pid,
                    ..self.order(job, start, day, &[])
                };
                let tree = execute(&self.catalogue, &order, dice);
                if pid.is_some() {
                    today.situations.push("same_pid_in_two_environments");
                }
                let broken = tree.root().broken;
                start = tree.last() + dice.between(6, 14) * MINUTE;
                today.trees.push(tree);
                if !broken || start > self.calendar.at(day, 1_380) {
                    break;
                }
            }
        }
    }

    pub(super) fn usual_fault(&self, root: usize, dice: &mut Dice) -> Fault {
        let members: Vec<usize> = (0..self.root_of.len())
            .filter(|&job| self.root_of[job] == root)
            .collect();
        Fault {
            job: *dice.pick(&members),
            kind: FaultKind::Exception,
        }
    }
}
