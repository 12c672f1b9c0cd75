//! Which stored trees are folded again: those of new rows, those with an open run, and those that hang together with them because errors
//! name a run and no tree (section 2.6 of `doc/fusion.md`). Their older rows are read, their runs taken out.

use std::collections::BTreeSet;
use std::io;

use smartetl_core::model::{ErrorRow, LogRow};
use smartetl_store::copy::ErrorFacts;
use smartetl_store::fusion::{self, Lost, Removed, Wanted};
use sqlx::PgConnection;

use super::spill::{Gathered, class_of};

/// What was taken out.
pub(super) struct TakenBack {
    pub(super) removed: Removed,
    /// The trees whose errors without a tree may stand elsewhere than before.
    pub(super) trees: Vec<i64>,
}

/// Reads the older rows of stored trees that are folded again, and takes their runs out. `trees`: those of the new rows. Lost runs are
/// found again only by rows of their tree or of their job, unless the clock or a horizon may have gone back.
pub(super) async fn take_back(
    connection: &mut PgConnection,
    gathered: &mut Gathered,
    trees: Vec<u64>,
    clock_went_back: bool,
) -> anyhow::Result<TakenBack> {
    let has_adrift = fusion::has_adrift(connection).await?;
    let (mut again, mut removed) = (Again::default(), Removed::default());
    let mut doubtful = BTreeSet::new();
    let mut wanted: Vec<i64> = trees.into_iter().map(u64::cast_signed).collect();
    loop {
        doubtful.extend(fusion::doubtful_horizons(connection, &wanted).await?);
        let jobs = gathered.rows.jobs();
        let lost = if clock_went_back || !doubtful.is_empty() {
            Lost::All
        } else {
            Lost::Of(&jobs)
        };
        let stored = fusion::stored_trees(connection, &wanted, lost).await?;
        wanted.extend(&stored.trees);
        again.new_roots.extend(stored.roots);
        again.stored.extend(stored.trees);
        again
            .read(connection, gathered, wanted, stored.batches)
            .await?;
        wanted = again
            .hang_together(connection, gathered, has_adrift)
            .await?;
        if wanted.is_empty() && again.new_roots.is_empty() {
            break;
        }
    }
    let stored: Vec<i64> = again.stored.into_iter().collect();
    if !stored.is_empty() {
        removed = fusion::remove_trees(connection, &stored).await?;
        let doubtful: Vec<_> = doubtful.into_iter().collect();
        fusion::take_back_horizons(connection, &doubtful).await?;
    }
    Ok(TakenBack {
        removed,
        trees: again.trees.into_iter().filter(|_| has_adrift).collect(),
    })
}

/// What is folded again, as far as it is known.
#[derive(Default)]
struct Again {
    /// All rows of these are gathered.
    trees: BTreeSet<i64>,
    /// Those of them that have runs in `dataset`.
    stored: BTreeSet<i64>,
    /// Of these trees, and where rows of them are: what was read, in full.
    roots: BTreeSet<String>,
    batches: BTreeSet<i64>,
    /// Roots that are to be read.
    new_roots: BTreeSet<String>,
}

impl Again {
    /// Reads the older rows of more trees, and those of trees that were read before where they have more batches or a root by now.
    async fn read(
        &mut self,
        connection: &mut PgConnection,
        gathered: &mut Gathered,
        trees: Vec<i64>,
        batches: Vec<i64>,
    ) -> anyhow::Result<()> {
        let is_older = |batch: &i64| !gathered.batches.contains(batch);
        let mut new_trees: BTreeSet<i64> = trees
            .into_iter()
            .filter(|tree| !self.trees.contains(tree))
            .collect();
        let new_batches: BTreeSet<i64> = batches
            .into_iter()
            .filter(|batch| is_older(batch) && !self.batches.contains(batch))
            .collect();
        let new_roots: BTreeSet<String> = std::mem::take(&mut self.new_roots)
            .into_iter()
            .filter(|root| !self.roots.contains(root))
            .collect();
        self.batches.extend(&new_batches);
        self.roots.extend(new_roots.iter().cloned());
        if !self.batches.is_empty() && !self.roots.is_empty() {
            let batches: Vec<i64> = self.batches.iter().copied().collect();
            let roots: Vec<String> = self.roots.iter().cloned().collect();
            let wanted = Wanted::Trees {
                batches: &batches,
                roots: &roots,
            };
            let mut only = OnlyTrees {
                gathered,
                trees: &self.trees,
                new_trees: &new_trees,
                new_batches: &new_batches,
                new_roots: &new_roots,
            };
            fusion::read_rows(connection, wanted, &mut only).await?;
        }
        self.trees.append(&mut new_trees);
        Ok(())
    }

    /// Trees besides these that errors without a tree tie to them. `has_adrift`: whether there were such errors before.
    async fn hang_together(
        &mut self,
        connection: &mut PgConnection,
        gathered: &Gathered,
        has_adrift: bool,
    ) -> anyhow::Result<Vec<i64>> {
        if !has_adrift && gathered.rows.has_no_lone_errors() {
            return Ok(Vec::new());
        }
        let survey = gathered.survey(has_adrift)?;
        let mut tied = fusion::trees_with(connection, &survey.adrift).await?;
        if let Some(below) = survey.below {
            let trees: Vec<i64> = self.trees.iter().copied().collect();
            let below = below.into_iter().map(u64::cast_signed);
            let own_trees: Vec<i64> = trees.iter().copied().chain(below).collect();
            for of in fusion::adrift_of(connection, &trees, &own_trees).await? {
                tied.extend([of.own_tree, of.tree].map(u64::cast_signed));
                if !self.roots.contains(&of.run_id) {
                    self.new_roots.insert(of.run_id);
                }
            }
        }
        tied.retain(|tree| !self.trees.contains(tree));
        Ok(tied)
    }
}

/// Root ids are short and come back: rows of other trees with the same root id are left out, and rows that were read before.
struct OnlyTrees<'g> {
    gathered: &'g mut Gathered,
    trees: &'g BTreeSet<i64>,
    new_trees: &'g BTreeSet<i64>,
    new_batches: &'g BTreeSet<i64>,
    new_roots: &'g BTreeSet<String>,
}

impl<'g> OnlyTrees<'g> {
    fn wants(&self, batch: i64, root: &str) -> impl FnOnce(u64) -> bool + use<'g> {
        let (trees, new_trees) = (self.trees, self.new_trees);
        let is_new = self.new_batches.contains(&batch) || self.new_roots.contains(root);
        move |tree| {
            let tree = tree.cast_signed();
            new_trees.contains(&tree) || is_new && trees.contains(&tree)
        }
    }
}

impl fusion::StoredRows for OnlyTrees<'_> {
    fn log(&mut self, batch: i64, row: &LogRow<'_>) {
        let wants = self.wants(batch, row.root_run_id);
        self.gathered.rows.log_if(batch, row, wants);
    }

    fn error(&mut self, batch: i64, row: &ErrorRow<'_>, facts: &ErrorFacts<'_>) {
        let wants = self.wants(batch, row.root_run_id);
        self.gathered
            .rows
            .error_if(batch, row, &class_of(facts), wants);
    }

    fn breathe(&mut self) -> io::Result<()> {
        self.gathered.make_room()
    }
}
