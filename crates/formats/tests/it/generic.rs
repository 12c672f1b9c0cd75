//! The dialect `generic`: what a mapping can say, and how mistakes in one are told.

use smartetl_formats::dialect::generic::{Mapping, MappingSet, SHIPPED};
use smartetl_formats::{FormatError, Settings};

use crate::support::{fixture, paris, plan_of, read_all};

const TABLE: &str = "\
Traitement,Début,Fin,État,Erreur,Gravité,Durée,Lues,Serveur
ventes,05/11/2026 22:00:00,13/11/2026 23:00:00,OK,,,\"3 600,5\",1 204,
stocks,05/11/2026 22:00:00,05/11/2026 22:01:00,KO,Fichier absent,grave,60,0,srv2
prix,05/11/2026 22:00:00,,EN COURS,,,,,
vide,,,ATTENTE,,,,,
perdu,,,OK,,,,,
autre,05/11/2026 22:00:00,05/11/2026 22:01:00,BIZARRE,,,,,
";

const MAPPING: &str = r#"
name = "maison"
system = "maison"
path = "{environment}/{host}/"
nulls = ["-"]
silent = { column = "État", in = ["attente"] }

[run]
job = "Traitement"
run_id = { columns = ["Identifiant", "Traitement"] }
environment = { path = "environment" }
host = { column = "Serveur", default = "srv-par-défaut" }
project = { constant = "ENTREPOT" }

[[log]]
event = "begin"
moment = "Début"
when = { column = "Début", filled = true }

[[log]]
event = { constant = "fin" }
moment = "Fin"
when = [{ column = "Fin", filled = true }, { column = "État", not_in = ["en cours"] }]
status = "État"
duration = { column = "Durée", unit = "s" }
rows_in = "Lues"

[[error]]
moment = { columns = ["Fin", "Début"] }
when = { column = "Erreur", filled = true }
severity = "Gravité"
message = "Erreur"
message_width = 14
error_code = { constant = "7" }
code_scheme = { constant = "maison" }

[vocabulary.event]
fin = "end"

[vocabulary.status]
ok = "success"
ko = "failed"

[vocabulary.severity]
grave = "fatal"
"#;

fn with(mapping: &str, path: &str) -> Settings {
    let mappings =
        MappingSet::parse("maison.toml", mapping).unwrap_or_else(|error| panic!("{error}"));
    Settings {
        mappings: mappings.only(),
        path: path.to_owned(),
        ..paris()
    }
}

#[test]
fn one_record_gives_all_its_rows_or_a_reject() {
    let (plan, reading) = read_all(TABLE.as_bytes(), &with(MAPPING, "/data/PROD/srv1/jour.csv"));
    insta::assert_snapshot!(
        "mapping",
        format!("{}\n{}\n", plan.describe(), reading.rows.lines.join("\n"))
    );
    assert_eq!(
        (reading.with_rows, reading.rejected, reading.silent),
        (3, 2, 1)
    );
}

#[test]
fn flags_come_before_the_mapping() {
    let settings = Settings {
        environment: Some("REC".to_owned()),
        host: Some("drapeau".to_owned()),
        ..with(MAPPING, "/data/PROD/srv1/jour.csv")
    };
    let (_, reading) = read_all(TABLE.as_bytes(), &settings);
    let line = &reading.rows.lines[0];
    assert!(line.contains("environment=REC host=drapeau"), "{line}");
}

/// What logs hold that are kept in a spreadsheet: the day and the hour apart, durations with their units, a return code.
#[test]
fn day_and_hour_durations_as_text_and_return_codes() {
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = 'job'\nrun_id = 'run'\n\
         [[log]]\nevent = 'end'\nmoment = { join = ['day', 'hour'] }\nstatus = 'code'\n\
         duration = { column = 'took', unit = 'text' }\n[vocabulary.status]\n0 = 'success'\n\"*\" = 'failed'\n";
    let table = b"job,run,day,hour,took,code\nj,1,31/01/2026,07:05:04,00:04:12,0\nj,2,31/01/2026,07:05:04,4 min 12 s,137\n\
        j,3,31/01/2026,,1 s,0\nj,4,31/01/2026,07:05:04,soon,0\nj,5,31/01/2026,26:05:04,1 s,0\n";
    let (plan, reading) = read_all(table, &with(mapping, ""));
    assert!(
        plan.describe().contains("dd/MM/yyyy"),
        "{}",
        plan.describe()
    );
    assert_eq!(
        reading.rows.lines,
        [
            "2.0 log 2026-01-31T06:05:04Z end s j status=success duration_reported_ms=252000 run=1 root=1",
            "3.0 log 2026-01-31T06:05:04Z end s j status=failed duration_reported_ms=252000 run=2 root=2",
            "4 reject missing_value day + hour (the value is missing): \"j,3,31/01/2026,,1 s,0\"",
            "5 reject bad_number took (`soon` is no number): \"j,4,31/01/2026,07:05:04,soon,0\"",
            "6 reject bad_time day + hour (`31/01/2026 26:05:04` is no time of the form dd/MM/yyyy HH:mm:ss): \
             \"j,5,31/01/2026,26:05:04,1 s,0\"",
        ]
    );
}

