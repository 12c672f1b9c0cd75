//! Indexes that are taken away and made again are those of the migrations, whatever came between.

use std::collections::BTreeSet;

use smartetl_core::model::Moment;
use smartetl_store::copy::{encode_run, encode_trigger};
use smartetl_store::indexes::{self, Wave};
use smartetl_store::{Month, ensure_months, fusion};
use sqlx::{Connection, PgConnection};

use crate::samples;

/// The indexes of a table and its key, as the server says them.
async fn indexes_of(connection: &mut PgConnection, table: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT indexdef FROM pg_indexes WHERE tablename = $1
         UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype = 'p' ORDER BY 1",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .expect("the indexes")
}

async fn take_away(connection: &mut PgConnection) {
    let transaction = connection.begin().await.expect("a transaction");
    indexes::take_away(transaction).await.expect("done or left");
}

/// Whether a wave was built.
async fn build([one, other]: &mut [PgConnection; 2], wave: Wave) -> bool {
    let halves = [
        one.begin().await.expect("a transaction"),
        other.begin().await.expect("a transaction"),
    ];
    let built = indexes::build_shared(halves, wave).await;
    built.expect("no failure")
}

async fn write_runs(connection: &mut PgConnection) {
    let mut runs = Vec::new();
    for run in [samples::bare_run(), samples::full_run()] {
        encode_run(&run, Moment(0), Moment(0), &mut runs);
        encode_trigger(&samples::BARE_TRIGGER, &mut runs);
    }
    fusion::copy_dataset(connection, |piece| {
        piece.extend_from_slice(&runs);
        Ok(false)
    })
    .await
    .expect("the runs are accepted");
}

#[tokio::test]
async fn what_is_taken_away_is_made_again() {
    let database = smartetl_testkit::database().await;
    let mut main = crate::connect(&database).await;
    let mut beside = [
        crate::connect(&database).await,
        crate::connect(&database).await,
    ];
    let before = indexes_of(&mut main, "dataset").await;
    assert_eq!(before.len(), 13, "{before:#?}");
    take_away(&mut main).await;
    // That one holds nothing before something retires.
    let left = indexes_of(&mut main, "dataset").await;
    assert!(
        left.len() == 1 && left[0].contains("dataset_retired"),
        "{left:#?}"
    );
    write_runs(&mut main).await;
    for wave in [Wave::ForIssues, Wave::Others] {
        assert!(build(&mut beside, wave).await);
    }
    assert_eq!(indexes_of(&mut main, "dataset").await.len(), 12);
    indexes::complete(&mut main).await.expect("completed");
    assert_eq!(indexes_of(&mut main, "dataset").await, before);
}

#[tokio::test]
async fn whoever_writes_is_not_waited_for_without_end() {
    let database = smartetl_testkit::database().await;
    let mut main = crate::connect(&database).await;
    let mut writer = crate::connect(&database).await;
    let mut beside = [
        crate::connect(&database).await,
        crate::connect(&database).await,
    ];
    let before = indexes_of(&mut main, "dataset").await;
    take_away(&mut main).await;
    let mut writing = writer.begin().await.expect("a transaction");
    sqlx::query("LOCK TABLE dataset IN ROW EXCLUSIVE MODE")
        .execute(&mut *writing)
        .await
        .expect("nobody else");
    assert!(!build(&mut beside, Wave::ForIssues).await);
    writing.rollback().await.expect("the end");
    indexes::complete(&mut main).await.expect("completed");
    assert_eq!(indexes_of(&mut main, "dataset").await, before);
}

#[tokio::test]
async fn after_an_interruption_what_is_missing_is_made() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let before = indexes_of(&mut connection, "dataset").await;
    take_away(&mut connection).await;
    sqlx::query("CREATE INDEX dataset_tree ON dataset (tree)")
        .execute(&mut connection)
        .await
        .expect("one of them");
    indexes::complete(&mut connection).await.expect("completed");
    assert_eq!(indexes_of(&mut connection, "dataset").await, before);
    indexes::complete(&mut connection)
        .await
        .expect("nothing to do");
    assert_eq!(indexes_of(&mut connection, "dataset").await, before);
}

