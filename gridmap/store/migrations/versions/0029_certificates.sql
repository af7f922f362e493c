-- Run files that prove a coverage run row by row, for whoever wants to check it.

CREATE TABLE coverage_certificate (
    run_id bigint PRIMARY KEY REFERENCES coverage_run ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    state text NOT NULL CHECK (state IN ('made', 'changed', 'too_large')),
    made_at timestamptz NOT NULL DEFAULT now(),
    households integer CHECK (households >= 0),
    altered integer CHECK (altered >= 0),
    sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea CHECK (octet_length(content) > 0),
    CHECK ((state = 'made') = (content IS NOT NULL)),
    CHECK ((content IS NULL) = (sha256 IS NULL)),
    CHECK ((content IS NULL) = (households IS NULL)),
    CHECK ((content IS NULL) = (altered IS NULL))
);
COMMENT ON TABLE coverage_certificate IS
    'The run file of a coverage run: a zip of plain tables that `gridmap coverage verify` checks without the program that made it';
COMMENT ON COLUMN coverage_certificate.state IS
    'changed: what the run was computed from changed before its file was made; too_large: made on request only';
COMMENT ON COLUMN coverage_certificate.altered IS
    'values the checker could not prove when the file was made; 0 unless the run was wrong or touched';
CREATE INDEX coverage_certificate_area ON coverage_certificate (area_code text_pattern_ops);
-- packed already
ALTER TABLE coverage_certificate ALTER content SET STORAGE EXTERNAL;

ALTER TABLE coverage_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE coverage_certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON coverage_certificate
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON coverage_certificate TO gridmap_app;
GRANT SELECT ON coverage_certificate TO gridmap_backup;
