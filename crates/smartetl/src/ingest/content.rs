//! The content of a source as bytes: its running hash, its head, its tail. Content is what stands behind compression; for
//! Parquet a rendering of the rows.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use highway::{HighwayHash, HighwayHasher, Key};
use smartetl_formats::container::{Content, Item, ParquetReader, Shape, is_behind};
use smartetl_formats::dialect::generic::{Mapping, MappingSet};
use smartetl_formats::{Plan, Position, Settings};
use smartetl_store::checkpoint::Advance;

/// How much of a source's beginning makes it known.
pub const HEAD_BYTES: usize = 4096;
/// How much before a checkpoint is compared when a known file has grown.
pub const TAIL_BYTES: usize = 4096;
/// How much of a file is read at a time.
const BLOCK_BYTES: usize = 256 * 1024;
/// How many bytes the hash takes at a time.
const PACKET_BYTES: usize = 32;

/// A hash of content that can stop and go on. Bytes that do not fill a packet wait here and not in the hasher, whose state is
/// stored: content never is.
#[derive(Clone, Debug)]
pub struct ContentHash {
    hasher: HighwayHasher,
    waiting: Vec<u8>,
}

impl Default for ContentHash {
    fn default() -> Self {
        Self {
            hasher: HighwayHasher::new(Key::default()),
            waiting: Vec::with_capacity(PACKET_BYTES),
        }
    }
}

impl ContentHash {
    /// Goes on from what [`ContentHash::state`] gave after `length` bytes, of which `end` are the last.
    ///
    /// # Errors
    /// When the state is none, or `end` is too short.
    pub fn resume(state: &[u8], length: u64, end: &[u8]) -> anyhow::Result<Self> {
        let state = state
            .try_into()
            .map_err(|_| anyhow!("the stored state of a content hash has the wrong size"))?;
        let waiting = (length % PACKET_BYTES as u64) as usize;
        let from = end
            .len()
            .checked_sub(waiting)
            .context("the end of what was read is too short to go on")?;
        Ok(Self {
            hasher: HighwayHasher::from_checkpoint(state),
            waiting: end[from..].to_vec(),
        })
    }

    pub fn append(&mut self, mut bytes: &[u8]) {
        if !self.waiting.is_empty() {
            let taken = bytes.len().min(PACKET_BYTES - self.waiting.len());
            self.waiting.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.waiting.len() < PACKET_BYTES {
                return;
            }
            self.hasher.append(&self.waiting);
            self.waiting.clear();
        }
        let whole = bytes.len() - bytes.len() % PACKET_BYTES;
        self.hasher.append(&bytes[..whole]);
        self.waiting.extend_from_slice(&bytes[whole..]);
    }

    pub fn state(&self) -> Vec<u8> {
        self.hasher.checkpoint().to_vec()
    }

    /// The 128 bits of all bytes so far.
    pub fn digest(&self) -> Vec<u8> {
        let mut whole = self.hasher.clone();
        whole.append(&self.waiting);
        whole
            .finalize128()
            .iter()
            .flat_map(|half| half.to_be_bytes())
            .collect()
    }

    pub fn of(bytes: &[u8]) -> Vec<u8> {
        let mut hash = Self::default();
        hash.append(bytes);
        hash.digest()
    }
}

/// The last bytes of what was read.
#[derive(Clone, Debug, Default)]
pub struct Tail(Vec<u8>);

impl Tail {
    pub fn append(&mut self, bytes: &[u8]) {
        self.0
            .extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]);
        if self.0.len() > 16 * TAIL_BYTES {
            self.0.drain(..self.0.len() - TAIL_BYTES);
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0[self.0.len().saturating_sub(TAIL_BYTES)..]
    }
}

/// Content from the beginning on: so much of it as must be known to read on.
#[derive(Clone, Debug, Default)]
pub struct ContentRead {
    /// Bytes.
    pub length: u64,
    pub hash: ContentHash,
    pub tail: Tail,
}

impl ContentRead {
    pub fn append(&mut self, bytes: &[u8]) {
        self.hash.append(bytes);
        self.tail.append(bytes);
        self.length += bytes.len() as u64;
    }

