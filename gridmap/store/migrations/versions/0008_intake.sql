-- Photos of reports, who handles an incident until when, and files waiting to be read.

ALTER TABLE incident
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    ADD COLUMN note text CHECK (length(note) BETWEEN 1 AND 2000),
    ADD COLUMN placed_by text CHECK (placed_by IN ('gps', 'finger', 'address')),
    ADD COLUMN device_sequence bigint CHECK (device_sequence >= 0),
    ADD COLUMN skew_seconds bigint,
    ADD COLUMN responder_id bigint REFERENCES responder,
    ADD COLUMN due_at timestamptz;
COMMENT ON COLUMN incident.version IS 'grows with every step; an edit names the one it has seen';
COMMENT ON COLUMN incident.skew_seconds IS
    'how far the clock of the device was ahead of ours, when more than five minutes; the order is that of our numbers';
COMMENT ON COLUMN incident.due_at IS 'until when the next step is expected, by response_time';
CREATE INDEX incident_reporter ON incident (reported_by, state_changed_at DESC);
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE response_time (
    state text NOT NULL CHECK (state IN ('reported', 'verified', 'assigned', 'handling', 'objected')),
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 4),
    seconds integer NOT NULL CHECK (seconds BETWEEN 60 AND 2592000),
    source text NOT NULL CHECK (length(source) > 0),
    PRIMARY KEY (state, level)
);
COMMENT ON TABLE response_time IS
    'How long an incident of a level may stay in a state; 0 is for those without a level. Edited by the county';
INSERT INTO response_time (state, level, seconds, source)
SELECT state, level, minutes * 60, '本项目默认值, 由县里改定'
FROM (VALUES ('reported', ARRAY[30, 5, 10, 30, 60]), ('verified', ARRAY[30, 5, 10, 30, 60]),
             ('objected', ARRAY[30, 5, 10, 30, 60]), ('assigned', ARRAY[120, 10, 20, 60, 240]),
             ('handling', ARRAY[1440, 120, 240, 1440, 4320])) AS times (state, limits),
     unnest(limits) WITH ORDINALITY AS each (minutes, place),
     LATERAL (SELECT (place - 1)::smallint AS level) AS known;

-- A trigger, because an incident comes in by several ways and its time limit is one rule.
CREATE FUNCTION incident_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.due_at := NEW.state_changed_at + make_interval(secs => (
        SELECT seconds FROM public.response_time
        WHERE state = NEW.state AND level = coalesce(NEW.level, 0)));
    RETURN NEW;
END $$;
CREATE TRIGGER incident_due BEFORE INSERT OR UPDATE OF state, level, state_changed_at ON incident
    FOR EACH ROW EXECUTE FUNCTION incident_due();

CREATE TABLE incident_step (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    verb text NOT NULL CHECK (verb IN ('verify', 'assign', 'start', 'resolve', 'close', 'dismiss',
        'merge', 'absorb', 'object', 'reopen')),
    from_state text NOT NULL,
    to_state text NOT NULL,
    level smallint CHECK (level BETWEEN 1 AND 4),
    responder_id bigint REFERENCES responder,
    other uuid REFERENCES incident,
    text text CHECK (length(text) BETWEEN 1 AND 2000),
    user_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((verb IN ('merge', 'absorb')) = (other IS NOT NULL))
);
COMMENT ON TABLE incident_step IS 'What was done about an incident, by whom and why; never changed';
COMMENT ON COLUMN incident_step.other IS 'the incident it was merged into, or the one it took in';
CREATE INDEX incident_step_of ON incident_step (incident_id, id);

CREATE TABLE incident_conflict (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id uuid NOT NULL,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    content jsonb NOT NULL,
    content_hash bytea NOT NULL,
    sent_by bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (area_code, incident_id, content_hash)
);
COMMENT ON TABLE incident_conflict IS
    'A report whose id was taken by other content: refused, and kept for the duty officer';

ALTER TABLE incident_photo
    ALTER COLUMN bytes DROP NOT NULL,
    ADD COLUMN reason text CHECK (length(reason) BETWEEN 1 AND 400),
    ADD COLUMN mime text CHECK (mime IN ('image/jpeg', 'image/png', 'image/webp')),
    ADD COLUMN width integer CHECK (width BETWEEN 1 AND 20000),
    ADD COLUMN height integer CHECK (height BETWEEN 1 AND 20000),
    ADD COLUMN picture bytea,
    ADD COLUMN thumbnail bytea,
    ADD COLUMN received_at timestamptz,
    -- pictures are compressed already
    ALTER COLUMN picture SET STORAGE EXTERNAL,
    ALTER COLUMN thumbnail SET STORAGE EXTERNAL,
    ADD CHECK ((state = 'stored') = (picture IS NOT NULL)),
    ADD CHECK ((picture IS NULL) = (mime IS NULL) AND (picture IS NULL) = (thumbnail IS NULL)),
    ADD CHECK ((state = 'refused') = (reason IS NOT NULL));
COMMENT ON COLUMN incident_photo.sha256 IS 'of the bytes the tablet sent: its name for the photo';
COMMENT ON COLUMN incident_photo.bytes IS 'how many bytes the tablet sent';
COMMENT ON COLUMN incident_photo.picture IS
    'the pixels in a new image, without anything else that was in the file; what was sent is not kept';

CREATE TABLE upload (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind IN ('roads', 'areas', 'buildings', 'households', 'facilities',
        'hazards')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    crs text CHECK (length(crs) BETWEEN 1 AND 40),
    mapping jsonb NOT NULL DEFAULT '{}',
    bytes bigint NOT NULL CHECK (bytes BETWEEN 1 AND 209715200),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'read', 'refused', 'taking',
        'taken')),
    job_id bigint REFERENCES job,
    preview jsonb,
    faults jsonb,
    user_id bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    taken_at timestamptz,
    taken_by bigint REFERENCES app_user
);
COMMENT ON TABLE upload IS 'Files waiting to be read in a sandbox, looked at, and taken';
CREATE INDEX upload_area ON upload (area_code text_pattern_ops, id DESC);

CREATE TABLE upload_chunk (
    upload_id bigint NOT NULL REFERENCES upload ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    number integer NOT NULL CHECK (number >= 0),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 1048576),
    PRIMARY KEY (upload_id, number)
);
ALTER TABLE upload_chunk ALTER COLUMN content SET STORAGE EXTERNAL;
COMMENT ON TABLE upload_chunk IS
    'The bytes of an upload as they came, so that a worker on any machine can read them; removed once it is taken or old';

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['incident_step', 'incident_conflict', 'upload', 'upload_chunk']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

-- the layer of incidents counts their photos and names who handles them
CREATE TRIGGER layer_version_insert AFTER INSERT ON incident_photo
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_update AFTER UPDATE ON incident_photo
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_delete AFTER DELETE ON incident_photo
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
INSERT INTO layer_version (layer) VALUES ('incident_photo');

GRANT SELECT ON response_time, incident_step, incident_conflict, upload, upload_chunk
    TO gridmap_app, gridmap_backup;
GRANT INSERT ON incident_step, incident_conflict TO gridmap_app;
GRANT INSERT, UPDATE, DELETE ON upload, upload_chunk TO gridmap_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gridmap_app;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO gridmap_backup;
