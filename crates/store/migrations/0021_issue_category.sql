-- Errors that never ended a run have a category, too.

COMMENT ON COLUMN issue.category IS 'As the last run says whose cause it was; where it never was a cause, what its masked message says';
