//! Planning and living one business day after the other.

use super::calendar::{
    Calendar, HOUR, MINUTE, is_holiday, is_month_end, is_month_start, is_working,
};
use super::catalogue::{Catalogue, Days, Job, Part, Slot, Stats};
use super::cut::{in_the_middle, keep_written};
use super::execute::{Fault, FaultKind, Incident, Order, execute};
use super::repair::{MANUAL, repair};
use super::situations::{Fortune, Repair, deal};
use super::{Environment, Reason, Resource, Tree};
use crate::dice::{Dice, Pid};
use jiff::civil::Weekday;
use std::collections::BTreeMap;

/// The company and its period.
pub(crate) struct World {
    pub(crate) calendar: Calendar,
    pub(crate) catalogue: Catalogue,
    pub(crate) days: u32,
    seed: u64,
    /// The root of each job's tree.
    root_of: Vec<usize>,
    /// The business day in whose night the log of REC stops.
    rec_stops: Option<u32>,
    /// When what is known of each environment ends, once that is decided.
    pub(crate) silent_from: BTreeMap<Environment, i64>,
    /// The first and the latest pid of each root job that ran well.
    pids: BTreeMap<usize, (Pid, Pid, u32)>,
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
                    self.around_the_doubled_hour(tree, order, window, &mut crossing, today, dice);
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

