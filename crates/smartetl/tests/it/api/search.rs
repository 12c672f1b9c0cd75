//! Things are found by what people remember of them.

use super::client::Api;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// As it stands in an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        let _ = write!(encoded, "%{byte:02X}");
    }
    encoded
}

/// What is found of a kind.
fn hits(api: &Api, query: &str, kind: &str) -> Vec<Value> {
    let found = api.json(&format!("/search?{query}"));
    let groups = found["groups"].as_array().expect("groups");
    let group = groups.iter().find(|group| group["kind"] == kind);
    group.map_or_else(Vec::new, |group| {
        group["hits"].as_array().expect("hits").clone()
    })
}

/// The parts of a hit that matched.
fn marked(hit: &Value) -> Vec<&str> {
    let parts = hit["piece"].as_array().expect("a piece");
    let parts = parts.iter().filter(|part| part["matches"] == true);
    parts.filter_map(|part| part["text"].as_str()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn jobs_and_runs_are_found_by_parts_of_their_names() {
    let api = Api::of_a_company();
    let jobs = api.items("/jobs?environment=PROD");
    let job = text(&jobs[0]["job"]);
    for query in [
        job.to_owned(),
        job.to_uppercase(),
        job[..job.len() - 1].to_lowercase(),
        job[1..].to_owned(),
    ] {
        let found = hits(&api, &format!("q={}&limit=50", encoded(&query)), "job");
        let is_there = |hit: &&Value| hit["job"] == job && hit["environment"] == "PROD";
        let hit = found.iter().find(is_there);
        let hit = hit.unwrap_or_else(|| panic!("{query}: {found:?}"));
        assert!(!marked(hit).is_empty(), "{query}: {hit}");
    }
    assert_eq!(
        hits(&api, &format!("q={job}&environment=prod"), "job")[0]["job"],
        job
    );
    assert!(
        hits(&api, &format!("q={job}&limit=50&environment=REC"), "job")
            .iter()
            .all(|hit| hit["environment"] == "REC")
    );
    // Two letters change places: nothing holds the word, but something is like it.
    let word = job
        .split('_')
        .max_by_key(|word| word.len())
        .expect("a word");
    let mut letters: Vec<char> = word.chars().collect();
    let place = (1..letters.len() - 1).find(|place| letters[*place] != letters[place + 1]);
    let place = place.expect("two letters");
    letters.swap(place, place + 1);
    let typo: String = letters.into_iter().collect();
    assert_ne!(typo, word);
    let alike = api.json(&format!("/search?q={typo}"));
    assert_eq!(alike["alike"], true, "{typo}: {alike}");
    let found = alike["groups"].to_string();
    assert!(found.contains(word), "{typo}: {found}");

    let run = &api.items_once("/runs?status=failed&limit=1")[0];
    let (key, id) = (text(&run["run_key"]), text(&run["run_id"]));
    for query in [key, &key[..13], id, &id[..id.len() - 1]] {
        let found = hits(&api, &format!("q={}&limit=50", encoded(query)), "run");
        let hit = found.iter().find(|hit| hit["run_key"] == key);
        let hit = hit.unwrap_or_else(|| panic!("{query}: {found:?}"));
        assert_eq!(
            (&hit["job"], &hit["outcome"]),
            (&run["job"], &run["outcome"])
        );
    }
    // Of many there are more.
    let many = api.json("/search?q=j&limit=2");
    let group = &many["groups"][0];
    assert_eq!(
        (&group["kind"], &group["more"]),
        (&json!("job"), &json!(true)),
        "{many}"
    );
    assert_eq!(group["hits"].as_array().expect("hits").len(), 2);
    let none = api.json("/search?q=zzqxjkvw");
    assert_eq!(none, json!({"alike": false, "groups": []}));
    api.up.stop();
}

#[test]
fn issues_notes_and_sources_are_found_by_words() {
    let api = Api::of_a_company();
    let issues = api.items("/issues?all=true");
    let issue = &issues[0];
    let (id, title) = (text(&issue["issue"]), text(&issue["title"]));
    let words: Vec<&str> = title
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| word.len() > 4)
        .take(2)
        .collect();
    let query = words.join("+").to_uppercase();
    let found = hits(&api, &format!("q={query}&limit=50"), "issue");
    let hit = found.iter().find(|hit| hit["issue"] == id);
    let hit = hit.unwrap_or_else(|| panic!("{query}: {found:?}"));
    assert_eq!(
        (&hit["state"], &hit["family"]),
        (&issue["state"], &issue["family"])
    );
    assert!(!marked(hit).is_empty(), "{hit}");
    assert_eq!(
        hits(&api, &format!("q={}", &id[..13]), "issue")[0]["issue"],
        id
    );
    // Its category, in both languages.
    let connection = issues
        .iter()
        .find(|issue| issue["category"] == "connection");
    let connection = &connection.expect("the network failed once")["issue"];
    for query in ["connection", "connexion", "CONNEXI"] {
        let found = hits(&api, &format!("q={query}&limit=50"), "issue");
        assert!(
            found.iter().any(|hit| hit["issue"] == *connection),
            "{query}: {found:?}"
        );
    }

    let note = json!({"kind": "note", "text": "Le fournisseur a été <b>prévenu</b> ; les serveurs redémarrent"});
    let told = api.act("POST", &format!("/issues/{id}/acts"), &note.to_string());
    assert_eq!(told.status, 200, "{}", told.text());
    for (query, mark) in [
        ("prevenu", "prévenu"),
        ("FOURNISSEURS", "fournisseur"),
        ("red%C3%A9marrer+serveur", "serveur"),
        ("fourni", "fourni"),
    ] {
        let found = hits(&api, &format!("q={query}"), "note");
        assert_eq!(found.len(), 1, "{query}: {found:?}");
        assert_eq!(
            (&found[0]["issue"], &found[0]["title"]),
            (&json!(id), &json!(title))
        );
        let marks = marked(&found[0]);
        assert!(marks.contains(&mark), "{query}: {marks:?}");
    }
    let whole = hits(&api, "q=fournisseur", "note")[0]["piece"].to_string();
    assert!(
        whole.contains("<b>prévenu</b>"),
        "what was written stays text: {whole}"
    );
    assert!(
        hits(&api, "q=fournisseur+absent", "note").is_empty(),
        "all words are wanted"
    );

    let sources = api.items("/sources");
    let source = &sources[0];
    let name = text(&source["path"]).rsplit('/').next().expect("a name");
    let part = &name[1..name.len() - 1];
    let found = hits(
        &api,
        &format!("q={}&limit=50", encoded(&part.to_uppercase())),
        "source",
    );
    let hit = found.iter().find(|hit| hit["source"] == source["source"]);
    assert!(
        hit.is_some_and(|hit| hit["title"] == source["path"]),
        "{part}: {found:?}"
    );
    api.up.stop();
}

#[test]
fn what_is_no_question_is_told() {
    let api = Api::of_a_company();
    let long = format!("q={}", "x".repeat(201));
    for query in [
        "",
        "q=",
        "q=%20",
        "q=---",
        "q=%27%26",
        &long,
        "q=a&limit=0",
        "q=a&limit=51",
        "q=a&cursor=x",
    ] {
        let [english, french] = ["en", "fr"].map(|lang| {
            let answer = api.get(&format!("/search?{query}&lang={lang}"));
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
            answer.json()["detail"].to_string()
        });
        assert_ne!(english, french, "{query}");
    }
    // What steers a query of words does nothing here.
    for query in [
        "%27%3A*",
        "a%20%26%20!b",
        "%25",
        "x%7C",
        "%5C",
        "(((",
        "a%27%27b",
        "%00",
    ] {
        let answer = api.get(&format!("/search?q={query}"));
        assert!(
            [200, 400].contains(&answer.status),
            "{query}: {}",
            answer.text()
        );
    }
    api.up.stop();
}
