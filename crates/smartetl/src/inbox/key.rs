//! Keys under which something is posted.

use highway::{HighwayHash as _, HighwayHasher, Key as HashKey};
use uuid::Uuid;

/// The key of a post, and the hash of what is posted under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub(super) key: Uuid,
    pub(super) content: Uuid,
}

impl Key {
    /// An event is its own key.
    pub fn of_event(event: &[u8]) -> Self {
        let content = hash(&[b"lineage\0", event]);
        Self {
            key: content,
            content,
        }
    }

    /// A key that the sender chose. What else is said about the content (`how`: names and values) belongs to it.
    pub fn chosen(key: &str, how: &[(&str, &str)], body: &[u8]) -> Self {
        let said: String = how
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        Self {
            key: hash(&[b"logs\0", key.as_bytes()]),
            content: hash(&[said.as_bytes(), b"\0", body]),
        }
    }
}

fn hash(parts: &[&[u8]]) -> Uuid {
    let mut hasher = HighwayHasher::new(HashKey::default());
    for part in parts {
        hasher.append(part);
    }
    let [low, high] = hasher.finalize128();
    Uuid::from_u64_pair(high, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_an_event_and_its_content_from_how_it_is_read() {
        let event = Key::of_event(b"{}");
        assert_eq!(event, Key::of_event(b"{}"));
        assert_ne!(event.key, Key::of_event(b"{ }").key);
        let one = Key::chosen("k", &[], b"{}");
        assert_ne!(one.key, Key::chosen("l", &[], b"{}").key);
        assert_ne!(one.key, Key::of_event(b"logs\0k").key);
        let other = Key::chosen("k", &[("dialect", "talend")], b"{}");
        assert_eq!(one.key, other.key);
        assert_ne!(one.content, other.content);
    }
}
