-- Plans as data: what was assumed, which plan one replaces, what was computed beside the ways; and
-- the figures plans and their sheets rest on.

ALTER TABLE plan
    ADD COLUMN replans bigint REFERENCES plan,
    ADD CONSTRAINT plan_replans_another CHECK (replans <> id);
COMMENT ON COLUMN plan.replans IS
    'the plan this one changes as little as possible; NULL: drafted from nothing';
COMMENT ON COLUMN plan.options IS 'what was asked for: limits, speeds, rules; printed as assumptions';
CREATE INDEX plan_replans ON plan (replans) WHERE replans IS NOT NULL;

ALTER TABLE assignment
    ADD COLUMN kin integer CHECK (kin >= 1),
    ADD COLUMN pace_kmh double precision CHECK (pace_kmh > 0 AND pace_kmh <= 15),
    ADD COLUMN by_vehicle boolean NOT NULL DEFAULT false,
    ADD COLUMN departs_seconds double precision
        CHECK (departs_seconds >= 0 AND departs_seconds < 1e7),
    ADD COLUMN assembly integer CHECK (assembly >= 1),
    ADD COLUMN second_shelter_id bigint REFERENCES facility,
    ADD COLUMN second_seconds double precision
        CHECK (second_seconds >= 0 AND second_seconds < 1e7),
    ADD COLUMN short_shelter_id bigint REFERENCES facility,
    ADD COLUMN short_beds integer CHECK (short_beds >= 1),
    ADD COLUMN short_room integer CHECK (short_room >= 0),
    ADD CONSTRAINT assignment_second CHECK
        ((second_shelter_id IS NULL) = (second_seconds IS NULL)),
    ADD CONSTRAINT assignment_short CHECK
        ((short_shelter_id IS NULL) = (short_beds IS NULL)
         AND (short_shelter_id IS NULL) = (short_room IS NULL));
COMMENT ON COLUMN assignment.kin IS 'households of one number go to one place in one wave: carer and cared-for';
COMMENT ON COLUMN assignment.pace_kmh IS 'of the slowest walker of the household; NULL: the plan''s own';
COMMENT ON COLUMN assignment.by_vehicle IS 'cannot walk there and is to be fetched';
COMMENT ON COLUMN assignment.departs_seconds IS 'when its wave sets out, after the order';
COMMENT ON COLUMN assignment.assembly IS 'number of the point where it meets its neighbours';
COMMENT ON COLUMN assignment.short_shelter_id IS 'the nearest shelter that would suit one without a place';
COMMENT ON COLUMN assignment.short_beds IS
    'beds short there for it and those kept together with it; one less person needs one less';
COMMENT ON COLUMN assignment.short_room IS 'beds still free there: what several need together is their people less these';
COMMENT ON COLUMN assignment.detail IS 'of older drafts; nothing reads it any more';
COMMENT ON COLUMN assignment.second_shelter_id IS 'where to go if the first one fails: with room left for it alone';

CREATE TABLE plan_part (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    content jsonb NOT NULL CHECK (octet_length(content::text) <= 50000000),
    PRIMARY KEY (plan_id, area_code, kind)
);
COMMENT ON TABLE plan_part IS
    'What was computed for a plan beside its ways: clearance, cuts, prices, tours, assembly points, robust variant';

CREATE TABLE plan_stop (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    household_id bigint NOT NULL,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    vehicle integer CHECK (vehicle >= 1),
    tour integer CHECK (tour >= 1),
    position integer CHECK (position >= 1),
    arrives_seconds double precision CHECK (arrives_seconds >= 0 AND arrives_seconds < 1e7),
    load integer CHECK (load >= 0),
    reason text CHECK (reason ~ '^[a-z_]{2,40}$'),
    PRIMARY KEY (plan_id, household_id),
    FOREIGN KEY (plan_id, household_id) REFERENCES assignment ON DELETE CASCADE,
    CHECK ((reason IS NULL) = (tour IS NOT NULL)),
    CHECK ((tour IS NULL) = (vehicle IS NULL) AND (tour IS NULL) = (position IS NULL)
        AND (tour IS NULL) = (arrives_seconds IS NULL))
);
COMMENT ON TABLE plan_stop IS 'Who is fetched, by which vehicle on which tour, or why nobody comes';
CREATE INDEX plan_stop_area ON plan_stop (area_code text_pattern_ops);

CREATE TABLE plan_change (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    household_id bigint NOT NULL REFERENCES household,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    before_shelter_id bigint REFERENCES facility,
    after_shelter_id bigint REFERENCES facility,
    why text NOT NULL CHECK (why ~ '^[a-z_]{2,40}$'),
    told boolean NOT NULL DEFAULT false,
    PRIMARY KEY (plan_id, household_id)
);
COMMENT ON TABLE plan_change IS
    'Households that go elsewhere than in the plan before, and why; all others keep their place';
COMMENT ON COLUMN plan_change.told IS 'had been called out already when the plan was made';
CREATE INDEX plan_change_area ON plan_change (area_code text_pattern_ops);

