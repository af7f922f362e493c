-- Communities that become one: a new code, from a day on; the old ones stay as history.

ALTER TABLE area
    ADD COLUMN valid_from date,
    ADD COLUMN valid_to date,
    ADD COLUMN successor text REFERENCES area (code),
    ADD CONSTRAINT area_days CHECK (valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from),
    ADD CONSTRAINT area_successor
        CHECK (successor IS NULL OR (valid_to IS NOT NULL AND level = 'community'
                                     AND left(successor, 9) = parent_code));
COMMENT ON COLUMN area.valid_from IS 'first day of a community that was merged; NULL: from the start';
COMMENT ON COLUMN area.valid_to IS
    'day from which it is part of another; NULL while it is in force. Its code never comes back';
COMMENT ON COLUMN area.successor IS 'the community it has become part of';

CREATE TABLE merged_community (
    code text PRIMARY KEY CHECK (code ~ '^[0-9]{9}[6-9][0-9]{2}$' AND right(code, 3) > '600'),
    area_code text NOT NULL GENERATED ALWAYS AS (code) STORED,
    name_zh text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 80),
    communities text[] NOT NULL UNIQUE
        CHECK (cardinality(communities) BETWEEN 2 AND 50 AND array_position(communities, NULL) IS NULL),
    reserved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE merged_community IS
    'Codes from 601 on (CJ/T 349), each kept for good for one set of communities: a draft that merges the same ones again, or is withdrawn and published again, gets the same code';
COMMENT ON COLUMN merged_community.communities IS 'in the order of their codes';

-- Common: what an area will be called is read in the whole county, as areas are.
ALTER TABLE merged_community ENABLE ROW LEVEL SECURITY;
ALTER TABLE merged_community FORCE ROW LEVEL SECURITY;
CREATE POLICY own_county ON merged_community FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code) WHERE left(area_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY own_area_insert ON merged_community FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
GRANT SELECT, INSERT ON merged_community TO gridmap_app;
GRANT SELECT ON merged_community TO gridmap_backup;

CREATE FUNCTION scenario_community(scenario bigint, community text) RETURNS text
    LANGUAGE sql STABLE
    AS $$ SELECT coalesce((SELECT m.code FROM merged_community AS m
              WHERE community = ANY (m.communities) AND EXISTS (SELECT 1 FROM scenario_grid AS g
                  WHERE g.scenario_id = scenario AND g.area_code = m.code)
              ORDER BY m.code DESC LIMIT 1), community) $$;
COMMENT ON FUNCTION scenario_community IS
    'The community that a scenario makes of one: itself, or what it is merged into there';

CREATE FUNCTION community_now(community text) RETURNS text
    LANGUAGE sql STABLE
    AS $$ WITH RECURSIVE onward(code) AS (SELECT community UNION
              SELECT a.successor FROM onward AS o JOIN area AS a ON a.code = o.code
              WHERE a.successor IS NOT NULL)
          SELECT max(code) FROM onward $$;
COMMENT ON FUNCTION community_now IS
    'The community in force that one has become part of, or itself; other codes as they are';

ALTER TABLE scenario_operation
    DROP CONSTRAINT scenario_operation_kind_check,
    ADD CONSTRAINT scenario_operation_kind_check CHECK (kind IN ('move_edge', 'move_vertex',
        'split', 'merge', 'hand_over', 'redraw', 'rename', 'set_kind', 'appoint',
        'draw_special', 'move_special', 'erase_special', 'merge_communities'));

