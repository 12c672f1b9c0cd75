//! What was posted over HTTP against the ledger.

use smartetl_store::StoreError;
use smartetl_store::audit::{self, Posted};
use smartetl_store::ledger::LedgerLine;
use sqlx::PgConnection;

use super::ledger::RESTORE;
use super::{Books, Checking};

/// No record that was posted stands in two batches or beyond those that were counted, and what is known as stored is. Batches
/// may be missing: they can be taken back alone.
pub(super) async fn posts(
    connection: &mut PgConnection,
    books: &Books,
) -> Result<Option<Checking>, StoreError> {
    let ways = audit::posted(connection).await?;
    if ways.is_empty() {
        return Ok(None);
    }
    let mut checking = Checking::new(
        "posted",
        [
            "what was posted over HTTP is stored once, and so is what is known as stored",
            "ce qui a été envoyé par HTTP est enregistré une fois, comme ce qui est connu comme enregistré",
        ],
        "batches",
    );
    for way in &ways {
        let lines = books.lines.iter();
        let mut lines: Vec<&LedgerLine> =
            lines.filter(|line| line.lineage == way.lineage).collect();
        checking.looked_at(lines.len());
        lines.sort_unstable_by_key(|line| (line.first_record, line.batch));
        of_way(way, &lines, books, &mut checking);
    }
    let keys = audit::keys_without_batch(connection).await?;
    if keys > 0 {
        checking.find(
            [
                format!("{keys} keys say that something is stored whose batch is not there"),
                format!("{keys} clés disent enregistré ce dont le lot n’existe pas"),
            ],
            ["table posted", "table posted"],
            RESTORE,
        );
    }
    Ok(Some(checking))
}

fn of_way(way: &Posted, lines: &[&LedgerLine], books: &Books, checking: &mut Checking) {
    let mut next = 0;
    for line in lines {
        if line.first_record < next {
            let first = line.first_record + 1;
            checking.find(
                [
                    format!("records {first} to {next} are in more than one batch"),
                    format!("les enregistrements {first} à {next} sont dans plusieurs lots"),
                ],
                books.place(line),
                RESTORE,
            );
        }
        next = next.max(line.first_record + line.records);
    }
    if next > way.next_record {
        let counted = way.next_record;
        checking.find(
            [
                format!("{counted} records were counted, the ledger ends at {next}"),
                format!("{counted} enregistrements ont été comptés, le registre s’arrête à {next}"),
            ],
            way.path.as_str(),
            RESTORE,
        );
    }
}
