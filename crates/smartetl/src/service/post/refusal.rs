//! Why what was posted is not taken.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::body::MOST_BYTES;
use crate::inbox::{MOST_RECORDS, Rejected};
use crate::night::Lang;
use crate::reason::Reason;
use crate::service::problem::{Told, shortened};

/// What is wrong with a post. Nothing of it is stored, except where all of it was rejected: that is kept as rejects.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// Simulated logs and real ones are not mixed.
    Demo,
    Token,
    /// A parameter of the address.
    Parameter(Reason),
    /// The idempotency key.
    Key,
    /// The key was used for something else.
    OtherContent,
    /// It is called something else than JSON.
    Type(String),
    /// It is packed in an unknown way.
    Packing(String),
    /// It cannot be unpacked.
    Damaged,
    /// The connection ended before the body.
    Cut,
    Slow,
    TooLarge,
    /// It holds more records than one post may.
    TooMany,
    Empty,
    /// No dialect knows it: why, and what to do where more than the usual helps.
    Unrecognised(Reason),
    /// So many records could not become rows, among them this one; no other was there.
    Rejected(u64, Rejected),
    /// Too much waits already.
    NoRoom,
    /// The server refuses it, in no company of others.
    Unacceptable,
    /// The database is away, or takes too long.
    NotStored,
}

impl Refusal {
    /// From what the formats say; their hints are for the command line.
    pub fn unrecognised(reason: Reason) -> Self {
        Self::Unrecognised(reason.without_hint().0)
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Demo => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Parameter(_) | Self::Key | Self::Cut | Self::Damaged => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge | Self::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Type(_) | Self::Packing(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::OtherContent
            | Self::Empty
            | Self::Unrecognised(_)
            | Self::Rejected(..)
            | Self::Unacceptable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoRoom => StatusCode::TOO_MANY_REQUESTS,
            Self::NotStored => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Token => "unauthorized",
            Self::Parameter(_) | Self::Key => "usage",
            Self::Cut => "cut",
            Self::Damaged => "damaged",
            Self::Slow => "timeout",
            Self::TooLarge | Self::TooMany => "too_large",
            Self::Type(_) => "media_type",
            Self::Packing(_) => "content_encoding",
            Self::OtherContent => "key_reused",
            Self::Empty => "empty",
            Self::Unrecognised(_) => "unrecognised",
            Self::Rejected(..) => "rejected",
            Self::NoRoom => "busy",
            Self::Unacceptable => "refused",
            Self::NotStored => "database_unreachable",
        }
    }

    /// A header that belongs to it.
    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        Some(match self {
            Self::Token => (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Self::Packing(_) => (
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("gzip, zstd"),
            ),
            Self::NoRoom => (header::RETRY_AFTER, HeaderValue::from_static("1")),
            Self::NotStored => (header::RETRY_AFTER, HeaderValue::from_static("2")),
            _ => return None,
        })
    }

