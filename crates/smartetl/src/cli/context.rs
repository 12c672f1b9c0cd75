//! What every command is given: the merged configuration, how to write, and the database on request.

use super::Global;
use crate::config::{self, Inputs, MACHINE, Origin, Settings};
use crate::errors::{ErrorCode, Failure, runnable};
use crate::night::{Lang, Teller};
use crate::output;
use jiff::tz::TimeZone;
use sqlx::PgConnection;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// How a command ended, apart from failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit 0.
    Done,
    /// Done, but something was found that a person should look at: exit 1.
    Findings,
    /// Nothing of it could be done, and why was said: exit 2.
    Failed,
    /// This signal ended it early, and what is done was said: exit 128 + its number.
    Stopped(u8),
}

/// The surroundings of a command.
#[derive(Clone)]
pub struct Context {
    pub settings: Settings,
    /// Where each setting came from.
    pub origins: Vec<Origin>,
    /// The configuration file, and whether it exists.
    pub file: Option<PathBuf>,
    pub file_read: bool,
    pub warnings: Vec<String>,
    /// Whether stdout may be coloured.
    pub colour: bool,
    /// -1 quiet, 0, 1, 2.
    pub verbosity: i8,
}

impl Context {
    pub(super) fn new(global: &Global) -> anyhow::Result<Self> {
        let mut flags = Vec::new();
        for text in &global.set {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                Failure::new(ErrorCode::Usage, format!("`--set {text}` has no `=`"))
                    .hint("write --set KEY=VALUE, for example --set http.port=9000")
            })?;
            flags.push((key.trim().to_owned(), value.to_owned(), "--set".to_owned()));
        }
        let mut flag = |key: &str, value: Option<&String>, name: &str| {
            flags.extend(value.map(|value| (key.to_owned(), value.clone(), name.to_owned())));
        };
        flag("data_dir", global.data_dir.as_ref(), "--data-dir");
        flag(
            "database.url",
            global.database_url.as_ref(),
            "--database-url",
        );
        flag(
            "postgres.archive",
            global.postgres_archive.as_ref(),
            "--postgres-archive",
        );
        let log_format = global
            .log_format
            .map(|format| format!("{format:?}").to_lowercase());
        flag("log.format", log_format.as_ref(), "--log-format");
        let lang = global.lang.map(|lang| lang.tag().to_owned());
        flag("lang", lang.as_ref(), "--lang");
        let loaded = config::load(&Inputs::of_process(global.config.clone(), flags))?;
        Ok(Self {
            settings: loaded.settings,
            origins: loaded.origins,
            file: loaded.file,
            file_read: loaded.file_read,
            warnings: loaded.warnings,
            colour: global.color.on(std::io::stdout().is_terminal()),
            verbosity: if global.quiet {
                -1
            } else {
                i8::try_from(global.verbose.min(2)).unwrap_or(2)
            },
        })
    }

    /// The language for people.
    pub const fn lang(&self) -> Lang {
        self.settings.lang
    }

    /// Whether somebody chose the zone of the business days, or it is that of the machine.
    pub fn is_zone_chosen(&self) -> bool {
        let mut zone = self
            .origins
            .iter()
            .filter(|origin| origin.key == "timezone");
        zone.any(|origin| origin.origin != MACHINE)
    }

    /// The settings for a database with tables: where nobody chose a zone, that of its last fuse, so that days do not move
    /// because another machine looks at them.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn settings_of(&self, connection: &mut PgConnection) -> anyhow::Result<Settings> {
        let mut settings = self.settings.clone();
        if !self.is_zone_chosen()
            && let Some(zone) = smartetl_store::fusion::timezone(connection).await?
            && jiff::tz::TimeZone::get(&zone).is_ok()
        {
            settings.timezone = zone;
        }
        Ok(settings)
    }

    /// How people are told the times of a database with tables, now.
    ///
    /// # Errors
    /// When the server refuses or is gone, or nobody knows the zone.
    pub async fn teller_of(&self, connection: &mut PgConnection) -> anyhow::Result<Teller> {
        let zone = self.settings_of(connection).await?.timezone;
        Ok(Teller {
            lang: self.lang(),
            zone: TimeZone::get(&zone)?,
            now: jiff::Timestamp::now(),
        })
    }

    /// Warns a person on stderr, unless they asked for quiet.
    pub fn warn(&self, text: &str, hint: &str) {
        let (warning, advice) = match self.lang() {
            Lang::En => ("warning:", "hint:"),
            Lang::Fr => ("avertissement\u{a0}:", "conseil\u{a0}:"),
        };
        let hint = runnable(hint, &super::again::folder(self));
        self.say(&format!("{warning} {text}\n{advice} {hint}"));
    }

    /// Tells a person something on stderr, unless they asked for quiet.
    pub fn say(&self, text: &str) {
        if self.verbosity >= 0 {
            // Nothing can be done when stderr is gone.
            let text = output::folded(text, output::stderr_width());
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }
}
