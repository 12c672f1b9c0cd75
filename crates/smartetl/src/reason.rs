//! What a person is told, in English and French, above all why a source is not read, or not to its end.
//!
//! English is what the errors themselves say. What a library says stays as it is, with a French sentence around it.

mod database;
mod reject;

pub use database::{hint_of_embedded, of_embedded};
pub use reject::{of_detail, of_reject_code, of_reject_named};

use crate::errors::Failure;
use crate::ingest::{ReadError, Trouble};
use crate::night::Lang;
use serde::{Serialize, Serializer};
use smartetl_formats::FormatError;
use smartetl_formats::container::ContainerError;
use smartetl_formats::source::SourceError;
use smartetl_formats::unread::Tool;
use smartetl_store::StoreError;
use smartetl_store::embedded::EmbeddedError;
use std::error::Error;
use std::fmt;
use std::io;

/// A text in both languages; programs get the English one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    en: Box<str>,
    fr: Box<str>,
}

impl Reason {
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self {
            en: en.into().into_boxed_str(),
            fr: fr.into().into_boxed_str(),
        }
    }

    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        }
    }
}

impl Reason {
    /// What happened, and what to do where the text says so in a line of its own.
    pub fn without_hint(&self) -> (Self, Option<Self>) {
        match (
            self.en.split_once("\nhint: "),
            self.fr.split_once("\nconseil\u{a0}: "),
        ) {
            (Some((en, hint)), Some((fr, conseil))) => {
                (Self::new(en, fr), Some(Self::new(hint, conseil)))
            }
            (Some((en, hint)), None) => (Self::from(en), Some(Self::from(hint))),
            _ => (self.clone(), None),
        }
    }

    /// An error with its causes, as one text.
    pub fn of_chain(error: &anyhow::Error) -> Self {
        let joined = |lang: Lang| {
            let mut text = String::new();
            for cause in error.chain() {
                let said = of_cause(cause, lang);
                // Some errors repeat what lies below them.
                if text.ends_with(&said) {
                    continue;
                }
                if !text.is_empty() {
                    text.push_str(lang.colon());
                    text.push(' ');
                }
                text.push_str(&said);
            }
            text
        };
        Self::new(joined(Lang::En), joined(Lang::Fr))
    }
}

impl fmt::Display for Reason {
    /// English, as in the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// Clap shows it.
impl Error for Reason {}

/// What is the same in both languages, or only for those who write programs.
impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self::new(text, text)
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self::new(text.clone(), text)
    }
}

/// English, French.
impl<T: Into<String>> From<[T; 2]> for Reason {
    fn from([en, fr]: [T; 2]) -> Self {
        Self::new(en, fr)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.en)
    }
}

impl From<&anyhow::Error> for Reason {
    fn from(error: &anyhow::Error) -> Self {
        Self::new(format!("{error:#}"), Self::of_chain(error).fr)
    }
}

impl From<&SourceError> for Reason {
    fn from(error: &SourceError) -> Self {
        Self::new(error.to_string(), of_source(error))
    }
}

/// Why `load` leaves a file alone that a producer sends.
pub fn comes_through_kafka() -> Reason {
    Reason::new(
        "it comes through Kafka: `smartetl produce` sends it, `smartetl consume` stores it",
        "il passe par Kafka\u{a0}: `smartetl produce` l’envoie, `smartetl consume` l’enregistre",
    )
}

