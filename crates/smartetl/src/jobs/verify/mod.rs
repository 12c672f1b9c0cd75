//! The proof that everything is right: the ledger is compared with the stored rows and with the sources that are still
//! there, and, where asked for, everything is folded again and compared with `dataset` and `job_day`.
//!
//! Reads only, as one moment saw the database; loading and fusing may go on meanwhile. What is wrong is a finding and not
//! an error: an error means that the proof could not be made.

mod deadlines;
mod issues;
mod ledger;
mod messages;
mod posts;
mod recompute;
mod sources;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_store::audit::{self, Streamed};
use smartetl_store::fusion;
use smartetl_store::ledger::LedgerLine;
use smartetl_store::prune::{self, Going};
use sqlx::PgConnection;

use crate::reason::Reason;

/// An hourly fuse may be late, or take its time: a batch that waits for longer was forgotten, seconds.
const FUSED_WITHIN: f64 = 130.0 * 60.0;

/// Findings of a check that are told one by one; more are only counted.
const TOLD: usize = 20;

/// What is to be proved.
#[derive(Debug)]
pub struct Request {
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    /// Fold everything again.
    pub recompute: bool,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// What was looked at and what was found.
#[derive(Debug, serde::Serialize)]
pub struct Report {
    pub checks: Vec<Check>,
    pub findings: Vec<Finding>,
    /// What could not be looked at any more, and why that is no finding.
    pub notes: Vec<Reason>,
}

/// One statement that was put to the proof.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Check {
    pub name: &'static str,
    /// What holds when nothing is found.
    pub says: Reason,
    pub ok: bool,
    /// How many things were looked at, and what they are.
    pub looked_at: u64,
    pub unit: &'static str,
    /// All findings, also those that are not told one by one.
    pub findings: u64,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub what: Reason,
    #[serde(rename = "where")]
    pub place: Reason,
    pub todo: Reason,
}

/// A check under way.
#[derive(Debug)]
struct Checking {
    check: Check,
    findings: Vec<Finding>,
}

impl Checking {
    fn new(name: &'static str, says: [&str; 2], unit: &'static str) -> Self {
        let check = Check {
            name,
            says: says.into(),
            ok: true,
            looked_at: 0,
            unit,
            findings: 0,
        };
        Self {
            check,
            findings: Vec::new(),
        }
    }

    fn looked_at(&mut self, count: usize) {
        self.check.looked_at += count as u64;
    }

    fn find(&mut self, what: impl Into<Reason>, place: impl Into<Reason>, todo: [&str; 2]) {
        self.check.ok = false;
        self.check.findings += 1;
        if self.findings.len() < TOLD {
            self.findings.push(Finding {
                check: self.check.name,
                what: what.into(),
                place: place.into(),
                todo: todo.into(),
            });
        }
    }

    /// Counts findings that are not told one by one.
    fn count(&mut self, findings: u64) {
        self.check.ok &= findings == 0;
        self.check.findings += findings;
    }

    /// Whether the next finding would be told.
    fn tells(&self) -> bool {
        self.findings.len() < TOLD
    }
}

impl Report {
    fn add(&mut self, checking: Checking) {
        self.checks.push(checking.check);
        self.findings.extend(checking.findings);
    }

    pub fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
}

/// The ledger and the names of its sources.
struct Books {
    lines: Vec<LedgerLine>,
    paths: HashMap<i64, String>,
    /// Sources that are partitions of Kafka or ways of posting: their batches hold records in any order.
    partitions: HashSet<i64>,
    streamed: Vec<Streamed>,
    /// What was removed since.
    pruned: Going,
}

impl Books {
    fn place(&self, line: &LedgerLine) -> Reason {
        let path = self.paths.get(&line.source).map(String::as_str);
        let (batch, first) = (line.batch, line.first_record + 1);
        let last = line.first_record + line.records;
        Reason::from([
            format!(
                "batch {batch}: records {first} to {last} of {}",
                path.unwrap_or("a source that is not known")
            ),
            format!(
                "lot {batch}\u{a0}: enregistrements {first} à {last} de {}",
                path.unwrap_or("une source inconnue")
            ),
        ])
    }
}

