-- Hazards of four classes with their history, warnings that come in and go out, and sensors.

CREATE FUNCTION hazard_class(kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE
        WHEN kind IN ('flood', 'waterlogging', 'landslide', 'debris_flow', 'earthquake', 'typhoon',
            'rainstorm', 'wind', 'snow', 'heat', 'forest_fire', 'drought') THEN 'natural'
        WHEN kind IN ('fire', 'gas', 'chemical', 'collapse', 'traffic', 'power', 'dam', 'explosion')
            THEN 'accident'
        WHEN kind IN ('epidemic', 'food', 'water_supply', 'animal_disease') THEN 'health'
        WHEN kind IN ('crowd', 'violence', 'security') THEN 'security' END $$;
COMMENT ON FUNCTION hazard_class IS
    'Class of the law a kind belongs to: natural disaster, accident, public health, social security; NULL for a kind it does not know';

UPDATE hazard SET severity = NULL WHERE hazard_class(kind) = 'security' AND severity IS NOT NULL;
ALTER TABLE hazard
    ADD COLUMN class text GENERATED ALWAYS AS (hazard_class(kind)) STORED,
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN adjusted_at timestamptz,
    ADD COLUMN adjusted_by bigint REFERENCES app_user,
    ADD COLUMN reason text CHECK (reason = btrim(reason) AND length(reason) BETWEEN 1 AND 500),
    ADD CONSTRAINT hazard_security_has_no_level
        CHECK (class IS DISTINCT FROM 'security' OR severity IS NULL),
    ADD CONSTRAINT hazard_adjusted CHECK ((revision > 1) = (adjusted_at IS NOT NULL)),
    ADD CONSTRAINT hazard_adjusted_why CHECK ((revision > 1) = (reason IS NOT NULL));
COMMENT ON COLUMN hazard.class IS 'natural, accident, health or security, as its kind says';
COMMENT ON COLUMN hazard.ends_at IS
    'until when it is expected; it stays in force afterwards until a person lifts it';
COMMENT ON COLUMN hazard.reason IS 'why it was adjusted last, as the officer wrote it';

CREATE FUNCTION hazard_stays_what_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.exercise <> OLD.exercise THEN
        RAISE EXCEPTION 'an exercise stays one, and so does what is real'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hazard_stays_what_it_is BEFORE UPDATE ON hazard
    FOR EACH ROW EXECUTE FUNCTION hazard_stays_what_it_is();

CREATE TABLE hazard_revision (
    hazard_id bigint NOT NULL REFERENCES hazard ON DELETE CASCADE,
    revision integer NOT NULL CHECK (revision >= 1),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    severity text CHECK (severity IN ('red', 'orange', 'yellow', 'blue')),
    ends_at timestamptz,
    note text,
    households integer NOT NULL CHECK (households >= 0),
    people integer NOT NULL CHECK (people >= 0),
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    set_by bigint REFERENCES app_user,
    set_at timestamptz NOT NULL,
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    blocked geometry(MultiPolygon, 4326) CHECK (geometry_ok(blocked)),
    PRIMARY KEY (hazard_id, revision)
);
COMMENT ON TABLE hazard_revision IS 'What a hazard was before it was adjusted, one row each time';
CREATE INDEX hazard_revision_area ON hazard_revision (area_code text_pattern_ops);
CREATE INDEX hazard_revision_geom ON hazard_revision USING gist (geom);

ALTER TABLE upload ADD COLUMN exercise boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT upload_exercise_is_of_hazards CHECK (NOT exercise OR kind = 'hazards');
COMMENT ON COLUMN upload.exercise IS 'hazards of a drill: what is taken is never real';

-- Warnings: nothing has been kept in this table before.
DELETE FROM alert;
ALTER TABLE alert
    DROP COLUMN measures,
    DROP CONSTRAINT alert_area_code_identifier_key,
    ADD COLUMN direction text NOT NULL CHECK (direction IN ('received', 'issued')),
    ADD COLUMN class text CHECK (class IN ('natural', 'accident', 'health', 'security')),
    ADD COLUMN kind text CHECK (kind ~ '^[a-z_]{2,40}$'),
    ADD COLUMN event text NOT NULL CHECK (length(event) BETWEEN 1 AND 200),
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN area_desc text NOT NULL CHECK (length(area_desc) >= 1),
    ADD COLUMN refers_to text[] NOT NULL DEFAULT '{}',
    ADD COLUMN state text NOT NULL DEFAULT 'current'
        CHECK (state IN ('current', 'superseded', 'cancelled')),
    ADD COLUMN followed_by bigint REFERENCES alert,
    ADD COLUMN notes jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(notes) = 'array'),
    ADD COLUMN reason text CHECK (length(reason) BETWEEN 1 AND 500),
    ADD COLUMN made_by bigint REFERENCES app_user,
    ADD COLUMN made_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    ADD COLUMN document text NOT NULL CHECK (length(document) BETWEEN 1 AND 2000000),
    ADD CONSTRAINT alert_named UNIQUE (area_code, sender, identifier),
    ADD CONSTRAINT alert_expires_later CHECK (expires_at IS NULL OR expires_at >= starts_at),
    ADD CONSTRAINT alert_followed CHECK ((state <> 'current') = (followed_by IS NOT NULL)),
    ADD CONSTRAINT alert_security_has_no_level
        CHECK (class IS DISTINCT FROM 'security' OR severity IS NULL),
    ADD CONSTRAINT alert_issued_is_whole CHECK (direction <> 'issued' OR msg_type = 'Cancel'
        OR (class IS NOT NULL AND (class = 'security' OR severity IS NOT NULL)
            AND description <> '' AND instruction <> '' AND issuer <> '' AND geom IS NOT NULL));
