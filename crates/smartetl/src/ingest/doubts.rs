//! What no single row can show: that a mapping reads files wrongly though it rejects nothing.

use crate::reason::Reason;
use smartetl_core::fuse::{FuseConfig, UNMAPPED};
use smartetl_core::model::{ErrorRow, Event, LogRow, Moment};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many runs are looked at.
const RUNS: usize = 100_000;
/// So many words that may mean an environment are kept.
const WORDS: usize = 200;
/// Fewer runs prove nothing about durations.
const FEWEST: usize = 3;
/// Times and durations are rounded, at most to minutes.
const ROUNDED_MS: u64 = 60_000;

/// What the rows of some files say, run by run.
#[derive(Default)]
pub struct Seen {
    /// By what tells a run apart.
    spans: HashMap<u64, Span>,
    /// Runs of the run log and of the error log: with their system, and by their id alone.
    log_runs: Runs,
    error_runs: Runs,
    /// The environment of a row or, without one, its context.
    words: BTreeMap<(Option<String>, Option<String>), u64>,
}

#[derive(Default)]
struct Runs {
    of_system: HashSet<u64>,
    ids: HashSet<u64>,
}

#[derive(Clone, Copy, Default)]
struct Span {
    begin: Option<Moment>,
    end: Option<Moment>,
    reported_ms: Option<i64>,
}

impl Seen {
    pub fn log(&mut self, row: &LogRow<'_>) {
        self.word(row.environment, row.context);
        self.log_runs.add(row.system, row.run_id);
        let key = hash(&(row.system, row.job, row.root_run_id, row.run_id, row.step));
        if self.spans.len() >= RUNS && !self.spans.contains_key(&key) {
            return;
        }
        let span = self.spans.entry(key).or_default();
        match row.event {
            Event::Begin => span.begin = span.begin.or(Some(row.moment)),
            Event::End => {
                span.end = Some(row.moment);
                span.reported_ms = row.duration_reported_ms.or(span.reported_ms);
            }
            Event::Metric => {}
        }
    }

    pub fn error(&mut self, row: &ErrorRow<'_>) {
        self.word(row.environment, row.context);
        self.error_runs.add(row.system, row.run_id);
    }

    fn word(&mut self, environment: Option<&str>, context: Option<&str>) {
        if environment.or(context).is_none() {
            return;
        }
        let context = if environment.is_none() { context } else { None };
        let key = (environment.map(str::to_owned), context.map(str::to_owned));
        if self.words.len() < WORDS || self.words.contains_key(&key) {
            *self.words.entry(key).or_default() += 1;
        }
    }

