//! The web app is served by the program itself, under a policy that lets it ask nobody else; without it, the program says how it
//! is built.

use crate::running::Up;
use crate::service::{BROWSER, get, send, status, with_a_night};
use std::path::Path;

/// Whether this program was built with it.
fn is_built() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../web/dist/index.html")
        .exists()
}

/// The value of a header.
fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(of, _)| of.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn the_app_is_at_its_own_address() {
    with_a_night(&[], |up| {
        let moved = get(up, "/app", BROWSER);
        assert_eq!(
            (status(&moved), header(&moved, "location")),
            ("308", "/app/")
        );
        let missing = get(up, "/app/assets/nothing.js", BROWSER);
        assert_eq!(status(&missing), "404", "{missing}");
        let posted = send(up, b"POST /app/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assert_eq!(
            (status(&posted), header(&posted, "allow")),
            ("405", "GET, HEAD")
        );
        let foreign = get(up, "/app/", "Host: evil.example\r\n");
        assert_eq!(status(&foreign), "421", "{foreign}");
        if is_built() {
            it_is_served(up);
        } else {
            it_is_told_how_it_is_built(up);
        }
    });
}

fn it_is_served(up: &Up) {
    let index = get(up, "/app/", BROWSER);
    assert_eq!(status(&index), "200", "{index}");
    assert_eq!(header(&index, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&index, "cache-control"), "no-cache");
    let policy = header(&index, "content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    let page = body(&index);
    let scripts: Vec<&str> = page.split("<script").skip(1).collect();
    assert!(!scripts.is_empty(), "{page}");
    assert!(
        scripts
            .iter()
            .all(|script| script.contains(" src=\"/app/assets/") && script.contains("></script>")),
        "a script stands in the page: {page}"
    );
    // A page of the app is what the app makes of its address.
    let run = get(up, "/app/runs/3f2a?lang=fr", BROWSER);
    assert_eq!((status(&run), body(&run)), ("200", page));

    let tag = header(&index, "etag");
    let again = get(
        up,
        "/app/",
        &format!("{BROWSER}If-None-Match: \"other\", {tag}\r\n"),
    );
    assert_eq!((status(&again), body(&again)), ("304", ""));
    // A browser keeps the page with the headers of the last answer.
    assert_eq!(header(&again, "content-security-policy"), policy);

    let asset = scripts[0].split('"').find(|part| part.starts_with("/app/"));
    let asset = asset.expect("it names its file");
    let script = get(up, asset, BROWSER);
    assert_eq!(status(&script), "200", "{asset}");
    assert_eq!(
        header(&script, "content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(header(&script, "cache-control").contains("immutable"));
    let packed = get(up, asset, &format!("{BROWSER}Accept-Encoding: gzip\r\n"));
    assert_eq!(header(&packed, "content-encoding"), "gzip");
    assert_eq!(header(&packed, "vary"), "accept-encoding");
    let unpacked = get(
        up,
        asset,
        &format!("{BROWSER}Accept-Encoding: gzip;q=0\r\n"),
    );
    assert_eq!(header(&unpacked, "content-encoding"), "", "{asset}");
    assert_eq!(body(&unpacked), body(&script), "{asset}");
    // Not text any more: each byte that is none counts for one here.
    let (packed, script) = (packed.chars().count(), script.len());
    assert!(packed < script / 2, "{packed} of {script}");

    let start = get(up, "/?lang=fr&environment=PROD", BROWSER);
    assert!(
        start.contains("href=\"/app/?lang=fr&amp;environment=PROD\">Application web</a>"),
        "{start}"
    );
}

fn it_is_told_how_it_is_built(up: &Up) {
    for (lang, words) in [
        ("en", "was built without its web app"),
        ("fr", "a été construit sans son application web"),
    ] {
        let headers = format!("{BROWSER}Accept-Language: {lang}\r\n");
        let page = get(up, "/app/runs", &headers);
        assert_eq!(status(&page), "404", "{page}");
        assert!(
            page.contains(words) && page.contains("<code>make web</code>"),
            "{page}"
        );
        let start = get(up, "/", &headers);
        assert!(!start.contains("/app/"), "{start}");
    }
}
