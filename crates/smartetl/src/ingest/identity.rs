//! What a file is: new, grown, a copy, a copy that grew, compressed later; or cut, rewritten, and then a person decides.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use smartetl_formats::container::{Compression, Content};
use smartetl_formats::{Plan, Position, Settings};
use smartetl_store::checkpoint::{self, Checkpoint, Source};
use smartetl_store::stream;
use sqlx::PgConnection;

use super::content::{self, ContentHash, ContentRead, HEAD_BYTES, Reading, Tail};
use super::resume::{Known, resume};
use crate::reason::{self, Reason};

/// A file that changed more recently may still be written.
pub const STILL_WRITTEN: Duration = Duration::from_hours(1);

/// How a source that is read arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Never seen.
    New,
    /// A known path with more behind what was read.
    Grown,
    /// Another path with content that is known, perhaps with more behind it.
    Copy,
    /// Content whose last line was taken although it had no end, and went on: it was taken back and is read as a whole.
    Reopened,
}

/// Why a file is not read although it is there. A person has to decide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error(
        "it is shorter than what was read from it before ({length} of {read} bytes): cut, or replaced by something else"
    )]
    Truncated { length: u64, read: u64 },
    #[error("what was read from it before now reads differently: it was rewritten")]
    Rewritten,
    #[error(
        "its last line was read before it was complete, and now goes on; the batch that holds it cannot be found again"
    )]
    LineGoesOn,
    #[error(
        "it begins like a source that was read further ({length} of {read} bytes): an older copy of it, or another file with the same beginning"
    )]
    OlderCopy { length: u64, read: u64 },
}

impl Trouble {
    /// Why, and what can be done about it.
    pub(super) fn with_advice(&self) -> Reason {
        let (en, fr) = match self {
            Self::OlderCopy { .. } => (
                "an older copy holds nothing new; if it is another file, `smartetl load --allow-duplicate` with this path loads it",
                "une copie plus ancienne n’apporte rien\u{a0}; si c’est un autre fichier, `smartetl load --allow-duplicate` avec \
                 ce chemin le charge",
            ),
            _ => (
                "`smartetl unload` with this path takes back what was read from it; then it is loaded as new content",
                "`smartetl unload` avec ce chemin retire ce qui en avait été lu\u{a0}; il se charge ensuite comme un nouveau contenu",
            ),
        };
        Reason::new(
            format!("{self}\nhint: {en}"),
            format!("{}\nconseil\u{a0}: {fr}", reason::of_trouble(self)),
        )
    }
}

/// What to do with a file.
#[derive(Debug)]
pub(super) enum Decision {
    /// As it was when it was last read: the content of this lineage.
    Unchanged {
        lineage: i64,
    },
    Read(Box<Start>),
    Trouble(Trouble),
    /// Nothing that its path had goes on in it, and nobody asked for more.
    Foreign,
}

/// Where and how to read.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) lineage: i64,
    pub(super) reading: Reading,
    pub(super) settings: Settings,
    pub(super) position: Position,
    /// What stands before the position.
    pub(super) read: ContentRead,
    pub(super) arrival: Arrival,
    /// The beginning by which the lineage is known: its length and its hash.
    pub(super) head: (usize, Vec<u8>),
}

/// What the user allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Read content that was read before as if it were new.
    pub(super) allow_duplicate: bool,
    /// A path whose content changed begins a new generation instead of being trouble.
    pub(super) follow: bool,
    /// Only what goes on in content that the path of the settings had.
    pub(super) only_continued: bool,
    /// The content that the file had when it was looked at last, by a follower that did not lose sight of it.
    pub(super) lineage: Option<i64>,
}

