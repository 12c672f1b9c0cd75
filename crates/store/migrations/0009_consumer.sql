-- Consumers of Kafka say about themselves how they are: a line for each process, written every few seconds beside its batches.

CREATE TABLE consumer (
    consumer      uuid PRIMARY KEY,
    group_name    text NOT NULL,
    host          text NOT NULL,
    pid           integer NOT NULL,
    version       text NOT NULL,
    started_at    timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    messages      bigint NOT NULL,
    known         bigint NOT NULL,
    rows_log      bigint NOT NULL,
    rows_error    bigint NOT NULL,
    rejects       bigint NOT NULL,
    batches       bigint NOT NULL,
    commit_ms     bigint NOT NULL,
    rebalances    bigint NOT NULL,
    last_error    text
);
CREATE INDEX consumer_group_name ON consumer (group_name, seen_at);
COMMENT ON TABLE consumer IS 'Processes that store what comes through Kafka; old lines go, but the newest of a group stays';
COMMENT ON COLUMN consumer.consumer IS 'A name drawn at the start of the process';
COMMENT ON COLUMN consumer.group_name IS 'The group of consumers that share the partitions';
COMMENT ON COLUMN consumer.host IS 'The machine that it runs on';
COMMENT ON COLUMN consumer.pid IS 'Number of the process on its machine';
COMMENT ON COLUMN consumer.version IS 'Version of smartETL';
COMMENT ON COLUMN consumer.started_at IS 'When it started';
COMMENT ON COLUMN consumer.seen_at IS 'When it last wrote this line, every two seconds: one that is silent for longer hangs or is gone';
COMMENT ON COLUMN consumer.ended_at IS 'When it ended as it should; NULL while it runs, and where it was killed';
COMMENT ON COLUMN consumer.messages IS 'Messages read since it started';
COMMENT ON COLUMN consumer.known IS 'Those of them whose record was stored before';
COMMENT ON COLUMN consumer.rows_log IS 'Rows of log stored';
COMMENT ON COLUMN consumer.rows_error IS 'Rows of logerreur stored';
COMMENT ON COLUMN consumer.rejects IS 'Rejects stored';
COMMENT ON COLUMN consumer.batches IS 'Transactions committed';
COMMENT ON COLUMN consumer.commit_ms IS 'Time that these transactions took in all';
COMMENT ON COLUMN consumer.rebalances IS 'Times that partitions were given to it or taken from it';
COMMENT ON COLUMN consumer.last_error IS 'Why it could not go on when that happened last; NULL where it never did';

CREATE TABLE consumer_partition (
    partition   bigint PRIMARY KEY,
    consumer    uuid NOT NULL REFERENCES consumer ON DELETE CASCADE,
    topic       text NOT NULL,
    number      integer NOT NULL,
    end_offset  bigint NOT NULL,
    seen_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX consumer_partition_consumer ON consumer_partition (consumer);
COMMENT ON TABLE consumer_partition IS 'Where partitions end, as the consumer that had them last saw it: the lag is what lies between checkpoint.next_record and that';
COMMENT ON COLUMN consumer_partition.partition IS 'The lineage of the partition';
COMMENT ON COLUMN consumer_partition.consumer IS 'The consumer that had it last';
COMMENT ON COLUMN consumer_partition.topic IS 'The topic';
COMMENT ON COLUMN consumer_partition.number IS 'The number of the partition in its topic';
COMMENT ON COLUMN consumer_partition.end_offset IS 'The offset of the next message that comes';
COMMENT ON COLUMN consumer_partition.seen_at IS 'When that was so';
