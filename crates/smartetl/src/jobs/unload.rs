//! Taking back what was loaded: rows, rejects, the ledger's lines and checkpoints go, and the runs are folded again without them.
//! Everything happens in one transaction, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::checkpoint::{self, Advance};
use smartetl_store::fusion;
use smartetl_store::prune;
use smartetl_store::stream;
use smartetl_store::take_back::{self, Line};
use sqlx::{Connection, PgConnection};

use super::fuse;
use crate::errors::{ErrorCode, Failure};
use crate::ingest::Before;

/// What is to be taken back.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Lineages as a whole.
    pub lineages: BTreeSet<i64>,
    /// Batches, each with all that stands behind it in its source.
    pub batches: BTreeSet<i64>,
}

/// How it is taken back.
#[derive(Clone, Debug)]
pub struct Request {
    pub wanted: Wanted,
    /// Only say what would go.
    pub dry_run: bool,
    /// Also what cannot be loaded again, because its file is gone.
    pub force: bool,
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    /// The clock of the fuse.
    pub as_of: Moment,
    /// When it really is.
    pub now: Moment,
    /// Where files may be made when rows are many.
    pub folder: std::path::PathBuf,
}

/// What went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub dry_run: bool,
    /// Paths whose rows go, and how many.
    pub sources: BTreeMap<String, Taken>,
    pub batches: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    /// What the fuse wrote anew; `None` where nothing was fused.
    pub fuse: Option<fuse::Report>,
}

/// What goes of one path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Taken {
    pub records: u64,
    /// All of it, and not only its end.
    pub whole: bool,
    /// It can be loaded again.
    #[serde(skip)]
    pub is_file: bool,
}

/// A lineage of which something goes.
struct Part {
    lineage: i64,
    going: Vec<Line>,
    /// How far it was read stays as it is: messages of others and what was posted do not come again.
    keeps_place: bool,
    /// The checkpoint, where part of it stays.
    back: Option<Advance>,
    whole: bool,
}

/// Takes it back. The connection may be of no use afterwards where this fails.
///
/// # Errors
/// When the server refuses or is gone, the fuse fails, or a part is to be taken back of a source that is not there any more.
/// Nothing has changed then.
pub async fn unload(connection: &mut PgConnection, request: Request) -> anyhow::Result<Report> {
    let of_batches: Vec<i64> = request.wanted.batches.iter().copied().collect();
    let found = take_back::lineages_of(connection, &of_batches).await?;
    if let Some(missing) = of_batches
        .iter()
        .find(|batch| !found.iter().any(|(found, _)| found == *batch))
    {
        return Err(Failure::new(
            ErrorCode::Usage,
            [format!("there is no batch {missing}"), format!("il n’y a pas de lot {missing}")],
        )
            .hint("smartetl sql \"SELECT batch, path, committed_at FROM batch JOIN source USING (source) ORDER BY batch\"")
            .into());
    }
    let mut lineages = request.wanted.lineages.clone();
    lineages.extend(found.iter().map(|(_, lineage)| lineage));
    let lineages: Vec<i64> = lineages.into_iter().collect();
    // Whoever reads them now is waited for.
    for lineage in &lineages {
        checkpoint::lock_lineage(connection, *lineage).await?;
    }
    let done = in_one_transaction(connection, &request, &lineages).await;
    for lineage in &lineages {
        checkpoint::unlock_lineage(connection, *lineage).await?;
    }
    done
}

