//! Reads a run with its tree, beside the last good run of its job.

use super::{Placed, Tree, pair, place};
use smartetl_store::looking::{self, Run, Usual};
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