/// Decides about a file that stands at `path`; the path of the settings is the one under which it was followed. On
/// `Decision::Read` the connection holds the lineage's lock: the caller lets go of it.
///
/// # Errors
/// When the file cannot be read or understood, or the server is gone.
pub(super) async fn decide(
    connection: &mut PgConnection,
    file: &File,
    metadata: &Metadata,
    path: &str,
    settings: &Settings,
    policy: Policy,
) -> anyhow::Result<Decision> {
    if !policy.allow_duplicate {
        let source = checkpoint::source_at(connection, path).await?;
        let stored = source.as_ref().and_then(|known| known.lineage);
        if let (Some(known), Some(lineage)) = (&source, stored)
            && is_unchanged(known, metadata)
        {
            return Ok(Decision::Unchanged { lineage });
        }
        let of_path = stored.filter(|_| !policy.only_continued);
        if let Some(lineage) = policy.lineage.or(of_path) {
            let decided = known_path(connection, lineage, settings, file, metadata, policy).await?;
            let is_other = matches!(
                decided,
                Some(Decision::Trouble(
                    Trouble::Truncated { .. } | Trouble::Rewritten
                ))
            );
            let is_replaced = policy.follow && is_other;
            if is_replaced && stored == Some(lineage) {
                // What the path had is no longer in it, whatever comes next.
                checkpoint::remember_source(connection, path, &unread(metadata)).await?;
            }
            if let Some(decided) = decided
                && !is_replaced
            {
                return Ok(decided);
            }
        }
        if policy.follow && source.is_some() && metadata.len() == 0 {
            // Rotated: it waits for its first line.
            return Ok(Decision::Foreign);
        }
        if policy.only_continued {
            return continued(connection, file, settings).await;
        }
    }
    let plan = Plan::examine(file, settings)?;
    let mapping = settings.mappings.of_plan(&plan.dialect);
    let reading = Reading {
        timezone: settings.timezone.iana_name().unwrap_or("UTC").to_owned(),
        mapping: mapping.map(|mapping| (mapping.name.clone(), mapping.text().to_owned())),
        plan,
        environment: settings.environment.clone(),
        host: settings.host.clone(),
    };
    unknown_path(connection, file, reading, settings, policy).await
}

/// How a file with content of this lineage looks from outside.
pub(super) fn seen(metadata: &Metadata, lineage: i64) -> Source {
    Source {
        lineage: Some(lineage),
        ..seen_without_log(metadata)
    }
}

/// How a file looks from outside in which there is no log.
pub(super) fn seen_without_log(metadata: &Metadata) -> Source {
    Source {
        source: 0,
        lineage: None,
        size_bytes: metadata.len() as i64,
        inode: Some(metadata.ino() as i64),
        device: Some(metadata.dev() as i64),
        modified_us: Some(metadata.mtime() * 1_000_000 + metadata.mtime_nsec() / 1_000),
    }
}

/// The same of which nothing was read.
pub(super) fn unread(metadata: &Metadata) -> Source {
    Source {
        lineage: None,
        size_bytes: checkpoint::NOT_READ_TO_ITS_END,
        ..seen(metadata, 0)
    }
}

/// How long ago somebody wrote to a file; nothing where that cannot be said, or lies ahead.
pub fn since_written(metadata: &Metadata) -> Duration {
    let modified = metadata.modified().ok();
    let since = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
    since.unwrap_or_default()
}

/// Whether a file changed so recently that more may come.
pub fn is_still_written(metadata: &Metadata) -> bool {
    since_written(metadata) < STILL_WRITTEN
}

pub(super) fn is_unchanged(known: &Source, metadata: &Metadata) -> bool {
    let now = seen(metadata, 0);
    (
        known.size_bytes,
        known.inode,
        known.device,
        known.modified_us,
    ) == (now.size_bytes, now.inode, now.device, now.modified_us)
}

