//! All tables in one file. The file is a tar archive, so that it can be read without smartETL; this is what stands in it, in
//! this order:
//!
//! - `smartetl-backup.json` ([`Head`]): what was backed up, by which version, when.
//! - `data/RELATION/NUMBER.copy.zst`: the rows of each relation as PostgreSQL's `COPY … (FORMAT binary)` gives them, cut
//!   into pieces anywhere, each compressed by zstd. What is unpacked from the pieces of a relation, one behind the other,
//!   can be given to `COPY … FROM`.
//! - `manifest.json` ([`Manifest`]): the same as the head, the rows, bytes and SHA-256 of each relation, the sequences.
//! - `sha256`: the SHA-256 of everything before this entry. A file without it was not written to its end.
//!
//! Only files here: the database is the store's.

mod read;
mod write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smartetl_store::backup::{Contents, Sequence};
use smartetl_store::hex;

pub use read::{Fault, Piece, read};
pub use write::{Order, write};

/// The version of this layout.
pub const FORMAT: u32 = 1;

const HEAD: &str = "smartetl-backup.json";
const MANIFEST: &str = "manifest.json";
const SEAL: &str = "sha256";
/// Length of the seal: it fills a block of tar, so that no byte of the file is without meaning.
const SEAL_BYTES: usize = 512;

/// What is known before the first row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub format: u32,
    /// The version of smartETL that wrote it.
    pub smartetl: String,
    /// What the server's clock said; UTC.
    pub taken_at: String,
    #[serde(flatten)]
    pub contents: Contents,
}

/// What is known behind the last row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(flatten)]
    pub head: Head,
    /// Of each relation, in their order.
    pub sums: Vec<Sum>,
    pub sequences: Vec<Sequence>,
}

impl Manifest {
    pub fn rows(&self) -> u64 {
        self.sums.iter().map(|sum| sum.rows).sum()
    }

    /// Whether a producer sent files of it through Kafka.
    pub fn has_streams(&self) -> bool {
        self.sums
            .iter()
            .any(|sum| sum.relation == "stream" && sum.rows > 0)
    }
}

/// What a relation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    pub relation: String,
    pub rows: u64,
    /// Of the COPY stream.
    pub bytes: u64,
    /// Of the COPY stream; hexadecimal.
    pub sha256: String,
}

/// Adds up a stream.
#[derive(Clone, Default)]
struct Summing {
    hash: Sha256,
    bytes: u64,
}

impl Summing {
    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Hexadecimal.
    fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    fn of(self, relation: &str, rows: u64) -> Sum {
        Sum {
            relation: relation.to_owned(),
            rows,
            bytes: self.bytes,
            sha256: self.sha256(),
        }
    }
}

/// The same bytes whoever writes it.
fn header(name: &str, bytes: usize) -> std::io::Result<tar::Header> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name)?;
    header.set_size(bytes as u64);
    header.set_mode(0o600);
    header.set_cksum();
    Ok(header)
}

/// What stands in the seal of everything before it.
fn seal(before: &Summing) -> String {
    format!("{:<width$}", before.sha256() + "\n", width = SEAL_BYTES)
}

fn piece_name(relation: &str, number: u32) -> String {
    format!("data/{relation}/{number:06}.copy.zst")
}

#[cfg(test)]
mod tests {
    use super::*;
    use smartetl_store::Applied;
    use smartetl_store::backup::{Column, Relation};
    use smartetl_store::copy::{HEADER, TRAILER};
    use std::sync::mpsc::sync_channel;

    fn head() -> Head {
        let relation = |name: &str| Relation {
            name: name.to_owned(),
            month_of: None,
            columns: vec![Column {
                name: "a".to_owned(),
                kind: "bigint".to_owned(),
            }],
        };
        Head {
            format: FORMAT,
            smartetl: "1.2.3".to_owned(),
            taken_at: "2026-11-26T00:00:00.000000Z".to_owned(),
            contents: Contents {
                migrations: vec![Applied {
                    version: 1,
                    checksum: "00".to_owned(),
                }],
                relations: vec![relation("one"), relation("none")],
            },
        }
    }

    /// A COPY stream of one `bigint` column.
    fn stream(rows: i64) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for row in 0..rows {
            bytes.extend_from_slice(&[0, 1, 0, 0, 0, 8]);
            bytes.extend_from_slice(&row.to_be_bytes());
        }
        bytes.extend_from_slice(TRAILER);
        bytes
    }

    fn backup(rows: i64) -> Vec<u8> {
        written(head(), rows)
    }

    fn written(head: Head, rows: i64) -> Vec<u8> {
        let (orders, received) = sync_channel(100);
        let sequence = Sequence {
            name: "s".to_owned(),
            last: Some(7),
        };
        for order in [
            Order::Rows(stream(rows)),
            Order::End(rows.cast_unsigned()),
            Order::Rows(stream(0)),
            Order::End(0),
            Order::Finish(vec![sequence]),
        ] {
            orders.send(order).expect("there is room");
        }
        let mut file = Vec::new();
        write(&mut file, head, &received).expect("memory takes it");
        file
    }

    fn check(file: &[u8]) -> Result<(Vec<u8>, Option<Manifest>), Fault> {
        let (mut rows, mut whole) = (Vec::new(), None);
        read(file, |piece| {
            match piece {
                Piece::Rows { data, .. } => rows.extend_from_slice(&data),
                Piece::Whole(manifest) => whole = Some(*manifest),
                Piece::Head(_) | Piece::End { .. } => {}
            }
            true
        })?;
        Ok((rows, whole))
    }

    #[test]
    fn what_was_written_is_read() {
        let (rows, whole) = check(&backup(1000)).expect("it is whole");
        assert_eq!(rows, [stream(1000), stream(0)].concat());
        let whole = whole.expect("it has an end");
        assert_eq!((whole.rows(), whole.head), (1000, head()));
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_refused() {
        let file = backup(20);
        for length in 0..file.len() {
            assert!(check(&file[..length]).is_err(), "{length}");
        }
        assert!(check(&[&file[..], b"more"].concat()).is_err());
    }

    #[test]
    fn a_file_with_any_other_bit_is_refused() {
        let file = backup(20);
        for bit in 0..file.len() * 8 {
            let mut other = file.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(check(&other).is_err(), "byte {}, bit {}", bit / 8, bit % 8);
        }
    }

    #[test]
    fn others_are_no_backups() {
        for foreign in [&b""[..], b"moment;pid\n", &[0; 2048], &[0xff; 2048]] {
            assert!(matches!(check(foreign), Err(Fault::Foreign)));
        }
        let mut later = head();
        later.format = FORMAT + 1;
        let later = written(later, 0);
        assert!(matches!(check(&later), Err(Fault::Later { .. })));
    }
}
