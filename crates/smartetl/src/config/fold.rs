//! The parts of the configuration on which the fold and the issues depend.

use super::Settings;
use super::settings::Calendar;
use jiff::tz::TimeZone;
use smartetl_core::calendar::BusinessCalendar;
use smartetl_core::fuse::{FuseConfig, Vocabulary};
use smartetl_core::issue::Rules;
use std::collections::BTreeMap;

impl From<&Settings> for FuseConfig {
    fn from(settings: &Settings) -> Self {
        let border = settings.business_day.border;
        Self {
            zone: TimeZone::get(&settings.timezone)
                .expect("the name was looked up when the settings were read"),
            border_minutes: i32::from(border.hour()) * 60 + i32::from(border.minute()),
            environments: vocabulary(&settings.environments),
            triggers: vocabulary(&settings.triggers),
            calendar: BusinessCalendar::from(&settings.calendar),
        }
    }
}

impl From<&Settings> for Rules {
    fn from(settings: &Settings) -> Self {
        Self {
            resolve_after: u32::from(settings.issues.resolve_after),
        }
    }
}

impl From<&Calendar> for BusinessCalendar {
    fn from(calendar: &Calendar) -> Self {
        Self {
            holidays: calendar.country.clone(),
            closures: calendar.closed.keys().copied().collect(),
        }
    }
}

fn vocabulary<T: Clone>(words: &BTreeMap<T, Vec<String>>) -> Vocabulary<T> {
    words
        .iter()
        .map(|(name, list)| {
            (
                name.clone(),
                list.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Inputs, load};

    /// The page of rules and the default file must say the same.
    #[test]
    fn the_defaults_are_those_of_the_rules() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let flags = vec![("timezone".into(), "UTC".into(), "--set".into())];
        let inputs = Inputs {
            file: Some(file.path().to_owned()),
            flags,
            ..Inputs::default()
        };
        let settings = load(&inputs).expect("the defaults are valid").settings;
        let ours = FuseConfig::from(&settings);
        let theirs = FuseConfig::with_zone(TimeZone::get("UTC").expect("UTC is known"));
        assert_eq!(ours.hash(), theirs.hash());
        assert_eq!(ours.environments, theirs.environments);
        assert_eq!(ours.triggers, theirs.triggers);
    }
}