/// `None`: nothing of it is stored.
async fn known_path(
    connection: &mut PgConnection,
    lineage: i64,
    settings: &Settings,
    file: &File,
    metadata: &Metadata,
    policy: Policy,
) -> anyhow::Result<Option<Decision>> {
    checkpoint::lock_lineage(connection, lineage).await?;
    let decision = match checkpoint::settled_checkpoint(connection, lineage).await? {
        // Nothing was stored of it, or it was taken back just now: the path is as good as unknown.
        None => None,
        // A producer sent it, and was interrupted before it knew that the broker had it: the same stream goes on.
        Some(known)
            if known.next_record == 0
                && is_same_file(connection, &settings.path, metadata).await?
                && stream::of_lineage(connection, lineage).await?.is_some() =>
        {
            from_the_beginning(file, &settings.path, &known)?
        }
        Some(known) if known.next_record == 0 => None,
        Some(known) => {
            let reading = stored_reading(&known)?;
            let settings = reading.settings(&settings.path)?;
            Some(match compare(file, &reading.plan, known, metadata)? {
                Comparison::Same(mut known) => {
                    if policy.follow && is_plain(file, &reading.plan)? {
                        extend_head(connection, file, &mut known).await?;
                    }
                    resume(connection, file, reading, settings, known, Arrival::Grown).await?
                }
                Comparison::Shorter { length, read } => {
                    Decision::Trouble(Trouble::Truncated { length, read })
                }
                Comparison::Different => Decision::Trouble(Trouble::Rewritten),
            })
        }
    };
    if !matches!(decision, Some(Decision::Read(_))) {
        checkpoint::unlock_lineage(connection, lineage).await?;
    }
    Ok(decision)
}

/// Whether the file at a path is the one that was seen there last: another one may begin alike.
async fn is_same_file(
    connection: &mut PgConnection,
    path: &str,
    metadata: &Metadata,
) -> anyhow::Result<bool> {
    let known = checkpoint::source_at(connection, path).await?;
    let now = seen(metadata, 0);
    Ok(known.is_some_and(|known| (known.inode, known.device) == (now.inode, now.device)))
}

/// Reads a lineage of which nothing is counted; `None` where the file does not begin like it.
fn from_the_beginning(
    file: &File,
    path: &str,
    known: &Checkpoint,
) -> anyhow::Result<Option<Decision>> {
    let reading = stored_reading(known)?;
    let head = content::beginning(file, &reading.plan, HEAD_BYTES)?;
    let begins_so = head
        .get(..known.head_length as usize)
        .is_some_and(|head| ContentHash::of(head) == known.head_hash);
    if !begins_so {
        return Ok(None);
    }
    let settings = reading.settings(path)?;
    Ok(Some(Decision::Read(Box::new(Start {
        lineage: known.lineage,
        reading,
        settings,
        position: Position::START,
        read: ContentRead::default(),
        arrival: Arrival::New,
        head: (known.head_length as usize, known.head_hash.clone()),
    }))))
}

/// Makes a lineage known by as much of its beginning as was read by now: a file that is followed from its first line on
/// would else be known by that line, which the next file begins with as well.
async fn extend_head(
    connection: &mut PgConnection,
    file: &File,
    known: &mut Known,
) -> anyhow::Result<()> {
    let checkpoint = &mut known.checkpoint;
    let length = (checkpoint.next_byte as usize).min(HEAD_BYTES);
    if length <= checkpoint.head_length as usize {
        return Ok(());
    }
    let end = known.read.tail.bytes();
    let head = if end.len() as i64 == checkpoint.next_byte {
        end.to_vec()
    } else {
        let from = checkpoint.next_byte as u64 - end.len() as u64;
        let head = read_at(file, 0, length);
        // It may have been cut in between.
        match (head, read_at(file, from, end.len())) {
            (Ok(head), Ok(found)) if found == end => head,
            _ => return Ok(()),
        }
    };
    let hash = ContentHash::of(&head);
    checkpoint::lock_opening(connection).await?;
    checkpoint::extend_head(connection, checkpoint.lineage, length as i32, &hash).await?;
    checkpoint::unlock_opening(connection).await?;
    (checkpoint.head_length, checkpoint.head_hash) = (length as i32, hash);
    Ok(())
}

