-- What "reached" means, said in full and kept in every version; what a facility can answer;
-- railways, which no responder crosses but by a bridge.

ALTER TABLE coverage_standard
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version BETWEEN 1 AND 1000000),
    ADD COLUMN retired boolean NOT NULL DEFAULT false,
    ADD COLUMN area_type text NOT NULL DEFAULT 'any'
        CHECK (area_type IN ('any', 'urban', 'village')),
    ADD COLUMN barriers text[] NOT NULL DEFAULT '{}'
        CHECK (barriers <@ ARRAY['motorway', 'trunk', 'railway', 'river']),
    ADD COLUMN bands jsonb NOT NULL
        DEFAULT '[{"key": "day", "name_zh": "白天", "name_en": "Day", "speeds": {"*": 1.0}}]'
        CHECK (jsonb_typeof(bands) = 'array' AND jsonb_array_length(bands) BETWEEN 1 AND 6),
    ADD COLUMN area_rule jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(area_rule) = 'object'),
    ADD COLUMN slider_min double precision CHECK (slider_min > 0 AND slider_min < 1e6),
    ADD COLUMN slider_max double precision CHECK (slider_max > 0 AND slider_max < 1e6),
    ADD COLUMN created_by bigint REFERENCES app_user,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD CHECK (slider_min < slider_max),
    DROP CONSTRAINT coverage_standard_pkey,
    ADD PRIMARY KEY (area_code, key, version);
COMMENT ON TABLE coverage_standard IS
    'What "reached" means, with its source; no row is ever changed: an edit is a row with the next version. Stored with every run';
COMMENT ON COLUMN coverage_standard.version IS
    'on a day the highest one with valid_from not after it holds; if that is retired, none of this area';
COMMENT ON COLUMN coverage_standard.area_type IS
    'of whose households it speaks: those of urban communities, of villages, or all';
COMMENT ON COLUMN coverage_standard.barriers IS 'what may be crossed by a bridge or tunnel only';
COMMENT ON COLUMN coverage_standard.bands IS
    'how fast streets are at some time, by class of street, as a share of their speed; the first one counts';
COMMENT ON COLUMN coverage_standard.area_rule IS
    'square kilometres a facility may serve, by its level; empty: no such rule';
COMMENT ON COLUMN coverage_standard.slider_min IS
    'least limit to look at on the map; NULL: a third of the limit, and three times it for the greatest';
COMMENT ON COLUMN coverage_standard.created_by IS 'NULL: came with the product';
CREATE INDEX coverage_standard_key ON coverage_standard (key, area_code text_pattern_ops);

-- Written once: whoever could change a row would change what past figures meant. Only the area
-- moves, when communities are merged.
CREATE FUNCTION coverage_standard_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - 'area_code' <> to_jsonb(NEW) - 'area_code' THEN
        RAISE EXCEPTION 'a version of a coverage standard is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER coverage_standard_stays BEFORE UPDATE ON coverage_standard
    FOR EACH ROW EXECUTE FUNCTION coverage_standard_stays();

ALTER TABLE facility
    ADD COLUMN crew text CHECK (crew = btrim(crew) AND length(crew) BETWEEN 1 AND 80),
    ADD COLUMN level text CHECK (level ~ '^[a-z0-9_]{1,20}$'),
    ADD COLUMN hours jsonb
        CHECK (jsonb_typeof(hours) = 'array' AND jsonb_array_length(hours) <= 40),
    ADD COLUMN capacity integer CHECK (capacity BETWEEN 0 AND 1000000),
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1);
COMMENT ON COLUMN facility.crew IS
    'who goes out from it; two places of one crew are no help for each other; NULL: a crew of its own';
COMMENT ON COLUMN facility.level IS 'of its kind: 1, 2, small, suburb for a fire station';
COMMENT ON COLUMN facility.hours IS
    'list of {days: 1 Monday to 7 Sunday, from, to}; NULL: always open, empty: never';
COMMENT ON COLUMN facility.capacity IS 'people; that of a shelter is in table shelter';
COMMENT ON COLUMN facility.revision IS 'counts edits by people, so that none undoes another unseen';

CREATE TABLE railway (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    name text,
    bridge boolean NOT NULL DEFAULT false,
    tunnel boolean NOT NULL DEFAULT false,
    geom geometry(LineString, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
COMMENT ON TABLE railway IS 'Tracks of trains; where they lie on the ground no responder crosses them';
CREATE INDEX railway_geom ON railway USING gist (geom);

ALTER TABLE railway ENABLE ROW LEVEL SECURITY;
ALTER TABLE railway FORCE ROW LEVEL SECURITY;
CREATE POLICY own_county ON railway FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code) WHERE left(area_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY own_area_insert ON railway FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_update ON railway FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_delete ON railway FOR DELETE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE TRIGGER layer_version_insert AFTER INSERT ON railway
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_update AFTER UPDATE ON railway
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_delete AFTER DELETE ON railway
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
INSERT INTO layer_version (layer) VALUES ('railway');

GRANT SELECT, INSERT, UPDATE, DELETE ON railway TO gridmap_app;
GRANT USAGE ON SEQUENCE railway_id_seq TO gridmap_app;
GRANT SELECT ON railway TO gridmap_backup;
GRANT SELECT ON SEQUENCE railway_id_seq TO gridmap_backup;
