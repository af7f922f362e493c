-- When each fact about a household was last seen, visits, needs read in an emergency.

-- Facts of a household that a visit may put right, and the version an edit is based on.
ALTER TABLE household
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    ADD COLUMN carer text CHECK (length(carer) BETWEEN 1 AND 80),
    ADD COLUMN carer_phone text CHECK (length(carer_phone) BETWEEN 3 AND 40),
    ADD COLUMN needs_help boolean;
COMMENT ON COLUMN household.version IS 'grows with every change of a fact or need: what If-Match compares';
COMMENT ON COLUMN household.carer IS 'who looks after the people of this household when nobody is in';
COMMENT ON COLUMN household.needs_help IS 'cannot leave without help; NULL is not known';

CREATE FUNCTION household_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER household_version BEFORE UPDATE ON household FOR EACH ROW
    WHEN (ROW (OLD.householder, OLD.phone, OLD.id_number, OLD.people, OLD.residence,
               OLD.registered_at, OLD.carer, OLD.carer_phone, OLD.needs_help, OLD.address)
          IS DISTINCT FROM
          ROW (NEW.householder, NEW.phone, NEW.id_number, NEW.people, NEW.residence,
               NEW.registered_at, NEW.carer, NEW.carer_phone, NEW.needs_help, NEW.address))
    EXECUTE FUNCTION household_next_version();

-- Which facts there are, and after how many days each is asked for again: data, not code.
CREATE TABLE household_field (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    name text NOT NULL CHECK (name IN ('householder', 'phone', 'people', 'residence',
        'registered_at', 'carer', 'carer_phone', 'needs_help')),
    stale_days integer NOT NULL CHECK (stale_days BETWEEN 1 AND 3650),
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 100),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area_code, name)
);
COMMENT ON TABLE household_field IS
    'A visit asks for a fact only when it is older than stale_days or not known; the row of the smallest area counts';

CREATE TABLE household_fact (
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    field text NOT NULL CHECK (field ~ '^[a-z_]{2,40}$'),
    seen_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('visit', 'edit', 'import', 'demo')),
    user_id bigint REFERENCES app_user,
    PRIMARY KEY (household_id, field)
);
COMMENT ON TABLE household_fact IS 'When each fact was last seen and how; the value itself stands in household';
CREATE INDEX household_fact_area ON household_fact (area_code text_pattern_ops);

-- Who is visited how often: data, not code.
CREATE TABLE visit_rule (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    need text NOT NULL CHECK (need ~ '^[a-z_]{2,40}$'),
    interval_days integer NOT NULL CHECK (interval_days BETWEEN 1 AND 730),
    retry_days integer NOT NULL DEFAULT 7 CHECK (retry_days BETWEEN 1 AND 365),
    priority smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
    stale_days integer NOT NULL DEFAULT 180 CHECK (stale_days BETWEEN 1 AND 3650),
    active boolean NOT NULL DEFAULT true,
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area_code, need)
);
COMMENT ON TABLE visit_rule IS
    'A household with this need is visited every interval_days; the row of the smallest area counts. No quota: nobody''s visits are counted';
COMMENT ON COLUMN visit_rule.retry_days IS 'after a visit that found nobody';
COMMENT ON COLUMN visit_rule.stale_days IS 'the need itself is asked for again when it was seen longer ago';