COMMENT ON COLUMN alert.direction IS 'received from elsewhere, or issued here';
COMMENT ON COLUMN alert.category IS 'category of CAP 1.2, such as Met, Geo, Fire, Health';
COMMENT ON COLUMN alert.class IS 'class of the law: the first of the eight fields';
COMMENT ON COLUMN alert.description IS 'what is to be watched for (警示事项)';
COMMENT ON COLUMN alert.instruction IS 'what is to be done (措施)';
COMMENT ON COLUMN alert.refers_to IS 'sender,identifier,sent of the messages it follows';
COMMENT ON COLUMN alert.followed_by IS 'the message that replaced or cancelled it';
COMMENT ON COLUMN alert.notes IS 'what had to be put right in what came, one entry each time';
COMMENT ON COLUMN alert.document IS 'the CAP 1.2 message as it came, or as it went out';
CREATE INDEX alert_current ON alert (area_code text_pattern_ops, sent DESC);
CREATE INDEX alert_followed_by ON alert (followed_by) WHERE followed_by IS NOT NULL;
CREATE INDEX alert_hazard ON alert (hazard_id) WHERE hazard_id IS NOT NULL;
-- deferred: an update is there before the one it replaces knows of it
ALTER TABLE alert ADD CONSTRAINT alert_one_in_force EXCLUDE (area_code WITH =, hazard_id WITH =)
    WHERE (direction = 'issued' AND state = 'current' AND msg_type <> 'Cancel')
    DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION alert_and_hazard_agree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hazard_id IS NOT NULL AND NEW.status NOT IN ('Actual', 'Exercise') THEN
        RAISE EXCEPTION 'a message of status % declares nothing', NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.hazard_id IS NOT NULL AND EXISTS (SELECT 1 FROM hazard AS h
            WHERE h.id = NEW.hazard_id AND h.exercise <> (NEW.status = 'Exercise')) THEN
        RAISE EXCEPTION 'an exercise is never mixed with what is real'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_and_hazard_agree BEFORE INSERT OR UPDATE OF hazard_id, status ON alert
    FOR EACH ROW EXECUTE FUNCTION alert_and_hazard_agree();

