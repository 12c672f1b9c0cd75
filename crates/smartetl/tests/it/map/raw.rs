//! What a simulated company's catchers wrote, as values that can be written down in any other way.

use encoding_rs::Encoding;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A record by the names of its columns; what is missing is empty.
pub type Record = BTreeMap<String, String>;

/// Everything that `simulate --plain --format csv` writes.
pub struct Raw {
    pub stats: Vec<Record>,
    pub logs: Vec<Record>,
    pub meters: Vec<Record>,
}

impl Raw {
    pub fn read(folder: &Path) -> Self {
        let table = |name: &str| records(&folder.join(name));
        Self {
            stats: table("stats.csv"),
            logs: table("logs.csv"),
            meters: table("meters.csv"),
        }
    }
}

/// One run or step: the record of its begin, that of its end, and the texts of its own errors.
pub struct Execution<'r> {
    pub begin: &'r Record,
    pub end: Option<&'r Record>,
    pub errors: Vec<&'r Record>,
}

/// Begins and ends brought together; `steps`: also those of steps.
pub fn executions(raw: &Raw, steps: bool) -> Vec<Execution<'_>> {
    let mut all: Vec<Execution<'_>> = Vec::new();
    let mut open: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for record in &raw.stats {
        if !steps && !record["origin"].is_empty() {
            continue;
        }
        let key = (record["pid"].as_str(), record["origin"].as_str());
        if record["message_type"] == "begin" {
            open.insert(key, all.len());
            all.push(Execution {
                begin: record,
                end: None,
                errors: Vec::new(),
            });
        } else if let Some(at) = open.remove(&key) {
            all[at].end = Some(record);
        }
    }
    for execution in &mut all {
        if execution.begin["origin"].is_empty() {
            let own = raw.logs.iter();
            execution.errors = own
                .filter(|error| error["pid"] == execution.begin["pid"])
                .collect();
        }
    }
    all
}

/// The text that a run table would show for a failed run: its first error that is more than a failed child.
pub fn telling<'r>(errors: &[&'r Record]) -> Option<&'r str> {
    let is_wrapper = |error: &&&Record| error["message"].contains("Child job running failed");
    let is_error = |error: &&&Record| error["type"] != "tWarn";
    let telling = errors
        .iter()
        .filter(is_error)
        .find(|error| !is_wrapper(error));
    let any = || errors.iter().find(is_error);
    telling.or_else(any).map(|error| error["message"].as_str())
}

/// How Talend's priority and type are meant: fatal, error, warning.
pub fn severity(error: &Record) -> &'static str {
    match (error["type"].as_str(), error["priority"].as_str()) {
        ("tWarn", _) => "warning",
        (_, "6") => "fatal",
        ("Java Exception" | "tDie", _) | (_, "5") => "error",
        _ => "warning",
    }
}

/// A local time of Paris in another form.
pub fn local(moment: &str, form: &str) -> String {
    civil(moment).strftime(form).to_string()
}

/// The same moment in milliseconds since 1970.
pub fn epoch_ms(moment: &str) -> i64 {
    let paris = TimeZone::get("Europe/Paris").expect("it is known");
    let stamp = paris
        .to_ambiguous_timestamp(civil(moment))
        .compatible()
        .expect("a moment");
    stamp.as_millisecond()
}

/// The same moment in UTC, `2025-12-31T05:06:07Z`.
pub fn utc(moment: &str) -> String {
    let stamp = jiff::Timestamp::from_millisecond(epoch_ms(moment)).expect("a moment");
    stamp.to_string()
}

fn civil(moment: &str) -> DateTime {
    moment.parse().expect("the simulator writes local times")
}

/// `0:04:12`
pub fn clock(ms: &str) -> String {
    let Ok(ms) = ms.parse::<i64>() else {
        return String::new();
    };
    let seconds = ms / 1_000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        ms % 1_000
    )
}

/// Milliseconds in seconds, with this decimal sign.
pub fn seconds(ms: &str, sign: char) -> String {
    match ms.parse::<i64>() {
        Ok(ms) => format!("{}{sign}{:03}", ms / 1_000, ms % 1_000),
        Err(_) => String::new(),
    }
}

/// A table to be written.
pub struct Sheet {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    pub fn new(header: &[&'static str], rows: impl Iterator<Item = Vec<String>>) -> Self {
        let rows: Vec<Vec<String>> = rows.collect();
        assert!(!rows.is_empty());
        for row in &rows {
            assert_eq!(row.len(), header.len(), "{header:?} {row:?}");
        }
        Self {
            header: header.to_vec(),
            rows,
        }
    }

    /// The same, lacking these columns.
    pub fn without(mut self, columns: &[&str]) -> Self {
        let kept: Vec<usize> = (0..self.header.len())
            .filter(|at| !columns.contains(&self.header[*at]))
            .collect();
        self.header = kept.iter().map(|at| self.header[*at]).collect();
        for row in &mut self.rows {
            *row = kept.iter().map(|at| row[*at].clone()).collect();
        }
        self
    }

    /// As delimited text.
    pub fn csv(
        &self,
        path: &Path,
        delimiter: char,
        encoding: &'static Encoding,
        header: bool,
    ) -> PathBuf {
        let field = |text: &str| {
            let special = [delimiter, '"', '\n', '\r'];
            if text.contains(special) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let sign = delimiter.to_string();
        let names: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let mut text = String::new();
        for row in header.then_some(&names).into_iter().chain(&self.rows) {
            let fields: Vec<String> = row.iter().map(|value| field(value)).collect();
            text.push_str(&fields.join(&sign));
            text.push('\n');
        }
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, encoding.encode(&text).0).expect("a file");
        path.to_owned()
    }
}

impl Sheet {
    /// As JSON lines; a name with a point is a key within another one, and what is empty is left out.
    pub fn json_lines(&self, path: &Path) -> PathBuf {
        let mut text = String::new();
        for row in &self.rows {
            let mut object = serde_json::Map::new();
            for (name, value) in self.header.iter().zip(row) {
                if value.is_empty() {
                    continue;
                }
                let value = serde_json::Value::from(value.as_str());
                match name.split_once('.') {
                    None => object.insert((*name).to_owned(), value),
                    Some((outer, inner)) => object
                        .entry(outer)
                        .or_insert_with(|| serde_json::Map::new().into())
                        .as_object_mut()
                        .expect("it holds keys")
                        .insert(inner.to_owned(), value),
                };
            }
            text += &serde_json::Value::from(object).to_string();
            text.push('\n');
        }
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        path.to_owned()
    }
}

/// The records of a text of the simulator.
fn records(path: &Path) -> Vec<Record> {
    let text = std::fs::read_to_string(path).expect("the simulator wrote it");
    let mut rows = split(&text, ';').into_iter();
    let header = rows.next().expect("a header");
    rows.map(|row| header.iter().cloned().zip(row).collect())
        .collect()
}

/// Fields, quoted where needed.
pub fn split(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            sign if sign == delimiter && !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            sign => field.push(sign),
        }
    }
    rows
}
