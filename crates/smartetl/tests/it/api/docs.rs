//! The document of the API can be read in a browser, without anything from elsewhere.

use super::client::Api;
use smartetl::api::document;

#[test]
fn the_page_of_the_api_tells_all_of_it_and_fetches_nothing() {
    let api = Api::of_a_company();
    let [english, french] = ["en", "fr"].map(|lang| {
        let answer = api.raw("GET", &format!("/api/docs?lang={lang}"), &[], "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let page = answer.text();
        for fetched in [
            "<script", "<link", "<img", "<iframe", "@import", "url(", "http:", "https:",
        ] {
            assert!(!page.contains(fetched), "{fetched}");
        }
        page
    });
    let document = serde_json::to_value(document()).expect("it is JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        assert!(english.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in item.as_object().expect("operations").values() {
            let id = operation["operationId"].as_str().expect("a name");
            assert!(english.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    for name in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
        .keys()
    {
        assert!(english.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    // Each link within the page leads somewhere.
    for link in english.split("href=\"#").skip(1) {
        let target = link.split('"').next().expect("an end");
        assert!(english.contains(&format!("id=\"{target}\"")), "{target}");
    }
    assert!(french.contains("Paramètre") && french.contains("lang=\"fr\""));
    assert_eq!(
        api.raw("POST", "/api/docs", &[("smartetl-csrf", "1")], "")
            .status,
        405
    );
    api.up.stop();
}
