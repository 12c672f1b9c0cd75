//! Requests that cannot be answered as they were meant: a page for a browser, `application/problem+json` (RFC 9457) for
//! programs, both in the reader's language.

use super::post::Refusal;
use crate::api::{ProblemDetails, Wrong};
use crate::night::Lang;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use smartetl_store::night::Unscheduled;

/// What is wrong with a request. As a response it is only a mark: what is around all requests writes it out.
#[derive(Clone, Debug)]
pub enum Problem {
    /// There is nothing at this path.
    NotFound,
    /// The program was built without its web app.
    NoApp,
    Method,
    /// The answer took too long.
    Timeout,
    /// It names no host, or several.
    NoHost,
    /// It names a host that is not this service's.
    ForeignHost(String),
    /// The part behind the question mark says something twice.
    Query,
    Lang(String),
    Day(String),
    Environment {
        asked: String,
        known: Vec<String>,
    },
    /// An environment whose runs belong to no night.
    OnlyUnscheduled(Unscheduled),
    NoNight {
        environment: Option<String>,
        day: Date,
    },
    Post(Refusal),
    /// A question to the API.
    Api(Wrong),
}

/// A problem in words.
#[derive(Debug)]
pub struct Told {
    pub title: String,
    /// What to do.
    pub hint: String,
}

