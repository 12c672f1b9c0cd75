//! Walks the registry and the fixtures: every dialect, every fixture.

use std::fs::File;

use smartetl_formats::container::{Overrides, Sample, sample_parquet};
use smartetl_formats::dialect::{Confidence, Settings};
use smartetl_formats::registry::{DIALECTS, by_name};
use smartetl_formats::{FormatError, Plan};

use crate::support::{fixtures, paris, plan_of, read_all, read_file, temporary};

/// The folders of fixtures and the dialect that must claim each file in them.
const FOLDERS: &[(&str, &str)] = &[
    ("talend", "talend"),
    ("openlineage", "openlineage"),
    ("airflow", "generic"),
];

/// What stands in a folder of the fixtures, sorted.
fn files(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(fixtures().join(folder))
        .expect("the folder of fixtures exists")
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn every_folder_of_fixtures_is_walked() {
    let mut known: Vec<&str> = FOLDERS.iter().map(|(folder, _)| *folder).collect();
    known.sort_unstable();
    assert_eq!(files(""), known);
}

#[test]
fn every_dialect_has_a_good_and_a_damaged_fixture() {
    for dialect in DIALECTS {
        let own: Vec<String> = FOLDERS
            .iter()
            .filter(|(_, name)| *name == dialect.name())
            .flat_map(|(folder, _)| files(folder))
            .collect();
        assert!(
            own.iter().any(|file| file.starts_with("damaged_")),
            "{} has no damaged fixture",
            dialect.name()
        );
        assert!(
            own.iter().any(|file| !file.starts_with("damaged_")),
            "{} has no good fixture",
            dialect.name()
        );
        assert!(!dialect.columns().is_empty() && !dialect.description().is_empty());
        assert_eq!(
            by_name(dialect.name())
                .expect("it is found by its name")
                .name(),
            dialect.name()
        );
    }
}

#[test]
fn sniffing_picks_exactly_the_own_dialect() {
    let settings = paris();
    for (folder, expected) in FOLDERS {
        for name in files(folder) {
            let bytes = std::fs::read(fixtures().join(folder).join(&name)).expect("a fixture");
            let plan = plan_of(&bytes, &settings)
                .unwrap_or_else(|error| panic!("{folder}/{name}: {error}"));
            assert_eq!(plan.dialect.dialect, *expected, "{folder}/{name}");
            let sample = sample_of(&bytes, &plan);
            for dialect in DIALECTS
                .iter()
                .filter(|dialect| dialect.name() != *expected)
            {
                let claims = dialect.sniff(&sample, &settings);
                assert!(
                    claims
                        .iter()
                        .all(|claim| claim.confidence < Confidence::ENOUGH),
                    "{folder}/{name} is claimed by {}",
                    dialect.name()
                );
            }
        }
    }
}

fn sample_of(bytes: &[u8], plan: &Plan) -> Sample {
    match &plan.shape {
        smartetl_formats::container::Shape::Csv(csv) => Sample::of_text(bytes, true, csv),
        smartetl_formats::container::Shape::Jsonl(lines) => {
            Sample::of_json_lines(bytes, true, lines)
        }
        smartetl_formats::container::Shape::Json(document) => {
            Sample::of_document(bytes, true, document)
        }
        smartetl_formats::container::Shape::Parquet => {
            sample_parquet(crate::support::temporary(bytes)).expect("a good Parquet file")
        }
    }
}

#[test]
fn every_fixture_gives_its_rows_and_loses_nothing() {
    for (folder, _) in FOLDERS {
        for name in files(folder) {
            let path = fixtures().join(folder).join(&name);
            let file = File::open(&path).expect("a fixture");
            let settings = Settings {
                path: path.display().to_string(),
                ..paris()
            };
            let (plan, reading) =
                read_file(&file, &settings).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(reading.error, None, "{name}");
            assert_eq!(
                i64::from(reading.records()),
                reading.end.record,
                "{name}: every record is counted once"
            );
            assert_eq!(reading.rejected, reading.rows.rejects, "{name}");
            let bytes = std::fs::read(&path).expect("a fixture");
            assert!(
                bytes.starts_with(&reading.raw),
                "{name}: the raw bytes are the content"
            );
            assert_eq!(reading.raw.len() as u64, reading.end.byte, "{name}");
            assert_eq!(name.starts_with("damaged_"), reading.rejected > 0, "{name}");
            let counts = format!(
                "records={} with rows={} rejects={} silent={} end={:?}",
                reading.records(),
                reading.with_rows,
                reading.rejected,
                reading.silent,
                reading.end
            );
            let text = format!(
                "{}\n{counts}\n{}\n",
                plan.describe(),
                reading.rows.lines.join("\n")
            );
            insta::assert_snapshot!(format!("{folder}_{}", name.replace('.', "_")), text);
            let stored = serde_json::to_string(&plan).expect("a plan can be stored");
            assert_eq!(
                serde_json::from_str::<Plan>(&stored).expect("and read back"),
                plan
            );
        }
    }
}

#[track_caller]
fn check_error(bytes: &[u8], settings: &Settings, expected: &str) {
    match plan_of(bytes, settings) {
        Ok(plan) => panic!("read as {}", plan.describe()),
        Err(error) => assert_eq!(error.to_string(), expected),
    }
}

#[test]
fn what_no_dialect_takes_is_told_with_what_to_do() {
    let settings = paris();
    check_error(b"", &settings, "the source is empty");
    check_error(b"\xEF\xBB\xBF\r\n \n", &settings, "the source is empty");
    check_error(
        b"a;b\n1;2\n",
        &settings,
        "no dialect and no mapping knows these columns: a, b; none of them holds times\n\
         hint: `smartetl map FILE -o mapping.toml` with this path proposes a mapping, and `load --mapping mapping.toml` reads with it; \
         or say which tool wrote it with --dialect",
    );
    check_error(
        b"1;2\n3;4\n",
        &settings,
        "this is text, but no table with named columns or with times\n\
         hint: if it is a table all the same, say how it is written with --delimiter and --dialect",
    );
    check_error(
        b"1;2026-01-31 06:05:04\n3;2026-01-31 06:05:05\n",
        &settings,
        "no dialect and no mapping knows these columns: 2 columns without header\n\
         hint: where the first record names the columns, give --header true; else `smartetl map FILE -o mapping.toml` with this path proposes a mapping, and `load --mapping mapping.toml` reads with it; \
         or say which tool wrote it with --dialect",
    );
    check_error(
        b"\x00\x01\x02\x03\x04\x05",
        &settings,
        "this is no text and no Parquet file: more than one byte in twenty is a control character",
    );
    check_error(
        b"PK\x03\x04rest",
        &settings,
        "this is no text and no Parquet file: it is a zip archive (or a spreadsheet)\nhint: unpack it, or export the sheet as CSV",
    );
    check_error(
        b"a;b\n1;2\n",
        &Settings {
            dialect: Some("talent".to_owned()),
            ..paris()
        },
        "unknown dialect `talent`\nhint: --dialect is one of talend, openlineage, generic",
    );
    check_error(
        b"moment;father_pid;message_type\n2026-01-01 00:00:00;a;begin\n",
        &Settings {
            dialect: Some("talend".to_owned()),
            ..paris()
        },
        "the column `pid` is missing (dialect talend); the source has: moment, father_pid, message_type\n\
         hint: export the table with all of its columns",
    );
}

/// Two exports that were joined by hand: whichever of the two columns were read, it might be the wrong one.
#[test]
fn a_column_that_is_there_twice_is_refused_by_name() {
    let text = "moment;pid;job;message_type;pid\n2026-01-05 02:00:00;a;ventes;begin;zzz\n";
    for header in [None, Some(true)] {
        let settings = Settings {
            overrides: Overrides {
                header,
                ..Overrides::default()
            },
            ..paris()
        };
        let file = temporary(text.as_bytes());
        for told in [
            Plan::examine(&file, &settings).map(|_| ()),
            Plan::sample(&file, &settings).map(|_| ()),
        ] {
            assert_eq!(
                told.expect_err("two columns of one name").to_string(),
                "the column `pid` is there twice, and nothing says which one is meant\n\
                 hint: call one of them otherwise, or leave it out of the export"
            );
        }
    }
    // A table that nobody knows is told as such, and a key of JSON that comes twice counts as it did.
    let unknown = "quand;quoi;quoi;où\n2026-01-05 02:00:00;a;b;c\n";
    assert!(matches!(
        Plan::examine(&temporary(unknown.as_bytes()), &paris()),
        Err(FormatError::NoDialect { columns, .. }) if columns == "quand, quoi, quoi, où"
    ));
    let json = r#"{"moment": "2026-01-05 02:00:00", "pid": "a", "pid": "b", "job": "j", "message_type": "begin"}"#;
    let (_, reading) = read_all(json.as_bytes(), &paris());
    assert!(
        reading.rows.lines[0].contains("run=b"),
        "{:?}",
        reading.rows.lines
    );
}

#[test]
fn a_forced_wrong_delimiter_is_told() {
    let mut settings = Settings {
        dialect: Some("talend".to_owned()),
        ..paris()
    };
    settings.overrides.delimiter = Some(',');
    let error =
        plan_of(&crate::support::fixture("talend/stat.csv"), &settings).expect_err("one column");
    assert_eq!(
        error.to_string(),
        "split at ',' it has columns that no dialect knows\n\
         hint: leave out --delimiter: split at ';' it is recognised as talend"
    );
}

#[test]
fn what_no_delimiter_makes_known_is_told_as_it_is() {
    let mut settings = paris();
    settings.overrides.delimiter = Some(',');
    check_error(
        b"a;b\nx;y\nz;w\n",
        &settings,
        "this is text, but no table with named columns or with times\n\
         hint: if it is a table all the same, say how it is written with --delimiter and --dialect",
    );
}
