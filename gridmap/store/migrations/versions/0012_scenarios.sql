-- Scenarios of redrawing: their grids, operations and publication.

ALTER TABLE scenario
    ADD COLUMN base_summary jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN job_id bigint REFERENCES job,
    ADD COLUMN validated_version integer,
    ADD COLUMN next_number integer NOT NULL DEFAULT 1 CHECK (next_number BETWEEN 1 AND 100000),
    ADD COLUMN approved_by bigint REFERENCES app_user,
    ADD COLUMN approved_at timestamptz,
    ADD COLUMN published_by bigint REFERENCES app_user,
    ADD COLUMN published_at timestamptz,
    ADD COLUMN effective_from date,
    ADD COLUMN applied_at timestamptz,
    ADD CONSTRAINT scenario_two_people
        CHECK (published_by IS NULL OR published_by IS DISTINCT FROM created_by),
    ADD CONSTRAINT scenario_approved
        CHECK ((state IN ('approved', 'published')) <= (approved_at IS NOT NULL)),
    ADD CONSTRAINT scenario_published
        CHECK ((state = 'published')
               = (published_at IS NOT NULL AND effective_from IS NOT NULL)),
    ADD CONSTRAINT scenario_applied CHECK (applied_at IS NULL OR state = 'published');
COMMENT ON TABLE scenario IS 'A planner''s copy of the grids of an area, redrawn until it is published';
COMMENT ON COLUMN scenario.version IS 'grows with every operation, undo and redo: the base of the next one';
COMMENT ON COLUMN scenario.base_version IS 'version of the layer of grids when they were copied';
COMMENT ON COLUMN scenario.next_number IS 'number of the next new grid; never given twice in a scenario';
COMMENT ON COLUMN scenario.applied_at IS 'when the grids came into force; NULL until the day';
CREATE INDEX scenario_area ON scenario (area_code text_pattern_ops, id DESC);
CREATE INDEX scenario_pending ON scenario (effective_from)
    WHERE state = 'published' AND applied_at IS NULL;

CREATE TABLE scenario_base (
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    grid_id bigint NOT NULL REFERENCES grid,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    code text NOT NULL,
    PRIMARY KEY (scenario_id, grid_id)
);
COMMENT ON TABLE scenario_base IS 'Rows of grids in force that a scenario was copied from';
CREATE INDEX scenario_base_grid ON scenario_base (grid_id);

CREATE TABLE scenario_grid (
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    key text NOT NULL CHECK (key ~ '^([0-9]{15}|n[0-9]{1,6})$'),
    area_code text NOT NULL CHECK (area_code_ok(area_code) AND length(area_code) = 12),
    code text CHECK (code ~ '^[0-9]{15}$' AND left(code, 12) = area_code),
    parent text CHECK (parent ~ '^[0-9]{15}$'),
    base_id bigint REFERENCES grid,
    name text CHECK (length(name) BETWEEN 1 AND 80),
    households integer NOT NULL CHECK (households >= 0),
    people integer NOT NULL CHECK (people >= 0),
    moved_households integer NOT NULL DEFAULT 0 CHECK (moved_households BETWEEN 0 AND households),
    moved_people integer NOT NULL DEFAULT 0 CHECK (moved_people >= 0),
    measures jsonb NOT NULL DEFAULT '{}',
    notes jsonb NOT NULL DEFAULT '[]',
    changed boolean NOT NULL DEFAULT false,
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    label_point geometry(Point, 4326) NOT NULL CHECK (geometry_ok(label_point)),
    PRIMARY KEY (scenario_id, key)
);
COMMENT ON COLUMN scenario_grid.key IS 'code of a grid in force, or n and a number until published';
COMMENT ON COLUMN scenario_grid.parent IS 'grid in force whose ground a new one mostly has: whose member it inherits';
COMMENT ON COLUMN scenario_grid.moved_households IS 'households in it that are in another grid today';
COMMENT ON COLUMN scenario_grid.changed IS 'other ground or another name than in force; not merely a point on its border';
COMMENT ON COLUMN scenario_grid.notes IS 'faults of its own beyond its size: buildings that its border cuts';
CREATE INDEX scenario_grid_geom ON scenario_grid USING gist (geom);

