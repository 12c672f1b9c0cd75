//! Sets whose records tell that something began or ended.

use super::raw::{Raw, Record, Sheet, clock, epoch_ms, local, seconds, severity, utc};
use super::sets::{
    OF_ERRORS, OF_METRICS, OF_SILENT_RUNS, Set, parent, parquet_file, without, word,
};
use arrow_array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use encoding_rs::{UTF_8, WINDOWS_1252};
use std::path::Path;
use std::sync::Arc;

/// 1. One file of events in French: semicolons, days first, windows-1252, seconds with a comma.
pub fn french_events(raw: &Raw, folder: &Path) -> Set {
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
pub fn english_events_and_errors(raw: &Raw, folder: &Path) -> Set {
    english("English events and errors", raw, folder, &[])
}

/// 13. The same, but that the errors name their runs only.
pub fn errors_that_name_no_tree(raw: &Raw, folder: &Path) -> Set {
    let tree = ["run.root_id", "run.parent_id"];
    english("errors that name no tree", raw, folder, &tree)
}

/// `forgotten`: columns that the errors lack.
fn english(name: &'static str, raw: &Raw, folder: &Path, forgotten: &[&str]) -> Set {
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
        name,
        files: vec![
            events.csv(&folder.join("workflow_events.tsv"), '\t', UTF_8, true),
            errors
                .without(forgotten)
                .json_lines(&folder.join("workflow_errors.jsonl")),
        ],
        left_out: without(&[OF_METRICS]),
        without: &[],
        asked: &[],
    }
}

/// 3. Events, errors and metrics: camel case, milliseconds since 1970, pipes.
pub fn camel_case_of_three(raw: &Raw, folder: &Path) -> Set {
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

/// 6. Events without header: content is all there is.
pub fn nameless(raw: &Raw, folder: &Path) -> Set {
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
pub fn lying_names(raw: &Raw, folder: &Path) -> Set {
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
pub fn states_that_are_events(raw: &Raw, folder: &Path) -> Set {
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

/// 10. Events as Parquet with local times of its own, errors as text, metrics with one column for each kind of rows.
pub fn parquet_and_text(raw: &Raw, folder: &Path) -> Set {
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

/// 12. Events in French whose day and hour stand apart, with return codes; the errors beside them.
pub fn day_and_hour_of_events(raw: &Raw, folder: &Path) -> Set {
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
