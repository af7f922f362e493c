-- Grids that others have drawn: looked at and repaired in the open before they are a scenario.

ALTER TABLE upload
    DROP CONSTRAINT upload_kind_check,
    ADD CONSTRAINT upload_kind_check CHECK (kind IN ('roads', 'areas', 'buildings', 'households',
        'facilities', 'hazards', 'grids'));

CREATE TABLE grid_import (
    upload_id bigint PRIMARY KEY REFERENCES upload ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    metres double precision NOT NULL DEFAULT 1 CHECK (metres BETWEEN 0 AND 5),
    mapping jsonb NOT NULL DEFAULT '{}',
    decisions jsonb NOT NULL DEFAULT '{}',
    summary jsonb NOT NULL DEFAULT '{}',
    changes jsonb NOT NULL DEFAULT '[]',
    grids jsonb NOT NULL DEFAULT '[]',
    undecided integer NOT NULL DEFAULT 0 CHECK (undecided >= 0),
    input_version text NOT NULL DEFAULT '',
    repaired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    scenario_id bigint REFERENCES scenario ON DELETE SET NULL
);
COMMENT ON TABLE grid_import IS
    'What repairing imported grids changes, what was decided about it, and the grids that come out';
COMMENT ON COLUMN grid_import.metres IS 'within which vertices are put onto those of others';
COMMENT ON COLUMN grid_import.mapping IS 'field of ours to column of the file';
COMMENT ON COLUMN grid_import.decisions IS 'choice by id of a change; others take their default';
COMMENT ON COLUMN grid_import.grids IS 'as shown: taken are exactly these';
COMMENT ON COLUMN grid_import.undecided IS 'changes that are too large to be made without a decision';
COMMENT ON COLUMN grid_import.input_version IS 'outlines and grids in force that it was worked out with';

CREATE TABLE grid_import_feature (
    upload_id bigint NOT NULL REFERENCES upload ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    number integer NOT NULL CHECK (number >= 1),
    properties jsonb NOT NULL,
    repaired text CHECK (length(repaired) <= 500),
    geom geometry(Geometry, 4326) NOT NULL CHECK (geometry_ok(geom)
        AND GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON')),
    PRIMARY KEY (upload_id, number)
);
COMMENT ON TABLE grid_import_feature IS
    'Grids as they are in a file, until it is taken, refused or a week old';
COMMENT ON COLUMN grid_import_feature.repaired IS 'what was done to make the shape valid; NULL when it was';

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['grid_import', 'grid_import_feature']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON grid_import, grid_import_feature TO gridmap_app;
GRANT SELECT ON grid_import, grid_import_feature TO gridmap_backup;
