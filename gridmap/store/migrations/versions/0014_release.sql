-- A password that an administrator knows opens no office account by itself: the person brings a
-- code as well, which a security administrator gives.

ALTER TABLE app_user ADD COLUMN release_needed boolean NOT NULL DEFAULT false;
ALTER TABLE app_user ADD COLUMN release_hash bytea CHECK (octet_length(release_hash) = 32);
ALTER TABLE app_user ADD COLUMN released_by bigint REFERENCES app_user ON DELETE SET NULL;
ALTER TABLE app_user ADD COLUMN released_at timestamptz;
ALTER TABLE app_user ADD CONSTRAINT release_whole CHECK (
    (release_hash IS NULL OR release_needed) AND (release_hash IS NULL) = (released_at IS NULL));
COMMENT ON COLUMN app_user.release_needed IS
    'somebody else may know the password, or the second factor is gone: the next sign-in takes a code of a security administrator';
COMMENT ON COLUMN app_user.release_hash IS
    'keyed hash of that code, which was shown once; NULL until a security administrator gives it';

-- Looks at all roles of a person, whatever the areas of who asks: hence its own setting.
CREATE FUNCTION holds_role(person bigint, wanted text[]) RETURNS boolean LANGUAGE plpgsql VOLATILE
    SET search_path = public, pg_temp AS $$
DECLARE
    areas text := current_setting('gridmap.areas', true);
    found boolean;
BEGIN
    PERFORM set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
    SELECT EXISTS (SELECT 1 FROM user_role WHERE user_id = person AND role = ANY (wanted))
        INTO found;
    PERFORM set_config('gridmap.areas', coalesce(areas, ''), true);
    RETURN found;
END $$;
COMMENT ON FUNCTION holds_role IS 'Whether an account holds one of some roles in any area';

CREATE FUNCTION office_roles() RETURNS text[] LANGUAGE sql IMMUTABLE
    SET search_path = public, pg_temp AS $$
    SELECT ARRAY['duty_officer', 'commander', 'planner', 'planning_lead',
                 'auditor', 'system_admin', 'security_admin'] $$;
COMMENT ON FUNCTION office_roles IS 'Every role but those of the field';

CREATE FUNCTION guard_door() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    actor text := nullif(current_setting('gridmap.user', true), '');
    known boolean := NEW.password_hash IS DISTINCT FROM OLD.password_hash
        AND NEW.totp_secret IS NULL;
    unguarded boolean := OLD.totp_secret IS NOT NULL AND NEW.totp_secret IS NULL;
BEGIN
    -- the system's own work has no person: the command line of who may read the database anyway
    IF actor IS NOT NULL AND actor <> NEW.id::text AND NOT NEW.release_needed
       AND (known OR unguarded) AND holds_role(NEW.id, office_roles()) THEN
        RAISE EXCEPTION 'an office account is opened by two administrators'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_open_an_account';
    END IF;
    IF NEW.release_hash IS NOT NULL AND NEW.release_hash IS DISTINCT FROM OLD.release_hash
       AND (actor IS NULL OR actor = NEW.id::text OR NEW.released_by::text IS DISTINCT FROM actor
            OR NOT holds_role(actor::bigint, ARRAY['security_admin'])) THEN
        RAISE EXCEPTION 'a security administrator releases the account of another person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'security_admin_releases';
    END IF;
    IF OLD.release_needed AND NOT NEW.release_needed AND OLD.release_hash IS NULL THEN
        RAISE EXCEPTION 'this account has not been released'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_comes_first';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_door BEFORE UPDATE ON app_user
    FOR EACH ROW EXECUTE FUNCTION guard_door();

-- whoever made an account may still know its password when it rises to its first office role
CREATE FUNCTION guard_first_office() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    IF nullif(current_setting('gridmap.user', true), '') IS NOT NULL
       AND NEW.role = ANY (office_roles()) AND NOT holds_role(NEW.user_id, office_roles())
       AND NOT (SELECT release_needed FROM app_user WHERE id = NEW.user_id FOR UPDATE) THEN
        RAISE EXCEPTION 'an office account is opened by two administrators'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_open_an_account';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_first_office BEFORE INSERT OR UPDATE ON user_role
    FOR EACH ROW EXECUTE FUNCTION guard_first_office();
