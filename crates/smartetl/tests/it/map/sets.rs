//! Twelve sets of files as a team could have them: what Talend's catchers wrote of a simulated company, under other names, in other forms.

use super::raw::{
    Raw, Record, Sheet, clock, epoch_ms, executions, local, seconds, severity, telling, utc,
};
use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use encoding_rs::{UTF_8, WINDOWS_1252};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files, and what of the truth they still hold.
pub struct Set {
    pub name: &'static str,
    pub files: Vec<PathBuf>,
    /// Columns of the truth's dataset that these files no longer say.
    pub left_out: Vec<&'static str>,
    /// Evidences of runs of which these files say nothing.
    pub without: &'static [&'static str],
    /// Columns that `map` asks about; empty where it finds everything.
    pub asked: &'static [&'static str],
}

/// What only an error log says.
const OF_ERRORS: &[&str] = &[
    "outcome",
    "errors",
    "error_rows",
    "warnings",
    "first_error_at",
    "cause_job",
    "cause_run_id",
    "cause_step",
    "category",
];
/// What only the metrics say. Where they stand last in a run, they also are its last event.
const OF_METRICS: &[&str] = &["rows_in", "rows_out", "rows_rejected", "last_event_at"];
const OF_STEPS: &[&str] = &["steps", "steps_failed"];
/// A row for each run holds one error of it, and those of a success not at all.
const OF_COPIES: &[&str] = &[
    "outcome",
    "errors",
    "error_rows",
    "warnings",
    "first_error_at",
    "cause_step",
    "cause_job",
    "cause_run_id",
    "category",
];
/// Nothing names the tool that wrote them.
const OF_THE_TOOL: &[&str] = &["system"];

/// Trees of runs that log nothing but errors cannot be judged without these.
const OF_SILENT_RUNS: &[&str] = &["tree_status", "self_duration_ms"];

pub fn all(raw: &Raw, folder: &Path) -> Vec<Set> {
    vec![
        french_events(raw, &folder.join("1")),
        english_events_and_errors(raw, &folder.join("2")),
        camel_case_of_three(raw, &folder.join("3")),
        french_runs(raw, &folder.join("4")),
        parquet_of_runs_and_steps(raw, &folder.join("5")),
        nameless(raw, &folder.join("6")),
        lying_names(raw, &folder.join("7")),
        states_that_are_events(raw, &folder.join("8")),
        return_codes(raw, &folder.join("9")),
        parquet_and_text(raw, &folder.join("10")),
        runs_in_other_words(raw, &folder.join("11")),
        day_and_hour_of_events(raw, &folder.join("12")),
    ]
}

fn without(lists: &[&[&'static str]]) -> Vec<&'static str> {
    let mut all = OF_THE_TOOL.to_vec();
    all.extend(lists.concat());
    all
}

fn word<'w>(found: &str, words: &[(&str, &'w str)]) -> &'w str {
    let known = words.iter().find(|(own, _)| *own == found);
    known.map_or("", |(_, word)| word)
}

/// 1. One file of events in French: semicolons, days first, windows-1252, seconds with a comma.
fn french_events(raw: &Raw, folder: &Path) -> Set {
    let header = [
        "Durée",
        "État",
        "Type évt",
        "Date évt",
        "No exécution",
        "Exécution mère",
        "Exécution racine",
        "Traitement",
        "Étape",
        "Domaine",
        "Contexte",
        "Version",
        "Référence",
    ];
    let row = |record: &Record| {
        vec![
            seconds(&record["duration"], ','),
            word(
                &record["message"],
                &[("success", "Réussi"), ("failure", "Échec")],
            )
            .to_owned(),
            word(
                &record["message_type"],
                &[("begin", "Début"), ("end", "Fin")],
            )
            .to_owned(),
            local(&record["moment"], "%d/%m/%Y %H:%M:%S"),
            record["pid"].clone(),
            record["father_pid"].clone(),
            record["root_pid"].clone(),
            record["job"].clone(),
            record["origin"].clone(),
            record["project"].clone(),
            record["context"].clone(),
            record["job_version"].clone(),
            record["job_repository_id"].clone(),
        ]
    };
    let sheet = Sheet::new(&header, raw.stats.iter().map(row));
    Set {
        name: "French events",
        files: vec![sheet.csv(&folder.join("suivi.csv"), ';', WINDOWS_1252, true)],
        left_out: without(&[OF_ERRORS, OF_METRICS, OF_SILENT_RUNS]),
        without: &["errors_only"],
        asked: &[],
    }
}

