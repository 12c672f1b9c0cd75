//! What can be waited for, as written on the command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Clone, PartialEq)]
pub enum Target {
    /// A server that lets this user in and answers `SELECT 1`.
    Postgres(String),
    /// Brokers (`host:port`), of which one answers `ApiVersions`.
    Kafka(Vec<String>),
    /// An address that answers 2xx or 3xx.
    Http(String),
    /// `host:port` that accepts.
    Tcp(String),
    /// A file or folder that exists.
    File(PathBuf),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| Err(format!("{}: {why}", masked(text)));
        let Some((scheme, rest)) = text.split_once(':') else {
            return wrong(
                "write postgres://, kafka://, http://, https://, tcp:// or file: in front",
            );
        };
        let authority = rest
            .strip_prefix("//")
            .map(|rest| rest.trim_end_matches('/'));
        match (scheme, authority) {
            ("postgres" | "postgresql", Some(_)) => {
                if text.parse::<sqlx::postgres::PgConnectOptions>().is_err() {
                    return wrong(
                        "this is no PostgreSQL address; special characters of the password must be percent-encoded",
                    );
                }
                Ok(Self::Postgres(text.to_owned()))
            }
            ("kafka", Some(list)) => {
                let brokers: Vec<String> = list
                    .split(',')
                    .map(|broker| with_port(broker, Some(9092)))
                    .collect::<Result<_, _>>()?;
                Ok(Self::Kafka(brokers))
            }
            ("http" | "https", Some(_)) => match reqwest::Url::parse(text) {
                Ok(_) => Ok(Self::Http(text.to_owned())),
                Err(error) => wrong(&error.to_string()),
            },
            ("tcp", Some(address)) => Ok(Self::Tcp(with_port(address, None)?)),
            ("file", _) => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => wrong("the path is missing"),
                path => Ok(Self::File(PathBuf::from(path))),
            },
            _ => wrong("write postgres://, kafka://, http://, https://, tcp:// or file: in front"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) | Self::Http(url) => f.write_str(&masked(url)),
            Self::Kafka(brokers) => write!(f, "kafka://{}", brokers.join(",")),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn with_port(address: &str, default: Option<u16>) -> Result<String, String> {
    // The colons inside [::1] separate no port.
    let after_host = address.rsplit(']').next().unwrap_or(address);
    match (after_host.rsplit_once(':'), default) {
        (Some((_, port)), _) if port.parse::<u16>().is_ok() => Ok(address.to_owned()),
        (None, Some(default)) if !address.is_empty() => Ok(format!("{address}:{default}")),
        _ => Err(format!(
            "`{}` needs a host and a port, like localhost:9092",
            masked(address)
        )),
    }
}

/// An address without its passwords: `postgres://ann:***@host/db?password=***`.
pub fn masked(url: &str) -> String {
    let (scheme, rest) = url
        .split_once("://")
        .map_or(("", url), |(scheme, rest)| (scheme, rest));
    let mut text = if scheme.is_empty() {
        String::new()
    } else {
        format!("{scheme}://")
    };
    // The last @, so that a password with an unencoded @ or / is hidden whole.
    let rest = match rest.rsplit_once('@') {
        Some((user, rest)) => {
            let name = user.split_once(':').map_or(user, |(name, _)| name);
            text.push_str(name);
            text.push_str(if name == user { "@" } else { ":***@" });
            rest
        }
        None => rest,
    };
    let Some((path, query)) = rest.split_once('?') else {
        return text + rest;
    };
    let hide = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(hide).collect();
    format!("{text}{path}?{}", query.join("&"))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["pass", "pwd", "token", "secret", "key", "auth", "sig"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden() {
        let check = |url: &str, expected: &str| assert_eq!(masked(url), expected);
        check(
            "postgres://ann:s3cret@db:5432/etl",
            "postgres://ann:***@db:5432/etl",
        );
        check("postgres://ann:p@ss/w@db/etl", "postgres://ann:***@db/etl");
        check(
            "postgres://ann@db/etl?sslmode=require&password=x",
            "postgres://ann@db/etl?sslmode=require&password=***",
        );
        check("https://db/health?token=abc", "https://db/health?token=***");
        check("ann:s3cret@db", "ann:***@db");
    }

    #[test]
    fn targets() {
        let check = |text: &str, expected: &str| match text.parse::<Target>() {
            Ok(target) => assert_eq!(target.to_string(), expected, "{text}"),
            Err(error) => assert_eq!(error, expected, "{text}"),
        };
        check("kafka://one,two:9093", "kafka://one:9092,two:9093");
        check("tcp://[::1]:80", "tcp://[::1]:80");
        check(
            "tcp://localhost",
            "`localhost` needs a host and a port, like localhost:9092",
        );
        check("file:///tmp/x", "file:/tmp/x");
        check("file:relative", "file:relative");
        check("file:", "file:: the path is missing");
        let schemes = "write postgres://, kafka://, http://, https://, tcp:// or file: in front";
        check("localhost", &format!("localhost: {schemes}"));
        check("ftp://x", &format!("ftp://x: {schemes}"));
    }
}
