-- Rules of emergencies: who set each of them and when, in which revision; vehicles and sensors that
-- are looked after, and tokens that post for one sensor alone.

ALTER TABLE walking_speed
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN set_by bigint REFERENCES app_user,
    ADD COLUMN set_at timestamptz;
ALTER TABLE supply_rule
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN set_by bigint REFERENCES app_user,
    ADD COLUMN set_at timestamptz;
ALTER TABLE return_rule
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN set_by bigint REFERENCES app_user,
    ADD COLUMN set_at timestamptz;
COMMENT ON COLUMN walking_speed.set_at IS 'when a person set it; NULL: it came with the program';
COMMENT ON COLUMN supply_rule.set_at IS 'when a person set it; NULL: it came with the program';
COMMENT ON COLUMN return_rule.set_at IS 'when a person set it; NULL: it came with the program';

ALTER TABLE vehicle
    ADD COLUMN hours jsonb
        CHECK (jsonb_typeof(hours) = 'array' AND jsonb_array_length(hours) <= 40),
    ADD COLUMN set_by bigint REFERENCES app_user,
    ADD COLUMN set_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN vehicle.hours IS
    'times of the week at which it can be had, as of facilities; NULL: always';
COMMENT ON COLUMN vehicle.contact IS 'whom to call for it';

CREATE FUNCTION seed_return_rules(county text) RETURNS void LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO return_rule (area_code, kind, hold_days, source)
    SELECT county, kind, 5, '雨后 3–5 天仍易滑塌；默认值，由县里定'
    FROM unnest(ARRAY['landslide', 'debris_flow', 'collapse']) AS kind
    ON CONFLICT (area_code, kind) DO NOTHING;
END $$;
CREATE FUNCTION return_defaults() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM seed_return_rules(NEW.code);
    RETURN NULL;
END $$;
CREATE TRIGGER return_defaults AFTER INSERT ON area FOR EACH ROW
    WHEN (NEW.level = 'county') EXECUTE FUNCTION return_defaults();

ALTER TABLE sensor
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN changed_by bigint REFERENCES app_user,
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN retired_at timestamptz,
    ADD CONSTRAINT sensor_changed CHECK ((revision > 1) = (changed_at IS NOT NULL)),
    -- thresholds rise, and can be measured
    ADD CONSTRAINT sensor_thresholds_rise CHECK (
        (blue IS NULL OR (blue > lowest AND blue <= highest))
        AND (yellow IS NULL OR (yellow > lowest AND yellow <= highest AND yellow > coalesce(blue, lowest)))
        AND (orange IS NULL OR (orange > lowest AND orange <= highest
            AND orange > coalesce(yellow, blue, lowest)))
        AND (red IS NULL OR (red > lowest AND red <= highest
            AND red > coalesce(orange, yellow, blue, lowest))));
COMMENT ON COLUMN sensor.retired_at IS 'no longer in use: nothing is taken from it, what it said is kept';

ALTER TABLE api_token
    ADD COLUMN sensor_id bigint REFERENCES sensor ON DELETE CASCADE,
    ADD CONSTRAINT api_token_of_sensor_posts
        CHECK (sensor_id IS NULL OR permissions = ARRAY['sensor.post']);
COMMENT ON COLUMN api_token.sensor_id IS
    'the one sensor it posts for, renewed and revoked by whoever looks after the sensor; NULL: a token of its person';
CREATE UNIQUE INDEX api_token_sensor ON api_token (sensor_id)
    WHERE sensor_id IS NOT NULL AND revoked_at IS NULL;

SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
SELECT seed_return_rules(code) FROM area WHERE level = 'county';

-- What a person said of a raster of depths or categories, and what its hazards are called.
ALTER TABLE upload ADD COLUMN classes jsonb CHECK (jsonb_typeof(classes) = 'object');
COMMENT ON COLUMN upload.classes IS
    'of a raster: kind of the hazards, values and their levels, whether values are categories; NULL: the usual depths of water';
