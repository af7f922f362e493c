-- Second factors, tokens of programs, and what an account remembers of its use.

-- which administration looks after an account; the account itself has no area, because it is
-- read before anybody is known
CREATE TABLE user_area (
    user_id bigint PRIMARY KEY REFERENCES app_user ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code))
);
COMMENT ON TABLE user_area IS
    'Where an account is looked after: decides which administrators see it, and where its events are';
CREATE INDEX user_area_code ON user_area (area_code text_pattern_ops);
-- accounts from before: the widest of the areas they hold a role in
SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
INSERT INTO user_area (user_id, area_code)
    SELECT DISTINCT ON (user_id) user_id, area_code FROM user_role
    ORDER BY user_id, length(area_code), area_code;
SELECT set_config('gridmap.areas', '', true);
ALTER TABLE user_area ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_area FORCE ROW LEVEL SECURITY;
CREATE POLICY own_place ON user_area FOR SELECT
    USING (user_id::text = current_setting('gridmap.user', true));
CREATE POLICY own_area ON user_area
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

ALTER TABLE app_user ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN app_user.must_change_password IS
    'the password was given by an administrator and serves once, to choose another';
ALTER TABLE app_user ADD COLUMN totp_pending text;
ALTER TABLE app_user ADD COLUMN totp_since timestamptz;
ALTER TABLE app_user ADD COLUMN totp_step bigint;
ALTER TABLE app_user ADD CONSTRAINT totp_whole CHECK ((totp_secret IS NULL) = (totp_since IS NULL));
COMMENT ON COLUMN app_user.totp_secret IS 'second factor in force, encrypted; NULL without one';
COMMENT ON COLUMN app_user.totp_pending IS
    'second factor shown to its person but not yet proven by a code, encrypted';
COMMENT ON COLUMN app_user.totp_step IS
    'newest time step whose code was taken: the same code is never taken twice';

CREATE TABLE recovery_code (
    user_id bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash)
);
COMMENT ON TABLE recovery_code IS 'Codes on paper for a lost second factor; each counts once';

ALTER TABLE session ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE session ADD CONSTRAINT session_id UNIQUE (id);
ALTER TABLE session ADD COLUMN complete boolean NOT NULL DEFAULT true;
ALTER TABLE session ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN session.id IS 'names a session to its person; its token names it to nobody else';
COMMENT ON COLUMN session.complete IS
    'false between the right password and the code of the second factor: lets nobody in';
COMMENT ON COLUMN session.second_factor IS 'opened with a second factor';

-- who tried is kept as a keyed hash: no names typed at the door, no addresses
ALTER TABLE sign_in_failure ADD COLUMN source text NOT NULL DEFAULT '';
COMMENT ON COLUMN sign_in_failure.name IS 'keyed hash of the name';
COMMENT ON COLUMN sign_in_failure.source IS
    'keyed hash of the address, or of the device where this person has signed in before';

CREATE TABLE api_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    permissions text[] NOT NULL CHECK (cardinality(permissions) BETWEEN 1 AND 60),
    within text CHECK (area_code_ok(within)),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    CHECK (expires_at > created_at AND expires_at <= created_at + interval '367 days')
);
COMMENT ON TABLE api_token IS
    'Tokens of programs. Each acts for one person, may at most what that person may, and ends';
COMMENT ON COLUMN api_token.token_hash IS 'the token itself was shown once and is kept nowhere';
COMMENT ON COLUMN api_token.within IS 'area the token is confined to; NULL for all of its person''s';
COMMENT ON COLUMN api_token.used_at IS 'last use, to within some minutes';
CREATE INDEX api_token_user ON api_token (user_id, id);

-- What the service refuses with reasons, the database refuses as well. The functions look at all
-- roles of a person, whatever the areas of who asks: hence their own setting.
CREATE FUNCTION guard_roles() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    areas text := current_setting('gridmap.areas', true);
    person bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
    administrators text[] := ARRAY['system_admin', 'security_admin', 'auditor'];
    held boolean;
BEGIN
    IF person::text = nullif(current_setting('gridmap.user', true), '') THEN
        RAISE EXCEPTION 'nobody changes their own roles'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'own_roles_stay';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.role = ANY (administrators) THEN
        -- two grants at once wait here for each other
        PERFORM 1 FROM app_user WHERE id = person FOR UPDATE;
        PERFORM set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
        held := EXISTS (SELECT 1 FROM user_role WHERE user_id = person
                        AND role = ANY (administrators) AND role <> NEW.role);
        PERFORM set_config('gridmap.areas', coalesce(areas, ''), true);
        IF held THEN
            RAISE EXCEPTION 'one person holds one of the three administrations'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'administrations_apart';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_roles BEFORE INSERT OR UPDATE OR DELETE ON user_role
    FOR EACH ROW EXECUTE FUNCTION guard_roles();

CREATE FUNCTION places_of_account(person bigint) RETURNS text[] LANGUAGE plpgsql VOLATILE
    SET search_path = public, pg_temp AS $$
DECLARE
    areas text := current_setting('gridmap.areas', true);
    found text[];
BEGIN
    PERFORM set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
    SELECT coalesce(array_agg(DISTINCT code), '{}') INTO found FROM (
        SELECT area_code AS code FROM user_area WHERE user_id = person
        UNION ALL SELECT area_code FROM user_role WHERE user_id = person) AS held;
    PERFORM set_config('gridmap.areas', coalesce(areas, ''), true);
    RETURN found;
END $$;
COMMENT ON FUNCTION places_of_account IS
    'Every area an account is of: who resets a password must reach them all, or would rise by it';

GRANT SELECT, INSERT, UPDATE, DELETE ON user_area, recovery_code, api_token TO gridmap_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gridmap_app;
GRANT SELECT ON user_area, recovery_code, api_token TO gridmap_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO gridmap_backup;
