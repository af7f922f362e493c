-- A street is closed and opened again by people: which, what of it, by whom, until when.

ALTER TABLE road_closure
    ADD COLUMN name text CHECK (length(name) BETWEEN 1 AND 200),
    ADD COLUMN closes text NOT NULL DEFAULT 'ground' CHECK (closes IN ('ground', 'bridges', 'all')),
    ADD COLUMN closed_by bigint REFERENCES app_user,
    ADD COLUMN reopened_at timestamptz,
    ADD COLUMN reopened_by bigint REFERENCES app_user,
    ADD CONSTRAINT road_closure_reopened CHECK (reopened_at IS NULL OR reopened_at >= starts_at);
COMMENT ON COLUMN road_closure.name IS 'name of the street, NULL where it has none';
COMMENT ON COLUMN road_closure.closes IS
    'streets on the ground, bridges and tunnels alone, or both: what runs over or under stays open';
COMMENT ON COLUMN road_closure.reopened_at IS
    'when its end was noted: before that an end that has come changes nothing that rests on it';
CREATE INDEX road_closure_not_noted ON road_closure (ends_at) WHERE reopened_at IS NULL;
