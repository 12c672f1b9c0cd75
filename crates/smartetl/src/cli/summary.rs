//! What a load came to: the summary of `load` and of `fuse FILES --to`, and what `load --dry-run` shares with it.

use super::Outcome;
use crate::errors::runnable;
use crate::ingest::{FileReport, FileResult, Recognised};
use crate::jobs::{fuse, overlap_lines};
use crate::night::Lang;
use crate::output::counted;
use crate::reason;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// So many files that are not loaded for the same reason are told by name.
const SAME_LISTED: usize = 10;

/// How the files were read.
pub struct Manner {
    pub lang: Lang,
    /// What begins a command that looks into the database with the rows; `None` where nothing was stored.
    pub program: Option<String>,
    /// The flag that leads a command to this database.
    pub folder: String,
    pub allow_rejects: bool,
}

/// What a person wants to know after a load.
#[derive(Debug, serde::Serialize)]
pub struct Summary<'f> {
    files: &'f [FileReport],
    files_loaded: u64,
    files_nothing_new: u64,
    files_trouble: u64,
    files_failed: u64,
    files_no_log: u64,
    /// No logs either, and told of before.
    files_no_log_as_before: u64,
    records: u64,
    rows_log: u64,
    rows_error: u64,
    silent: u64,
    rejects: BTreeMap<&'f str, u64>,
    fuse: Option<&'f fuse::Report>,
    seconds: f64,
}

impl<'f> Summary<'f> {
    pub fn of(files: &'f [FileReport], fuse: Option<&'f fuse::Report>, elapsed: Duration) -> Self {
        let count = |wanted: fn(&FileResult) -> bool| {
            files.iter().filter(|file| wanted(&file.result)).count() as u64
        };
        let sum = |pick: fn(&FileReport) -> u64| files.iter().map(pick).sum();
        let mut rejects: BTreeMap<&str, u64> = BTreeMap::new();
        for (reason, number) in files.iter().flat_map(|file| &file.rejects) {
            *rejects.entry(reason).or_default() += number;
        }
        Self {
            files,
            files_loaded: count(|result| matches!(result, FileResult::Loaded { .. })),
            files_nothing_new: count(|result| matches!(result, FileResult::NothingNew)),
            files_trouble: count(|result| matches!(result, FileResult::Trouble { .. })),
            files_failed: count(|result| matches!(result, FileResult::Failed { .. })),
            files_no_log: count(|result| matches!(result, FileResult::NoLog { .. })),
            files_no_log_as_before: count(|result| matches!(result, FileResult::NoLogAsBefore)),
            records: sum(|file| file.records),
            rows_log: sum(|file| file.rows_log),
            rows_error: sum(|file| file.rows_error),
            silent: sum(|file| file.silent),
            rejects,
            fuse,
            seconds: elapsed.as_secs_f64(),
        }
    }

    pub fn outcome(&self, allow_rejects: bool) -> Outcome {
        if self.files_failed + self.files_no_log > 0
            && self.files_loaded + self.files_nothing_new + self.files_trouble == 0
            && self.files_no_log_as_before == 0
            && self.records == 0
        {
            return Outcome::Failed;
        }
        let rejects = !self.rejects.is_empty() && !allow_rejects;
        if rejects || self.files_failed > 0 || self.files_trouble > 0 {
            Outcome::Findings
        } else {
            Outcome::Done
        }
    }

    /// Files that are not loaded, or not as was asked: together where the same is to be done, the reason once above those
    /// that share it.
    pub fn not_loaded(&self, lang: Lang) -> String {
        let mut groups: Vec<NotLoaded> = Vec::new();
        for file in self.files {
            let (word, reason) = match &file.result {
                FileResult::Failed { reason } => (lang.pick("failed", "en échec"), reason),
                FileResult::Trouble { reason } => (lang.pick("not loaded", "non chargé"), reason),
                result => match (&file.note, result) {
                    (None, _) => continue,
                    (Some(note), FileResult::NothingNew) => {
                        (lang.pick("nothing new", "rien de nouveau"), note)
                    }
                    (Some(note), _) => (lang.pick("read as before", "lu comme avant"), note),
                },
            };
            let reason = reason.text(lang);
            let (reason, todo) = reason.split_once('\n').unwrap_or((reason, ""));
            let at = groups.iter().position(|group| {
                let same_reason = group.reasons.iter().any(|(other, _)| *other == reason);
                group.word == word && group.todo == todo && (same_reason || !todo.is_empty())
            });
            let at = at.unwrap_or_else(|| {
                groups.push(NotLoaded {
                    word,
                    todo,
                    reasons: Vec::new(),
                });
                groups.len() - 1
            });
            groups[at].add(reason, &file.path);
        }
        groups.iter().map(|group| group.text(lang)).collect()
    }

