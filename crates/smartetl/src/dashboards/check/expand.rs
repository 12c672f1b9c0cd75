//! Variables of dashboards in texts: which are named, and what Grafana puts in their place in a query.

use super::macros::{INTERVAL, INTERVAL_MS, Range};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name.field}`, `${name:format}`.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\$([A-Za-z0-9_]+)|\[\[([A-Za-z0-9_]+?)(?::([A-Za-z0-9_]+))?\]\]|\$\{([A-Za-z0-9_]+)(?:\.([^:^}]+))?(?::([^}]+))?\}",
    )
    .expect("the pattern is written here")
});

/// How a variable can be written into a text, besides the way of the data source.
const FORMATS: &[&str] = &[
    "raw",
    "csv",
    "sqlstring",
    "singlequote",
    "doublequote",
    "pipe",
    "regex",
    "glob",
    "json",
    "text",
    "queryparam",
    "customqueryparam",
    "percentencode",
    "uriencode",
    "lucene",
    "distributed",
    "html",
    "date",
    "join",
];

/// A variable that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    /// What follows the name after a dot.
    pub field: Option<String>,
    pub format: Option<String>,
    /// Whether a `(` follows: then it is a macro's affair.
    pub is_called: bool,
}

impl Reference {
    /// Of ours, or one that Grafana has by itself.
    pub fn is_of_grafana(&self) -> bool {
        self.name.starts_with("__")
    }

    pub fn has_unknown_format(&self) -> bool {
        let kind = self
            .format
            .as_deref()
            .and_then(|format| format.split(':').next());
        kind.is_some_and(|kind| !FORMATS.contains(&kind))
    }
}

/// All variables that a text names, in order.
pub fn references(text: &str) -> Vec<Reference> {
    let found = REFERENCE.captures_iter(text);
    found.map(|found| reference(&found, text)).collect()
}

fn reference(found: &Captures<'_>, text: &str) -> Reference {
    let part = |index: usize| found.get(index).map(|part| part.as_str().to_owned());
    let end = found.get(0).map_or(0, |whole| whole.end());
    Reference {
        name: part(1).or(part(2)).or(part(4)).unwrap_or_default(),
        field: part(5),
        format: part(3).or(part(6)),
        is_called: found.get(1).is_some() && text[end..].starts_with('('),
    }
}

/// What a variable is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    One(String),
    Many(Vec<String>),
    /// The text for "All" that its author wrote, put in as it is.
    Written(String),
}

/// A variable's value, and whether it could be several: then the data source quotes also one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub chosen: Chosen,
    pub is_list: bool,
}

/// The text with its variables replaced as in a query of the PostgreSQL data source. Unknown ones stay.
pub fn expand(sql: &str, settings: &BTreeMap<String, Setting>, range: &Range) -> String {
    let replaced = REFERENCE.replace_all(sql, |found: &Captures<'_>| {
        let reference = reference(found, sql);
        let format = reference.format.as_deref();
        let value = if reference.is_called {
            None
        } else {
            let own = settings.get(&reference.name);
            own.map(|setting| written(&reference.name, setting, format))
                .or_else(|| of_grafana(&reference.name, format, range))
        };
        value.unwrap_or_else(|| found[0].to_owned())
    });
    replaced.into_owned()
}

/// Variables that every dashboard has, as far as they mean something in a query.
pub fn of_grafana(name: &str, format: Option<&str>, range: &Range) -> Option<String> {
    let millis = range.to.as_millisecond() - range.from.as_millisecond();
    let moment = |moment: jiff::Timestamp| match format {
        None | Some("raw") => moment.as_millisecond().to_string(),
        Some("date:seconds") => moment.as_second().to_string(),
        Some(_) => moment.to_string(),
    };
    Some(match name {
        "__interval" => INTERVAL.to_owned(),
        "__interval_ms" => INTERVAL_MS.to_owned(),
        "__from" => moment(range.from),
        "__to" => moment(range.to),
        "__range" => format!("{}s", millis / 1000),
        "__range_s" => (millis / 1000).to_string(),
        "__range_ms" => millis.to_string(),
        "__timezone" => "UTC".to_owned(),
        "__org" | "__user" => "1".to_owned(),
        "__dashboard" => "dashboard".to_owned(),
        _ => return None,
    })
}

fn written(name: &str, setting: &Setting, format: Option<&str>) -> String {
    let values: Vec<&str> = match &setting.chosen {
        Chosen::Written(text) => return text.clone(),
        Chosen::One(value) => vec![value],
        Chosen::Many(values) => values.iter().map(String::as_str).collect(),
    };
    let is_one = matches!(setting.chosen, Chosen::One(_));
    let doubled = |value: &str| value.replace('\'', "''");
    let each = |write: &dyn Fn(&str) -> String, between: &str| {
        let written: Vec<String> = values.iter().map(|value| write(value)).collect();
        written.join(between)
    };
    let quoted = |value: &str| format!("'{}'", doubled(value));
    match format.and_then(|format| format.split(':').next()) {
        None if is_one && !setting.is_list => doubled(values[0]),
        None | Some("sqlstring") => each(&quoted, ","),
        Some("singlequote") => each(&|value| format!("'{}'", value.replace('\'', "\\'")), ","),
        Some("doublequote") => each(&|value| format!("\"{}\"", value.replace('"', "\\\"")), ","),
        Some("pipe") => values.join("|"),
        Some("regex") if is_one => regex::escape(values[0]),
        Some("regex") => format!("({})", each(&|value| regex::escape(value), "|")),
        Some("glob") if !is_one => format!("{{{}}}", values.join(",")),
        Some("text") => values.join(" + "),
        Some("json") if is_one => values[0].to_owned(),
        Some("json") => serde_json::Value::from(values).to_string(),
        Some("queryparam") => each(&|value| format!("var-{name}={value}"), "&"),
        Some(_) => values.join(","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, wanted: &str) {
        let one = |value: &str, is_list| Setting {
            chosen: Chosen::One(value.to_owned()),
            is_list,
        };
        let many = |values: [&str; 2]| Setting {
            chosen: Chosen::Many(values.map(str::to_owned).into()),
            is_list: true,
        };
        let settings = BTreeMap::from([
            ("day".to_owned(), one("l'été", false)),
            ("env".to_owned(), one("PROD", true)),
            ("job".to_owned(), many(["a", "b'c"])),
            (
                "all".to_owned(),
                Setting {
                    chosen: Chosen::Written("SELECT x".to_owned()),
                    is_list: true,
                },
            ),
        ]);
        let range = Range {
            from: "2026-01-01T00:00:00Z".parse().expect("a moment"),
            to: "2026-01-01T01:00:00Z".parse().expect("a moment"),
        };
        assert_eq!(expand(sql, &settings, &range), wanted, "{sql}");
    }

    #[test]
    fn variables_are_written_as_the_data_source_writes_them() {
        check(
            "'$day' ${day} [[day]] ${day:raw}",
            "'l''été' l''été l''été l'été",
        );
        check("IN ($env)", "IN ('PROD')");
        check(
            "IN ($job) ${job:csv} ${job:pipe} [[job:csv]]",
            "IN ('a','b''c') a,b'c a|b'c a,b'c",
        );
        check("${job:sqlstring} ${day:sqlstring}", "'a','b''c' 'l''été'");
        check(
            "${job:singlequote} ${job:regex} ${job:glob}",
            r"'a','b\'c' (a|b'c) {a,b'c}",
        );
        check("IN ($all)", "IN (SELECT x)");
        check(
            "$__from ${__to:date:seconds} $__range_s $__interval",
            "1767225600000 1767229200 3600 1m",
        );
    }

    #[test]
    fn what_is_no_variable_stays() {
        check(
            "$__timeFilter(day) $none ${none:csv} $ $$",
            "$__timeFilter(day) $none ${none:csv} $ $$",
        );
        check("$day(x)", "$day(x)");
    }

    #[test]
    fn references_say_what_they_name() {
        let found = references("$a ${b.text:csv} [[c]] $__timeFilter(t) ${d:odd}");
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "__timeFilter", "d"]);
        let odd: Vec<bool> = found.iter().map(Reference::has_unknown_format).collect();
        assert_eq!(odd, [false, false, false, false, true]);
        assert!(found[3].is_called);
    }
}