    /// What all of these say together.
    pub fn of<'s>(all: impl IntoIterator<Item = &'s Self>) -> Self {
        all.into_iter().fold(Self::default(), |mut seen, other| {
            seen.add(other);
            seen
        })
    }

    fn add(&mut self, other: &Self) {
        for (key, span) in &other.spans {
            let ours = self.spans.entry(*key).or_default();
            ours.begin = ours.begin.or(span.begin);
            ours.end = ours.end.or(span.end);
            ours.reported_ms = ours.reported_ms.or(span.reported_ms);
        }
        for (ours, theirs) in [
            (&mut self.log_runs, &other.log_runs),
            (&mut self.error_runs, &other.error_runs),
        ] {
            ours.of_system.extend(&theirs.of_system);
            ours.ids.extend(&theirs.ids);
        }
        for (word, rows) in &other.words {
            *self.words.entry(word.clone()).or_default() += rows;
        }
    }

    /// What speaks against the mapping, in both languages.
    pub fn doubts(&self, config: &FuseConfig) -> Vec<Reason> {
        let doubts = [
            self.backwards(),
            self.durations(),
            self.strangers(),
            self.environments(config),
        ];
        doubts.into_iter().flatten().collect()
    }

    fn backwards(&self) -> Option<Reason> {
        let whole = self.spans.values().filter_map(Span::took_ms);
        let (back, all) = whole.fold((0, 0), |(back, all), took| {
            (back + usize::from(took < 0), all + 1)
        });
        (back * 2 > all).then(|| {
            Reason::new(
                format!("{back} of {all} runs and steps end before they begin: are the columns of begin and end exchanged?"),
                format!("{back} exécutions et étapes sur {all} finissent avant de commencer\u{a0}: les colonnes de début et de fin sont-elles inversées\u{a0}?"),
            )
        })
    }

    fn durations(&self) -> Option<Reason> {
        let told = self.spans.values().filter_map(|span| {
            let (took, reported) = (span.took_ms()?, span.reported_ms?);
            (took >= 0).then_some((took as u64, reported.max(0) as u64))
        });
        let told: Vec<(u64, u64)> = told.collect();
        let off = told.iter().filter(|(took, reported)| {
            let (less, more) = (took.min(reported), took.max(reported));
            more - less > ROUNDED_MS && less.saturating_mul(3) < more.saturating_mul(2)
        });
        let (off, all) = (off.count(), told.len());
        (all >= FEWEST && off * 2 > all).then(|| {
            Reason::new(
                format!("{off} of {all} reported durations are far from what lies between begin and end: is their unit right, and are both times read whole?"),
                format!("{off} durées indiquées sur {all} sont loin de l’écart entre début et fin\u{a0}: leur unité est-elle la bonne, les deux heures sont-elles lues en entier\u{a0}?"),
            )
        })
    }

    fn strangers(&self) -> Option<Reason> {
        if self.log_runs.ids.is_empty() || self.error_runs.ids.is_empty() {
            return None;
        }
        let (log, error) = (&self.log_runs, &self.error_runs);
        let unknown = error.of_system.difference(&log.of_system).count();
        let all = error.of_system.len();
        if unknown * 2 <= all {
            return None;
        }
        let elsewhere = error.ids.intersection(&log.ids).count() * 2 > error.ids.len();
        let (en, fr) = if elsewhere {
            (
                "their ids are there under another `system`: write the same one in both mappings",
                "leurs identifiants y sont sous un autre `system`\u{a0}: écrivez le même dans les deux correspondances",
            )
        } else {
            (
                "is `run_id` the same in both logs?",
                "`run_id` est-il le même dans les deux journaux\u{a0}?",
            )
        };
        Some(Reason::new(
            format!("{unknown} of {all} runs with errors are not in the run log: {en}"),
            format!(
                "{unknown} exécutions en erreur sur {all} ne sont pas dans le journal des exécutions\u{a0}: {fr}"
            ),
        ))
    }

    fn environments(&self, config: &FuseConfig) -> Option<Reason> {
        let unknown = self.words.iter().filter(|((environment, context), _)| {
            config.environment(environment.as_deref(), context.as_deref()) == UNMAPPED
        });
        let (mut words, mut rows) = (Vec::new(), 0);
        for ((environment, context), number) in unknown {
            words.extend(environment.as_deref().or(context.as_deref()));
            rows += number;
        }
        let first = words.first()?;
        let more = words.len() - 1;
        let and = |more_of: [&str; 2]| match more {
            0 => String::new(),
            1 => format!(" {} 1 {}", more_of[0], more_of[1]),
            _ => format!(" {} {more} {}s", more_of[0], more_of[1]),
        };
        let first = smartetl_core::redact::redact(first);
        Some(Reason::new(
            format!(
                "{rows} rows are of no known environment: `{first}`{} is no word of [environments] in the configuration",
                and(["and", "other"])
            ),
            format!(
                "{rows} lignes ne sont d’aucun environnement connu\u{a0}: `{first}`{} n’est pas un mot de [environments] dans la configuration",
                and(["et", "autre"])
            ),
        ))
    }
}

impl Runs {
    fn add(&mut self, system: &str, run_id: &str) {
        if self.ids.len() < RUNS {
            self.of_system.insert(hash(&(system, run_id)));
            self.ids.insert(hash(&run_id));
        }
    }
}

impl Span {
    fn took_ms(&self) -> Option<i64> {
        Some((self.end?.0 - self.begin?.0) / 1000)
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
