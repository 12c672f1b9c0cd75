//! The service answers whoever may ask, says what to do to whoever asks wrongly, and outlives everything that is sent.

use crate::running::{RUNS, Up, stat, until};
use crate::samples::COLUMNS;
use crate::support::{World, own_database};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

pub const BROWSER: &str =
    "Host: localhost\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

/// A running `up` with one night of PROD.
pub fn with_a_night(arguments: &[&str], check: impl FnOnce(&Up)) {
    let database = own_database();
    let world = World::on(&database.url);
    let text = stat("02:00:00", "a1", "begin") + &stat("02:01:00", "a1", "success");
    world.file("data/stats.csv", &format!("{COLUMNS}{text}"));
    let up = Up::start(&world, arguments);
    until(&database, RUNS, "a1 success");
    check(&up);
    up.stop();
}

/// Sends these bytes and nothing more; all that comes back. A connection that is reset gives what came before.
pub fn send(up: &Up, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&up.address).expect("the service listens");
    // It may be closed before everything is sent.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let (mut answer, mut block) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut block) {
        answer.extend_from_slice(&block[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn get(up: &Up, target: &str, headers: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
    send(up, request.as_bytes())
}

pub fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

#[test]
fn only_our_names_are_answered() {
    with_a_night(&["--set", "http.hosts=etl.example.com"], |up| {
        let check = |headers: &str, expected: &str| {
            for target in ["/", "/livez", "/metrics", "/nothing"] {
                let answer = get(up, target, headers);
                let expected = match (expected, target) {
                    ("200", "/nothing") => "404",
                    (expected, _) => expected,
                };
                assert_eq!(status(&answer), expected, "{headers} {target}: {answer}");
            }
        };
        let port = up.address.rsplit(':').next().expect("a port");
        for ours in ["localhost", "127.0.0.1", "[::1]", "etl.example.com"] {
            check(&format!("Host: {ours}\r\n"), "200");
            check(&format!("Host: {ours}:{port}\r\n"), "200");
        }
        check("Host: evil.example\r\n", "421");
        check("Host: localhost.evil.example:8480\r\n", "421");
        check("Host: 192.168.0.1\r\n", "421");
        check("Host: localhost\r\nHost: evil.example\r\n", "400");
        check("Host: \u{e9}\r\n", "400");
        check("", "400");
        let absolute = get(up, "http://evil.example/", "Host: localhost\r\n");
        assert_eq!(status(&absolute), "421", "{absolute}");
        let old = send(up, b"GET /livez HTTP/1.0\r\n\r\n");
        assert_eq!(status(&old), "200", "{old}");

        let told = get(
            up,
            "/?lang=fr",
            "Host: evil.example\r\nAccept: text/html\r\n",
        );
        assert!(
            told.contains("smartETL ne répond pas au nom evil.example")
                && told.contains("http.hosts")
                && !told.contains("load_orders"),
            "{told}"
        );
    });
}

#[test]
fn what_cannot_be_answered_is_told() {
    with_a_night(&[], |up| {
        let check = |target: &str, expected: &str, english: &str, french: &str| {
            for (lang, words) in [("en", english), ("fr", french)] {
                let headers = format!("{BROWSER}Accept-Language: {lang}\r\n");
                let page = get(up, target, &headers);
                assert_eq!(status(&page), expected, "{target}: {page}");
                for part in [
                    words,
                    "content-type: text/html; charset=utf-8",
                    "<style nonce=",
                    &format!("<html lang=\"{lang}\">"),
                    &format!("href=\"/?lang={lang}\""),
                ] {
                    assert!(page.contains(part), "{target} lacks {part}: {page}");
                }
                assert!(!page.contains("http-equiv=\"refresh\""), "{page}");
                let headers = format!("Host: localhost\r\nAccept-Language: {lang}\r\n");
                let short = get(up, target, &headers);
                assert_eq!(status(&short), expected, "{target}: {short}");
                assert!(
                    short.contains("application/problem+json") && short.contains(words),
                    "{target}: {short}"
                );
            }
        };
        check(
            "/nothing",
            "404",
            "There is nothing at this address",
            "Il n’y a rien à cette adresse",
        );
        for day in [
            "tomorrow",
            "2026-02-30",
            "%FF",
            "%00",
            "2026",
            "%3Cscript%3E",
        ] {
            let target = format!("/?day={day}");
            check(&target, "400", "day=2026-11-23", "day=2026-11-23");
        }
        for day in ["1999-01-01", "-009999-01-01", "9999-12-31", "2026-01-04"] {
            let target = format!("/?day={day}");
            check(
                &target,
                "404",
                "job is known on",
                "Aucun job n’est connu le",
            );
        }
        check(
            "/?environment=MOON",
            "404",
            "Those that have nights: PROD",
            "Ceux qui ont des nuits\u{a0}: PROD",
        );
        check(
            "/?environment=%00%FF",
            "404",
            "Those that have nights: PROD",
            "Ceux qui ont des nuits\u{a0}: PROD",
        );
        check(
            "/?environment=PROD&day=2001-01-01",
            "404",
            "No PROD job is known on 2001-01-01",
            "Aucun job PROD n’est connu le 2001-01-01",
        );
        check(
            "/?lang=de",
            "400",
            "lang=en or lang=fr",
            "lang=en ou lang=fr",
        );
        check(
            "/?day=2026-01-05&day=2026-01-05",
            "400",
            "the same thing twice",
            "deux fois la même chose",
        );

        // A choice that is left empty is none.
        for target in [
            "/?day=&environment=&lang=",
            "/?unknown=1",
            "/?day=2026-01-05",
            "/?",
        ] {
            let page = get(up, target, BROWSER);
            assert_eq!(status(&page), "200", "{target}: {page}");
        }
    });
}

#[test]
fn nothing_that_is_sent_ends_it() {
    with_a_night(&[], |up| {
        let host = "Host: localhost\r\n";
        let long = "x".repeat(1 << 20);
        for (what, request, expected) in [
            (
                "a long query",
                format!("GET /?day={} HTTP/1.1\r\n{host}\r\n", &long[..20_000]),
                "400",
            ),
            (
                "a too long address",
                format!("GET /{} HTTP/1.1\r\n{host}\r\n", &long[..70_000]),
                "414",
            ),
            (
                "a huge header",
                format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n"),
                "431",
            ),
            (
                "many headers",
                format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: y\r\n".repeat(500)),
                "431",
            ),
            (
                "bad escapes",
                format!("GET /%zz%?environment=%&day=%a HTTP/1.1\r\n{host}\r\n"),
                "404",
            ),
            ("no HTTP", "hello\r\n\r\n".to_owned(), "400"),
            (
                "another version",
                format!("GET / HTTP/3.7\r\n{host}\r\n"),
                "400",
            ),
            (
                "a preface of HTTP/2",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
                "none",
            ),
            (
                "all options",
                format!("OPTIONS * HTTP/1.1\r\n{host}\r\n"),
                "405",
            ),
            (
                "a tunnel",
                "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n".to_owned(),
                "405",
            ),
            (
                "an unknown method",
                format!("BREW / HTTP/1.1\r\n{host}\r\n"),
                "405",
            ),
            (
                "a body too short",
                format!("GET /livez HTTP/1.1\r\n{host}Content-Length: 10\r\n\r\nx"),
                "200",
            ),
            (
                "a body of no length",
                format!("POST / HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n"),
                "400",
            ),
            (
                "bad chunks",
                format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
                "405",
            ),
            ("nothing", String::new(), "none"),
            ("half a head", "GET / HT".to_owned(), "none"),
        ] {
            let answer = send(up, request.as_bytes());
            assert_eq!(status(&answer), expected, "{what}: {answer}");
        }
        let bad = [
            b"GET /\xff\xfe?day=\xc3\x28 HTTP/1.1\r\n".as_slice(),
            host.as_bytes(),
            b"\r\n",
        ]
        .concat();
        assert!(["400", "404"].contains(&status(&send(up, &bad))));
        let accept = [b"GET /?lang= HTTP/1.1\r\nHost: localhost\r\nAccept: \xff\r\nAccept-Language: \xff\r\n\r\n".as_slice()].concat();
        assert_eq!(status(&send(up, &accept)), "200");

        let pipelined = format!("GET /livez HTTP/1.1\r\n{host}\r\n").repeat(3);
        let answers = send(up, pipelined.as_bytes());
        assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");

        for target in ["/", "/livez", "/readyz", "/metrics", "/nothing", "/?day=x"] {
            let head = send(
                up,
                format!("HEAD {target} HTTP/1.1\r\n{host}\r\n").as_bytes(),
            );
            let whole = send(
                up,
                format!("GET {target} HTTP/1.1\r\n{host}\r\n").as_bytes(),
            );
            assert_eq!(status(&head), status(&whole), "{target}: {head}");
            assert!(head.ends_with("\r\n\r\n"), "{target}: {head}");
        }
        assert_eq!(status(&get(up, "/livez", host)), "200");
    });
}