    /// The checkpoint's way from a record to the end of this content, which is `to`. `unterminated`: the last line may go on.
    pub fn advance(
        &self,
        lineage: i64,
        from_record: i64,
        to: Position,
        unterminated: bool,
    ) -> Advance {
        Advance {
            lineage,
            from_record,
            next_record: to.record,
            next_byte: self.length as i64,
            next_line: to.line,
            content_hash: self.hash.digest(),
            hash_state: self.hash.state(),
            tail_length: self.tail.bytes().len() as i32,
            tail_hash: ContentHash::of(self.tail.bytes()),
            unterminated,
        }
    }
}

/// How a source is read, as it is stored with its checkpoint: enough to read on, and to read it again for a proof.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Reading {
    pub plan: Plan,
    /// Name in the IANA database.
    pub timezone: String,
    /// Name and text of the mapping, where there is one.
    pub mapping: Option<(String, String)>,
    pub environment: Option<String>,
    pub host: Option<String>,
}

impl Reading {
    /// The settings under which the plan was made, for a source at `path`.
    ///
    /// # Errors
    /// When the zone or the mapping is of no use to this version.
    pub fn settings(&self, path: &str) -> anyhow::Result<Settings> {
        let mapping = self
            .mapping
            .as_ref()
            .map(|(name, text)| Mapping::named_in(name, text))
            .transpose()?;
        Ok(Settings {
            dialect: Some(self.plan.dialect.dialect.clone()),
            mappings: mapping
                .map_or_else(MappingSet::default, MappingSet::from)
                .only_if_any(),
            timezone: jiff::tz::TimeZone::get(&self.timezone)
                .with_context(|| format!("the stored time zone {} is not known", self.timezone))?,
            path: path.to_owned(),
            environment: self.environment.clone(),
            host: self.host.clone(),
            ..Settings::default()
        })
    }
}

impl Reading {
    /// The settings that read a source at `path` from its beginning as it was read: also what was recognised then stays.
    ///
    /// # Errors
    /// See [`Reading::settings`].
    pub fn again(&self, path: &str) -> anyhow::Result<Settings> {
        let mut settings = self.settings(path)?;
        settings.moment_format = Some(self.plan.dialect.moment.clone());
        if let Shape::Csv(csv) = &self.plan.shape {
            settings.overrides.delimiter = Some(csv.delimiter);
            settings.overrides.quote = Some(csv.quote);
            settings.overrides.header = Some(csv.header);
            // What was recognised is read otherwise than what was said.
            settings.overrides.encoding = (!csv.encoding_guessed).then_some(csv.encoding);
        }
        Ok(settings)
    }
}

/// Gives the content of a file to `take`, piece by piece, until `take` says that it has enough.
///
/// # Errors
/// When the file cannot be read so far.
pub fn walk(file: &File, plan: &Plan, mut take: impl FnMut(&[u8]) -> bool) -> anyhow::Result<()> {
    let file = reopened(file)?;
    let Some(encoding) = plan.shape.encoding() else {
        let mut reader = ParquetReader::open(file, Position::START)?;
        while let Some((item, _)) = reader.next()? {
            let raw = match &item {
                Item::Record(record) => record.raw,
                Item::Damaged(damage) => damage.raw,
                Item::Blank { raw } => raw,
            };
            if !take(raw) {
                break;
            }
        }
        return Ok(());
    };
    let mut content = Content::open(file, Some(encoding))?;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let length = content.read(&mut block)?;
        if length == 0 || !take(&block[..length]) {
            return Ok(());
        }
    }
}

/// The first content bytes, at most `length`. What stands behind packed data is told by whoever reads the records.
///
/// # Errors
/// When they cannot be read.
pub fn beginning(file: &File, plan: &Plan, length: usize) -> anyhow::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(length);
    but_behind(walk(file, plan, |piece| {
        head.extend_from_slice(&piece[..piece.len().min(length - head.len())]);
        head.len() < length
    }))?;
    Ok(head)
}

