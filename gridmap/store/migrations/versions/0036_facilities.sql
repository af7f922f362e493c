-- Facilities kept by hand: why one is off duty and until when, which are given up, who said so last.

ALTER TABLE facility
    ADD COLUMN closed_why text
        CHECK (closed_why = btrim(closed_why) AND length(closed_why) BETWEEN 1 AND 200),
    ADD COLUMN closed_until timestamptz,
    ADD COLUMN retired_at timestamptz,
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN changed_by bigint REFERENCES app_user,
    ADD CONSTRAINT facility_open_has_no_reason
        CHECK (NOT open OR (closed_why IS NULL AND closed_until IS NULL)),
    ADD CONSTRAINT facility_retired_is_shut CHECK (NOT open OR retired_at IS NULL);
COMMENT ON COLUMN facility.closed_why IS 'why it is off duty, as people read it';
COMMENT ON COLUMN facility.closed_until IS 'when it is on duty again by itself; NULL: when somebody says so';
COMMENT ON COLUMN facility.retired_at IS
    'since when it is no more: kept for what was computed from it, shown and counted nowhere';
COMMENT ON COLUMN facility.changed_by IS 'who changed it last by hand; NULL: nobody, or its time had come';
CREATE INDEX facility_closed_until ON facility (closed_until) WHERE closed_until IS NOT NULL;
