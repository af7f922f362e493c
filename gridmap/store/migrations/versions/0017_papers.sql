-- What stands on the papers of a grid, and the made papers that wait to be fetched.

ALTER TABLE grid_member
    ADD COLUMN phone_public boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN grid_member.phone_public IS
    'the posting says that this phone is for everybody: else papers give the office''s';

CREATE TABLE area_office (
    area_code text PRIMARY KEY CHECK (area_code_ok(area_code) AND length(area_code) <= 12),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone text CHECK (phone ~ '^[0-9+() -]{3,30}$'),
    supervision_phone text CHECK (supervision_phone ~ '^[0-9+() -]{3,30}$')
);
COMMENT ON TABLE area_office IS
    'Who people call about the grids of an area, and who watches over them; the nearest area counts';

ALTER TABLE building
    ADD COLUMN unsafe text CHECK (unsafe IN ('C', 'D'));
COMMENT ON COLUMN building.unsafe IS
    'C partly, D wholly dangerous by the appraisal; NULL where nobody has found it unsafe';
CREATE INDEX building_unsafe ON building (area_code) WHERE unsafe IS NOT NULL;

CREATE TABLE paper_file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    job_id bigint NOT NULL REFERENCES job ON DELETE CASCADE,
    made_for bigint REFERENCES app_user,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '1 day',
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    media text NOT NULL CHECK (media IN ('application/pdf', 'application/zip')),
    pages integer NOT NULL CHECK (pages BETWEEN 1 AND 100000),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 500000000)
);
COMMENT ON TABLE paper_file IS
    'Notices, tables and maps that a worker made; only for who asked, and for a day';
CREATE INDEX paper_file_job ON paper_file (job_id);
CREATE INDEX paper_file_expiry ON paper_file (expires_at);

-- Private: what somebody had made.
ALTER TABLE paper_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE paper_file FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON paper_file
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

-- Common: an office's phone hangs on every wall; only its own area changes it.
ALTER TABLE area_office ENABLE ROW LEVEL SECURITY;
ALTER TABLE area_office FORCE ROW LEVEL SECURITY;
CREATE POLICY own_county ON area_office FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code) WHERE left(area_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY own_area_insert ON area_office FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_update ON area_office FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_delete ON area_office FOR DELETE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON area_office, paper_file TO gridmap_app;
GRANT SELECT ON area_office, paper_file TO gridmap_backup;
GRANT USAGE ON SEQUENCE paper_file_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE paper_file_id_seq TO gridmap_backup;

-- A list of households that change their grid says which borders it compares.
ALTER TABLE export_request
    DROP CONSTRAINT export_request_kind_check,
    ADD CONSTRAINT export_request_kind_check CHECK (kind IN ('households', 'visits', 'moves')),
    ADD COLUMN subject text CHECK (subject ~ '^[0-9]{1,18} (in-force|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,18})$'),
    ADD CONSTRAINT export_request_subject CHECK ((kind = 'moves') = (subject IS NOT NULL));
COMMENT ON COLUMN export_request.subject IS 'of moves: the scenario, and with what it is compared';
