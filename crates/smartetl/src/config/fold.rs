//! The part of the configuration on which the fold depends.

use super::Settings;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use smartetl_core::model::Trigger;

/// What `dataset = fold(log, logerreur, configuration, as_of)` calls the configuration: when any of it changes, the
/// next fuse is a full one. The point of conversion into the core's own configuration of the fold.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldSettings {
    /// Name in the IANA database.
    pub zone_name: String,
    pub zone: TimeZone,
    pub border: Time,
    /// (lower-case word, environment), by word.
    pub environments: Vec<(String, String)>,
    /// (lower-case word, why a run was started), by word.
    pub triggers: Vec<(String, Trigger)>,
}

impl From<&Settings> for FoldSettings {
    fn from(settings: &Settings) -> Self {
        let zone = TimeZone::get(&settings.timezone)
            .expect("the name was looked up when the settings were read");
        let mut environments: Vec<_> = pairs(&settings.environments, Clone::clone);
        let mut triggers: Vec<_> = pairs(&settings.triggers, |trigger| *trigger);
        environments.sort();
        triggers.sort();
        Self {
            zone_name: settings.timezone.clone(),
            zone,
            border: settings.business_day.border,
            environments,
            triggers,
        }
    }
}

fn pairs<K, V>(
    words: &std::collections::BTreeMap<K, Vec<String>>,
    owner: impl Fn(&K) -> V,
) -> Vec<(String, V)> {
    words
        .iter()
        .flat_map(|(name, list)| list.iter().map(|word| (word.clone(), owner(name))))
        .collect()
}
