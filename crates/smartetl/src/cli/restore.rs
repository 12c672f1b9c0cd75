//! `smartetl restore FILE`: a backup into an empty database, all of it or nothing.

use super::progress::{Watch, stop_by_signals, watch};
use super::{Context, Database, Outcome};
use crate::backup::{Fault, Manifest, Piece, read};
use crate::errors::{ErrorCode, Failure, reason};
use crate::ingest::Progress;
use crate::night::Lang;
use crate::output::{self, counted};
use crate::reason::of_system;
use smartetl_store::StoreError;
use smartetl_store::backup::{Access, Restore, settle};
use sqlx::PgPool;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc::{Receiver, channel};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What `backup` wrote; - for stdin
    file: PathBuf,
    /// Only look whether the file is whole; needs no database
    #[arg(long)]
    check: bool,
}

/// Pieces that wait for the database.
const WAITING: usize = 8;

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let (from, length) = open(&args.file)?;
    let progress = Arc::new(Progress::default());
    let (sender, mut pieces) = channel(WAITING);
    let reading = {
        let from = Counted(from, Arc::clone(&progress));
        tokio::task::spawn_blocking(move || read(from, |piece| sender.blocking_send(piece).is_ok()))
    };
    let stop = stop_by_signals(context, context.lang().pick("stopping", "arrêt"))?;
    let work = async {
        if args.check {
            return Ok(check(&mut pieces)
                .await
                .map(|whole| (whole, Access::default())));
        }
        let database = Database::open(context).await?;
        let pool = database.pool(1).await?;
        let restored = restore(&pool, &mut pieces, &progress, || {
            watch(Arc::clone(&progress), length, context)
        })
        .await;
        pool.close().await;
        restored
    };
    let done = tokio::select! {
        done = work => done,
        signal = stop.wait() => return Ok(Outcome::Stopped(signal)),
    };
    drop(pieces);
    let whole = match (done, reading.await?) {
        (
            _,
            Err(
                fault @ (Fault::Damaged { .. }
                | Fault::Foreign
                | Fault::Later { .. }
                | Fault::Unreadable(_)),
            ),
        ) => {
            return Err(unusable(fault, &args.file).into());
        }
        (done, _) => done.map_err(with_hint)?,
    };
    match whole {
        Some((whole, access)) => {
            let done = told(&whole, &args, context.lang())?;
            if access != Access::default() {
                who_may(access, context);
            }
            if !args.check && whole.has_streams() {
                let lang = context.lang();
                context.warn(
                    lang.pick(
                        "files of this backup went through Kafka: messages that came since would be stored twice, as the producer reads their \
                         files anew",
                        "des fichiers de cette sauvegarde sont passés par Kafka\u{a0}: les messages venus depuis seraient rangés deux fois, car le \
                         producteur relit leurs fichiers",
                    ),
                    lang.pick(
                        "before the producer starts: an empty Kafka or other topics, see doc/operate.md, Backup",
                        "avant de démarrer le producteur\u{a0}: un Kafka vide ou d’autres sujets, voir doc/operate.fr.md, Sauvegarde",
                    ),
                );
            }
            Ok(done)
        }
        None => Err(Failure::new(ErrorCode::Internal, "the backup has no end").into()),
    }
}

fn open(path: &Path) -> anyhow::Result<(Box<dyn Read + Send>, u64)> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), 0));
    }
    let opened = File::open(path).and_then(|file| {
        let length = file.metadata()?.len();
        Ok((file, length))
    });
    let (file, length) = opened.map_err(|error| unusable(Fault::Unreadable(error), path))?;
    Ok((
        Box::new(io::BufReader::with_capacity(1 << 20, file)),
        length,
    ))
}

/// Says how far the file was read.
struct Counted(Box<dyn Read + Send>, Arc<Progress>);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1
            .content_bytes
            .fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

async fn check(pieces: &mut Receiver<Piece>) -> Option<Manifest> {
    while let Some(piece) = pieces.recv().await {
        if let Piece::Whole(manifest) = piece {
            return Some(*manifest);
        }
    }
    None
}

/// `None` where the pieces end before they are whole: then nothing has changed.
async fn restore(
    pool: &PgPool,
    pieces: &mut Receiver<Piece>,
    progress: &Progress,
    watch: impl FnOnce() -> Watch,
) -> anyhow::Result<Option<(Manifest, Access)>> {
    let Some(Piece::Head(head)) = pieces.recv().await else {
        return Ok(None);
    };
    let mut restore = Restore::begin(pool, &head.contents).await?;
    let watch = watch();
    let filled = fill(&mut restore, pieces, &head.contents.relations, progress).await;
    watch.stop();
    match filled {
        Ok(Some(whole)) => {
            let access = restore.finish(&whole.sequences).await?;
            settle(&mut *pool.acquire().await?).await?;
            Ok(Some((whole, access)))
        }
        Ok(None) => {
            restore.undo().await?;
            Ok(None)
        }
        Err(error) => {
            // What it failed of says more than what follows from it.
            let _ = restore.undo().await;
            Err(error)
        }
    }
}

