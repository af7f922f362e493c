-- Results of coverage runs: one row per grid with an array for each column, shared between runs.
--
-- A row per household made a run of a million households a million inserts with as many index
-- entries, and a small change cost as much as the first run. What a run found in one grid is one
-- row here; the next run that finds the same there links it.

SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);

CREATE TABLE coverage_part (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    digest bytea NOT NULL CHECK (length(digest) = 16),
    made_at timestamptz NOT NULL DEFAULT now(),
    west double precision NOT NULL CHECK (west >= -180),
    south double precision NOT NULL CHECK (south >= -90),
    east double precision NOT NULL CHECK (east <= 180),
    north double precision NOT NULL CHECK (north <= 90),
    households integer NOT NULL CHECK (households > 0),
    uncovered integer NOT NULL CHECK (uncovered BETWEEN 0 AND households),
    people integer NOT NULL CHECK (people >= 0),
    people_uncovered integer NOT NULL CHECK (people_uncovered BETWEEN 0 AND people),
    with_needs integer NOT NULL CHECK (with_needs BETWEEN 0 AND households),
    with_needs_uncovered integer NOT NULL
        CHECK (with_needs_uncovered BETWEEN 0 AND least(with_needs, uncovered)),
    always integer CHECK (always >= 0),
    sometimes integer CHECK (sometimes >= 0),
    never integer CHECK (never >= 0),
    worst_seconds real CHECK (worst_seconds >= 0 AND worst_seconds < 1e7),
    worst_metres real CHECK (worst_metres >= 0 AND worst_metres < 1e7),
    by_reason jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(by_reason) = 'object'),
    household_ids bigint[] NOT NULL CHECK (cardinality(household_ids) = households),
    covered boolean[] NOT NULL CHECK (cardinality(covered) = households),
    facility_ids bigint[] NOT NULL CHECK (cardinality(facility_ids) = households),
    seconds real[] NOT NULL
        CHECK (cardinality(seconds) = households AND (-1)::real <= ALL (seconds) AND 1e7::real > ALL (seconds)),
    metres real[] NOT NULL
        CHECK (cardinality(metres) = households AND (-1)::real <= ALL (metres) AND 1e7::real > ALL (metres)),
    second_facility_ids bigint[] NOT NULL CHECK (cardinality(second_facility_ids) = households),
    second_seconds real[] NOT NULL CHECK (cardinality(second_seconds) = households
        AND (-1)::real <= ALL (second_seconds) AND 1e7::real > ALL (second_seconds)),
    second_metres real[] CHECK (cardinality(second_metres) = households
        AND (-1)::real <= ALL (second_metres) AND 1e7::real > ALL (second_metres)),
    reasons smallint[] NOT NULL CHECK (cardinality(reasons) = households
        AND 0::smallint <= ALL (reasons) AND 6::smallint >= ALL (reasons)),
    bands smallint[] CHECK (cardinality(bands) = households
        AND 0::smallint <= ALL (bands) AND 3::smallint >= ALL (bands)),
    scores real[] CHECK (cardinality(scores) = households
        AND (-1)::real <= ALL (scores) AND 1e7::real > ALL (scores)),
    CHECK (always IS NULL OR always + sometimes + never = households)
);
COMMENT ON TABLE coverage_part IS
    'What coverage runs found in one grid: its sums, and arrays with one element per household. The rows of it are read from the view coverage_result';
COMMENT ON COLUMN coverage_part.area_code IS 'the grid, or the community of households without a grid';
COMMENT ON COLUMN coverage_part.digest IS 'of everything in it: a later run that finds the same links this row';
COMMENT ON COLUMN coverage_part.west IS 'of the box around its households, as they stood when it was made';
COMMENT ON COLUMN coverage_part.seconds IS '-1: no way; the other measures alike. NaN and infinity are refused';
COMMENT ON COLUMN coverage_part.facility_ids IS '0: none';
COMMENT ON COLUMN coverage_part.reasons IS
    '0 covered, 1 too_far, 2 no_road, 3 cut_off, 4 full, 5 closed, 6 not_snapped';
