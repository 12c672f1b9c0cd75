//! Files to runs without a database: the same fold, whose runs go where the caller wants them.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::model::Moment;
use smartetl_formats::Settings;
use smartetl_store::StoreError;
use smartetl_store::copy::{DATASET_COLUMNS, column_names};

use super::folding::Folding;
use super::spool::{Clocks, Spool};
use crate::export::{Column, INTERNAL_TO_DATASET, Kind};
use crate::ingest::direct::{Direct, gather};
use crate::ingest::{FileReport, Named};
use crate::stop::Stop;

/// So many pieces of the runs wait to be written.
const PIECES_AHEAD: usize = 2;

/// The columns of the tuples that [`FoldedFiles::write`] gives, those of `dataset`. A test compares them with the table.
pub fn columns() -> Vec<Column> {
    const KINDS: &[(Kind, &str)] = &[
        (Kind::Bool, "is_root, retryable, ruled_retryable"),
        (Kind::Int, "depth, attempt, steps, steps_failed"),
        (
            Kind::Long,
            "tree, job_number, duration_ms, duration_reported_ms, self_duration_ms, rows_in, rows_out, rows_rejected, errors, \
             error_rows, warnings",
        ),
        (Kind::Real, "quality"),
        (
            Kind::Uuid,
            "run_key, parent_run_key, root_run_key, cause_signature, cause_run_key, rerun_of",
        ),
        (
            Kind::Moment,
            "started_at, ended_at, last_event_at, first_error_at, as_of, fused_at",
        ),
        (Kind::Date, "business_day"),
        (Kind::Texts, "quality_reasons"),
        (Kind::Longs, "batches"),
        (Kind::Uuids, "error_signatures"),
    ];
    column_names(DATASET_COLUMNS)
        .map(|name| {
            let of_name = |(_, names): &&(Kind, &str)| column_names(names).any(|of| of == name);
            Column {
                name: name.to_owned(),
                kind: KINDS
                    .iter()
                    .find(of_name)
                    .map_or(Kind::Text, |(kind, _)| *kind),
                hidden: INTERNAL_TO_DATASET.contains(&name),
            }
        })
        .collect()
}

/// What is read, and how it is folded.
#[derive(Clone, Debug)]
pub struct Request {
    pub files: Vec<PathBuf>,
    /// Which of them a person named.
    pub named: Named,
    pub settings: Settings,
    pub config: FuseConfig,
    /// The clock of the fuse.
    pub as_of: Moment,
    /// When it really is.
    pub now: Moment,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// Runs of files, ready to be written.
pub struct FoldedFiles {
    pub files: Vec<FileReport>,
    runs: Spool,
}

/// Reads the files and folds their rows.
///
/// # Errors
/// When rows or runs that wait find no room.
pub async fn fold_files(request: Request, stop: &Stop) -> anyhow::Result<FoldedFiles> {
    let clocks = Clocks {
        as_of: request.as_of,
        now: request.now,
    };
    let folder = request.folder.clone();
    let asked = stop.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let Request {
            files,
            named,
            settings,
            config,
            folder,
            ..
        } = request;
        gather((&files, &named), &settings, &config, &folder, &asked)
    });
    let Direct { gathered, files } = reading.await??;
    tracing::debug!("rows are gathered");
    let mut folding = Folding::of(gathered, clocks, &folder).await?;
    folding.open_trees()?;
    tracing::debug!("runs are folded");
    Ok(FoldedFiles {
        files,
        runs: folding.runs.spool,
    })
}

impl FoldedFiles {
    /// Hands the runs as tuples of COPY, in the columns of `dataset`, to `take`, day by day. Returns how many there are.
    /// While it takes some, the next days are looked at.
    ///
    /// # Errors
    /// Those of `take`, and where a scratch file cannot be read.
    pub fn write(&self, mut take: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<u64> {
        let days = self.runs.days();
        std::thread::scope(|scope| {
            let (to, pieces) = sync_channel::<Result<Vec<u8>, StoreError>>(PIECES_AHEAD);
            let days = &days;
            // It ends when all days were looked at, or nobody takes them any more.
            scope.spawn(move || {
                loop {
                    let mut tuples = Vec::new();
                    let piece = match days.next_piece(&mut tuples) {
                        Ok(false) => return,
                        more => more.map(|_| tuples),
                    };
                    if to.send(piece).is_err() {
                        return;
                    }
                }
            });
            pieces.into_iter().try_for_each(|piece| take(&piece?))
        })?;
        Ok(days.done().runs)
    }
}