/// Where to read on when the file holds content that the path of the settings had.
async fn continued(
    connection: &mut PgConnection,
    file: &File,
    settings: &Settings,
) -> anyhow::Result<Decision> {
    for lineage in checkpoint::lineages_at(connection, &settings.path).await? {
        checkpoint::lock_lineage(connection, lineage).await?;
        if let Some(known) = checkpoint::settled_checkpoint(connection, lineage).await?
            && known.next_record > 0
        {
            let reading = stored_reading(&known)?;
            let head = content::beginning(file, &reading.plan, known.head_length as usize)?;
            if ContentHash::of(&head) == known.head_hash
                && let Comparison::Same(known) = compare_all(file, &reading.plan, known)?
            {
                let settings = reading.settings(&settings.path)?;
                let decision =
                    resume(connection, file, reading, settings, known, Arrival::Copy).await?;
                if !matches!(decision, Decision::Read(_)) {
                    checkpoint::unlock_lineage(connection, lineage).await?;
                }
                return Ok(decision);
            }
        }
        checkpoint::unlock_lineage(connection, lineage).await?;
    }
    Ok(Decision::Foreign)
}

async fn unknown_path(
    connection: &mut PgConnection,
    file: &File,
    reading: Reading,
    settings: &Settings,
    policy: Policy,
) -> anyhow::Result<Decision> {
    let mut others = BTreeSet::new();
    loop {
        checkpoint::lock_opening(connection).await?;
        // Read under the lock: another process that follows this file may know it by more than stood in it before.
        let head = content::beginning(file, &reading.plan, HEAD_BYTES)?;
        let candidates = if policy.allow_duplicate {
            Vec::new()
        } else {
            candidates(connection, &head).await?
        };
        let Some(candidate) = candidates
            .iter()
            .find(|known| !others.contains(&known.lineage))
        else {
            let stored = serde_json::to_value(&reading)?;
            let (length, hash) = (head.len(), ContentHash::of(&head));
            let lineage =
                checkpoint::open_lineage(connection, length as i32, &hash, &stored).await?;
            checkpoint::lock_lineage(connection, lineage).await?;
            checkpoint::unlock_opening(connection).await?;
            return Ok(Decision::Read(Box::new(Start {
                lineage,
                reading,
                settings: settings.clone(),
                position: Position::START,
                read: ContentRead::default(),
                arrival: Arrival::New,
                head: (length, hash),
            })));
        };
        let lineage = candidate.lineage;
        checkpoint::unlock_opening(connection).await?;
        // Whoever reads this lineage now is waited for.
        checkpoint::lock_lineage(connection, lineage).await?;
        let known = checkpoint::settled_checkpoint(connection, lineage).await?;
        if let Some(decision) =
            known_content(connection, file, known, &reading, settings, policy.follow).await?
        {
            if !matches!(decision, Decision::Read(_)) {
                checkpoint::unlock_lineage(connection, lineage).await?;
            }
            return Ok(decision);
        }
        checkpoint::unlock_lineage(connection, lineage).await?;
        others.insert(lineage);
    }
}

/// Whether a file of an unknown path has this lineage's content; `None` when it has not.
async fn known_content(
    connection: &mut PgConnection,
    file: &File,
    known: Option<Checkpoint>,
    reading: &Reading,
    settings: &Settings,
    is_followed: bool,
) -> anyhow::Result<Option<Decision>> {
    let Some(known) = known else { return Ok(None) };
    if known.next_record == 0 {
        // Nothing was stored of it: it says nothing about this file.
        return Ok(None);
    }
    let stored = stored_reading(&known)?;
    // Known by its first line alone, it says nothing about a shorter file: files that are followed begin alike.
    let is_known_by_line =
        is_followed && i64::from(known.head_length) < known.next_byte.min(HEAD_BYTES as i64);
    let decision = match compare_all(file, &reading.plan, known)? {
        Comparison::Same(known) => {
            let settings = stored.settings(&settings.path)?;
            resume(connection, file, stored, settings, known, Arrival::Copy).await?
        }
        Comparison::Shorter { length, read } if !is_known_by_line => {
            Decision::Trouble(Trouble::OlderCopy { length, read })
        }
        Comparison::Shorter { .. } | Comparison::Different => return Ok(None),
    };
    Ok(Some(decision))
}