CREATE FUNCTION seed_care(county text) RETURNS void LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO visit_rule (area_code, need, interval_days, priority, source)
    SELECT county, need, days, priority, basis || '；间隔是默认值，由县里定'
    FROM (VALUES
        ('elderly_alone', 30, 1, '突发事件应对法第十一条（老年人）'),
        ('bedridden', 30, 1, '突发事件应对法第十一条（病人）'),
        ('left_behind_child', 30, 1, '突发事件应对法第十一条（未成年人）；留守儿童关爱服务'),
        ('left_behind_elder', 30, 2, '突发事件应对法第十一条（老年人）；留守老人关爱服务'),
        ('pregnant', 60, 2, '突发事件应对法第十一条（孕产期和哺乳期的妇女）'),
        ('wheelchair', 90, 2, '突发事件应对法第十一条（残疾人）'),
        ('disabled', 90, 2, '突发事件应对法第十一条（残疾人）'),
        ('infant', 90, 3, '突发事件应对法第十一条（未成年人）'),
        ('chronic', 90, 3, '突发事件应对法第十一条（需要及时就医的伤病人员）')
    ) AS preset (need, days, priority, basis)
    ON CONFLICT (area_code, need) DO NOTHING;
    INSERT INTO household_field (area_code, name, stale_days, position)
    SELECT county, name, days, position
    FROM (VALUES ('people', 180, 1), ('phone', 180, 2), ('householder', 730, 3),
                 ('residence', 365, 4), ('registered_at', 1095, 5), ('carer', 180, 6),
                 ('carer_phone', 180, 7), ('needs_help', 180, 8)) AS preset (name, days, position)
    ON CONFLICT (area_code, name) DO NOTHING;
END $$;
CREATE FUNCTION care_defaults() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM seed_care(NEW.code);
    RETURN NULL;
END $$;
CREATE TRIGGER care_defaults AFTER INSERT ON area FOR EACH ROW
    WHEN (NEW.level = 'county') EXECUTE FUNCTION care_defaults();

-- One visit at a time waits for a household; what came of it has the id made on the tablet.
ALTER TABLE visit
    ADD COLUMN kinds text[] NOT NULL DEFAULT '{}',
    ADD COLUMN priority smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
    ADD COLUMN planned_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN ended_at timestamptz;
COMMENT ON COLUMN visit.kinds IS 'needs for which it was planned';
CREATE UNIQUE INDEX visit_waiting ON visit (household_id) WHERE state = 'planned';
CREATE INDEX visit_of_household ON visit (household_id, ended_at);

CREATE TABLE visit_result (
    id uuid PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    visit_id bigint NOT NULL REFERENCES visit ON DELETE CASCADE,
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    outcome text NOT NULL CHECK (outcome IN ('done', 'missed')),
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    at timestamptz NOT NULL,
    device_time timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    user_id bigint REFERENCES app_user,
    note text CHECK (length(note) <= 1000),
    kept_newer text[] NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN visit_result.id IS 'UUID made on the tablet: the same visit sent twice is one row';
COMMENT ON COLUMN visit_result.content_hash IS 'other content under the same id is a conflict, not an overwrite';
COMMENT ON COLUMN visit_result.kept_newer IS 'facts somebody had seen after this visit: those stayed';
CREATE UNIQUE INDEX visit_result_of_visit ON visit_result (visit_id);
CREATE INDEX visit_result_area ON visit_result (area_code text_pattern_ops);
CREATE INDEX visit_result_household ON visit_result (household_id);

CREATE TABLE visit_conflict (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    visit_id bigint NOT NULL REFERENCES visit ON DELETE CASCADE,
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    result_id uuid NOT NULL,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    content jsonb NOT NULL,
    user_id bigint REFERENCES app_user,
    received_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz
);
COMMENT ON TABLE visit_conflict IS
    'A result that could not be taken because another one stands: kept and shown on the card of the household';
CREATE UNIQUE INDEX visit_conflict_once ON visit_conflict (visit_id, result_id, content_hash);
CREATE INDEX visit_conflict_household ON visit_conflict (household_id) WHERE settled_at IS NULL;
CREATE INDEX visit_conflict_area ON visit_conflict (area_code text_pattern_ops);

-- Rows about a household follow it into its grid.
CREATE FUNCTION household_moved() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE t text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM was JOIN now_is USING (id)
                   WHERE was.area_code <> now_is.area_code) THEN
        RETURN NULL;
    END IF;
    FOREACH t IN ARRAY ARRAY['household_fact', 'visit', 'visit_result', 'visit_conflict']
    LOOP
        EXECUTE format('UPDATE %I AS r SET area_code = n.area_code FROM was AS o '
                       'JOIN now_is AS n USING (id) WHERE r.household_id = n.id '
                       'AND o.area_code <> n.area_code AND r.area_code <> n.area_code', t);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER household_moved AFTER UPDATE ON household
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is
    FOR EACH STATEMENT EXECUTE FUNCTION household_moved();

