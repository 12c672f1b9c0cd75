//! Names of jobs, steps, contexts and the like, free of secrets. They come again and again: each different one is looked at once.

use std::borrow::Cow;
use std::collections::HashSet;

use smartetl_core::redact::redact;
use xxhash_rust::xxh3::xxh3_64;

/// So many words are remembered; then the memory starts anew.
const REMEMBERED: usize = 100_000;
/// A word up to this length needs a sign between a key and its value to hold a secret.
const SHORT_BYTES: usize = 16;

/// Words that are known to hold no secret, by hash.
#[derive(Debug, Default)]
pub(super) struct CleanWords(HashSet<u64>);

impl CleanWords {
    /// The word without secrets.
    pub(super) fn clean<'w>(&mut self, word: &'w str) -> Cow<'w, str> {
        let short = word.len() <= SHORT_BYTES;
        if short
            && !word
                .bytes()
                .any(|byte| matches!(byte, b'=' | b':' | b'@' | b' '))
        {
            return Cow::Borrowed(word);
        }
        let hash = xxh3_64(word.as_bytes());
        if self.0.contains(&hash) {
            return Cow::Borrowed(word);
        }
        let clean = redact(word);
        if let Cow::Borrowed(_) = clean {
            if self.0.len() == REMEMBERED {
                self.0.clear();
            }
            self.0.insert(hash);
        }
        clean
    }

    pub(super) fn option<'w>(&mut self, word: Option<&'w str>) -> Option<Cow<'w, str>> {
        word.map(|word| self.clean(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_names_stay() {
        let mut words = CleanWords::default();
        for _ in 0..2 {
            assert_eq!(
                words.clean("J_ODS_Transferer_Commandes_7"),
                "J_ODS_Transferer_Commandes_7"
            );
            assert_eq!(words.clean("PROD"), "PROD");
            for secret in [
                "JobX password=S3cretJob9",
                "pwd=S3cretJob9",
                "x://u:S3cretJob9@h",
            ] {
                assert!(!words.clean(secret).contains("S3cretJob9"), "{secret}");
            }
        }
    }
}
