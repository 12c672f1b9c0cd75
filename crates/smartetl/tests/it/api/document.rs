//! The document of the API is what the web app's client is made of.

use smartetl::api::document;

/// Written by `UPDATE_DOCS=1 cargo test … api::document`.
#[test]
fn the_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");
    let written = document().to_pretty_json().expect("it is JSON") + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().expect("a folder"))
            .expect("the folder can be made");
        std::fs::write(path, &written).expect("the file can be written");
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        known == written,
        "web/openapi.json is not current: run the tests of the API with UPDATE_DOCS=1"
    );
}

#[test]
fn every_question_has_a_name_of_its_own_and_says_how_it_fails() {
    let document = serde_json::to_value(document()).expect("it is JSON");
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    let mut names: Vec<&str> = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            names.push(operation["operationId"].as_str().expect("a name"));
            let all = ["400", "401", "403", "404", "405", "406", "421", "503"];
            let more: &[&str] = match method.as_str() {
                "get" => &["304"],
                "post" | "put" | "patch" | "delete" => &["412", "413", "415", "429"],
                other => panic!("{path}: {other}"),
            };
            for status in all.iter().chain(more) {
                assert!(
                    operation["responses"][status].is_object(),
                    "{method} {path} lacks {status}"
                );
            }
            let role = operation["x-role"].as_str();
            let known = ["none", "viewer", "operator", "admin"];
            assert!(role.is_some_and(|role| known.contains(&role)), "{path}");
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}
