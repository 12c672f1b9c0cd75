//! Several mappings: in one file, and which of them a source is read with.

use std::path::Path;

use smartetl_formats::dialect::generic::{Mapping, MappingSet};
use smartetl_formats::{AtEnd, Plan, Position, Settings};

use crate::support::{fixture, paris, plan_of, read_all, read_text};

/// The runs and the errors of one company, and what their runs are called elsewhere.
const SEVERAL: &str = r#"
# How our scheduler writes.
[[mapping]]
name = "traitements"
system = "ordonnanceur"

[mapping.run]
job = "traitement"
run_id = "execution"

[[mapping.log]]
event = "begin"
moment = "debut"

[[mapping.log]]
event = "end"
moment = "fin"
when = { column = "fin", filled = true }
status = "etat"

[mapping.vocabulary.status]
OK = "success"
KO = "failed"

[[mapping]]
name = "erreurs"
system = "ordonnanceur"

[mapping.run]
job = "traitement"
run_id = "execution"

[[mapping.error]]
moment = "quand"
message = "texte"
"#;

const RUNS: &str =
    "traitement;execution;debut;fin;etat\nA;1;05/11/2026 22:00:00;05/11/2026 22:01:00;OK\n";
const ERRORS: &str = "traitement;execution;quand;texte\nA;1;05/11/2026 22:00:30;Fichier absent\n";

fn set(toml: &str) -> MappingSet {
    MappingSet::parse("maison.toml", toml).unwrap_or_else(|error| panic!("{error}"))
}

fn beside(mappings: MappingSet) -> Settings {
    Settings {
        mappings,
        ..paris()
    }
}

fn only(mappings: MappingSet) -> Settings {
    beside(mappings.only())
}

#[track_caller]
fn check_layout(text: &[u8], settings: &Settings, dialect: &str, layout: &str) {
    let plan = plan_of(text, settings).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (&*plan.dialect.dialect, &*plan.dialect.layout),
        (dialect, layout)
    );
}

#[track_caller]
fn check_refused(text: &[u8], settings: &Settings, expected: &str) {
    match plan_of(text, settings) {
        Ok(plan) => panic!("read as {}", plan.describe()),
        Err(error) => assert_eq!(error.to_string(), expected),
    }
}

#[test]
fn each_file_chooses_its_mapping() {
    for settings in [only(set(SEVERAL)), beside(set(SEVERAL))] {
        check_layout(RUNS.as_bytes(), &settings, "generic", "traitements");
        check_layout(ERRORS.as_bytes(), &settings, "generic", "erreurs");
        let (_, reading) = read_all(RUNS.as_bytes(), &settings);
        assert_eq!((reading.rows.logs, reading.rejected), (2, 0));
    }
}

#[test]
fn mappings_of_the_configuration_stand_beside_the_dialects() {
    let settings = beside(set(SEVERAL));
    check_layout(
        &fixture("talend/stat.csv"),
        &settings,
        "talend",
        "tstatcatcher",
    );
    check_layout(
        &fixture("airflow/dag_run.csv"),
        &settings,
        "generic",
        "airflow_dag_run",
    );
}

#[test]
fn mappings_of_the_command_line_stand_alone() {
    check_refused(
        &fixture("airflow/dag_run.csv"),
        &only(set(SEVERAL)),
        "it fits none of the mappings given; the nearest is erreurs, which asks for columns that are missing: traitement, \
         execution, quand, texte; the source has: id, dag_id, queued_at, logical_date, start_date, end_date, state, run_id, \
         creating_job_id, run_type, triggered_by, triggering_user_name, data_interval_start, data_interval_end, run_after, \
         last_scheduling_decision, log_template_id, updated_at, clear_number, backfill_id, bundle_version, \
         scheduled_by_job_id, span_status, created_dag_version_id\n\
         hint: give a mapping for it too, or leave it out; `smartetl map FILE -o mapping.toml` proposes one",
    );
}

#[test]
fn two_that_fit_alike_are_not_chosen_between() {
    let twins = SEVERAL.replace("erreurs", "autres").replace(
        "[[mapping.error]]\nmoment = \"quand\"\nmessage = \"texte\"\n",
        "[[mapping.log]]\nevent = \"begin\"\nmoment = \"debut\"\n",
    );
    check_refused(
        RUNS.as_bytes(),
        &only(set(&twins)),
        "mapping traitements and mapping autres both claim this source\nhint: say which one with --dialect or --mapping",
    );
    // The one that asks for more is the more telling one, and the user's own stands before a shipped one.
    let telling = twins.replace(
        "name = \"autres\"",
        "name = \"autres\"\nrecognise = [\"traitement\", \"debut\"]",
    );
    check_layout(RUNS.as_bytes(), &only(set(&telling)), "generic", "autres");
    let shipped = Mapping::shipped("airflow_dag_run").expect("it is shipped");
    let own = shipped.text().replace("airflow_dag_run", "ours");
    check_layout(
        &fixture("airflow/dag_run.csv"),
        &beside(set(&own)),
        "generic",
        "ours",
    );
}

#[test]
fn a_surer_mapping_stands_before_one_with_more_columns() {
    // The same columns, and another form of times: three in ten of what is sure.
    let american = SEVERAL.replace(
        "name = \"erreurs\"\nsystem",
        "name = \"erreurs\"\nrecognise = [\"traitement\", \"execution\", \"quand\", \"texte\"]\ntime_format = \"mdy\"\nsystem",
    );
    let european = SEVERAL
        .replace("erreurs", "autres")
        .replace("traitements", "encore");
    let mut both = set(&american);
    both.add("b.toml", set(&european)).expect("other names");
    let errors = ERRORS.replace("05/11", "15/11");
    check_layout(errors.as_bytes(), &only(both), "generic", "autres");
}

