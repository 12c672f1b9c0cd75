//! Which names the service answers to. Whoever controls a name can let it mean this machine (DNS rebinding): a page of
//! theirs would then read ours through the browser of whoever opened it. Such a request still says the foreign name.

use axum::extract::Request;
use axum::http::{HeaderMap, Version, header};
use std::net::{IpAddr, Ipv6Addr};

/// Names and addresses by which the service may be asked for.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The address that it listens on.
    pub bind: IpAddr,
    /// Names that are configured.
    pub names: Vec<String>,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It names no host, or several.
    Unclear,
    /// It names one that is not ours.
    Foreign(String),
}

impl Hosts {
    /// # Errors
    /// When the request is not meant for this service.
    pub fn check(&self, request: &Request) -> Result<(), Refused> {
        let said: Vec<_> = request.headers().get_all(header::HOST).iter().collect();
        let target = request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str);
        let host = match said[..] {
            [one] => Some(one.to_str().map_err(|_| Refused::Unclear)?),
            // A browser always says it, and since HTTP/1.1 everybody must.
            [] if request.version() < Version::HTTP_11 => None,
            _ => return Err(Refused::Unclear),
        };
        for authority in host.into_iter().chain(target) {
            if !self.allows(authority) {
                return Err(Refused::Foreign(authority.to_owned()));
            }
        }
        Ok(())
    }

    /// Whether a request can only come from this machine: nothing else reaches the port, and it is not asked for as by
    /// a proxy.
    pub fn is_local(&self, headers: &HeaderMap) -> bool {
        self.bind.is_loopback() && is_asked_here(headers)
    }

    fn allows(&self, authority: &str) -> bool {
        let Some(host) = without_port(authority) else {
            return false;
        };
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let address = match bare {
            Some(inside) => inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => host.parse::<IpAddr>().ok().filter(IpAddr::is_ipv4),
        };
        match address {
            // An address is no name that could be made to mean something else.
            Some(address) => address.is_loopback() || !self.bind.is_loopback(),
            None => {
                let host = host.strip_suffix('.').unwrap_or(host);
                let ours = self.names.iter().map(String::as_str);
                ours.chain(["localhost"])
                    .any(|name| name.eq_ignore_ascii_case(host))
            }
        }
    }
}

/// Whether it is asked for by a name of this machine's own, and not as by a proxy.
pub fn is_asked_here(headers: &HeaderMap) -> bool {
    let said = headers.get(header::HOST);
    let host = said.and_then(|host| without_port(host.to_str().ok()?));
    let is_loopback = host.is_none_or(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<IpAddr>();
        host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|at| at.is_loopback())
    });
    let is_passed_on = ["forwarded", "via", "x-forwarded-for", "x-real-ip"]
        .into_iter()
        .any(|name| headers.contains_key(name));
    is_loopback && !is_passed_on
}

/// Whether a page of this service asks: what a browser says of where the request comes from fits the host that is asked. Other
/// programs say nothing of it.
pub fn is_own_page(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let site = said("sec-fetch-site");
    let origin = said("origin").map(|origin| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.and_then(without_port)
    });
    let host = said("host").and_then(without_port);
    let is_own = |origin: Option<&str>| {
        origin
            .zip(host)
            .is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host))
    };
    site.is_none_or(|site| ["same-origin", "none"].contains(&site)) && origin.is_none_or(is_own)
}

/// The host of `host:port`; `None` when what stands behind it is no port.
fn without_port(authority: &str) -> Option<&str> {
    let end = match authority.find(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end);
    let digits = port.strip_prefix(':').unwrap_or(port);
    (digits.len() == port.len().saturating_sub(1) && digits.bytes().all(|b| b.is_ascii_digit()))
        .then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_others_are_known() {
        let check = |headers: &[(&'static str, &'static str)], own: bool| {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    let value = axum::http::HeaderValue::from_static(value);
                    (axum::http::HeaderName::from_static(name), value)
                })
                .collect();
            assert_eq!(is_own_page(&headers), own, "{headers:?}");
        };
        let host = ("host", "localhost:8480");
        check(&[host], true);
        check(&[host, ("origin", "http://localhost:8480")], true);
        check(
            &[
                ("host", "etl.example.com"),
                ("origin", "https://etl.example.com"),
            ],
            true,
        );
        check(
            &[
                host,
                ("origin", "http://LOCALHOST:8480"),
                ("sec-fetch-site", "same-origin"),
            ],
            true,
        );
        check(&[host, ("sec-fetch-site", "none")], true);
        check(&[host, ("origin", "null")], false);
        check(&[host, ("origin", "")], false);
        check(&[host, ("origin", "http://evil.example")], false);
        check(
            &[host, ("origin", "http://localhost.evil.example:8480")],
            false,
        );
        check(&[host, ("origin", "http://localhost@evil.example")], false);
        // Another service of the same machine.
        check(
            &[
                host,
                ("origin", "http://localhost:3000"),
                ("sec-fetch-site", "same-site"),
            ],
            false,
        );
        check(&[host, ("sec-fetch-site", "cross-site")], false);
        check(&[("origin", "http://localhost:8480")], false);
    }

    #[test]
    fn foreign_names_are_refused() {
        let hosts = |bind: &str| Hosts {
            bind: bind.parse().expect("an address"),
            names: vec!["etl.example.com".to_owned()],
        };
        let check = |bind: &str, host: &str, allowed: bool| {
            assert_eq!(hosts(bind).allows(host), allowed, "{host} on {bind}");
        };
        for bind in ["127.0.0.1", "0.0.0.0"] {
            for ours in [
                "localhost",
                "LocalHost:8480",
                "localhost.:1",
                "127.0.0.1",
                "127.0.0.1:9",
                "[::1]",
                "[::1]:8480",
                "etl.example.com:80",
            ] {
                check(bind, ours, true);
            }
            for foreign in [
                "",
                "evil.example",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "etl.example.com.evil",
                "user@localhost",
                "localhost:80:80",
                "localhost:x",
                "[::1",
                "[::1]x",
                "::1",
                "[localhost]",
                "localhost, evil.example",
            ] {
                check(bind, foreign, false);
            }
        }
        check("127.0.0.1", "192.168.1.2:8480", false);
        check("0.0.0.0", "192.168.1.2:8480", true);
        check("::", "[fe80::1]:8480", true);
    }
}
