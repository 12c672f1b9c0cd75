//! `smartetl backup FILE`: all tables as they stand at one moment.

use super::progress::{stop_by_signals, watch};
use super::{Context, Database, Outcome};
use crate::backup::{FORMAT, Head, Manifest, Order, write};
use crate::errors::{ErrorCode, Failure, StdoutClosed};
use crate::export::Place;
use crate::ingest::Progress;
use crate::night::Lang;
use crate::output::{self, counted};
use serde_json::json;
use smartetl_store::backup::Snapshot;
use smartetl_store::upkeep::{self, Upkeep};
use sqlx::PgConnection;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file; - for stdout
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

/// Rows are handed over in pieces of at least this size, …
const STEP: usize = 256 << 10;
/// … so many of which may wait.
const WAITING: usize = 8;

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    let said = context.lang().pick(
        "stopping; no file is left",
        "arrêt\u{a0}; aucun fichier ne reste",
    );
    let stop = stop_by_signals(context, said)?;
    let made = tokio::select! {
        made = make(&mut connection, &args, context) => made,
        signal = stop.wait() => return Ok(Outcome::Stopped(signal)),
    };
    let (manifest, bytes) = match made {
        Ok(made) => made,
        Err(error) => {
            database.note_failure(Upkeep::Backup, &error).await;
            return Err(error);
        }
    };
    let file = match args.file.to_str() {
        // Where that went, only the shell knows.
        Some("-") => args.file.clone(),
        _ => std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone()),
    };
    let figures = json!({"bytes": bytes, "rows": manifest.rows(), "file": file});
    let written = upkeep::record(&mut connection, Upkeep::Backup, true, &figures).await;
    if let Err(error) = written {
        // Older tables have no place for it.
        tracing::warn!("the backup is not written down for dashboards: {error}");
    }
    told(&manifest, bytes, &args.file, context.lang())?;
    Ok(Outcome::Done)
}

/// What it came to, and the size of the file.
async fn make(
    connection: &mut PgConnection,
    args: &Args,
    context: &Context,
) -> anyhow::Result<(Manifest, u64)> {
    let place = Place::private(&args.file, args.force)?;
    let snapshot = Snapshot::take(connection).await?;
    if !snapshot.others.is_empty() {
        let others = snapshot.others.join(", ");
        let [text, hint] = match context.lang() {
            Lang::En => [
                format!("tables that are not smartETL's are left out: {others}"),
                "back them up by other means, or keep them in a database of their own".to_owned(),
            ],
            Lang::Fr => [
                format!(
                    "les tables qui ne sont pas de smartETL sont laissées de côté\u{a0}: {others}"
                ),
                "sauvegardez-les autrement, ou gardez-les dans une base à elles".to_owned(),
            ],
        };
        context.warn(&text, &hint);
    }
    let progress = Arc::new(Progress::default());
    let watch = watch(Arc::clone(&progress), snapshot.size_bytes, context);
    let head = Head {
        format: FORMAT,
        smartetl: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: snapshot.taken_at.clone(),
        contents: snapshot.contents.clone(),
    };
    let (orders, received) = sync_channel(WAITING);
    let file = place.file()?;
    let writing = tokio::task::spawn_blocking(move || write(BufWriter::new(file), head, &received));
    let read = rows(snapshot, &orders, &progress).await;
    drop(orders);
    let written = writing.await?;
    watch.stop();
    let made = match (read, written) {
        // The reading failed because nobody wrote any more.
        (Err(error), Err(_)) if !error.is::<Unwritten>() => return Err(error),
        (_, Err(error)) => return Err(unwritable(place.told(error.into()))),
        (Err(error), Ok(_)) => return Err(error),
        (Ok(()), Ok(made)) => made,
    };
    place.keep()?;
    Ok(made)
}

/// Whoever stops reading a list has seen enough; whoever stops taking a backup has none.
fn unwritable(error: anyhow::Error) -> anyhow::Error {
    if !error.is::<StdoutClosed>() {
        return error;
    }
    Failure::new(
        ErrorCode::Unwritable,
        [
            "whoever was to take the backup is gone",
            "le destinataire de la sauvegarde n’est plus là",
        ],
    )
    .hint([
        "what was written so far is no backup; look why the other program ended",
        "ce qui a été écrit n’est pas une sauvegarde\u{a0}; voyez pourquoi l’autre programme s’est arrêté",
    ])
    .into()
}

/// The file cannot be written; why is known where it is.
#[derive(Debug, thiserror::Error)]
#[error("the backup is not written any more")]
struct Unwritten;

async fn rows(
    mut snapshot: Snapshot<'_>,
    orders: &SyncSender<Order>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let order = |order| orders.send(order).map_err(|_| Unwritten);
    for relation in &snapshot.contents.relations.clone() {
        let mut waiting = Vec::with_capacity(STEP);
        let rows = snapshot
            .read(relation, |piece| {
                progress
                    .content_bytes
                    .fetch_add(piece.len() as u64, Ordering::Relaxed);
                waiting.extend_from_slice(piece);
                if waiting.len() >= STEP {
                    let full = std::mem::replace(&mut waiting, Vec::with_capacity(STEP));
                    order(Order::Rows(full))?;
                }
                Ok::<_, anyhow::Error>(())
            })
            .await?;
        progress.records.fetch_add(rows, Ordering::Relaxed);
        order(Order::Rows(waiting))?;
        order(Order::End(rows))?;
    }
    let sequences = snapshot.end().await?;
    order(Order::Finish(sequences))?;
    Ok(())
}

fn told(manifest: &Manifest, bytes: u64, path: &Path, lang: Lang) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(());
    }
    let tables = manifest.head.contents.tables() as u64;
    let (size, path) = (size(bytes, lang), path.display());
    output::print(&match lang {
        Lang::En => format!(
            "{} of {} in {path} ({size})\n",
            counted(manifest.rows(), "row", "rows"),
            counted(tables, "table", "tables")
        ),
        Lang::Fr => format!(
            "{} de {} dans {path} ({size})\n",
            lang.counted(manifest.rows(), ["ligne", "lignes"]),
            lang.counted(tables, ["table", "tables"])
        ),
    })
}

/// `212.38 MiB`, `212,38 Mio`
fn size(bytes: u64, lang: Lang) -> String {
    let size = indicatif::HumanBytes(bytes).to_string();
    match lang {
        Lang::En => size,
        Lang::Fr => size
            .replace('.', ",")
            .replace('B', "o")
            .replace(' ', "\u{a0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_units_of_the_language() {
        let bytes = 222_700_000;
        assert_eq!(size(bytes, Lang::En), "212.38 MiB");
        assert_eq!(size(bytes, Lang::Fr), "212,38\u{a0}Mio");
        assert_eq!(size(45, Lang::Fr), "45\u{a0}o");
    }
}
