//! Where a list goes on: behind what was last, whatever came in meanwhile. Opaque to whoever asks.

use super::asked::{Said, wrong};
use super::problem::Wanted;
use crate::service::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// So many items where nobody says how many.
const USUAL: i64 = 100;
const MOST: i64 = 500;

/// The same of a file.
const MOST_OF_FILE: i64 = 10_000;

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub struct Page<C> {
    pub limit: i64,
    /// What was last.
    pub after: Option<C>,
}

impl<C: Serialize + DeserializeOwned> Page<C> {
    /// # Errors
    /// When the limit is none, or the cursor is not one of ours.
    pub fn read(said: &mut Said) -> Result<Self, Problem> {
        let (usual, most) = if said.is_file {
            (MOST_OF_FILE, MOST_OF_FILE)
        } else {
            (USUAL, MOST)
        };
        let limit = said.number("limit", 1, most)?.unwrap_or(usual);
        let after = said.parsed("cursor", decoded, || Wanted::Cursor)?;
        Ok(Self { limit, after })
    }

    /// Cuts what was read one too many; where the list goes on, if it does.
    pub fn cut<T>(&self, items: &mut Vec<T>, place: impl Fn(&T) -> C) -> Option<String> {
        let limit = self.limit as usize;
        if items.len() <= limit {
            return None;
        }
        items.truncate(limit);
        items.last().map(|last| encoded(&place(last)))
    }
}

/// The answer to a cursor that says what cannot be.
///
/// # Errors
/// Always: it names the parameter.
pub fn refused<T>() -> Result<T, Problem> {
    Err(wrong("cursor", Wanted::Cursor))
}

/// A cursor, for whoever asks.
pub fn encoded<C: Serialize>(place: &C) -> String {
    let text = serde_json::to_vec(place).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(text)
}

fn decoded<C: DeserializeOwned>(text: &str) -> Option<C> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    // JSON writes it as an escape, and no text of the database holds it.
    let is_clean = !bytes.windows(6).any(|part| part == b"\\u0000");
    serde_json::from_slice(&bytes).ok().filter(|_| is_clean)
}