/// One link of a chain of errors.
pub fn of_cause(error: &(dyn Error + 'static), lang: Lang) -> String {
    match lang {
        Lang::En => error.to_string(),
        Lang::Fr => in_french(error),
    }
}

fn in_french(error: &(dyn Error + 'static)) -> String {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        failure.message.text(Lang::Fr).to_owned()
    } else if let Some(error) = error.downcast_ref::<StoreError>() {
        database::of_store(error)
    } else if let Some(error) = error.downcast_ref::<EmbeddedError>() {
        of_embedded(error)
    } else if let Some(error) = error.downcast_ref::<FormatError>() {
        of_format(error)
    } else if let Some(error) = error.downcast_ref::<ContainerError>() {
        of_container(error)
    } else if let Some(error) = error.downcast_ref::<SourceError>() {
        of_source(error)
    } else if let Some(error) = error.downcast_ref::<ReadError>() {
        of_reading(error)
    } else if let Some(error) = error.downcast_ref::<Trouble>() {
        of_trouble(error)
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        of_system(error)
    } else {
        constant(&error.to_string()).unwrap_or_else(|| error.to_string())
    }
}

fn of_reading(error: &ReadError) -> String {
    match error {
        ReadError::Open { path, .. } => format!("impossible d’ouvrir {path}"),
        ReadError::Unnamed => "le nom de ce fichier n’est pas un texte en UTF-8\u{a0}: rien ne le distinguerait d’un autre\n\
            conseil\u{a0}: renommez le fichier, ou son dossier"
            .to_owned(),
        ReadError::NotToItsEnd { path, .. } => format!("impossible de lire {path} jusqu’au bout"),
    }
}

pub fn of_trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Truncated { length, read } => format!(
            "il est plus court que ce qui en a déjà été lu ({length} octets sur {read})\u{a0}: coupé, ou remplacé par autre chose"
        ),
        Trouble::Rewritten => {
            "ce qui en a déjà été lu n’est plus le même\u{a0}: il a été réécrit".to_owned()
        }
        Trouble::LineGoesOn => {
            "sa dernière ligne a été lue avant d’être complète, et elle continue maintenant\u{a0}; \
            le lot qui la contient est introuvable"
                .to_owned()
        }
        Trouble::OlderCopy { length, read } => format!(
            "il commence comme une source lue plus loin ({length} octets sur {read})\u{a0}: une copie plus ancienne, ou un \
             autre fichier qui commence pareil"
        ),
    }
}

fn of_source(error: &SourceError) -> String {
    match error {
        SourceError::Missing { path } => format!("{path} n’existe pas"),
        SourceError::NoMatch { pattern } => format!("{pattern} ne correspond à aucun fichier"),
        SourceError::Pattern { pattern, reason } => {
            format!("{pattern} n’est pas un motif\u{a0}: {reason}")
        }
        SourceError::Special { path } => format!("{path} n’est ni un fichier ni un dossier"),
        SourceError::Unreadable { path, reason } => {
            let reason = system_words(reason).unwrap_or(reason);
            format!("impossible de parcourir {path}\u{a0}: {reason}")
        }
    }
}

fn of_container(error: &ContainerError) -> String {
    match error {
        ContainerError::Read { place, source } => format!(
            "la lecture s’arrête après l’enregistrement {} (ligne {})\u{a0}: {}",
            place.record,
            place.line,
            of_system(source)
        ),
        ContainerError::Cut { place, reason } => format!(
            "les données compressées sont coupées ou abîmées après l’enregistrement {} (ligne {})\u{a0}: {reason}\n\
             conseil\u{a0}: copiez de nouveau le fichier\u{a0}; ce qui précède a été lu",
            place.record, place.line
        ),
        ContainerError::Behind { place } => format!(
            "les données compressées sont suivies d’octets qui ne sont pas du gzip (après l’enregistrement {}, ligne {})\n\
             conseil\u{a0}: tout ce qui précède a été lu\u{a0}; copiez de nouveau le fichier, ou enlevez ces octets",
            place.record, place.line
        ),
        ContainerError::Parquet { reason } => format!(
            "le fichier Parquet est abîmé\u{a0}: {reason}\nconseil\u{a0}: copiez ou exportez de nouveau le fichier"
        ),
        ContainerError::Codec { codec } => format!(
            "ses colonnes sont compressées avec {codec}, que smartETL ne lit pas dans Parquet\n\
             conseil\u{a0}: écrivez-le avec zstd, snappy, gzip ou lz4, ou sans compression"
        ),
        ContainerError::Binary { found } => format!(
            "ce n’est ni du texte ni un fichier Parquet\u{a0}: {}",
            constant(found).unwrap_or_else(|| (*found).to_owned())
        ),
        ContainerError::Packed { with } => format!(
            "il est compressé avec {with}\nconseil\u{a0}: décompressez-le, ou compressez-le avec gzip ou zstd"
        ),
        ContainerError::UnknownEncoding { label } => format!(
            "encodage inconnu\u{a0}: `{label}`\nconseil\u{a0}: utf-8, windows-1252, iso-8859-15, utf-16le, utf-16be et les \
             autres noms de la liste du WHATWG dont les textes gardent l’ASCII tel quel"
        ),
    }
}

