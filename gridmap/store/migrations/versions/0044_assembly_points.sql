-- How each household of a plan gets to its shelter, and the walk to where it meets its neighbours.

ALTER TABLE assignment
    ADD COLUMN travel text CHECK (travel IN ('walk', 'walk_then_vehicle', 'vehicle', 'left')),
    ADD COLUMN travel_why text CHECK (travel_why ~ '^[a-z_]{2,40}$'),
    ADD COLUMN assembly_seconds double precision
        CHECK (assembly_seconds >= 0 AND assembly_seconds < 1e7),
    ADD CONSTRAINT assignment_walk_first CHECK
        (travel <> 'walk_then_vehicle' OR assembly IS NOT NULL);
COMMENT ON COLUMN assignment.travel IS
    'walk: on foot all the way; walk_then_vehicle: to the assembly point, fetched there; vehicle: fetched at the door; left: nobody can fetch it; NULL: no place, or a plan older than this';
COMMENT ON COLUMN assignment.travel_why IS 'why one walks for whom a seat was looked at';
COMMENT ON COLUMN assignment.assembly_seconds IS 'of the walk to the assembly point, at the pace of its slowest walker';

-- who walks a grid of a plan knows its points by name; they tell nothing of a household
CREATE POLICY points_of_plan ON plan_part FOR SELECT USING (kind = 'assembly' AND EXISTS (
    SELECT 1 FROM unnest((SELECT my_areas())) AS mine(code) WHERE mine.code ^@ area_code));
