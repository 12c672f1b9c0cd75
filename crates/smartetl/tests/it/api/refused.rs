//! Who asks wrongly is told so, by name and in either language; who may not ask gets nothing.

use super::client::{Answer, Api};
use super::schema::Document;
use crate::support::{World, own_database};

/// A problem as the document describes it.
#[track_caller]
fn check(answer: &Answer, status: u16, code: &str, parameter: Option<&str>) {
    let told = answer.text();
    assert_eq!(answer.status, status, "{told}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{told}"
    );
    let problem = answer.json();
    let document = Document::current();
    assert_eq!(
        document.check(document.problem(), &problem, "problem"),
        Ok(())
    );
    assert_eq!(problem["status"], status, "{told}");
    assert_eq!(problem["code"], code, "{told}");
    assert_eq!(problem["parameter"].as_str(), parameter, "{told}");
}

#[test]
fn what_is_asked_wrongly_is_told_by_its_name() {
    let api = Api::of_a_company();
    for (target, status, code, parameter) in [
        ("/runs?limit=0", 400, "usage", Some("limit")),
        ("/runs?limit=501", 400, "usage", Some("limit")),
        ("/runs?limit=many", 400, "usage", Some("limit")),
        ("/runs?cursor=x", 400, "usage", Some("cursor")),
        ("/runs?cursor=bnVsbA", 400, "usage", Some("cursor")),
        ("/runs?status=broken", 400, "usage", Some("status")),
        ("/runs?status=failed,", 400, "usage", Some("status")),
        ("/runs?category=weather", 400, "usage", Some("category")),
        ("/runs?from=yesterday", 400, "usage", Some("from")),
        ("/runs?day=2026-02-30", 400, "usage", Some("day")),
        (
            "/runs?day=2026-02-03&to=2026-02-03",
            400,
            "usage",
            Some("to"),
        ),
        ("/runs?all=perhaps", 400, "usage", Some("all")),
        ("/runs?job=a&job=b", 400, "usage", Some("job")),
        ("/runs?job=%00", 400, "usage", Some("job")),
        ("/runs?jobs=a", 400, "usage", Some("jobs")),
        ("/runs?lang=de", 400, "usage", Some("lang")),
        ("/runs?format=xlsx", 400, "usage", Some("format")),
        (
            "/runs?environment=MOON",
            404,
            "not_found",
            Some("environment"),
        ),
        ("/issues?state=sleeping", 400, "usage", Some("state")),
        ("/issues?blame=nobody", 400, "usage", Some("blame")),
        ("/nights/tomorrow", 400, "usage", Some("day")),
        ("/nights/1999-01-01", 404, "not_found", None),
        (
            "/nights/latest?environment=MOON",
            404,
            "not_found",
            Some("environment"),
        ),
        ("/heatmap?days=401", 400, "usage", Some("days")),
        ("/runs/ffffffffffff", 404, "not_found", None),
        ("/runs/no-key", 404, "not_found", None),
        ("/runs/%00", 404, "not_found", None),
        ("/runs/ffff/rows?around=noon", 400, "usage", Some("around")),
        ("/issues/ffffffff", 404, "not_found", None),
        ("/jobs/PROD/-/no_such_job", 404, "not_found", None),
        ("/batches/0/rejects", 404, "not_found", None),
        ("/batches/one/rejects", 404, "not_found", None),
        ("/batches?source=-1", 400, "usage", Some("source")),
        ("/explain", 400, "usage", Some("message")),
        ("/nothing", 404, "not_found", None),
        ("/nights/latest?format=csv", 406, "not_acceptable", None),
    ] {
        let [english, french] = ["en", "fr"].map(|lang| {
            let answer = api.ask("GET", target, &[("accept-language", lang)]);
            check(&answer, status, code, parameter);
            assert_eq!(answer.header("content-language"), Some(lang), "{target}");
            answer.json()["detail"].to_string()
        });
        assert_ne!(english, french, "{target}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = api.ask(method, "/runs", &[("content-length", "0")]);
        check(&answer, 405, "method_not_allowed", None);
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    check(
        &api.ask("GET", "/runs", &[("accept", "image/png")]),
        406,
        "not_acceptable",
        None,
    );
    check(
        &api.ask("GET", "/runs", &[("host", "evil.example")]),
        421,
        "foreign_host",
        None,
    );
    let head = api.ask("HEAD", "/runs", &[]);
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    api.up.stop();
}

#[test]
fn before_anything_is_stored_lists_are_empty() {
    let database = own_database();
    let world = World::on(&database.url);
    let api = Api::over(database, world, &[]);
    for list in [
        "/nights",
        "/runs",
        "/jobs",
        "/issues",
        "/runs?environment=PROD",
    ] {
        assert_eq!(api.json(list)["items"], serde_json::json!([]), "{list}");
    }
    let about = api.json("/about");
    assert_eq!(about["empty"], true, "{about}");
    assert_eq!(api.json("/heatmap")["jobs"], serde_json::json!([]));
    check(&api.get("/nights/latest"), 404, "not_found", None);
    api.up.stop();
}

#[test]
fn a_token_is_wanted_from_whoever_is_elsewhere() {
    let database = own_database();
    let world = World::on(&database.url).set("SMARTETL_HTTP_TOKEN", "secret-of-the-night");
    let here = Api::over(database, world, &["--set", "http.hosts=etl.example.com"]);
    let bearer = ("authorization", "Bearer secret-of-the-night");
    let proxy = ("x-forwarded-for", "192.0.2.7");
    let named = ("host", "etl.example.com");
    for (headers, status) in [
        (vec![], 200),
        (vec![proxy], 401),
        (vec![named], 401),
        (vec![proxy, bearer], 200),
        (vec![named, bearer], 200),
        (
            vec![named, ("authorization", "Bearer secret-of-the-day")],
            401,
        ),
        (
            vec![named, ("authorization", "Basic secret-of-the-night")],
            401,
        ),
        (vec![named, ("authorization", "Bearer")], 401),
    ] {
        for target in [
            "/about",
            "/runs?nonsense=1",
            "/openapi.json",
            "/events?nonsense=1",
        ] {
            let answer = here.ask("GET", target, &headers);
            let expected = match (status, target.contains("nonsense")) {
                (200, true) => 400,
                (status, _) => status,
            };
            assert_eq!(answer.status, expected, "{target} {headers:?}");
            assert!(!answer.text().contains("secret-of"), "{}", answer.text());
            if expected == 401 {
                check(&answer, 401, "unauthorized", None);
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            }
        }
    }
    here.up.stop();
}
