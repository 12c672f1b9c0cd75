//! What people do in the morning about what failed in the night.

use super::calendar::MINUTE;
use super::execute::{Fault, Order, execute};
use super::plan::World;
use super::situations::Repair;
use super::{Environment, Reason, Tree};
use crate::dice::Dice;

/// The word that says that a person started it.
pub(crate) const MANUAL: &str = "PROD_MANUEL";

/// Repairs a broken tree of the scheduler; the new trees are appended.
pub(crate) fn repair(
    world: &World,
    day: u32,
    broken: &Tree,
    how: Repair,
    fault: Option<Fault>,
    trees: &mut Vec<Tree>,
    dice: &mut Dice,
) {
    let morning = world.calendar.at(day, 780) + dice.between(0, 110) * MINUTE;
    let start = morning.max(broken.last() + dice.between(12, 25) * MINUTE);
    let mut order = Order {
        job: broken.root().job,
        start,
        environment: broken.environment,
        context: broken.context,
        reason: Reason::Hand,
        fault: None,
        incidents: &[],
        pid: None,
        stretch: 1,
        volume: 100,
    };
    match how {
        Repair::Nothing => return,
        Repair::ChildOnly => {
            if let Some(child) = only_broken_leaf(broken) {
                order.job = child;
            }
        }
        Repair::Twice => {
            let again = execute(&world.catalogue, &Order { fault, ..order }, dice);
            order.start = again.last() + dice.between(20, 50) * MINUTE;
            trees.push(again);
        }
        Repair::Person if broken.environment == Environment::Prod => {
            (order.context, order.reason) = (MANUAL, Reason::Manual);
        }
        Repair::Whole | Repair::Person => {}
    }
    trees.push(execute(&world.catalogue, &order, dice));
}

/// The job of the one broken run below which nothing else broke.
fn only_broken_leaf(tree: &Tree) -> Option<usize> {
    let is_leaf = |index: usize| {
        tree.runs[index].broken
            && !tree
                .runs
                .iter()
                .any(|run| run.parent == Some(index) && run.broken)
    };
    let mut leaves = (0..tree.runs.len()).filter(|&index| is_leaf(index));
    let leaf = leaves.next()?;
    leaves.next().is_none().then_some(tree.runs[leaf].job)
}