COMMENT ON COLUMN coverage_part.bands IS '0 not known, 1 always, 2 sometimes, 3 never';
CREATE INDEX coverage_part_area ON coverage_part (area_code text_pattern_ops);
-- numbers do not shrink by much: reading and writing them as they are is quicker
ALTER TABLE coverage_part
    ALTER household_ids SET STORAGE EXTERNAL, ALTER covered SET STORAGE EXTERNAL,
    ALTER facility_ids SET STORAGE EXTERNAL, ALTER seconds SET STORAGE EXTERNAL,
    ALTER metres SET STORAGE EXTERNAL, ALTER second_facility_ids SET STORAGE EXTERNAL,
    ALTER second_seconds SET STORAGE EXTERNAL, ALTER second_metres SET STORAGE EXTERNAL,
    ALTER reasons SET STORAGE EXTERNAL, ALTER bands SET STORAGE EXTERNAL,
    ALTER scores SET STORAGE EXTERNAL;

CREATE TABLE coverage_run_part (
    run_id bigint NOT NULL REFERENCES coverage_run ON DELETE CASCADE,
    part_id bigint NOT NULL REFERENCES coverage_part,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    PRIMARY KEY (run_id, part_id)
);
COMMENT ON TABLE coverage_run_part IS 'Which parts a run is made of';
CREATE INDEX coverage_run_part_of ON coverage_run_part (part_id);
CREATE INDEX coverage_run_part_area ON coverage_run_part (area_code text_pattern_ops);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['coverage_part', 'coverage_run_part']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

-- What earlier runs found, moved; the digest only has to be one of its own.
INSERT INTO coverage_part (area_code, digest, made_at, west, south, east, north, households,
    uncovered, people, people_uncovered, with_needs, with_needs_uncovered, worst_seconds,
    worst_metres, by_reason, household_ids, covered, facility_ids, seconds, metres,
    second_facility_ids, second_seconds, reasons)
SELECT r.area_code, decode(md5(r.run_id || ' ' || r.area_code), 'hex'), min(r.created_at),
    coalesce(min(r.x), 0), coalesce(min(r.y), 0), coalesce(max(r.x), 0), coalesce(max(r.y), 0),
    count(*), count(*) FILTER (WHERE NOT r.covered), sum(r.people),
    coalesce(sum(r.people) FILTER (WHERE NOT r.covered), 0),
    count(*) FILTER (WHERE r.needs), count(*) FILTER (WHERE r.needs AND NOT r.covered),
    max(r.seconds), max(r.metres),
    jsonb_strip_nulls(jsonb_build_object(
        'too_far', nullif(count(*) FILTER (WHERE r.reason = 'too_far'), 0),
        'no_road', nullif(count(*) FILTER (WHERE r.reason = 'no_road'), 0),
        'cut_off', nullif(count(*) FILTER (WHERE r.reason = 'cut_off'), 0),
        'full', nullif(count(*) FILTER (WHERE r.reason = 'full'), 0),
        'closed', nullif(count(*) FILTER (WHERE r.reason = 'closed'), 0),
        'not_snapped', nullif(count(*) FILTER (WHERE r.reason = 'not_snapped'), 0))),
    array_agg(r.household_id ORDER BY r.household_id),
    array_agg(r.covered ORDER BY r.household_id),
    array_agg(coalesce(r.facility_id, 0) ORDER BY r.household_id),
    array_agg(coalesce(r.seconds, -1) ORDER BY r.household_id),
    array_agg(coalesce(r.metres, -1) ORDER BY r.household_id),
    array_agg(coalesce(r.second_facility_id, 0) ORDER BY r.household_id),
    array_agg(coalesce(r.second_seconds, -1) ORDER BY r.household_id),
    array_agg(coalesce(array_position(ARRAY['too_far', 'no_road', 'cut_off', 'full', 'closed',
        'not_snapped'], r.reason), 0)::smallint ORDER BY r.household_id)
