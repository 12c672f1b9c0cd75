-- What old rows leave behind when they are pruned: the ledger goes on to account for them, and the days that were folded from them
-- stay as they are.

CREATE TABLE pruned (
    batch           bigint PRIMARY KEY,
    rows_log        bigint NOT NULL,
    rows_error      bigint NOT NULL,
    rejects         bigint NOT NULL,
    log_checksum    bigint NOT NULL,
    error_checksum  bigint NOT NULL,
    reject_checksum bigint NOT NULL,
    pruned_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pruned IS 'What was removed of a batch by `smartetl prune`: what the ledger says of it is what is stored and what stands here';
COMMENT ON COLUMN pruned.batch IS 'The batch that the rows were of';
COMMENT ON COLUMN pruned.rows_log IS 'Rows of log that were removed';
COMMENT ON COLUMN pruned.rows_error IS 'Rows of logerreur that were removed';
COMMENT ON COLUMN pruned.rejects IS 'Rejects that were removed';
COMMENT ON COLUMN pruned.log_checksum IS 'Wrapping sum of the hashes of these rows of log';
COMMENT ON COLUMN pruned.error_checksum IS 'The same for these rows of logerreur';
COMMENT ON COLUMN pruned.reject_checksum IS 'The same for these rejects';
COMMENT ON COLUMN pruned.pruned_at IS 'When that last happened';

ALTER TABLE fuse_state ADD COLUMN closed_before date;
COMMENT ON COLUMN fuse_state.closed_before IS 'Business days before this one are closed: their rows are pruned, and no fuse changes their runs; NULL while everything is kept';
CREATE FUNCTION first_open_day() RETURNS date LANGUAGE sql STABLE
RETURN coalesce((SELECT closed_before FROM fuse_state), '-infinity');
COMMENT ON FUNCTION first_open_day() IS 'The first business day that is not closed: its runs are what the rows fold to';

COMMENT ON COLUMN upkeep.kind IS 'What was done: backup, verify, prune, disk';