-- Which facts and needs an item of service uses: collected once, used by all.
ALTER TABLE service_item
    ADD COLUMN fields text[] NOT NULL DEFAULT '{}',
    ADD COLUMN needs text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN service_item.fields IS 'facts of a household this item uses';
COMMENT ON COLUMN service_item.needs IS 'needs this item uses';

-- Opening needs and telephone numbers in an emergency.
CREATE TABLE break_glass (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code) AND length(area_code) >= 9),
    hazard_id bigint NOT NULL REFERENCES hazard,
    user_id bigint NOT NULL REFERENCES app_user,
    reason text NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    opened_at timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK (until > opened_at AND until <= opened_at + interval '2 hours')
);
COMMENT ON TABLE break_glass IS
    'Who opened the needs and telephone numbers of an area, why and for how long; ends with its hazard';
CREATE INDEX break_glass_of_user ON break_glass (user_id, until);
CREATE INDEX break_glass_area ON break_glass (area_code text_pattern_ops);

-- Bulk exports: one asks, another decides.
CREATE TABLE export_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind IN ('households', 'visits')),
    purpose text NOT NULL CHECK (purpose ~ '^[a-z_]{2,40}$'),
    reason text NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    fields text[] NOT NULL CHECK (cardinality(fields) BETWEEN 1 AND 40),
    state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'approved', 'refused',
        'made', 'failed', 'expired')),
    requested_by bigint NOT NULL REFERENCES app_user,
    requested_at timestamptz NOT NULL DEFAULT now(),
    decided_by bigint REFERENCES app_user,
    decided_at timestamptz,
    decision text CHECK (length(decision) <= 500),
    job_id bigint REFERENCES job,
    rows integer CHECK (rows >= 0),
    bytes integer CHECK (bytes >= 0),
    made_at timestamptz,
    expires_at timestamptz,
    CHECK (decided_by IS NULL OR decided_by <> requested_by),
    CHECK ((state = 'requested') = (decided_by IS NULL) OR state = 'expired'),
    CHECK (state <> 'refused' OR decision IS NOT NULL),
    CHECK (state <> 'made' OR (expires_at IS NOT NULL AND expires_at <= made_at + interval '24 hours'))
);
COMMENT ON TABLE export_request IS
    'Rows of people leave the system only when one person has asked and another has agreed';
CREATE INDEX export_request_area ON export_request (area_code text_pattern_ops, id DESC);

CREATE TABLE export_file (
    export_id bigint PRIMARY KEY REFERENCES export_request ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    content bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE export_file IS 'What an export made; deleted after 24 hours at the latest';
CREATE INDEX export_file_expiry ON export_file (expires_at);

-- Private: rows of one's own area and below.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['household_fact', 'visit_result', 'visit_conflict', 'break_glass',
        'export_request', 'export_file']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
    -- rules are the county's to read, and its own area's to change
    FOREACH t IN ARRAY ARRAY['household_field', 'visit_rule']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_county ON %I FOR SELECT USING (EXISTS (SELECT 1 '
            'FROM unnest((SELECT my_areas())) AS mine(code) '
            'WHERE left(area_code, 6) ^@ left(mine.code, 6)))', t);
        EXECUTE format(
            'CREATE POLICY own_area_insert ON %I FOR INSERT '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format(
            'CREATE POLICY own_area_update ON %I FOR UPDATE '
            'USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format(
            'CREATE POLICY own_area_delete ON %I FOR DELETE '
            'USING (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON household_field, household_fact, visit_rule, visit_result,
    visit_conflict, break_glass, export_request, export_file TO gridmap_app;
-- who opened what, and why, is not for the application to forget
REVOKE DELETE ON break_glass, export_request FROM gridmap_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gridmap_app;
GRANT SELECT ON household_field, household_fact, visit_rule, visit_result, visit_conflict,
    break_glass, export_request, export_file TO gridmap_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO gridmap_backup;

-- Counties that are there already get the defaults a new one gets.
SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
SELECT seed_care(code) FROM area WHERE level = 'county';
