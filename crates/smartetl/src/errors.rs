//! What can go wrong, as people and programs see it: one stable code per kind of failure.
//!
//! A command returns `anyhow::Result`; whatever knows more puts a [`Failure`] into the chain. The edge
//! ([`report`]) prints what happened, where, and what to do. Messages never contain a password.

use crate::night::Lang;
use crate::reason::{self, Reason};
use smartetl_store::StoreError;
use std::fmt;
use std::io::{self, Write};

/// Declares the codes: name, exit code, HTTP status.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $exit:literal, $http:literal;)+) => {
        /// The kind of a failure. Names are stable: scripts, problem+json and tests rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$meta])* $variant),+ }

        impl ErrorCode {
            /// Every code, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, in `snake_case`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Exit code of the program: 1 done with findings, 2 could not do it.
            pub const fn exit(self) -> u8 {
                match self { $(Self::$variant => $exit),+ }
            }

            /// Status of the HTTP answer that reports it.
            pub const fn http(self) -> u16 {
                match self { $(Self::$variant => $http),+ }
            }
        }
    };
}

codes! {
    /// The command line asks for something that does not exist or contradicts itself.
    Usage = "usage", 2, 400;
    /// The configuration says something that cannot be.
    ConfigInvalid = "config_invalid", 2, 500;
    /// The configuration file cannot be read.
    ConfigUnreadable = "config_unreadable", 2, 500;
    /// A file or folder cannot be read.
    Unreadable = "unreadable", 2, 404;
    /// A file or folder cannot be written.
    Unwritable = "unwritable", 2, 507;
    /// No answer from the database server.
    DatabaseUnreachable = "database_unreachable", 2, 503;
    /// The server refuses this user, password or database.
    DatabaseRefused = "database_refused", 2, 503;
    /// The embedded server cannot be started.
    DatabaseNotStarted = "database_not_started", 2, 503;
    /// The server is not the version that smartETL works with.
    DatabaseVersion = "database_version", 2, 503;
    /// The tables are missing or of another version.
    SchemaOutdated = "schema_outdated", 2, 503;
    /// The server refused a statement.
    StatementFailed = "statement_failed", 2, 400;
    /// A statement wanted to write without permission.
    ReadOnly = "read_only", 2, 403;
    /// A statement took longer than allowed.
    StatementTimeout = "statement_timeout", 2, 504;
    /// The port of the service cannot be used.
    PortTaken = "port_taken", 2, 503;
    /// Others could come in, and nobody has an account.
    NoAccount = "no_account", 2, 503;
    /// There is no such night.
    NoNight = "no_night", 2, 404;
    /// No broker answers, or it refuses.
    KafkaUnreachable = "kafka_unreachable", 2, 503;
    /// Kafka refuses this user, or what they want.
    KafkaRefused = "kafka_refused", 2, 403;
    /// A topic or a partition is not as it was left.
    KafkaTopic = "kafka_topic", 2, 409;
    /// The mail server cannot be reached, or does not take the mail.
    MailNotSent = "mail_not_sent", 2, 502;
    /// Grafana does not answer.
    GrafanaUnreachable = "grafana_unreachable", 2, 503;
    /// Grafana refuses this token.
    GrafanaRefused = "grafana_refused", 2, 403;
    /// Grafana answers something else than its API does.
    GrafanaAnswer = "grafana_answer", 2, 502;
    /// The file is no backup, is damaged, or is that of a later smartETL.
    BackupUnusable = "backup_unusable", 2, 422;
    /// What is restored goes where nothing is.
    NotEmpty = "not_empty", 2, 409;
    /// Something was not there in time.
    NotThere = "not_there", 1, 504;
    /// A defect of smartETL.
    Internal = "internal", 2, 500;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failure that says what happened, where, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    pub code: ErrorCode,
    /// What happened, one sentence without a full stop.
    pub message: Reason,
    /// Where: `file:line:column`, a variable, a flag, a server.
    pub place: Option<String>,
    /// What to do.
    pub hint: Option<Reason>,
}

impl Failure {
    /// `message`: in one language, or `[english, french]`.
    pub fn new(code: ErrorCode, message: impl Into<Reason>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
            hint: None,
        }
    }

    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<Reason>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for Failure {}

/// The reader of stdout went away (`smartetl … | head`): no failure, only an end.
#[derive(Debug)]
pub struct StdoutClosed;

impl fmt::Display for StdoutClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader of the output is gone")
    }
}

impl std::error::Error for StdoutClosed {}

