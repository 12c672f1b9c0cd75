"""A consumer as a data team writes it: confluent-kafka, one function of 12 regular expressions, `execute_values`.

Reads what `smartetl produce` sent (doc/message.schema.json) from the beginning to the end of both topics. Batches of 5,000 messages;
the database first, then Kafka's offsets, so that a crash repeats rows and loses none.

Usage: kafka_consumer.py SERVERS TOPIC_LOG TOPIC_ERROR DATABASE_URL
"""

import json
import re
import sys
from pathlib import Path

import psycopg2
from confluent_kafka import Consumer, KafkaError
from psycopg2.extras import execute_values

RULES = [
    (re.compile(rule["regex"]), rule["category"])
    for rule in json.loads((Path(__file__).parent / "rules.json").read_text(encoding="utf-8"))
]
LOG = ("moment", "run_id", "parent_run_id", "root_run_id", "system", "project", "job", "job_id", "job_version", "context", "step",
       "event", "status", "duration_reported_ms", "label", "count", "message")
ERRORS = ("moment", "run_id", "parent_run_id", "root_run_id", "system", "project", "job", "context", "severity", "error_type", "step",
          "message", "error_code")
NUMBERS = ("duration_reported_ms", "count")
AT_ONCE = 5_000


def classify(message):
    for regex, category in RULES:
        if regex.search(message):
            return category
    return "unknown"


def make_tables(cursor):
    def columns(names):
        return ", ".join(f"{name} {'timestamptz' if name == 'moment' else 'bigint' if name in NUMBERS else 'text'}" for name in names)

    cursor.execute(f"CREATE TABLE log ({columns(LOG)}); CREATE TABLE logerreur ({columns(ERRORS)}, category text)")


def store(cursor, messages):
    log, errors = [], []
    for message in messages:
        value = json.loads(message.value())
        for row in value.get("log", ()):
            log.append([row.get(name) for name in LOG])
        for row in value.get("logerreur", ()):
            errors.append([row.get(name) for name in ERRORS] + [classify(row.get("message") or "")])
    for table, names, rows in (("log", LOG, log), ("logerreur", (*ERRORS, "category"), errors)):
        if rows:
            execute_values(cursor, f"INSERT INTO {table} ({', '.join(names)}) VALUES %s", rows, page_size=1_000)


def main(servers, topic_log, topic_error, url):
    connection = psycopg2.connect(url)
    consumer = Consumer({
        "bootstrap.servers": servers, "group.id": f"python-{topic_log}", "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "enable.partition.eof": True,
    })
    with connection, connection.cursor() as cursor:
        make_tables(cursor)
    topics = [topic_log, topic_error]
    known = consumer.list_topics(timeout=20).topics
    waiting = {(topic, partition) for topic in topics for partition in known[topic].partitions}
    consumer.subscribe(topics)
    while waiting:
        messages = []
        for message in consumer.consume(AT_ONCE, timeout=0.5):
            if message.error() is None:
                messages.append(message)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                waiting.discard((message.topic(), message.partition()))
            else:
                raise SystemExit(str(message.error()))
        if messages:
            with connection, connection.cursor() as cursor:
                store(cursor, messages)
            consumer.commit(asynchronous=False)
    consumer.close()
    connection.close()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
