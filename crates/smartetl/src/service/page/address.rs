//! What the address of the page says, and addresses of the page.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::night::Lang;
use crate::service::problem::Problem;

/// What the address asks for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asked {
    lang: Option<String>,
    environment: Option<String>,
    day: Option<String>,
}

impl Asked {
    pub(super) fn lang(&self) -> Result<Option<Lang>, Problem> {
        let asked = self.lang.as_deref().filter(|lang| !lang.is_empty());
        asked
            .map(|tag| Lang::of_tag(tag).ok_or_else(|| Problem::Lang(tag.to_owned())))
            .transpose()
    }

    pub(super) fn environment(&self) -> Option<&str> {
        self.environment.as_deref().filter(|name| !name.is_empty())
    }

    pub(super) fn day(&self) -> Result<Option<Date>, Problem> {
        let asked = self.day.as_deref().filter(|day| !day.is_empty());
        asked
            .map(|day| day.parse().map_err(|_| Problem::Day(day.to_owned())))
            .transpose()
    }
}

/// What was chosen in the address.
#[derive(Debug, Default)]
pub(super) struct Choice<'a> {
    pub(super) lang: Option<Lang>,
    pub(super) environment: Option<&'a str>,
    pub(super) day: Option<Date>,
}

/// The page with these choices; `None` leaves a choice to the page.
pub(super) fn link(lang: Option<Lang>, environment: Option<&str>, day: Option<Date>) -> String {
    let mut query = Vec::new();
    if let Some(lang) = lang {
        query.push(format!("lang={}", lang.tag()));
    }
    if let Some(environment) = environment {
        query.push(format!("environment={}", percent_encoded(environment)));
    }
    if let Some(day) = day {
        query.push(format!("day={day}"));
    }
    if query.is_empty() {
        "/".to_owned()
    } else {
        format!("/?{}", query.join("&"))
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
