//! How a file is read that somebody loads through the service: as it was, or as they say.

use crate::errors::{ErrorCode, Failure};
use crate::ingest::content::Reading;
use crate::reason::Reason;
use serde::{Deserialize, Serialize};
use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use utoipa::ToSchema;

/// What a mapping is called in messages.
pub const MAPPING: &str = "mapping.toml";

/// How a file is read; what is left out is recognised, or stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReadingAsked)]
pub struct Options {
    /// The tool that wrote it; excludes `mapping`
    #[serde(default)]
    pub dialect: Option<String>,
    /// The text of a mapping (TOML)
    #[serde(default)]
    pub mapping: Option<String>,
    /// The zone of local times in it, like Europe/Paris
    #[serde(default)]
    pub timezone: Option<String>,
    /// The environment of all its rows
    #[serde(default)]
    pub environment: Option<String>,
    /// The host of all its rows
    #[serde(default)]
    pub host: Option<String>,
}

impl Options {
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }

    /// With what is read as it was (`like`), or else as this process reads.
    ///
    /// # Errors
    /// A [`Failure`] when a value means nothing.
    pub fn settings(
        &self,
        like: Option<&Reading>,
        own: &Settings,
        path: &str,
    ) -> anyhow::Result<Settings> {
        let mut settings = match like {
            Some(reading) => reading.again(path)?,
            None => own.clone(),
        };
        path.clone_into(&mut settings.path);
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (dialect, mapping) = (given(&self.dialect), given(&self.mapping));
        if dialect.is_some() && mapping.is_some() {
            return Err(usage([
                "`dialect` and `mapping` exclude each other",
                "`dialect` et `mapping` s’excluent",
            ]));
        }
        if dialect.is_some() || mapping.is_some() {
            settings.mappings = MappingSet::default();
            settings.moment_format = None;
            settings.overrides = Settings::default().overrides;
        }
        if let Some(name) = dialect {
            let known = smartetl_formats::registry::by_name(&name);
            known.map_err(|error| {
                usage(Reason::from(&anyhow::Error::from(error)).without_hint().0)
            })?;
            settings.dialect = Some(name);
        } else if let Some(toml) = mapping {
            let found = MappingSet::parse(MAPPING, &toml);
            let found = found.map_err(|error| {
                usage(Reason::from(&anyhow::Error::from(error)).without_hint().0)
            })?;
            settings.dialect = None;
            settings.mappings = found.only();
        }
        if let Some(zone) = given(&self.timezone) {
            settings.timezone = jiff::tz::TimeZone::get(&zone).map_err(|_| {
                let zone = crate::service::shortened(&zone);
                usage([
                    format!("there is no time zone {zone}; write for example Europe/Paris or UTC"),
                    format!("le fuseau {zone} n’existe pas\u{a0}; écrivez par exemple Europe/Paris ou UTC"),
                ])
            })?;
        }
        settings.environment = given(&self.environment).or(settings.environment);
        settings.host = given(&self.host).or(settings.host);
        Ok(settings)
    }
}

fn usage(reason: impl Into<Reason>) -> anyhow::Error {
    Failure::new(ErrorCode::Usage, reason).into()
}