    pub fn text(&self, manner: &Manner) -> String {
        let lang = manner.lang;
        let words = lang.words();
        let mut text = runnable(&self.not_loaded(lang), &manner.folder);
        text.push_str(
            &self
                .fuse
                .map_or_else(String::new, |fuse| overlap_lines(&fuse.overlaps, lang)),
        );
        text.push_str(&Recognised::of(self.files).text(lang));
        let logs = self.files.len() as u64 - self.files_no_log - self.files_no_log_as_before;
        let files = lang.counted(logs, words.files);
        let (loaded, failed) = (self.files_loaded, self.files_failed);
        let (same, trouble) = (self.files_nothing_new, self.files_trouble);
        let _ = match (lang, &manner.program) {
            (Lang::En, None) => writeln!(text, "{files}: {loaded} read, {failed} failed"),
            (Lang::En, Some(_)) => writeln!(
                text,
                "{files}: {loaded} loaded, {same} with nothing new, {trouble} not loaded, {failed} failed"
            ),
            (Lang::Fr, None) => writeln!(
                text,
                "{files}\u{a0}: {}, {failed} en échec",
                lang.counted(loaded, ["lu", "lus"])
            ),
            (Lang::Fr, Some(_)) => writeln!(
                text,
                "{files}\u{a0}: {}, {same} sans nouveauté, {}, {failed} en échec",
                lang.counted(loaded, ["chargé", "chargés"]),
                lang.counted(trouble, ["non chargé", "non chargés"])
            ),
        };
        let rejected: u64 = self.rejects.values().sum();
        let rows = lang.pick("row", "ligne");
        let many = lang.pick("rows", "lignes");
        let _ = writeln!(
            text,
            "{}{} {} {} log, {} {} logerreur, {} {}, {}",
            lang.counted(self.records, words.records),
            lang.colon(),
            lang.counted(self.rows_log, [rows, many]),
            lang.pick("of", "de"),
            lang.counted(self.rows_error, [rows, many]),
            lang.pick("of", "de"),
            self.silent,
            lang.pick("silent", "sans effet"),
            match lang {
                Lang::En => format!("{rejected} rejected"),
                Lang::Fr => lang.counted(rejected, words.rejects),
            },
        );
        for (reason, number) in &self.rejects {
            let _ = writeln!(text, "  {number} {}", reason::of_reject_named(reason, lang));
        }
        if rejected > 0 {
            let _ = match &manner.program {
                None => writeln!(
                    text,
                    "  {}",
                    lang.pick(
                        "smartetl load keeps each with its place and its raw text",
                        "smartetl load garde chacune avec son emplacement et son texte brut"
                    )
                ),
                Some(program) => writeln!(
                    text,
                    "  {} {program} sql \"SELECT * FROM reject ORDER BY batch DESC, line LIMIT 20\"",
                    lang.pick("look at them:", "pour les voir\u{a0}:")
                ),
            };
            if !manner.allow_rejects {
                text.push_str(lang.pick(
                    "  exit code 1 because of them: --allow-rejects makes it 0\n",
                    "  code de sortie 1 à cause d’elles\u{a0}: --allow-rejects le met à 0\n",
                ));
            }
        }
        if let Some(fuse) = self.fuse {
            let _ = writeln!(text, "{}", fused(fuse, lang));
        }
        let _ = writeln!(
            text,
            "{} {}",
            lang.pick("took", "durée"),
            pace(self.records, self.seconds, lang)
        );
        text
    }
}

/// Files of which the same is to be said or done.
struct NotLoaded<'f> {
    word: &'static str,
    /// The lines behind the reason: what to do.
    todo: &'f str,
    /// Each with the files that it holds for.
    reasons: Vec<(&'f str, Vec<&'f str>)>,
}

