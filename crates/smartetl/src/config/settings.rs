//! What the program reads its settings from once they are merged. Each field is documented in `config.default.toml`.

use crate::night::Lang;
use crate::time::parse_duration;
use jiff::civil::{Date, Time};
use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer, de::Error as _};
use smartetl_core::calendar::Holidays;
use smartetl_core::model::Trigger;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU32};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub data: PathBuf,
    /// Absent only where the platform names no data folder.
    #[serde(deserialize_with = "optional_path")]
    pub data_dir: Option<PathBuf>,
    #[serde(deserialize_with = "optional_path")]
    pub cache_dir: Option<PathBuf>,
    /// Name of a zone of the IANA database; checked.
    #[serde(deserialize_with = "zone_name")]
    pub timezone: String,
    #[serde(deserialize_with = "language")]
    pub lang: Lang,
    pub database: Database,
    pub roles: Roles,
    pub postgres: Postgres,
    pub business_day: BusinessDay,
    pub calendar: Calendar,
    /// Environment -> lower-case words.
    #[serde(deserialize_with = "words_by_environment")]
    pub environments: BTreeMap<String, Vec<String>>,
    /// Why a run was started -> lower-case words.
    #[serde(deserialize_with = "words_by_trigger")]
    pub triggers: BTreeMap<Trigger, Vec<String>>,
    pub fuse: Fuse,
    pub issues: Issues,
    pub load: Load,
    pub retention: Retention,
    pub kafka: Kafka,
    pub http: Http,
    pub mail: Mail,
    pub grafana: Grafana,
    pub log: Log,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The server to use; the embedded one where absent. Contains a password: never print it.
    #[serde(deserialize_with = "server_url")]
    pub url: Option<String>,
    /// On the disk of that server, where it is one of this machine.
    #[serde(deserialize_with = "optional_path")]
    pub folder: Option<PathBuf>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.url.as_ref().map(|_| "***"))
            .field("folder", &self.folder)
            .finish()
    }
}

/// Addresses with passwords: never print them.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    #[serde(deserialize_with = "server_url")]
    pub admin_url: Option<String>,
    #[serde(deserialize_with = "server_url")]
    pub airflow_url: Option<String>,
    #[serde(deserialize_with = "server_url")]
    pub grafana_url: Option<String>,
}