CREATE TABLE scenario_block (
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    id integer NOT NULL CHECK (id >= 1),
    area_code text NOT NULL CHECK (area_code_ok(area_code) AND length(area_code) = 12),
    households integer NOT NULL CHECK (households >= 0),
    people integer NOT NULL CHECK (people >= 0),
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    point geometry(Point, 4326) NOT NULL CHECK (geometry_ok(point)),
    PRIMARY KEY (scenario_id, id)
);
COMMENT ON TABLE scenario_block IS
    'Street blocks as they were when the scenario was opened; a block is in the grid its point lies in';
CREATE INDEX scenario_block_point ON scenario_block USING gist (point);

CREATE TABLE scenario_operation (
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    seq integer NOT NULL CHECK (seq >= 1),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    base integer NOT NULL CHECK (base >= 0),
    kind text NOT NULL CHECK (kind IN ('move_edge', 'split', 'merge', 'hand_over', 'rename')),
    arguments jsonb NOT NULL,
    keys text[] NOT NULL CHECK (cardinality(keys) > 0),
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    figures jsonb NOT NULL DEFAULT '{}',
    user_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone boolean NOT NULL DEFAULT false,
    cut boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scenario_id, seq),
    CHECK (undone OR NOT cut)
);
COMMENT ON COLUMN scenario_operation.before IS 'its inverse: the rows it touched, byte for byte';
COMMENT ON COLUMN scenario_operation.cut IS 'undone, and something else was done since: it cannot be redone';

CREATE TABLE scenario_step (
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    version integer NOT NULL CHECK (version >= 1),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    verb text NOT NULL CHECK (verb IN ('do', 'undo', 'redo', 'rebase')),
    seq integer,
    keys text[] NOT NULL,
    user_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scenario_id, version)
);
COMMENT ON TABLE scenario_step IS 'What made each version: which grids have changed since a base';

ALTER TABLE finding
    DROP CONSTRAINT finding_kind_check,
    ADD CONSTRAINT finding_kind_check CHECK (kind IN ('gap', 'overlap', 'outside', 'sliver', 'hole',
        'multipart', 'invalid', 'undersize', 'oversize', 'household', 'building', 'not_walkable',
        'no_member', 'stale')),
    ADD COLUMN severity text NOT NULL DEFAULT 'error' CHECK (severity IN ('error', 'warning')),
    ADD COLUMN figures jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN found_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN validated boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN finding.severity IS 'an error keeps a scenario from being published, a warning does not';
COMMENT ON COLUMN finding.validated IS 'found by the job over everything, not when the scenario was opened';
CREATE INDEX finding_scenario ON finding (scenario_id);

CREATE TABLE grid_number (
    area_code text PRIMARY KEY CHECK (area_code_ok(area_code) AND length(area_code) = 12),
    last integer NOT NULL CHECK (last BETWEEN 0 AND 999)
);
COMMENT ON TABLE grid_number IS
    'Highest number ever given to a grid of a community, published or withdrawn: codes are never reused';

CREATE TABLE grid_rule (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL DEFAULT 'comprehensive'
        CHECK (kind IN ('comprehensive', 'special', 'micro')),
    area_type text NOT NULL DEFAULT 'any' CHECK (area_type IN ('any', 'urban', 'village')),
    minimum integer NOT NULL CHECK (minimum >= 1),
    maximum integer NOT NULL CHECK (maximum <= 100000),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 500),
    PRIMARY KEY (area_code, kind, area_type),
    CHECK (minimum <= maximum)
);
COMMENT ON TABLE grid_rule IS
    'How many households a grid may have, by area and type of community, with the source of the rule; the nearest area counts';

