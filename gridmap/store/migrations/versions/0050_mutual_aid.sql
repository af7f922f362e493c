-- Teams lent from one area to another, what counts when teams are ranked, and the consent of
-- volunteers.

CREATE TABLE team_loan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    lender_code text NOT NULL CHECK (area_code_ok(lender_code)),
    team_id bigint NOT NULL REFERENCES responder,
    team_kind text NOT NULL,
    team_name text NOT NULL,
    team_name_en text,
    team_people integer NOT NULL,
    incident_id uuid REFERENCES incident ON DELETE SET NULL,
    incident_number bigint NOT NULL,
    category text NOT NULL,
    level smallint CHECK (level BETWEEN 1 AND 4),
    place_zh text NOT NULL,
    place_en text,
    geom geometry(Point, 4326) NOT NULL CHECK (geometry_ok(geom)),
    exercise boolean NOT NULL,
    state text NOT NULL DEFAULT 'asked'
        CHECK (state IN ('asked', 'accepted', 'declined', 'withdrawn', 'returned')),
    note text CHECK (length(note) BETWEEN 1 AND 200),
    asked_by bigint REFERENCES app_user ON DELETE SET NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    asked_until timestamptz NOT NULL,
    answered_by bigint REFERENCES app_user ON DELETE SET NULL,
    answered_at timestamptz,
    reason text CHECK (length(reason) BETWEEN 1 AND 200),
    lent_until timestamptz,
    uncovered jsonb,
    ended_by bigint REFERENCES app_user ON DELETE SET NULL,
    ended_at timestamptz,
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    CHECK (asked_until > asked_at),
    CHECK ((state IN ('accepted', 'declined', 'returned')) = (answered_at IS NOT NULL)),
    CHECK ((state IN ('accepted', 'returned')) = (lent_until IS NOT NULL)),
    CHECK ((state IN ('withdrawn', 'returned')) = (ended_at IS NOT NULL)),
    CHECK (state <> 'declined' OR reason IS NOT NULL),
    CHECK (lent_until > answered_at),
    CHECK (left(lender_code, length(area_code)) <> area_code)
);
COMMENT ON TABLE team_loan IS
    'A team that one area asks of another: answered by the office whose team it is, lent for a time';
COMMENT ON COLUMN team_loan.area_code IS 'who asks: the area whose incidents the team may be sent to';
COMMENT ON COLUMN team_loan.lender_code IS 'whose team it is';
COMMENT ON COLUMN team_loan.incident_number IS
    'with category, level, place and point all that the lender learns of the incident';
COMMENT ON COLUMN team_loan.team_name IS
    'with kind and people all that the borrower learns of the team, and its place while it is lent';
COMMENT ON COLUMN team_loan.uncovered IS
    'whom the team leaves without cover at home, by standard; NULL until a worker has counted it';
CREATE UNIQUE INDEX team_loan_lent ON team_loan (team_id)
    WHERE state = 'accepted' AND NOT exercise;
CREATE UNIQUE INDEX team_loan_open ON team_loan (incident_id, team_id, exercise)
    WHERE state IN ('asked', 'accepted');
CREATE INDEX team_loan_team ON team_loan (team_id);
CREATE INDEX team_loan_incident ON team_loan (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX team_loan_geom ON team_loan USING gist (geom);
CREATE INDEX team_loan_area ON team_loan (area_code);
CREATE INDEX team_loan_lender ON team_loan (lender_code);

-- What was asked stays what was asked, and no step is taken back.
CREATE FUNCTION team_loan_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.area_code, OLD.lender_code, OLD.team_id, OLD.incident_number, OLD.exercise,
        OLD.asked_at) IS DISTINCT FROM (NEW.area_code, NEW.lender_code, NEW.team_id,
        NEW.incident_number, NEW.exercise, NEW.asked_at) THEN
        RAISE EXCEPTION 'who asked whom for which team is not changed' USING ERRCODE = '23514';
    END IF;
    IF OLD.state <> NEW.state AND NOT (
        (OLD.state = 'asked' AND NEW.state IN ('accepted', 'declined', 'withdrawn'))
        OR (OLD.state = 'accepted' AND NEW.state = 'returned')) THEN
        RAISE EXCEPTION 'a loan that is % cannot become %', OLD.state, NEW.state
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER team_loan_steps BEFORE UPDATE ON team_loan
    FOR EACH ROW EXECUTE FUNCTION team_loan_steps();

ALTER TABLE team_loan ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_loan FORCE ROW LEVEL SECURITY;
-- the borrower: whoever works inside the area that asks, or above it
CREATE POLICY borrower ON team_loan FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code)
    WHERE area_code ^@ mine.code OR mine.code ^@ area_code));
