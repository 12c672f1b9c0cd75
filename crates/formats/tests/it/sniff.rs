//! As what every file is taken: each fixture and sample as its own, and nothing else as a log.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, StringArray, TimestampMillisecondArray};
use parquet::basic::Compression;
use smartetl_formats::unread::Tool;
use smartetl_formats::{FormatError, Plan, Settings};

use crate::parquet::written;
use crate::support::{fixture, fixtures, paris, plan_of, temporary};

#[test]
fn every_fixture_is_taken_for_what_it_is() {
    let mut taken = String::new();
    for folder in ["airflow", "openlineage", "talend"] {
        let mut names: Vec<PathBuf> = std::fs::read_dir(fixtures().join(folder))
            .expect("a folder of fixtures")
            .map(|entry| entry.expect("it can be listed").path())
            .collect();
        names.sort();
        for path in names {
            let file = File::open(&path).expect("a fixture");
            let plan = Plan::examine(&file, &paris())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let sure = plan.confidence.expect("it was recognised").0;
            writeln!(
                taken,
                "{folder}/{name}: {} {} {sure} %",
                plan.dialect.dialect, plan.dialect.layout
            )
            .expect("writing to a String does not fail");
        }
    }
    insta::assert_snapshot!(taken);
}

/// What is expected of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// The layout that it is read as.
    Read(&'static str),
    NotYet(Tool),
    /// No log.
    Nothing,
}

use Expected::{NotYet, Nothing, Read};

/// The beginning of a path below the samples, and what all files there are; the first that fits counts.
const SAMPLES: &[(&str, Expected)] = &[
    ("SOURCES.md", Nothing),
    ("airflow3/dag_run.csv", Read("airflow_dag_run")),
    ("airflow3/task_instance.csv", Read("airflow_task_instance")),
    (
        "airflow3/task_instance_history.csv",
        Read("airflow_task_instance"),
    ),
    ("airflow3/import_error.csv", Nothing),
    ("airflow3/log.csv", Nothing),
    ("airflow3/logs/", NotYet(Tool::AirflowTaskLog)),
    ("airflow3/scheduler.log", NotYet(Tool::Structlog)),
    ("airflow3/smartetl_samples.py", Nothing),
    ("dbt/artifacts/manifest_", NotYet(Tool::DbtManifest)),
    ("dbt/artifacts/run_results_", NotYet(Tool::DbtRunResults)),
    ("dbt/artifacts/schema_", Nothing),
    ("dbt/jsonlogs/", NotYet(Tool::DbtLog)),
    ("loghub/", Nothing),
    ("openlineage/event_", Read("events")),
    ("openlineage/spec/", Nothing),
    ("spark/", NotYet(Tool::SparkEvents)),
];

