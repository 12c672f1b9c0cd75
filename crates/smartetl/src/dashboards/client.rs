//! Grafana's API, as far as dashboards go. Messages name the address and never what signs in.

use crate::errors::{self, ErrorCode, Failure};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// How many dashboards a page of the search holds.
const PAGE: usize = 100;
/// The format that Grafana 13 is asked for where it keeps a dashboard in the one of dynamic dashboards.
pub const CLASSIC: &str = "v1";

/// A Grafana and how to sign in there.
pub struct Grafana {
    client: reqwest::Client,
    base: Url,
    token: String,
}

/// A dashboard in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub uid: String,
    pub title: String,
}

/// What became of asking for one dashboard.
#[derive(Debug)]
pub enum Fetched {
    Here {
        dashboard: Value,
        meta: Value,
    },
    /// Grafana keeps it in a format that this API does not speak.
    OtherFormat,
    Missing,
}

/// What became of saving one dashboard.
#[derive(Debug)]
pub enum Saved {
    Done,
    /// Somebody saved it meanwhile.
    Overtaken,
    /// In Grafana's words.
    Refused(String),
}

impl Grafana {
    /// `token`: of a service account, or `user:password`; empty where everybody may look.
    ///
    /// # Errors
    /// `internal` when there can be no client at all.
    pub fn new(url: &Url, token: &str) -> anyhow::Result<Self> {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_mins(1))
            .user_agent(concat!("smartetl/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            base: url.clone(),
            token: token.to_owned(),
        })
    }

    /// The address, without what signs in.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// All dashboards that this token sees, with all of these tags.
    ///
    /// # Errors
    /// `grafana_unreachable`, `grafana_refused`, `grafana_answer`.
    pub async fn list(&self, tags: &[String]) -> anyhow::Result<Vec<Hit>> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for page in 1.. {
            let mut url = self.at(&["search"])?;
            url.query_pairs_mut()
                .append_pair("type", "dash-db")
                .append_pair("limit", &PAGE.to_string())
                .append_pair("page", &page.to_string())
                .extend_pairs(tags.iter().map(|tag| ("tag", tag)));
            let answer = self.ask(self.client.get(url)).await?;
            let answer = self.granted(answer).await?;
            let hits = self.json(answer).await?;
            let hits = hits.as_array().ok_or_else(|| self.unexpected())?;
            let before = found.len();
            for hit in hits {
                let text = |key: &str| hit.get(key).and_then(Value::as_str).unwrap_or("");
                if !text("uid").is_empty() && seen.insert(text("uid").to_owned()) {
                    found.push(Hit {
                        uid: text("uid").to_owned(),
                        title: text("title").to_owned(),
                    });
                }
            }
            // A server may give less than a page at a time; one without news is behind the last.
            if found.len() == before {
                break;
            }
        }
        Ok(found)
    }

    /// One dashboard, in the format that Grafana keeps it in or in this one.
    ///
    /// # Errors
    /// `grafana_unreachable`, `grafana_refused`, `grafana_answer`.
    pub async fn dashboard(&self, uid: &str, format: Option<&str>) -> anyhow::Result<Fetched> {
        let mut url = self.at(&["dashboards", "uid", uid])?;
        if let Some(format) = format {
            url.query_pairs_mut().append_pair("apiVersion", format);
        }
        let answer = self.ask(self.client.get(url)).await?;
        match answer.status() {
            StatusCode::NOT_FOUND if is_json(&answer) => return Ok(Fetched::Missing),
            StatusCode::NOT_ACCEPTABLE => return Ok(Fetched::OtherFormat),
            _ => {}
        }
        let answer = self.granted(answer).await?;
        let mut answer = self.json(answer).await?;
        let mut part = |key: &str| answer.get_mut(key).map(Value::take);
        match (part("dashboard"), part("meta")) {
            (Some(dashboard @ Value::Object(_)), meta) => Ok(Fetched::Here {
                dashboard,
                meta: meta.unwrap_or_default(),
            }),
            _ => Err(self.unexpected().into()),
        }
    }

    /// Creates or changes a dashboard: `body` is that of `POST /api/dashboards/db`.
    ///
    /// # Errors
    /// `grafana_unreachable`, `grafana_refused`, `grafana_answer`.
    pub async fn save(&self, body: &Value) -> anyhow::Result<Saved> {
        let request = self
            .client
            .post(self.at(&["dashboards", "db"])?)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let answer = self.ask(request).await?;
        match answer.status() {
            StatusCode::PRECONDITION_FAILED => Ok(Saved::Overtaken),
            StatusCode::BAD_REQUEST
            | StatusCode::NOT_FOUND
            | StatusCode::CONFLICT
            | StatusCode::UNPROCESSABLE_ENTITY
                if is_json(&answer) =>
            {
                let said = self.json(answer).await?;
                let said = said.get("message").and_then(Value::as_str);
                Ok(Saved::Refused(said.unwrap_or("?").to_owned()))
            }
            _ => {
                let answer = self.granted(answer).await?;
                self.json(answer).await?;
                Ok(Saved::Done)
            }
        }
    }

    fn at(&self, parts: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| self.unexpected())?
            .pop_if_empty()
            .push("api")
            .extend(parts);
        Ok(url)
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let request = match self.token.split_once(':') {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None if self.token.is_empty() => request,
            None => request.bearer_auth(&self.token),
        };
        let answer = request.header("accept", "application/json").send().await;
        answer.map_err(|error| self.unreachable(&error).into())
    }

    /// An answer that is none of a stranger's.
    async fn granted(&self, answer: Response) -> anyhow::Result<Response> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let failure = Failure::new(
                ErrorCode::GrafanaRefused,
                [
                    format!("Grafana refuses: {status}"),
                    format!("Grafana refuse\u{a0}: {status}"),
                ],
            );
            let hint = [
                "give grafana.token, or SMARTETL_GRAFANA_TOKEN: the token of a service account (Viewer reads, Editor writes), or \
                 user:password",
                "donnez grafana.token, ou SMARTETL_GRAFANA_TOKEN\u{a0}: le jeton d’un compte de service (Viewer lit, Editor \
                 écrit), ou utilisateur:mot de passe",
            ];
            return Err(failure.at(self.url()).hint(hint).into());
        }
        let said = match answer.headers().get(LOCATION) {
            Some(elsewhere) => format!("{status} → {}", elsewhere.to_str().unwrap_or("?")),
            None if is_json(&answer) => {
                let said = self.json(answer).await?;
                let said = said.get("message").and_then(Value::as_str);
                said.map_or_else(|| status.to_string(), |said| format!("{status}: {said}"))
            }
            None => status.to_string(),
        };
        Err(self.strange(&said).into())
    }

    async fn json(&self, answer: Response) -> anyhow::Result<Value> {
        let bytes = answer.bytes().await;
        let bytes = bytes.map_err(|error| self.unreachable(&error))?;
        Ok(serde_json::from_slice(&bytes).map_err(|_| self.unexpected())?)
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let why = match cause.downcast_ref::<std::io::Error>() {
            Some(error) => errors::reason(error),
            None if error.is_timeout() => "no answer in time".to_owned(),
            None => cause.to_string(),
        };
        Failure::new(
            ErrorCode::GrafanaUnreachable,
            [
                format!("Grafana cannot be reached: {why}"),
                format!("Grafana est injoignable\u{a0}: {why}"),
            ],
        )
        .at(self.url())
        .hint([
            "see that it runs and that grafana.url is its address",
            "vérifiez qu’il fonctionne et que grafana.url est son adresse",
        ])
    }

    /// What answers here is no API.
    fn unexpected(&self) -> Failure {
        self.strange("no JSON of Grafana’s API")
    }

    fn strange(&self, said: &str) -> Failure {
        Failure::new(
            ErrorCode::GrafanaAnswer,
            [
                format!("this does not answer as Grafana’s API does: {said}"),
                format!("ceci ne répond pas comme l’API de Grafana\u{a0}: {said}"),
            ],
        )
        .at(self.url())
        .hint([
            "grafana.url is the address of its start page, with the path where it has one (http://host/grafana)",
            "grafana.url est l’adresse de sa page d’accueil, avec le chemin s’il en a un (http://hôte/grafana)",
        ])
    }
}

fn is_json(answer: &Response) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.contains("json"))
}
