//! Settings from environment variables.

use super::keys;
use crate::errors::{self, ErrorCode, Failure};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Value;

/// Settings whose value is a secret: `*_FILE` is accepted, and they are shown as `***`.
pub const SECRETS: &[&str] = &[
    "database.url",
    "roles.admin_url",
    "roles.airflow_url",
    "roles.grafana_url",
    "kafka.password",
    "mail.password",
    "http.token",
    "http.password",
    "grafana.token",
];

/// The variable that names the brokers for all programs that use Kafka.
const BOOTSTRAP_SERVERS: &str = "KAFKA_BOOTSTRAP_SERVERS";

/// Variables of libpq that, by themselves, name a server.
const LIBPQ: &[&str] = &["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"];

/// One value from the environment.
#[derive(Debug)]
pub struct Found {
    pub key: String,
    pub value: Value,
    /// The variable or the file that it names.
    pub origin: String,
}

/// The variable of a setting: `http.port` is `SMARTETL_HTTP_PORT`.
pub fn name_of(key: &str) -> String {
    format!("SMARTETL_{}", key.replace('.', "_").to_uppercase())
}

/// All settings that variables give; an empty variable gives none.
///
/// # Errors
/// A value of the wrong kind, an unreadable secret file, a variable that is set together with its `_FILE`.
pub fn read(variables: &BTreeMap<String, String>) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    // What is written first is beaten by what follows.
    found.extend(secret(variables, "database.url", "DATABASE_URL")?);
    found.extend(set(variables, BOOTSTRAP_SERVERS).map(|servers| Found {
        key: "kafka.bootstrap_servers".to_owned(),
        value: Value::String(servers.clone()),
        origin: format!("variable {BOOTSTRAP_SERVERS}"),
    }));
    for key in SECRETS {
        found.extend(secret(variables, key, &name_of(key))?);
    }
    for (key, kind) in keys::known() {
        if SECRETS.contains(&key.as_str()) {
            continue;
        }
        let name = name_of(&key);
        if let Some(text) = set(variables, &name) {
            let value = keys::parse(&key, kind, text).map_err(|message| {
                Failure::new(ErrorCode::ConfigInvalid, message).at(format!("variable {name}"))
            })?;
            found.push(Found {
                key,
                value,
                origin: format!("variable {name}"),
            });
        }
    }
    Ok(found)
}

/// The server that libpq's variables name, if they do. Its other parts (user, password) are read from them too when
/// connecting, as libpq does.
pub fn libpq(variables: &BTreeMap<String, String>) -> Option<Found> {
    let names: Vec<_> = LIBPQ
        .iter()
        .copied()
        .filter(|name| set(variables, name).is_some())
        .collect();
    (!names.is_empty()).then(|| Found {
        key: "database.url".to_owned(),
        value: Value::String("postgresql:///".to_owned()),
        origin: format!("variable {}", names.join(", ")),
    })
}

/// `SMARTETL_*` variables that mean nothing but look like one that does: (variable, the one meant).
pub fn misspelt(variables: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut names: Vec<_> = keys::known().iter().map(|(key, _)| name_of(key)).collect();
    names.push("SMARTETL_CONFIG".to_owned());
    names.extend(SECRETS.iter().map(|key| format!("{}_FILE", name_of(key))));
    let close = |variable: &str| {
        let near = names
            .iter()
            .min_by_key(|name| strsim::damerau_levenshtein(name, variable))?;
        (strsim::damerau_levenshtein(near, variable) <= 2).then(|| near.clone())
    };
    variables
        .keys()
        .filter(|variable| variable.starts_with("SMARTETL_") && !names.contains(variable))
        .filter_map(|variable| Some((variable.clone(), close(variable)?)))
        .collect()
}

fn secret(
    variables: &BTreeMap<String, String>,
    key: &str,
    name: &str,
) -> Result<Option<Found>, Failure> {
    let file_variable = format!("{name}_FILE");
    match (set(variables, name), set(variables, &file_variable)) {
        (Some(_), Some(_)) => Err(Failure::new(
            ErrorCode::ConfigInvalid,
            format!("{name} and {file_variable} are both set"),
        )
        .hint("keep one of them")),
        (Some(text), None) => Ok(Some(Found {
            key: key.to_owned(),
            value: Value::String(text.clone()),
            origin: format!("variable {name}"),
        })),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(Path::new(file)).map_err(|error| {
                Failure::new(
                    ErrorCode::ConfigUnreadable,
                    format!(
                        "cannot read the secret file {file}: {}",
                        errors::reason(&error)
                    ),
                )
                .at(format!("variable {file_variable}"))
            })?;
            Ok(Some(Found {
                key: key.to_owned(),
                value: Value::String(text.trim_end_matches(['\r', '\n']).to_owned()),
                origin: format!("variable {file_variable} (file {file})"),
            }))
        }
        (None, None) => Ok(None),
    }
}

fn set<'a>(variables: &'a BTreeMap<String, String>, name: &str) -> Option<&'a String> {
    variables.get(name).filter(|value| !value.is_empty())
}
