//! What is encoded for COPY is what the server stores, and what it gives back is the same again, byte for byte.

use std::collections::BTreeSet;

use smartetl_core::fuse::DayRun;
use smartetl_core::model::{ErrorRow, LogRow, Moment};
use smartetl_store::audit::{self, Accounted, Doubled, Sum};
use smartetl_store::copy::{
    ErrorFacts, decode_day_run, encode_error, encode_job_day, encode_log, encode_reject,
    encode_run, encode_trigger, tuple_checksum,
};
use smartetl_store::fusion::{self, StoredRows, Wanted};
use smartetl_store::ledger::{self, EncodedRows};
use smartetl_store::{Month, StoreError, ensure_months};
use sqlx::PgConnection;

use crate::samples::{self, FIRST, LAST, WORDS, moment};

/// The bytes of one tuple.
fn tuple(encode: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&mut bytes);
    bytes
}

fn sum(tuples: &[Vec<u8>]) -> Sum {
    let checksum = tuples
        .iter()
        .fold(0_i64, |sum, tuple| sum.wrapping_add(tuple_checksum(tuple)));
    Sum {
        rows: tuples.len() as i64,
        checksum,
    }
}

async fn store(connection: &mut PgConnection, rows: &EncodedRows) {
    let months: BTreeSet<Month> = rows
        .log
        .iter()
        .chain(&rows.errors)
        .map(|(month, _)| *month)
        .collect();
    ensure_months(connection, &months)
        .await
        .expect("partitions");
    ledger::copy_rows(connection, rows)
        .await
        .expect("the rows are accepted");
}

/// Rows that are read back, with their batches.
#[derive(Default)]
struct Seen(Vec<String>);

impl StoredRows for Seen {
    fn log(&mut self, batch: i64, row: &LogRow<'_>) {
        self.0.push(format!("{batch} {row:?}"));
    }

    fn error(&mut self, batch: i64, row: &ErrorRow<'_>, facts: &ErrorFacts<'_>) {
        self.0.push(format!("{batch} {row:?} {facts:?}"));
    }