impl std::fmt::Debug for Roles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roles").finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    #[serde(deserialize_with = "optional_path")]
    pub archive: Option<PathBuf>,
    #[serde(deserialize_with = "optional_path")]
    pub bin: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessDay {
    #[serde(deserialize_with = "time_of_day")]
    pub border: Time,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    #[serde(deserialize_with = "holidays")]
    pub country: Holidays,
    pub closures: Vec<PathBuf>,
    /// What those files say: each day with its name.
    #[serde(skip)]
    pub closed: BTreeMap<Date, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fuse {
    pub mode: FuseMode,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issues {
    /// Scheduled successes of each touched job; 0: never.
    pub resolve_after: u16,
}

/// What `smartetl prune` keeps; 0 for everything.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Whole months, besides the current one, of which rows are kept.
    pub months: u16,
    /// Whole months of runs, besides the current one.
    pub dataset_months: u16,
    /// Days for which trees stay after rows of them came.
    pub settled_after: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FuseMode {
    /// After each batch.
    Live,
    /// Only by `smartetl fuse`.
    Scheduled,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    pub batch_records: NonZeroU32,
    pub connections: NonZeroU8,
    pub mappings: Vec<PathBuf>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port,host:port`; empty where there is none.
    pub bootstrap_servers: String,
    pub topic_log: String,
    pub topic_error: String,
    pub topic_dead: String,
    pub partitions: NonZeroU8,
    pub group: String,
    /// (name, value) of librdkafka.
    #[serde(deserialize_with = "properties")]
    pub properties: Vec<(String, String)>,
    /// Never print it; empty where there is none.
    pub password: String,
}

impl std::fmt::Debug for Kafka {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kafka")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub port: u16,
    pub bind: IpAddr,
    pub hosts: Vec<String>,
    /// Never print it; empty where there is none.
    pub token: String,
    /// Of the account `admin`. Never print it; empty where there is none.
    pub password: String,
    pub login: Login,
    /// Never, where it is left out.
    #[serde(deserialize_with = "optional_duration")]
    pub hung_after: Option<Duration>,
    /// A file that is uploaded is not larger; 0: none are taken.
    pub upload_mib: u16,
}

/// From whom a login is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// From whoever does not ask from this machine.
    Elsewhere,
    Always,
}

impl Login {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Always => "always",
        }
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http")
            .field("port", &self.port)
            .field("bind", &self.bind)
            .field("hosts", &self.hosts)
            .field("login", &self.login)
            .field("hung_after", &self.hung_after)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Without a password.
    #[serde(deserialize_with = "mail_server")]
    pub smtp: Option<reqwest::Url>,
    /// Never print it; empty where there is none.
    pub password: String,
    #[serde(deserialize_with = "optional_mailbox")]
    pub from: Option<Mailbox>,
    #[serde(deserialize_with = "mailboxes")]
    pub to: Vec<Mailbox>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("smtp", &self.smtp)
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grafana {
    /// Without a password.
    #[serde(deserialize_with = "start_page")]
    pub url: Option<reqwest::Url>,
    /// Never print it; empty where there is none.
    pub token: String,
    pub folder: PathBuf,
    #[serde(deserialize_with = "optional_duration")]
    pub pull_every: Option<Duration>,
}

impl std::fmt::Debug for Grafana {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grafana")
            .field("url", &self.url)
            .field("folder", &self.folder)
            .field("pull_every", &self.pull_every)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

fn optional_path<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(Some(PathBuf::deserialize(from)?).filter(|path| !path.as_os_str().is_empty()))
}

fn zone_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    match jiff::tz::TimeZone::get(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(D::Error::custom(format!(
            "`{name}` is no time zone; write for example \"Europe/Paris\" or \"UTC\""
        ))),
    }
}

fn language<'de, D: Deserializer<'de>>(from: D) -> Result<Lang, D::Error> {
    let tag = String::deserialize(from)?;
    Lang::of_tag(&tag).ok_or_else(|| {
        D::Error::custom(format!(
            "`{tag}` is no language that smartETL speaks; write \"en\" or \"fr\""
        ))
    })
}

fn server_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let url = String::deserialize(from)?;
    if url.is_empty() {
        return Ok(None);
    }
    let scheme = url.starts_with("postgresql://") || url.starts_with("postgres://");
    if scheme && url.parse::<sqlx::postgres::PgConnectOptions>().is_ok() {
        return Ok(Some(url));
    }
    // The value may hold a password: it is not repeated.
    Err(D::Error::custom(
        "this is no PostgreSQL address; write postgresql://user:password@host:5432/database, \
         with special characters of the password percent-encoded",
    ))
}

fn properties<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, String)>, D::Error> {
    let read = |text: String| {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            format!("`{text}` has no `=`; write for example \"security.protocol=SASL_SSL\"")
        })?;
        let (name, value) = (name.trim(), value.trim());
        // What `config show` prints holds no secret.
        let is_secret =
            name.contains("password") || name.contains("secret") || name == "ssl.key.pem";
        if is_secret {
            return Err(
                "secrets do not stand among the properties: the password of a user is kafka.password, or in the file that \
                 SMARTETL_KAFKA_PASSWORD_FILE names; a key stands in a file without a password (ssl.key.location)"
                    .to_owned(),
            );
        }
        Ok((name.to_owned(), value.to_owned()))
    };
    let texts = Vec::<String>::deserialize(from)?.into_iter();
    texts
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(D::Error::custom)
}

fn mail_server<'de, D: Deserializer<'de>>(from: D) -> Result<Option<reqwest::Url>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    // The value may hold a password: it is not repeated.
    let wrong = "this is no mail server; write smtps://user@mail.example.com or \
                 smtp://user@mail.example.com:587?tls=required";
    let url: reqwest::Url = text.parse().map_err(|_| D::Error::custom(wrong))?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let is_known = match (url.scheme(), tls.as_ref().map(|(_, value)| value.as_ref())) {
        ("smtps", None) => true,
        ("smtp", tls) => tls.is_none_or(|tls| ["required", "opportunistic"].contains(&tls)),
        _ => false,
    };
    if !is_known || url.host_str().is_none_or(str::is_empty) {
        return Err(D::Error::custom(wrong));
    }
    if url.password().is_some() {
        return Err(D::Error::custom(
            "the password stands in mail.password, or in the file that SMARTETL_MAIL_PASSWORD_FILE names, not in the address",
        ));
    }
    Ok(Some(url))
}

fn optional_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    match parse_duration(&text).map_err(D::Error::custom)? {
        Duration::ZERO => Err(D::Error::custom(
            "a pause of nothing is none; write for example \"15min\"",
        )),
        duration => Ok(Some(duration)),
    }
}

fn start_page<'de, D: Deserializer<'de>>(from: D) -> Result<Option<reqwest::Url>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    grafana_url(&text).map(Some).map_err(D::Error::custom)
}

/// The address of a Grafana. The text may hold a password: it is not repeated.
///
/// # Errors
/// What is wrong with it.
pub fn grafana_url(text: &str) -> Result<reqwest::Url, &'static str> {
    let wrong =
        "this is no address of a Grafana; write http://host:3000, with its path where it has one";
    let url: reqwest::Url = text.parse().map_err(|_| wrong)?;
    if !["http", "https"].contains(&url.scheme()) || url.query().is_some() {
        return Err(wrong);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "what signs in stands in grafana.token (`user:password`), or in the file that SMARTETL_GRAFANA_TOKEN_FILE names, \
             not in the address",
        );
    }
    Ok(url)
}

fn optional_mailbox<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Mailbox>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    mailbox(&text).map(Some).map_err(D::Error::custom)
}

fn mailboxes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Mailbox>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let boxes = texts.iter().map(|text| mailbox(text));
    boxes.collect::<Result<_, _>>().map_err(D::Error::custom)
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    let wrong = |_| {
        format!("`{text}` is no mail address; write ann@example.com or \"Ann <ann@example.com>\"")
    };
    text.trim().parse().map_err(wrong)
}

fn time_of_day<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
    let text = String::deserialize(from)?;
    let time = jiff::fmt::strtime::parse("%H:%M", &text).and_then(|parts| parts.to_time());
    time.map_err(|_| {
        D::Error::custom(format!(
            "`{text}` is no time of day; write for example \"18:00\""
        ))
    })
}

/// France by its law, other countries by the lists of `opening_hours`: those that hold everywhere in the country, from 2000 to 2076.
fn holidays<'de, D: Deserializer<'de>>(from: D) -> Result<Holidays, D::Error> {
    let code = String::deserialize(from)?;
    Ok(match code.as_str() {
        "FR" => Holidays::France {
            alsace_moselle: false,
        },
        "FR-alsace-moselle" => Holidays::France {
            alsace_moselle: true,
        },
        "none" => Holidays::Listed(BTreeSet::new()),
        other => {
            let country: opening_hours::localization::Country = other.parse().map_err(|_| {
                D::Error::custom(format!(
                    "no holidays are known of `{other}`; write FR, FR-alsace-moselle, the code of a country (ISO 3166-1, like \
                     BE), or none"
                ))
            })?;
            let of_country = country.holidays();
            let days = of_country.get_public().iter();
            Holidays::Listed(
                days.filter_map(|day| day.to_string().parse().ok())
                    .collect(),
            )
        }
    })
}

fn words_by_environment<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let words = lower(BTreeMap::deserialize(from)?);
    one_owner_each(&words).map_err(D::Error::custom)?;
    Ok(words)
}

fn words_by_trigger<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<Trigger, Vec<String>>, D::Error> {
    let words = lower(BTreeMap::deserialize(from)?);
    one_owner_each(&words).map_err(D::Error::custom)?;
    Ok(words)
}

fn lower<K: Ord>(words: BTreeMap<K, Vec<String>>) -> BTreeMap<K, Vec<String>> {
    words
        .into_iter()
        .map(|(name, list)| {
            (
                name,
                list.iter().map(|word| word.trim().to_lowercase()).collect(),
            )
        })
        .collect()
}

/// The fold looks tokens up: a word of several tokens would never be found, one with two owners would be ambiguous.
fn one_owner_each<K: std::fmt::Display>(words: &BTreeMap<K, Vec<String>>) -> Result<(), String> {
    let mut owners: BTreeMap<&str, &K> = BTreeMap::new();
    for (name, list) in words {
        for word in list {
            if word.is_empty() || !word.chars().all(char::is_alphanumeric) {
                return Err(format!(
                    "`{word}` under {name} is not one word of letters and digits"
                ));
            }
            if let Some(other) = owners.insert(word, name) {
                return Err(format!("`{word}` stands under {other} and under {name}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde::de::IntoDeserializer;
    use serde::de::value::Error;
    use smartetl_core::calendar::BusinessCalendar;

    fn of(country: &str) -> Result<BusinessCalendar, Error> {
        Ok(BusinessCalendar {
            holidays: holidays(country.into_deserializer())?,
            closures: BTreeSet::new(),
        })
    }

    /// Two independent sources: the law as arithmetic, and the lists that other countries come from.
    #[test]
    fn french_holidays_are_those_that_others_list() {
        let listed = opening_hours::localization::Country::FR.holidays();
        let france = of("FR").expect("a country");
        for year in 2000..=2076 {
            let listed: Vec<Date> = listed
                .get_public()
                .iter()
                .filter_map(|day| day.to_string().parse().ok())
                .filter(|day: &Date| day.year() == year)
                .collect();
            let mut ours = france.holidays(year);
            ours.dedup();
            assert_eq!(ours, listed, "{year}");
        }
    }

    #[test]
    fn neighbours_have_their_own() {
        let belgium = of("BE").expect("a country");
        assert!(belgium.is_holiday(date(2026, 7, 21)));
        assert!(!belgium.is_holiday(date(2026, 7, 14)));
        assert_eq!(of("none").expect("no country").holidays(2026), []);
        let refused = of("XX").expect_err("no country").to_string();
        assert!(refused.contains("ISO 3166-1"), "{refused}");
    }
}
