//! The environment of the container of Grafana, as `.env.example` and `compose.yaml` make it: its variables and its folders.

use super::tree::{list, texts};
use super::{Notes, yaml};
use crate::dashboards::files::read;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Finds variables that are not set, at all places where Grafana puts them in.
pub fn unset(value: &Value, environment: Option<&Environment>, notes: &mut Notes<'_>) {
    let mut all = Vec::new();
    texts(value, "$", &mut |path, text| {
        if text.contains('$') {
            all.push((path.to_owned(), text.to_owned()));
        }
    });
    for (path, text) in all {
        // Queries are left as they are; in the annotations of a rule `$labels` is, and `${labels}` is not.
        if path.contains(".data[") && path.contains(".model") {
            continue;
        }
        let in_annotation = path.contains(".rules[") && path.contains(".annotations");
        for name in variables_in(&text) {
            if in_annotation && !name.braced {
                continue;
            }
            let name = name.name;
            // Without a list of what is set, only what looks like no variable at all is known to be none.
            let is_set = match environment {
                Some(environment) => environment.names.contains(&name),
                None => !name.is_empty() && !name.contains(|c: char| c.is_lowercase()),
            };
            if is_set {
                continue;
            }
            let looked =
                environment.map_or_else(String::new, |environment| environment.shown.clone());
            notes.add(
                "unset_variable",
                path.as_str(),
                [
                    format!("the variable `{name}` is set nowhere{}: Grafana would put nothing in its place", in_files(&looked, " (")),
                    format!(
                        "la variable `{name}` n’est définie nulle part{}\u{a0}: Grafana ne mettrait rien à sa place",
                        in_files(&looked, " (")
                    ),
                ],
                [
                    format!("set it in .env.example, or write $${name} where a dollar sign is meant"),
                    format!("définissez-la dans .env.example, ou écrivez $${name} si c’est un signe dollar"),
                ],
            );
        }
    }
}

fn in_files(looked: &str, before: &str) -> String {
    if looked.is_empty() {
        String::new()
    } else {
        format!("{before}{looked})")
    }
}

/// What Grafana would take out of its environment.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    name: String,
    braced: bool,
}

/// Variables of a text as Grafana expands them: `$$` is a dollar sign; `$__env{NAME}` names one, `$__file{PATH}` none.
pub fn variables_in(text: &str) -> Vec<Named> {
    static PROVIDER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$__(\w+)\{([^}]*)\}").expect("the pattern is written here"));
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$(?:\{([^}]*)\}|([A-Za-z0-9_]+))").expect("the pattern is written here")
    });
    let mut found = Vec::new();
    for part in text.split("$$") {
        for provider in PROVIDER.captures_iter(part) {
            if &provider[1] == "env" {
                found.push(Named {
                    name: provider[2].trim().to_owned(),
                    braced: true,
                });
            }
        }
        let rest = PROVIDER.replace_all(part, "");
        for plain in PLAIN.captures_iter(&rest) {
            let braced = plain.get(1);
            let name = braced.or(plain.get(2)).map_or("", |name| name.as_str());
            found.push(Named {
                name: name.to_owned(),
                braced: braced.is_some(),
            });
        }
    }
    found
}

/// Which variables the container of Grafana will have.
pub struct Environment {
    names: BTreeSet<String>,
    /// Where they were looked for.
    shown: String,
    /// Folders that the container gets from this machine; `None` where nobody says.
    mounts: Option<Vec<String>>,
}

impl Environment {
    /// Whether the container has this folder from elsewhere, as far as anybody can tell.
    pub fn may_have(&self, folder: &str) -> bool {
        let inside = |mount: &String| Path::new(folder).starts_with(mount);
        self.mounts
            .as_ref()
            .is_none_or(|mounts| mounts.iter().any(inside))
    }
}

/// From `.env.example` and `compose.yaml` in the folder or above it; `None` where there is neither.
pub fn of(folder: &Path) -> anyhow::Result<Option<Environment>> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let place = absolute
        .ancestors()
        .find(|folder| folder.join(".env.example").is_file());
    let Some(place) = place else {
        return Ok(None);
    };
    let example: PathBuf = place.join(".env.example");
    let mut names: BTreeSet<String> = read(&example)?.lines().filter_map(set_in_line).collect();
    let mut shown = ".env.example".to_owned();
    let mut mounts = None;
    let compose = place.join("compose.yaml");
    if compose.is_file() {
        // What is wrong with it is the business of whoever runs it.
        let read = yaml::read(&read(&compose)?).unwrap_or_default();
        match read.pointer("/services/grafana/environment") {
            Some(Value::Object(map)) => names.extend(map.keys().cloned()),
            Some(Value::Array(list)) => {
                let lines = list.iter().filter_map(Value::as_str);
                names.extend(lines.map(|line| line.split('=').next().unwrap_or(line).to_owned()));
            }
            _ => {}
        }
        mounts = read.pointer("/services/grafana").map(mounts_of);
        shown.push_str(", compose.yaml");
    }
    Ok(Some(Environment {
        names,
        shown,
        mounts,
    }))
}

/// Where a service of compose finds what is not in its image: `source:target:options`, or an object with a `target`.
fn mounts_of(service: &Value) -> Vec<String> {
    let volumes = list(service, "volumes").iter();
    let target = |volume: &Value| match volume {
        Value::String(text) => text
            .split(':')
            .skip(1)
            .find(|part| part.starts_with('/'))
            .map(str::to_owned),
        other => other
            .get("target")
            .and_then(Value::as_str)
            .map(str::to_owned),
    };
    volumes.filter_map(target).collect()
}

/// `NAME=value`; what stands in a comment is not set.
fn set_in_line(line: &str) -> Option<String> {
    let line = line.trim_start();
    let (name, _) = line
        .strip_prefix("export ")
        .unwrap_or(line)
        .split_once('=')?;
    let name = name.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_seen_as_grafana_expands_them() {
        let check = |text: &str, wanted: &[&str]| {
            let found = variables_in(text).into_iter();
            let found: Vec<String> = found.map(|named| named.name).collect();
            assert_eq!(found, wanted, "{text}");
        };
        check(
            "$A ${B}:5432 $__env{C} $__file{/run/secrets/d}",
            &["C", "A", "B"],
        );
        check("{{ $$labels.job }} $$$E 5 $ %", &["E"]);
        check("{{ $labels.job }}", &["labels"]);
    }

    #[test]
    fn folders_of_a_container_are_those_it_is_given() {
        let service = serde_json::json!({ "volumes": [
            "data:/var/lib/grafana", "./conf/dashboards:/etc/grafana/dashboards:ro", "/srv/x:/srv/y",
            { "type": "bind", "source": "./a", "target": "/etc/a" }, "/anonymous"
        ] });
        let wanted = [
            "/var/lib/grafana",
            "/etc/grafana/dashboards",
            "/srv/y",
            "/etc/a",
        ];
        assert_eq!(mounts_of(&service), wanted);
    }

    #[test]
    fn an_example_sets_what_it_does_not_comment_out() {
        assert_eq!(set_in_line("export A_1=x"), Some("A_1".to_owned()));
        assert_eq!(set_in_line("B="), Some("B".to_owned()));
        assert_eq!(set_in_line("# C=x"), None);
        assert_eq!(set_in_line("words = of a person"), Some("words".to_owned()));
    }
}