/// One day and two hours: who ends before the begin ends on the next day, also where clocks change in between.
#[test]
fn an_end_that_is_not_before_its_begin() {
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = 'job'\nrun_id = 'run'\n\
         [[log]]\nevent = 'end'\nmoment = { join = ['day', 'to'], not_before = { join = ['day', 'from'] } }\n";
    let table = b"job,run,day,from,to\nj,1,31/01/2026,07:05,07:06\nj,2,31/01/2026,23:50,00:20\nj,3,24/10/2026,23:50,04:00\n\
        j,4,31/01/2026,07:05,07:05\nj,5,31/01/2026,,00:20\nj,6,31/01/2026,07:05,25:20\nj,7,25/10/2026,02:50,02:10\n\
        j,8,31/01/2026,07:05:03,07:05\n";
    let (_, reading) = read_all(table, &with(mapping, ""));
    let moments: Vec<&str> = reading.rows.lines.iter().map(|line| &line[..28]).collect();
    assert_eq!(
        moments,
        [
            "2.0 log 2026-01-31T06:06:00Z",
            "3.0 log 2026-01-31T23:20:00Z",
            "4.0 log 2026-10-25T03:00:00Z",
            "5.0 log 2026-01-31T06:05:00Z",
            "6.0 log 2026-01-30T23:20:00Z",
            "7 reject bad_time day + to (",
            "8.0 log 2026-10-25T00:10:00Z",
            "9.0 log 2026-01-31T06:05:00Z",
        ]
    );
}

/// A source that says begin and duration, and no end.
#[test]
fn an_end_that_is_the_begin_and_the_duration() {
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = 'job'\nrun_id = 'run'\n\
         [[log]]\nevent = 'end'\nmoment = { column = 'at', plus = { column = 'took', unit = 'min' } }\n";
    let table = b"job,run,at,took\nj,1,2026-01-31 07:05:00,1.5\nj,2,2026-03-29 01:50:00,20\nj,3,2026-01-31 07:05:00,\n\
        j,4,2026-01-31 07:05:00,soon\nj,5,2026-01-31 07:05:00,99999999999\n";
    let (_, reading) = read_all(table, &with(mapping, ""));
    assert_eq!(
        reading.rows.lines,
        [
            "2.0 log 2026-01-31T06:06:30Z end s j run=1 root=1",
            "3.0 log 2026-03-29T01:10:00Z end s j run=2 root=2",
            "4 reject missing_value took (the value is missing): \"j,3,2026-01-31 07:05:00,\"",
            "5 reject bad_number took (`soon` is no number): \"j,4,2026-01-31 07:05:00,soon\"",
            "6 reject time_out_of_range took (`99999999999` is outside 1990 to 2100): \"j,5,2026-01-31 07:05:00,99999999999\"",
        ]
    );
    let without = b"job,run,at\nj,1,2026-01-31 07:05:00\n";
    let told = plan_of(without, &with(mapping, "")).expect_err("a column lacks");
    assert!(told.to_string().contains("took"), "{told}");
}

#[test]
fn only_moments_are_joined_and_shifted() {
    for (job, key) in [
        ("join = ['a', 'b']", "join"),
        ("column = 'a', plus = { column = 'b', unit = 's' }", "plus"),
        ("join = ['a', 'b'], not_before = 'c'", "join"),
        ("column = 'a', not_before = 'b'", "not_before"),
    ] {
        let mapping = format!(
            "name = 'n'\nsystem = 's'\n[run]\njob = {{ {job} }}\nrun_id = 'a'\n[[log]]\nevent = 'begin'\nmoment = 'c'\n"
        );
        let told = plan_of(b"a,b,c\n1,2,2026-01-01\n", &with(&mapping, ""))
            .expect_err("a job is no time")
            .to_string();
        assert!(
            told.contains(&format!("`{key}` is for moments only")),
            "{told}"
        );
    }
}

#[test]
fn a_table_without_header_is_mapped_by_numbers() {
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = '2'\nrun_id = '3'\n[[log]]\nevent = 'begin'\nmoment = '1'\n";
    let (_, reading) = read_all(b"1769839504,j,r\n1769839505,j,r\n", &with(mapping, ""));
    assert_eq!(
        reading.rows.lines[1],
        "2.0 log 2026-01-31T06:05:05Z begin s j run=r root=r"
    );
}

/// 12 rows are not stored where 12 thousand may be meant.
#[test]
fn numbers_that_may_be_thousands_are_rejects() {
    for (number, is_read) in [
        ("12", true),
        ("\"12,00\"", true),
        ("\"12,000\"", false),
        ("1.000", false),
    ] {
        let record = format!("ventes,05/11/2026 22:00:00,13/11/2026 23:00:00,OK,,,,{number},");
        let header = TABLE.lines().next().expect("a header");
        let table = format!("{header}\n{record}\n");
        let (_, reading) = read_all(table.as_bytes(), &with(MAPPING, "/data/PROD/srv1/jour.csv"));
        assert_eq!(reading.rows.rejects, u32::from(!is_read), "{number}");
        let told = reading.rows.lines.join("\n");
        assert_eq!(
            told.contains("may be a number of thousands or one with three decimals"),
            !is_read,
            "{told}"
        );
    }
}