fn of_format(error: &FormatError) -> String {
    match error {
        FormatError::Empty => "le fichier est vide".to_owned(),
        FormatError::UnknownDialect { name, known } => format!(
            "dialecte inconnu\u{a0}: `{name}`\nconseil\u{a0}: --dialect est l’un de {known}"
        ),
        FormatError::NoDialect { columns, has_times } => format!(
            "aucun dialecte ni aucune correspondance ne connaît ces colonnes\u{a0}: {}{}\n\
             conseil\u{a0}: {}`smartetl map FILE -o mapping.toml` avec ce chemin propose une correspondance, et \
             `load --mapping mapping.toml` la suit\u{a0}; ou dites quel outil l’a écrit avec --dialect",
            without_header(columns).unwrap_or_else(|| columns.clone()),
            if *has_times { "" } else { "\u{a0}; aucune ne contient de dates" },
            header_hint(columns)
        ),
        FormatError::NoTable => "c’est du texte, mais pas une table avec des colonnes nommées ou des dates\n\
             conseil\u{a0}: si c’est tout de même une table, dites comment elle est écrite avec --delimiter et --dialect"
            .to_owned(),
        FormatError::NotReadYet { tool } => {
            let (what, advice) = of_tool(*tool);
            format!("c’est {what}, que smartETL ne lit pas encore\nconseil\u{a0}: {advice}")
        }
        FormatError::Json => "c’est un seul document JSON sur plusieurs lignes, et non un objet par ligne\n\
             conseil\u{a0}: si le document est l’enregistrement, `jq -c . FILE > FILE.jsonl` le met sur une ligne"
            .to_owned(),
        FormatError::JsonArray => "c’est un seul tableau JSON, et non un objet par ligne\n\
             conseil\u{a0}: `jq -c '.[]' FILE > FILE.jsonl` le transforme en lignes"
            .to_owned(),
        FormatError::WrongDelimiter {
            given,
            fits,
            dialect,
        } => format!(
            "découpé par `{}`, il a des colonnes qu’aucun dialecte ne connaît\n\
             conseil\u{a0}: enlevez --delimiter\u{a0}: découpé par `{}`, il est reconnu comme {dialect}",
            given.escape_debug(),
            fits.escape_debug()
        ),
        FormatError::SeveralDialects { first, second } => format!(
            "{first} et {second} reconnaissent tous deux cette source\n\
             conseil\u{a0}: choisissez avec --dialect ou --mapping"
        ),
        FormatError::MissingColumn {
            dialect,
            column,
            columns,
            hint,
        } => format!(
            "la colonne `{column}` manque (dialecte {dialect})\u{a0}; la source a\u{a0}: {}\nconseil\u{a0}: {}{}",
            without_header(columns).unwrap_or_else(|| columns.clone()),
            header_hint(columns),
            constant(hint).unwrap_or_else(|| (*hint).to_owned())
        ),
        FormatError::ColumnTwice { column } => format!(
            "la colonne `{column}` y est deux fois, et rien ne dit laquelle compte\n\
             conseil\u{a0}: donnez un autre nom à l’une d’elles, ou retirez-la de l’export"
        ),
        FormatError::Mapping { name, reason } => format!(
            "la correspondance {name} est inutilisable\u{a0}: {reason}\n\
             conseil\u{a0}: doc/formats.md donne toutes les clés d’une correspondance"
        ),
        FormatError::NoMapping {
            nearest,
            missing,
            columns,
        } => format!(
            "il ne convient à aucune des correspondances données\u{a0}; la plus proche est {nearest}, à laquelle manquent des \
             colonnes\u{a0}: {missing}\u{a0}; la source a\u{a0}: {}\n\
             conseil\u{a0}: {}donnez aussi une correspondance pour lui, ou laissez-le de côté\u{a0}; \
             `smartetl map FILE -o mapping.toml` en propose une",
            without_header(columns).unwrap_or_else(|| columns.clone()),
            header_hint(columns)
        ),
        FormatError::UnknownMapping { name, known } => format!(
            "correspondance inconnue\u{a0}: `{name}`\n\
             conseil\u{a0}: une correspondance est un fichier TOML, un dossier de tels fichiers, ou l’une de {known}"
        ),
        FormatError::Path {
            path,
            template,
            mapping,
        } => format!(
            "le chemin {path} ne suit pas `{template}` de la correspondance {mapping}\n\
             conseil\u{a0}: rangez les fichiers comme elle le dit, ou changez son `path`"
        ),
        FormatError::Plan { reason } => format!(
            "la façon de lire cette source a été établie par une autre version\u{a0}: {reason}\n\
             conseil\u{a0}: chargez-la de nouveau"
        ),
        FormatError::Io { path, source } => {
            format!("impossible de lire {path}\u{a0}: {}", of_system(source))
        }
        FormatError::Container(error) => of_container(error),
    }
}