    fn breathe(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn rows_come_back_as_they_were_written() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let (bare, full) = (samples::bare_log(), samples::full_log());
    let (bare_error, full_error) = (samples::bare_error(), samples::full_error());
    let logs = [
        tuple(|out| encode_log(7, &bare, out)),
        tuple(|out| encode_log(i64::MAX, &full, out)),
    ];
    let errors = [
        tuple(|out| encode_error(7, &full_error.0, &full_error.1, out)),
        tuple(|out| encode_error(i64::MAX, &bare_error.0, &bare_error.1, out)),
    ];
    let rejects = [
        tuple(|out| encode_reject(7, 3, None, "quote", "a quote was opened", "", out)),
        tuple(|out| {
            encode_reject(
                i64::MAX,
                i64::MAX,
                Some("moment"),
                "bad_time",
                WORDS,
                WORDS,
                out,
            )
        }),
    ];
    let (first, last) = (Month::of(moment(FIRST)), Month::of(moment(LAST)));
    let rows = EncodedRows {
        log: vec![(first, logs[0].clone()), (last, logs[1].clone())],
        errors: vec![(first, errors[0].clone()), (last, errors[1].clone())],
        rejects: rejects.concat(),
    };
    store(&mut connection, &rows).await;

    let mut seen = Seen::default();
    fusion::read_rows(&mut connection, Wanted::All, &mut seen)
        .await
        .expect("the rows");
    seen.0.sort();
    let mut expected = vec![
        format!("7 {bare:?}"),
        format!("{} {full:?}", i64::MAX),
        format!("7 {:?} {:?}", full_error.0, full_error.1),
        format!("{} {:?} {:?}", i64::MAX, bare_error.0, bare_error.1),
    ];
    expected.sort();
    assert_eq!(seen.0, expected);

    for (table, written) in [
        (Accounted::Log, &logs),
        (Accounted::Logerreur, &errors),
        (Accounted::Reject, &rejects),
    ] {
        let sums = audit::sums(&mut connection, table).await.expect("the sums");
        let expected = [(7, sum(&written[..1])), (i64::MAX, sum(&written[1..]))];
        assert_eq!(
            sums.into_iter().collect::<Vec<_>>(),
            expected,
            "{}",
            table.table()
        );
    }
}

/// Both sides could be wrong in the same way: the server is asked what it understood.
#[tokio::test]
async fn the_server_understands_what_is_written() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let full = samples::full_log();
    let (error, facts) = samples::full_error();
    let rows = EncodedRows {
        log: vec![(
            Month::of(full.moment),
            tuple(|out| encode_log(1, &full, out)),
        )],
        errors: vec![(
            Month::of(error.moment),
            tuple(|out| encode_error(1, &error, &facts, out)),
        )],
        rejects: Vec::new(),
    };
    store(&mut connection, &rows).await;
    let log: (String, bool, String, Option<i32>, String, i64, Option<String>, i64) = sqlx::query_as(
        "SELECT moment::text, moment_ambiguous, job, map_index, status, duration_reported_ms, label, rows_in FROM log",
    )
    .fetch_one(&mut connection)
    .await
    .expect("the row");
    let expected = (
        "2100-12-31 23:59:59.999999+00".to_owned(),
        true,
        WORDS.to_owned(),
        Some(-1),
        "upstream_failed".to_owned(),
        -55_830,
        Some(String::new()),
        0,
    );
    assert_eq!(log, expected);
    let error: (String, String, f32, String, bool, String) = sqlx::query_as(
        "SELECT moment::text, signature::text, confidence, blame, retryable, category FROM logerreur",
    )
    .fetch_one(&mut connection)
    .await
    .expect("the row");
    let expected = (
        "1990-01-01 00:00:00+00".to_owned(),
        "ffffffff-ffff-ffff-ffff-ffffffffffff".to_owned(),
        0.95,
        "platform".to_owned(),
        false,
        "missing_object".to_owned(),
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn runs_and_days_come_back_as_they_were_written() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let (as_of, fused_at) = (
        moment("2026-11-23T07:00:00Z"),
        moment("2026-11-23T07:00:01.5Z"),
    );
    let mut runs = [
        (samples::bare_run(), samples::BARE_TRIGGER),
        (samples::full_run(), samples::FULL_TRIGGER),
    ]
    .map(|(run, trigger)| {
        tuple(|out| {
            encode_run(&run, as_of, fused_at, out);
            encode_trigger(&trigger, out);
        })
    });
    fusion::copy_dataset(&mut connection, one_by_one(&runs))
        .await
        .expect("the runs are accepted");
    let mut found = Vec::new();
    audit::runs(&mut connection, None, |tuple| {
        found.push(tuple.to_owned());
        Ok(())
    })
    .await
    .expect("the runs");
    found.sort();
    runs.sort();
    assert_eq!(found, runs);

    let full_run = samples::full_run();
    let day = (full_run.environment.to_owned(), full_run.business_day);
    let mut of_day = Vec::new();
    fusion::stored_runs(&mut connection, &[day], |tuple| {
        let (run, without_trigger) = decode_day_run(tuple)?;
        let mut again = without_trigger.to_owned();
        encode_trigger(&run.trigger, &mut again);
        assert_eq!(again, tuple);
        assert_eq!(
            run,
            DayRun {
                trigger: samples::FULL_TRIGGER,
                ..DayRun::of(&full_run)
            }
        );
        of_day.push(run.run_key);
        Ok(())
    })
    .await
    .expect("the runs of the day");
    assert_eq!(
        of_day,
        [full_run.run_key],
        "the other run is on another day"
    );

    let mut expected = [samples::bare_day(), samples::full_day()]
        .map(|day| tuple(|out| encode_job_day(&day, out)));
    fusion::replace_job_days(&mut connection, &[], one_by_one(&expected))
        .await
        .expect("the days are accepted");
    let mut found = Vec::new();
    audit::job_days(&mut connection, |tuple| {
        found.push(tuple.to_owned());
        Ok(())
    })
    .await
    .expect("the days");
    found.sort();
    expected.sort();
    assert_eq!(found, expected);

    let run: (String, String, String, f32, Vec<String>, Vec<i64>, String, String) = sqlx::query_as(
        "SELECT started_at::text, ended_at::text, business_day::text, quality, quality_reasons, batches, as_of::text, trigger
         FROM dataset WHERE depth = 3",
    )
    .fetch_one(&mut connection)
    .await
    .expect("the run");
    let expected = (
        "2100-12-31 23:00:00+00".to_owned(),
        "2100-12-31 23:59:59.999999+00".to_owned(),
        "2101-01-01".to_owned(),
        0.65,
        vec!["clocks_apart".to_owned(), "message_truncated".to_owned()],
        vec![1, i64::MAX],
        "2026-11-23 07:00:00+00".to_owned(),
        "rerun".to_owned(),
    );
    assert_eq!(run, expected);
    let day: (String, Vec<String>, Option<String>) = sqlx::query_as(
        "SELECT business_day::text, day_type, cause_job FROM job_day WHERE project IS NULL",
    )
    .fetch_one(&mut connection)
    .await
    .expect("the day");
    assert_eq!(day, ("1990-01-01".to_owned(), Vec::new(), None));
}

#[tokio::test]
async fn a_run_is_fetched_by_its_key() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let runs = [samples::bare_run(), samples::full_run()].map(|run| {
        tuple(|out| {
            encode_run(&run, Moment(0), Moment(0), out);
            encode_trigger(&samples::BARE_TRIGGER, out);
        })
    });
    fusion::copy_dataset(&mut connection, |piece| {
        piece.extend_from_slice(&runs.concat());
        Ok(false)
    })
    .await
    .expect("the runs are accepted");
    let mut found = Vec::new();
    audit::runs(
        &mut connection,
        Some(&[uuid::Uuid::from_u128(2), uuid::Uuid::from_u128(3)]),
        |tuple| {
            found.push(tuple.to_owned());
            Ok(())
        },
    )
    .await
    .expect("the run");
    assert_eq!(found, runs[1..]);
}