/// 2. Events and errors in English: tabs, UTC, other words; the errors as JSON lines.
fn english_events_and_errors(raw: &Raw, folder: &Path) -> Set {
    let events = Sheet::new(
        &[
            "event_time",
            "event_type",
            "run_id",
            "parent_run_id",
            "root_run_id",
            "workflow_name",
            "task",
            "folder",
            "run_context",
            "result",
            "elapsed_ms",
            "os_pid",
            "workflow_key",
            "workflow_version",
        ],
        raw.stats.iter().map(|record| {
            vec![
                utc(&record["moment"]),
                word(
                    &record["message_type"],
                    &[("begin", "STARTED"), ("end", "COMPLETED")],
                )
                .to_owned(),
                record["pid"].clone(),
                parent(record).to_owned(),
                record["root_pid"].clone(),
                record["job"].clone(),
                record["origin"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                word(
                    &record["message"],
                    &[("success", "SUCCEEDED"), ("failure", "FAILED")],
                )
                .to_owned(),
                record["duration"].clone(),
                record["system_pid"].clone(),
                record["job_repository_id"].clone(),
                record["job_version"].clone(),
            ]
        }),
    );
    let errors = Sheet::new(
        &[
            "logged_at",
            "severity",
            "error_message",
            "task",
            "workflow_name",
            "folder",
            "run_context",
            "run.id",
            "run.root_id",
            "run.parent_id",
            "error_code",
        ],
        raw.logs.iter().map(|record| {
            vec![
                utc(&record["moment"]),
                severity(record).to_uppercase(),
                record["message"].clone(),
                record["origin"].clone(),
                record["job"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                record["pid"].clone(),
                record["root_pid"].clone(),
                parent(record).to_owned(),
                record["code"].clone(),
            ]
        }),
    );
    Set {
        name: "English events and errors",
        files: vec![
            events.csv(&folder.join("workflow_events.tsv"), '\t', UTF_8, true),
            errors.json_lines(&folder.join("workflow_errors.jsonl")),
        ],
        left_out: without(&[OF_METRICS]),
        without: &[],
        asked: &[],
    }
}

/// 3. Events, errors and metrics: camel case, milliseconds since 1970, pipes.
fn camel_case_of_three(raw: &Raw, folder: &Path) -> Set {
    let base = |record: &Record| {
        vec![
            epoch_ms(&record["moment"]).to_string(),
            record["pid"].clone(),
            record["father_pid"].clone(),
            record["root_pid"].clone(),
            record["project"].clone(),
            record["job"].clone(),
            record["context"].clone(),
            record["origin"].clone(),
        ]
    };
    let names = [
        "eventTs",
        "sessionId",
        "parentSessionId",
        "masterSessionId",
        "appName",
        "pipelineName",
        "ctx",
        "activity",
    ];
    let with = |more: &[&'static str]| [&names[..], more].concat();
    let events = Sheet::new(
        &with(&[
            "kind",
            "outcome",
            "durationSec",
            "pipelineId",
            "pipelineVersion",
        ]),
        raw.stats.iter().map(|record| {
            let mut row = base(record);
            row.push(
                word(
                    &record["message_type"],
                    &[("begin", "start"), ("end", "stop")],
                )
                .to_owned(),
            );
            row.push(word(&record["message"], &[("success", "ok"), ("failure", "ko")]).to_owned());
            row.push(seconds(&record["duration"], '.'));
            row.push(record["job_repository_id"].clone());
            row.push(record["job_version"].clone());
            row
        }),
    );
    let errors = Sheet::new(
        &with(&["level", "message", "errorCode"]),
        raw.logs.iter().map(|record| {
            let mut row = base(record);
            row.push(
                word(
                    severity(record),
                    &[("fatal", "FATAL"), ("error", "ERROR"), ("warning", "WARN")],
                )
                .to_owned(),
            );
            row.push(record["message"].clone());
            row.push(record["code"].clone());
            row
        }),
    );
    let metrics = Sheet::new(
        &with(&["metricName", "metricValue", "pipelineId", "pipelineVersion"]),
        raw.meters.iter().map(|record| {
            let mut row = base(record);
            row.push(record["label"].clone());
            row.push(record["count"].clone());
            row.push(record["job_repository_id"].clone());
            row.push(record["job_version"].clone());
            row
        }),
    );
    Set {
        name: "camel case, three files",
        files: vec![
            events.csv(&folder.join("activity.txt"), '|', UTF_8, true),
            errors.csv(&folder.join("errors.txt"), '|', UTF_8, true),
            metrics.csv(&folder.join("volumes.txt"), '|', UTF_8, true),
        ],
        left_out: without(&[]),
        without: &[],
        asked: &[],
    }
}

/// 4. One row for each run, in French: day and hour apart, the error beside it.
fn french_runs(raw: &Raw, folder: &Path) -> Set {
    let header = [
        "id_lancement",
        "id_lancement_pere",
        "id_lancement_racine",
        "nom_chaine",
        "application",
        "environnement",
        "date_debut",
        "heure_debut",
        "date_fin",
        "heure_fin",
        "duree",
        "statut",
        "libelle_erreur",
        "version",
    ];
    let sheet = Sheet::new(
        &header,
        executions(raw, false).into_iter().map(|run| {
            let (begin, end) = (run.begin, run.end);
            let of_end =
                |form: &str| end.map_or_else(String::new, |end| local(&end["moment"], form));
            let state = end.map_or("En cours", |end| {
                word(
                    &end["message"],
                    &[("success", "Terminé OK"), ("failure", "Terminé KO")],
                )
            });
            let failed = state == "Terminé KO";
            let message = telling(&run.errors).filter(|_| failed).unwrap_or_default();
            vec![
                begin["pid"].clone(),
                begin["father_pid"].clone(),
                begin["root_pid"].clone(),
                begin["job"].clone(),
                begin["project"].clone(),
                begin["context"].clone(),
                local(&begin["moment"], "%d/%m/%Y"),
                local(&begin["moment"], "%H:%M:%S"),
                of_end("%d/%m/%Y"),
                of_end("%H:%M:%S"),
                end.map_or_else(String::new, |end| clock(&end["duration"])),
                state.to_owned(),
                message.to_owned(),
                begin["job_version"].clone(),
            ]
        }),
    );
    Set {
        name: "French runs",
        files: vec![sheet.csv(&folder.join("suivi_exploitation.csv"), ';', UTF_8, true)],
        left_out: without(&[OF_COPIES, OF_METRICS, OF_STEPS, OF_SILENT_RUNS, &["job_id"]]),
        without: &["errors_only", "steps_only"],
        asked: &[],
    }
}

/// 5. One row for each run or step as Parquet with times and numbers of their own, and an error log as Parquet.
fn parquet_of_runs_and_steps(raw: &Raw, folder: &Path) -> Set {
    std::fs::create_dir_all(folder).expect("a folder");
    let all = executions(raw, true);
    let micros = |record: &Record| epoch_ms(&record["moment"]) * 1_000;
    let texts = |of: &dyn Fn(&Record) -> String| -> ArrayRef {
        Arc::new(
            all.iter()
                .map(|one| Some(of(one.begin)).filter(|text| !text.is_empty()))
                .collect::<StringArray>(),
        )
    };
    let runs: Vec<(&str, ArrayRef)> = vec![
        ("execution_id", texts(&|record| record["pid"].clone())),
        (
            "caller_execution_id",
            texts(&|record| parent(record).to_owned()),
        ),
        (
            "top_execution_id",
            texts(&|record| record["root_pid"].clone()),
        ),
        ("package_name", texts(&|record| record["job"].clone())),
        (
            "package_guid",
            texts(&|record| record["job_repository_id"].clone()),
        ),
        (
            "package_version",
            texts(&|record| record["job_version"].clone()),
        ),
        ("component", texts(&|record| record["origin"].clone())),
        ("workspace", texts(&|record| record["project"].clone())),
        (
            "environment_context",
            texts(&|record| record["context"].clone()),
        ),
        (
            "started_at",
            Arc::new(
                all.iter()
                    .map(|one| Some(micros(one.begin)))
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            ),
        ),
        (
            "finished_at",
            Arc::new(
                all.iter()
                    .map(|one| one.end.map(micros))
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            ),
        ),
        (
            "duration_seconds",
            Arc::new(
                all.iter()
                    .map(|one| one.end?["duration"].parse::<f64>().ok().map(|ms| ms / 1e3))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "state",
            Arc::new(
                all.iter()
                    .map(|one| {
                        Some(one.end.map_or("running", |end| {
                            word(
                                &end["message"],
                                &[("success", "completed"), ("failure", "errored")],
                            )
                        }))
                    })
                    .collect::<StringArray>(),
            ),
        ),
    ];
    let of_errors = |of: &dyn Fn(&Record) -> String| -> ArrayRef {
        Arc::new(
            raw.logs
                .iter()
                .map(|record| Some(of(record)).filter(|text| !text.is_empty()))
                .collect::<StringArray>(),
        )
    };
    let errors: Vec<(&str, ArrayRef)> = vec![
        (
            "error_time",
            Arc::new(
                raw.logs
                    .iter()
                    .map(|record| Some(micros(record)))
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            ),
        ),
        ("execution_id", of_errors(&|record| record["pid"].clone())),
        (
            "caller_execution_id",
            of_errors(&|record| parent(record).to_owned()),
        ),
        (
            "top_execution_id",
            of_errors(&|record| record["root_pid"].clone()),
        ),
        ("package_name", of_errors(&|record| record["job"].clone())),
        ("component", of_errors(&|record| record["origin"].clone())),
        ("workspace", of_errors(&|record| record["project"].clone())),
        (
            "environment_context",
            of_errors(&|record| record["context"].clone()),
        ),
        (
            "gravity",
            of_errors(&|record| {
                word(
                    severity(record),
                    &[
                        ("fatal", "critical"),
                        ("error", "major"),
                        ("warning", "minor"),
                    ],
                )
                .to_owned()
            }),
        ),
        (
            "description",
            of_errors(&|record| record["message"].clone()),
        ),
        (
            "code",
            Arc::new(
                raw.logs
                    .iter()
                    .map(|record| record["code"].parse::<i64>().ok())
                    .collect::<Int64Array>(),
            ),
        ),
    ];
    Set {
        name: "Parquet of runs and steps",
        files: vec![
            parquet_file(&folder.join("executions.parquet"), runs),
            parquet_file(&folder.join("errors.parquet"), errors),
        ],
        left_out: without(&[OF_METRICS]),
        without: &[],
        asked: &[],
    }
}

/// 6. Events without header: content is all there is.
fn nameless(raw: &Raw, folder: &Path) -> Set {
    let header = [
        "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12",
    ];
    let sheet = Sheet::new(
        &header,
        raw.stats.iter().map(|record| {
            vec![
                record["context"].clone(),
                record["job"].clone(),
                record["pid"].clone(),
                record["root_pid"].clone(),
                record["father_pid"].clone(),
                record["moment"].clone(),
                word(
                    &record["message_type"],
                    &[("begin", "BEGIN"), ("end", "END")],
                )
                .to_owned(),
                record["origin"].clone(),
                word(&record["message"], &[("success", "OK"), ("failure", "KO")]).to_owned(),
                record["duration"].clone(),
                record["project"].clone(),
                record["job_version"].clone(),
            ]
        }),
    );
    Set {
        name: "no header",
        files: vec![sheet.csv(&folder.join("export.csv"), ',', UTF_8, false)],
        left_out: without(&[OF_ERRORS, OF_METRICS, OF_SILENT_RUNS, &["job_id"]]),
        without: &["errors_only"],
        asked: &[],
    }
}

/// 7. Events whose names lie: the run is called job, the parent process, the word of the event status.
fn lying_names(raw: &Raw, folder: &Path) -> Set {
    let header = [
        "status",
        "job_id",
        "process_id",
        "session",
        "label",
        "component_name",
        "ts",
        "resultat",
        "category",
        "zone",
        "temps",
    ];
    let sheet = Sheet::new(
        &header,
        raw.stats.iter().map(|record| {
            vec![
                word(
                    &record["message_type"],
                    &[("begin", "Début"), ("end", "Fin")],
                )
                .to_owned(),
                record["pid"].clone(),
                record["father_pid"].clone(),
                record["root_pid"].clone(),
                record["job"].clone(),
                record["origin"].clone(),
                local(&record["moment"], "%Y/%m/%d %H:%M:%S"),
                word(&record["message"], &[("success", "OK"), ("failure", "NOK")]).to_owned(),
                record["project"].clone(),
                record["context"].clone(),
                record["duration"].clone(),
            ]
        }),
    );
    Set {
        name: "names that lie",
        files: vec![sheet.csv(&folder.join("trace.csv"), ';', UTF_8, true)],
        left_out: without(&[
            OF_ERRORS,
            OF_METRICS,
            OF_SILENT_RUNS,
            &["job_id", "job_version", "project", "root_job"],
        ]),
        without: &["errors_only"],
        asked: &["category"],
    }
}

/// 8. One column of states says begin and end as well; times as digits, durations with colons; an error log beside it.
fn states_that_are_events(raw: &Raw, folder: &Path) -> Set {
    let events = Sheet::new(
        &[
            "horodatage",
            "num_exec",
            "num_exec_appelant",
            "num_exec_principale",
            "code_flux",
            "nom_flux",
            "composant",
            "projet",
            "ctx",
            "etat",
            "duree",
            "machine",
        ],
        raw.stats.iter().map(|record| {
            vec![
                local(&record["moment"], "%Y%m%d%H%M%S"),
                record["pid"].clone(),
                record["father_pid"].clone(),
                record["root_pid"].clone(),
                record["job_repository_id"].clone(),
                record["job"].clone(),
                record["origin"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                word(
                    &(record["message_type"].clone() + &record["message"]),
                    &[
                        ("begin", "DEMARRE"),
                        ("endsuccess", "TERMINE_OK"),
                        ("endfailure", "TERMINE_KO"),
                    ],
                )
                .to_owned(),
                clock(&record["duration"]),
                "srv-etl-01".to_owned(),
            ]
        }),
    );
    let errors = Sheet::new(
        &[
            "dt_erreur",
            "num_exec",
            "num_exec_appelant",
            "num_exec_principale",
            "nom_flux",
            "projet",
            "ctx",
            "composant",
            "niveau",
            "msg",
            "machine",
        ],
        raw.logs.iter().map(|record| {
            vec![
                local(&record["moment"], "%Y%m%d%H%M%S"),
                record["pid"].clone(),
                record["father_pid"].clone(),
                record["root_pid"].clone(),
                record["job"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                record["origin"].clone(),
                word(
                    severity(record),
                    &[
                        ("fatal", "BLOQUANT"),
                        ("error", "ERREUR"),
                        ("warning", "AVERTISSEMENT"),
                    ],
                )
                .to_owned(),
                record["message"].clone(),
                "srv-etl-01".to_owned(),
            ]
        }),
    );
    Set {
        name: "states that are events",
        files: vec![
            events.csv(&folder.join("etats.csv"), ';', WINDOWS_1252, true),
            errors.csv(&folder.join("erreurs.csv"), ';', WINDOWS_1252, true),
        ],
        left_out: without(&[OF_METRICS, &["job_version"]]),
        without: &[],
        asked: &[],
    }
}

/// 9. Runs with return codes, months first, minutes; the error log has other names for the same columns.
///
/// Runs that log their steps alone stand in neither file.
fn return_codes(raw: &Raw, folder: &Path) -> Set {
    let logs_steps_alone = |error: &&Record| {
        let of_run = || {
            raw.stats
                .iter()
                .filter(|record| record["pid"] == error["pid"])
        };
        of_run().next().is_some() && of_run().all(|record| !record["origin"].is_empty())
    };
    let runs = Sheet::new(
        &[
            "RunKey",
            "ParentRunKey",
            "RootRunKey",
            "JobName",
            "Subject",
            "Env",
            "StartTime",
            "EndTime",
            "ReturnCode",
            "ElapsedMin",
            "LoadDate",
            "UserName",
        ],
        executions(raw, false).into_iter().map(|run| {
            let (begin, end) = (run.begin, run.end);
            vec![
                begin["pid"].clone(),
                parent(begin).to_owned(),
                begin["root_pid"].clone(),
                begin["job"].clone(),
                begin["project"].clone(),
                begin["context"].clone(),
                local(&begin["moment"], "%m/%d/%Y %H:%M:%S"),
                end.map_or_else(String::new, |end| {
                    local(&end["moment"], "%m/%d/%Y %H:%M:%S")
                }),
                end.map_or("", |end| {
                    if end["message"] == "success" {
                        "0"
                    } else {
                        word(
                            &end["job_version"][..1],
                            &[("0", "1"), ("1", "8"), ("2", "137")],
                        )
                    }
                })
                .to_owned(),
                end.map_or_else(String::new, |end| {
                    format!(
                        "{:.2}",
                        end["duration"].parse::<f64>().unwrap_or_default() / 60_000.0
                    )
                }),
                "01/05/2026 08:00:00".to_owned(),
                "svc_etl".to_owned(),
            ]
        }),
    );
    let errors = Sheet::new(
        &[
            "ErrTime",
            "Run",
            "ParentRun",
            "RootRun",
            "Job",
            "SubjectArea",
            "Environment",
            "StepName",
            "Type",
            "ErrText",
        ],
        raw.logs
            .iter()
            .filter(|error| !logs_steps_alone(error))
            .map(|record| {
                vec![
                    local(&record["moment"], "%m/%d/%Y %H:%M:%S"),
                    record["pid"].clone(),
                    parent(record).to_owned(),
                    record["root_pid"].clone(),
                    record["job"].clone(),
                    record["project"].clone(),
                    record["context"].clone(),
                    record["origin"].clone(),
                    word(
                        severity(record),
                        &[
                            ("fatal", "Fatal"),
                            ("error", "Error"),
                            ("warning", "Warning"),
                        ],
                    )
                    .to_owned(),
                    record["message"].clone(),
                ]
            }),
    );
    Set {
        name: "return codes",
        files: vec![
            runs.csv(&folder.join("run_history.csv"), ',', UTF_8, true),
            errors.csv(&folder.join("run_errors.csv"), ',', UTF_8, true),
        ],
        left_out: without(&[
            OF_METRICS,
            OF_STEPS,
            &["job_id", "job_version", "duration_reported_ms"],
        ]),
        without: &["steps_only"],
        asked: &[],
    }
}

/// 10. Events as Parquet with local times of its own, errors as text, metrics with one column for each kind of rows.
fn parquet_and_text(raw: &Raw, folder: &Path) -> Set {
    std::fs::create_dir_all(folder).expect("a folder");
    let micros = |record: &Record| {
        let civil: jiff::civil::DateTime = record["moment"].parse().expect("a local time");
        let stamp = jiff::tz::TimeZone::UTC.to_timestamp(civil).expect("in UTC");
        stamp.as_microsecond()
    };
    let texts = |of: &dyn Fn(&Record) -> String| -> ArrayRef {
        Arc::new(
            raw.stats
                .iter()
                .map(|record| Some(of(record)).filter(|text| !text.is_empty()))
                .collect::<StringArray>(),
        )
    };
    let events: Vec<(&str, ArrayRef)> = vec![
        (
            "trt_ref",
            texts(&|record| record["job_repository_id"].clone()),
        ),
        ("trt_nom", texts(&|record| record["job"].clone())),
        ("trt_vers", texts(&|record| record["job_version"].clone())),
        ("exec_no", texts(&|record| record["pid"].clone())),
        (
            "exec_no_pere",
            texts(&|record| record["father_pid"].clone()),
        ),
        ("exec_no_tete", texts(&|record| record["root_pid"].clone())),
        ("dossier", texts(&|record| record["project"].clone())),
        ("ctx_exec", texts(&|record| record["context"].clone())),
        ("phase", texts(&|record| record["origin"].clone())),
        (
            "evt",
            texts(&|record| {
                word(&record["message_type"], &[("begin", "D"), ("end", "F")]).to_owned()
            }),
        ),
        (
            "dh_evt",
            Arc::new(
                raw.stats
                    .iter()
                    .map(|record| Some(micros(record)))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ),
        (
            "bilan",
            texts(&|record| {
                word(
                    &record["message"],
                    &[("success", "CORRECT"), ("failure", "ANOMALIE")],
                )
                .to_owned()
            }),
        ),
        (
            "tps_ms",
            Arc::new(
                raw.stats
                    .iter()
                    .map(|record| record["duration"].parse::<i64>().ok())
                    .collect::<Int64Array>(),
            ),
        ),
    ];
    let errors = Sheet::new(
        &[
            "dh_anomalie",
            "exec_no",
            "exec_no_pere",
            "exec_no_tete",
            "trt_nom",
            "dossier",
            "ctx_exec",
            "phase",
            "gravite",
            "texte_anomalie",
        ],
        raw.logs.iter().map(|record| {
            vec![
                record["moment"].clone(),
                record["pid"].clone(),
                record["father_pid"].clone(),
                record["root_pid"].clone(),
                record["job"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                record["origin"].clone(),
                word(
                    severity(record),
                    &[
                        ("fatal", "critique"),
                        ("error", "majeure"),
                        ("warning", "mineure"),
                    ],
                )
                .to_owned(),
                record["message"].clone(),
            ]
        }),
    );
    Set {
        name: "Parquet and text",
        files: vec![
            parquet_file(&folder.join("evenements.parquet"), events),
            errors.csv(&folder.join("anomalies.csv"), ';', UTF_8, true),
        ],
        left_out: without(&[OF_METRICS]),
        without: &[],
        asked: &[],
    }
}

/// 11. One row for each run, in English words that few use, with a number for each row and short years.
fn runs_in_other_words(raw: &Raw, folder: &Path) -> Set {
    let header = [
        "id",
        "treatment",
        "batch_ref",
        "launched_by",
        "top_batch",
        "perimeter",
        "env_ctx",
        "kick_off",
        "wrap_up",
        "took",
        "verdict",
        "why",
    ];
    let form = "%d.%m.%y %H:%M:%S";
    let sheet = Sheet::new(
        &header,
        executions(raw, false)
            .into_iter()
            .enumerate()
            .map(|(number, run)| {
                let (begin, end) = (run.begin, run.end);
                let failed = end.is_some_and(|end| end["message"] == "failure");
                vec![
                    (40_000 + number).to_string(),
                    begin["job"].clone(),
                    begin["pid"].clone(),
                    parent(begin).to_owned(),
                    begin["root_pid"].clone(),
                    begin["project"].clone(),
                    begin["context"].clone(),
                    local(&begin["moment"], form),
                    end.map_or_else(String::new, |end| local(&end["moment"], form)),
                    end.map_or_else(String::new, |end| seconds(&end["duration"], '.') + " s"),
                    match (end, failed) {
                        (None, _) => "in progress",
                        (_, true) => "red",
                        (_, false) => "green",
                    }
                    .to_owned(),
                    telling(&run.errors)
                        .filter(|_| failed)
                        .unwrap_or_default()
                        .to_owned(),
                ]
            }),
    );
    Set {
        name: "runs in other words",
        files: vec![sheet.csv(&folder.join("history.csv"), ',', UTF_8, true)],
        left_out: without(&[
            OF_COPIES,
            OF_METRICS,
            OF_STEPS,
            OF_SILENT_RUNS,
            &["job_id", "job_version"],
        ]),
        without: &["errors_only", "steps_only"],
        asked: &[],
    }
}

/// 12. Events in French whose day and hour stand apart, with return codes; the errors beside them.
fn day_and_hour_of_events(raw: &Raw, folder: &Path) -> Set {
    let events = Sheet::new(
        &[
            "jour",
            "heure",
            "lib_evenement",
            "id_exec",
            "id_exec_sup",
            "id_exec_tete",
            "lib_traitement",
            "sous_traitement",
            "perimetre",
            "plateforme",
            "code_fin",
            "nb_ms",
        ],
        raw.stats.iter().map(|record| {
            vec![
                local(&record["moment"], "%Y-%m-%d"),
                local(&record["moment"], "%H:%M:%S"),
                word(
                    &record["message_type"],
                    &[("begin", "LANCEMENT"), ("end", "ARRET")],
                )
                .to_owned(),
                record["pid"].clone(),
                record["father_pid"].clone(),
                record["root_pid"].clone(),
                record["job"].clone(),
                record["origin"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                word(&record["message"], &[("success", "0"), ("failure", "12")]).to_owned(),
                record["duration"].clone(),
            ]
        }),
    );
    let errors = Sheet::new(
        &[
            "jour",
            "heure",
            "id_exec",
            "id_exec_sup",
            "id_exec_tete",
            "lib_traitement",
            "perimetre",
            "plateforme",
            "sous_traitement",
            "criticite",
            "anomalie",
        ],
        raw.logs.iter().map(|record| {
            vec![
                local(&record["moment"], "%Y-%m-%d"),
                local(&record["moment"], "%H:%M:%S"),
                record["pid"].clone(),
                record["father_pid"].clone(),
                record["root_pid"].clone(),
                record["job"].clone(),
                record["project"].clone(),
                record["context"].clone(),
                record["origin"].clone(),
                word(
                    severity(record),
                    &[
                        ("fatal", "Bloquante"),
                        ("error", "Majeure"),
                        ("warning", "Mineure"),
                    ],
                )
                .to_owned(),
                record["message"].clone(),
            ]
        }),
    );
    Set {
        name: "day and hour of events",
        files: vec![
            events.csv(&folder.join("evenements.csv"), ';', UTF_8, true),
            errors.csv(&folder.join("anomalies.csv"), ';', UTF_8, true),
        ],
        left_out: without(&[OF_METRICS, &["job_id", "job_version"]]),
        without: &[],
        asked: &[],
    }
}

/// The parent as most tools write it: nothing at the root.
fn parent(record: &Record) -> &str {
    if record["father_pid"] == record["pid"] {
        ""
    } else {
        &record["father_pid"]
    }
}

fn parquet_file(path: &Path, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, values)| (name, values, true)),
    )
    .expect("columns of one length");
    let mut writer =
        ArrowWriter::try_new(File::create(path).expect("a file"), batch.schema(), None)
            .expect("a Parquet file");
    writer.write(&batch).expect("rows are written");
    writer.close().expect("it is closed");
    path.to_owned()
}
