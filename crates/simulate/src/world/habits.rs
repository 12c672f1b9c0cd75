//! When jobs are due, how much there is to do, when something is down, and where logs end.

use super::calendar::{MINUTE, is_holiday, is_month_end, is_month_start, is_working};
use super::catalogue::{Days, Job, Slot};
use super::cut::{in_the_middle, keep_written};
use super::execute::Incident;
use super::plan::{Day, World};
use super::{Environment, Resource};
use crate::dice::Dice;
use jiff::civil::Weekday;

impl World {
    pub(super) fn is_due(&self, job: &Job, day: u32) -> bool {
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

    pub(super) fn start_of(&self, root: usize, day: u32) -> i64 {
        match self.catalogue.jobs[root].slot {
            Slot::Night { minute, .. }
            | Slot::Weekly { minute, .. }
            | Slot::MonthEnd { minute }
            | Slot::MonthStart { minute }
            | Slot::Hourly { minute, .. } => self.calendar.at(day, minute),
            Slot::Never => self.calendar.base(day),
        }
    }

    pub(super) fn volume(&self, day: u32) -> i64 {
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

    pub(super) fn incidents(&self, day: u32, dice: &mut Dice) -> Vec<Incident> {
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

    /// Cuts what was not written: REC in the middle of one night, everything in the middle of the last one.
    pub(super) fn fall_silent(&mut self, today: &mut Day) {
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
}
