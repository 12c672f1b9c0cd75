-- What goes through Kafka. A partition is a lineage of its own (checkpoint, kind 'kafka', next_record = the next offset), committed with
-- the rows of its messages. A lineage that a producer sends is a stream: nobody else may read it from then on.

CREATE TABLE stream (
    stream       uuid PRIMARY KEY,
    lineage      bigint NOT NULL,
    from_record  bigint NOT NULL,
    messages     bigint NOT NULL DEFAULT 0,
    is_ours      boolean NOT NULL,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    retired_at   timestamptz
);
CREATE UNIQUE INDEX stream_lineage ON stream (lineage) WHERE retired_at IS NULL;
COMMENT ON TABLE stream IS 'Lineages whose records come as messages: from which record on, and how many messages the broker has taken';
COMMENT ON COLUMN stream.stream IS 'The name of the lineage in messages: the same in all databases';
COMMENT ON COLUMN stream.lineage IS 'The lineage whose records come as messages';
COMMENT ON COLUMN stream.from_record IS 'The first record that was sent; those before it were loaded';
COMMENT ON COLUMN stream.messages IS 'Messages up to the checkpoint that the broker has taken; 0 where another database knows them';
COMMENT ON COLUMN stream.is_ours IS 'A producer with this database sends it; its checkpoint is how far the broker has taken it';
COMMENT ON COLUMN stream.opened_at IS 'When it was first sent or received';
COMMENT ON COLUMN stream.retired_at IS 'When it was taken back: what still comes of it is dropped';

CREATE TABLE stream_high (
    stream    uuid NOT NULL,
    partition bigint NOT NULL,
    record    bigint NOT NULL,
    PRIMARY KEY (stream, partition)
);
COMMENT ON TABLE stream_high IS 'The highest record of a stream that was stored from a partition: what is not above it was stored before';
COMMENT ON COLUMN stream_high.stream IS 'The stream';
COMMENT ON COLUMN stream_high.partition IS 'The lineage of the partition';
COMMENT ON COLUMN stream_high.record IS 'The number of the record, from 0';

COMMENT ON COLUMN batch.dialect IS 'What read them: talend, openlineage, generic; smartetl where they came as messages of our own';
COMMENT ON COLUMN reject.reason IS 'Why: field_count, quote, encoding, missing_value, bad_time, time_out_of_range, bad_number, unknown_word, too_long, bad_value, json, schema, schema_version';
COMMENT ON COLUMN checkpoint.kind IS 'What it is: file, kafka (a partition), stream (content that comes only as messages)';
COMMENT ON COLUMN checkpoint.next_record IS 'How many records are stored or sent; of a partition, the offset of the next message';
