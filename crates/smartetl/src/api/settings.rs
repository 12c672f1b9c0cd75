//! The settings of this process: what they are, where they come from, what they mean. Never a secret.

use super::asked::Asked;
use super::problem::Problems;
use super::run::{LangAsked, LangParams};
use crate::config::{Origin, SECRETS, meaning, variable_of};
use crate::night::Lang;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::redact::redact;
use std::sync::Arc;
use toml::Value;
use utoipa::ToSchema;

/// Forms in which tools print secrets. What becomes of them is what becomes of them in logs.
const SECRET_FORMS: [&str; 5] = [
    "password=hunter2",
    "jdbc:oracle:thin:scott/tiger@db:1521/orcl",
    "https://etl:hunter2@api.example.com/v1",
    "Authorization: Bearer 0123456789abcdef",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
];

/// From which layer a value comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Default,
    /// Nobody chose it: the machine says it.
    Machine,
    /// Nobody chose it: the database was filled with it.
    Database,
    /// The demo has it so.
    Demo,
    File,
    Variable,
    Flag,
}

impl Layer {
    fn of(origin: &str) -> Self {
        match origin.split(' ').next().unwrap_or_default() {
            "machine" => Self::Machine,
            "database" => Self::Database,
            "demo" => Self::Demo,
            "variable" => Self::Variable,
            "flag" => Self::Flag,
            // Also that of a secret.
            "file" => Self::File,
            _ => Self::Default,
        }
    }
}

/// The settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsAnswer {
    items: Vec<SettingFacts>,
    /// The configuration file that is read, or would be if it were there; null where there is no place for one.
    file: Option<String>,
    file_read: bool,
    /// What is hidden in whatever is stored: forms of secrets, and what becomes of them.
    redaction: Vec<RedactionFacts>,
}

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingFacts {
    /// Like `http.port`.
    key: String,
    /// As text, words with commas between them; null where nothing is set. Never a secret: `***` where one is set.
    value: Option<String>,
    is_secret: bool,
    layer: Layer,
    /// Which file, variable or flag says it; null of the others.
    place: Option<String>,
    /// In the reader's language.
    meaning: Option<&'static str>,
    /// The variable that sets it; it goes before the file.
    variable: String,
    /// How it is changed, in the reader's language.
    how: String,
}

/// What becomes of a secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedactionFacts {
    written: &'static str,
    stored: String,
}

/// The settings of this process, and where they come from.
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    tag = "about",
    params(LangParams),
    responses((status = 200, description = "The settings", body = SettingsAnswer), Problems)
)]
pub async fn settings(
    State(service): State<Arc<Service>>,
    asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    let shown = &service.shown;
    let lang = asked.reader.lang;
    let file = shown.file.as_ref().map(|file| file.display().to_string());
    let items = shown.origins.iter();
    let items = items.map(|origin| facts(origin, file.as_deref(), lang));
    let answer = SettingsAnswer {
        items: items.collect(),
        file_read: shown.file_read,
        redaction: SECRET_FORMS
            .map(|written| RedactionFacts {
                written,
                stored: redact(written).into_owned(),
            })
            .into(),
        file,
    };
    let text = serde_json::to_string(&answer).map_err(anyhow::Error::from)?;
    super::answer::of_text(&service, &asked.reader, text)
}

fn facts(origin: &Origin, file: Option<&str>, lang: Lang) -> SettingFacts {
    let key = origin.key.as_str();
    let layer = Layer::of(&origin.origin);
    let variable = variable_of(key);
    let place = origin.origin.split_once(' ');
    let file = file.unwrap_or("config.toml");
    let how = match (layer, lang) {
        (Layer::Demo, Lang::En) => "the demo always has it so".to_owned(),
        (Layer::Demo, Lang::Fr) => "la démonstration l’a toujours ainsi".to_owned(),
        (Layer::Flag, Lang::En) => {
            format!(
                "change the flag, and start smartETL again; without it {variable} or {file} say it"
            )
        }
        (Layer::Flag, Lang::Fr) => {
            format!(
                "changez l’option, puis redémarrez smartETL\u{a0}; sans elle, {variable} ou {file} décident"
            )
        }
        (Layer::Variable, Lang::En) => {
            format!("change the variable, and start smartETL again; without it {file} says it")
        }
        (Layer::Variable, Lang::Fr) => {
            format!("changez la variable, puis redémarrez smartETL\u{a0}; sans elle, {file} décide")
        }
        (_, Lang::En) => {
            format!("write {key} into {file}, or set {variable}, and start smartETL again")
        }
        (_, Lang::Fr) => {
            format!("écrivez {key} dans {file}, ou donnez {variable}, puis redémarrez smartETL")
        }
    };
    SettingFacts {
        value: shown(&origin.value),
        is_secret: SECRETS.contains(&key),
        layer,
        place: place.map(|(_, place)| redact(place).into_owned()),
        meaning: meaning(key, lang),
        variable,
        how,
        key: key.to_owned(),
    }
}

/// Addresses and properties may hold secrets too.
fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(words) => {
            let words = words.iter().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    (!text.is_empty()).then(|| redact(&text).into_owned())
}
