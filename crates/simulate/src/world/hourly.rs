//! Jobs that run every hour: their beat, their failures, and reruns that are off the beat.

use super::Reason;
use super::calendar::{HOUR, MINUTE};
use super::catalogue::Slot;
use super::execute::{Fault, FaultKind, Incident, Order, execute};
use super::plan::{Day, World};
use crate::dice::Dice;

impl World {
    pub(super) fn hourly(
        &mut self,
        today: &mut Day,
        incidents: &[Incident],
        calm: bool,
        dice: &mut Dice,
    ) {
        let day = today.number;
        let doubled = self.calendar.doubled_hours(day);
        let roots: Vec<usize> = self
            .catalogue
            .roots()
            .filter(|(_, job)| job.is_hourly() && self.is_due(job, day))
            .map(|(root, _)| root)
            .collect();
        for root in roots {
            let Slot::Hourly {
                minute,
                from,
                until,
            } = self.catalogue.jobs[root].slot
            else {
                continue;
            };
            let flat = self.catalogue.jobs[root].is_flat();
            let unlucky =
                (!calm && flat && incidents.is_empty() && (day + root as u32).is_multiple_of(4))
                    .then(|| dice.between(from + 2, until - 6));
            let kind = [
                FaultKind::Exception,
                FaultKind::Exception,
                FaultKind::OutOfMemory,
            ][(day / 4 % 3) as usize];
            let rerun = (day / 4).is_multiple_of(3);
            for hour in from..until {
                let slot = self.calendar.base(day) + hour * HOUR + minute * MINUTE;
                let start = slot + dice.between(0, 85_000);
                if slot >= self.calendar.base(day + 1) {
                    break;
                }
                if let Some((first, over)) = doubled {
                    let second = (first + HOUR - 12 * MINUTE..over).contains(&start);
                    if second || (!flat && (first - 10 * MINUTE..over).contains(&start)) {
                        continue;
                    }
                }
                let fault = (unlucky == Some(hour)).then_some(Fault { job: root, kind });
                let order = Order {
                    fault,
                    ..self.order(root, start, day, incidents)
                };
                let tree = execute(&self.catalogue, &order, dice);
                let again = tree.root().broken && fault.is_some() && rerun;
                let start = (tree.last() + dice.between(16, 24) * MINUTE).max(start + 20 * MINUTE);
                today.trees.push(tree);
                if again {
                    let order = Order {
                        fault: None,
                        start,
                        reason: Reason::Hand,
                        ..order
                    };
                    today.trees.push(execute(&self.catalogue, &order, dice));
                }
            }
        }
    }
}
