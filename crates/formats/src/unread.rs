//! Files of tools that smartETL knows and does not read yet: whoever gives one shall hear what it is.

use crate::container::Sample;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    DbtRunResults,
    DbtManifest,
    DbtArtifact,
    DbtLog,
    SparkEvents,
    AirflowTaskLog,
    Structlog,
    Log4j,
}

impl Tool {
    /// What it is called in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DbtRunResults => "a run_results.json of dbt",
            Self::DbtManifest => "a manifest.json of dbt",
            Self::DbtArtifact => "a file of dbt about its project",
            Self::DbtLog => "a log of dbt in JSON",
            Self::SparkEvents => "an event log of Apache Spark",
            Self::AirflowTaskLog => "a task log of Apache Airflow",
            Self::Structlog => "text of structlog, as Apache Airflow and Meltano write it",
            Self::Log4j => "text of log4j, or of a logger like it",
        }
    }

    /// What can be done meanwhile.
    pub fn advice(self) -> &'static str {
        match self {
            Self::AirflowTaskLog | Self::Structlog => {
                "the tables task_instance and dag_run of Airflow are read: export them as CSV, JSON lines or Parquet"
            }
            Self::SparkEvents | Self::DbtLog => {
                "leave it out, or describe some of its keys in a mapping: --mapping"
            }
            Self::DbtRunResults | Self::DbtManifest | Self::DbtArtifact | Self::Log4j => {
                "leave it out"
            }
        }
    }

    /// By the keys of JSON lines.
    pub(crate) fn of_lines(sample: &Sample) -> Option<Self> {
        let value = |name: &str| {
            let place = sample
                .columns
                .as_ref()?
                .iter()
                .position(|own| own == name)?;
            sample.values(place).next()
        };
        let begins =
            |name: &str, start: &str| value(name).is_some_and(|text| text.starts_with(start));
        if let Some(schema) = value("metadata.dbt_schema_version") {
            return Some(Self::of_dbt(schema));
        }
        if value("info.invocation_id").is_some() && value("info.code").is_some() {
            return Some(Self::DbtLog);
        }
        if begins("Event", "SparkListener") || begins("Event", "org.apache.spark") {
            return Some(Self::SparkEvents);
        }
        let structlog = ["timestamp", "level", "event"]
            .iter()
            .all(|name| value(name).is_some());
        (structlog && (begins("logger", "task") || begins("logger", "airflow")))
            .then_some(Self::AirflowTaskLog)
    }

    /// By the keys of a JSON document, which may be cut.
    pub(crate) fn of_document(text: &[u8]) -> Option<Self> {
        string_of(text, "dbt_schema_version").map(|schema| Self::of_dbt(&schema))
    }

    fn of_dbt(schema: &str) -> Self {
        if schema.contains("/run-results/") {
            Self::DbtRunResults
        } else if schema.contains("/manifest/") {
            Self::DbtManifest
        } else {
            Self::DbtArtifact
        }
    }

    /// By how the lines of a text begin: a third of them, because messages and stack traces go over several.
    pub(crate) fn of_text(text: &[u8]) -> Option<Self> {
        let lines: Vec<String> = text
            .split(|byte| *byte == b'\n')
            .map(|line| String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES)]).into_owned())
            .filter(|line| !line.trim().is_empty())
            .take(LINES)
            .collect();
        let many = |is: fn(&str) -> bool| {
            lines.iter().filter(|line| is(line)).count() * 3 >= lines.len().max(1)
        };
        if many(is_airflow) {
            Some(Self::AirflowTaskLog)
        } else if many(is_structlog) {
            Some(Self::Structlog)
        } else {
            many(is_log4j).then_some(Self::Log4j)
        }
    }
}

const LINES: usize = 200;
const LINE_BYTES: usize = 200;
const LEVELS: [&str; 8] = [
    "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "SEVERE",
];

