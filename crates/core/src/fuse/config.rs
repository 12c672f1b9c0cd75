//! The part of the configuration that the fold depends on. A changed hash makes the next fuse a full one.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use xxhash_rust::xxh3::Xxh3;

use crate::calendar::BusinessCalendar;
use crate::model::Trigger;

/// Minutes from midnight to the evening at which the next business day begins: 18:00.
pub const DEFAULT_BORDER_MINUTES: i32 = 18 * 60;

/// Grows when the rules of `doc/fusion.md` change, so that the next fuse folds everything again.
const RULES: u32 = 4;

/// The environment of a row that no vocabulary word names.
pub const UNMAPPED: &str = "UNMAPPED";

/// What the fold is told besides the rows and the clock.
#[derive(Clone, Debug)]
pub struct FuseConfig {
    /// The zone in which business days are counted.
    pub zone: TimeZone,
    /// When the next business day begins, in minutes after local midnight.
    pub border_minutes: i32,
    /// Words of contexts to environments.
    pub environments: Vocabulary<String>,
    /// Words of contexts to triggers.
    pub triggers: Vocabulary<Trigger>,
    /// What kind of day each day is.
    pub calendar: BusinessCalendar,
}

impl FuseConfig {
    /// The defaults of `doc/fusion.md`, with this zone.
    pub fn with_zone(zone: TimeZone) -> Self {
        let environments = [
            ("PROD", &["prod", "prd", "production"][..]),
            (
                "REC",
                &["rec", "recette", "uat", "qualif", "staging", "preprod"],
            ),
            (
                "DEV",
                &["dev", "developpement", "développement", "development"],
            ),
            ("SMARTETL", &["upkeep"]),
        ];
        let triggers = [
            (
                Trigger::Scheduled,
                &["planifié", "planifie", "scheduled"][..],
            ),
            (Trigger::Manual, &["manuel", "manual"]),
            (Trigger::Reprocess, &["reprise", "reprocess", "backfill"]),
            (Trigger::Rerun, &["relance", "rerun"]),
        ];
        Self {
            zone,
            border_minutes: DEFAULT_BORDER_MINUTES,
            environments: environments
                .iter()
                .map(|(name, words)| ((*name).to_owned(), *words))
                .collect(),
            triggers: triggers
                .iter()
                .map(|(trigger, words)| (*trigger, *words))
                .collect(),
            calendar: BusinessCalendar::default(),
        }
    }

    /// Changes when a changed configuration could change the result.
    pub fn hash(&self) -> i64 {
        let mut hasher = Xxh3::new();
        hasher.update(&RULES.to_le_bytes());
        hasher.update(self.zone.iana_name().unwrap_or("fixed").as_bytes());
        hasher.update(&self.border_minutes.to_le_bytes());
        for (word, environment) in self.environments.entries() {
            hasher.update(format!("\0{word}\0{environment}").as_bytes());
        }
        for (word, trigger) in self.triggers.entries() {
            hasher.update(format!("\0{word}\0{trigger}").as_bytes());
        }
        // What was the only calendar once adds nothing.
        if self.calendar != BusinessCalendar::default() {
            let BusinessCalendar { holidays, closures } = &self.calendar;
            hasher.update(format!("\0{holidays:?}").as_bytes());
            for day in closures {
                hasher.update(format!("\0{day}").as_bytes());
            }
        }
        hasher.digest() as i64
    }

    /// Section 1.1: the environment that `word` or, without one, `context` names.
    pub fn environment(&self, word: Option<&str>, context: Option<&str>) -> &str {
        let mut found: Option<&str> = None;
        for token in tokens(word.or(context).unwrap_or_default()) {
            match (self.environments.get(&token), found) {
                (Some(name), Some(other)) if name != other => return UNMAPPED,
                (Some(name), _) => found = Some(name),
                (None, _) => {}
            }
        }
        found.unwrap_or(UNMAPPED)
    }

    /// Section 1.2: the trigger that the context or the run id says, and which of them did.
    pub(super) fn trigger(
        &self,
        system: &str,
        context: Option<&str>,
        run_id: &str,
    ) -> Option<(Trigger, TriggerEvidence)> {
        let word = tokens(context.unwrap_or_default())
            .find_map(|token| self.triggers.get(&token).copied());
        if let Some(trigger) = word {
            return Some((trigger, TriggerEvidence::Context));
        }
        if system != "airflow" {
            return None;
        }
        [
            ("scheduled__", Trigger::Scheduled),
            ("manual__", Trigger::Manual),
            ("backfill__", Trigger::Reprocess),
        ]
        .into_iter()
        .find(|(prefix, _)| run_id.starts_with(prefix))
        .map(|(_, trigger)| (trigger, TriggerEvidence::RunId))
    }
}

/// Why a trigger is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriggerEvidence {
    Context,
    RunId,
    RepeatsFailedRun,
    Cadence,
}

impl TriggerEvidence {
    const ALL: [Self; 4] = [
        Self::Context,
        Self::RunId,
        Self::RepeatsFailedRun,
        Self::Cadence,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::RunId => "run_id",
            Self::RepeatsFailedRun => "repeats_failed_run",
            Self::Cadence => "cadence",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|evidence| evidence.as_str() == word)
    }

    /// The way back from `as u8`.
    pub(super) fn from_index(index: u8) -> Option<Self> {
        Self::ALL.get(usize::from(index)).copied()
    }
}

/// Lower-case words and what they mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary<T> {
    words: BTreeMap<String, T>,
}

impl<T> Vocabulary<T> {
    fn get(&self, token: &str) -> Option<&T> {
        self.words.get(token)
    }

    /// Every word with its meaning, in order of the words.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &T)> {
        self.words
            .iter()
            .map(|(word, meaning)| (word.as_str(), meaning))
    }
}

impl<'w, T: Clone, W: AsRef<[&'w str]>> FromIterator<(T, W)> for Vocabulary<T> {
    fn from_iter<I: IntoIterator<Item = (T, W)>>(meanings: I) -> Self {
        let mut words = BTreeMap::new();
        for (meaning, synonyms) in meanings {
            for word in synonyms.as_ref() {
                words.insert(word.to_lowercase(), meaning.clone());
            }
        }
        Self { words }
    }
}

/// Section 1.1: lower-cased pieces between everything that is no letter or digit.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(str::to_lowercase)
}