CREATE TABLE walking_speed (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    need text NOT NULL CHECK (need ~ '^[a-z_]{2,40}$'),
    kmh double precision NOT NULL CHECK (kmh >= 0 AND kmh <= 8),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    PRIMARY KEY (area_code, need)
);
COMMENT ON TABLE walking_speed IS
    'How fast people with a need walk; 0: they cannot and are fetched. The slowest of a household counts';

CREATE TABLE supply_rule (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    amount double precision NOT NULL CHECK (amount > 0 AND amount <= 10000),
    per text NOT NULL CHECK (per IN ('person_day', 'person', 'people')),
    unit text NOT NULL CHECK (length(unit) <= 12),
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 100),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    PRIMARY KEY (area_code, kind)
);
COMMENT ON TABLE supply_rule IS
    'What a shelter needs: amount for a person a day, for a person once, or one for so many people';

CREATE TABLE vehicle (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    name text NOT NULL CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 80),
    seats integer NOT NULL CHECK (seats BETWEEN 1 AND 100),
    wheelchairs integer NOT NULL DEFAULT 0 CHECK (wheelchairs BETWEEN 0 AND 20),
    ready_minutes integer NOT NULL DEFAULT 15 CHECK (ready_minutes BETWEEN 0 AND 600),
    contact text CHECK (contact = btrim(contact) AND length(contact) BETWEEN 1 AND 80),
    in_use boolean NOT NULL DEFAULT true,
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    geom geometry(Point, 4326) NOT NULL CHECK (geometry_ok(geom))
);
COMMENT ON TABLE vehicle IS 'Vehicles that fetch those who cannot walk, and where they start';
COMMENT ON COLUMN vehicle.in_use IS 'false: kept in the list, counted in no plan';
CREATE INDEX vehicle_area ON vehicle (area_code text_pattern_ops);
CREATE INDEX vehicle_geom ON vehicle USING gist (geom);

CREATE FUNCTION seed_plan_rules(county text) RETURNS void LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO walking_speed (area_code, need, kmh, source)
    SELECT county, need, kmh, basis || '；默认值，由县里定'
    FROM (VALUES
        ('elderly', 3.2, '老年人过街常用步速 0.9 米/秒'),
        ('elderly_alone', 3.2, '老年人过街常用步速 0.9 米/秒'),
        ('left_behind_elder', 3.2, '老年人过街常用步速 0.9 米/秒'),
        ('left_behind_child', 3.2, '按跟队走的儿童'),
        ('infant', 3.6, '按抱着或推着孩子走'),
        ('pregnant', 3.2, '按老年人步速'),
        ('disabled', 2.5, '按拄拐步速 0.7 米/秒'),
        ('chronic', 3.2, '按老年人步速'),
        ('wheelchair', 0, '坐轮椅的不走长路，派车接'),
        ('bedridden', 0, '卧床的不能走，派车接')
    ) AS preset (need, kmh, basis)
    ON CONFLICT (area_code, need) DO NOTHING;
    INSERT INTO supply_rule (area_code, kind, amount, per, unit, position, source)
    SELECT county, kind, amount, per, unit, position, basis || '；默认值，由县里定'
    FROM (VALUES
        ('drinking_water', 3, 'person_day', 'L', 1, '环球计划手册（Sphere 2018）生存用水 2.5–3 升'),
        ('water', 15, 'person_day', 'L', 2, '环球计划手册（Sphere 2018）供水 15 升'),
        ('food', 2100, 'person_day', 'kcal', 3, '环球计划手册（Sphere 2018）每人每天 2100 千卡'),
        ('beds', 1, 'person', '', 4, '一人一床'),
        ('blankets', 1, 'person', '', 5, '一人一条'),
        ('toilets', 50, 'people', '', 6, '环球计划手册（Sphere 2018）初期 50 人一个'),
        ('space', 3.5, 'person', 'm²', 7, '环球计划手册（Sphere 2018）住人面积每人 3.5 平方米')
    ) AS preset (kind, amount, per, unit, position, basis)
    ON CONFLICT (area_code, kind) DO NOTHING;
END $$;
CREATE FUNCTION plan_defaults() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM seed_plan_rules(NEW.code);
    RETURN NULL;
END $$;
CREATE TRIGGER plan_defaults AFTER INSERT ON area FOR EACH ROW
    WHEN (NEW.level = 'county') EXECUTE FUNCTION plan_defaults();

DO $$
DECLARE t text;
BEGIN
    -- rows about households: of one's own area and below
    FOREACH t IN ARRAY ARRAY['plan_part', 'plan_stop', 'plan_change']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
    -- rules and vehicles are the county's to read, and its own area's to change
    FOREACH t IN ARRAY ARRAY['walking_speed', 'supply_rule', 'vehicle']
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
GRANT SELECT, INSERT, UPDATE, DELETE ON plan_part, plan_stop, plan_change, walking_speed,
    supply_rule, vehicle TO gridmap_app;
GRANT SELECT ON plan_part, plan_stop, plan_change, walking_speed, supply_rule, vehicle
    TO gridmap_backup;
GRANT USAGE ON SEQUENCE vehicle_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE vehicle_id_seq TO gridmap_backup;

-- Counties that are there already get the defaults a new one gets.
SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
SELECT seed_plan_rules(code) FROM area WHERE level = 'county';
