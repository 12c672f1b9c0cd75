//! Gives errors that mean the same one name: the message without its variable parts, and a hash of that.
//!
//! Pure and independent of history: the same message has the same signature on every machine, for ever, as long as
//! [`SIGNATURE_VERSION`] stays. It must never depend on other messages; what belongs together beyond equal masks
//! (templates) is decided elsewhere.

mod mask;
mod token;

use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

pub use mask::{MASK, mask};

/// Stands in every signature; grows whenever [`mask()`] changes what it writes.
pub const SIGNATURE_VERSION: u8 = 1;

/// The name of an error: a uuid (version 8) of class, code and masked message. `scratch` is only reused memory; what
/// it holds afterwards is the masked message.
///
/// The second byte of the uuid is [`SIGNATURE_VERSION`].
pub fn signature(
    error_type: Option<&str>,
    error_code: Option<&str>,
    message: Option<&str>,
    scratch: &mut String,
) -> Uuid {
    scratch.clear();
    if let Some(message) = message {
        mask(message, scratch);
    }
    let mut hasher = Xxh3::with_seed(u64::from(SIGNATURE_VERSION));
    for part in [error_type, error_code, message.map(|_| scratch.as_str())] {
        // Length first, so that no two lists of parts are the same bytes.
        let length = part.map_or(u64::MAX, |part| part.len() as u64);
        hasher.update(&length.to_le_bytes());
        hasher.update(part.unwrap_or_default().as_bytes());
    }
    let mut bytes = hasher.digest128().to_be_bytes();
    bytes[1] = SIGNATURE_VERSION;
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests;