impl Problem {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound
            | Self::NoApp
            | Self::Environment { .. }
            | Self::OnlyUnscheduled(_)
            | Self::NoNight { .. } => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::ForeignHost(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::NoHost | Self::Query | Self::Lang(_) | Self::Day(_) => StatusCode::BAD_REQUEST,
            Self::Post(refusal) => refusal.status(),
            Self::Api(wrong) => wrong.status(),
        }
    }

    /// The stable name.
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound
            | Self::NoApp
            | Self::Environment { .. }
            | Self::OnlyUnscheduled(_)
            | Self::NoNight { .. } => "not_found",
            Self::Method => "method_not_allowed",
            Self::Timeout => "timeout",
            Self::ForeignHost(_) => "foreign_host",
            Self::NoHost | Self::Query | Self::Lang(_) | Self::Day(_) => "usage",
            Self::Post(refusal) => refusal.code(),
            Self::Api(wrong) => wrong.code(),
        }
    }

    pub fn told(&self, lang: Lang) -> Told {
        let newest = lang.pick(
            "The page without any choice shows the newest night.",
            "La page sans aucun choix montre la nuit la plus récente.",
        );
        let (title, hint) = match self {
            Self::Post(refusal) => return refusal.told(lang),
            Self::Api(wrong) => {
                let [title, hint] = wrong.told(lang);
                return Told { title, hint };
            }
            Self::NotFound => (
                lang.pick("There is nothing at this address.", "Il n’y a rien à cette adresse.").to_owned(),
                lang.pick(
                    "The status page of `smartetl up` is at /; logs are posted to /api/v1/logs, events of OpenLineage to /api/v1/lineage.",
                    "La page d’état de `smartetl up` est à l’adresse /\u{a0}; les journaux s’envoient à /api/v1/logs, les événements OpenLineage à /api/v1/lineage.",
                )
                .to_owned(),
            ),
            Self::NoApp => (
                lang.pick("This smartETL was built without its web app.", "Ce smartETL a été construit sans son application web.").to_owned(),
                lang.pick(
                    "With Node 20.19 or later, `make web` builds it, and `make up` puts it into the program. The status page is at /.",
                    "Avec Node 20.19 ou plus récent, `make web` la construit, et `make up` la met dans le programme. La page d’état est à l’adresse /.",
                )
                .to_owned(),
            ),
            Self::Method => (
                lang.pick("This address does not answer to this method.", "Cette adresse ne répond pas à cette méthode.").to_owned(),
                lang.pick(
                    "Pages are read with GET; logs are sent with POST to /api/v1/logs, events of OpenLineage to /api/v1/lineage.",
                    "Les pages se lisent avec GET\u{a0}; les journaux s’envoient avec POST à /api/v1/logs, les événements OpenLineage à /api/v1/lineage.",
                )
                .to_owned(),
            ),
            Self::Timeout => (
                lang.pick("The answer took too long.", "La réponse a pris trop de temps.").to_owned(),
                lang.pick(
                    "Try again; `smartetl doctor` looks at the database.",
                    "Réessayez\u{a0}; `smartetl doctor` examine la base de données.",
                )
                .to_owned(),
            ),
            Self::NoHost => (
                lang.pick("The request does not say one host.", "La requête n’indique pas un seul hôte.").to_owned(),
                lang.pick("Send one Host header.", "Envoyez un seul en-tête Host.").to_owned(),
            ),
            Self::ForeignHost(host) => {
                let host = shortened(host);
                match lang {
                    Lang::En => (
                        format!("smartETL does not answer to the name {host}."),
                        "Ask for localhost, or add the name to the setting http.hosts (SMARTETL_HTTP_HOSTS) and start smartETL again.".to_owned(),
                    ),
                    Lang::Fr => (
                        format!("smartETL ne répond pas au nom {host}."),
                        "Demandez localhost, ou ajoutez ce nom au paramètre http.hosts (SMARTETL_HTTP_HOSTS) et redémarrez smartETL.".to_owned(),
                    ),
                }
            }
            Self::Query => (
                lang.pick(
                    "The address says the same thing twice.",
                    "L’adresse dit deux fois la même chose.",
                )
                .to_owned(),
                newest.to_owned(),
            ),
            Self::Lang(asked) => {
                let asked = shortened(asked);
                (
                    match lang {
                        Lang::En => format!("smartETL does not speak the language “{asked}”."),
                        Lang::Fr => format!("smartETL ne parle pas la langue «\u{a0}{asked}\u{a0}»."),
                    },
                    lang.pick("Choose lang=en or lang=fr.", "Choisissez lang=en ou lang=fr.").to_owned(),
                )
            }
            Self::Day(asked) => {
                let asked = shortened(asked);
                match lang {
                    Lang::En => (
                        format!("“{asked}” is no day."),
                        format!("Write it like day=2026-11-23, the day that the night prepares. {newest}"),
                    ),
                    Lang::Fr => (
                        format!("«\u{a0}{asked}\u{a0}» n’est pas un jour."),
                        format!("Écrivez par exemple day=2026-11-23, le jour que la nuit prépare. {newest}"),
                    ),
                }
            }
            Self::Environment { asked, known } => {
                let (asked, names) = (shortened(asked), known.join(", "));
                let hint = match lang {
                    _ if known.is_empty() => newest.to_owned(),
                    Lang::En => format!("Those that have nights: {names}."),
                    Lang::Fr => format!("Ceux qui ont des nuits\u{a0}: {names}."),
                };
                let title = match lang {
                    Lang::En => format!("No environment {asked} is known."),
                    Lang::Fr => format!("Aucun environnement {asked} n’est connu."),
                };
                (title, hint)
            }
            Self::OnlyUnscheduled(runs) => (
                crate::night::no_night(runs, lang),
                lang.words().unscheduled_what.to_owned(),
            ),
            Self::NoNight { environment, day } => {
                let environment = environment.as_deref().map(|name| format!("{} ", shortened(name)));
                let environment = environment.unwrap_or_default();
                match lang {
                    Lang::En => (
                        format!("No {environment}job is known on {day}."),
                        newest.to_owned(),
                    ),
                    Lang::Fr => (
                        format!("Aucun job {environment}n’est connu le {day}."),
                        newest.to_owned(),
                    ),
                }
            }
        };
        Told { title, hint }
    }

    /// For programs.
    pub fn json(&self, lang: Lang) -> Response {
        let status = self.status();
        let told = self.told(lang);
        let parameter = match self {
            Self::Api(wrong) => wrong.parameter(),
            Self::Lang(_) => Some("lang"),
            Self::Day(_) => Some("day"),
            Self::Environment { .. } => Some("environment"),
            _ => None,
        };
        let details = ProblemDetails {
            kind: "about:blank",
            title: title(status, lang),
            status: status.as_u16(),
            code: self.code(),
            detail: format!("{} {}", told.title, told.hint)
                .trim_end()
                .to_owned(),
            parameter: parameter.map(str::to_owned),
        };
        let mut body = serde_json::to_value(details).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CONTENT_LANGUAGE, lang.tag()),
        ];
        let mut header = None;
        if let Self::Post(refusal) = self {
            header = refusal.header();
            if let Some((name, value)) = refusal.extension() {
                body[name] = value;
            }
        }
        match self {
            Self::Api(Wrong::Token) => {
                header = Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
            }
            Self::Api(Wrong::Slowly(seconds)) => {
                header = Some((header::RETRY_AFTER, HeaderValue::from(*seconds)));
            }
            _ => {}
        }
        (
            status,
            headers,
            header.map(|header| [header]),
            body.to_string() + "\n",
        )
            .into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether a person will read the answer.