/// What a file of a tool is called, and what can be done meanwhile.
fn of_tool(tool: Tool) -> (&'static str, &'static str) {
    let leave = "laissez-le de côté";
    let map = "laissez-le de côté, ou décrivez quelques-unes de ses clés dans une correspondance\u{a0}: --mapping";
    let tables = "les tables task_instance et dag_run d’Airflow se lisent\u{a0}: exportez-les en CSV, lignes JSON ou Parquet";
    match tool {
        Tool::DbtRunResults => ("un run_results.json de dbt", leave),
        Tool::DbtManifest => ("un manifest.json de dbt", leave),
        Tool::DbtArtifact => ("un fichier de dbt sur son projet", leave),
        Tool::DbtLog => ("un journal de dbt en JSON", map),
        Tool::SparkEvents => ("un journal d’événements d’Apache Spark", map),
        Tool::AirflowTaskLog => ("un journal de tâche d’Apache Airflow", tables),
        Tool::Structlog => (
            "du texte de structlog, comme l’écrivent Apache Airflow et Meltano",
            tables,
        ),
        Tool::Log4j => ("du texte de log4j ou d’un outil semblable", leave),
    }
}

/// What to do where the first record was not taken for the names of the columns.
fn header_hint(columns: &str) -> &'static str {
    if without_header(columns).is_some() {
        "si le premier enregistrement nomme les colonnes, donnez --header true\u{a0}; sinon "
    } else {
        ""
    }
}

/// `3 columns without header`
fn without_header(columns: &str) -> Option<String> {
    match columns.split_once(' ')? {
        ("one", "column without header") => Some("une colonne sans en-tête".to_owned()),
        (number, "columns without header") => Some(format!("{number} colonnes sans en-tête")),
        _ => None,
    }
}

/// What the system says, as far as it is usual.
pub fn of_system(error: &io::Error) -> String {
    let text = error.to_string();
    system_words(&text).map_or(text, str::to_owned)
}

fn system_words(text: &str) -> Option<&'static str> {
    let plain = text.split(" (os error").next().unwrap_or(text);
    Some(match plain {
        "No such file or directory" => "fichier ou dossier inexistant",
        "Permission denied" => "accès refusé",
        "Is a directory" => "c’est un dossier",
        "Input/output error" => "erreur d’entrée-sortie",
        "Stale file handle" => "le partage réseau a changé",
        "Too many open files" => "trop de fichiers ouverts",
        _ => return None,
    })
}

