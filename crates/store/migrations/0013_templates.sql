-- What a run says about its errors: which signatures, so that errors can be followed from night to night and a correction finds the runs it concerns.

ALTER TABLE dataset ADD COLUMN error_signatures uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN dataset.error_signatures IS 'The signatures of its own errors that count, each once, ascending; empty where there are none';
