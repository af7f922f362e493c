-- Services people want and services somebody offers, and how the two were brought together.

CREATE TABLE service_offer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    provider text NOT NULL
        CHECK (provider IN ('volunteers', 'social_worker', 'charity', 'room', 'market')),
    name text NOT NULL CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 80),
    contact text CHECK (contact = btrim(contact) AND length(contact) BETWEEN 1 AND 80),
    services text[] NOT NULL CHECK (cardinality(services) BETWEEN 1 AND 20
        AND array_position(services, NULL) IS NULL),
    capacity integer NOT NULL CHECK (capacity BETWEEN 0 AND 100000),
    reach_metres integer CHECK (reach_metres BETWEEN 50 AND 20000),
    hours text CHECK (length(hours) BETWEEN 1 AND 200),
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    geom geometry(Point, 4326) CHECK (geometry_ok(geom)),
    CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CHECK ((geom IS NULL) = (reach_metres IS NULL))
);
COMMENT ON TABLE service_offer IS
    'Who offers help to households: volunteers, social workers, charities, idle rooms, markets';
COMMENT ON COLUMN service_offer.capacity IS 'households a week, over all its services together';
COMMENT ON COLUMN service_offer.reach_metres IS
    'on foot from its place; without a place it is for the whole of its area';
COMMENT ON COLUMN service_offer.contact IS 'shown whole to those who look after people, masked to others';
COMMENT ON COLUMN service_offer.valid_to IS 'last day; NULL: no end is set';
COMMENT ON COLUMN service_offer.revision IS 'counts edits, so that none undoes another unseen';
CREATE INDEX service_offer_area ON service_offer (area_code text_pattern_ops);
CREATE INDEX service_offer_geom ON service_offer USING gist (geom);

CREATE TABLE service_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    service text NOT NULL CHECK (service ~ '^[a-z_]{2,40}$'),
    source text NOT NULL CHECK (source IN ('need', 'visit', 'resident')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'met', 'withdrawn')),
    since timestamptz NOT NULL DEFAULT now(),
    offer_id bigint REFERENCES service_offer ON DELETE RESTRICT,
    decided_at timestamptz,
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    user_id bigint REFERENCES app_user,
    UNIQUE (household_id, service),
    CHECK (offer_id IS NULL OR state = 'met'),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
COMMENT ON TABLE service_request IS
    'What a household has asked for, or what was decided about a wish that follows from a need';
COMMENT ON COLUMN service_request.source IS
    'need: follows from a rule, and is written down only once somebody decides about it';
COMMENT ON COLUMN service_request.state IS 'withdrawn: the household does not want it, whatever a rule says';
COMMENT ON COLUMN service_request.offer_id IS 'who meets it; NULL: met by others, family or market';
CREATE INDEX service_request_area ON service_request (area_code text_pattern_ops);
CREATE INDEX service_request_offer ON service_request (offer_id);

-- Which needs want which services: data, not code.
CREATE TABLE service_rule (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    need text NOT NULL CHECK (need ~ '^[a-z_]{2,40}$'),
    service text NOT NULL CHECK (service ~ '^[a-z_]{2,40}$'),
    active boolean NOT NULL DEFAULT true,
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area_code, need, service)
);
COMMENT ON TABLE service_rule IS
    'A household with this need is taken to want this service until it says otherwise; the row of the smallest area counts';

CREATE TABLE care_load_rule (
    area_code text NOT NULL PRIMARY KEY CHECK (area_code_ok(area_code)),
    visit_minutes integer NOT NULL CHECK (visit_minutes BETWEEN 1 AND 480),
    weekly_hours integer NOT NULL CHECK (weekly_hours BETWEEN 1 AND 60),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE care_load_rule IS
    'How much time visits may ask of the members of a grid: a reason to redraw it or to share, never a measure of a person';
COMMENT ON COLUMN care_load_rule.weekly_hours IS 'of each member of a grid, for visits and the ways between them';

CREATE TABLE care_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    job_id bigint REFERENCES job,
    input_version text NOT NULL,
    totals jsonb NOT NULL,
    offers jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(offers) = 'array'),
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE care_run IS 'Services wanted brought together with services offered, as of one moment';
COMMENT ON COLUMN care_run.offers IS 'of each offer: used, unused, and why what is left is left';
CREATE INDEX care_run_area ON care_run (area_code text_pattern_ops, id);

CREATE TABLE care_match (
    run_id bigint NOT NULL REFERENCES care_run ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    service text NOT NULL CHECK (service ~ '^[a-z_]{2,40}$'),
    offer_id bigint REFERENCES service_offer ON DELETE CASCADE,
    metres real CHECK (metres >= 0),
    reason text CHECK (reason IN ('nobody', 'no_street', 'too_far', 'full')),
    PRIMARY KEY (run_id, household_id, service),
    CHECK ((offer_id IS NULL) = (reason IS NOT NULL))
);
COMMENT ON TABLE care_match IS
    'What became of each wish in the newest run of an area: by whom it could be met, or why by nobody';
