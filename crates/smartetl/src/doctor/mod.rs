//! What is installed, reachable and writable, and what to do about it. Each check looks at one thing and never
//! fails as a whole: what cannot be found out is a finding too. Changes nothing but starting the embedded server.

mod database;
mod kafka;
mod machine;

use crate::cli::Context;
use crate::errors::Failure;
use crate::night::Lang;
use crate::reason::{self, Reason};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// Works, but a person should know.
    Warn,
    /// Does not work.
    Fail,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    /// For people.
    pub const fn word(self, lang: Lang) -> &'static str {
        let french = match self {
            Self::Ok => "ok",
            Self::Warn => "à voir",
            Self::Fail => "échec",
        };
        lang.pick(self.as_str(), french)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Check {
    /// Stable, in `snake_case`.
    pub name: &'static str,
    pub status: Status,
    /// What was found.
    pub detail: Reason,
    /// What to do; absent when nothing is to be done.
    pub hint: Option<Reason>,
}

impl Check {
    fn new(name: &'static str, status: Status, detail: impl Into<Reason>) -> Self {
        Self {
            name,
            status,
            detail: detail.into(),
            hint: None,
        }
    }

    fn ok(name: &'static str, detail: impl Into<Reason>) -> Self {
        Self::new(name, Status::Ok, detail)
    }

    fn hint(mut self, hint: impl Into<Reason>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Everything that was found.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Report {
    pub version: &'static str,
    /// The worst of the checks.
    pub status: Status,
    /// Of the running server, with its password: for programs.
    pub database_url: Option<String>,
    pub checks: Vec<Check>,
}

/// Looks at everything; starts the embedded server where it is used and not running.
pub async fn examine(context: &Context) -> Report {
    let mut checks = machine::checks(context);
    let (database_url, of_database) = database::checks(context).await;
    checks.extend(of_database);
    checks.extend(kafka::check(context).await);
    checks.push(machine::port(context).await);
    let status = checks
        .iter()
        .map(|check| check.status)
        .max()
        .unwrap_or(Status::Ok);
    Report {
        version: env!("CARGO_PKG_VERSION"),
        status,
        database_url,
        checks,
    }
}

/// What an error says, with its place and its hint.
fn failed(name: &'static str, error: &anyhow::Error) -> Check {
    let failure = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>());
    let place = failure
        .and_then(|failure| failure.place.as_ref())
        .map_or_else(String::new, |place| format!(" ({place})"));
    let said = |lang| {
        let first = error.chain().next();
        let said = first.map_or_else(String::new, |cause| reason::of_cause(cause, lang));
        format!("{said}{place}")
    };
    let check = Check::new(name, Status::Fail, [said(Lang::En), said(Lang::Fr)]);
    let hint = failure.and_then(|failure| failure.hint.clone());
    Check { hint, ..check }
}

/// Where the service says whether it lives.
pub fn live_url(context: &Context) -> String {
    service_url("livez", None, context)
}

/// Where the service says whether it is of use; `port`: that of the setting where it is left out.
pub fn ready_url(port: Option<u16>, context: &Context) -> String {
    service_url("readyz", port, context)
}

fn service_url(path: &str, port: Option<u16>, context: &Context) -> String {
    let http = &context.settings.http;
    let host = match http.bind {
        std::net::IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        std::net::IpAddr::V4(ip) => ip.to_string(),
    };
    format!("http://{host}:{}/{path}", port.unwrap_or(http.port))
}