#[test]
fn an_optional_key_is_not_needed_to_be_recognised() {
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = 'job.name'\nrun_id = 'run'\n[[log]]\nevent = 'begin'\nmoment = 'at'\n\
                   [[error]]\nmoment = 'at'\nwhen = { column = 'error.message', filled = true }\nmessage = 'error.message'\n";
    let first = "{\"at\":\"2026-01-31 07:05:04\",\"run\":\"r\",\"job\":{\"name\":\"j\"}}\n";
    check_layout(first.as_bytes(), &beside(set(mapping)), "generic", "n");
}

#[test]
fn what_was_read_is_read_on_with_its_own_mapping_alone() {
    let settings = only(set(SEVERAL));
    let plan = plan_of(ERRORS.as_bytes(), &settings).expect("it fits");
    let used = settings
        .mappings
        .of_plan(&plan.dialect)
        .expect("it is given");
    assert!(!used.text().contains("traitements"), "{}", used.text());
    let again = Mapping::named_in("erreurs", used.text()).expect("its text reads alone");
    assert_eq!(again.text(), used.text());
    // As it was stored when a file held one mapping.
    let alone = "name = 'n'\nsystem = 's'\n[run]\njob = '2'\nrun_id = '3'\n[[log]]\nevent = 'begin'\nmoment = '1'\n";
    let again = Mapping::named_in("n", alone).expect("the old form");
    assert_eq!(again.text(), alone);
    // In one line, where no part of the text is the mapping alone, all of it is kept.
    let inline = "mapping = [{ name = 'a', system = 's', run = { job = 'j', run_id = 'r' }, log = [{ event = 'begin', moment = 'm' }] }]";
    let kept = set(inline);
    assert_eq!(kept.by_name("a").expect("it is there").text(), inline);
    assert!(Mapping::named_in("a", inline).is_ok());
}

#[track_caller]
fn check_mistake(toml: &str, expected: &[&str]) {
    let told = MappingSet::parse("maison.toml", toml)
        .expect_err("a mistake")
        .to_string();
    for words in expected {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_mistake_is_told_with_its_file_its_line_and_its_mapping() {
    check_mistake(
        &SEVERAL.replace("message = \"texte\"", "massage = \"texte\""),
        &[
            "the mapping maison.toml (erreurs) cannot be used",
            "line 35",
            "unknown field `massage`",
        ],
    );
    check_mistake(
        &SEVERAL.replace("KO = \"failed\"", "KO = \"failure\""),
        &[
            "maison.toml (traitements)",
            "line 23",
            "unknown variant `failure`",
        ],
    );
    check_mistake(
        &SEVERAL.replace("name = \"erreurs\"\n", ""),
        &["maison.toml (mapping 2)", "missing field `name`"],
    );
    check_mistake(
        &SEVERAL.replace("erreurs", "traitements"),
        &[
            "maison.toml (traitements)",
            "another mapping has the same name",
        ],
    );
    check_mistake(
        &SEVERAL.replace(
            "[[mapping.error]]\nmoment = \"quand\"\nmessage = \"texte\"\n",
            "",
        ),
        &["maison.toml (erreurs)", "neither [[log]] nor [[error]]"],
    );
    check_mistake(
        &format!("colour = 'red'\n{SEVERAL}"),
        &["unknown field `colour`"],
    );
    check_mistake("mapping = []\n", &["it holds no mapping"]);
    check_mistake("[mapping]\nname = 'a'\n", &["maison.toml", "line 1"]);
    let told = Mapping::parse("maison.toml", SEVERAL).expect_err("two");
    assert!(
        told.to_string()
            .contains("it holds 2 mappings where one belongs"),
        "{told}"
    );
}

#[test]
fn folders_and_files_add_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    };
    let load = |place: &Path| MappingSet::load(&place.to_string_lossy());
    let first = write("a.toml", SEVERAL);
    write("notes.txt", "no mapping");
    write(".hidden.toml", "none");
    let mut all = load(folder.path()).expect("a folder of mappings");
    all.add(&first, MappingSet::load(&first).expect("a file"))
        .expect("the same ones again");
    all.add(
        "",
        MappingSet::load("airflow_dag_run").expect("a shipped one"),
    )
    .expect("another one");
    let names: Vec<&str> = all.iter().map(|mapping| mapping.name.as_str()).collect();
    assert_eq!(names, ["traitements", "erreurs", "airflow_dag_run"]);
    write("b.toml", &SEVERAL.replace("texte", "message"));
    let told = load(folder.path()).expect_err("one name twice").to_string();
    assert!(told.contains("b.toml (erreurs)"), "{told}");
}

/// As it was stored with a checkpoint before a plan said how sure it was.
#[test]
fn a_plan_of_an_earlier_version_is_read() {
    let stored = r#"{"shape":{"csv":{"delimiter":";","quote":"\"","header":true,"encoding":"UTF-8","encoding_guessed":true}},
        "dialect":{"dialect":"generic","layout":"n","columns":["1","2","3"],"moment":"year_first","notes":[]}}"#;
    let plan: Plan = serde_json::from_str(stored).expect("an earlier plan");
    assert_eq!(plan.confidence, None);
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = '2'\nrun_id = '3'\n[[log]]\nevent = 'begin'\nmoment = '1'\n";
    let settings = only(Mapping::named_in("n", mapping).expect("it is there").into());
    let text = "1;2;3\n2026-01-31 07:05:04;j;r\n";
    let reading = read_text(
        text.as_bytes(),
        &plan,
        &settings,
        Position::START,
        AtEnd::Take,
    );
    assert_eq!(
        reading.rows.lines,
        ["2.0 log 2026-01-31T06:05:04Z begin s j run=r root=r"]
    );
}
