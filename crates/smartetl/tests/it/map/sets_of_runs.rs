//! Sets with one record for each run, or for each run and step.

use super::raw::{
    Raw, Record, Sheet, clock, epoch_ms, executions, local, seconds, severity, telling,
};
use super::sets::{
    OF_COPIES, OF_METRICS, OF_SILENT_RUNS, OF_STEPS, Set, parent, parquet_file, without, word,
};
use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use encoding_rs::UTF_8;
use std::path::Path;
use std::sync::Arc;

/// 4. One row for each run, in French: day and hour apart, the error beside it.
pub fn french_runs(raw: &Raw, folder: &Path) -> Set {
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
pub fn parquet_of_runs_and_steps(raw: &Raw, folder: &Path) -> Set {
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

/// 9. Runs with return codes, months first, minutes; the error log has other names for the same columns.
///
/// Runs that log their steps alone stand in neither file.
pub fn return_codes(raw: &Raw, folder: &Path) -> Set {
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

/// 11. One row for each run, in English words that few use, with a number for each row and short years.
pub fn runs_in_other_words(raw: &Raw, folder: &Path) -> Set {
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
