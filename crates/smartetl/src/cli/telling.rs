//! What `up` and `follow` say while they read in what is new.

use super::{Context, summary};
use crate::errors::runnable;
use crate::follow::{Manner, News};
use crate::night::{Lang, Teller};
use std::fmt::Write as _;

/// Pairs of files that share rows and are told one by one; more are only counted.
const OVERLAPS: usize = 10;

/// So many files about which the same is to be said are named.
const SAME_LISTED: usize = 3;

/// Who says it, to whom.
pub struct Telling<'a> {
    pub context: &'a Context,
    pub teller: Teller,
    /// The flag that leads to this database.
    pub folder: String,
}

impl Telling<'_> {
    /// What needs someone, or should be known; `first` after the first pass.
    pub fn notes(&self, news: &News, first: bool) {
        let words = self.teller.lang.words();
        if let Some(manner) = news.manner {
            self.context.say(noticed(manner, self.teller.lang));
        }
        for (path, finding) in &news.findings {
            let finding = finding.text(self.teller.lang);
            let finding = finding
                .strip_prefix(path.as_str())
                .map_or(finding, str::trim_start);
            self.context.say(&runnable(
                &format!("! {path}: {}", finding.replace('\n', "\n  ")),
                &self.folder,
            ));
        }
        // Later ones are told when they are quiet.
        if first && news.unsettled > 0 {
            let told = self.teller.counted(news.unsettled, words.unsettled);
            self.context.say(&format!("! {told}"));
        }
        for (paths, note) in &news.notes {
            let mut told = paths[..paths.len().min(SAME_LISTED)].join(", ");
            if let Some(more @ 1..) = paths.len().checked_sub(SAME_LISTED) {
                let more = self.teller.counted(more as u64, words.and_more);
                let _ = write!(told, ", … {more}");
            }
            let (colon, note) = (self.teller.lang.colon(), note.text(self.teller.lang));
            let note = format!("! {told}{colon} {}", note.replace('\n', "\n  "));
            self.context.say(&runnable(&note, &self.folder));
        }
        for overlap in news.overlaps.iter().take(OVERLAPS) {
            let rows = self.teller.counted(overlap.rows, words.overlap);
            self.context
                .say(&format!("! {}: {rows} {}", overlap.path, overlap.earlier));
        }
        if let Some(more @ 1..) = news.overlaps.len().checked_sub(OVERLAPS) {
            let more = self.teller.counted(more as u64, words.and_more);
            self.context.say(&format!("! … {more}"));
        }
        if news.left_out > 0 {
            let told = summary::left_out(news.left_out, self.teller.lang);
            self.context.say(&format!("! {told}"));
        }
        if let Some(reason) = &news.fuse_failed {
            self.context
                .say(&format!("! {}: {reason}", words.fuse_failed));
        }
        if news.fuse_is_back {
            self.context.say(words.fuse_is_back);
        }
    }

    /// That nothing can be stored, and that it can again.
    pub fn trouble(&self, reason: Option<&str>) {
        let words = self.teller.lang.words();
        match reason {
            Some(reason) => self.context.say(&format!(
                "! {}{} {reason}",
                words.database_gone,
                self.teller.lang.colon()
            )),
            None => self.context.say(words.database_back),
        }
    }
}

/// What came in, in one line: `02:14:07  1 file · 12 records · 10 log · 2 logerreur · 5 runs`
pub fn line(news: &News, teller: &Teller) -> String {
    let words = teller.lang.words();
    let time = teller.zone.to_datetime(teller.now).strftime("%H:%M:%S");
    let mut parts = Vec::new();
    if news.files > 0 || !news.posted {
        parts.push(teller.counted(news.files, words.files));
    }
    if news.posted {
        parts.push("HTTP".to_owned());
    }
    parts.extend([
        teller.counted(news.records, words.records),
        format!("{} log", teller.number(news.rows_log.cast_signed())),
        format!("{} logerreur", teller.number(news.rows_error.cast_signed())),
    ]);
    if news.rejects > 0 {
        parts.push(teller.counted(news.rejects, words.rejects));
    }
    parts.push(teller.counted(news.runs, words.runs));
    format!("{time}  {}", parts.join(" · "))
}

fn noticed(manner: Manner, lang: Lang) -> &'static str {
    match (manner, lang) {
        (Manner::Told, Lang::En) => "the system tells again what changes",
        (Manner::Told, Lang::Fr) => "le système signale à nouveau ce qui change",
        (Manner::Remote, Lang::En) => {
            "! some of it stands on a network drive, where the system does not tell what changes: it is looked at every 1 to 3 s"
        }
        (Manner::Remote, Lang::Fr) => {
            "! une partie se trouve sur un lecteur réseau, où le système ne signale pas ce qui change\u{a0}: un coup d’œil toutes les \
             1 à 3 s"
        }
        (Manner::Exhausted, Lang::En) => {
            "! the system lets no more folders be watched: all is looked at every 1 to 3 s\n  hint: `sysctl \
             fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024` lets it watch more"
        }
        (Manner::Exhausted, Lang::Fr) => {
            "! le système ne surveille pas plus de dossiers\u{a0}: un coup d’œil à tout, toutes les 1 à 3 s\n  conseil\u{a0}: `sysctl \
             fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024` en permet davantage"
        }
        (Manner::Unsupported, Lang::En) => {
            "! the system does not tell what changes in these folders: all is looked at every 1 to 3 s"
        }
        (Manner::Unsupported, Lang::Fr) => {
            "! le système ne signale pas ce qui change dans ces dossiers\u{a0}: un coup d’œil à tout, toutes les 1 à 3 s"
        }
    }
}
