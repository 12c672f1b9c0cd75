//! Reads a run with its tree, beside the last good run of its job.

use super::{Against, Good, Placed, Tree, pair, place};
use crate::report::Kind;
use smartetl_store::looking::{self, LogLine, Run, Usual};
use sqlx::PgConnection;
use std::collections::HashMap;

/// A run with its tree, and the rows behind it.
#[derive(Clone, Debug)]
pub struct Looked {
    pub tree: Tree,
    pub placed: Placed,
    /// By job number.
    pub usual: HashMap<i64, Usual>,
}

impl Looked {
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn read(connection: &mut PgConnection, run: &Run) -> anyhow::Result<Self> {
        let whole = looking::tree(connection, run).await?;
        let good = looking::last_good(connection, run).await?;
        let of_good = match &good {
            Some(good) => looking::tree(connection, good).await?,
            None => Vec::new(),
        };
        let jobs: Vec<i64> = whole.iter().map(|run| run.job_number).collect();
        let usual = looking::usual(connection, &jobs).await?;
        let good = good.as_ref().map(|good| (good, of_good.as_slice()));
        let tree = pair(run, &whole, good, |job| usual.get(&job).copied());
        let shown: Vec<Run> = tree.runs().map(|node| node.run.clone()).collect();
        let rows = looking::rows_of(connection, &shown).await?;
        Ok(Self {
            placed: place(&tree, rows),
            tree,
            usual,
        })
    }
}

/// So many good runs are looked through for days of the same kind, and so many of these say what is usual.
const GOOD_RUNS: i64 = 120;
const USUAL_RUNS: usize = 20;

/// A run beside the last good one and what is usual on such days.
#[derive(Clone, Debug)]
pub struct Compared {
    pub looked: Looked,
    pub against: Against,
    /// Of the day that the run belongs to.
    pub kind: Kind,
    /// So many good runs say what is usual.
    pub usual_runs: usize,
}

impl Compared {
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn read(connection: &mut PgConnection, run: &Run) -> anyhow::Result<Self> {
        let looked = Looked::read(connection, run).await?;
        let whole = looking::tree(connection, run).await?;
        let types = looking::day_type(connection, run).await?;
        let kind = Kind::of_day(run.business_day, &types);
        let mut usual = looking::good_runs(connection, run, GOOD_RUNS).await?;
        usual.retain(|good| Kind::of_day(good.run.business_day, &good.day_type) == kind);
        usual.truncate(USUAL_RUNS);
        let last_good = looked.tree.nodes[0].last_good.clone();
        let mut goods: Vec<Run> = usual.into_iter().map(|good| good.run).collect();
        let usual_runs = goods.len();
        goods.extend(last_good.clone());
        let trees = looking::trees(connection, goods.iter()).await?;
        let rows = looking::steps_of(connection, &trees).await?;
        let goods = goods.into_iter();
        let mut goods: Vec<Good> = goods.map(|good| whole_of(good, &trees, &rows)).collect();
        let last_good = last_good.and_then(|_| goods.pop());
        Ok(Self {
            against: Against::of(&looked, &whole, last_good.as_ref(), &goods),
            looked,
            kind,
            usual_runs,
        })
    }
}

/// A run with what of all trees and rows is its own: ids of roots may come back.
fn whole_of(run: Run, trees: &[Run], rows: &[(String, LogLine)]) -> Good {
    let own = trees
        .iter()
        .filter(|one| one.root_run_key == run.root_run_key);
    let tree: Vec<Run> = own.cloned().collect();
    let first = tree.iter().map(|run| run.started_at).min();
    let last = tree.iter().map(|run| run.until().max(run.last_event_at));
    let span = first.zip(last.max());
    let steps = rows.iter().filter(|(root, line)| {
        *root == run.root_run_id
            && span.is_some_and(|(first, last)| (first..=last).contains(&line.moment))
    });
    Good {
        steps: steps.map(|(_, line)| line.clone()).collect(),
        tree,
        run,
    }
}
