//! A backup as it is read: front to back, so that it can also come out of a pipe. What is given out before the end may
//! still turn out to be damaged: only [`Piece::Whole`] says that it is not.

use super::{FORMAT, HEAD, Head, MANIFEST, Manifest, SEAL, Sum, Summing, header, piece_name, seal};
use smartetl_store::copy::TupleReader;
use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

/// What comes out of a backup, in order.
#[derive(Debug)]
pub enum Piece {
    Head(Box<Head>),
    /// More of the COPY stream of a relation; its number in the head.
    Rows {
        relation: usize,
        data: Vec<u8>,
    },
    /// The relation is over.
    End {
        relation: usize,
    },
    /// Nothing is missing, nothing is changed.
    Whole(Box<Manifest>),
}

/// Why a file is not read to its end.
#[derive(Debug)]
pub enum Fault {
    /// It is no backup of smartETL.
    Foreign,
    /// Its layout is that of a later version.
    Later { smartetl: String },
    /// It is cut or changed; how that was seen, and the byte where.
    Damaged { how: String, at: u64 },
    /// The system does not give it.
    Unreadable(io::Error),
    /// Nobody takes what is read any more.
    Unwanted,
}

/// Rows are given out in pieces of this size.
const STEP: usize = 256 << 10;
/// More than any manifest has; a damaged length must not fill the memory.
const LONGEST_JSON: u64 = 64 << 20;
/// 16 MiB, more than our compression level uses.
const LARGEST_WINDOW_LOG: u32 = 24;
/// tar's unit.
const BLOCK: usize = 512;

/// Reads a backup and gives its pieces to `take`, as long as that answers `true`.
///
/// # Errors
/// See [`Fault`].
pub fn read(from: impl Read, take: impl FnMut(Piece) -> bool) -> Result<(), Fault> {
    let track = Rc::new(RefCell::new(Track::default()));
    let tracked = Tracked {
        from,
        track: Rc::clone(&track),
    };
    let mut archive = tar::Archive::new(tracked);
    let mut reader = Reader {
        take,
        track: Rc::clone(&track),
        is_ours: false,
        whole: None,
    };
    let read = archive
        .entries()
        .map_err(Stop::Io)
        .and_then(|entries| reader.entries(entries))
        .and_then(|()| nothing_follows(archive.into_inner()))
        .and_then(|()| reader.end());
    let at = track.borrow().sum.bytes + track.borrow().last.len() as u64;
    read.map_err(|stop| match stop {
        Stop::Fault(fault) => fault,
        Stop::Damaged(how) => Fault::Damaged {
            how: how.to_owned(),
            at,
        },
        // What the system says is no damage; what the decoders say is.
        Stop::Io(error) if error.raw_os_error().is_some() => Fault::Unreadable(error),
        Stop::Io(_) if !reader.is_ours => Fault::Foreign,
        Stop::Io(error) => Fault::Damaged {
            how: error.to_string(),
            at,
        },
    })
}

enum Stop {
    Fault(Fault),
    Damaged(&'static str),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Reader<T> {
    take: T,
    track: Rc<RefCell<Track>>,
    /// The file begins as backups do.
    is_ours: bool,
    whole: Option<Manifest>,
}

impl<T: FnMut(Piece) -> bool> Reader<T> {
    fn give(&mut self, piece: Piece) -> Result<(), Stop> {
        if (self.take)(piece) {
            Ok(())
        } else {
            Err(Stop::Fault(Fault::Unwanted))
        }
    }

    fn end(&mut self) -> Result<(), Stop> {
        let whole = self.whole.take();
        whole.map_or(Ok(()), |whole| self.give(Piece::Whole(Box::new(whole))))
    }