async fn candidates(connection: &mut PgConnection, head: &[u8]) -> anyhow::Result<Vec<Checkpoint>> {
    let lengths = checkpoint::head_lengths(connection).await?;
    let heads: Vec<(i32, Vec<u8>)> = lengths
        .into_iter()
        .filter_map(|length| {
            Some((
                length,
                ContentHash::of(head.get(..usize::try_from(length).ok()?)?),
            ))
        })
        .collect();
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    Ok(checkpoint::with_heads(connection, &heads).await?)
}

#[expect(clippy::large_enum_variant, reason = "one per file")]
enum Comparison {
    Same(Known),
    /// So many content bytes, and not those that were read.
    Shorter {
        length: u64,
        read: u64,
    },
    Different,
}

/// Compares a known path: by head and tail where bytes can be reached directly, else by everything that was read.
fn compare(
    file: &File,
    plan: &Plan,
    checkpoint: Checkpoint,
    metadata: &Metadata,
) -> anyhow::Result<Comparison> {
    let read = checkpoint.next_byte as u64;
    let (Some(state), true) = (&checkpoint.hash_state, is_plain(file, plan)?) else {
        return compare_all(file, plan, checkpoint);
    };
    if metadata.len() < read {
        let length = metadata.len();
        return Ok(Comparison::Shorter { length, read });
    }
    if metadata.len() < checkpoint.head_length as u64 {
        return Ok(Comparison::Different);
    }
    let head = read_at(file, 0, checkpoint.head_length as usize)?;
    let from = read - checkpoint.tail_length as u64;
    let end = read_at(file, from, checkpoint.tail_length as usize)?;
    if ContentHash::of(&head) != checkpoint.head_hash
        || Some(ContentHash::of(&end)) != checkpoint.tail_hash
    {
        return Ok(Comparison::Different);
    }
    let mut tail = Tail::default();
    tail.append(&end);
    Ok(Comparison::Same(Known {
        read: ContentRead {
            length: read,
            hash: ContentHash::resume(state, read, &end)?,
            tail,
        },
        next: read_at(file, read, 1).ok().map(|bytes| bytes[0]),
        checkpoint,
    }))
}

fn compare_all(file: &File, plan: &Plan, checkpoint: Checkpoint) -> anyhow::Result<Comparison> {
    let read = checkpoint.next_byte as u64;
    let prefix = content::prefix(file, plan, read)?;
    let nothing = || Some(ContentHash::of(b""));
    Ok(if prefix.read.length < read {
        let length = prefix.read.length;
        Comparison::Shorter { length, read }
    } else if Some(prefix.read.hash.digest()) != checkpoint.content_hash.clone().or_else(nothing) {
        Comparison::Different
    } else {
        Comparison::Same(Known {
            read: prefix.read,
            next: prefix.next,
            checkpoint,
        })
    })
}

/// Whether content bytes are the file's own bytes.
pub(super) fn is_plain(file: &File, plan: &Plan) -> anyhow::Result<bool> {
    use std::io::Seek;
    let Some(encoding) = plan.shape.encoding() else {
        return Ok(false);
    };
    let mut again = file.try_clone()?;
    again.rewind()?;
    let content = Content::open(again, Some(encoding))?;
    Ok(content.compression() == Compression::Plain && content.utf_16().is_none())
}

fn read_at(file: &File, from: u64, length: usize) -> anyhow::Result<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, from)
        .context("cannot read what was read before")?;
    Ok(bytes)
}

/// How content was read of which a checkpoint tells.
///
/// # Errors
/// When another version wrote it down.
pub fn stored_reading(known: &Checkpoint) -> anyhow::Result<Reading> {
    serde_json::from_value(known.reading.clone().unwrap_or_default())
        .context("how this source was read is stored in the form of another version of smartETL")
}
