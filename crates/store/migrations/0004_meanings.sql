-- Meanings that grew: days on which the company is closed, lines that are no JSON.
COMMENT ON COLUMN job_day.day_type IS 'What day it is: working, saturday, sunday, holiday, closure (the company is closed), eve, day_after, month_end (last working day), month_start (first)';
COMMENT ON COLUMN reject.reason IS 'Why: field_count, quote, encoding, missing_value, bad_time, time_out_of_range, bad_number, unknown_word, too_long, bad_value, json';
