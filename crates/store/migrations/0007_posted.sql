-- What is posted over HTTP. A way of posting is a lineage of its own (checkpoint, kind 'http', next_record = records received). What
-- is posted again under the same key is answered with what it came to the first time.

CREATE TABLE posted (
    key         uuid PRIMARY KEY,
    content     uuid NOT NULL,
    batch       bigint NOT NULL,
    receipt     jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX posted_received ON posted USING brin (received_at, batch);
COMMENT ON TABLE posted IS 'What was posted over HTTP in the last 7 days under a key, and what it came to: posting it again changes nothing';
COMMENT ON COLUMN posted.key IS 'Hash of the idempotency key, or of the event itself';
COMMENT ON COLUMN posted.content IS 'Hash of what was posted under it';
COMMENT ON COLUMN posted.batch IS 'The batch that holds its rows';
COMMENT ON COLUMN posted.receipt IS 'What it came to: records, rows, rejects';
COMMENT ON COLUMN posted.received_at IS 'When it was stored';

COMMENT ON COLUMN checkpoint.kind IS 'What it is: file, kafka (a partition), stream (content that comes only as messages), http (what is posted)';
COMMENT ON COLUMN checkpoint.next_record IS 'How many records are stored or sent; of a partition, the offset of the next message; of what is posted, all records received';
