//! Checkpoints: only who stands where the checkpoint stands may move it.

use smartetl_store::StoreError;
use smartetl_store::checkpoint::{self, Advance, Source};
use sqlx::Connection;

fn advance(lineage: i64, from_record: i64, next_record: i64) -> Advance {
    Advance {
        lineage,
        from_record,
        next_record,
        next_byte: next_record * 100,
        next_line: next_record + 1,
        content_hash: vec![1; 16],
        hash_state: vec![2; 164],
        tail_length: 4096,
        tail_hash: vec![3; 16],
        unterminated: true,
    }
}

#[tokio::test]
async fn who_was_overtaken_changes_nothing() {
    let database = smartetl_testkit::database().await;
    let (mut one, mut other) = (
        crate::connect(&database).await,
        crate::connect(&database).await,
    );
    let lineage = checkpoint::open_lineage(
        &mut one,
        10,
        b"head",
        &serde_json::json!({"dialect": "talend"}),
    )
    .await
    .expect("a lineage");
    checkpoint::advance(&mut one, &advance(lineage, 0, 50))
        .await
        .expect("the first batch");
    let refused = checkpoint::advance(&mut other, &advance(lineage, 0, 70)).await;
    assert!(
        matches!(refused, Err(StoreError::Overtaken { next_record: 0 })),
        "{refused:?}"
    );
    let stands = checkpoint::checkpoint(&mut other, lineage)
        .await
        .expect("an answer")
        .expect("the checkpoint");
    let moved = (
        stands.next_record,
        stands.next_byte,
        stands.next_line,
        stands.tail_length,
        stands.unterminated,
    );
    assert_eq!(moved, (50, 5_000, 51, 4_096, true));
    assert_eq!(
        stands.reading,
        Some(serde_json::json!({"dialect": "talend"}))
    );
}

/// Both read from the same place; the second is committed after the first and must see it.
#[tokio::test]
async fn of_two_transactions_from_the_same_place_one_wins() {
    let database = smartetl_testkit::database().await;
    let (mut one, mut other) = (
        crate::connect(&database).await,
        crate::connect(&database).await,
    );
    let lineage = checkpoint::open_lineage(&mut one, 10, b"head", &serde_json::Value::Null)
        .await
        .expect("a lineage");
    let (mut first, mut second) = (
        one.begin().await.expect("a transaction"),
        other.begin().await.expect("a transaction"),
    );
    checkpoint::advance(&mut first, &advance(lineage, 0, 50))
        .await
        .expect("the first batch");
    let (late, early) = (advance(lineage, 0, 70), async { first.commit().await });
    let (refused, committed) = tokio::join!(checkpoint::advance(&mut second, &late), early);
    committed.expect("the first commits");
    assert!(
        matches!(refused, Err(StoreError::Overtaken { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn lineages_are_found_by_how_they_begin() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let null = serde_json::Value::Null;
    let mut open = Vec::new();
    for (length, hash) in [(10, b"aa"), (4096, b"bb"), (10, b"cc"), (4096, b"bb")] {
        open.push(
            checkpoint::open_lineage(&mut connection, length, hash, &null)
                .await
                .expect("a lineage"),
        );
    }
    checkpoint::advance(&mut connection, &advance(open[3], 0, 9))
        .await
        .expect("a batch");
    assert_eq!(
        checkpoint::head_lengths(&mut connection)
            .await
            .expect("lengths"),
        [10, 4096]
    );
    let heads = [
        (10, b"cc".to_vec()),
        (4096, b"bb".to_vec()),
        (4096, b"aa".to_vec()),
    ];
    let found = checkpoint::with_heads(&mut connection, &heads)
        .await
        .expect("lineages");
    let found: Vec<i64> = found.iter().map(|checkpoint| checkpoint.lineage).collect();
    assert_eq!(
        found,
        [open[3], open[1], open[2]],
        "the one that was read furthest first"
    );
}

#[tokio::test]
async fn a_path_is_remembered_as_it_was_seen_last() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let mut seen = Source {
        source: 0,
        lineage: Some(1),
        size_bytes: 10,
        inode: Some(-1),
        device: Some(i64::MAX),
        modified_us: Some(1_790_000_000_123_456),
    };
    let path = "/logs/é ü/'quoted'.csv";
    let number = checkpoint::remember_source(&mut connection, path, &seen)
        .await
        .expect("a source");
    seen.size_bytes = 20;
    let again = checkpoint::remember_source(&mut connection, path, &seen)
        .await
        .expect("a source");
    assert_eq!(number, again);
    let known = checkpoint::source_at(&mut connection, path)
        .await
        .expect("an answer");
    assert_eq!(
        known,
        Some(Source {
            source: number,
            ..seen
        })
    );
    assert_eq!(
        checkpoint::source_at(&mut connection, "/logs")
            .await
            .expect("an answer"),
        None
    );
}
