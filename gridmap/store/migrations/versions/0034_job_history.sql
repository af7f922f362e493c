-- Jobs that have ended are let go of in time, and found by what they belong to.

CREATE INDEX job_child ON job ((arguments ->> 'for')) WHERE arguments ? 'for';
COMMENT ON INDEX job_child IS 'the parts of its work that a job has asked others for';
CREATE INDEX job_of_kind ON job (kind, id DESC);
CREATE INDEX job_ended_at ON job (ended_at) WHERE ended_at IS NOT NULL;

-- before a job goes it is looked for in whatever may point to it
CREATE INDEX plan_job ON plan (job_id);
CREATE INDEX plan_sheet_job ON plan_sheet (job_id);
CREATE INDEX coverage_run_job ON coverage_run (job_id);
CREATE INDEX care_run_job ON care_run (job_id);
CREATE INDEX scenario_job ON scenario (job_id);
CREATE INDEX upload_job ON upload (job_id);
CREATE INDEX export_request_job ON export_request (job_id);