#[tokio::test]
async fn a_run_that_stands_twice_is_refused_when_the_key_is_made() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    take_away(&mut connection).await;
    write_runs(&mut connection).await;
    write_runs(&mut connection).await;
    let refused = indexes::complete(&mut connection).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn indexes_of_a_table_that_is_filled_or_read_stay() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let mut reader = crate::connect(&database).await;
    let before = indexes_of(&mut connection, "dataset").await;
    let mut reading = reader.begin().await.expect("a transaction");
    sqlx::query("SELECT count(*) FROM dataset")
        .execute(&mut *reading)
        .await
        .expect("a count");
    take_away(&mut connection).await;
    assert_eq!(indexes_of(&mut connection, "dataset").await, before);
    reading.rollback().await.expect("an end");
    write_runs(&mut connection).await;
    take_away(&mut connection).await;
    assert_eq!(indexes_of(&mut connection, "dataset").await, before);
}

#[tokio::test]
async fn the_key_waits_for_readers_and_its_index_does_not() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let mut reader = crate::connect(&database).await;
    let before = indexes_of(&mut connection, "dataset").await;
    take_away(&mut connection).await;
    let mut reading = reader.begin().await.expect("a transaction");
    sqlx::query("SELECT count(*) FROM dataset")
        .execute(&mut *reading)
        .await
        .expect("a count");
    indexes::complete(&mut connection)
        .await
        .expect("the indexes");
    assert_eq!(indexes_of(&mut connection, "dataset").await, before[..12]);
    reading.rollback().await.expect("an end");
    indexes::complete(&mut connection).await.expect("the key");
    assert_eq!(indexes_of(&mut connection, "dataset").await, before);
}

#[tokio::test]
async fn several_make_the_indexes_of_the_same_months() {
    let database = smartetl_testkit::database().await;
    let mut one = crate::connect(&database).await;
    let mut two = crate::connect(&database).await;
    let mut three = crate::connect(&database).await;
    let mut four = crate::connect(&database).await;
    // An index of somebody else's is none on `batch`.
    sqlx::query("CREATE INDEX ON log (job)")
        .execute(&mut one)
        .await
        .expect("an index");
    let months: BTreeSet<Month> = (0..24)
        .map(|number| Month::of(Moment(number * 31 * 86_400_000_000)))
        .collect();
    ensure_months(&mut one, &months).await.expect("the months");
    let (first, second, third) = tokio::join!(
        indexes::complete_months(&mut one, async || None::<&mut PgConnection>),
        indexes::complete_months(&mut two, async || None::<&mut PgConnection>),
        indexes::complete_months(&mut three, async || Some(&mut four)),
    );
    for done in [first, second, third] {
        done.expect("made, or made by another one");
    }
    let made: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_indexes WHERE indexname ~ '_batch$' AND indexdef ~ 'brin'",
    )
    .fetch_one(&mut one)
    .await
    .expect("a count");
    // `reject` has one of the migrations.
    assert_eq!(made, 2 * months.len() as i64 + 1);
}

#[tokio::test]
async fn a_month_gets_its_index_once_nobody_writes_to_it() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let mut writer = crate::connect(&database).await;
    let month = Month::of(Moment(0));
    ensure_months(&mut connection, &BTreeSet::from([month]))
        .await
        .expect("a month");
    let mut writing = writer.begin().await.expect("a transaction");
    sqlx::query("LOCK TABLE log_1970_01 IN ROW EXCLUSIVE MODE")
        .execute(&mut *writing)
        .await
        .expect("a lock");
    indexes::complete_months(&mut connection, async || None::<&mut PgConnection>)
        .await
        .expect("left");
    assert_eq!(indexes_of(&mut connection, "log_1970_01").await, [""; 0]);
    let of_errors = indexes_of(&mut connection, "logerreur_1970_01").await;
    assert!(
        of_errors
            .iter()
            .any(|index| index.contains("USING brin (batch)")),
        "{of_errors:?}"
    );
    writing.rollback().await.expect("an end");
    for _ in 0..2 {
        indexes::complete_months(&mut connection, async || None::<&mut PgConnection>)
            .await
            .expect("made");
        assert_eq!(
            indexes_of(&mut connection, "log_1970_01").await,
            [
                "CREATE INDEX log_1970_01_batch ON public.log_1970_01 USING brin (batch) WITH (pages_per_range='16')"
            ]
        );
    }
}