/// The code of a failure: that of the first [`Failure`] in its chain, or what the kind of its cause says.
pub fn code_of(error: &anyhow::Error) -> ErrorCode {
    error
        .chain()
        .find_map(|cause| {
            if let Some(failure) = cause.downcast_ref::<Failure>() {
                return Some(failure.code);
            }
            if let Some(error) = cause.downcast_ref::<StoreError>() {
                return Some(code_of_store(error));
            }
            cause.downcast_ref::<sqlx::Error>().map(code_of_database)
        })
        .unwrap_or(ErrorCode::Internal)
}

/// Whether somebody else went on where this was to: what follows from it is no failure of its own.
pub fn is_overtaken(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<StoreError>(),
        Some(StoreError::Overtaken { .. })
    )
}

/// Whether the server is there, and refuses what it is to store: a value, a constraint, a limit (classes 22, 23 and 54 of SQLSTATE).
pub fn is_about_values(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_store = cause.downcast_ref::<StoreError>();
        let refused = match of_store {
            Some(StoreError::Database(error)) => Some(error),
            _ => cause.downcast_ref::<sqlx::Error>(),
        };
        let Some(sqlx::Error::Database(refused)) = refused else {
            return false;
        };
        let state = refused.code().unwrap_or_default();
        ["22", "23", "54"]
            .iter()
            .any(|class| state.starts_with(class))
    })
}

fn code_of_store(error: &StoreError) -> ErrorCode {
    match error {
        StoreError::Database(error)
        | StoreError::Migrate(sqlx::migrate::MigrateError::Execute(error)) => {
            code_of_database(error)
        }
        StoreError::Migrate(_)
        | StoreError::NoTables
        | StoreError::OlderTables { .. }
        | StoreError::LaterTables { .. }
        | StoreError::OtherTables { .. } => ErrorCode::SchemaOutdated,
        StoreError::NotEmpty { .. } => ErrorCode::NotEmpty,
        StoreError::OtherRelation { .. } => ErrorCode::BackupUnusable,
        _ => ErrorCode::Internal,
    }
}

fn code_of_database(error: &sqlx::Error) -> ErrorCode {
    match error {
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("25001" | "25006" | "2D000" | "42501") => ErrorCode::ReadOnly,
            Some("57014") => ErrorCode::StatementTimeout,
            Some("3D000") => ErrorCode::DatabaseRefused,
            Some("53100") => ErrorCode::Unwritable,
            Some(state) if state.starts_with("28") => ErrorCode::DatabaseRefused,
            Some(state) if state.starts_with("57P") => ErrorCode::DatabaseUnreachable,
            _ => ErrorCode::StatementFailed,
        },
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => {
            ErrorCode::DatabaseUnreachable
        }
        sqlx::Error::Configuration(_) => ErrorCode::ConfigInvalid,
        _ => ErrorCode::Internal,
    }
}

