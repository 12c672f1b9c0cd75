//! Gives errors that mean the same one name: the message without its variable parts and a hash of that (the signature),
//! and what brings signatures together that mean the same (the template).
//!
//! A signature is pure and independent of history: the same message has the same signature on every machine, for ever,
//! as long as [`SIGNATURE_VERSION`] stays. It must never depend on other messages. A template is a function of the set
//! of signatures ([`Templates`]). Nothing here reads or writes anything.

mod mask;
pub mod problem;
pub mod stack;
mod telling;
mod template;

use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

pub use mask::{MASK, mask};
pub use template::{Place, TEMPLATE_VERSION, Template, Templates};

/// Stands in every signature; grows whenever [`mask()`] or [`stack`] change what they write.
pub const SIGNATURE_VERSION: u8 = 8;

/// Both versions: where a database was grouped by another one, the next fuse masks and groups everything anew.
pub const GROUPING_VERSION: i16 = SIGNATURE_VERSION as i16 * 100 + TEMPLATE_VERSION as i16;

/// What names an error: the columns of `logerreur` that take part in its signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named<'a> {
    pub error_type: Option<&'a str>,
    pub error_code: Option<&'a str>,
    pub message: Option<&'a str>,
    /// Its deepest cause, what that says, and its topmost frame of the user's own code count, see [`stack`].
    pub stack: Option<&'a str>,
}

/// The name of an error: a uuid (version 8) of class, code, masked message and what the stack says. `scratch` is only
/// reused memory.
///
/// The second byte of the uuid is [`SIGNATURE_VERSION`].
pub fn signature(error: &Named<'_>, scratch: &mut String) -> Uuid {
    scratch.clear();
    if let Some(message) = error.message {
        mask(message, scratch);
    }
    signature_of_masked(error, scratch)
}

/// [`signature`], where `scratch` holds the masked message.
pub(crate) fn signature_of_masked(error: &Named<'_>, scratch: &mut String) -> Uuid {
    let masked = scratch.len();
    if let Some(stack) = error.stack {
        let said = error.message.unwrap_or_default();
        stack::write(&stack::read(stack), said, scratch, masked);
    }
    let (masked, stack) = scratch.split_at(masked);
    let mut hasher = Xxh3::with_seed(u64::from(SIGNATURE_VERSION));
    for part in [
        error.error_type,
        error.error_code,
        error.message.map(|_| masked),
        Some(stack).filter(|stack| !stack.is_empty()),
    ] {
        // Length first, so that no two lists of parts are the same bytes.
        let length = part.map_or(u64::MAX, |part| part.len() as u64);
        hasher.update(&length.to_le_bytes());
        hasher.update(part.unwrap_or_default().as_bytes());
    }
    let mut bytes = hasher.digest128().to_be_bytes();
    bytes[1] = SIGNATURE_VERSION;
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What [`Templates::add`] takes for an error: its masked message behind its class, and what the stack says. A code
/// of three characters or more that the message does not hold stands behind it in brackets. Where its source cut the
/// message stands `…`; a stack trace that was cut with it says nothing that is sure.
pub fn text(error: &Named<'_>, cut: bool, out: &mut String) {
    out.clear();
    match error.message {
        Some(message) if cut => mask::beginning(message, out),
        Some(message) => mask(message, out),
        None => {}
    }
    if let Some(class) = error.error_type.filter(|class| !out.contains(class)) {
        let colon = if out.is_empty() { "" } else { ": " };
        out.insert_str(0, colon);
        out.insert_str(0, class);
    }
    if cut {
        out.push(template::CUT);
    }
    if let Some(code) = error
        .error_code
        .filter(|code| code.len() > 2 && !out.contains(code))
    {
        out.push_str(" [");
        out.push_str(code);
        out.push(']');
    }
    if let Some(stack) = error.stack {
        let said = error.message.unwrap_or_default();
        stack::write(&stack::read(stack), said, out, 0);
    }
}

/// What [`text`] would write now of an error of which only the text is left that earlier masks made. What other columns
/// said stands at its end and stays.
pub fn text_again(text: &str, cut: bool, out: &mut String) {
    out.clear();
    let message = match text.rfind(template::CUT) {
        Some(at) if cut => &text[..at],
        _ => before_columns(text),
    };
    // Behind a version of HTTP stands a status.
    mask(&message.replace("HTTP/#.#", "HTTP/1.1"), out);
    if cut {
        out.push(template::CUT);
    }
    out.push_str(text[message.len()..].trim_start_matches(template::CUT));
}

/// The part of a text before code, cause and frame.
fn before_columns(text: &str) -> &str {
    let message = stack::before(text);
    match message.rsplit_once(" [") {
        Some((before, code)) if code.find(']') == Some(code.len() - 1) => before,
        _ => message,
    }
}

#[cfg(test)]
mod tests;
