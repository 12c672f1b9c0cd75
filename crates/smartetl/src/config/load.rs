//! Merges the layers and remembers where each value came from.

use super::{DEFAULTS, Settings, closures, keys, variables};
use crate::errors::{self, ErrorCode, Failure};
use crate::night::Lang;
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Everything the configuration is made of, apart from the defaults.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The file of `--config`; it must exist.
    pub file: Option<PathBuf>,
    /// The process's environment.
    pub variables: BTreeMap<String, String>,
    /// (key, value, the flag that said so); later ones win.
    pub flags: Vec<(String, String, String)>,
}

impl Inputs {
    /// With the environment of this process; variables that are no text are left out.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(String, String, String)>) -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        Self {
            file,
            variables,
            flags,
        }
    }
}

/// A merged configuration.
#[derive(Debug)]
pub struct Loaded {
    pub settings: Settings,
    /// One per key, by key.
    pub origins: Vec<Origin>,
    /// The file that was read, or that would be read if it existed.
    pub file: Option<PathBuf>,
    pub file_read: bool,
    /// What a person should know although it stops nothing.
    pub warnings: Vec<String>,
}

/// The origin of what nobody chose and this machine says.
pub const MACHINE: &str = "machine";

/// One value and where it came from.
#[derive(Clone, Debug)]
pub struct Origin {
    pub key: String,
    /// `***` for a secret that is set.
    pub value: Value,
    /// `default`, [`MACHINE`], `file /etc/…`, `variable SMARTETL_…`, `flag --…`.
    pub origin: String,
}

/// Reads and merges all layers.
///
/// # Errors
/// `config_unreadable` for a named file that cannot be read; `config_invalid` for anything it says that cannot be,
/// with file, line and column, the variable, or the flag.
pub fn load(inputs: &Inputs) -> Result<Loaded, Failure> {
    let mut layers = vec![Layer::new("default", parse(DEFAULTS)), machine()];
    layers.extend(
        variables::libpq(&inputs.variables)
            .map(|found| Layer::single(found.origin, &found.key, found.value)),
    );

    let (file, required) = file_path(inputs);
    let text = match &file {
        Some(path) => read_file(path, required)?,
        None => None,
    };
    if let (Some(path), Some(text)) = (&file, &text) {
        layers.push(file_layer(path, text)?);
    }
    for found in variables::read(&inputs.variables)? {
        layers.push(Layer::single(found.origin, &found.key, found.value));
    }
    for (key, value, flag) in &inputs.flags {
        let origin = format!("flag {flag}");
        let kind = keys::kind(key).ok_or_else(|| keys::unknown(key).at(origin.clone()))?;
        let value = keys::parse(key, kind, value).map_err(|message| {
            Failure::new(ErrorCode::ConfigInvalid, message).at(origin.clone())
        })?;
        layers.push(Layer::single(origin, key, value));
    }

    let figment = layers.into_iter().fold(Figment::new(), Figment::merge);
    let mut settings = figment
        .extract::<Settings>()
        .map_err(|error| explain(&error, file.as_deref(), text.as_deref()))?;
    for path in &settings.calendar.closures {
        settings.calendar.closed.extend(closures::read(path)?);
    }
    Ok(Loaded {
        origins: origins(&figment),
        settings,
        file_read: text.is_some(),
        file,
        warnings: variables::misspelt(&inputs.variables)
            .into_iter()
            .map(|(variable, meant)| {
                format!("the variable {variable} means nothing; did you mean {meant}?")
            })
            .collect(),
    })
}

/// A table of values with one origin.
struct Layer {
    origin: String,
    table: Table,
}

impl Layer {
    /// Empty texts are left out: they mean "not set". The defaults keep theirs.
    fn new(origin: impl Into<String>, table: Table) -> Self {
        Self {
            origin: origin.into(),
            table,
        }
    }

    fn single(origin: String, key: &str, value: Value) -> Self {
        let mut table = Table::new();
        keys::insert(&mut table, key, value);
        Self { origin, table }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let value = figment::value::Value::serialize(&self.table)?;
        Ok(Map::from([(
            Profile::Default,
            value.into_dict().unwrap_or_default(),
        )]))
    }
}