async fn in_one_transaction(
    connection: &mut PgConnection,
    request: &Request,
    lineages: &[i64],
) -> anyhow::Result<Report> {
    let mut transaction = connection.begin().await?;
    // A fuse that has read the rows already must not write them as runs afterwards.
    fusion::lock(&mut transaction).await?;
    let (of_others, streams) = stream::through_kafka(&mut transaction, lineages).await?;
    // From now on no consumer stores more of them.
    stream::retire(&mut transaction, &streams).await?;
    let parts = parts(
        &mut transaction,
        &request.wanted,
        lineages,
        (&of_others, &streams),
    )
    .await?;
    let mut report = report_of(&parts);
    report.dry_run = request.dry_run;
    let batches: Vec<i64> = parts
        .iter()
        .flat_map(|part| part.going.iter().map(|line| line.batch))
        .collect();
    if let Some(batch) = prune::first_pruned(&mut transaction, &batches).await? {
        return Err(pruned(&parts, batch).into());
    }
    if request.dry_run {
        return Ok(report);
    }
    if !request.force {
        refuse_what_is_gone(&parts, &take_back::known_paths(&mut transaction).await?)?;
    }
    take_back::remove(&mut transaction, &batches).await?;
    let mut whole = Vec::new();
    for part in &parts {
        match &part.back {
            None if part.keeps_place => {}
            Some(back) => {
                checkpoint::advance(&mut transaction, back).await?;
                take_back::look_again(&mut transaction, part.lineage).await?;
            }
            None => whole.push(part.lineage),
        }
    }
    take_back::forget(&mut transaction, &whole).await?;
    if fusion::state(&mut transaction).await?.is_some() {
        let again = fuse::Request {
            config: request.config.clone(),
            rules: request.rules,
            as_of: request.as_of,
            now: request.now,
            full: false,
            because: fuse::Because::OfRows,
            gathered: None,
            folder: request.folder.clone(),
        };
        report.fuse = Some(fuse::fuse(&mut transaction, async || None, again).await?);
        take_back::forget_fuse_of_nothing(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok(report)
}

/// What was folded of rows that are gone cannot be taken back.
fn pruned(parts: &[Part], batch: i64) -> Failure {
    let mut going = parts.iter().flat_map(|part| &part.going);
    let path = going
        .find(|line| line.batch == batch)
        .map(|line| line.path.clone());
    Failure::new(
        ErrorCode::Usage,
        [
            format!("rows of batch {batch} were pruned, and what was folded from them stays"),
            format!(
                "des lignes du lot {batch} ont été purgées, et ce qui en a été calculé reste"
            ),
        ],
    )
    .at(path.unwrap_or_default())
    .hint([
        "name later batches: smartetl sql \"SELECT batch, path, committed_at FROM batch JOIN source USING (source) ORDER BY batch\"",
        "nommez des lots plus récents\u{a0}: smartetl sql \"SELECT batch, path, committed_at FROM batch JOIN source USING (source) ORDER BY batch\"",
    ])
}

/// What is taken back as a whole and not there any more is lost; so is what was posted.
fn refuse_what_is_gone(parts: &[Part], known: &[(String, i64)]) -> anyhow::Result<()> {
    let mut going = parts.iter().flat_map(|part| &part.going);
    if let Some(line) = going.find(|line| line.path.starts_with("http:")) {
        return Err(Failure::new(
            ErrorCode::Unreadable,
            [
                "it was posted: only whoever sent it could send it again",
                "cela a été envoyé par HTTP\u{a0}: seul l’expéditeur pourrait le renvoyer",
            ],
        )
        .at(line.path.clone())
        .hint([
            "--force takes it back all the same",
            "--force le retire quand même",
        ])
        .into());
    }
    let whole = parts
        .iter()
        .filter(|part| part.back.is_none() && !part.keeps_place);
    for part in whole {
        let of_part = known
            .iter()
            .filter(|(_, lineage)| *lineage == part.lineage)
            .map(|(path, _)| path);
        if let Some(path) = of_part.clone().next()
            && !of_part.clone().any(|path| Path::new(path).exists())
        {
            return Err(Failure::new(
                ErrorCode::Unreadable,
                [
                    "the file is gone: what is taken back of it could not be loaded again",
                    "le fichier n’est plus là\u{a0}: ce qui en serait retiré ne pourrait plus être rechargé",
                ],
            )
            .at(path.clone())
            .hint([
                "--force takes it back all the same",
                "--force le retire quand même",
            ])
            .into());
        }
    }
    Ok(())
}

/// What goes of each lineage.
async fn parts(
    connection: &mut PgConnection,
    wanted: &Wanted,
    lineages: &[i64],
    (of_others, streams): (&[i64], &[i64]),
) -> anyhow::Result<Vec<Part>> {
    let mut of_lineage: BTreeMap<i64, Vec<Line>> = lineages
        .iter()
        .map(|lineage| (*lineage, Vec::new()))
        .collect();
    for line in take_back::lines(connection, lineages).await? {
        of_lineage.entry(line.lineage).or_default().push(line);
    }
    let mut parts = Vec::new();
    for (lineage, mut lines) in of_lineage {
        if of_others.contains(&lineage) {
            let (all, whole) = (lines.len(), wanted.lineages.contains(&lineage));
            lines.retain(|line| whole || wanted.batches.contains(&line.batch));
            parts.push(Part {
                lineage,
                whole: lines.len() == all,
                going: lines,
                keeps_place: true,
                back: None,
            });
            continue;
        }
        // Batches of messages hold records in any order: a stream goes as a whole.
        let whole = wanted.lineages.contains(&lineage) || streams.contains(&lineage);
        let first = lines
            .iter()
            .position(|line| whole || wanted.batches.contains(&line.batch))
            .unwrap_or(0);
        let going = lines[first..].to_vec();
        let back = match going.first() {
            Some(line) if first > 0 => Some(before(connection, line).await?),
            _ => None,
        };
        parts.push(Part {
            lineage,
            going,
            keeps_place: false,
            whole: back.is_none(),
            back,
        });
    }
    Ok(parts)
}

/// The way of the checkpoint back to before a batch, which has to be read again for it.
async fn before(connection: &mut PgConnection, line: &Line) -> anyhow::Result<Advance> {
    let stays = || {
        Failure::new(
            ErrorCode::Unreadable,
            [
                format!(
                    "batch {} stands in the middle of its source, whose beginning is to stay, and that does not read as it did",
                    line.batch
                ),
                format!(
                    "le lot {} est au milieu de sa source, dont le début doit rester et ne se lit plus comme avant",
                    line.batch
                ),
            ],
        )
        .at(line.path.clone())
        .hint([
            "name the source instead of the batch: all of it is taken back then",
            "nommez la source au lieu du lot\u{a0}: elle est alors retirée en entier",
        ])
    };
    let known = checkpoint::checkpoint(connection, line.lineage)
        .await?
        .ok_or_else(stays)?;
    let file = File::open(Path::new(&line.path)).map_err(|_| stays())?;
    let back = Before {
        record: line.first_record,
        line: line.first_line,
    };
    Ok(back.advance(&file, &line.path, &known)?.ok_or_else(stays)?)
}

fn report_of(parts: &[Part]) -> Report {
    let mut report = Report::default();
    for part in parts {
        for line in &part.going {
            report.batches += 1;
            report.rows_log += line.rows_log.cast_unsigned();
            report.rows_error += line.rows_error.cast_unsigned();
            report.rejects += line.rejects.cast_unsigned();
            let taken = report.sources.entry(line.path.clone()).or_default();
            taken.records += line.records.cast_unsigned();
            taken.whole = part.whole;
            taken.is_file = !part.keeps_place;
        }
    }
    report
}
