//! Kafka's topics, as its consumers leave them.

use super::client::Api;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

#[test]
fn topics_say_what_waits() {
    let api = Api::of_a_company();
    assert_eq!(api.json("/topics"), json!({"topics": [], "consumers": []}));
    // As a consumer leaves it: two partitions, of one of which 40 messages wait.
    let statements = "
        INSERT INTO checkpoint (kind, head_length, head_hash, next_record, opened_at)
            SELECT 'kafka', 1, decode(md5(number::text), 'hex'), 60, now() - interval '1 hour' FROM generate_series(1, 2) AS number;
        INSERT INTO consumer (consumer, group_name, host, pid, version, started_at, messages, known, rows_log, rows_error, rejects,
            batches, commit_ms, rebalances, last_error)
            VALUES ('00000000-0000-4000-8000-000000000001', 'night', 'h1', 7, '1.0', now(), 120, 0, 100, 20, 0, 3, 9, 1, '<b>');
        INSERT INTO consumer_partition (partition, consumer, topic, number, end_offset)
            SELECT lineage, '00000000-0000-4000-8000-000000000001', 'logs', row_number() OVER (ORDER BY lineage) - 1,
            CASE WHEN row_number() OVER (ORDER BY lineage) = 1 THEN 100 ELSE 60 END FROM checkpoint WHERE kind = 'kafka';";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut connection = PgConnection::connect(&api.database_url())
            .await
            .expect("a connection");
        sqlx::raw_sql(statements)
            .execute(&mut connection)
            .await
            .expect("rows");
    });
    let told = api.json("/topics");
    let topic = &told["topics"][0];
    assert_eq!(
        (&topic["topic"], &topic["messages_behind"]),
        (&json!("logs"), &json!(40))
    );
    let partitions = topic["partitions"].as_array().expect("partitions");
    let behind: Vec<&Value> = partitions
        .iter()
        .map(|one| &one["messages_behind"])
        .collect();
    assert_eq!(behind, [&json!(40), &json!(0)]);
    assert!(
        partitions[0]["seconds_behind"].as_i64() >= Some(3_600),
        "{topic}"
    );
    assert_eq!(partitions[1]["seconds_behind"], 0);
    assert_eq!(topic["seconds_behind"], partitions[0]["seconds_behind"]);
    let consumer = &told["consumers"][0];
    assert_eq!(
        (&consumer["group"], &consumer["alive"]),
        (&json!("night"), &json!(true))
    );
    assert_eq!(consumer["last_error"], "<b>");
    api.up.stop();
}