/// What the machine says: its zone, its language and its folders.
fn machine() -> Layer {
    let mut table = Table::new();
    let zone = crate::time::machine_zone().unwrap_or_else(|| "UTC".to_owned());
    table.insert("timezone".to_owned(), Value::String(zone));
    let lang = Lang::of_environment().tag().to_owned();
    table.insert("lang".to_owned(), Value::String(lang));
    if let Some(folders) = folders() {
        for (key, path) in [
            ("data_dir", folders.data_dir()),
            ("cache_dir", folders.cache_dir()),
        ] {
            table.insert(key.to_owned(), Value::String(path.display().to_string()));
        }
    }
    Layer::new(MACHINE, table)
}

fn folders() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "smartetl")
}

/// The file to read, and whether it must exist.
fn file_path(inputs: &Inputs) -> (Option<PathBuf>, bool) {
    let named = inputs.file.clone();
    let variable = inputs
        .variables
        .get("SMARTETL_CONFIG")
        .filter(|text| !text.is_empty())
        .map(PathBuf::from);
    match named.or(variable) {
        Some(path) => (Some(path), true),
        None => (
            folders().map(|folders| folders.config_dir().join("config.toml")),
            false,
        ),
    }
}

fn read_file(path: &Path, required: bool) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if !required && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(
            ErrorCode::ConfigUnreadable,
            format!(
                "cannot read the configuration file: {}",
                errors::reason(&error)
            ),
        )
        .at(path.display().to_string())
        .hint("give another one with --config or SMARTETL_CONFIG")),
    }
}

fn file_layer(path: &Path, text: &str) -> Result<Layer, Failure> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        Failure::new(
            ErrorCode::ConfigInvalid,
            format!("the configuration file is no TOML: {}", error.message()),
        )
        .at(keys::line_and_column(path, text, offset))
    })?;
    keys::check_file(path, text, &table)?;
    let mut kept = Table::new();
    keys::flatten("", &table, &mut |key, value| {
        if value.as_str() != Some("") {
            keys::insert(&mut kept, key, value.clone());
        }
    });
    Ok(Layer::new(format!("file {}", path.display()), kept))
}

fn parse(text: &str) -> Table {
    text.parse().expect("a test reads the embedded defaults")
}

fn explain(error: &figment::Error, file: Option<&Path>, text: Option<&str>) -> Failure {
    let key = error.path.join(".");
    let message = match &error.kind {
        figment::error::Kind::Message(message) => message.clone(),
        figment::error::Kind::UnknownVariant(found, known) => {
            format!("`{found}` is not one of {}", known.join(", "))
        }
        figment::error::Kind::InvalidValue(found, expected) => {
            let number = found.to_string();
            let number = number
                .trim_start_matches(|c: char| c != '`')
                .trim_matches('`');
            format!("{number} is not {}", range(expected))
        }
        kind => kind.to_string(),
    };
    let message = if key.is_empty() {
        message
    } else {
        format!("{key}: {message}")
    };
    let origin = error
        .metadata
        .as_ref()
        .map(|metadata| metadata.name.to_string());
    let failure = Failure::new(ErrorCode::ConfigInvalid, message);
    match (origin, file, text) {
        (Some(origin), Some(path), Some(text)) if origin.starts_with("file ") => {
            failure.at(keys::place(path, text, &key))
        }
        (Some(origin), ..) => failure.at(origin),
        _ => failure,
    }
}

/// What serde calls the types of whole numbers, in words.
fn range(expected: &str) -> String {
    match expected {
        "u16" => "between 0 and 65535".to_owned(),
        "a nonzero u8" => "between 1 and 255".to_owned(),
        "a nonzero u32" => "between 1 and 4294967295".to_owned(),
        other => other.to_owned(),
    }
}

fn origins(figment: &Figment) -> Vec<Origin> {
    let mut keys: Vec<String> = keys::known().into_iter().map(|(key, _)| key).collect();
    if let Ok(figment::value::Value::Dict(_, environments)) = figment.find_value("environments") {
        let new: Vec<_> = environments
            .keys()
            .map(|name| format!("environments.{name}"))
            .filter(|key| !keys.contains(key))
            .collect();
        keys.extend(new);
        keys.sort();
    }
    keys.into_iter()
        .map(|key| {
            let value = figment
                .find_value(&key)
                .ok()
                .and_then(|value| value.deserialize::<Value>().ok())
                .unwrap_or_else(|| Value::String(String::new()));
            let secret = variables::SECRETS.contains(&key.as_str()) && value.as_str() != Some("");
            let origin = figment
                .find_metadata(&key)
                .map_or("default".to_owned(), |found| found.name.to_string());
            Origin {
                value: if secret {
                    Value::String("***".to_owned())
                } else {
                    value
                },
                key,
                origin,
            }
        })
        .collect()
}