    /// What programs are told besides.
    pub fn extension(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Rejected(_, first) => Some(("rejected", json!(first))),
            _ => None,
        }
    }

    pub fn told(&self, lang: Lang) -> Told {
        let (title, hint) = match lang {
            Lang::En => self.english(),
            Lang::Fr => self.french(),
        };
        Told { title, hint }
    }

    fn english(&self) -> (String, String) {
        let most = MOST_BYTES >> 20;
        let (title, hint): (String, &str) = match self {
            Self::Demo => (
                "This is the demo: it takes no logs.".into(),
                "Start `smartetl up` without --demo.",
            ),
            Self::Token => (
                "The token is missing or wrong.".into(),
                "Send the header Authorization: Bearer TOKEN, with the setting http.token of smartETL, or a token of `smartetl tokens create --scope post`.",
            ),
            Self::Parameter(reason) => (
                format!("{}.", reason.text(Lang::En)),
                "The parameters: dialect (talend, openlineage, smartetl), mapping (of the setting load.mappings, or one that comes with smartETL), timezone (Europe/Paris), environment, host.",
            ),
            Self::Key => (
                "There are several idempotency keys, or it is empty, too long, or not ASCII."
                    .into(),
                "Send at most 255 characters, for example a UUID for each body.",
            ),
            Self::OtherContent => (
                "Something else was posted under this idempotency key.".into(),
                "Use a new key for a new body; keys are kept for 7 days.",
            ),
            Self::Type(said) => (
                format!("The content type is “{}”.", shortened(said)),
                "Send application/json or application/x-ndjson.",
            ),
            Self::Packing(said) => (
                format!("The content encoding is “{}”.", shortened(said)),
                "Send it as it is, or packed with gzip or zstd.",
            ),
            Self::Damaged => (
                "The body cannot be unpacked.".into(),
                "The header Content-Encoding must say how it is packed.",
            ),
            Self::Cut => ("The body is incomplete.".into(), "Send it again."),
            Self::Slow => (
                "The body came too slowly.".into(),
                "Send it within 20 seconds, or in smaller parts.",
            ),
            Self::TooLarge => (
                format!("The body has more than {most} MiB."),
                "Send it in smaller parts.",
            ),
            Self::TooMany => (
                format!("The body has more than {MOST_RECORDS} records."),
                "Send it in smaller parts.",
            ),
            Self::Empty => (
                "The body is empty.".into(),
                "Send one object of JSON, or one a line.",
            ),
            Self::Unrecognised(reason) => (
                format!(
                    "How these rows are to be read is not known: {}.",
                    reason.text(Lang::En)
                ),
                "Say whose they are with ?dialect=NAME or ?mapping=NAME (`smartetl map FILE` writes a mapping; the setting load.mappings makes it known), or send the schema of doc/message.schema.json.",
            ),
            Self::Rejected(number, first) => {
                let column = first
                    .column
                    .as_ref()
                    .map(|column| format!("{column}, "))
                    .unwrap_or_default();
                let records = if *number == 1 {
                    "the record".to_owned()
                } else {
                    format!("all {number} records")
                };
                (
                    format!(
                        "Rejected: {records}; line {}, {column}{}: {}.",
                        first.line, first.reason, first.detail
                    ),
                    "It is kept among the rejects; send what is mended.",
                )
            }
            Self::NoRoom => (
                "Too much is waiting to be stored.".into(),
                "Nothing of it was taken; send it again after a second.",
            ),
            Self::Unacceptable => (
                "The database refuses a value of it.".into(),
                "Nothing of it is stored; what it says stands in smartETL's log.",
            ),
            Self::NotStored => (
                "It cannot be stored at the moment.".into(),
                "Send it again, under the same idempotency key; `smartetl doctor` looks at the database.",
            ),
        };
        (title, hint.to_owned())
    }

    fn french(&self) -> (String, String) {
        let most = MOST_BYTES >> 20;
        let (title, hint): (String, &str) = match self {
            Self::Demo => (
                "C’est la démonstration\u{a0}: elle n’accepte pas de journaux.".into(),
                "Lancez `smartetl up` sans --demo.",
            ),
            Self::Token => (
                "Le jeton manque ou n’est pas le bon.".into(),
                "Envoyez l’en-tête Authorization: Bearer JETON, avec le paramètre http.token de smartETL, ou un jeton de `smartetl tokens create --scope post`.",
            ),
            Self::Parameter(reason) => (
                format!("{}.", reason.text(Lang::Fr)),
                "Les paramètres\u{a0}: dialect (talend, openlineage, smartetl), mapping (du paramètre load.mappings, ou livrée avec smartETL), timezone (Europe/Paris), environment, host.",
            ),
            Self::Key => (
                "Il y a plusieurs clés d’idempotence, ou elle est vide, trop longue, ou n’est pas en ASCII.".into(),
                "Envoyez au plus 255 caractères, par exemple un UUID par corps.",
            ),
            Self::OtherContent => (
                "Autre chose a été envoyé sous cette clé d’idempotence.".into(),
                "Prenez une nouvelle clé pour un nouveau corps\u{a0}; les clés sont gardées 7 jours.",
            ),
            Self::Type(said) => (
                format!("Le type de contenu est «\u{a0}{}\u{a0}».", shortened(said)),
                "Envoyez application/json ou application/x-ndjson.",
            ),
            Self::Packing(said) => (
                format!(
                    "Le codage du contenu est «\u{a0}{}\u{a0}».",
                    shortened(said)
                ),
                "Envoyez-le tel quel, ou compressé avec gzip ou zstd.",
            ),
            Self::Damaged => (
                "Le corps ne peut pas être décompressé.".into(),
                "L’en-tête Content-Encoding doit dire comment il est compressé.",
            ),
            Self::Cut => (
                "Le corps est incomplet.".into(),
                "Envoyez-le à nouveau.",
            ),
            Self::Slow => (
                "Le corps est arrivé trop lentement.".into(),
                "Envoyez-le en moins de 20 secondes, ou en plus petites parties.",
            ),
            Self::TooLarge => (
                format!("Le corps dépasse {most}\u{a0}Mio."),
                "Envoyez-le en plus petites parties.",
            ),
            Self::TooMany => (
                format!("Le corps a plus de {MOST_RECORDS} enregistrements."),
                "Envoyez-le en plus petites parties.",
            ),
            Self::Empty => (
                "Le corps est vide.".into(),
                "Envoyez un objet JSON, ou un par ligne.",
            ),
            Self::Unrecognised(reason) => (
                format!(
                    "On ne sait pas comment lire ces lignes\u{a0}: {}.",
                    reason.text(Lang::Fr)
                ),
                "Dites de quel outil elles viennent avec ?dialect=NOM ou ?mapping=NOM (`smartetl map FICHIER` écrit une correspondance\u{a0}; le paramètre load.mappings la fait connaître), ou envoyez le schéma de doc/message.schema.json.",
            ),
            Self::Rejected(number, first) => {
                let column = first
                    .column
                    .as_ref()
                    .map(|column| format!("{column}, "))
                    .unwrap_or_default();
                let records = if *number == 1 {
                    "l’enregistrement".to_owned()
                } else {
                    format!("les {number} enregistrements")
                };
                (
                    format!(
                        "Rejet\u{a0}: {records}\u{a0}; ligne {}, {column}{}\u{a0}: {}.",
                        first.line,
                        first.reason,
                        crate::reason::of_detail(&first.detail, Lang::Fr),
                    ),
                    "Il est gardé parmi les rejets\u{a0}; renvoyez ce qui est corrigé.",
                )
            }
            Self::NoRoom => (
                "Trop d’envois attendent d’être enregistrés.".into(),
                "Rien n’a été enregistré\u{a0}; renvoyez-le après une seconde.",
            ),
            Self::Unacceptable => (
                "La base de données en refuse une valeur.".into(),
                "Rien n’en a été enregistré\u{a0}; ce qu’elle dit se trouve dans le journal de smartETL.",
            ),
            Self::NotStored => (
                "L’envoi ne peut pas être enregistré pour le moment.".into(),
                "Renvoyez-le sous la même clé d’idempotence\u{a0}; `smartetl doctor` examine la base de données.",
            ),
        };
        (title, hint.to_owned())
    }
}
