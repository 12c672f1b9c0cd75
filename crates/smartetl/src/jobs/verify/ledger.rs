//! The ledger against the stored rows: counts, checksums, conservation, records without gap or overlap.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use smartetl_store::StoreError;
use smartetl_store::audit::{self, Accounted, Sum};
use smartetl_store::checkpoint::Checkpoint;
use smartetl_store::ledger::LedgerLine;
use sqlx::PgConnection;

use super::{Books, Checking};

pub(super) const RESTORE: &str =
    "restore the database from a backup, or load the sources again into an empty database";

/// A table's rows are those that the ledger wrote: as many, and each byte of them.
pub(super) async fn rows(
    connection: &mut PgConnection,
    table: Accounted,
    books: &Books,
) -> Result<Checking, StoreError> {
    let says = match table {
        Accounted::Log => "log holds the rows that were loaded, unchanged",
        Accounted::Logerreur => "logerreur holds the rows that were loaded, unchanged",
        Accounted::Reject => "reject holds the rejects of what was loaded, unchanged",
    };
    let name = table.table();
    let mut checking = Checking::new(name, says, "rows");
    let mut stored = audit::sums(connection, table).await?;
    checking.looked_at(stored.values().map(|sum| sum.rows as usize).sum());
    for line in &books.lines {
        let said = table.said(line);
        let found = stored.remove(&line.batch).unwrap_or_default();
        if found == said {
            continue;
        }
        let mut what = difference(name, said, found);
        if checking.tells() {
            for place in audit::doubled(connection, table, line.batch).await? {
                // Writing to memory cannot fail.
                let _ = write!(
                    what,
                    "; line {} row {} stands {} times",
                    place.line, place.seq, place.rows
                );
            }
        }
        checking.find(what, books.place(line), RESTORE);
    }
    for (batch, sum) in stored {
        checking.find(
            format!(
                "{} rows of {name} belong to a batch that the ledger does not know",
                sum.rows
            ),
            format!("batch {batch}"),
            RESTORE,
        );
    }
    Ok(checking)
}

fn difference(table: &str, said: Sum, found: Sum) -> String {
    match found.rows.cmp(&said.rows) {
        Ordering::Equal => {
            format!(
                "a value changed: the {} rows of {table} are not those that were written",
                said.rows
            )
        }
        Ordering::Less => format!(
            "{} of {} rows of {table} are missing",
            said.rows - found.rows,
            said.rows
        ),
        Ordering::Greater => {
            format!(
                "{table} holds {} rows more than the {} that were written",
                found.rows - said.rows,
                said.rows
            )
        }
    }
}

/// Every record became rows, a reject, or silently nothing.
pub(super) fn conservation(books: &Books) -> Checking {
    let mut checking = Checking::new(
        "records",
        "records = records with rows + rejects + silent records, in every batch",
        "batches",
    );
    checking.looked_at(books.lines.len());
    for line in &books.lines {
        let LedgerLine {
            records,
            records_with_rows,
            rejects,
            silent,
            rows_log,
            rows_error,
            ..
        } = *line;
        if records != records_with_rows + rejects + silent {
            checking.find(
                format!("{records} records, but {records_with_rows} with rows, {rejects} rejects and {silent} silent"),
                books.place(line),
                RESTORE,
            );
        } else if rows_log + rows_error < records_with_rows {
            checking.find(
                format!(
                    "{records_with_rows} records with rows, but only {} rows",
                    rows_log + rows_error
                ),
                books.place(line),
                RESTORE,
            );
        }
    }
    checking
}

/// The batches of each lineage cover its records from the first to the checkpoint, each once.
pub(super) fn lineages(books: &Books, checkpoints: &[Checkpoint]) -> Checking {
    let mut checking = Checking::new(
        "lineages",
        "the batches cover every source from its first record to its checkpoint, once",
        "lineages",
    );
    checking.looked_at(checkpoints.len());
    let mut of_lineage: BTreeMap<i64, Vec<&LedgerLine>> = BTreeMap::new();
    for line in &books.lines {
        of_lineage.entry(line.lineage).or_default().push(line);
    }
    for checkpoint in checkpoints {
        let lineage = checkpoint.lineage;
        let mut lines = of_lineage.remove(&lineage).unwrap_or_default();
        lines.sort_unstable_by_key(|line| (line.first_record, line.batch));
        let mut next = 0;
        for line in lines {
            if line.first_record > next {
                checking.find(
                    format!(
                        "no batch of the ledger holds records {} to {}",
                        next + 1,
                        line.first_record
                    ),
                    format!("lineage {lineage}, before {}", books.place(line)),
                    RESTORE,
                );
            } else if line.first_record < next {
                checking.find(
                    format!(
                        "records {} to {next} are in more than one batch",
                        line.first_record + 1
                    ),
                    format!("lineage {lineage}, {}", books.place(line)),
                    RESTORE,
                );
            }
            next = next.max(line.first_record + line.records);
        }
        if next != checkpoint.next_record {
            checking.find(
                format!(
                    "the checkpoint stands after record {}, the ledger ends at {next}",
                    checkpoint.next_record
                ),
                format!("lineage {lineage}"),
                RESTORE,
            );
        }
    }
    for (lineage, lines) in of_lineage {
        checking.find(
            format!(
                "{} batches are of a lineage without checkpoint",
                lines.len()
            ),
            format!("lineage {lineage}, {}", books.place(lines[0])),
            RESTORE,
        );
    }
    checking
}