FROM (SELECT c.*, u.created_at, h.people, ST_X(h.geom) AS x, ST_Y(h.geom) AS y,
        EXISTS (SELECT 1 FROM household_need AS n WHERE n.household_id = h.id) AS needs
    FROM coverage_result AS c JOIN coverage_run AS u ON u.id = c.run_id
    JOIN household AS h ON h.id = c.household_id) AS r
GROUP BY r.run_id, r.area_code;
INSERT INTO coverage_run_part (run_id, part_id, area_code)
SELECT c.run_id, p.id, c.area_code FROM (SELECT DISTINCT run_id, area_code FROM coverage_result) AS c
JOIN coverage_part AS p ON p.digest = decode(md5(c.run_id || ' ' || c.area_code), 'hex');

DROP VIEW coverage_gap;
DROP TABLE coverage_result;

-- security_invoker: a plain view would run with its owner's rights and leak every area
CREATE VIEW coverage_result WITH (security_invoker = true) AS
    SELECT l.run_id, u.household_id, l.area_code, u.covered,
        nullif(u.facility_id, 0) AS facility_id,
        nullif(u.seconds, (-1)::real) AS seconds, nullif(u.metres, (-1)::real) AS metres,
        nullif(u.second_facility_id, 0) AS second_facility_id,
        nullif(u.second_seconds, (-1)::real) AS second_seconds,
        nullif(u.second_metres, (-1)::real) AS second_metres,
        (ARRAY['too_far', 'no_road', 'cut_off', 'full', 'closed', 'not_snapped'])[u.reason]
            AS reason,
        (ARRAY['always', 'sometimes', 'never'])[u.band] AS band,
        nullif(u.score, (-1)::real) AS score,
        p.west, p.south, p.east, p.north
    FROM coverage_run_part AS l JOIN coverage_part AS p ON p.id = l.part_id
    CROSS JOIN LATERAL unnest(p.household_ids, p.covered, p.facility_ids, p.seconds, p.metres,
        p.second_facility_ids, p.second_seconds, p.second_metres, p.reasons, p.bands, p.scores)
        AS u (household_id, covered, facility_id, seconds, metres, second_facility_id,
        second_seconds, second_metres, reason, band, score);
COMMENT ON VIEW coverage_result IS
    'Per household: reached or not, by whom, how fast, who else, why not; with the box of its part, by which a map asks for few of them';
CREATE VIEW coverage_gap WITH (security_invoker = true) AS
    SELECT * FROM coverage_result WHERE NOT covered;
COMMENT ON VIEW coverage_gap IS 'Households a run found not reached';

-- At most one run of an analysis at a time: two would only overtake one another.
ALTER TABLE job ADD COLUMN analysis text CHECK (length(analysis) BETWEEN 1 AND 200);
COMMENT ON COLUMN job.analysis IS
    'what it computes, for kinds of which one runs and one waits at most; NULL: any number may';
CREATE UNIQUE INDEX job_one_running ON job (area_code, analysis) WHERE state = 'running';
CREATE INDEX job_of_analysis ON job (analysis) WHERE state IN ('queued', 'running');

SELECT set_config('gridmap.areas', '', true);

GRANT SELECT, INSERT, UPDATE, DELETE ON coverage_part, coverage_run_part TO gridmap_app;
GRANT SELECT ON coverage_result, coverage_gap TO gridmap_app;
GRANT USAGE ON SEQUENCE coverage_part_id_seq TO gridmap_app;
GRANT SELECT ON coverage_part, coverage_run_part, coverage_result, coverage_gap TO gridmap_backup;
GRANT SELECT ON SEQUENCE coverage_part_id_seq TO gridmap_backup;