-- Private: drafts are seen where they are made.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['scenario_base', 'scenario_grid', 'scenario_block',
        'scenario_operation', 'scenario_step', 'grid_number']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;
-- Common: rules are read in the whole county, changed in one's own area.
ALTER TABLE grid_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE grid_rule FORCE ROW LEVEL SECURITY;
CREATE POLICY own_county ON grid_rule FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code) WHERE left(area_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY own_area_insert ON grid_rule FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_update ON grid_rule FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_delete ON grid_rule FOR DELETE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON scenario_base, scenario_grid, scenario_block,
    scenario_operation, scenario_step, grid_number, grid_rule TO gridmap_app;
GRANT SELECT ON scenario_base, scenario_grid, scenario_block, scenario_operation, scenario_step,
    grid_number, grid_rule TO gridmap_backup;

-- Rows about an incident follow it into the grid that answers for it; nothing else of them changes.
GRANT UPDATE (area_code) ON incident_step, incident_conflict TO gridmap_app;

-- A validation that failed or was cancelled must not look as if it were still under way.
CREATE FUNCTION scenario_job_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE scenario SET state = 'open' WHERE job_id = NEW.id AND state = 'validating';
    RETURN NULL;
END $$;
CREATE TRIGGER scenario_job_ended AFTER UPDATE OF state ON job FOR EACH ROW
    WHEN (NEW.kind = 'scenarios.validate' AND NEW.state IN ('failed', 'cancelled'))
    EXECUTE FUNCTION scenario_job_ended();

-- The last word before grids come into force: called in the transaction that changes them.
-- What is narrower than a centimetre on average is rounding, as in geodata.topology.
CREATE FUNCTION grids_guard(community text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text;
BEGIN
    SELECT ST_AsText(ST_PointOnSurface(piece.geom), 6) INTO place
    FROM (SELECT (ST_Dump(ST_CollectionExtract(ST_SymDifference(a.geom,
              (SELECT ST_Union(g.geom) FROM grid AS g WHERE g.area_code = community
               AND g.kind = 'comprehensive' AND g.valid_to IS NULL)), 3))).geom
          FROM area AS a WHERE a.code = community) AS piece
    WHERE ST_Area(piece.geom::geography) >= 0.01
      AND 2 * ST_Area(piece.geom::geography) >= 0.01 * ST_Perimeter(piece.geom::geography)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the grids of % do not fill it exactly at %', community, place
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grids_fill_the_community';
    END IF;
    SELECT ST_AsText(ST_PointOnSurface(piece.geom), 6) INTO place
    FROM (SELECT (ST_Dump(ST_CollectionExtract(ST_Intersection(one.geom, other.geom), 3))).geom
          FROM grid AS one JOIN grid AS other ON one.code < other.code AND one.geom && other.geom
              AND ST_Intersects(one.geom, other.geom) AND NOT ST_Touches(one.geom, other.geom)
          WHERE one.area_code = community AND other.area_code = community
            AND one.kind = 'comprehensive' AND other.kind = 'comprehensive'
            AND one.valid_to IS NULL AND other.valid_to IS NULL) AS piece
    WHERE ST_Area(piece.geom::geography) >= 0.01
      AND 2 * ST_Area(piece.geom::geography) >= 0.01 * ST_Perimeter(piece.geom::geography)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'grids of % overlap at %', community, place
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grids_do_not_overlap';
    END IF;
    PERFORM 1 FROM household AS h
    WHERE h.geom IS NOT NULL AND starts_with(h.area_code, community) AND length(h.area_code) = 15
      AND NOT EXISTS (SELECT 1 FROM grid AS g WHERE g.code = h.area_code AND g.valid_to IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'households of % would be without a grid', community
            USING ERRCODE = 'check_violation', CONSTRAINT = 'household_in_a_grid';
    END IF;
END $$;
COMMENT ON FUNCTION grids_guard IS
    'Raises unless the grids in force of a community fill it without gap or overlap';
