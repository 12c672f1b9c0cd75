//! Plays Grafana's API for dashboards, from its documentation: search with pages, reading, saving with a version.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

pub const TOKEN: &str = "glsa_s3cret";

/// A dashboard as a Grafana keeps it.
#[derive(Clone)]
pub struct Kept {
    pub dashboard: Value,
    pub version: u64,
    /// The same in the format of dynamic dashboards: then the other one is given on demand only, and not at all where it is null.
    pub dynamic: Option<Value>,
}

#[derive(Default)]
pub struct State {
    pub kept: BTreeMap<String, Kept>,
    /// Bodies that were posted.
    pub posted: Vec<Value>,
    /// What saving is answered with instead.
    pub refusal: Option<(u16, Value)>,
    /// Who saves something just before anybody else does.
    pub is_hasty: bool,
    pub authorizations: Vec<String>,
}

pub struct Grafana {
    pub url: String,
    state: Arc<Mutex<State>>,
}

/// A request, as far as it matters.
struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    authorization: String,
    body: Value,
}

impl Grafana {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let for_answers = Arc::clone(&state);
        let url = serve(move |request| {
            let mut state = for_answers.lock().expect("no test fails in here");
            answer(&mut state, request)
        });
        Self { url, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test fails in here")
    }

    /// What somebody saves in the browser.
    pub fn save(&self, dashboard: Value) {
        let mut state = self.state();
        let uid = dashboard["uid"].as_str().expect("a uid").to_owned();
        let version = state.kept.get(&uid).map_or(0, |kept| kept.version);
        state.kept.insert(
            uid,
            Kept {
                dashboard,
                version: version + 1,
                dynamic: None,
            },
        );
    }
}

/// Answers each connection with a status, a kind of content and a text.
pub fn serve_text(status: u16, kind: &'static str, text: &'static str) -> String {
    serve(move |_| (status, kind.to_owned(), text.to_owned()))
}

fn serve(answer: impl Fn(&Request) -> (u16, String, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let talk = move |mut stream: TcpStream| {
        // A visitor that leaves early is none of the server's business.
        let Some(request) = read(&stream) else { return };
        let (status, kind, text) = answer(&request);
        let location = if status == 302 {
            "location: /login\r\n"
        } else {
            ""
        };
        let head = format!(
            "HTTP/1.1 {status} ok\r\ncontent-type: {kind}\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n",
            text.len()
        );
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(text.as_bytes()));
    };
    std::thread::spawn(move || listener.incoming().flatten().for_each(talk));
    format!("http://127.0.0.1:{port}")
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => authorization = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Request {
        method,
        path: path.to_owned(),
        query: pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        authorization,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

fn answer(state: &mut State, request: &Request) -> (u16, String, String) {
    state.authorizations.push(request.authorization.clone());
    let (status, value) = if request.authorization == format!("Bearer {TOKEN}")
        || request.authorization.starts_with("Basic ")
    {
        granted(state, request)
    } else {
        (401, json!({ "message": "Unauthorized" }))
    };
    (
        status,
        "application/json; charset=UTF-8".to_owned(),
        value.to_string(),
    )
}

fn granted(state: &mut State, request: &Request) -> (u16, Value) {
    let missing = (
        404,
        json!({ "message": "Dashboard not found", "status": "not-found" }),
    );
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/api/search") => (200, search(state, &request.query)),
        ("POST", "/api/dashboards/db") => post(state, &request.body),
        ("GET", path) => {
            let uid = path.strip_prefix("/api/dashboards/uid/").unwrap_or("");
            let Some(kept) = state.kept.get(uid) else {
                return missing;
            };
            let wants_classic = request
                .query
                .get("apiVersion")
                .is_some_and(|version| version == "v1");
            let mut dashboard = match &kept.dynamic {
                Some(dynamic) if !wants_classic || kept.dashboard.is_null() => dynamic.clone(),
                _ => kept.dashboard.clone(),
            };
            if dashboard.is_null() {
                return (
                    406,
                    json!({ "message": "dashboard api version not supported, use /apis/dashboard.grafana.app/v2 instead" }),
                );
            }
            dashboard["id"] = json!(77);
            dashboard["version"] = json!(kept.version);
            let meta = json!({ "type": "db", "slug": "x", "version": kept.version, "folderUid": "etl", "provisioned": false });
            (200, json!({ "meta": meta, "dashboard": dashboard }))
        }
        _ => missing,
    }
}

fn search(state: &State, query: &BTreeMap<String, String>) -> Value {
    assert_eq!(query.get("type").map(String::as_str), Some("dash-db"));
    let number = |key: &str| query[key].parse::<usize>().expect("a number");
    let (limit, page) = (number("limit"), number("page"));
    let has_tag = |kept: &&Kept| {
        let tags = kept.dashboard["tags"].as_array();
        query
            .get("tag")
            .is_none_or(|tag| tags.is_some_and(|tags| tags.iter().any(|has| has == tag.as_str())))
    };
    let found = state.kept.iter().filter(|(_, kept)| has_tag(kept));
    let hits = found.skip((page - 1) * limit).take(limit).map(|(uid, kept)| {
        json!({
            "id": 1, "uid": uid, "title": kept.dashboard["title"], "uri": "db/x", "url": format!("/d/{uid}/x"),
            "type": "dash-db", "tags": [], "isStarred": false, "folderUid": "etl",
        })
    });
    hits.collect()
}

fn post(state: &mut State, body: &Value) -> (u16, Value) {
    state.posted.push(body.clone());
    if let Some((status, said)) = &state.refusal {
        return (*status, said.clone());
    }
    let mut dashboard: Map<String, Value> =
        body["dashboard"].as_object().expect("a dashboard").clone();
    let uid = dashboard["uid"].as_str().expect("a uid").to_owned();
    let kept = state.kept.get(&uid);
    let version = kept.map_or(0, |kept| kept.version) + u64::from(state.is_hasty);
    let theirs = dashboard
        .get("version")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    if kept.is_some() && body["overwrite"] == false && theirs != version {
        let said = json!({ "status": "version-mismatch", "message": "The dashboard has been changed by someone else" });
        return (412, said);
    }
    dashboard.remove("version");
    let kept = Kept {
        dashboard: Value::Object(dashboard),
        version: version + 1,
        dynamic: None,
    };
    state.kept.insert(uid.clone(), kept);
    (
        200,
        json!({ "id": 77, "uid": uid, "url": format!("/d/{uid}/x"), "status": "success", "version": version + 1, "slug": "x" }),
    )
}
