-- A stream goes to one place: its highest records are kept by partition, so the rest of it must not come by others.

ALTER TABLE stream ADD COLUMN cluster text, ADD COLUMN topic_log text, ADD COLUMN topic_error text;
COMMENT ON COLUMN stream.cluster IS 'The Kafka cluster that it is sent to, by its id; NULL where another database knows it, or nothing was sent since it is kept';
COMMENT ON COLUMN stream.topic_log IS 'The topic of its rows of log';
COMMENT ON COLUMN stream.topic_error IS 'The topic of its rows of logerreur and its rejects';