/// Puts everything to the proof.
///
/// # Errors
/// When the server refuses or is gone, or a file cannot be written: nothing is proved then.
pub async fn verify(connection: &mut PgConnection, request: Request) -> anyhow::Result<Report> {
    let mut report = Report {
        checks: Vec::new(),
        findings: Vec::new(),
        notes: Vec::new(),
    };
    let mut snapshot = audit::begin(connection).await?;
    let known = audit::sources(&mut snapshot).await?;
    let books = Books {
        lines: audit::ledger(&mut snapshot).await?,
        paths: known
            .iter()
            .map(|source| (source.source, source.path.clone()))
            .collect(),
        partitions: audit::partitions(&mut snapshot)
            .await?
            .into_iter()
            .collect(),
        streamed: audit::streamed(&mut snapshot).await?,
        pruned: prune::pruned(&mut snapshot, None).await?,
    };
    let checkpoints = audit::checkpoints(&mut snapshot).await?;
    for &table in audit::Accounted::ALL {
        tracing::info!("reading {}", table.table());
        report.add(ledger::rows(&mut snapshot, table, &books).await?);
    }
    report.add(ledger::conservation(&books));
    if !books.pruned.is_empty() {
        report.notes.push(pruned_note(&books.pruned));
    }
    report.add(ledger::lineages(&books, &checkpoints));
    if !books.streamed.is_empty() {
        let (checking, notes) = messages::messages(&books, &known);
        report.add(checking);
        report.notes.extend(notes);
    }
    if let Some(checking) = posts::posts(&mut snapshot, &books).await? {
        report.add(checking);
    }

    let state = fusion::state(&mut snapshot).await?;
    let open = fusion::batches(&mut snapshot, false).await?;
    let waiting = audit::unfused_for(&mut snapshot).await?;
    let is_due = waiting.is_some_and(|seconds| seconds > FUSED_WITHIN);
    if !open.is_empty() && !is_due {
        report.notes.push(waiting_note(open.len()));
    }
    let due = if is_due { open.as_slice() } else { &[] };
    report.add(fused(&books, due, state.as_ref(), &request.config));
    if request.recompute {
        tracing::info!("folding everything again");
        recompute::recompute(
            &mut snapshot,
            &books,
            &open,
            state.as_ref(),
            request,
            &mut report,
        )
        .await?;
    }
    snapshot.rollback().await?;

    tracing::info!("reading the sources again");
    let (checkings, notes) =
        tokio::task::spawn_blocking(move || sources::sources(&known, &checkpoints)).await?;
    checkings
        .into_iter()
        .for_each(|checking| report.add(checking));
    report.notes.extend(notes);
    Ok(report)
}

/// Rows that came just now are in `dataset` soon.
fn waiting_note(batches: usize) -> Reason {
    Reason::from([
        format!("{batches} batches wait for the next fuse"),
        format!("{batches} lots attendent la prochaine fusion"),
    ])
}

/// What is proved of rows that are gone is that their sum is what the ledger says.
fn pruned_note(pruned: &Going) -> Reason {
    let rows: i64 = pruned
        .values()
        .map(|line| line.rows_log + line.rows_error)
        .sum();
    Reason::from([
        format!("{rows} rows were pruned: the ledger accounts for them"),
        format!("{rows} lignes ont été purgées\u{a0}: le registre en tient le compte"),
    ])
}

/// `due`: batches that wait for longer than a fuse takes to come.
fn fused(
    books: &Books,
    due: &[i64],
    state: Option<&fusion::FuseState>,
    config: &FuseConfig,
) -> Checking {
    let mut checking = Checking::new(
        "fused",
        [
            "every batch is in dataset, or will soon be, with this configuration",
            "chaque lot est dans dataset, ou le sera bientôt, avec cette configuration",
        ],
        "batches",
    );
    checking.looked_at(books.lines.len());
    if let [first, .., last] | [first @ last] = due {
        let count = due.len();
        checking.find(
            [
                format!("{count} batches have waited for more than two hours for a fuse"),
                format!("{count} lots attendent une fusion depuis plus de deux heures"),
            ],
            [
                format!("batches {first} to {last}"),
                format!("lots {first} à {last}"),
            ],
            ["run `smartetl fuse`", "lancez `smartetl fuse`"],
        );
    }
    if state.is_some_and(|state| state.configuration_hash != config.hash()) {
        checking.find(
            [
                "the configuration is not that of the last fuse: a fuse is due",
                "la configuration n’est pas celle de la dernière fusion\u{a0}: il faut une fusion",
            ],
            [
                "time zone, border of the business day, words for environments or triggers",
                "fuseau, limite de la journée d’exploitation, mots des environnements ou des déclencheurs",
            ],
            [
                "run `smartetl fuse`, or verify with the configuration of the last fuse",
                "lancez `smartetl fuse`, ou vérifiez avec la configuration de la dernière fusion",
            ],
        );
    }
    checking
}
