//! Several mappings, from which each source chooses the one that fits it.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::super::DialectPlan;
use super::mapping::{Mapping, SHIPPED};
use crate::error::FormatError;

/// Mappings to choose from. Names are unique.
#[derive(Clone, Debug, Default)]
pub struct MappingSet {
    mappings: Vec<Arc<Mapping>>,
    only: bool,
}

impl MappingSet {
    /// Reads the text of a mapping file: one mapping at its top, or several as `[[mapping]]`. `file` is its name, for messages.
    ///
    /// # Errors
    /// With the line, and the mapping that it stands in.
    pub fn parse(file: &str, toml: &str) -> Result<Self, FormatError> {
        let mut set = Self::default();
        for mapping in parse_all(file, toml)? {
            set.add_one(file, Arc::new(mapping))?;
        }
        Ok(set)
    }

    /// A shipped mapping by name, or else the mapping file at this path, or all `*.toml` of the folder there.
    ///
    /// # Errors
    /// When there is nothing, it cannot be read, or holds a mistake.
    pub fn load(name_or_path: &str) -> Result<Self, FormatError> {
        if let Some(mapping) = Mapping::shipped(name_or_path) {
            return Ok(Self::from(mapping));
        }
        let failed = |source| FormatError::Io {
            path: name_or_path.to_owned(),
            source,
        };
        let path = Path::new(name_or_path);
        if !path.is_dir() {
            return Self::parse(name_or_path, &super::mapping::read_file(name_or_path)?);
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let hidden = file
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if file
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("toml"))
                && !hidden
            {
                files.push(file.display().to_string());
            }
        }
        files.sort_unstable();
        let mut set = Self::default();
        for file in files {
            let found = Self::parse(&file, &super::mapping::read_file(&file)?)?;
            set.add(&file, found)?;
        }
        Ok(set)
    }

    /// Adds the mappings of another set, which come from `file`. The same mapping twice is one.
    ///
    /// # Errors
    /// When two different ones have the same name.
    pub fn add(&mut self, file: &str, other: Self) -> Result<(), FormatError> {
        for mapping in other.mappings {
            let known = self.by_name(&mapping.name);
            if known.is_none_or(|known| known.text() != mapping.text()) {
                self.add_one(file, mapping)?;
            }
        }
        Ok(())
    }

    fn add_one(&mut self, file: &str, mapping: Arc<Mapping>) -> Result<(), FormatError> {
        if self.by_name(&mapping.name).is_some() {
            return Err(FormatError::Mapping {
                name: format!("{file} ({})", mapping.name),
                reason: "another mapping has the same name".to_owned(),
            });
        }
        self.mappings.push(mapping);
        Ok(())
    }

    /// The same, said for just these sources: no dialect and no other mapping is considered.
    #[must_use]
    pub fn only(self) -> Self {
        Self { only: true, ..self }
    }

    /// The same, where there is any: else everything is considered.
    #[must_use]
    pub fn only_if_any(self) -> Self {
        let only = !self.mappings.is_empty();
        Self { only, ..self }
    }

    /// Whether nothing else is considered.
    pub fn is_only(&self) -> bool {
        self.only
    }

    /// The mapping with this name.
    pub fn by_name(&self, name: &str) -> Option<&Arc<Mapping>> {
        self.iter().find(|mapping| mapping.name == name)
    }

    /// The one that a source is read with, unless that comes with smartETL.
    pub fn of_plan(&self, plan: &DialectPlan) -> Option<&Arc<Mapping>> {
        (plan.dialect == super::NAME)
            .then(|| self.by_name(&plan.layout))
            .flatten()
    }

    /// All of them, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Mapping>> {
        self.mappings.iter()
    }
}

impl From<Mapping> for MappingSet {
    fn from(mapping: Mapping) -> Self {
        Self {
            mappings: vec![Arc::new(mapping)],
            only: false,
        }
    }
}

/// A file with several mappings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    mapping: Vec<Mapping>,
}

/// All mappings of a file, in its order.
pub(super) fn parse_all(file: &str, toml: &str) -> Result<Vec<Mapping>, FormatError> {
    let failed = |name: String, error: &toml::de::Error| FormatError::Mapping {
        name,
        reason: error.to_string(),
    };
    let table = DeTable::parse(toml).map_err(|error| failed(file.to_owned(), &error))?;
    let inside = table
        .get_ref()
        .iter()
        .find(|(key, _)| key.get_ref() == "mapping");
    let Some((_, inside)) = inside else {
        let mapping: Mapping =
            toml::from_str(toml).map_err(|error| failed(file.to_owned(), &error))?;
        return Ok(vec![mapping.with_text(file, toml.to_owned())?]);
    };
    let heads = heads(inside.get_ref());
    let several: Several = toml::from_str(toml).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let within = heads.iter().rfind(|(start, _)| *start <= at);
        let name = match within {
            Some((_, name)) => format!("{file} ({name})"),
            None => file.to_owned(),
        };
        failed(name, &error)
    })?;
    let mut ends = heads.iter().map(|(start, _)| *start).skip(1);
    let mut all = Vec::with_capacity(several.mapping.len());
    for (mapping, (start, name)) in several.mapping.into_iter().zip(&heads) {
        let own = toml.get(*start..ends.next().unwrap_or(toml.len()));
        let text = own_text(own.unwrap_or_default(), &mapping.name)
            .unwrap_or(toml)
            .to_owned();
        all.push(mapping.with_text(&format!("{file} ({name})"), text)?);
    }
    if all.is_empty() {
        return Err(FormatError::Mapping {
            name: file.to_owned(),
            reason: "it holds no mapping".to_owned(),
        });
    }
    Ok(all)
}

/// Where each mapping of a list begins, and its name, or which one it is.
fn heads(list: &DeValue<'_>) -> Vec<(usize, String)> {
    let DeValue::Array(list) = list else {
        return Vec::new();
    };
    let name = |table: &DeTable<'_>| {
        let (_, value) = table.iter().find(|(key, _)| key.get_ref() == "name")?;
        value.get_ref().as_str().map(str::to_owned)
    };
    (1..)
        .zip(list)
        .map(|(number, element)| {
            let named = element.get_ref().as_table().and_then(name);
            let name = named.unwrap_or_else(|| format!("mapping {number}"));
            (element.span().start, name)
        })
        .collect()
}

/// The part of a file that is this one mapping, where it reads as such: what is stored with a source then does not change with
/// the other mappings of the file.
fn own_text<'t>(part: &'t str, name: &str) -> Option<&'t str> {
    let alone: Several = toml::from_str(part).ok()?;
    matches!(alone.mapping.as_slice(), [one] if one.name == name).then_some(part)
}

/// The error that says which mappings there are.
pub(super) fn unknown(name: &str) -> FormatError {
    let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    FormatError::UnknownMapping {
        name: name.to_owned(),
        known: known.join(", "),
    }
}