impl<'f> NotLoaded<'f> {
    fn add(&mut self, reason: &'f str, path: &'f str) {
        match self.reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, paths)) => paths.push(path),
            None => self.reasons.push((reason, vec![path])),
        }
    }

    fn text(&self, lang: Lang) -> String {
        let (word, colon) = (self.word, lang.colon());
        let files: usize = self.reasons.iter().map(|(_, paths)| paths.len()).sum();
        let mut text = String::new();
        if let ([(reason, paths)], 1) = (&self.reasons[..], files) {
            let _ = writeln!(text, "{word}{colon} {}\n  {reason}", paths[0]);
        } else {
            let files = lang.counted(files as u64, lang.words().files);
            let _ = writeln!(text, "{word}{colon} {files}");
            for (reason, paths) in &self.reasons {
                let _ = writeln!(text, "  {reason}");
                for path in paths.iter().take(SAME_LISTED) {
                    let _ = writeln!(text, "    {path}");
                }
                if let Some(more @ 1..) = paths.len().checked_sub(SAME_LISTED) {
                    let _ = match lang {
                        Lang::En => {
                            writeln!(text, "    + {more} more (all of them: --format json)")
                        }
                        Lang::Fr => {
                            writeln!(text, "    + {more} de plus (tous\u{a0}: --format json)")
                        }
                    };
                }
            }
        }
        for line in self.todo.lines() {
            let _ = writeln!(text, "  {line}");
        }
        text
    }
}

/// `2 runs and 1 job day fused`.
pub fn fused(report: &fuse::Report, lang: Lang) -> String {
    let runs = lang.counted(report.runs, lang.words().runs);
    let left_out = match (report.left_out, lang) {
        (0, _) => String::new(),
        (rows, Lang::En) => format!("; {}", left_out(rows, lang)),
        (rows, Lang::Fr) => format!("\u{a0}; {}", left_out(rows, lang)),
    };
    match lang {
        Lang::En => format!(
            "{runs} and {} fused{}{left_out}",
            counted(report.job_days, "job day", "job days"),
            if report.full {
                ", everything folded again"
            } else {
                ""
            }
        ),
        Lang::Fr => format!(
            "{runs} et {} à jour{}{left_out}",
            lang.counted(report.job_days, ["journée de job", "journées de job"]),
            if report.full {
                ", tout a été recalculé"
            } else {
                ""
            }
        ),
    }
}

/// Rows that came after their trees had retired.
pub fn left_out(rows: u64, lang: Lang) -> String {
    match lang {
        Lang::En => format!(
            "{} left out: the trees have retired (smartetl prune --help)",
            counted(rows, "row", "rows")
        ),
        Lang::Fr => format!(
            "{} hors de dataset\u{a0}: leurs arbres sont purgés (smartetl prune --help)",
            lang.counted(rows, ["ligne", "lignes"])
        ),
    }
}

/// How long it took, and how fast that was where it says something.
fn pace(records: u64, seconds: f64, lang: Lang) -> String {
    let pace = records as f64 / seconds;
    match lang {
        _ if records == 0 || seconds < 1.0 => decimal(seconds, lang) + " s",
        Lang::En => format!("{seconds:.1} s: {pace:.0} records/s"),
        Lang::Fr => format!(
            "{} s\u{a0}: {pace:.0} enregistrements/s",
            decimal(seconds, lang)
        ),
    }
}

/// With one digit behind the point, which is a comma in French.
fn decimal(number: f64, lang: Lang) -> String {
    let text = format!("{number:.1}");
    match lang {
        Lang::En => text,
        Lang::Fr => text.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_no_pace() {
        assert_eq!(pace(12, 0.34, Lang::En), "0.3 s");
        assert_eq!(pace(12, 0.34, Lang::Fr), "0,3 s");
        assert_eq!(pace(0, 7.0, Lang::En), "7.0 s");
        assert_eq!(pace(12_000, 2.0, Lang::En), "2.0 s: 6000 records/s");
        assert_eq!(
            pace(12_000, 2.0, Lang::Fr),
            "2,0 s\u{a0}: 6000 enregistrements/s"
        );
    }

    #[test]
    fn one_is_not_many() {
        let report = |number| fuse::Report {
            batches: number,
            runs: number,
            job_days: number,
            full: number == 0,
            left_out: 0,
            overlaps: Vec::new(),
        };
        assert_eq!(fused(&report(1), Lang::En), "1 run and 1 job day fused");
        assert_eq!(
            fused(&report(0), Lang::En),
            "0 runs and 0 job days fused, everything folded again"
        );
    }
}
