//! A backup as it is written: front to back, so that it can also go into a pipe.

use super::{HEAD, Head, MANIFEST, Manifest, SEAL, Sum, Summing, header, piece_name, seal};
use smartetl_store::backup::Sequence;
use std::io::{self, Write};
use std::sync::mpsc::Receiver;

/// What is to be written next.
#[derive(Debug)]
pub enum Order {
    /// More of the COPY stream of the present relation.
    Rows(Vec<u8>),
    /// The present relation is over, with so many rows.
    End(u64),
    /// All relations are over.
    Finish(Vec<Sequence>),
}

/// zstd's own default, which is as quick as rows come.
const LEVEL: i32 = 3;
/// A piece is held in memory until it is whole, because its length stands before it.
const PIECE_BYTES: usize = 4 << 20;
/// Rows that compress to nearly nothing are cut as well.
const PIECE_CONTENT: u64 = 256 << 20;

/// Writes what is ordered until the end. What it came to, and the size of the file.
///
/// # Errors
/// When the place cannot be written, or the orders stop before the end (`UnexpectedEof`).
pub fn write(to: impl Write, head: Head, orders: &Receiver<Order>) -> io::Result<(Manifest, u64)> {
    let mut writer = Writer {
        tar: tar::Builder::new(Sealed {
            to,
            sum: Summing::default(),
        }),
    };
    writer.entry(HEAD, &json(&head)?)?;
    let mut sums = Vec::new();
    for relation in &head.contents.relations {
        sums.push(writer.relation(&relation.name, orders)?);
    }
    let Order::Finish(sequences) = next(orders)? else {
        return Err(io::Error::other("there are more rows than relations"));
    };
    let manifest = Manifest {
        head,
        sums,
        sequences,
    };
    writer.entry(MANIFEST, &json(&manifest)?)?;
    let seal = seal(&writer.tar.get_ref().sum);
    writer.entry(SEAL, seal.as_bytes())?;
    let mut sealed = writer.tar.into_inner()?;
    sealed.to.flush()?;
    Ok((manifest, sealed.sum.bytes))
}

fn next(orders: &Receiver<Order>) -> io::Result<Order> {
    orders
        .recv()
        .map_err(|_| io::ErrorKind::UnexpectedEof.into())
}

fn json(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

struct Writer<W: Write> {
    tar: tar::Builder<Sealed<W>>,
}

impl<W: Write> Writer<W> {
    fn entry(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.tar.append(&header(name, bytes.len())?, bytes)
    }

    fn relation(&mut self, name: &str, orders: &Receiver<Order>) -> io::Result<Sum> {
        let mut sum = Summing::default();
        let mut number = 1;
        let mut piece = compressor()?;
        let mut begins_at = 0;
        loop {
            match next(orders)? {
                Order::Rows(bytes) => {
                    sum.add(&bytes);
                    piece.write_all(&bytes)?;
                    if piece.get_ref().len() >= PIECE_BYTES
                        || sum.bytes - begins_at >= PIECE_CONTENT
                    {
                        let whole = std::mem::replace(&mut piece, compressor()?).finish()?;
                        self.entry(&piece_name(name, number), &whole)?;
                        number += 1;
                        begins_at = sum.bytes;
                    }
                }
                Order::End(rows) => {
                    self.entry(&piece_name(name, number), &piece.finish()?)?;
                    return Ok(sum.of(name, rows));
                }
                Order::Finish(_) => return Err(io::Error::other("a relation has no end")),
            }
        }
    }
}

fn compressor() -> io::Result<zstd::Encoder<'static, Vec<u8>>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

/// Adds up what is written.
struct Sealed<W> {
    to: W,
    sum: Summing,
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.add(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