pub fn is_browser(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|accept| {
        accept
            .to_str()
            .is_ok_and(|accept| accept.contains("text/html"))
    })
}

/// What a status means, as RFC 9110 names it.
fn title(status: StatusCode, lang: Lang) -> &'static str {
    let english = status.canonical_reason().unwrap_or_default();
    let french = match status.as_u16() {
        400 => "Requête incorrecte",
        401 => "Non connecté",
        403 => "Accès refusé",
        404 => "Introuvable",
        405 => "Méthode non admise",
        406 => "Forme non disponible",
        409 => "Conflit",
        412 => "Condition non remplie",
        413 => "Contenu trop grand",
        415 => "Type de contenu non admis",
        421 => "Requête mal adressée",
        429 => "Trop de requêtes",
        500 => "Erreur interne",
        503 => "Service indisponible",
        507 => "Espace insuffisant",
        _ => english,
    };
    lang.pick(english, french)
}

/// What somebody sent, as far as it helps to see it.
pub fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::typography;

    #[test]
    fn french_is_set_as_french_people_set_it() {
        let runs = Unscheduled {
            environment: "PROD".to_owned(),
            manual: 2,
            reprocess: 1,
        };
        let day = jiff::civil::date(2026, 11, 23);
        let environment = |known: &[&str]| Problem::Environment {
            asked: "LUNE".to_owned(),
            known: known.iter().map(ToString::to_string).collect(),
        };
        let night = |environment: Option<&str>| Problem::NoNight {
            environment: environment.map(str::to_owned),
            day,
        };
        let problems = [
            Problem::NotFound,
            Problem::NoApp,
            Problem::Method,
            Problem::Timeout,
            Problem::NoHost,
            Problem::ForeignHost("ailleurs.example".to_owned()),
            Problem::Query,
            Problem::Lang("de".to_owned()),
            Problem::Day("demain".to_owned()),
            environment(&[]),
            environment(&["PROD", "REC"]),
            Problem::OnlyUnscheduled(runs),
            night(None),
            night(Some("PROD")),
            Problem::Post(Refusal::Demo),
            Problem::Api(Wrong::Token),
        ];
        // A new problem belongs into the list above.
        let _ = |problem: &Problem| match problem {
            Problem::NotFound
            | Problem::NoApp
            | Problem::Method
            | Problem::Timeout
            | Problem::NoHost
            | Problem::ForeignHost(_)
            | Problem::Query
            | Problem::Lang(_)
            | Problem::Day(_)
            | Problem::Environment { .. }
            | Problem::OnlyUnscheduled(_)
            | Problem::NoNight { .. }
            | Problem::Post(_)
            | Problem::Api(_) => (),
        };
        for problem in problems {
            let told = problem.told(Lang::Fr);
            typography::check(&told.title);
            typography::check(&told.hint);
        }
    }
}
