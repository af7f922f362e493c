-- Approval and order of evacuations, and the sheets printed from them.

ALTER TABLE plan
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN asked_version text CHECK (length(asked_version) <= 2000),
    ADD COLUMN inputs jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN input_times jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN check_hash text CHECK (check_hash ~ '^[0-9a-f]{64}$'),
    ADD COLUMN clear_by timestamptz,
    ADD COLUMN approval_reason text CHECK (length(approval_reason) BETWEEN 1 AND 500),
    ADD COLUMN approved_stale text[] NOT NULL DEFAULT '{}',
    ADD COLUMN rejected_by bigint REFERENCES app_user,
    ADD COLUMN rejected_at timestamptz,
    ADD COLUMN rejection_reason text CHECK (length(rejection_reason) BETWEEN 1 AND 500),
    ADD COLUMN activated_by bigint REFERENCES app_user,
    ADD COLUMN activated_at timestamptz,
    ADD COLUMN closed_by bigint REFERENCES app_user,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN superseded_by bigint REFERENCES plan,
    DROP CONSTRAINT plan_state_check,
    ADD CONSTRAINT plan_state_check CHECK (state IN ('drafting', 'drafted', 'approved', 'active',
        'closed', 'failed', 'superseded', 'rejected')),
    -- an order to leave one's home is given by two people: who asked for the draft, who approves it
    ADD CONSTRAINT plan_two_people CHECK (CASE WHEN state IN ('approved', 'active', 'closed')
        OR approved_by IS NOT NULL OR approved_at IS NOT NULL
        THEN approved_by IS NOT NULL AND approved_at IS NOT NULL AND check_hash IS NOT NULL
            AND created_by IS NOT NULL AND approved_by <> created_by ELSE true END),
    ADD CONSTRAINT plan_stale_said CHECK
        (cardinality(approved_stale) = 0 OR approval_reason IS NOT NULL),
    ADD CONSTRAINT plan_rejected_why CHECK ((state = 'rejected') = (rejected_at IS NOT NULL)
        AND (rejected_at IS NULL) = (rejected_by IS NULL)
        AND (rejected_at IS NULL) = (rejection_reason IS NULL)),
    ADD CONSTRAINT plan_activated_by CHECK ((activated_at IS NULL) = (activated_by IS NULL)
        AND (state <> 'active' OR activated_at IS NOT NULL)),
    ADD CONSTRAINT plan_closed_by CHECK ((closed_at IS NULL) = (closed_by IS NULL)
        AND (state = 'closed') = (closed_at IS NOT NULL));
COMMENT ON COLUMN plan.revision IS 'grows with every step of the plan; the ETag of what people decide on';
COMMENT ON COLUMN plan.asked_version IS 'data versions when the draft was asked for: asked twice is one draft';
COMMENT ON COLUMN plan.inputs IS 'fingerprint of what each layer gave to this very draft: stale means one of them differs now';
COMMENT ON COLUMN plan.input_times IS 'when each layer had last changed, for the foot of the sheets';
COMMENT ON COLUMN plan.check_hash IS 'SHA-256 of who goes where and by which way: what was approved is what is printed';
COMMENT ON COLUMN plan.clear_by IS 'when the area has to be empty; NULL means at once';
COMMENT ON COLUMN plan.approved_stale IS 'layers that had changed since the draft, and were approved all the same, with a reason';
-- asked twice while one is under way is one draft, however many people press at once
CREATE UNIQUE INDEX plan_under_way ON plan (area_code, hazard_id, asked_version)
    WHERE state = 'drafting';
CREATE INDEX plan_hazard ON plan (hazard_id, state);

-- Second net behind the services: steps that do not exist, and orders for what is over.
CREATE FUNCTION plan_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state THEN
        IF NOT (NEW.state = ANY (CASE OLD.state
            WHEN 'drafting' THEN ARRAY['drafted', 'failed']
            WHEN 'drafted' THEN ARRAY['approved', 'rejected', 'superseded']
            WHEN 'approved' THEN ARRAY['active', 'closed', 'superseded']
            WHEN 'active' THEN ARRAY['closed', 'superseded']
            ELSE ARRAY[]::text[] END)) THEN
            RAISE EXCEPTION 'a plan does not go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.state IN ('approved', 'active') AND NOT EXISTS (SELECT 1 FROM hazard AS h
            WHERE h.id = NEW.hazard_id AND h.state = 'declared') THEN
            RAISE EXCEPTION 'the hazard of the plan is lifted' USING ERRCODE = 'check_violation';
        END IF;
        NEW.revision := OLD.revision + 1;
    END IF;
    IF OLD.check_hash IS NOT NULL AND NEW.check_hash IS DISTINCT FROM OLD.check_hash
        OR OLD.created_by IS NOT NULL AND NEW.created_by IS DISTINCT FROM OLD.created_by
        OR OLD.approved_by IS NOT NULL AND NEW.approved_by IS DISTINCT FROM OLD.approved_by THEN
        RAISE EXCEPTION 'who asked, who approved and what was approved never change'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_step BEFORE UPDATE ON plan FOR EACH ROW EXECUTE FUNCTION plan_step();

CREATE TABLE plan_way (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    shelter_id bigint NOT NULL REFERENCES facility,
    household_id bigint NOT NULL REFERENCES household,
    seconds double precision NOT NULL CHECK (seconds >= 0 AND seconds < 1e7),
    metres double precision NOT NULL CHECK (metres >= 0 AND metres < 1e7),
    steps jsonb NOT NULL,
    geom geometry(Geometry, 4326) NOT NULL CHECK (geometry_ok(geom)),
    PRIMARY KEY (plan_id, area_code, shelter_id)
);
COMMENT ON TABLE plan_way IS
    'The main way from a grid to a shelter, with its turns in order: that of the household from which most others are met';
CREATE INDEX plan_way_geom ON plan_way USING gist (geom);

CREATE TABLE plan_sheet (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    job_id bigint NOT NULL REFERENCES job,
    made_for bigint REFERENCES app_user,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '1 day',
    pages integer NOT NULL CHECK (pages BETWEEN 1 AND 100000),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 200000000)
);
COMMENT ON TABLE plan_sheet IS
    'Sheets that took too long to wait for; with people''s names in them, so only for who asked, and for a day';
CREATE INDEX plan_sheet_of ON plan_sheet (plan_id);
CREATE INDEX plan_sheet_expiry ON plan_sheet (expires_at);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['plan_way', 'plan_sheet']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO gridmap_app', t);
        EXECUTE format('GRANT SELECT ON %I TO gridmap_backup', t);
    END LOOP;
END $$;
GRANT USAGE ON SEQUENCE plan_sheet_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE plan_sheet_id_seq TO gridmap_backup;
