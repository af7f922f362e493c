-- A what-if that is worth keeping, under a name: what was changed, and what it would have meant.

CREATE TABLE coverage_option (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    name text NOT NULL CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 80),
    standard_key text NOT NULL CHECK (standard_key ~ '^[a-z_]{2,40}$'),
    standard_version integer NOT NULL CHECK (standard_version BETWEEN 1 AND 1000000),
    standard jsonb NOT NULL CHECK (jsonb_typeof(standard) = 'object'),
    changes jsonb NOT NULL CHECK (jsonb_typeof(changes) = 'object'),
    totals_before jsonb NOT NULL CHECK (jsonb_typeof(totals_before) = 'object'),
    totals_after jsonb NOT NULL CHECK (jsonb_typeof(totals_after) = 'object'),
    input_version text NOT NULL,
    job_id bigint,
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (area_code, name)
);
COMMENT ON TABLE coverage_option IS
    'What-if answers kept under a name; they change nothing but what people remember';
COMMENT ON COLUMN coverage_option.standard IS 'word for word, with the limit that was asked for';
COMMENT ON COLUMN coverage_option.changes IS
    'streets closed, facilities moved, added, taken off; ids and places, nobody''s data';
COMMENT ON COLUMN coverage_option.input_version IS
    'data it was computed from; once those differ the figures are those of another day';
COMMENT ON COLUMN coverage_option.job_id IS 'the job that computed it, which may be gone';
CREATE INDEX coverage_option_area ON coverage_option (area_code text_pattern_ops);

ALTER TABLE coverage_option ENABLE ROW LEVEL SECURITY;
ALTER TABLE coverage_option FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON coverage_option USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON coverage_option TO gridmap_app;
GRANT USAGE ON SEQUENCE coverage_option_id_seq TO gridmap_app;
GRANT SELECT ON coverage_option TO gridmap_backup;
GRANT SELECT ON SEQUENCE coverage_option_id_seq TO gridmap_backup;