#[test]
#[expect(clippy::print_stderr, reason = "says that the samples are missing")]
fn every_sample_is_taken_for_what_it_is() {
    let shared = std::env::var_os("SMARTETL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let samples = shared.join("samples");
    if !samples.is_dir() {
        eprintln!(
            "the samples are left out: {} is not there",
            samples.display()
        );
        return;
    }
    let mut wrong = Vec::new();
    let mut seen = vec![false; SAMPLES.len()];
    for path in files_below(&samples) {
        let name = path
            .strip_prefix(&samples)
            .expect("it is below")
            .to_string_lossy();
        let rule = SAMPLES
            .iter()
            .position(|(begin, _)| name.starts_with(begin));
        let Some(rule) = rule else {
            wrong.push(format!("{name} stands in no line of the table"));
            continue;
        };
        seen[rule] = true;
        let file = File::open(&path).expect("a sample");
        let found = match Plan::examine(&file, &paris()) {
            Ok(plan) => format!("read as {}", plan.dialect.layout),
            Err(FormatError::NotReadYet { tool }) => format!("{tool:?}"),
            Err(_) => "nothing".to_owned(),
        };
        let expected = match SAMPLES[rule].1 {
            Read(layout) => format!("read as {layout}"),
            NotYet(tool) => format!("{tool:?}"),
            Nothing => "nothing".to_owned(),
        };
        if found != expected {
            wrong.push(format!("{name}: {found}, and is {expected}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(
        seen.iter().all(|seen| *seen),
        "every line of the table is used: {seen:?}"
    );
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Bytes as a picture or a packed file has them.
fn noise(start: &[u8], length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let bytes = (0..length).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    });
    start.iter().copied().chain(bytes).collect()
}

/// So many lines, made from their number.
fn lines(count: u32, line: impl Fn(u32) -> String) -> Vec<u8> {
    (0..count)
        .map(|number| line(number) + "\n")
        .collect::<String>()
        .into_bytes()
}

fn with_header(header: &str, rows: Vec<u8>) -> Vec<u8> {
    [header.as_bytes(), b"\n", &rows].concat()
}

/// What may lie in a folder and is no log of jobs.
fn no_logs() -> Vec<(&'static str, Vec<u8>)> {
    let day = |number: u32| 1 + number % 28;
    let sales = |number: u32| {
        format!(
            "2026-03-{:02} 10:{:02}:00,T{number},Lyon,{},{}.90,paid",
            day(number),
            number % 60,
            number % 5,
            number * 7
        )
    };
    let sales_header = "date,ticket,shop,quantity,amount,status";
    let bank = lines(60, |number| {
        format!(
            "{:02}/03/2026;{:02}/03/2026;PRLV SEPA É.D.F. Réf {number};-{},5{};EUR;Débit",
            day(number),
            day(number),
            number * 3,
            number % 10
        )
    });
    let bank = String::from_utf8(with_header(
        "Date opération;Date valeur;Libellé;Montant;Devise;Statut",
        bank,
    ))
    .expect("text");
    let tickets: ArrayRef = Arc::new(
        (0..50)
            .map(|number| Some(format!("T{number}")))
            .collect::<StringArray>(),
    );
    let moments = (0..50).map(|number| Some(1_772_000_000_000 + number * 60_000));
    let moments: ArrayRef = Arc::new(moments.collect::<TimestampMillisecondArray>());
    let amounts: ArrayRef = Arc::new(
        (0..50)
            .map(|number| Some(f64::from(number) * 1.5))
            .collect::<Float64Array>(),
    );
    let parquet = written(
        vec![
            ("sold_at", moments),
            ("ticket", tickets),
            ("amount", amounts),
        ],
        1_000,
        Compression::SNAPPY,
    );
    vec![
        (
            "a novel",
            lines(200, |number| {
                let more = ["", ", he thought, and yet", ", or so it seemed; the job", ", at last,"][number as usize % 4];
                format!("The night was long{more} and nobody came to the door for the {number}th time.")
            }),
        ),
        ("a picture (PNG)", noise(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 40_000)),
        ("a photo (JPEG)", noise(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0", 40_000)),
        (
            "the access log of a web server",
            lines(200, |number| {
                format!(
                    "10.0.0.{} - - [{:02}/Mar/2026:13:55:36 +0100] \"GET /job/{number} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\"",
                    number % 250,
                    day(number),
                    number * 31
                )
            }),
        ),
        ("sales", with_header(sales_header, lines(200, sales))),
        ("sales without header", lines(200, sales)),
        ("a bank statement", encoding_rs::WINDOWS_1252.encode(&bank).0.into_owned()),
        (
            "contacts",
            with_header(
                "name;first name;phone;mail;job",
                lines(80, |number| format!("Martin{number};Anne;01020304{:02};a{number}@example.org;buyer", number % 100)),
            ),
        ),
        (
            "sensors",
            lines(300, |number| {
                format!("2026-03-{:02} 06:{:02}:00;S{};{};{}.5;{};3;ok;north;12;0;1", day(number), number % 60, number % 7, number, number % 40, number % 9)
            }),
        ),
        (
            "sensors as Talend's log is wide",
            // moment; an id; two numbers; …: twelve columns, a small number and a word where Talend has priority and type.
            lines(300, |number| {
                format!("2026-03-{:02} 06:{:02}:00;S{};{};{}.5;north;hall;a;3;dry;x;ok;1", day(number), number % 60, number % 7, number, number % 40)
            }),
        ),
        (
            "the log of git",
            lines(200, |number| match number % 5 {
                0 => format!("commit {number:040x}"),
                1 => "Author: Anne Martin <anne@example.org>".to_owned(),
                2 => format!("Date:   Tue Mar {} 10:00:00 2026 +0100", day(number)),
                3 => String::new(),
                _ => "    Loads are faster; errors, too, are told".to_owned(),
            }),
        ),
        (
            "a calendar",
            [
                b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec(),
                lines(60, |number| {
                    format!("BEGIN:VEVENT\r\nDTSTART:202603{:02}T100000Z\r\nSUMMARY:Meeting, room {number}; bring coffee\r\nEND:VEVENT\r", day(number))
                }),
            ]
            .concat(),
        ),
        (
            "a plan of holidays",
            with_header(
                "Nom,Début,Fin,Jours,Statut,Validé par",
                lines(40, |number| format!("Anne{number},{:02}/07/2026,{:02}/07/2026,5,accepté,Paul", day(number), day(number + 4))),
            ),
        ),
        ("sales as Parquet", parquet),
    ]
}

#[test]
fn what_is_no_log_is_taken_for_none() {
    for (what, bytes) in no_logs() {
        if let Ok(plan) = Plan::examine(&temporary(&bytes), &paris()) {
            panic!(
                "{what} is read as {} ({:?})",
                plan.describe(),
                plan.confidence
            );
        }
    }
}

/// Whether a person who points at a folder has to hear of a file, or it is passed over.
#[test]
fn only_tables_are_worth_a_word() {
    let passed_over: Vec<&str> = no_logs()
        .into_iter()
        .filter(|(_, bytes)| {
            Plan::examine(&temporary(bytes), &paris()).is_err_and(|error| error.is_no_log())
        })
        .map(|(what, _)| what)
        .collect();
    assert_eq!(
        passed_over,
        [
            "a novel",
            "a picture (PNG)",
            "a photo (JPEG)",
            "the access log of a web server",
            "the log of git",
            "a calendar",
        ]
    );
}

#[track_caller]
fn check_refused(text: &str, settings: &Settings, words: &[&str]) {
    let told = match plan_of(text.as_bytes(), settings) {
        Ok(plan) => panic!("read as {} ({:?})", plan.describe(), plan.confidence),
        Err(error) => error.to_string(),
    };
    for word in words {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn near_misses_are_refused_with_the_reason() {
    check_refused(
        "job;run;status\nload_orders;1;success\nload_orders;2;failed\n",
        &paris(),
        &[
            "knows these columns: job, run, status; none of them holds times",
            "smartetl map",
        ],
    );
    // All of Airflow's columns, and no times in them.
    let without_times = "dag_id,task_id,run_id,map_index,try_number,state,start_date,end_date,duration,hostname\n\
                         d,t,r,-1,1,success,yesterday,today,1,h\n";
    check_refused(without_times, &paris(), &["none of them holds times"]);
    let no_moment = String::from_utf8(fixture("talend/stat.csv"))
        .expect("text")
        .replacen("moment", "when_", 1);
    check_refused(
        &no_moment,
        &paris(),
        &["the column `moment` is missing (dialect talend)"],
    );
    // The same columns in an order of one's own, without header.
    let shuffled =
        "load_orders;2026-01-01 00:00:00;a1;begin\nload_orders;2026-01-01 00:00:20;a1;end\n";
    check_refused(shuffled, &paris(), &["4 columns without header"]);
}

#[test]
fn what_is_cut_or_damaged_keeps_its_dialect() {
    for name in [
        "talend/stat.csv",
        "talend/log.csv",
        "talend/stat_without_header.csv",
        "airflow/task_instance.csv",
        "airflow/task_instance.jsonl",
        "openlineage/night.jsonl",
    ] {
        let bytes = fixture(name);
        let whole = plan_of(&bytes, &paris()).expect("a good fixture");
        let line_ends = bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at);
        // From two whole lines on.
        for length in line_ends.skip(1).flat_map(|at| [at + 1, at + 9]) {
            let cut = &bytes[..length.min(bytes.len())];
            let plan = plan_of(cut, &paris())
                .unwrap_or_else(|error| panic!("{name} cut at {length}: {error}"));
            assert_eq!(
                plan.dialect.layout, whole.dialect.layout,
                "{name} cut at {length}"
            );
        }
    }
}