/// Where all of packed data was read and something else stands behind it, that is no matter here.
fn but_behind(walked: anyhow::Result<()>) -> anyhow::Result<()> {
    walked.or_else(|error| match error.downcast_ref::<std::io::Error>() {
        Some(behind) if is_behind(behind) => Ok(()),
        _ => Err(error),
    })
}

/// The beginning of a source.
#[derive(Debug)]
pub struct Prefix {
    /// Less than asked for when the source is shorter.
    pub read: ContentRead,
    /// The byte behind, if there is one.
    pub next: Option<u8>,
}

/// Hashes the first `length` content bytes.
pub fn prefix(file: &File, plan: &Plan, length: u64) -> anyhow::Result<Prefix> {
    let mut prefix = Prefix {
        read: ContentRead::default(),
        next: None,
    };
    but_behind(walk(file, plan, |piece| {
        let wanted = usize::try_from(length - prefix.read.length)
            .unwrap_or(usize::MAX)
            .min(piece.len());
        prefix.read.append(&piece[..wanted]);
        prefix.next = piece.get(wanted).copied();
        prefix.next.is_none()
    }))?;
    Ok(prefix)
}

/// A source against what was read of it.
#[derive(Debug, Default)]
pub struct Reread {
    /// The hash of as many content bytes as were read; `None` when the source is shorter.
    pub hash: Option<Vec<u8>>,
    pub rest: Rest,
}

/// The content behind what was read.
#[derive(Debug, Default)]
pub struct Rest {
    pub length: u64,
    pub first: Option<u8>,
    /// There is more than blank lines.
    pub has_records: bool,
    pub has_line_end: bool,
    /// Why it cannot be read to its end.
    pub broken: Option<String>,
}

/// Reads a source again, as `reading` (the stored JSON) says: its first `length` content bytes, and the rest where it is
/// wanted.
///
/// # Errors
/// When the file cannot be read so far, or was stored by another version.
pub fn reread(
    path: &Path,
    reading: &serde_json::Value,
    length: u64,
    with_rest: bool,
) -> anyhow::Result<Reread> {
    let reading: Reading = serde_json::from_value(reading.clone())
        .context("how this source was read is stored in the form of another version")?;
    let shape = &reading.plan.shape;
    let file = File::open(path)?;
    let (mut hash, mut missing) = (ContentHash::default(), length);
    let mut rest = Rest::default();
    let walked = walk(&file, &reading.plan, |piece| {
        let wanted = usize::try_from(missing)
            .unwrap_or(usize::MAX)
            .min(piece.len());
        let (read, behind) = piece.split_at(wanted);
        hash.append(read);
        missing -= wanted as u64;
        rest.length += behind.len() as u64;
        rest.first = rest.first.or(behind.first().copied());
        rest.has_records |= behind.iter().any(|byte| !shape.is_blank(*byte));
        rest.has_line_end |= behind.contains(&b'\n');
        missing > 0 || with_rest
    });
    match walked {
        Err(error) if missing > 0 => return Err(error),
        walked => rest.broken = walked.err().map(|error| format!("{error:#}")),
    }
    Ok(Reread {
        hash: (missing == 0).then(|| hash.digest()),
        rest,
    })
}

fn reopened(file: &File) -> std::io::Result<File> {
    use std::io::Seek;
    let mut again = file.try_clone()?;
    again.rewind()?;
    Ok(again)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_goes_on_where_it_stopped_and_keeps_no_content() {
        let content: Vec<u8> = (0..1_000_u32).map(|n| b'a' + (n % 23) as u8).collect();
        let whole = ContentHash::of(&content);
        for stop in [0, 1, 31, 32, 33, 500, 999] {
            let mut first = ContentHash::default();
            for piece in content[..stop].chunks(7) {
                first.append(piece);
            }
            let state = first.state();
            let shown = &content[stop.saturating_sub(8)..stop];
            assert!(
                shown.len() < 8 || !state.windows(8).any(|window| window == shown),
                "{stop}"
            );
            let mut second =
                ContentHash::resume(&state, stop as u64, &content[..stop]).expect("a state");
            second.append(&content[stop..]);
            assert_eq!(second.digest(), whole, "{stop}");
        }
    }
}