CREATE TABLE sensor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    code text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    kind text NOT NULL CHECK (kind IN ('water_level', 'rain', 'smoke')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    name_en text CHECK (length(name_en) BETWEEN 1 AND 100),
    unit text NOT NULL CHECK (length(unit) BETWEEN 1 AND 20),
    lowest double precision NOT NULL,
    highest double precision NOT NULL,
    blue double precision,
    yellow double precision,
    orange double precision,
    red double precision,
    hysteresis double precision NOT NULL DEFAULT 0
        CHECK (hysteresis >= 0 AND hysteresis < 'Infinity'::float8),
    stale_minutes integer NOT NULL DEFAULT 60 CHECK (stale_minutes BETWEEN 1 AND 10080),
    radius_m integer NOT NULL DEFAULT 200 CHECK (radius_m BETWEEN 10 AND 20000),
    exercise boolean NOT NULL DEFAULT false,
    level text CHECK (level IN ('blue', 'yellow', 'orange', 'red')),
    last_value double precision,
    last_at timestamptz,
    added_by bigint REFERENCES app_user,
    added_at timestamptz NOT NULL DEFAULT now(),
    geom geometry(Point, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, code),
    CHECK (lowest > '-Infinity'::float8 AND highest < 'Infinity'::float8 AND lowest < highest),
    CHECK (coalesce(blue, yellow, orange, red) IS NOT NULL),
    CHECK ((last_value IS NULL) = (last_at IS NULL))
);
COMMENT ON TABLE sensor IS 'Water level, rain and smoke: what they post raises a proposal, a person declares';
COMMENT ON COLUMN sensor.hysteresis IS 'how far below a threshold a value falls before the level is left again';
COMMENT ON COLUMN sensor.level IS 'level it is at by its last reading; NULL: below all thresholds';
COMMENT ON COLUMN sensor.radius_m IS 'radius of the area that a proposal fills into the form';
COMMENT ON COLUMN sensor.exercise IS 'a sensor of drills: what it raises is an exercise';
CREATE INDEX sensor_geom ON sensor USING gist (geom);

CREATE TABLE sensor_reading (
    sensor_id bigint NOT NULL REFERENCES sensor ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    at timestamptz NOT NULL,
    value double precision NOT NULL
        CHECK (value > '-Infinity'::float8 AND value < 'Infinity'::float8),
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sensor_id, at)
);
COMMENT ON TABLE sensor_reading IS 'What sensors posted; the same moment sent twice is one row';
CREATE INDEX sensor_reading_area ON sensor_reading (area_code text_pattern_ops);

CREATE TABLE sensor_proposal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sensor_id bigint NOT NULL REFERENCES sensor ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    level text NOT NULL CHECK (level IN ('blue', 'yellow', 'orange', 'red')),
    value double precision NOT NULL
        CHECK (value > '-Infinity'::float8 AND value < 'Infinity'::float8),
    threshold double precision NOT NULL,
    reading_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'declined')),
    hazard_id bigint REFERENCES hazard,
    reason text CHECK (reason = btrim(reason) AND length(reason) BETWEEN 1 AND 500),
    raised_at timestamptz NOT NULL DEFAULT now(),
    decided_by bigint REFERENCES app_user,
    decided_at timestamptz,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'accepted') = (hazard_id IS NOT NULL)),
    CHECK ((state = 'declined') = (reason IS NOT NULL))
);
COMMENT ON TABLE sensor_proposal IS
    'A threshold was passed: a person declares a hazard or says why not; nothing is declared by itself';
CREATE UNIQUE INDEX sensor_proposal_open ON sensor_proposal (area_code, sensor_id, level)
    WHERE state = 'open';
CREATE INDEX sensor_proposal_sensor ON sensor_proposal (sensor_id, raised_at DESC);

-- Private: what has been posted and decided. Common: where sensors stand, and what a hazard was.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sensor', 'sensor_reading', 'sensor_proposal', 'hazard_revision']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_county ON %I FOR SELECT USING (EXISTS (SELECT 1 '
            'FROM unnest((SELECT my_areas())) AS mine(code) '
            'WHERE left(area_code, 6) ^@ left(mine.code, 6)))', t);
        EXECUTE format(
            'CREATE POLICY own_area_insert ON %I FOR INSERT '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format(
            'CREATE POLICY own_area_update ON %I FOR UPDATE '
            'USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format(
            'CREATE POLICY own_area_delete ON %I FOR DELETE '
            'USING (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE
    ON sensor, sensor_reading, sensor_proposal, hazard_revision TO gridmap_app;
GRANT USAGE ON SEQUENCE sensor_id_seq, sensor_proposal_id_seq TO gridmap_app;
GRANT SELECT ON sensor, sensor_reading, sensor_proposal, hazard_revision TO gridmap_backup;
GRANT SELECT ON SEQUENCE sensor_id_seq, sensor_proposal_id_seq TO gridmap_backup;
