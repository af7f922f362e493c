-- Files that prove where facilities would do most, for whoever wants to check an answer.

CREATE TABLE siting_certificate (
    job_id bigint PRIMARY KEY REFERENCES job ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    made_at timestamptz NOT NULL DEFAULT now(),
    spots integer NOT NULL CHECK (spots >= 0),
    sites integer NOT NULL CHECK (sites >= 0),
    altered integer NOT NULL CHECK (altered >= 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL CHECK (octet_length(content) > 0)
);
COMMENT ON TABLE siting_certificate IS
    'The file that proves the answer of a job about sites: a zip of plain tables that `gridmap coverage verify` checks without the program that made it; it goes with its job';
COMMENT ON COLUMN siting_certificate.spots IS 'places where demand is';
COMMENT ON COLUMN siting_certificate.sites IS 'facilities that are there, and candidates';
COMMENT ON COLUMN siting_certificate.altered IS
    'values the checker could not prove when the file was made; 0 unless the answer was wrong';
CREATE INDEX siting_certificate_area ON siting_certificate (area_code text_pattern_ops);
-- packed already
ALTER TABLE siting_certificate ALTER content SET STORAGE EXTERNAL;

ALTER TABLE siting_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE siting_certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON siting_certificate
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON siting_certificate TO gridmap_app;
GRANT SELECT ON siting_certificate TO gridmap_backup;