#[tokio::test]
async fn a_place_that_holds_two_rows_is_named() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let rows = [1, 2, 3, 2].map(|line| {
        let row = LogRow {
            line,
            ..samples::bare_log()
        };
        tuple(|out| encode_log(5, &row, out))
    });
    let rejects =
        [9, 9].map(|line| tuple(|out| encode_reject(5, line, None, "quote", "d", "r", out)));
    let month = Month::of(moment(FIRST));
    let rows = EncodedRows {
        log: vec![(month, rows.concat())],
        errors: Vec::new(),
        rejects: rejects.concat(),
    };
    store(&mut connection, &rows).await;
    let mut of = async |table, batch| {
        audit::doubled(&mut connection, table, batch)
            .await
            .expect("an answer")
    };
    assert_eq!(
        of(Accounted::Log, 5).await,
        [Doubled {
            line: 2,
            seq: 0,
            rows: 2
        }]
    );
    assert_eq!(
        of(Accounted::Reject, 5).await,
        [Doubled {
            line: 9,
            seq: 0,
            rows: 2
        }]
    );
    assert_eq!(of(Accounted::Logerreur, 5).await, []);
    assert_eq!(of(Accounted::Log, 4).await, []);
}

/// COPY sends pieces of any size; a tuple may be cut anywhere.
#[test]
fn tuples_are_whole_however_the_stream_is_cut() {
    use smartetl_store::copy::{HEADER, TRAILER, TupleReader};
    let (error, facts) = samples::full_error();
    let tuples = [
        tuple(|out| encode_log(1, &samples::bare_log(), out)),
        tuple(|out| encode_error(2, &error, &facts, out)),
    ];
    let stream = [HEADER, &tuples[0], &tuples[1], TRAILER].concat();
    for size in [1, 2, 3, 7, 64, stream.len()] {
        let mut reader = TupleReader::default();
        let mut found = Vec::new();
        for piece in stream.chunks(size) {
            reader.push(piece);
            while let Some(tuple) = reader.next_tuple() {
                found.push(tuple.to_owned());
            }
        }
        assert_eq!(found, tuples, "pieces of {size} bytes");
    }
}

fn one_by_one(tuples: &[Vec<u8>]) -> impl FnMut(&mut Vec<u8>) -> Result<bool, StoreError> {
    let mut waiting = tuples.iter();
    move |piece| {
        let tuple = waiting.next();
        piece.extend(tuple.into_iter().flatten());
        Ok(tuple.is_some())
    }
}
