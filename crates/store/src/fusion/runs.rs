//! Runs and days on their way into `dataset` and `job_day`.

use jiff::civil::Date;
use smartetl_core::fuse::{TriggerChange, TriggerEvidence};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::copy::{Columns, DATASET_COLUMNS, JOB_DAY_COLUMNS, Named, days_since_1970};
use crate::ledger::{copy, copy_named};

/// Copies whole tuples of `dataset`; `next` appends some to the buffer and says whether there are more.
///
/// Runs that nothing happened to go by themselves: they are most, and leave a third of the columns at their defaults.
///
/// # Errors
/// When the server refuses or is gone, or `next` fails.
pub async fn copy_dataset(
    connection: &mut PgConnection,
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let layout = DATASET.layout();
    let troubles = layout.columns(TROUBLES);
    let (mut piece, mut quiet, mut troubled) = (Vec::new(), Alike::default(), Alike::default());
    loop {
        piece.clear();
        let more = next(&mut piece)?;
        let mut rest = piece.as_slice();
        while !rest.is_empty() {
            let mut named = Named::default();
            let behind = layout.look_at(rest, &mut named);
            let runs = if named.any_of(troubles) {
                &mut troubled
            } else {
                &mut quiet
            };
            let (tuple, behind) = rest.split_at(rest.len() - behind.len());
            runs.tuples.extend_from_slice(tuple);
            runs.named |= named;
            rest = behind;
        }
        for runs in [&mut quiet, &mut troubled] {
            if !more || runs.tuples.len() >= COPY_BYTES {
                copy_named(connection, "dataset", &layout, runs.named, &runs.tuples).await?;
                runs.tuples.clear();
                runs.named = Named::default();
            }
        }
        if !more {
            return Ok(());
        }
    }
}

/// Tuples for one COPY, and the columns that it has to name.
#[derive(Default)]
struct Alike {
    tuples: Vec<u8>,
    named: Named,
}

/// So much goes into one COPY.
const COPY_BYTES: usize = 4 << 20;
/// Migrations 0002 and 0013 set these defaults. An array without elements: no dimensions, no NULL, type `text` or `uuid`.
const DATASET: Columns = Columns {
    names: DATASET_COLUMNS,
    defaults: &[
        ("errors", &[0; 8]),
        ("error_rows", &[0; 8]),
        ("warnings", &[0; 8]),
        (
            "error_signatures",
            &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b, 0x86],
        ),
        ("quality_reasons", &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25]),
    ],
};
/// Columns in which a run says what happened to it.
const TROUBLES: &[&str] = &[
    "errors",
    "error_rows",
    "warnings",
    "error_signatures",
    "quality_reasons",
    "first_error_at",
    "cause_signature",
    "cause_run_key",
    "cause_job",
    "cause_step",
    "category",
    "blame",
    "retryable",
    "error_message",
    "ruled_category",
    "ruled_blame",
    "ruled_retryable",
];
const JOB_DAY: Columns = Columns {
    names: JOB_DAY_COLUMNS,
    defaults: &[],
};

/// Changes why stored runs started.
pub async fn change_triggers(
    connection: &mut PgConnection,
    changes: &[TriggerChange],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let keys: Vec<Uuid> = changes.iter().map(|change| change.run_key).collect();
    let triggers: Vec<&str> = changes
        .iter()
        .map(|change| change.trigger.trigger.as_str())
        .collect();
    let evidences: Vec<Option<&str>> = changes
        .iter()
        .map(|change| change.trigger.evidence.map(TriggerEvidence::as_str))
        .collect();
    let reruns: Vec<Option<Uuid>> = changes
        .iter()
        .map(|change| change.trigger.rerun_of)
        .collect();
    sqlx::query(CHANGE_TRIGGERS)
        .bind(keys)
        .bind(triggers)
        .bind(evidences)
        .bind(reruns)
        .execute(connection)
        .await?;
    Ok(())
}

const CHANGE_TRIGGERS: &str = "UPDATE dataset SET trigger = changed.trigger, \
     trigger_evidence = changed.evidence, rerun_of = changed.rerun_of \
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS changed (run_key, trigger, evidence, rerun_of) \
     WHERE dataset.run_key = changed.run_key";

/// Replaces the rows of `job_day` of these days by whole tuples of [`JOB_DAY_COLUMNS`]; `next` is as for [`copy_dataset`].
///
/// # Errors
/// When the server refuses or is gone, or `next` fails.
pub async fn replace_job_days(
    connection: &mut PgConnection,
    touched: &[(String, Date)],
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let (environments, dates) = unzip(touched);
    sqlx::query(REMOVE_JOB_DAYS)
        .bind(environments)
        .bind(dates)
        .execute(&mut *connection)
        .await?;
    let mut tuples = Vec::new();
    loop {
        let more = next(&mut tuples)?;
        if !more || tuples.len() >= COPY_BYTES {
            copy(connection, "job_day", JOB_DAY, &tuples).await?;
            tuples.clear();
        }
        if !more {
            return Ok(());
        }
    }
}

const REMOVE_JOB_DAYS: &str = "DELETE FROM job_day WHERE (environment, business_day) IN \
     (SELECT name, date '1970-01-01' + day FROM unnest($1::text[], $2::integer[]) AS touched (name, day))";

pub(crate) fn unzip(days: &[(String, Date)]) -> (Vec<String>, Vec<i32>) {
    days.iter()
        .map(|(environment, day)| (environment.clone(), days_since_1970(*day)))
        .unzip()
}