/// The string that stands behind a key, wherever the key is.
fn string_of(text: &[u8], key: &str) -> Option<String> {
    let quoted = format!("\"{key}\"");
    let values = memchr::memmem::find_iter(text, quoted.as_bytes()).filter_map(|at| {
        let behind = text[at + quoted.len()..].trim_ascii_start();
        let value = behind.strip_prefix(b":")?.trim_ascii_start();
        let value = value.strip_prefix(b"\"")?;
        let end = memchr::memchr(b'"', value)?;
        Some(String::from_utf8_lossy(&value[..end]).into_owned())
    });
    values.into_iter().next()
}

/// `[2022-03-07, 12:19:32 IST] {base_job.py:230} ERROR - `
fn is_airflow(line: &str) -> bool {
    let behind = line
        .strip_prefix('[')
        .and_then(|line| line.split_once("] {"));
    behind.is_some_and(|(time, behind)| {
        begins_with_date(time)
            && behind
                .split('}')
                .next()
                .is_some_and(|at| at.contains(".py:"))
    })
}

/// `2026-11-23T19:36:32.223271Z [info     ] `
fn is_structlog(line: &str) -> bool {
    let behind = line.split_once(" [").and_then(|(time, behind)| {
        let level = behind.split_once(']')?.0;
        begins_with_date(time).then(|| level.trim_end().to_owned())
    });
    behind.is_some_and(|level| {
        let upper = level.to_uppercase();
        level != upper
            && LEVELS
                .iter()
                .chain(&["CRITICAL"])
                .any(|known| *known == upper)
    })
}

/// `2026-01-31 06:05:04,123 ERROR [main] …`, `[FATAL] 08:36:19 project.job…`: a date or a level in front, and a level that stands
/// alone.
fn is_log4j(line: &str) -> bool {
    let bare = line.trim_start_matches('[');
    let words = || bare.split([' ', '[', ']', ':']).take(12);
    let is_level = |word: &str| LEVELS.contains(&word);
    let first_is_level = words().next().is_some_and(is_level);
    let has_time = bare.split([' ', ']']).take(3).any(begins_with_time);
    words().any(is_level) && (begins_with_date(bare) || (first_is_level && has_time))
}

/// `2026-01-31`, `2026/01/31`
fn begins_with_date(text: &str) -> bool {
    begins_like(text, "0000-00-00") || begins_like(text, "0000/00/00")
}

/// `08:36:19`
fn begins_with_time(text: &str) -> bool {
    begins_like(text, "00:00:00")
}

/// Whether a text begins like a pattern, in which 0 is any digit.
fn begins_like(text: &str, pattern: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        _ => found == wanted,
    };
    text.len() >= pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<Tool>) {
        assert_eq!(Tool::of_text(line.as_bytes()), expected, "{line}");
    }

    #[test]
    fn text_is_known_by_how_its_lines_begin() {
        let airflow = Some(Tool::AirflowTaskLog);
        check(
            "[2022-03-07, 12:19:32 IST] {base_job.py:230} ERROR - no",
            airflow,
        );
        check(
            "[2016-02-05 10:34:29,046] {models.py:1130} ERROR - no",
            airflow,
        );
        check(
            "2026-11-23T19:36:32.223271Z [info     ] setup",
            Some(Tool::Structlog),
        );
        let log4j = Some(Tool::Log4j);
        check(
            "2026-01-31 06:05:04,123 ERROR [main] a.B - no\n\tat a.B.c\n\tat a.B.d",
            log4j,
        );
        check(
            "[2020-01-11 23:02:40,699] ERROR WorkerSinkTask{id=name-0} Task",
            log4j,
        );
        check(
            "[FATAL] 08:36:19 proj.job_0_1.Job- tDBInput_1 Access denied",
            log4j,
        );
        for other in [
            "",
            "ERROR is the first word of a novel",
            "[WARN] is no time",
            "2026-01-31;ERROR;job",
            "2026-01-31 06:05:04 nothing to tell",
            "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /INFO HTTP/1.0\" 200",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn a_key_counts_where_a_string_follows() {
        assert_eq!(string_of(b"{\"a\" :\n \"x\"}", "a").as_deref(), Some("x"));
        assert_eq!(
            string_of(b"{\"a\": {\"a\": \"y\"}}", "a").as_deref(),
            Some("y")
        );
        assert_eq!(string_of(b"{\"a\": {\"b\": \"y", "a"), None);
    }
}