#[track_caller]
fn check_mapping_error(mapping: &str, expected: &str) {
    let error = Mapping::parse("m.toml", mapping).expect_err("a mistake");
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn mistakes_in_a_mapping_are_told() {
    let head = "name = 'n'\nsystem = 's'\n";
    let run = "[run]\njob = 'j'\nrun_id = 'r'\n";
    check_mapping_error("name = ", "TOML parse error at line 1, column 8");
    check_mapping_error(
        &format!("{head}colour = 'red'\n{run}"),
        "unknown field `colour`",
    );
    check_mapping_error(&format!("{head}{run}"), "neither [[log]] nor [[error]]");
    check_mapping_error(
        &format!("{head}{run}[[log]]\nevent = 'start'\nmoment = 'm'\n"),
        "invalid value: string \"start\"",
    );
    check_mapping_error(
        &format!("{head}{run}[[error]]\nmoment = {{ column = 'a', constant = 'b' }}\n"),
        "exactly one of column, columns, join, constant, path must be set",
    );
    check_mapping_error(
        &format!("{head}{run}[[error]]\nmoment = {{ colum = 'a' }}\n"),
        "unknown field `colum`",
    );
    check_mapping_error(
        &format!("{head}{run}[[error]]\nmoment = 'm'\n[vocabulary.status]\nok = 'good'\n"),
        "unknown variant `good`",
    );
}

#[test]
fn a_mapping_that_does_not_fit_the_source_is_told() {
    let fails = |settings: &Settings| {
        plan_of(TABLE.as_bytes(), settings)
            .expect_err("it does not fit")
            .to_string()
    };
    let told = fails(&with(MAPPING, "jour.csv"));
    assert!(
        told.contains("the path jour.csv does not fit `{environment}/{host}/`"),
        "{told}"
    );
    let told = fails(&with(
        &MAPPING.replace("job = \"Traitement\"", "job = \"Job\""),
        "/a/b/c.csv",
    ));
    assert!(
        told.contains("the column `Job` is missing (dialect generic, mapping maison)"),
        "{told}"
    );
    let told = fails(&with(
        &MAPPING.replace("path = \"environment\"", "path = \"milieu\""),
        "/a/b/c.csv",
    ));
    assert!(
        told.contains("no `{milieu}` in its path template"),
        "{told}"
    );
    let told = fails(&with(
        &format!("zone = 'Europe/Nulle'\n{MAPPING}"),
        "/a/b/c.csv",
    ));
    assert!(told.contains("Europe/Nulle"), "{told}");
    // The last two can be written with, but never read a moment.
    for form in ["soon", "", "%Q", "%H:%M"] {
        let told = fails(&with(
            &format!("time_format = '{form}'\n{MAPPING}"),
            "/a/b/c.csv",
        ));
        let expected = format!("`{form}` is no form of times: ymd, dmy, mdy, s, ms, us, ns, or a");
        assert!(told.contains(&expected), "{told}");
    }
}

#[test]
fn shipped_mappings_are_found_by_name_and_files_by_path() {
    for (name, _) in SHIPPED {
        let mapping = Mapping::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(mapping.name, *name);
        assert!(
            !mapping.recognise.is_empty(),
            "{name} is recognised by its columns"
        );
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("m.toml");
    std::fs::write(&file, MAPPING).expect("it can be written");
    assert_eq!(
        Mapping::load(&file.to_string_lossy())
            .expect("a good mapping")
            .name,
        "maison"
    );
    assert!(matches!(
        Mapping::load("nowhere.toml"),
        Err(FormatError::UnknownMapping { .. })
    ));
    assert!(matches!(
        Mapping::load(&folder.path().to_string_lossy()),
        Err(FormatError::Io { .. })
    ));
}

#[test]
fn the_real_export_of_airflow_gives_begin_and_end_of_every_task() {
    let (plan, reading) = read_all(&fixture("airflow/task_instance.csv"), &paris());
    assert_eq!(plan.dialect.layout, "airflow_task_instance");
    assert_eq!(
        (
            reading.records(),
            reading.with_rows,
            reading.rows.logs,
            reading.rows.rejects
        ),
        (15, 15, 30, 0)
    );
    let of = |status: &str| {
        reading
            .rows
            .lines
            .iter()
            .filter(|line| line.contains(&format!(" {status} ")))
            .count()
    };
    assert_eq!(of("status=failed"), 11);
    assert_eq!(of("status=success"), 2);
    assert_eq!(of("status=upstream_failed"), 1);
    assert_eq!(of("status=skipped"), 1);
    // Wrong in the table, and kept as reported.
    assert!(
        reading
            .rows
            .lines
            .iter()
            .any(|line| line.contains("duration_reported_ms=-55830"))
    );
}