-- the lender: its county, as far as it sees the team itself
CREATE POLICY lender ON team_loan FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code)
    WHERE left(lender_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY borrower_asks ON team_loan FOR INSERT
    WITH CHECK (state = 'asked' AND area_code ^@ ANY ((SELECT my_areas())::text[]));
-- who asks never says yes in the place of whose team it is
CREATE POLICY borrower_ends ON team_loan FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[])
        AND (state IN ('withdrawn', 'returned')
             OR lender_code ^@ ANY ((SELECT my_areas())::text[])));
CREATE POLICY lender_answers ON team_loan FOR UPDATE
    USING (lender_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (lender_code ^@ ANY ((SELECT my_areas())::text[]));
GRANT SELECT, INSERT, UPDATE ON team_loan TO gridmap_app;
GRANT SELECT ON team_loan TO gridmap_backup;
GRANT USAGE ON SEQUENCE team_loan_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE team_loan_id_seq TO gridmap_backup;

-- A team that is lent is seen by those to whom it is lent, until it is returned.
CREATE POLICY lent_here ON responder FOR SELECT USING (EXISTS (SELECT 1 FROM team_loan AS l
    WHERE l.team_id = responder.id AND l.state = 'accepted' AND EXISTS (SELECT 1
        FROM unnest((SELECT my_areas())) AS mine(code)
        WHERE l.area_code ^@ mine.code OR mine.code ^@ l.area_code)));

CREATE TRIGGER layer_version_insert AFTER INSERT ON team_loan
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_update AFTER UPDATE ON team_loan
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
INSERT INTO layer_version (layer) VALUES ('team_loan');

CREATE TABLE dispatch_weight (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    version integer NOT NULL CHECK (version >= 1),
    skill_seconds integer NOT NULL CHECK (skill_seconds BETWEEN 0 AND 86400),
    kind_seconds integer NOT NULL CHECK (kind_seconds BETWEEN 0 AND 86400),
    load_seconds integer NOT NULL CHECK (load_seconds BETWEEN 0 AND 86400),
    person_seconds double precision NOT NULL CHECK (person_seconds BETWEEN 0 AND 3600),
    most_cover_seconds integer NOT NULL CHECK (most_cover_seconds BETWEEN 0 AND 86400),
    retired boolean NOT NULL DEFAULT false,
    note text NOT NULL CHECK (length(note) BETWEEN 1 AND 300),
    set_by bigint REFERENCES app_user ON DELETE SET NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (area_code, version)
);
COMMENT ON TABLE dispatch_weight IS
    'How many seconds of travel the reasons for and against a team are worth, by area, in versions';
COMMENT ON COLUMN dispatch_weight.person_seconds IS
    'for each person left without cover while the team is away, up to most_cover_seconds in all';
COMMENT ON COLUMN dispatch_weight.retired IS 'from here on what holds above counts again';

ALTER TABLE dispatch_weight ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch_weight FORCE ROW LEVEL SECURITY;
CREATE POLICY own_county ON dispatch_weight FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code)
    WHERE left(area_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY own_area_insert ON dispatch_weight FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_update ON dispatch_weight FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
GRANT SELECT, INSERT, UPDATE ON dispatch_weight TO gridmap_app;
GRANT SELECT ON dispatch_weight TO gridmap_backup;
GRANT USAGE ON SEQUENCE dispatch_weight_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE dispatch_weight_id_seq TO gridmap_backup;

ALTER TABLE volunteer
    ADD COLUMN consented_on date,
    ADD COLUMN organisation text CHECK (length(organisation) BETWEEN 1 AND 80),
    ADD COLUMN left_at timestamptz,
    ADD CHECK (organisation IS NULL OR kind = 'person');
-- the rows of every area are looked at, whoever owns the tables
SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
UPDATE volunteer SET left_at = now() WHERE NOT active;
SELECT set_config('gridmap.areas', '', true);
ALTER TABLE volunteer ADD CHECK (active = (left_at IS NULL));
COMMENT ON COLUMN volunteer.consented_on IS
    'the day on which they agreed to be written down and called; NULL: from before this was asked';
COMMENT ON COLUMN volunteer.organisation IS 'the organisation a person comes with, as it calls itself';
COMMENT ON COLUMN volunteer.left_at IS
    'since when they are not asked any more: so many days later the row is destroyed';
CREATE INDEX volunteer_left ON volunteer (left_at) WHERE left_at IS NOT NULL;
