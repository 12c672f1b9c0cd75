//! Which keys exist and what kind of value each has, taken from the default file; and where a key stands in a file.

use crate::errors::{ErrorCode, Failure};
use std::path::Path;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// Kind of value, as the default has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Words,
}

/// All keys in dotted form with their kind, by key.
pub fn known() -> Vec<(String, Kind)> {
    let defaults: Table = super::DEFAULTS
        .parse()
        .expect("a test reads the embedded defaults");
    let mut keys = Vec::new();
    flatten("", &defaults, &mut |key, value| {
        keys.push((key.to_owned(), kind_of(value).unwrap_or(Kind::Text)));
    });
    keys
}

/// The kind of the value that belongs to a key; new names under `environments` are welcome.
pub fn kind(key: &str) -> Option<Kind> {
    let new_environment = key
        .strip_prefix("environments.")
        .is_some_and(|name| !name.is_empty());
    known()
        .into_iter()
        .find_map(|(name, kind)| (name == key).then_some(kind))
        .or(new_environment.then_some(Kind::Words))
}

/// Values in dotted form.
pub fn flatten(prefix: &str, table: &Table, visit: &mut impl FnMut(&str, &Value)) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Table(inner) => flatten(&key, inner, visit),
            _ => visit(&key, value),
        }
    }
}

/// Puts a value into nested tables.
pub fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = table
                .entry(head)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// Turns the text of a variable or a flag into a value of the key's kind.
pub fn parse(key: &str, kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Text => Ok(Value::String(text.to_owned())),
        Kind::Integer => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("{key} must be a whole number, not `{text}`")),
        // As the file would have it, …
        Kind::Words if text.trim_start().starts_with('[') => format!("list = {text}")
            .parse::<Table>()
            .ok()
            .and_then(|mut table| table.remove("list"))
            .filter(|list| kind_of(list) == Some(Kind::Words))
            .ok_or_else(|| format!("{key} must be {}", describe(kind))),
        // … or in short.
        Kind::Words => {
            let words = text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty());
            Ok(Value::Array(
                words.map(|word| Value::String(word.to_owned())).collect(),
            ))
        }
    }
}

/// Checks that a file's keys exist and have values of the right kind; says the place and the nearest known key.
pub fn check_file(path: &Path, text: &str, table: &Table) -> Result<(), Failure> {
    let at = |key: &str| place(path, text, key);
    let mut wrong = None;
    flatten("", table, &mut |key, value| {
        if wrong.is_some() {
            return;
        }
        wrong = match (kind(key), kind_of(value)) {
            (None, _) => Some(unknown(key).at(at(key))),
            (Some(wanted), found) if found != Some(wanted) => Some(
                Failure::new(
                    ErrorCode::ConfigInvalid,
                    format!("`{key}` must be {}", describe(wanted)),
                )
                .at(at(key)),
            ),
            _ => None,
        };
    });
    // A table that should be a value, or the reverse, with nothing inside, is not visited above.
    for (name, value) in table {
        let is_table = known()
            .iter()
            .any(|(key, _)| key.starts_with(&format!("{name}.")));
        if wrong.is_none() && value.is_table() && !is_table {
            wrong = Some(unknown(name).at(at(name)));
        }
    }
    wrong.map_or(Ok(()), Err)
}

/// The failure for a key that does not exist.
pub fn unknown(key: &str) -> Failure {
    let failure = Failure::new(
        ErrorCode::ConfigInvalid,
        [
            format!("there is no setting `{key}`"),
            format!("il n’y a pas de paramètre `{key}`"),
        ],
    );
    match nearest(key) {
        Some(near) => failure.hint([
            format!("did you mean `{near}`?"),
            format!("vouliez-vous dire `{near}`\u{a0}?"),
        ]),
        None => failure.hint([
            "`smartetl config show` lists all settings",
            "`smartetl config show` donne tous les paramètres",
        ]),
    }
}

/// The known key that a person probably meant.
pub fn nearest(key: &str) -> Option<String> {
    let score = |name: &str| {
        // A key under the wrong table is meant by its last part.
        let last = |text: &str| text.rsplit('.').next().unwrap_or(text).to_owned();
        strsim::jaro_winkler(name, key).max(strsim::jaro_winkler(&last(name), &last(key)) * 0.95)
    };
    known()
        .into_iter()
        .map(|(name, _)| (score(&name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// `file:line:column` of a key, or the file alone where the key cannot be found.
pub fn place(path: &Path, text: &str, key: &str) -> String {
    let offset = DeTable::parse(text)
        .ok()
        .and_then(|table| find(table.get_ref(), key));
    match offset {
        Some(offset) => line_and_column(path, text, offset),
        None => path.display().to_string(),
    }
}

/// `file:line:column` of a byte offset; lines and columns count from 1, columns in characters.
pub fn line_and_column(path: &Path, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{}:{line}:{column}", path.display())
}

fn find(table: &DeTable<'_>, key: &str) -> Option<usize> {
    table.iter().find_map(|(name, value)| {
        let name_text: &str = name.get_ref();
        if name_text == key {
            return Some(name.span().start);
        }
        let rest = key.strip_prefix(name_text)?.strip_prefix('.')?;
        match value.get_ref() {
            DeValue::Table(inner) => find(inner, rest),
            _ => None,
        }
    })
}

fn kind_of(value: &Value) -> Option<Kind> {
    match value {
        Value::String(_) => Some(Kind::Text),
        Value::Integer(_) => Some(Kind::Integer),
        Value::Array(list) if list.iter().all(Value::is_str) => Some(Kind::Words),
        _ => None,
    }
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text in quotes",
        Kind::Integer => "a whole number",
        Kind::Words => "a list of words, like [\"one\", \"two\"]",
    }
}
