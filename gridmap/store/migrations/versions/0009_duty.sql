-- Alarms taken, the duty log, shifts.

-- Who took an alarm first. An alarm is an event of the feed: its number is all that is kept here.
CREATE TABLE alarm_taken (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    event_seq bigint NOT NULL REFERENCES event,
    user_id bigint NOT NULL REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area_code, event_seq)
);
COMMENT ON TABLE alarm_taken IS
    'The first to take an alarm silences it on every map; the key decides who was first';
COMMENT ON COLUMN alarm_taken.area_code IS 'that of the event';

ALTER TABLE alarm_taken ENABLE ROW LEVEL SECURITY;
ALTER TABLE alarm_taken FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON alarm_taken USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
GRANT SELECT, INSERT ON alarm_taken TO gridmap_app;
GRANT SELECT ON alarm_taken TO gridmap_backup;

ALTER TABLE duty_shift
    ADD COLUMN started_by bigint REFERENCES app_user,
    ADD COLUMN handed_over_at timestamptz,
    ADD COLUMN handover text CHECK (length(handover) BETWEEN 1 AND 8000),
    ADD CONSTRAINT leader_ok CHECK (length(leader) BETWEEN 1 AND 80),
    ADD CONSTRAINT officers_ok CHECK (cardinality(officers) <= 12);
COMMENT ON COLUMN duty_shift.handover IS 'what the leaving shift told the coming one, in its words';
-- one shift at a time is on duty in an area
CREATE UNIQUE INDEX duty_shift_open ON duty_shift (area_code) WHERE handed_over_at IS NULL;

-- what has been written into the log stays as it was
REVOKE UPDATE, DELETE ON duty_log_entry FROM gridmap_app;

ALTER TABLE hazard ADD COLUMN note text CHECK (length(note) BETWEEN 1 AND 2000);
COMMENT ON COLUMN hazard.note IS 'what the officer wrote when declaring it';
-- the alarms of a desk are found among what is open, never by reading through the event table
CREATE INDEX incident_alarming ON incident (level, reported_at)
    WHERE state IN ('reported', 'verified', 'assigned', 'handling', 'resolved', 'objected');
