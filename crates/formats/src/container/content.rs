//! Opening a source: decompression by magic bytes and transcoding of UTF-16. What comes out are the content bytes.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::GzDecoder;

use super::Encoding;

const BLOCK: usize = 64 * 1024;
/// What a member of gzip begins with.
const GZIP: u8 = 0x1F;

/// How the bytes of a source are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Plain,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstd,
}

/// The content bytes of a source, from its start.
pub struct Content {
    inner: Box<dyn Read + Send>,
    compression: Compression,
    utf_16: Option<Encoding>,
}

impl Content {
    /// Opens `raw` at its first byte. `encoding` matters for UTF-16 only, which otherwise needs a byte order mark.
    pub fn open(raw: impl Read + Send + 'static, encoding: Option<Encoding>) -> io::Result<Self> {
        let (head, raw) = peek(raw, 4)?;
        let (compression, unpacked): (_, Box<dyn Read + Send>) = match head.as_slice() {
            [GZIP, 0x8B, ..] => (Compression::Gzip, Box::new(Members::new(raw))),
            [0x28, 0xB5, 0x2F, 0xFD] => (
                Compression::Zstd,
                Box::new(zstd::stream::read::Decoder::new(raw)?),
            ),
            _ => (Compression::Plain, Box::new(raw)),
        };
        let (head, unpacked) = match peek(unpacked, 2) {
            Ok((head, unpacked)) => (head, Box::new(unpacked) as Box<dyn Read + Send>),
            // The packed data is damaged at its start: the reader meets the same error, with its place.
            Err(error) => (
                Vec::new(),
                Box::new(Failing(Some(error))) as Box<dyn Read + Send>,
            ),
        };
        let utf_16 = match head.as_slice() {
            [0xFF, 0xFE] => Some(Encoding::UTF_16LE),
            [0xFE, 0xFF] => Some(Encoding::UTF_16BE),
            _ => encoding.filter(|encoding| encoding.is_utf_16()),
        };
        let inner = match utf_16 {
            Some(encoding) => Box::new(Transcoder::new(unpacked, encoding)),
            None => unpacked,
        };
        Ok(Self {
            inner,
            compression,
            utf_16,
        })
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The UTF-16 that the content was transcoded from.
    pub fn utf_16(&self) -> Option<Encoding> {
        self.utf_16
    }

    /// Reads and forgets content up to content byte `byte`; call it before anything was read.
    /// An end before it is `UnexpectedEof`: the source is shorter than it was.
    pub fn skip(&mut self, byte: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.inner).take(byte), &mut io::sink())?;
        if skipped == byte {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "the content ends at byte {skipped}, before byte {byte} that was read earlier"
                ),
            ))
        }
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

/// A reader whose first bytes were looked at, from its start.
type Peeked<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first `count` bytes (fewer at the end), and a reader that still starts with them.
fn peek<R: Read>(mut reader: R, count: usize) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut head = Vec::with_capacity(count);
    (&mut reader).take(count as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self
            .0
            .take()
            .unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()))
    }
}

/// Whether an error says that packed data has come to a good end, and something else stands behind it.
pub fn is_behind(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Behind>)
}

#[derive(Debug, thiserror::Error)]
#[error("bytes that are no gzip stand behind the compressed data")]
struct Behind;

/// The members of a gzip file as one content.
struct Members<R: Read> {
    /// `None` behind the last one.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Members<R> {
    fn new(raw: R) -> Self {
        let member = GzDecoder::new(BufReader::with_capacity(BLOCK, raw));
        Self {
            member: Some(member),
        }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let goes_on = next_member(member.get_mut())?;
            let packed = self.member.take().filter(|_| goes_on);
            self.member = packed.map(|packed| GzDecoder::new(packed.into_inner()));
        }
        Ok(0)
    }
}

/// Whether another member follows; goes to it over the zeros that tapes and archives are filled up with.
fn next_member(packed: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let known = packed.fill_buf()?;
        let zeros = known.iter().take_while(|byte| **byte == 0).count();
        match known.get(zeros) {
            Some(&GZIP) => {
                packed.consume(zeros);
                return Ok(true);
            }
            Some(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, Behind)),
            None if zeros == 0 => return Ok(false),
            None => packed.consume(zeros),
        }
    }
}

/// UTF-16 in, UTF-8 without byte order mark out. Halves of surrogate pairs that stand alone become U+FFFD.
struct Transcoder<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    input_from: usize,
    input_to: usize,
    ended: bool,
    finished: bool,
    output: Vec<u8>,
    output_from: usize,
}

impl<R: Read> Transcoder<R> {
    fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.decoder(),
            input: vec![0; BLOCK],
            input_from: 0,
            input_to: 0,
            ended: false,
            finished: false,
            output: Vec::new(),
            output_from: 0,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        if self.input_from == self.input_to && !self.ended {
            self.input_from = 0;
            self.input_to = self.inner.read(&mut self.input)?;
            self.ended = self.input_to == 0;
        }
        self.output.resize(2 * BLOCK, 0);
        let (result, read, written, _) = self.decoder.decode_to_utf8(
            &self.input[self.input_from..self.input_to],
            &mut self.output,
            self.ended,
        );
        self.finished = self.ended && result == encoding_rs::CoderResult::InputEmpty;
        self.input_from += read;
        self.output.truncate(written);
        self.output_from = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.output_from == self.output.len() {
            if self.finished {
                return Ok(0);
            }
            self.decode_more()?;
        }
        let count = buffer.len().min(self.output.len() - self.output_from);
        buffer[..count].copy_from_slice(&self.output[self.output_from..self.output_from + count]);
        self.output_from += count;
        Ok(count)
    }
}
