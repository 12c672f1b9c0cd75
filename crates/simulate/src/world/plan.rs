//! Planning and living one business day after the other.

use super::calendar::{Calendar, MINUTE, is_working};
use super::catalogue::{Catalogue, Part};
use super::execute::{Fault, Incident, Order, execute};
use super::repair::repair;
use super::situations::{Fortune, Repair, deal};
use super::{Environment, Reason, Tree};
use crate::dice::{Dice, Pid};
use std::collections::BTreeMap;

/// The company and its period.
pub(crate) struct World {
    pub(crate) calendar: Calendar,
    pub(crate) catalogue: Catalogue,
    pub(crate) days: u32,
    pub(super) seed: u64,
    /// The root of each job's tree.
    pub(super) root_of: Vec<usize>,
    /// The business day in whose night the log of REC stops.
    pub(super) rec_stops: Option<u32>,
    /// When what is known of each environment ends, once that is decided.
    pub(crate) silent_from: BTreeMap<Environment, i64>,
    /// The first and the latest pid of each root job that ran well.
    pub(super) pids: BTreeMap<usize, (Pid, Pid, u32)>,
}

/// What happened on one business day, as far as it was written.
pub(crate) struct Day {
    pub(crate) number: u32,
    pub(crate) trees: Vec<Tree>,
    /// How often situations happened that cannot be seen in a tree alone.
    pub(crate) situations: Vec<&'static str>,
}

impl World {
    pub(crate) fn new(calendar: Calendar, jobs: u32, days: u32, seed: u64) -> Self {
        let catalogue = Catalogue::new(jobs, days, seed);
        let root_of = roots(&catalogue);
        let rec_stops = (days * 3 / 5..days.saturating_sub(3))
            .find(|&day| is_working(calendar.date(day)) && calendar.doubled_hours(day).is_none());
        Self {
            calendar,
            catalogue,
            days,
            seed,
            root_of,
            rec_stops,
            silent_from: BTreeMap::new(),
            pids: BTreeMap::new(),
        }
    }

    /// Lives business day `day`. Days must be lived in their order.
    pub(crate) fn live(&mut self, day: u32) -> Day {
        let mut dice = Dice::new(self.seed, u64::from(day) + 1);
        let last = day + 1 == self.days;
        let mut today = Day {
            number: day,
            trees: Vec::new(),
            situations: Vec::new(),
        };
        self.scheduled(&mut today, &mut dice);
        if !last {
            self.by_hand(&mut today, &mut dice);
        }
        self.rehearsal(&mut today, &mut dice);
        if !last && is_working(self.calendar.date(day)) {
            self.developers(&mut today, &mut dice);
        }
        self.fall_silent(&mut today);
        today
    }

    /// The scheduler's trees in production, and what people do about those that fail.
    fn scheduled(&mut self, today: &mut Day, dice: &mut Dice) {
        let day = today.number;
        let quiet = day + 1 == self.days;
        let clock_change =
            self.calendar.doubled_hours(day).is_some() || self.calendar.skipped_hour(day).is_some();
        let incidents = if quiet || clock_change {
            Vec::new()
        } else {
            self.incidents(day, dice)
        };
        if !incidents.is_empty() {
            today.situations.push("incident");
        }
        let due: Vec<usize> = self
            .catalogue
            .roots()
            .filter(|(_, job)| !job.is_hourly() && self.is_due(job, day))
            .map(|(root, _)| root)
            .collect();
        let mut fortunes = if quiet || clock_change {
            BTreeMap::new()
        } else {
            deal(
                &self.catalogue,
                &self.root_of,
                &due,
                day,
                self.days - 1 - day,
                dice,
            )
        };
        let mut crossing = 0;
        for root in due {
            let fortune = fortunes.remove(&root);
            let start = self.start_of(root, day) + dice.between(0, 40_000);
            let mut order = self.order(root, start, day, &incidents);
            order.fault = fortune.and_then(|fortune| fortune.fault);
            order.pid = self.pid_again(root, day, fortune, today);
            let mut tree = execute(&self.catalogue, &order, dice);
            if let Some(window) = self.calendar.doubled_hours(day) {
                tree =
                    self.around_the_doubled_hour(tree, &order, window, &mut crossing, today, dice);
            }
            if let Some(at) = self
                .calendar
                .skipped_hour(day)
                .filter(|_| crossing == 0 && self.catalogue.jobs[root].is_flat())
            {
                crossing += 1;
                today.situations.push("spring_night");
                let order = Order {
                    start: at - 40_000,
                    pid: None,
                    ..self.order(root, at, day, &[])
                };
                tree = execute(&self.catalogue, &order, dice);
            }
            let broken = tree.root().broken;
            if !broken {
                self.remember(root, day, tree.root().pid);
            }
            let how = match fortune {
                Some(fortune) => fortune.repair,
                None => *dice.pick(&[
                    Repair::Whole,
                    Repair::Whole,
                    Repair::Person,
                    Repair::Nothing,
                ]),
            };
            let mut repairs = Vec::new();
            if broken {
                repair(
                    self,
                    day,
                    &tree,
                    how,
                    order_fault(fortune),
                    &mut repairs,
                    dice,
                );
            }
            today.trees.push(tree);
            today.trees.append(&mut repairs);
        }
        self.hourly(today, &incidents, quiet || clock_change, dice);
    }

    pub(super) fn order<'a>(
        &self,
        root: usize,
        start: i64,
        day: u32,
        incidents: &'a [Incident],
    ) -> Order<'a> {
        let context = self.catalogue.jobs[root].context;
        let (environment, reason) = (Environment::Prod, Reason::Slot);
        Order {
            job: root,
            start,
            environment,
            context,
            reason,
            fault: None,
            incidents,
            pid: None,
            stretch: 1,
            volume: self.volume(day),
        }
    }

    fn pid_again(
        &self,
        root: usize,
        day: u32,
        fortune: Option<Fortune>,
        today: &mut Day,
    ) -> Option<Pid> {
        let &(first, latest, since) = self.pids.get(&root)?;
        if day > since + 1 && fortune.is_some_and(|fortune| fortune.pid_again) {
            today.situations.push("pid_again");
            return Some(latest);
        }
        let late = fortune.is_none() && day > 10 && day + 3 == self.days && day > since + 1;
        if late && root.is_multiple_of(7) && first != latest {
            today.situations.push("pid_again_after_long");
            return Some(first);
        }
        None
    }

    fn remember(&mut self, root: usize, day: u32, pid: Pid) {
        let entry = self.pids.entry(root).or_insert((pid, pid, day));
        // The latest is kept for two days, so that it can come back after more than one.
        if day > entry.2 + 2 {
            (entry.1, entry.2) = (pid, day);
        }
    }

    /// A moment shortly after the last row of production: the clock of the fuse.
    pub(crate) fn as_of(&self) -> i64 {
        self.silent_from
            .get(&Environment::Prod)
            .map_or(0, |at| (at + 5 * MINUTE) / 1_000 * 1_000)
    }
}

fn order_fault(fortune: Option<Fortune>) -> Option<Fault> {
    fortune.and_then(|fortune| fortune.fault)
}

fn roots(catalogue: &Catalogue) -> Vec<usize> {
    let mut root_of: Vec<usize> = (0..catalogue.jobs.len()).collect();
    // Parents stand before their children in the catalogue.
    for (index, job) in catalogue.jobs.iter().enumerate() {
        for part in &job.parts {
            if let Part::Child { job: child, .. } = part {
                root_of[*child] = root_of[index];
            }
        }
    }
    root_of
}
