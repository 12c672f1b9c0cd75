//! Passwords. A hash costs a moment and 19 MiB (OWASP's figures for argon2id), so few are made at the same time.

use crate::reason::Reason;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use smartetl_store::embedded::random;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Fewer characters can be guessed.
const SHORTEST: usize = 10;

/// Longer ones only cost time, bytes.
const LONGEST: usize = 256;

static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Of a password that nobody has.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let made = random::<24>().ok().and_then(|secret| hash(&secret).ok());
    made.unwrap_or_default()
});

/// What is stored of a password.
///
/// # Errors
/// When it is too short or too long, in both languages; or when the machine gives no randomness.
pub async fn hashed(password: &str) -> anyhow::Result<Result<String, Reason>> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Ok(Err(Reason::new(
            format!("a password has at least {SHORTEST} characters, and at most {LONGEST} bytes"),
            format!(
                "un mot de passe a au moins {SHORTEST} caractères, et au plus {LONGEST} octets"
            ),
        )));
    }
    let password = password.to_owned();
    apart(move || hash(password.as_bytes())).await?.map(Ok)
}

/// Whether this is the password of which that is stored.
///
/// # Errors
/// When this process is ending.
pub async fn is_right(password: &str, stored: &str) -> anyhow::Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let (password, stored) = (password.to_owned(), stored.to_owned());
    apart(move || {
        Argon2::default()
            .verify_password(password.as_bytes(), stored.as_str())
            .is_ok()
    })
    .await
}

/// To be compared with where nobody has the name, so that it takes as long.
pub fn nobodys() -> &'static str {
    &NOBODYS
}

fn hash(password: &[u8]) -> anyhow::Result<String> {
    let salt = random::<16>()?;
    let hash = Argon2::default()
        .hash_password_with_salt(password, &salt)
        .map_err(|error| anyhow::anyhow!("a password cannot be hashed: {error}"))?;
    Ok(hash.to_string())
}

/// Beside what answers.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    let _one = AT_ONCE.acquire().await?;
    Ok(tokio::task::spawn_blocking(work).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_only() {
        let hash = async |password: &str| hashed(password).await.expect("it can be made");
        let stored = hash("correct horse").await.expect("long enough");
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(!stored.contains("horse"));
        assert_ne!(stored, hash("correct horse").await.expect("long enough"));
        let right = async |password| {
            is_right(password, &stored)
                .await
                .expect("it can be checked")
        };
        assert!(right("correct horse").await);
        assert!(!right("correct horsf").await);
        assert!(!right("").await);
        assert!(!is_right("correct horse", nobodys()).await.expect("checked"));
        assert!(nobodys().starts_with("$argon2id$"));
        for bad in ["", "too short", &"x".repeat(LONGEST + 1)] {
            assert!(hash(bad).await.is_err(), "{bad}");
        }
    }
}
