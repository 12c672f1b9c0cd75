//! What `compose.yaml` says about a service, with the settings of `.env` filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use smartetl::dashboards::check::yaml;

/// The folder of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names and values of `.env`.
pub fn settings(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

pub struct Compose {
    services: Value,
    settings: BTreeMap<String, String>,
}

/// How a service is started.
pub struct Service {
    pub command: Vec<String>,
    pub environment: BTreeMap<String, String>,
}

impl Compose {
    pub fn with(settings: BTreeMap<String, String>) -> Self {
        let text = std::fs::read_to_string(root().join("compose.yaml")).expect("compose.yaml");
        let mut whole = yaml::read(&text).expect("it is YAML");
        Self {
            services: whole["services"].take(),
            settings,
        }
    }

    pub fn service(&self, name: &str) -> Service {
        let service = &self.services[name];
        let words = service["command"]
            .as_array()
            .unwrap_or_else(|| panic!("{name} has a command"));
        let variables = service["environment"]
            .as_object()
            .expect("it has an environment");
        let text = |value: &Value| match value {
            Value::String(text) => self.filled(text),
            other => other.to_string(),
        };
        Service {
            command: words.iter().map(text).collect(),
            environment: variables
                .iter()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
        }
    }

    /// `${NAME}`, `${NAME:-default}` and `${NAME:?what to do}` become what the settings say.
    fn filled(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once("${") else {
            return text.to_owned();
        };
        let (inner, after) = rest.split_once('}').expect("it is closed");
        let (name, instead) = match inner.split_once(":-") {
            Some((name, instead)) => (name, Some(instead)),
            None => (inner.split(":?").next().unwrap_or(inner), None),
        };
        let said = self
            .settings
            .get(name)
            .map(String::as_str)
            .filter(|said| !said.is_empty());
        let value = said
            .or(instead)
            .unwrap_or_else(|| panic!("{name} is not set: {text}"));
        format!("{before}{value}{}", self.filled(after))
    }
}

impl Service {
    /// The same where names of containers and their folders are something else.
    pub fn at(mut self, places: &[(&str, &str)]) -> Self {
        let values = self.environment.values_mut().chain(&mut self.command);
        for value in values {
            for (from, to) in places {
                *value = value.replace(from, to);
            }
        }
        self
    }
}