    fn entries<R: Read>(&mut self, mut entries: tar::Entries<'_, R>) -> Result<(), Stop> {
        let Some((_, entry)) = next(&mut entries)?.take_if(|(name, _)| name == HEAD) else {
            return Err(Stop::Fault(Fault::Foreign));
        };
        self.is_ours = true;
        let head = head(&text(entry)?)?;
        self.give(Piece::Head(Box::new(head.clone())))?;
        let mut sums = Vec::new();
        let mut pending = next(&mut entries)?;
        for (number, relation) in head.contents.relations.iter().enumerate() {
            let mut summing = Relation::new(number);
            let mut piece = 1;
            while let Some((_, entry)) =
                pending.take_if(|(name, _)| *name == piece_name(&relation.name, piece))
            {
                self.rows(entry, &mut summing)?;
                piece += 1;
                pending = next(&mut entries)?;
            }
            if summing.tuples.end().is_err() {
                return Err(Stop::Damaged("rows are missing"));
            }
            self.give(Piece::End { relation: number })?;
            sums.push(summing.sum.of(&relation.name, summing.rows));
        }
        let Some((_, entry)) = pending.take_if(|(name, _)| name == MANIFEST) else {
            return Err(Stop::Damaged("there is no manifest behind the rows"));
        };
        let manifest = manifest(&text(entry)?, head, sums)?;
        let Some((_, entry)) = next(&mut entries)?.take_if(|(name, _)| name == SEAL) else {
            return Err(Stop::Damaged("the end is missing"));
        };
        let expected = seal(&self.track.borrow().sum);
        let is_ours = *entry.header().as_bytes() == *header(SEAL, expected.len())?.as_bytes();
        if !is_ours || text(entry)? != expected {
            return Err(Stop::Damaged("its SHA-256 is another one"));
        }
        if next(&mut entries)?.is_some() {
            return Err(Stop::Damaged("something stands behind its end"));
        }
        self.whole = Some(manifest);
        Ok(())
    }

    fn rows(&mut self, entry: impl Read, relation: &mut Relation) -> Result<(), Stop> {
        let mut decoder = zstd::Decoder::new(entry)?;
        decoder.window_log_max(LARGEST_WINDOW_LOG)?;
        loop {
            let mut data = Vec::with_capacity(STEP);
            if decoder.by_ref().take(STEP as u64).read_to_end(&mut data)? == 0 {
                return Ok(());
            }
            relation.add(&data);
            let relation = relation.number;
            self.give(Piece::Rows { relation, data })?;
        }
    }
}

fn next<'a, R: Read>(
    entries: &mut tar::Entries<'a, R>,
) -> Result<Option<(String, tar::Entry<'a, R>)>, Stop> {
    let Some(entry) = entries.next().transpose()? else {
        return Ok(None);
    };
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    Ok(Some((name, entry)))
}

/// What a relation comes to.
struct Relation {
    number: usize,
    sum: Summing,
    tuples: TupleReader,
    rows: u64,
}

impl Relation {
    fn new(number: usize) -> Self {
        Self {
            number,
            sum: Summing::default(),
            tuples: TupleReader::default(),
            rows: 0,
        }
    }

    fn add(&mut self, data: &[u8]) {
        self.sum.add(data);
        self.tuples.push(data);
        while self.tuples.next_tuple().is_some() {
            self.rows += 1;
        }
    }
}

fn text(entry: impl Read) -> Result<String, Stop> {
    let mut text = String::new();
    entry.take(LONGEST_JSON).read_to_string(&mut text)?;
    Ok(text)
}

fn head(text: &str) -> Result<Head, Stop> {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    match value["format"].as_u64() {
        Some(format) if format > u64::from(FORMAT) => Err(Stop::Fault(Fault::Later {
            smartetl: value["smartetl"].as_str().unwrap_or_default().to_owned(),
        })),
        _ => serde_json::from_value(value)
            .map_err(|_| Stop::Damaged("what it says about itself is not complete")),
    }
}

fn manifest(text: &str, head: Head, sums: Vec<Sum>) -> Result<Manifest, Stop> {
    let manifest: Manifest =
        serde_json::from_str(text).map_err(|_| Stop::Damaged("its manifest is not complete"))?;
    if manifest.head == head && manifest.sums == sums {
        Ok(manifest)
    } else {
        Err(Stop::Damaged("its rows are not those of its manifest"))
    }
}

/// Behind the last entry tar has two blocks of zeros, of which one was read, and then nothing.
fn nothing_follows(rest: impl Read) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    rest.take(BLOCK as u64 + 1).read_to_end(&mut bytes)?;
    if bytes == [0; BLOCK] {
        Ok(())
    } else {
        Err(Stop::Damaged("its end is another one"))
    }
}

/// Everything that was read but the last block, which is the header of the entry that was just opened.
#[derive(Default)]
struct Track {
    sum: Summing,
    last: Vec<u8>,
}

struct Tracked<R> {
    from: R,
    track: Rc<RefCell<Track>>,
}

impl<R: Read> Read for Tracked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        let track = &mut *self.track.borrow_mut();
        track.last.extend_from_slice(&buffer[..read]);
        let over = track.last.len().saturating_sub(BLOCK);
        track.sum.add(&track.last[..over]);
        track.last.drain(..over);
        Ok(read)
    }
}
