-- Special grids: parks, campuses, markets. They lie over the comprehensive ones and take no ground
-- out of them: every household keeps the one comprehensive grid that it is in.

ALTER TABLE grid ADD COLUMN special_use text
    CHECK (special_use IN ('administration', 'park', 'enterprise', 'office', 'market', 'campus')),
    ADD CONSTRAINT grid_special_use CHECK (special_use IS NULL OR kind = 'special');
COMMENT ON COLUMN grid.special_use IS
    'what a special grid is; NULL for one from a file that does not say, and for other kinds';

ALTER TABLE scenario_grid ADD COLUMN special_use text
    CHECK (special_use IN ('administration', 'park', 'enterprise', 'office', 'market', 'campus')),
    ADD CONSTRAINT scenario_grid_special_use CHECK (special_use IS NULL OR kind = 'special');
COMMENT ON COLUMN scenario_grid.kind IS
    'special: a park, campus, market or office block that lies over comprehensive grids; no rule of size holds for it';
COMMENT ON COLUMN scenario_grid.special_use IS 'what a special grid is; NULL where it is not said';

ALTER TABLE scenario_operation
    DROP CONSTRAINT scenario_operation_kind_check,
    ADD CONSTRAINT scenario_operation_kind_check CHECK (kind IN ('move_edge', 'move_vertex',
        'split', 'merge', 'hand_over', 'redraw', 'rename', 'set_kind', 'appoint',
        'draw_special', 'move_special', 'erase_special'));

ALTER TABLE incident ADD COLUMN special_grid_id bigint REFERENCES grid;
COMMENT ON COLUMN incident.special_grid_id IS
    'special grid on whose ground it lay when reported; the comprehensive one answers for it';
CREATE INDEX incident_special_grid ON incident (special_grid_id) WHERE special_grid_id IS NOT NULL;

-- Comprehensive grids alone fill a community; special ones lie inside it, over them. No two of one
-- kind overlap. What is narrower than a centimetre on average is rounding, as in geodata.topology.
CREATE OR REPLACE FUNCTION grids_guard(community text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text;
BEGIN
    SELECT ST_AsText(ST_PointOnSurface(piece.geom), 6) INTO place
    -- nothing at all is a community that has not been drawn; special grids alone leave it a gap
    FROM (SELECT (ST_Dump(ST_CollectionExtract(ST_SymDifference(a.geom,
              (SELECT coalesce(ST_Union(g.geom) FILTER (WHERE g.kind = 'comprehensive'),
                               ST_GeomFromText('MULTIPOLYGON EMPTY', 4326))
               FROM grid AS g WHERE g.area_code = community
               AND g.kind IN ('comprehensive', 'special') AND g.valid_to IS NULL
               HAVING count(*) > 0)), 3))).geom
          FROM area AS a WHERE a.code = community) AS piece
    WHERE ST_Area(piece.geom::geography) >= 0.01
      AND 2 * ST_Area(piece.geom::geography) >= 0.01 * ST_Perimeter(piece.geom::geography)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the grids of % do not fill it exactly at %', community, place
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grids_fill_the_community';
    END IF;
    SELECT ST_AsText(ST_PointOnSurface(piece.geom), 6) INTO place
    FROM (SELECT (ST_Dump(ST_CollectionExtract(ST_Difference(g.geom, a.geom), 3))).geom
          FROM grid AS g JOIN area AS a ON a.code = g.area_code
          WHERE g.area_code = community AND g.kind = 'special' AND g.valid_to IS NULL) AS piece
    WHERE ST_Area(piece.geom::geography) >= 0.01
      AND 2 * ST_Area(piece.geom::geography) >= 0.01 * ST_Perimeter(piece.geom::geography)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a special grid of % leaves it at %', community, place
            USING ERRCODE = 'check_violation', CONSTRAINT = 'special_grids_inside';
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
      AND NOT EXISTS (SELECT 1 FROM grid AS g WHERE g.code = h.area_code
                      AND g.kind = 'comprehensive' AND g.valid_to IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'households of % would be without a grid', community
            USING ERRCODE = 'check_violation', CONSTRAINT = 'household_in_a_grid';
    END IF;
END $$;
