//! What of a tree was ever written: a copied file and a source that fell silent end in the middle of runs.

use super::Tree;

/// Takes away what happened after `until`, and the runs that wrote nothing at all. Tells whether anything is left.
pub(crate) fn keep_written(tree: &mut Tree, until: Option<i64>) -> bool {
    let until = until.unwrap_or(i64::MAX);
    for run in &mut tree.runs {
        run.begin = run.begin.filter(|&at| at <= until);
        run.end = run.end.filter(|end| end.at <= until);
        run.steps.retain(|step| step.begin <= until);
        for step in &mut run.steps {
            step.end = step.end.filter(|end| end.at <= until);
        }
        run.failures.retain(|failure| failure.at <= until);
        run.meters.retain(|meter| meter.at <= until);
    }
    let mut places = Vec::with_capacity(tree.runs.len());
    let mut kept = 0;
    for run in &tree.runs {
        let written = run.moments().next().is_some();
        places.push(written.then_some(kept));
        kept += usize::from(written);
    }
    let mut index = 0;
    tree.runs.retain_mut(|run| {
        let written = places[index].is_some();
        index += 1;
        run.parent = run.parent.and_then(|parent| places[parent]);
        written
    });
    kept > 0
}

/// The middle of the longest of these trees: a moment at which something surely runs.
pub(crate) fn in_the_middle<'a>(trees: impl Iterator<Item = &'a Tree>) -> Option<i64> {
    let middle_of = |tree: &Tree| tree.root().begin.map(|begin| (tree.last() - begin, begin));
    trees
        .filter_map(middle_of)
        .max()
        .map(|(length, begin)| begin + length / 2)
}
