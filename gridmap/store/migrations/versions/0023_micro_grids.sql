-- Micro-grids: a comprehensive grid divided for who goes from door to door in it.

CREATE TABLE micro_grid (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code ~ '^[0-9]{15}$'),
    number integer NOT NULL CHECK (number BETWEEN 1 AND 999),
    grid_id bigint NOT NULL REFERENCES grid ON DELETE CASCADE,
    valid_from date NOT NULL DEFAULT current_date,
    valid_to date,
    households integer NOT NULL CHECK (households >= 0),
    people integer NOT NULL CHECK (people >= 0),
    head text CHECK (head = btrim(head) AND length(head) BETWEEN 1 AND 80),
    measures jsonb NOT NULL DEFAULT '{}',
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    label_point geometry(Point, 4326) NOT NULL CHECK (geometry_ok(label_point)),
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
COMMENT ON TABLE micro_grid IS
    'Parts of a comprehensive grid, with history; area_code is the code of that grid. They fill one version of it and end with it';
COMMENT ON COLUMN micro_grid.number IS 'west to east and north to south inside the grid';
COMMENT ON COLUMN micro_grid.grid_id IS 'the version of the grid that is divided';
COMMENT ON COLUMN micro_grid.head IS
    'name of who speaks for it, a head of a building say, as it is posted; no telephone, no account';
COMMENT ON COLUMN micro_grid.measures IS
    'minimum, maximum and source of the rule it was drawn by, deviation; why: figures that say why no better one was to be had';
CREATE UNIQUE INDEX micro_grid_in_force ON micro_grid (area_code, number) WHERE valid_to IS NULL;
CREATE INDEX micro_grid_of ON micro_grid (grid_id);
CREATE INDEX micro_grid_area ON micro_grid (area_code text_pattern_ops);
CREATE INDEX micro_grid_geom ON micro_grid USING gist (geom);

-- What divides a version of a grid ends with it, whatever ends it and in the same transaction:
-- nobody is shown parts of a grid that is gone.
CREATE FUNCTION micro_grids_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE micro_grid SET valid_to = greatest(NEW.valid_to, valid_from)
    WHERE grid_id = NEW.id AND valid_to IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER micro_grids_end AFTER UPDATE OF valid_to ON grid FOR EACH ROW
    WHEN (OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL)
    EXECUTE FUNCTION micro_grids_end();

-- A version with another name or member and the same ground is divided as the one before it was.
CREATE FUNCTION micro_grids_go_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO micro_grid (area_code, number, grid_id, valid_from, households, people, head,
        measures, geom, label_point)
    SELECT m.area_code, m.number, NEW.id, NEW.valid_from, m.households, m.people, m.head,
        m.measures, m.geom, m.label_point
    FROM grid AS o JOIN micro_grid AS m ON m.grid_id = o.id
    WHERE o.area_code = NEW.area_code AND o.code = NEW.code AND o.version = NEW.version - 1
        AND o.valid_to IS NOT NULL AND o.geom = NEW.geom
        -- those that it was divided into last, where it was divided more than once
        AND m.valid_to = greatest(o.valid_to, m.valid_from)
        AND m.valid_from = (SELECT max(l.valid_from) FROM micro_grid AS l WHERE l.grid_id = o.id);
    RETURN NULL;
END $$;
CREATE TRIGGER micro_grids_go_on AFTER INSERT ON grid FOR EACH ROW
    WHEN (NEW.valid_to IS NULL AND NEW.kind = 'comprehensive' AND NEW.version > 1)
    EXECUTE FUNCTION micro_grids_go_on();

ALTER TABLE micro_grid ENABLE ROW LEVEL SECURITY;
ALTER TABLE micro_grid FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON micro_grid USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

CREATE TRIGGER layer_version_insert AFTER INSERT ON micro_grid
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_update AFTER UPDATE ON micro_grid
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_delete AFTER DELETE ON micro_grid
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
INSERT INTO layer_version (layer) VALUES ('micro_grid');

GRANT SELECT, INSERT, UPDATE, DELETE ON micro_grid TO gridmap_app;
GRANT USAGE ON SEQUENCE micro_grid_id_seq TO gridmap_app;
GRANT SELECT ON micro_grid TO gridmap_backup;
GRANT SELECT ON SEQUENCE micro_grid_id_seq TO gridmap_backup;
