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
use crate::night::Lang;
use crate::reason::Reason;

pub(super) const RESTORE: [&str; 2] = [
    "restore the database from a backup, or load the sources again into an empty database",
    "restaurez la base depuis une sauvegarde, ou rechargez les sources dans une base vide",
];

/// A table's rows are those that the ledger wrote: as many, and each byte of them.
pub(super) async fn rows(
    connection: &mut PgConnection,
    table: Accounted,
    books: &Books,
) -> Result<Checking, StoreError> {
    let says = match table {
        Accounted::Log => [
            "log holds the rows that were loaded, unchanged",
            "log contient les lignes chargées, inchangées",
        ],
        Accounted::Logerreur => [
            "logerreur holds the rows that were loaded, unchanged",
            "logerreur contient les lignes chargées, inchangées",
        ],
        Accounted::Reject => [
            "reject holds the rejects of what was loaded, unchanged",
            "reject contient les lignes rejetées au chargement, inchangées",
        ],
    };
    let name = table.table();
    let mut checking = Checking::new(name, says, "rows");
    let mut stored = audit::sums(connection, table).await?;
    checking.looked_at(stored.values().map(|sum| sum.rows as usize).sum());
    for line in &books.lines {
        let said = table.said(line);
        let gone = books.pruned.get(&line.batch).map(|gone| gone.of(table));
        let found = stored
            .remove(&line.batch)
            .unwrap_or_default()
            .and(gone.unwrap_or_default());
        if found == said {
            continue;
        }
        let mut what = difference(name, said, found);
        if checking.tells() {
            for place in audit::doubled(connection, table, line.batch).await? {
                let (line, seq, rows) = (place.line, place.seq, place.rows);
                // Writing to memory cannot fail.
                let _ = write!(what[0], "; line {line} row {seq} stands {rows} times");
                let _ = write!(
                    what[1],
                    "\u{a0}; ligne {line}, rang {seq}\u{a0}: {rows} fois"
                );
            }
        }
        checking.find(what, books.place(line), RESTORE);
    }
    for (batch, sum) in stored {
        checking.find(
            [
                format!(
                    "{} rows of {name} belong to a batch that the ledger does not know",
                    sum.rows
                ),
                format!(
                    "{} lignes de {name} sont d’un lot que le registre ne connaît pas",
                    sum.rows
                ),
            ],
            [format!("batch {batch}"), format!("lot {batch}")],
            RESTORE,
        );
    }
    Ok(checking)
}

fn difference(table: &str, said: Sum, found: Sum) -> [String; 2] {
    let (written, apart) = (said.rows, (found.rows - said.rows).abs());
    match found.rows.cmp(&said.rows) {
        Ordering::Equal => [
            format!(
                "a value changed: the {written} rows of {table} are not those that were written"
            ),
            format!(
                "une valeur a changé\u{a0}: les {written} lignes de {table} ne sont pas celles qui ont été écrites"
            ),
        ],
        Ordering::Less => [
            format!("{apart} of {written} rows of {table} are missing"),
            format!("il manque {apart} des {written} lignes de {table}"),
        ],
        Ordering::Greater => [
            format!("{table} holds {apart} rows more than the {written} that were written"),
            format!(
                "{table} contient {apart} lignes de plus que les {written} qui ont été écrites"
            ),
        ],
    }
}

/// Where in a lineage.
fn place_in(lineage: i64, [en, fr]: [&str; 2], place: &Reason) -> Reason {
    Reason::from([
        format!("lineage {lineage}, {en}{place}"),
        format!("contenu {lineage}, {fr}{}", place.text(Lang::Fr)),
    ])
}

/// Every record became rows, a reject, or silently nothing.
pub(super) fn conservation(books: &Books) -> Checking {
    let mut checking = Checking::new(
        "records",
        [
            "records = records with rows + rejects + silent records, in every batch",
            "enregistrements = ceux avec lignes + rejetés + sans effet, dans chaque lot",
        ],
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
                [
                    format!("{records} records, but {records_with_rows} with rows, {rejects} rejects and {silent} silent"),
                    format!(
                        "{records} enregistrements, mais {records_with_rows} avec lignes, {rejects} rejetés et {silent} sans effet"
                    ),
                ],
                books.place(line),
                RESTORE,
            );
        } else if rows_log + rows_error < records_with_rows {
            checking.find(
                {
                    let rows = rows_log + rows_error;
                    [
                        format!("{records_with_rows} records with rows, but only {rows} rows"),
                        format!("{records_with_rows} enregistrements avec lignes, mais {rows} lignes seulement"),
                    ]
                },
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
        [
            "the batches cover every source from its first record to its checkpoint, once",
            "les lots couvrent chaque source de son premier enregistrement à son point de reprise, une fois",
        ],
        "lineages",
    );
    checking.looked_at(checkpoints.len());
    let mut of_lineage: BTreeMap<i64, Vec<&LedgerLine>> = BTreeMap::new();
    let of_files = books.lines.iter();
    for line in of_files.filter(|line| !books.partitions.contains(&line.source)) {
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
                    {
                        let (first, last) = (next + 1, line.first_record);
                        [
                            format!("no batch of the ledger holds records {first} to {last}"),
                            format!("aucun lot du registre ne contient les enregistrements {first} à {last}"),
                        ]
                    },
                    place_in(lineage, ["before ", "avant "], &books.place(line)),
                    RESTORE,
                );
            } else if line.first_record < next {
                checking.find(
                    {
                        let first = line.first_record + 1;
                        [
                            format!("records {first} to {next} are in more than one batch"),
                            format!(
                                "les enregistrements {first} à {next} sont dans plusieurs lots"
                            ),
                        ]
                    },
                    place_in(lineage, ["", ""], &books.place(line)),
                    RESTORE,
                );
            }
            next = next.max(line.first_record + line.records);
        }
        let streamed = books.streamed.iter().find(|one| one.lineage == lineage);
        let end = streamed.map_or(checkpoint.next_record, |one| one.from_record);
        if next != end {
            checking.find(
                {
                    [
                        format!("the checkpoint stands after record {end}, the ledger ends at {next}"),
                        format!("le point de reprise est après l’enregistrement {end}, le registre s’arrête à {next}"),
                    ]
                },
                [format!("lineage {lineage}"), format!("contenu {lineage}")],
                RESTORE,
            );
        }
    }
    for (lineage, lines) in of_lineage {
        checking.find(
            [
                format!(
                    "{} batches are of a lineage without checkpoint",
                    lines.len()
                ),
                format!(
                    "{} lots sont d’un contenu sans point de reprise",
                    lines.len()
                ),
            ],
            place_in(lineage, ["", ""], &books.place(lines[0])),
            RESTORE,
        );
    }
    checking
}