async fn fill(
    restore: &mut Restore,
    pieces: &mut Receiver<Piece>,
    relations: &[smartetl_store::backup::Relation],
    progress: &Progress,
) -> anyhow::Result<Option<Manifest>> {
    let mut stored = Vec::new();
    for relation in relations {
        let mut copy = restore.fill(relation).await?;
        let rows = loop {
            match pieces.recv().await {
                Some(Piece::Rows { data, .. }) => {
                    copy.send(data).await.map_err(StoreError::from)?;
                }
                Some(Piece::End { .. }) => break copy.finish().await.map_err(StoreError::from)?,
                _ => {
                    copy.abort("the backup ends here")
                        .await
                        .map_err(StoreError::from)?;
                    return Ok(None);
                }
            }
        };
        progress.records.fetch_add(rows, Ordering::Relaxed);
        stored.push(rows);
    }
    match pieces.recv().await {
        Some(Piece::Whole(whole)) => {
            let wanted = whole.sums.iter().map(|sum| sum.rows);
            if wanted.eq(stored) {
                return Ok(Some(*whole));
            }
            Err(Failure::new(
                ErrorCode::Internal,
                "the server has not stored as many rows as the backup has",
            )
            .into())
        }
        _ => Ok(None),
    }
}

fn told(whole: &Manifest, args: &Args, lang: Lang) -> anyhow::Result<Outcome> {
    let (tables, taken_at) = (whole.head.contents.tables() as u64, &whole.head.taken_at);
    let [second, _] = taken_at
        .split_once('.')
        .map_or([&**taken_at, ""], Into::into);
    let text = match lang {
        Lang::En => format!(
            "{} of {}, as of {second}Z{}\n",
            counted(whole.rows(), "row", "rows"),
            counted(tables, "table", "tables"),
            if args.check {
                ": the backup is whole"
            } else {
                " restored"
            }
        ),
        Lang::Fr => format!(
            "{} de {}, état du {second}Z{}\n",
            lang.counted(whole.rows(), ["ligne", "lignes"]),
            lang.counted(tables, ["table", "tables"]),
            if args.check {
                "\u{a0}: la sauvegarde est complète"
            } else {
                ", restaurées"
            }
        ),
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}

/// A backup brings back whom somebody has sent away since.
fn who_may(access: Access, context: &Context) {
    let lang = context.lang();
    let [accounts, tokens] = [access.accounts, access.tokens].map(i64::unsigned_abs);
    let text = match lang {
        Lang::En => format!(
            "{} and {} came back with it, also those that were removed or revoked since; everybody has to log in anew",
            counted(accounts, "account", "accounts"),
            counted(tokens, "token", "tokens"),
        ),
        Lang::Fr => format!(
            "{} et {} sont revenus avec elle, y compris ceux qui ont été supprimés ou révoqués depuis\u{a0}; chacun doit se reconnecter",
            lang.counted(accounts, ["compte", "comptes"]),
            lang.counted(tokens, ["jeton", "jetons"]),
        ),
    };
    let hint = "`smartetl users list`, `smartetl tokens list`";
    context.warn(&text, hint);
}

fn unusable(fault: Fault, path: &Path) -> Failure {
    let another = [
        "use another file; `smartetl restore --check FILE` says whether one is whole",
        "utilisez un autre fichier\u{a0}; `smartetl restore --check FICHIER` dit s’il est complet",
    ];
    let failure = match fault {
        Fault::Unreadable(error) => Failure::new(
            ErrorCode::Unreadable,
            [
                format!("the backup cannot be read: {}", reason(&error)),
                format!("impossible de lire la sauvegarde\u{a0}: {}", of_system(&error)),
            ],
        )
        .hint([
            "name a file that `smartetl backup` wrote, or `-` for what comes through a pipe",
            "nommez un fichier écrit par `smartetl backup`, ou `-` pour ce qui arrive par un tube",
        ]),
        Fault::Later { smartetl } => Failure::new(
            ErrorCode::BackupUnusable,
            [
                format!("smartETL {smartetl} wrote this backup in a way that this version does not know yet"),
                format!("smartETL {smartetl} a écrit cette sauvegarde d’une façon que cette version ne connaît pas encore"),
            ],
        )
        .hint([
            "restore it by the version that wrote it or a later one",
            "restaurez-la avec la version qui l’a écrite ou une plus récente",
        ]),
        Fault::Damaged { how, at } => Failure::new(
            ErrorCode::BackupUnusable,
            [
                format!("the backup is damaged or cut, seen at byte {at}: {how}; nothing was restored"),
                format!(
                    "la sauvegarde est abîmée ou coupée, constaté à l’octet {at}\u{a0}: {how}\u{a0}; rien n’a été restauré"
                ),
            ],
        )
        .hint(another),
        Fault::Foreign | Fault::Unwanted => Failure::new(
            ErrorCode::BackupUnusable,
            [
                "this is no backup of smartETL",
                "ce n’est pas une sauvegarde de smartETL",
            ],
        )
        .hint([
            "give the file that `smartetl backup` wrote; logs are read by `smartetl load`",
            "donnez le fichier écrit par `smartetl backup`\u{a0}; les journaux se lisent avec `smartetl load`",
        ]),
    };
    failure.at(path.display().to_string())
}

/// What to do where the database does not take it.
fn with_hint(error: anyhow::Error) -> anyhow::Error {
    let (code, hint) = match error.downcast_ref::<StoreError>() {
        Some(StoreError::NotEmpty { .. }) => (
            ErrorCode::NotEmpty,
            [
                "a restore never replaces anything: give an empty database (another --data-dir, or another one in DATABASE_URL), \
                 and stop what writes to it",
                "une restauration ne remplace jamais rien\u{a0}: donnez une base vide (un autre --data-dir, ou une autre dans \
                 DATABASE_URL), et arrêtez ce qui y écrit",
            ],
        ),
        Some(StoreError::LaterTables { .. } | StoreError::OtherTables { .. }) => (
            ErrorCode::SchemaOutdated,
            [
                "restore it by the smartETL that made the backup, or a later one",
                "restaurez-la avec le smartETL qui a fait la sauvegarde, ou un plus récent",
            ],
        ),
        _ => return error,
    };
    Failure::new(code, crate::reason::Reason::from(&error))
        .hint(hint)
        .into()
}