CREATE INDEX care_match_area ON care_match (area_code text_pattern_ops);
CREATE INDEX care_match_household ON care_match (household_id);

-- Rows about a household follow it into its grid.
CREATE FUNCTION care_moved() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE t text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM was JOIN now_is USING (id)
                   WHERE was.area_code <> now_is.area_code) THEN
        RETURN NULL;
    END IF;
    FOREACH t IN ARRAY ARRAY['service_request', 'care_match']
    LOOP
        EXECUTE format('UPDATE %I AS r SET area_code = n.area_code FROM was AS o '
                       'JOIN now_is AS n USING (id) WHERE r.household_id = n.id '
                       'AND o.area_code <> n.area_code AND r.area_code <> n.area_code', t);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER care_moved AFTER UPDATE ON household
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is
    FOR EACH STATEMENT EXECUTE FUNCTION care_moved();

DO $$
DECLARE t text;
BEGIN
    -- private: rows of one's own area and below
    FOREACH t IN ARRAY ARRAY['service_request', 'care_run', 'care_match']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
    -- common: an offer of one township may help in the next, and rules are the county's to read
    FOREACH t IN ARRAY ARRAY['service_offer', 'service_rule', 'care_load_rule']
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
    -- answers computed from these are stale when they change
    FOREACH t IN ARRAY ARRAY['service_offer', 'service_request', 'service_rule']
    LOOP
        EXECUTE format('CREATE TRIGGER layer_version_insert AFTER INSERT ON %I '
                       'REFERENCING NEW TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version()', t);
        EXECUTE format('CREATE TRIGGER layer_version_update AFTER UPDATE ON %I '
                       'REFERENCING NEW TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version()', t);
        EXECUTE format('CREATE TRIGGER layer_version_delete AFTER DELETE ON %I '
                       'REFERENCING OLD TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version()', t);
        INSERT INTO layer_version (layer) VALUES (t);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON service_offer, service_request, service_rule,
    care_load_rule, care_run, care_match TO gridmap_app;
GRANT USAGE ON SEQUENCE service_offer_id_seq, service_request_id_seq, care_run_id_seq
    TO gridmap_app;
GRANT SELECT ON service_offer, service_request, service_rule, care_load_rule, care_run, care_match
    TO gridmap_backup;
GRANT SELECT ON SEQUENCE service_offer_id_seq, service_request_id_seq, care_run_id_seq
    TO gridmap_backup;

-- What a county begins with; each row can be changed or switched off.
CREATE FUNCTION seed_services(county text) RETURNS void LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO service_rule (area_code, need, service, source)
    SELECT county, need, service, basis || '；对应关系是默认值，由县里定'
    FROM (VALUES
        ('elderly_alone', 'meals', '老年人权益保障法第三十七条（社区养老服务：生活照料等）'),
        ('elderly_alone', 'company', '老年人权益保障法第三十七条（社区养老服务：精神慰藉）'),
        ('left_behind_elder', 'company', '老年人权益保障法第三十七条（社区养老服务：精神慰藉）'),
        ('left_behind_elder', 'repairs', '老年人权益保障法第三十七条（社区养老服务：生活照料等）'),
        ('bedridden', 'nursing', '老年人权益保障法第三十七条（社区养老服务：医疗护理）'),
        ('wheelchair', 'escort', '残疾人保障法（社会保障一章）'),
        ('disabled', 'escort', '残疾人保障法（社会保障一章）'),
        ('left_behind_child', 'child_care', '未成年人保护法（政府保护一章）'),
        ('infant', 'child_care', '未成年人保护法（政府保护一章）'),
        ('chronic', 'escort', '基本医疗卫生与健康促进法（基本医疗卫生服务一章）')
    ) AS preset (need, service, basis)
    ON CONFLICT (area_code, need, service) DO NOTHING;
    INSERT INTO care_load_rule (area_code, visit_minutes, weekly_hours, source)
    VALUES (county, 30, 20, '一次半小时、每人每周 20 小时是默认值，由县里定')
    ON CONFLICT (area_code) DO NOTHING;
END $$;
CREATE FUNCTION service_defaults() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM seed_services(NEW.code);
    RETURN NULL;
END $$;
CREATE TRIGGER service_defaults AFTER INSERT ON area FOR EACH ROW
    WHEN (NEW.level = 'county') EXECUTE FUNCTION service_defaults();

SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
SELECT seed_services(code) FROM area WHERE level = 'county';
