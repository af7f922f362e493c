-- Planners side by side: soft locks, proposals, members and kinds of grids in a scenario.

ALTER TABLE scenario_grid
    ADD COLUMN version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    ADD COLUMN kind text NOT NULL DEFAULT 'comprehensive' CHECK (kind IN ('comprehensive', 'special')),
    ADD COLUMN member_id bigint REFERENCES grid_member,
    ADD COLUMN walk jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN scenario_grid.version IS
    'version of the scenario that last changed the row in any way, a point on its border included';
COMMENT ON COLUMN scenario_grid.kind IS
    'special: a park, campus, market or office block; no rule of size holds for it';
COMMENT ON COLUMN scenario_grid.member_id IS
    'office whose holder is to look after the grid; NULL: who does today';
COMMENT ON COLUMN scenario_grid.walk IS
    'what a worker has measured on the ways: seconds from the member, and when; empty until then';
CREATE INDEX scenario_grid_version ON scenario_grid (scenario_id, version);

ALTER TABLE scenario_operation
    DROP CONSTRAINT scenario_operation_kind_check,
    ADD CONSTRAINT scenario_operation_kind_check CHECK (kind IN ('move_edge', 'move_vertex',
        'split', 'merge', 'hand_over', 'redraw', 'rename', 'set_kind', 'appoint'));

CREATE TABLE scenario_lock (
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    key text NOT NULL CHECK (key ~ '^([0-9]{15}|n[0-9]{1,6})$'),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    user_id bigint NOT NULL REFERENCES app_user,
    until timestamptz NOT NULL,
    PRIMARY KEY (scenario_id, key)
);
COMMENT ON TABLE scenario_lock IS
    'Who has a grid of a scenario in hand, for a minute after their last move: courtesy, not ownership';

CREATE TABLE scenario_proposal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scenario_id bigint NOT NULL REFERENCES scenario ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind IN ('rebalance', 'absorb', 'resign', 'redraw',
        'merge_communities')),
    arguments jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'ready', 'failed', 'dismissed')),
    base integer NOT NULL CHECK (base >= 0),
    result jsonb NOT NULL DEFAULT '{}',
    job_id bigint REFERENCES job,
    user_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE scenario_proposal IS
    'What a worker proposes for a scenario: steps a planner takes one by one, or not';
COMMENT ON COLUMN scenario_proposal.base IS 'version of the scenario the worker has looked at';
CREATE INDEX scenario_proposal_of ON scenario_proposal (scenario_id, id DESC);
CREATE INDEX scenario_proposal_job ON scenario_proposal (job_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['scenario_lock', 'scenario_proposal']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON scenario_lock, scenario_proposal TO gridmap_app;
GRANT USAGE ON SEQUENCE scenario_proposal_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE scenario_proposal_id_seq TO gridmap_backup;
GRANT SELECT ON scenario_lock, scenario_proposal TO gridmap_backup;

-- A proposal whose job failed or was cancelled must not look as if it were still being made.
CREATE FUNCTION scenario_proposal_job_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE scenario_proposal SET state = 'failed' WHERE job_id = NEW.id AND state = 'waiting';
    RETURN NULL;
END $$;
CREATE TRIGGER scenario_proposal_job_ended AFTER UPDATE OF state ON job FOR EACH ROW
    WHEN (NEW.kind = 'scenarios.propose' AND NEW.state IN ('failed', 'cancelled'))
    EXECUTE FUNCTION scenario_proposal_job_ended();

-- Special grids that take ground out of the comprehensive ones fill the community with them; one
-- that merely lies over them changes nothing. No overlap is per kind.
CREATE OR REPLACE FUNCTION grids_guard(community text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text;
BEGIN
    SELECT ST_AsText(ST_PointOnSurface(piece.geom), 6) INTO place
    FROM (SELECT (ST_Dump(ST_CollectionExtract(ST_SymDifference(a.geom,
              (SELECT ST_Union(g.geom) FROM grid AS g WHERE g.area_code = community
               AND g.kind IN ('comprehensive', 'special') AND g.valid_to IS NULL)), 3))).geom
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
            AND one.kind = other.kind AND one.kind IN ('comprehensive', 'special')
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
