//! What is wrong with a request to the API.

use crate::access;
use crate::errors::ErrorCode;
use crate::night::{Lang, initial_upper};
use crate::reason::Reason;
use crate::service::Problem;
use crate::work::Words;
use axum::http::StatusCode;
use serde::Serialize;
use smartetl_core::model::Role;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// A problem as RFC 9457 writes it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Always `about:blank`: the code says more.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What the status means, in the reader's language.
    pub title: &'static str,
    pub status: u16,
    /// The stable name.
    pub code: &'static str,
    /// What happened and what to do, in the reader's language.
    pub detail: String,
    /// The parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug)]
pub enum Wrong {
    Parameter {
        name: String,
        wanted: Wanted,
    },
    /// There is no such thing: `run`, `cette exécution`.
    Nothing([&'static str; 2]),
    /// No answer can be made in a form that is accepted.
    Form,
    /// Nobody is logged in, and no token is said.
    Token,
    /// Who asks may not; who may.
    Role(Role),
    /// It may come from a page of others.
    Forgery,
    /// No account has this name and password.
    Login,
    /// So many logins failed that the next one has to wait, seconds.
    Slowly(u64),
    /// Only somebody who is logged in may.
    NoSession,
    /// What is sent is not called JSON.
    Type,
    TooLarge,
    /// What is sent cannot be understood, and why.
    Body(Reason),
    /// A field of what is sent cannot be, and why.
    Field(&'static str, Reason),
    /// A field of what is sent is no word of its vocabulary, which has these.
    Word(&'static str, Vec<&'static str>),
    /// What is wanted cannot be done.
    Refused(ErrorCode, Reason),
    /// It changed since the answer with this `ETag`.
    Changed,
    /// It cannot be done as things are.
    Conflict(Reason),
    /// A file that is sent is not kept.
    NotKept(StatusCode, Words),
    /// So many listen that no more can.
    Crowded,
    /// A search took too long.
    Searching,
    /// The database does not answer.
    Away,
    /// The tables are missing, or of another version.
    Tables,
    /// A defect of smartETL.
    Defect,
}

/// What a parameter should have been.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Nothing: there is no such parameter.
    Absent,
    Once,
    Text,
    Day,
    When,
    Number(i64, i64),
    Words(Vec<&'static str>),
    /// What stood as `next` in an answer to the same question.
    Cursor,
    /// Something: it must be given.
    Given,
    /// Nothing beside this one.
    NotWith(&'static str),
    /// Something later than this one.
    After(&'static str),
    /// So many days at most, until this one.
    Within(i64, &'static str),
    /// Something to look for.
    Searched,
    Key,
    Form,
}

impl Wrong {
    /// What is sent cannot be understood, and why.
    pub fn body(why: impl Into<Reason>) -> Problem {
        Problem::Api(Self::Body(why.into()))
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Parameter { .. } | Self::Body(_) | Self::Field(..) | Self::Word(..) => {
                StatusCode::BAD_REQUEST
            }
            Self::Nothing(_) => StatusCode::NOT_FOUND,
            Self::Form => StatusCode::NOT_ACCEPTABLE,
            Self::Token | Self::Login => StatusCode::UNAUTHORIZED,
            Self::Role(_) | Self::Forgery | Self::NoSession => StatusCode::FORBIDDEN,
            Self::Slowly(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(code, _) => {
                let status = StatusCode::from_u16(code.http());
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Self::Changed => StatusCode::PRECONDITION_FAILED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NotKept(status, _) => *status,
            Self::Crowded | Self::Searching | Self::Away | Self::Tables => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub const fn code(&self) -> &'static str {
        match self {
            Self::Parameter { .. } => "usage",
            Self::Nothing(_) => "not_found",
            Self::Form => "not_acceptable",
            Self::Token => "unauthorized",
            Self::Login => "login_failed",
            Self::Role(_) => "forbidden",
            Self::Forgery => "forgery",
            Self::NoSession => "no_session",
            Self::Slowly(_) => "too_many_failures",
            Self::Type => "media_type",
            Self::TooLarge | Self::NotKept(StatusCode::PAYLOAD_TOO_LARGE, _) => "too_large",
            Self::Body(_) | Self::Field(..) | Self::Word(..) => "body",
            Self::Refused(code, _) => code.name(),
            Self::Changed => "changed",
            Self::Conflict(_) => "conflict",
            Self::NotKept(StatusCode::INSUFFICIENT_STORAGE, _) => "unwritable",
            Self::NotKept(..) => "cut",
            Self::Crowded => "too_many_listeners",
            Self::Searching => "search_too_long",
            Self::Away => "database_unreachable",
            Self::Tables => "schema_outdated",
            Self::Defect => "internal",
        }
    }

    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Parameter { name, .. } => Some(name),
            Self::Field(name, _) | Self::Word(name, _) => Some(name),
            _ => None,
        }
    }

    /// What happened, and what to do.
    pub fn told(&self, lang: Lang) -> [String; 2] {
        let [happened, todo] = match self {
            Self::Parameter { name, wanted } => {
                let name = crate::service::shortened(name);
                let happened = match lang {
                    Lang::En => format!("The parameter “{name}” cannot be understood."),
                    Lang::Fr => {
                        format!("Le paramètre «\u{a0}{name}\u{a0}» n’est pas compréhensible.")
                    }
                };
                return [happened, wanted.told(lang)];
            }
            Self::Nothing([en, fr]) => {
                let happened = match lang {
                    Lang::En => format!("There is no such {en}."),
                    Lang::Fr => format!("{} n’existe pas.", initial_upper(fr)),
                };
                let todo = lang.pick(
                    "It may have been taken back, or folded again under another key: ask the list.",
                    "Un retrait ou un nouveau calcul a pu changer sa clé\u{a0}: interrogez la liste.",
                );
                return [happened, todo.to_owned()];
            }
            Self::Form => [
                [
                    "No answer can be made in what the request accepts.",
                    "Aucune réponse n’est possible dans ce que la requête accepte.",
                ],
                [
                    "Accept application/json; lists are also text/csv and application/vnd.apache.parquet.",
                    "Acceptez application/json\u{a0}; les listes existent aussi en text/csv et application/vnd.apache.parquet.",
                ],
            ],
            Self::Role(role) => {
                let role = access::role(*role, lang);
                return match lang {
                    Lang::En => [
                        format!("This needs the role {role}."),
                        "Whoever is an admin can give it.".to_owned(),
                    ],
                    Lang::Fr => [
                        format!("Il faut pour cela le rôle {role}."),
                        "Un administrateur peut le donner.".to_owned(),
                    ],
                };
            }
            Self::Slowly(seconds) => {
                return match lang {
                    Lang::En => [
                        "Too many logins failed.".to_owned(),
                        format!(
                            "Try again in {}.",
                            lang.counted(*seconds, ["second", "seconds"])
                        ),
                    ],
                    Lang::Fr => [
                        "Trop de connexions ont échoué.".to_owned(),
                        format!(
                            "Réessayez dans {}.",
                            lang.counted(*seconds, ["seconde", "secondes"])
                        ),
                    ],
                };
            }
            Self::Body(why) => {
                let why = why.text(lang);
                return match lang {
                    Lang::En => [
                        format!("What is sent cannot be understood: {why}."),
                        "The document (/api/v1/openapi.json) says what is wanted.".to_owned(),
                    ],
                    Lang::Fr => [
                        format!("Le corps envoyé n’est pas compréhensible\u{a0}: {why}."),
                        "Le document (/api/v1/openapi.json) dit ce qui est attendu.".to_owned(),
                    ],
                };
            }
            Self::Word(field, words) => {
                let happened = match lang {
                    Lang::En => format!("What is sent as “{field}” cannot be understood."),
                    Lang::Fr => {
                        format!("La valeur de «\u{a0}{field}\u{a0}» n’est pas compréhensible.")
                    }
                };
                return [happened, Wanted::Words(words.clone()).told(lang)];
            }
            Self::Field(field, reason) => {
                let colon = lang.colon();
                return [
                    format!("{field}{colon} {}.", reason.text(lang)),
                    String::new(),
                ];
            }
            Self::Refused(_, reason) | Self::Conflict(reason) => {
                return [
                    format!("{}.", initial_upper(reason.text(lang))),
                    String::new(),
                ];
            }
            Self::NotKept(_, why) => {
                return [format!("{}.", initial_upper(why.text(lang))), String::new()];
            }
            Self::Token => [
                [
                    "This service answers only those whom it knows.",
                    "Ce service ne répond qu’à ceux qu’il connaît.",
                ],
                [
                    "Log in, or send `Authorization: Bearer …` with a token.",
                    "Connectez-vous, ou envoyez `Authorization: Bearer …` avec un jeton.",
                ],
            ],
            Self::Forgery => [
                [
                    "This request may come from a page of others.",
                    "Cette requête vient peut-être d’une page étrangère.",
                ],
                [
                    "Send the header `smartetl-csrf: 1`, from a page of this service or with a token.",
                    "Envoyez l’en-tête `smartetl-csrf: 1`, depuis une page de ce service ou avec un jeton.",
                ],
            ],
            Self::Login => [
                [
                    "No account has this name and this password.",
                    "Aucun compte n’a ce nom et ce mot de passe.",
                ],
                [
                    "Whoever is an admin can set another one: `smartetl users password NAME`.",
                    "Un administrateur peut en mettre un autre\u{a0}: `smartetl users password NOM`.",
                ],
            ],
            Self::NoSession => [
                [
                    "Only somebody who is logged in has a password.",
                    "Seule une personne connectée a un mot de passe.",
                ],
                ["Log in first.", "Connectez-vous d’abord."],
            ],
            Self::Type => [
                [
                    "What is sent is not called JSON.",
                    "Le corps envoyé n’est pas annoncé comme JSON.",
                ],
                [
                    "Send `Content-Type: application/json`.",
                    "Envoyez `Content-Type: application/json`.",
                ],
            ],
            Self::TooLarge => [
                [
                    "What is sent is too large.",
                    "Le corps envoyé est trop grand.",
                ],
                ["64 KiB are enough.", "64\u{a0}Kio suffisent."],
            ],
            Self::Changed => [
                [
                    "It has changed since it was read.",
                    "Cela a changé depuis la lecture.",
                ],
                [
                    "Read it again, and send what still holds.",
                    "Relisez, puis envoyez ce qui vaut encore.",
                ],
            ],
            Self::Crowded => [
                [
                    "As many as can already listen for changes.",
                    "Le nombre maximal d’écoutes des changements est atteint.",
                ],
                [
                    "Try again when one of them has gone.",
                    "Réessayez quand l’une d’elles sera terminée.",
                ],
            ],
            Self::Searching => [
                [
                    "The search took too long.",
                    "La recherche a pris trop de temps.",
                ],
                [
                    "Choose a shorter period.",
                    "Choisissez une période plus courte.",
                ],
            ],
            Self::Away => [
                [
                    "The database does not answer.",
                    "La base de données ne répond pas.",
                ],
                [
                    "Try again; `smartetl doctor` looks at it.",
                    "Réessayez\u{a0}; `smartetl doctor` l’examine.",
                ],
            ],
            Self::Tables => [
                [
                    "The tables are missing, or of another version.",
                    "Les tables sont absentes, ou d’une autre version.",
                ],
                [
                    "`smartetl migrate` brings them to this one.",
                    "`smartetl migrate` les met à niveau.",
                ],
            ],
            Self::Defect => [
                [
                    "This is a defect of smartETL.",
                    "C’est un défaut de smartETL.",
                ],
                [
                    "What the process writes to stderr says more.",
                    "Ce que le processus écrit sur stderr en dit plus.",
                ],
            ],
        };
        [happened, todo].map(|[en, fr]| lang.pick(en, fr).to_owned())
    }
}

impl Wanted {
    fn told(&self, lang: Lang) -> String {
        let [en, fr] = match self {
            Self::Number(least, most) => {
                return match lang {
                    Lang::En => format!("A whole number from {least} to {most} is wanted."),
                    Lang::Fr => format!("Un nombre entier de {least} à {most} est attendu."),
                };
            }
            Self::Words(words) => {
                let words = words.join(", ");
                return match lang {
                    Lang::En => format!("These words are known: {words}."),
                    Lang::Fr => format!("Les mots connus sont\u{a0}: {words}."),
                };
            }
            Self::NotWith(other) => {
                return match lang {
                    Lang::En => format!("It excludes “{other}”."),
                    Lang::Fr => format!("Il exclut «\u{a0}{other}\u{a0}»."),
                };
            }
            Self::After(other) => {
                return match lang {
                    Lang::En => format!("It must come after “{other}”."),
                    Lang::Fr => format!("Il doit venir après «\u{a0}{other}\u{a0}»."),
                };
            }
            Self::Within(days, other) => {
                return match lang {
                    Lang::En => format!("{days} days until “{other}” are searched at most."),
                    Lang::Fr => {
                        format!(
                            "La recherche porte sur {days} jours au plus avant «\u{a0}{other}\u{a0}»."
                        )
                    }
                };
            }
            Self::Searched => [
                "One to twelve words with a letter or a digit are wanted, 200 characters at most.",
                "Un à douze mots avec une lettre ou un chiffre sont attendus, 200 caractères au plus.",
            ],
            Self::Absent => [
                "There is no such parameter here.",
                "Ce paramètre n’existe pas ici.",
            ],
            Self::Once => ["Say it once.", "Ne le dites qu’une fois."],
            Self::Text => [
                "A text without control characters is wanted.",
                "Un texte sans caractères de contrôle est attendu.",
            ],
            Self::Day => [
                "A day like 2026-11-23 is wanted.",
                "Un jour comme 2026-11-23 est attendu.",
            ],
            Self::When => [
                "A business day like 2026-11-23 or a moment like 2026-11-23T02:00:00Z is wanted.",
                "Une journée d’exploitation comme 2026-11-23 ou un instant comme 2026-11-23T02:00:00Z est attendu.",
            ],
            Self::Cursor => [
                "Take it from “next” of an answer to the same question.",
                "Prenez-le dans «\u{a0}next\u{a0}» d’une réponse à la même question.",
            ],
            Self::Given => ["It must be given.", "Il doit être donné."],
            Self::Key => [
                "A run’s key, or the beginning of one, is wanted.",
                "La clé d’une exécution, ou son début, est attendue.",
            ],
            Self::Form => [
                "json, or csv and parquet for lists.",
                "json, ou csv et parquet pour les listes.",
            ],
        };
        lang.pick(en, fr).to_owned()
    }
}

/// How every question can fail.
pub struct Problems;

/// How everything can fail that changes something.
pub struct Sent;

const OF_ALL: [(&str, &str); 7] = [
    ("400", "A parameter cannot be understood"),
    ("401", "Nobody is logged in, and no token is said"),
    ("403", "Who asks may not"),
    ("404", "There is no such thing"),
    ("406", "Nothing that is accepted can be answered"),
    ("421", "The request names a host that is not this service’s"),
    ("503", "The database does not answer, or took too long"),
];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let not_modified =
            ResponseBuilder::new().description("Nothing changed since the answer with this ETag");
        let not_modified = ("304".to_owned(), not_modified.build().into());
        let method = [("405", "Another method than those that are here")];
        told(OF_ALL.into_iter().chain(method))
            .chain([not_modified])
            .collect()
    }
}

impl IntoResponses for Sent {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of_body = [
            ("405", "Another method than those that are here"),
            ("412", "It changed since the answer with this ETag"),
            ("413", "What is sent is too large"),
            ("415", "What is sent is not called JSON"),
            ("429", "Too many logins failed"),
        ];
        told(OF_ALL.into_iter().chain(of_body)).collect()
    }
}

fn told(
    problems: impl Iterator<Item = (&'static str, &'static str)>,
) -> impl Iterator<Item = (String, RefOr<Response>)> {
    problems.map(|(status, description)| {
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemDetails::name())));
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content.build());
        (status.to_owned(), response.build().into())
    })
}