    fn order<'a>(&self, root: usize, start: i64, day: u32, incidents: &'a [Incident]) -> Order<'a> {
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

    /// In the night when 02:30 comes twice the scheduler is held until 3 o'clock, but for a few runs without children.
    fn around_the_doubled_hour(
        &self,
        tree: Tree,
        order: Order,
        (from, until): (i64, i64),
        crossing: &mut u32,
        today: &mut Day,
        dice: &mut Dice,
    ) -> Tree {
        let job = &self.catalogue.jobs[order.job];
        let simple = job.is_flat() && job.stats == Stats::Full && !job.noisy;
        // Ends in the first 02:xx; begins in the first and ends in the second; lasts over both; begins in the first and ends at three.
        let plans = [
            (from - 4 * MINUTE, 1, 0),
            (from + 55 * MINUTE, 1, 0),
            (from - 20 * MINUTE, 0, 150),
            (from + 12 * MINUTE, 0, 75),
            (from + 20 * MINUTE, 0, 120),
        ];
        if simple && let Some(&(start, stretch, minutes)) = plans.get(*crossing as usize) {
            *crossing += 1;
            today.situations.push("autumn_night");
            let usual: i64 = job
                .parts
                .iter()
                .map(|part| {
                    if let Part::Component { typical_ms, .. } = part {
                        *typical_ms
                    } else {
                        0
                    }
                })
                .sum();
            let stretch = if minutes == 0 {
                stretch
            } else {
                (minutes * MINUTE / usual.max(1)).max(1)
            };
            return execute(
                &self.catalogue,
                &Order {
                    start,
                    stretch,
                    fault: None,
                    pid: None,
                    ..order
                },
                dice,
            );
        }
        if order.start > until + 10 * MINUTE || tree.last() < from - 10 * MINUTE {
            return tree;
        }
        execute(
            &self.catalogue,
            &Order {
                start: until + dice.between(11, 50) * MINUTE,
                ..order
            },
            dice,
        )
    }

    fn hourly(&mut self, today: &mut Day, incidents: &[Incident], calm: bool, dice: &mut Dice) {
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

    /// Runs in production that are not the scheduler's and repair nothing.
    fn by_hand(&mut self, today: &mut Day, dice: &mut Dice) {
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
    fn rehearsal(&mut self, today: &mut Day, dice: &mut Dice) {
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
    fn developers(&mut self, today: &mut Day, dice: &mut Dice) {
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

    /// Cuts what was not written: REC in the middle of one night, everything in the middle of the last one.
    fn fall_silent(&mut self, today: &mut Day) {
        let day = today.number;
        if self.rec_stops == Some(day) {
            let night = today
                .trees
                .iter()
                .filter(|tree| tree.environment == Environment::Rec);
            if let Some(at) = in_the_middle(night) {
                self.silent_from.insert(Environment::Rec, at);
            }
        }
        if day + 1 == self.days {
            let (from, until) = (self.calendar.at(day, 240), self.calendar.at(day, 720));
            let window = self.calendar.doubled_hours(day);
            let safe =
                |at: i64| window.is_none_or(|(first, over)| at < first || at > over + 10 * MINUTE);
            let night = today.trees.iter().filter(|tree| {
                tree.environment == Environment::Prod
                    && (from..until).contains(&tree.root().begin.unwrap_or(0))
            });
            let at = in_the_middle(night)
                .filter(|&at| safe(at))
                .unwrap_or_else(|| self.calendar.at(day, 640));
            for environment in [
                Environment::Prod,
                Environment::Dev,
                Environment::Unmapped,
                Environment::Rec,
            ] {
                self.silent_from.entry(environment).or_insert(at);
            }
        }
        let silent_from = &self.silent_from;
        today
            .trees
            .retain_mut(|tree| keep_written(tree, silent_from.get(&tree.environment).copied()));
    }

    /// A moment shortly after the last row of production: the clock of the fuse.
    pub(crate) fn as_of(&self) -> i64 {
        self.silent_from
            .get(&Environment::Prod)
            .map_or(0, |at| (at + 5 * MINUTE) / 1_000 * 1_000)
    }

    fn usual_fault(&self, root: usize, dice: &mut Dice) -> Fault {
        let members: Vec<usize> = (0..self.root_of.len())
            .filter(|&job| self.root_of[job] == root)
            .collect();
        Fault {
            job: *dice.pick(&members),
            kind: FaultKind::Exception,
        }
    }

    fn incidents(&self, day: u32, dice: &mut Dice) -> Vec<Incident> {
        if day % 23 != 4 {
            return Vec::new();
        }
        let resource = [
            Resource::Oracle,
            Resource::Postgres,
            Resource::Ftp,
            Resource::File,
            Resource::Rest,
        ][(day / 23 % 5) as usize];
        let from = self.calendar.at(day, 400) + dice.between(0, 120) * MINUTE;
        vec![Incident {
            from,
            until: from + dice.between(55, 100) * MINUTE,
            resource,
        }]
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

    fn volume(&self, day: u32) -> i64 {
        let date = self.calendar.date(day);
        match date.weekday() {
            _ if is_month_end(date) => 135,
            _ if is_holiday(date) => 65,
            Weekday::Monday => 120,
            Weekday::Saturday => 85,
            Weekday::Sunday => 70,
            _ => 100,
        }
    }

    fn is_due(&self, job: &Job, day: u32) -> bool {
        let date = self.calendar.date(day);
        job.days.contains(&day)
            && match job.slot {
                Slot::Never => false,
                Slot::Hourly { from, .. } => from == 0 || is_working(date),
                Slot::Night {
                    days: Days::All, ..
                } => true,
                Slot::Night {
                    days: Days::Working,
                    ..
                } => is_working(date),
                Slot::Night {
                    days: Days::NotSunday,
                    ..
                } => date.weekday() != Weekday::Sunday,
                Slot::Weekly { weekday, .. } => date.weekday().to_monday_zero_offset() == weekday,
                Slot::MonthEnd { .. } => is_month_end(date),
                Slot::MonthStart { .. } => is_month_start(date),
            }
    }

    fn start_of(&self, root: usize, day: u32) -> i64 {
        match self.catalogue.jobs[root].slot {
            Slot::Night { minute, .. }
            | Slot::Weekly { minute, .. }
            | Slot::MonthEnd { minute }
            | Slot::MonthStart { minute } => self.calendar.at(day, minute),
            Slot::Hourly { minute, .. } => self.calendar.at(day, minute),
            Slot::Never => self.calendar.base(day),
        }
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
