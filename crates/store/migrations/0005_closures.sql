-- Days on which the company is closed are a kind of day of their own.
COMMENT ON COLUMN job_day.day_type IS 'What day it is: working, saturday, sunday, holiday, closure (the company is closed), eve, day_after, month_end (last working day), month_start (first)';
