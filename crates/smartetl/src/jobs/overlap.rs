//! Exports that overlap: the same rows from two sources. Both are stored and their runs count once; people are told, since
//! it may not be what they wanted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use smartetl_store::StoreError;
use smartetl_store::fusion::{self, Origin};
use sqlx::PgConnection;

use crate::night::Lang;

/// Pairs of sources that are told one by one; more are only counted.
const TOLD: usize = 10;

/// Rows of a source that another one had brought before.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Overlap {
    pub path: String,
    pub rows: u64,
    /// All rows that were read from it.
    pub of_rows: u64,
    /// Where they came from first; the same path where it was loaded again as new content.
    pub earlier: String,
}

/// Which sources brought rows that were there before, most rows first. `repeats`: two batches, ascending, and how many rows
/// they share; `new`: the batches to tell about, ascending.
///
/// # Errors
/// When the server refuses or is gone.
pub(super) async fn find(
    connection: &mut PgConnection,
    repeats: &[(i64, i64, u64)],
    new: &[i64],
) -> Result<Vec<Overlap>, StoreError> {
    let repeats: Vec<_> = repeats
        .iter()
        .filter(|(_, later, _)| new.binary_search(later).is_ok())
        .collect();
    if repeats.is_empty() {
        return Ok(Vec::new());
    }
    let mut batches: Vec<i64> = repeats
        .iter()
        .flat_map(|&&(earlier, later, _)| [earlier, later])
        .collect();
    batches.sort_unstable();
    batches.dedup();
    let origins = fusion::origins(connection, &batches).await?;
    let by_batch: BTreeMap<i64, &Origin> = origins
        .iter()
        .map(|origin| (origin.batch, origin))
        .collect();
    // Files that are loaded together take turns, so that each may be the earlier one: a pair is told once.
    let mut shared: BTreeMap<[i64; 2], [u64; 2]> = BTreeMap::new();
    for (earlier, later, rows) in repeats {
        if let (Some(earlier), Some(later)) = (by_batch.get(earlier), by_batch.get(later))
            // Equal lines inside of one content are meant.
            && earlier.lineage != later.lineage
        {
            let turned = usize::from(earlier.lineage < later.lineage);
            let mut pair = [later.lineage, earlier.lineage];
            pair.sort_unstable();
            shared.entry(pair).or_default()[turned] += rows;
        }
    }
    let of_lineage: BTreeMap<i64, &Origin> = origins
        .iter()
        .map(|origin| (origin.lineage, origin))
        .collect();
    let mut overlaps: Vec<Overlap> = shared
        .into_iter()
        .map(|([first, second], [of_first, of_second])| {
            let (later, earlier) = if of_second >= of_first {
                (second, first)
            } else {
                (first, second)
            };
            Overlap {
                path: of_lineage[&later].path.clone(),
                rows: of_first + of_second,
                of_rows: of_lineage[&later].rows_of_lineage.cast_unsigned(),
                earlier: of_lineage[&earlier].path.clone(),
            }
        })
        .collect();
    overlaps.sort_by_key(|overlap| std::cmp::Reverse(overlap.rows));
    Ok(overlaps)
}

/// A paragraph for people; empty without overlaps.
pub fn overlap_lines(overlaps: &[Overlap], lang: Lang) -> String {
    let mut text = String::new();
    for overlap in overlaps.iter().take(TOLD) {
        let Overlap {
            path,
            rows,
            of_rows,
            earlier,
        } = overlap;
        let from = if earlier == path {
            lang.pick("an earlier load of it", "un chargement précédent")
        } else {
            earlier
        };
        let how_many = match (lang, rows < of_rows) {
            (Lang::En, true) => {
                format!("{rows} of its {of_rows} rows were there already, from {from}")
            }
            (Lang::En, false) => format!(
                "all of its {of_rows} rows were there already, from {from}: it may be an older copy"
            ),
            (Lang::Fr, true) => {
                format!("{rows} de ses {of_rows} lignes étaient déjà là, venues de {from}")
            }
            (Lang::Fr, false) => format!(
                "ses {of_rows} lignes étaient toutes déjà là, venues de {from}\u{a0}: c’est peut-être une copie plus ancienne"
            ),
        };
        let overlap = lang.pick("overlap:", "recouvrement\u{a0}:");
        // Writing to memory cannot fail.
        let _ = writeln!(text, "{overlap} {path}\n  {how_many}");
    }
    let more = overlaps.len().saturating_sub(TOLD);
    if more > 0 {
        let _ = match lang {
            Lang::En => writeln!(text, "overlap: {more} more pairs of files share rows"),
            Lang::Fr => writeln!(
                text,
                "recouvrement\u{a0}: {more} autres paires de fichiers partagent des lignes"
            ),
        };
    }
    if !overlaps.is_empty() {
        text.push_str(lang.pick(
            "  rows that overlap are stored twice; each run counts once\n",
            "  les lignes communes sont stockées deux fois\u{a0}; chaque exécution ne compte qu’une fois\n",
        ));
    }
    text
}
