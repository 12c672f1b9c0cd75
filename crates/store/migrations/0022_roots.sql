-- Root runs of a job, and the good ones among them, newest first: jobs that others start have thousands of runs and none of these.
-- A job number always stands; saying so keeps the planner from reading a whole index for questions that name no job.
CREATE INDEX dataset_root ON dataset (job_number, started_at) WHERE is_root AND job_number IS NOT NULL;
CREATE INDEX dataset_good ON dataset (job_number, started_at)
    WHERE is_root AND status = 'success' AND tree_status = 'success' AND duration_ms IS NOT NULL AND job_number IS NOT NULL;
