//! What no single row can show: that a mapping reads files wrongly though it rejects nothing.

use crate::reason::Reason;
use smartetl_core::fuse::{FuseConfig, UNMAPPED};
use smartetl_core::model::{ErrorRow, Event, LogRow, Moment};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many runs are kept apart; of more nothing is said.
const RUNS: usize = 100_000;
/// So many words that may mean an environment are kept.
const WORDS: usize = 200;
/// Fewer prove nothing about durations.
const FEWEST: u64 = 3;
const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// What the rows of some files say together.
#[derive(Default)]
pub struct Seen {
    /// Begins without an end and ends without a begin, by what tells a run or a step apart.
    open: HashMap<u64, Half>,
    pairs: Pairs,
    /// Runs of the run log: with their system, and by their id alone.
    of_system: HashSet<u64>,
    ids: HashSet<u64>,
    /// From the first to the last row of it.
    span: Option<(Moment, Moment)>,
    /// Runs of the error log, the same two hashes, with a moment of each.
    failed: HashMap<(u64, u64), Moment>,
    /// The environment of a row or, without one, its context.
    words: BTreeMap<(Option<String>, Option<String>), u64>,
}

/// Begins and ends that belong together.
#[derive(Default)]
struct Pairs {
    all: u64,
    backwards: u64,
    /// Of those with a reported duration.
    reported: u64,
    off: u64,
}

enum Half {
    Begin(Moment),
    End(Moment, Option<i64>),
}

impl Seen {
    pub fn log(&mut self, row: &LogRow<'_>) {
        self.word(row.environment, row.context);
        let (from, until) = self.span.unwrap_or((row.moment, row.moment));
        self.span = Some((from.min(row.moment), until.max(row.moment)));
        if self.ids.len() < RUNS {
            self.of_system.insert(hash(&(row.system, row.run_id)));
            self.ids.insert(hash(&row.run_id));
        }
        let step = (row.step, row.map_index, row.attempt);
        let key = hash(&(row.system, row.job, row.root_run_id, row.run_id, step));
        // Whatever comes again under the same name is another pair.
        let known = self.open.remove(&key);
        let half = match (row.event, known) {
            (Event::Begin, Some(Half::End(end, reported))) => {
                return self.pairs.add(row.moment, end, reported);
            }
            (Event::End, Some(Half::Begin(begin))) => {
                return self.pairs.add(begin, row.moment, row.duration_reported_ms);
            }
            (Event::Begin, _) => Half::Begin(row.moment),
            (Event::End, _) => Half::End(row.moment, row.duration_reported_ms),
            (Event::Metric, Some(known)) => known,
            (Event::Metric, None) => return,
        };
        if self.open.len() < RUNS {
            self.open.insert(key, half);
        }
    }

    pub fn error(&mut self, row: &ErrorRow<'_>) {
        self.word(row.environment, row.context);
        if self.failed.len() < RUNS {
            let run = (hash(&(row.system, row.run_id)), hash(&row.run_id));
            self.failed.insert(run, row.moment);
        }
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

    /// Takes in what another file says.
    pub fn add(&mut self, other: Self) {
        self.pairs.all += other.pairs.all;
        self.pairs.backwards += other.pairs.backwards;
        self.pairs.reported += other.pairs.reported;
        self.pairs.off += other.pairs.off;
        let room = RUNS.saturating_sub(self.ids.len());
        self.of_system
            .extend(other.of_system.into_iter().take(room));
        self.ids.extend(other.ids.into_iter().take(room));
        let room = RUNS.saturating_sub(self.failed.len());
        self.failed.extend(other.failed.into_iter().take(room));
        self.span = match (self.span, other.span) {
            (Some(ours), Some(theirs)) => Some((ours.0.min(theirs.0), ours.1.max(theirs.1))),
            (ours, theirs) => ours.or(theirs),
        };
        for (word, rows) in other.words {
            if self.words.len() < WORDS || self.words.contains_key(&word) {
                *self.words.entry(word).or_default() += rows;
            }
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
        let Pairs {
            all,
            backwards: back,
            ..
        } = self.pairs;
        (back * 2 > all).then(|| {
            Reason::new(
                format!("{back} of {all} runs and steps end before they begin: are the columns of begin and end exchanged?"),
                format!("{back} exécutions et étapes sur {all} finissent avant de commencer\u{a0}: les colonnes de début et de fin sont-elles inversées\u{a0}?"),
            )
        })
    }

    fn durations(&self) -> Option<Reason> {
        let Pairs {
            reported: all, off, ..
        } = self.pairs;
        (all >= FEWEST && off * 2 > all).then(|| {
            Reason::new(
                format!("{off} of {all} reported durations are far from what lies between begin and end: is their unit right, and are both times read whole?"),
                format!("{off} durées indiquées sur {all} sont loin de l’écart entre début et fin\u{a0}: leur unité est-elle la bonne, les deux heures sont-elles lues en entier\u{a0}?"),
            )
        })
    }

    /// Errors of times of which there is a run log, and whose runs it does not have.
    fn strangers(&self) -> Option<Reason> {
        let (from, until) = self.span?;
        if self.ids.len() >= RUNS {
            return None;
        }
        let failed = self.failed.iter();
        let failed = failed.filter(|(_, moment)| (from..=until).contains(*moment));
        let runs: Vec<&(u64, u64)> = failed.map(|(run, _)| run).collect();
        let all = runs.len();
        let has = |known: &HashSet<u64>, of: fn(&(u64, u64)) -> u64| {
            runs.iter().filter(|run| known.contains(&of(run))).count()
        };
        let unknown = all - has(&self.of_system, |run| run.0);
        if unknown * 2 <= all {
            return None;
        }
        let elsewhere = has(&self.ids, |run| run.1) * 2 > all;
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

impl Pairs {
    fn add(&mut self, begin: Moment, end: Moment, reported_ms: Option<i64>) {
        self.all += 1;
        let Ok(took) = u64::try_from(end.millis_since(begin)) else {
            self.backwards += 1;
            return;
        };
        if let Some(reported) = reported_ms.and_then(|ms| u64::try_from(ms).ok()) {
            self.reported += 1;
            let (less, more) = (took.min(reported), took.max(reported));
            // Times and durations are rounded, to minutes or to hours.
            let rounded = if reported % HOUR_MS == 0 {
                HOUR_MS
            } else {
                MINUTE_MS
            };
            self.off +=
                u64::from(more - less > rounded && less.saturating_mul(3) < more.saturating_mul(2));
        }
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
