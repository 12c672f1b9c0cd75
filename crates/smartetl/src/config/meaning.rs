//! What each setting means, for people: in English what stands above it in the defaults, in French a file of its own.

use super::DEFAULTS;
use crate::night::Lang;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// By key, or by the name of a table whose keys mean the same.
static FRENCH: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("meanings.fr.toml")).expect("a test reads the embedded meanings")
});

static ENGLISH: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| english(DEFAULTS));

/// What a setting means. What a person adds to a table means what the others there do.
pub fn meaning(key: &str, lang: Lang) -> Option<&'static str> {
    let known: &'static BTreeMap<String, String> = match lang {
        Lang::En => &ENGLISH,
        Lang::Fr => &FRENCH,
    };
    let of_table = || known.get(key.split_once('.')?.0);
    known.get(key).or_else(of_table).map(String::as_str)
}

/// What stands above a key or a table; a key without words of its own means what the one above it does.
fn english(defaults: &str) -> BTreeMap<String, String> {
    let mut meanings = BTreeMap::new();
    let (mut table, mut words, mut before) = (String::new(), Vec::new(), String::new());
    for line in defaults.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            words.push(comment.trim());
            continue;
        }
        let said = std::mem::take(&mut words).join(" ");
        let key = if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut table);
            before.clear();
            table.clone()
        } else if let Some((name, _)) = line.split_once(" = ") {
            match table.as_str() {
                "" => name.to_owned(),
                table => format!("{table}.{name}"),
            }
        } else {
            continue;
        };
        if !said.is_empty() {
            before = said;
        }
        if !before.is_empty() {
            meanings.insert(key, before.clone());
        }
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn each_setting_means_something_in_both_languages() {
        let keys: Vec<String> = keys::known().into_iter().map(|(key, _)| key).collect();
        for key in &keys {
            let [english, french] = [Lang::En, Lang::Fr].map(|lang| meaning(key, lang));
            assert!(
                english.is_some(),
                "nothing stands above {key} in config.default.toml"
            );
            assert!(french.is_some(), "{key} is missing in meanings.fr.toml");
            assert_ne!(english, french, "{key}");
        }
        for key in FRENCH.keys() {
            let is_known = keys.iter().any(|known| {
                known == key || known.split_once('.').is_some_and(|(table, _)| table == key)
            });
            assert!(is_known, "there is no setting {key}");
            assert!(ENGLISH.contains_key(key), "{key} has words only in French");
        }
        assert_eq!(
            meaning("environments.PREPROD", Lang::En),
            ENGLISH.get("environments").map(String::as_str)
        );
    }
}
