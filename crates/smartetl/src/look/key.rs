//! Keys of runs, as short as they can be said.

use smartetl_store::looking::Neighbours;
use std::collections::HashMap;
use uuid::Uuid;

/// Shorter ones say little to the eye.
const SHORTEST: usize = 8;
/// Fewer digits name nothing.
const FEWEST: usize = 4;
const DIGITS: usize = 32;

/// The beginning of a run's key that is enough to name it.
pub type Key = String;

/// The shortest beginnings that name these runs and no other.
pub fn shortened(neighbours: &[Neighbours]) -> HashMap<Uuid, Key> {
    let alike = |key: &str, other: Option<Uuid>| {
        let other = other.map(|other| other.simple().to_string());
        other.map_or(0, |other| {
            key.bytes()
                .zip(other.bytes())
                .take_while(|(one, two)| one == two)
                .count()
        })
    };
    neighbours
        .iter()
        .map(|run| {
            let key = run.run_key.simple().to_string();
            let alike = alike(&key, run.before).max(alike(&key, run.after));
            let length = (alike + 1).clamp(SHORTEST, DIGITS);
            (run.run_key, key[..length].to_owned())
        })
        .collect()
}

/// The first and the last key that begin so; `None` where the text cannot begin a key.
pub fn first_and_last(text: &str) -> Option<[Uuid; 2]> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let is_hex = digits.chars().all(|c| c.is_ascii_hexdigit());
    if !is_hex || !(FEWEST..=DIGITS).contains(&digits.len()) {
        return None;
    }
    let filled =
        |with: &str| Uuid::try_parse(&(digits.clone() + &with.repeat(DIGITS - digits.len())));
    Some([filled("0").ok()?, filled("f").ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_as_long_as_its_neighbours_need() {
        let key = |text: &str| Uuid::try_parse(text).expect("a key");
        let one = key("aaaaaaaa-aa11-8000-8000-000000000000");
        let two = key("aaaaaaaa-aa22-8000-8000-000000000000");
        let far = key("bbbbbbbb-0000-8000-8000-000000000000");
        let short = shortened(&[
            Neighbours {
                run_key: one,
                before: None,
                after: Some(two),
            },
            Neighbours {
                run_key: far,
                before: Some(two),
                after: None,
            },
        ]);
        assert_eq!(short[&one], "aaaaaaaaaa1");
        assert_eq!(short[&far], "bbbbbbbb");
    }

    #[test]
    fn what_begins_a_key() {
        let [first, last] = first_and_last("AAAAaaaa-12").expect("it does");
        assert_eq!(first.to_string(), "aaaaaaaa-1200-0000-0000-000000000000");
        assert_eq!(last.to_string(), "aaaaaaaa-12ff-ffff-ffff-ffffffffffff");
        for text in ["", "abc", "xyz12345", &"a".repeat(33)] {
            assert_eq!(first_and_last(text), None, "{text}");
        }
        let whole = "6f1ed002-ab55-8f1e-8a7b-1234567890ab";
        assert_eq!(
            first_and_last(whole).map(|[one, two]| one == two),
            Some(true)
        );
    }
}
