//! The night in which 02:30 comes twice.

use super::Tree;
use super::calendar::MINUTE;
use super::catalogue::{Part, Stats};
use super::execute::{Order, execute};
use super::plan::{Day, World};
use crate::dice::Dice;

impl World {
    /// In the night when 02:30 comes twice the scheduler is held until 3 o'clock, but for a few runs without children.
    pub(super) fn around_the_doubled_hour(
        &self,
        tree: Tree,
        order: &Order,
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
                    ..*order
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
                ..*order
            },
            dice,
        )
    }
}
