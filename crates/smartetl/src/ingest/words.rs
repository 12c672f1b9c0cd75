//! Names of jobs, steps, contexts and the like, free of secrets. They come again and again: each different one is looked at once.

use std::borrow::Cow;

use smartetl_core::redact::redact;
use xxhash_rust::xxh3::xxh3_64;

/// No key is longer, bytes: four of them fit into an entry of an index (PostgreSQL takes 2,704 bytes).
const LONGEST_BYTES: usize = 600;
/// So many places for words there are; a word in the place of another one takes it.
const PLACES: usize = 1 << 12;
/// A word up to this length needs a sign between a key and its value to hold a secret.
const SHORT_BYTES: usize = 16;

/// Hashes of words that are known to hold no secret, each in the place that its last bits say.
#[derive(Debug)]
pub(super) struct CleanWords(Vec<u64>);

impl Default for CleanWords {
    fn default() -> Self {
        // A free place holds 0. The hash 0 belongs to place 0, so that one is free with a 1.
        let mut places = vec![0; PLACES];
        places[0] = 1;
        Self(places)
    }
}

impl CleanWords {
    /// The word without secrets, by which rows are looked up. Of one that is too long the end is a hash, so that two of them stay
    /// two.
    pub(super) fn key<'w>(&mut self, word: &'w str) -> Cow<'w, str> {
        let clean = self.clean(word);
        if clean.len() > LONGEST_BYTES {
            return Cow::Owned(cut(&clean));
        }
        clean
    }

    /// Whether a key stays as it is, as far as that is known without a closer look.
    pub(super) fn keeps_key(&self, word: &str) -> bool {
        word.len() <= LONGEST_BYTES && self.keeps(word)
    }

    /// Whether a word stays as it is, as far as that is known without a closer look.
    pub(super) fn keeps(&self, word: &str) -> bool {
        let has_sign = || {
            word.bytes()
                .any(|byte| matches!(byte, b'=' | b':' | b'@' | b' '))
        };
        if word.len() <= SHORT_BYTES && !has_sign() {
            return true;
        }
        let hash = xxh3_64(word.as_bytes());
        self.0[hash as usize % PLACES] == hash
    }

    /// The word without secrets.
    pub(super) fn clean<'w>(&mut self, word: &'w str) -> Cow<'w, str> {
        if self.keeps(word) {
            return Cow::Borrowed(word);
        }
        let clean = redact(word);
        if let Cow::Borrowed(_) = clean {
            let hash = xxh3_64(word.as_bytes());
            self.0[hash as usize % PLACES] = hash;
        }
        clean
    }

    pub(super) fn option<'w>(&mut self, word: Option<&'w str>) -> Option<Cow<'w, str>> {
        word.map(|word| self.clean(word))
    }
}

fn cut(word: &str) -> String {
    const END_BYTES: usize = "…".len() + 16;
    let kept = &word[..word.floor_char_boundary(LONGEST_BYTES - END_BYTES)];
    format!("{kept}…{:016x}", xxh3_64(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let mut words = CleanWords::default();
        let fits = "é".repeat(LONGEST_BYTES / 2);
        assert_eq!(words.key(&fits), fits);
        let [one, other] = ["1", "2"].map(|end| fits.clone() + end);
        for _ in 0..2 {
            let [one, other] = [&one, &other].map(|word| words.key(word).into_owned());
            assert!(one.len() <= LONGEST_BYTES && other.len() <= LONGEST_BYTES);
            assert_ne!(one, other);
            assert!(one.starts_with("éé"), "{one}");
        }
    }

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
