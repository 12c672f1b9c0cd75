//! `/api/docs`: the document of the API to read, made from it alone: nothing is fetched, and no script runs.

use super::super::{Problem, Service};
use super::Page;
use super::address::Choice;
use super::frame::Frame;
use crate::api;
use crate::night::Lang;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The methods of a path, in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub async fn docs(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<Response, Problem> {
    let lang = super::language(request.uri(), request.headers(), service.lang);
    let document = serde_json::to_value(api::document()).map_err(anyhow::Error::from)?;
    let page = Page::new(&service, lang, Choice::default());
    let title = lang.pick("The API", "L’API");
    let frame = Frame {
        status: StatusCode::OK,
        title,
        environments: &[],
        environment: None,
        again: false,
    };
    Ok(page.answer(&frame, &body(&document, title, lang)))
}

fn body(document: &Value, title: &str, lang: Lang) -> Markup {
    let schemas = object(&document["components"]["schemas"]);
    html! {
        main {
            h1 { (title) }
            p lang="en" { (text(&document["info"]["description"])) }
            p {
                (lang.pick("For programs", "Pour les programmes")) (lang.colon()) " "
                a href="/api/v1/openapi.json" { "/api/v1/openapi.json" }
            }
            @for (tag, operations) in by_tag(document) {
                h2 { (tag) }
                @for operation in operations { (operation.shown(lang)) }
            }
            h2 { (lang.pick("What is sent and answered", "Ce qui est envoyé et répondu")) }
            @for (name, schema) in schemas {
                details id=(anchor(name)) lang="en" {
                    summary { code { (name) } " " span.sub { (text(&schema["description"])) } }
                    (fields(schema))
                }
            }
        }
    }
}

/// An operation of a path.
struct Operation<'d> {
    method: &'static str,
    path: &'d str,
    told: &'d Value,
}

/// All operations by their first tag, in the order of their paths.
fn by_tag(document: &Value) -> BTreeMap<&str, Vec<Operation<'_>>> {
    let mut by_tag: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in object(&document["paths"]) {
        for method in METHODS {
            let told = &item[method];
            if told.is_object() {
                let tag = text(&told["tags"][0]);
                let operation = Operation { method, path, told };
                by_tag.entry(tag).or_default().push(operation);
            }
        }
    }
    by_tag
}

impl Operation<'_> {
    fn shown(&self, lang: Lang) -> Markup {
        let told = self.told;
        let sent = object(&told["requestBody"]["content"]);
        html! {
            details id=(text(&told["operationId"])) {
                summary {
                    b { (self.method.to_uppercase()) } " " code { (self.path) } " "
                    span.sub lang="en" { (text(&told["summary"])) }
                }
                @let description = text(&told["description"]);
                @if !description.is_empty() { p lang="en" { (description) } }
                p.sub { (lang.pick("Role", "Rôle")) (lang.colon()) " " (text(&told["x-role"])) }
                @if let Some(parameters) = told["parameters"].as_array() {
                    div.wide { table {
                        thead { tr {
                            th { (lang.pick("Parameter", "Paramètre")) }
                            th { (lang.pick("Kind", "Nature")) }
                            th { (lang.pick("Meaning", "Sens")) }
                        } }
                        @for parameter in parameters {
                            tr {
                                td.t { code { (text(&parameter["name"])) } @if parameter["required"] == true { " *" } }
                                td { (kind(&parameter["schema"])) }
                                td lang="en" { (text(&parameter["description"])) }
                            }
                        }
                    } }
                }
                @for (media, content) in sent {
                    p { (lang.pick("Sent", "Envoyé")) (lang.colon()) " " code { (media) } " " (kind(&content["schema"])) }
                }
                ul {
                    @for (status, answer) in object(&told["responses"]) {
                        li lang="en" {
                            b { (status) } " " (text(&answer["description"]))
                            @for (media, content) in object(&answer["content"]) {
                                " " code { (media) } " " (kind(&content["schema"]))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The fields of an object; else what it is.
fn fields(schema: &Value) -> Markup {
    let parts = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice);
    let own = object(&schema["properties"]);
    html! {
        @for part in parts { @if part["$ref"].is_string() { p { (kind(part)) } } @else { (fields(part)) } }
        @if own.is_empty() && parts.is_empty() { p { (kind(schema)) } }
        @if !own.is_empty() {
            div.wide { table { @for (name, field) in own {
                tr {
                    td.t { code { (name) } }
                    td { (kind(field)) }
                    td { (text(&field["description"])) }
                }
            } } }
        }
    }
}

/// What kind of value it is: its type, its words, or the object that it is.
fn kind(schema: &Value) -> Markup {
    if let Some(to) = schema["$ref"].as_str() {
        let name = to.rsplit('/').next().unwrap_or_default();
        return html! { a href=(format!("#{}", anchor(name))) { (name) } };
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[several].as_array() {
            return html! {
                @for (number, part) in parts.iter().enumerate() { @if number > 0 { " | " } (kind(part)) }
            };
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return html! { (words.join(" | ")) };
    }
    if schema["items"].is_object() {
        return html! { "[" (kind(&schema["items"])) "]" };
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => vec![text(one)],
    };
    let format = text(&schema["format"]);
    html! { (types.join(" | ")) @if !format.is_empty() { " (" (format) ")" } }
}

fn anchor(schema: &str) -> String {
    format!("schema-{schema}")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn object(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}
