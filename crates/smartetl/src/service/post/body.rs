//! The body of a post: whole, unpacked, and not too large.

use std::io::Read;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{HeaderMap, header};
use futures_util::TryStreamExt as _;
use smartetl_formats::message::MESSAGE_BYTES;

use super::Refusal;
use crate::inbox::{Room, Taken};

/// A body is not larger, packed or unpacked, bytes: as much as one record may have.
pub const MOST_BYTES: usize = MESSAGE_BYTES;
/// How long it may take to send it.
const SENDING: Duration = Duration::from_secs(20);
/// How long the rest of a body is read that is refused.
const READING_OFF: Duration = Duration::from_secs(5);
/// Zstd looks back no further than a body is long: 2^24 bytes.
const WINDOW_LOG: u32 = 24;
/// How much is unpacked at a time, bytes.
const BLOCK: usize = 64 * 1024;

/// Reads a body that is JSON; gives it unpacked, with the room that it takes.
///
/// # Errors
/// When it is called something else, comes too slowly, is cut, empty, too large or damaged, or when there is no room for it.
pub async fn read(
    headers: &HeaderMap,
    body: &mut BodyDataStream,
    room: &Room,
) -> Result<(Vec<u8>, Taken), Refusal> {
    check_type(headers)?;
    let packing = packing(headers)?;
    let mut taken = room.begin();
    let reading = tokio::time::timeout(SENDING, sent(headers, body, &mut taken));
    let sent = reading.await.map_err(|_| Refusal::Slow)??;
    let body = match packing {
        Packing::Plain => sent,
        // It computes, for longer than a moment where much comes out.
        Packing::Gzip => tokio::task::block_in_place(|| {
            let decoder = flate2::read::MultiGzDecoder::new(&*sent);
            unpacked(decoder, sent.len(), &mut taken)
        })?,
        Packing::Zstd => tokio::task::block_in_place(|| {
            let decoder = zstd::stream::read::Decoder::new(&*sent);
            let mut decoder = decoder.map_err(|_| Refusal::Damaged)?;
            let limited = decoder.window_log_max(WINDOW_LOG);
            limited.map_err(|_| Refusal::Damaged)?;
            unpacked(decoder, sent.len(), &mut taken)
        })?,
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    Ok((body, taken))
}

/// Reads the rest of a body that is refused, as far as that is bearable: most senders listen to an answer only when they have
/// said everything.
pub async fn read_off(body: &mut BodyDataStream) {
    let mut left = 2 * MOST_BYTES;
    let reading = async {
        while let Ok(Some(piece)) = body.try_next().await {
            match left.checked_sub(piece.len()) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // Whoever sends more slowly is cut off.
    let _ = tokio::time::timeout(READING_OFF, reading).await;
}

fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let said = headers
        .get(header::CONTENT_TYPE)
        .and_then(|said| said.to_str().ok())
        .unwrap_or_default();
    let name = said.split(';').next().unwrap_or_default().trim();
    let known = [
        "application/json",
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
    ];
    if known.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        Ok(())
    } else {
        Err(Refusal::Type(name.to_owned()))
    }
}

/// How a body is packed.
#[derive(Clone, Copy)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

fn packing(headers: &HeaderMap) -> Result<Packing, Refusal> {
    let mut said = headers.get_all(header::CONTENT_ENCODING).iter();
    let (first, more) = (said.next(), said.next());
    let name = first.map_or("identity", |said| said.to_str().unwrap_or("?").trim());
    match name.to_ascii_lowercase().as_str() {
        _ if more.is_some() => Err(Refusal::Packing("?".to_owned())),
        "identity" | "" => Ok(Packing::Plain),
        "gzip" | "x-gzip" => Ok(Packing::Gzip),
        "zstd" => Ok(Packing::Zstd),
        other => Err(Refusal::Packing(other.to_owned())),
    }
}

/// The body as it is sent. Room is taken for what came, not for what is said to come: who only says it takes none.
async fn sent(
    headers: &HeaderMap,
    body: &mut BodyDataStream,
    taken: &mut Taken,
) -> Result<Vec<u8>, Refusal> {
    let said = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|said| said.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or_default();
    if said > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    let mut sent = Vec::with_capacity(said.min(BLOCK));
    while let Some(piece) = body.try_next().await.map_err(|_| Refusal::Cut)? {
        let length = sent.len() + piece.len();
        if length > MOST_BYTES {
            return Err(Refusal::TooLarge);
        }
        if !taken.grow_to(length) {
            return Err(Refusal::NoRoom);
        }
        sent.extend_from_slice(&piece);
    }
    Ok(sent)
}

/// What is packed in a body, which itself has `packed` bytes.
fn unpacked(mut from: impl Read, packed: usize, taken: &mut Taken) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    loop {
        let length = body.len() + BLOCK;
        if !taken.grow_to(packed + length) {
            return Err(Refusal::NoRoom);
        }
        let read = from
            .by_ref()
            .take(BLOCK as u64)
            .read_to_end(&mut body)
            .map_err(|_| Refusal::Damaged)?;
        if body.len() > MOST_BYTES {
            return Err(Refusal::TooLarge);
        }
        if read < BLOCK {
            return Ok(body);
        }
    }
}
