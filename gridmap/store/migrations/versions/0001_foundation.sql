-- What every noun stands on: checks, versions of layers, the event table, jobs, accounts.

CREATE FUNCTION area_code_ok(code text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT code ~ '^[0-9]{6}([0-9]{3}){0,3}$' $$;
COMMENT ON FUNCTION area_code_ok IS '6 digits county, 9 township, 12 community, 15 grid';

-- PostGIS calls POINT(NaN NaN) valid and turns null coordinates into POINT(0 0): this is the
-- second net behind the geometry gate. NaN is greater than any number here, so it fails.
-- Names are qualified because a restore runs with an empty search path.
CREATE FUNCTION geometry_ok(shape public.geometry) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT NOT public.ST_IsEmpty(shape) AND public.ST_NDims(shape) = 2
          AND public.ST_XMin(shape) >= -180 AND public.ST_XMax(shape) <= 180
          AND public.ST_YMin(shape) >= -90 AND public.ST_YMax(shape) <= 90
          AND NOT (public.ST_XMin(shape) = 0 AND public.ST_XMax(shape) = 0
                   AND public.ST_YMin(shape) = 0 AND public.ST_YMax(shape) = 0)
          AND public.ST_IsValid(shape) $$;

CREATE FUNCTION my_areas() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(nullif(current_setting('gridmap.areas', true), ''), ',') $$;
COMMENT ON FUNCTION my_areas IS 'area-code prefixes of this transaction; NULL without a context';

CREATE TABLE layer_version (
    layer text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE layer_version IS
    'Data version of each layer; the ETag of tiles and features, bumped by trigger';

CREATE FUNCTION bump_layer_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    -- a statement that touched no row has made nothing stale
    IF EXISTS (SELECT 1 FROM changed) THEN
        INSERT INTO layer_version AS v (layer) VALUES (TG_TABLE_NAME)
        ON CONFLICT (layer) DO UPDATE SET version = v.version + 1, changed_at = clock_timestamp();
    END IF;
    RETURN NULL;
END $$;

CREATE TABLE app_user (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_.-]{1,39}$'),
    display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 80),
    password_hash text NOT NULL,
    totp_secret text,
    language text NOT NULL DEFAULT 'zh_CN' CHECK (language IN ('zh_CN', 'en')),
    active boolean NOT NULL DEFAULT true,
    demo boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app_user IS 'Accounts; holds no area, so what a person may see comes from user_role';
COMMENT ON COLUMN app_user.demo IS 'demo accounts stop a production start';

CREATE TABLE user_role (
    user_id bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('grid_member', 'unit', 'duty_officer', 'commander',
        'planner', 'planning_lead', 'auditor', 'system_admin', 'security_admin')),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    PRIMARY KEY (user_id, role, area_code)
);
COMMENT ON TABLE user_role IS 'What a person is trusted with, and in which area (with all below it)';

CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    user_agent text
);
COMMENT ON TABLE session IS 'Server-side sessions: a row deleted is a signed-out browser, copied cookie or not';
CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE sign_in_failure (
    name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sign_in_failure IS 'Counts wrong passwords where Redis is not: the limit holds with Redis down';
CREATE INDEX sign_in_failure_name ON sign_in_failure (name, at);

CREATE TABLE event (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    subject text NOT NULL,
    subject_id text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    user_id bigint,
    request_id text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    dispatched_at timestamptz
);
COMMENT ON TABLE event IS
    'Audit trail, outbox and live feed in one. Inserted last in its transaction under an advisory lock, so that seq appears in order and a reader of "seq > last" loses nothing';
COMMENT ON COLUMN event.payload IS 'ids and figures, never personal data';
COMMENT ON COLUMN event.dispatched_at IS 'when the relay enqueued the job this event asks for; at once for events that ask for none';
CREATE INDEX event_outbox ON event (seq) WHERE dispatched_at IS NULL;
CREATE INDEX event_area ON event (area_code text_pattern_ops, seq);
CREATE INDEX event_subject ON event (subject, subject_id);

CREATE FUNCTION event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'events are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.seq, NEW.kind, NEW.area_code, NEW.subject, NEW.subject_id, NEW.payload,
        NEW.user_id, NEW.request_id, NEW.at)
       IS DISTINCT FROM
       (OLD.seq, OLD.kind, OLD.area_code, OLD.subject, OLD.subject_id, OLD.payload,
        OLD.user_id, OLD.request_id, OLD.at) THEN
        RAISE EXCEPTION 'events are never changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER event_guard BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION event_guard();

CREATE FUNCTION event_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gridmap_event', NEW.seq::text);
    RETURN NULL;
END $$;
CREATE TRIGGER event_notify AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_notify();

CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
    queue text NOT NULL CHECK (queue IN ('urgent', 'default', 'slow')),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    arguments jsonb NOT NULL DEFAULT '{}',
    input_version text,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    max_attempts integer NOT NULL DEFAULT 3 CHECK (max_attempts BETWEEN 1 AND 10),
    token bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    total integer CHECK (total >= 0),
    message text,
    result jsonb,
    error text,
    user_id bigint,
    request_id text,
    enqueued_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL))
);
COMMENT ON TABLE job IS
    'The truth about long work; RQ only wakes a worker. Results are written WHERE token = mine';
COMMENT ON COLUMN job.token IS 'fencing token: grows with every claim, so an orphaned run can write nothing';
COMMENT ON COLUMN job.lease_until IS 'the sweeper gives the job to another worker when this has passed';
COMMENT ON COLUMN job.input_version IS 'data versions the result was computed from';
CREATE INDEX job_waiting ON job (state, enqueued_at) WHERE state IN ('queued', 'running');
CREATE INDEX job_area ON job (area_code text_pattern_ops, id DESC);

CREATE TABLE worker_seen (
    name text PRIMARY KEY,
    queue text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE worker_seen IS 'Heartbeat of workers and scheduler, for /readyz and `gridmap status`';