/// Sentences without a variable part.
fn constant(text: &str) -> Option<String> {
    Some(match text {
        "it is a zip archive (or a spreadsheet)\nhint: unpack it, or export the sheet as CSV" => {
            "c’est une archive zip (ou un classeur)\nconseil\u{a0}: décompressez-la, ou exportez la feuille en CSV"
        }
        "more than one byte in twenty is a control character" => {
            "plus d’un octet sur vingt est un caractère de commande"
        }
        "export the table with this column, or change the mapping: a value of all rows is { constant = \"VALUE\" }; without header columns are called 1, 2, 3, …" => {
            "exportez la table avec cette colonne, ou changez la correspondance\u{a0}: une valeur de toutes les lignes s’écrit \
             { constant = \"VALEUR\" }\u{a0}; sans en-tête, les colonnes s’appellent 1, 2, 3, …"
        }
        "events are JSON: one on each line, or a document of them" => {
            "les événements sont du JSON\u{a0}: un par ligne, ou un document qui les contient"
        }
        "export the table with all of its columns" => "exportez la table avec toutes ses colonnes",
        "cannot read what was read before" => "impossible de relire ce qui a déjà été lu",
        _ if text.starts_with("message_type makes it a tStatCatcher") => {
            "message_type en fait un tStatCatcher, priority et type un tLogCatcher, label et count un \
             tFlowMeterCatcher\u{a0}; si le séparateur ou l’en-tête a été mal deviné, précisez-le"
        }
        _ if text.starts_with("how this source was read is stored in the form of another version") => {
            "la façon de lire cette source a été enregistrée par une autre version de smartETL"
        }
        _ => return None,
    }
    .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::typography;
    use smartetl_formats::{Plan, Position, Settings};

    fn check(error: impl Into<anyhow::Error>, french: &str) {
        let error = error.into();
        let reason = Reason::from(&error);
        assert_eq!(reason.text(Lang::En), format!("{error:#}"));
        assert_eq!(reason.text(Lang::Fr), french);
        typography::check(reason.text(Lang::Fr));
    }

    #[test]
    fn the_sentence_is_french_and_the_technical_part_stays() {
        check(
            ReadError::NotToItsEnd {
                path: "a.csv.gz".to_owned(),
                source: ContainerError::Cut {
                    place: Position {
                        record: 7,
                        byte: 100,
                        line: 9,
                    },
                    reason: "incomplete deflate stream".to_owned(),
                },
            },
            "impossible de lire a.csv.gz jusqu’au bout\u{a0}: les données compressées sont coupées ou abîmées après \
             l’enregistrement 7 (ligne 9)\u{a0}: incomplete deflate stream\nconseil\u{a0}: copiez de nouveau le \
             fichier\u{a0}; ce qui précède a été lu",
        );
        check(
            ReadError::Open {
                path: "a.csv".to_owned(),
                source: io::Error::from_raw_os_error(13),
            },
            "impossible d’ouvrir a.csv\u{a0}: accès refusé",
        );
        check(
            SourceError::Missing {
                path: "a".to_owned(),
            },
            "a n’existe pas",
        );
    }

    /// Constants are found by what they say: whoever changes the words must change them here too.
    #[test]
    fn whatever_the_formats_refuse_is_told_in_french() {
        for (bytes, dialect) in [
            (&b""[..], None),
            (b"PK\x03\x04", None),
            (b"BZh91", None),
            (b"\xFD7zXZ\0", None),
            (b"\0\x01\x02\x03", None),
            (b"{\"a\": 1}\n{\"a\": 2}\n", None),
            (b"name;age\nann;31\n", None),
            (b"1;2\n3;4\n", None),
            (b"1\n2\n", None),
            (b"name;age\nann;31\n", Some("talend")),
            (b"name;age\nann;31\n", Some("talnd")),
            (
                b"moment;message_type;job\n2026-01-01 00:00:00;begin;a\n",
                Some("talend"),
            ),
        ] {
            let settings = Settings {
                dialect: dialect.map(str::to_owned),
                ..Settings::default()
            };
            let refused = Plan::of_text(bytes, true, None, &settings);
            let error = anyhow::Error::new(refused.expect_err("it is refused"));
            let reason = Reason::from(&error);
            let french = reason.text(Lang::Fr);
            for english in ["hint", "header", " it ", " the ", "export the", " is "] {
                assert!(!french.contains(english), "`{english}` in {french}");
            }
            typography::check(french);
        }
        for trouble in [
            Trouble::Truncated { length: 1, read: 2 },
            Trouble::Rewritten,
            Trouble::LineGoesOn,
            Trouble::OlderCopy { length: 1, read: 2 },
        ] {
            typography::check(&of_trouble(&trouble));
        }
    }
}
