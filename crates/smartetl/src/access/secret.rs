//! What a cookie or a token says: 256 bits of the operating system. Only their SHA-256 is kept, which nobody can guess back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use smartetl_store::embedded::random;

/// By which a token is known for one, also where it should not stand.
const MARK: &str = "smartetl_";

/// A new one. It has no `Debug`: it is shown once, to whom it is for.
pub struct Secret(String);

impl Secret {
    /// For a session.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn of_session() -> anyhow::Result<Self> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<32>()?)))
    }

    /// For a program.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn of_token() -> anyhow::Result<Self> {
        Ok(Self(format!("{MARK}{}", Self::of_session()?.0)))
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}

/// What is stored of it.
pub fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