/// An error of the system without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// Writes a failure for people, in their language: `error:` what happened, `-->` where, causes, `hint:` what to do.
/// With `colour`, the words `error` and `hint` are coloured; they are there in any case. `folder` is the flag that leads a
/// command to the same database.
pub fn report(
    to: &mut impl Write,
    error: &anyhow::Error,
    folder: &str,
    lang: Lang,
    colour: bool,
) -> std::io::Result<()> {
    let paint = |word: &str, code: &str| {
        if colour {
            format!("\x1b[{code}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    };
    let mut causes = error.chain().map(|cause| reason::of_cause(cause, lang));
    let mut said = causes.next().unwrap_or_default();
    let word = paint(lang.pick("error:", "erreur\u{a0}:"), "1;31");
    writeln!(to, "{word} {said}")?;
    let failure = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>());
    if let Some(place) = failure.and_then(|failure| failure.place.as_ref()) {
        writeln!(to, "  --> {place}")?;
    }
    for text in causes {
        if !said.ends_with(&text) {
            let word = lang.pick("caused by:", "cause\u{a0}:");
            writeln!(to, "  {word} {text}")?;
        }
        said = text;
    }
    let hint = failure
        .and_then(|failure| failure.hint.clone())
        .or_else(|| hint_of(error));
    if let Some(hint) = hint {
        let hint = runnable(hint.text(lang), folder);
        let word = paint(lang.pick("hint:", "conseil\u{a0}:"), "1;36");
        writeln!(to, "{word} {hint}")?;
    }
    Ok(())
}

/// A text whose commands stand between backticks, or that is a command: each of them with this flag, `--data-dir` with a blank before it,
/// or nothing.
pub fn runnable(text: &str, folder: &str) -> String {
    match text.strip_prefix("smartetl ") {
        Some(command) => format!("smartetl{folder} {command}"),
        None => text.replace("`smartetl ", &format!("`smartetl{folder} ")),
    }
}

/// What to do about an error for which nobody said it.
pub fn hint_of(error: &anyhow::Error) -> Option<Reason> {
    let of_store = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<StoreError>());
    let hint = match of_store {
        Some(StoreError::NoTables) => [
            "run `smartetl migrate`, or load logs with `smartetl up`",
            "lancez `smartetl migrate`, ou chargez des journaux avec `smartetl up`",
        ],
        Some(StoreError::OlderTables { .. }) => [
            "run `smartetl migrate`; `load` and `up` do it too",
            "lancez `smartetl migrate`\u{a0}; `load` et `up` le font aussi",
        ],
        Some(StoreError::LaterTables { .. }) => [
            "use the later smartETL; or give this one an empty database (DATABASE_URL, or another --data-dir) and load \
             the logs again",
            "utilisez le smartETL plus récent\u{a0}; ou donnez à celui-ci une base vide (DATABASE_URL, ou un autre --data-dir) \
             et rechargez les journaux",
        ],
        Some(StoreError::OtherTables { .. }) => [
            "use the build that made them; or give this one an empty database (DATABASE_URL, or another --data-dir) and \
             load the logs again",
            "utilisez la compilation qui les a faites\u{a0}; ou donnez à celle-ci une base vide (DATABASE_URL, ou un autre \
             --data-dir) et rechargez les journaux",
        ],
        Some(StoreError::Migrate(_)) => [
            "nothing was changed; see why the server refused: the user must own the tables and may create new ones",
            "rien n’a changé\u{a0}; voyez pourquoi le serveur a refusé\u{a0}: l’utilisateur doit posséder les tables et pouvoir en \
             créer",
        ],
        _ => return default_hint(code_of(error)),
    };
    Some(hint.into())
}

fn default_hint(code: ErrorCode) -> Option<Reason> {
    let hint = match code {
        ErrorCode::DatabaseUnreachable | ErrorCode::DatabaseNotStarted => [
            "`smartetl doctor` looks at the server, its folder and what it needs",
            "`smartetl doctor` examine le serveur, son dossier et ce qu’il lui faut",
        ],
        ErrorCode::DatabaseRefused => [
            "check user, password and database of DATABASE_URL; `smartetl config show` says where it comes from",
            "vérifiez l’utilisateur, le mot de passe et la base de DATABASE_URL\u{a0}; `smartetl config show` dit d’où elle vient",
        ],
        ErrorCode::Internal => [
            "this is a defect of smartETL: please report it with this output and `smartetl doctor`",
            "c’est un défaut de smartETL\u{a0}: signalez-le avec cet affichage et celui de `smartetl doctor`",
        ],
        _ => return None,
    };
    Some(hint.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_exits_are_one_or_two() {
        let mut names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(
            ErrorCode::ALL
                .iter()
                .all(|code| matches!(code.exit(), 1 | 2))
        );
        assert!(
            ErrorCode::ALL
                .iter()
                .all(|code| (400..600).contains(&code.http()))
        );
    }

    #[test]
    fn a_failure_keeps_its_code_under_context() {
        let inner = Failure::new(ErrorCode::ReadOnly, "no")
            .at("here")
            .hint("do this");
        let error = anyhow::Error::new(inner).context("cannot save");
        assert_eq!(code_of(&error), ErrorCode::ReadOnly);
        let mut text = Vec::new();
        report(&mut text, &error, "", Lang::En, false).expect("writing to memory");
        assert_eq!(
            String::from_utf8(text).expect("text"),
            "error: cannot save\n  --> here\n  caused by: no\nhint: do this\n"
        );
    }

    #[test]
    fn a_failure_is_told_in_the_language_of_its_reader() {
        let told = |error: anyhow::Error| {
            let mut text = Vec::new();
            report(&mut text, &error, " --data-dir d", Lang::Fr, false).expect("writing to memory");
            String::from_utf8(text).expect("text")
        };
        let failure = Failure::new(ErrorCode::Usage, ["no batch 7", "pas de lot 7"])
            .hint(["look: `smartetl sql`", "voyez\u{a0}: `smartetl sql`"]);
        assert_eq!(
            told(failure.into()),
            "erreur\u{a0}: pas de lot 7\nconseil\u{a0}: voyez\u{a0}: `smartetl --data-dir d sql`\n"
        );
        let below = anyhow::Error::new(StoreError::NoTables).context("load");
        assert_eq!(
            told(below),
            "erreur\u{a0}: load\n  cause\u{a0}: cette base n’a pas encore de tables de smartETL\n\
             conseil\u{a0}: lancez `smartetl --data-dir d migrate`, ou chargez des journaux avec `smartetl --data-dir d up`\n"
        );
    }
}
