-- Incidents, hazards, warnings, plans and the people on duty.

CREATE SEQUENCE incident_number;

CREATE TABLE incident (
    id uuid PRIMARY KEY,
    number bigint NOT NULL DEFAULT nextval('incident_number'),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    grid_id bigint REFERENCES grid,
    grid_code text,
    category text NOT NULL CHECK (category ~ '^[a-z_]{2,40}$'),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    title_en text,
    level smallint CHECK (level BETWEEN 1 AND 4),
    state text NOT NULL DEFAULT 'reported' CHECK (state IN ('reported', 'verified', 'assigned',
        'handling', 'resolved', 'closed', 'evaluated', 'dismissed', 'merged', 'objected')),
    merged_into uuid REFERENCES incident,
    content_hash bytea NOT NULL,
    accuracy_m double precision CHECK (accuracy_m >= 0 AND accuracy_m <= 100000),
    reported_by bigint REFERENCES app_user,
    device_time timestamptz,
    reported_at timestamptz NOT NULL DEFAULT now(),
    state_changed_at timestamptz NOT NULL DEFAULT now(),
    geom geometry(Point, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, number),
    CHECK ((state = 'merged') = (merged_into IS NOT NULL))
);
COMMENT ON COLUMN incident.id IS 'UUID made on the tablet: the same report sent twice is one row';
COMMENT ON COLUMN incident.content_hash IS 'other content under the same id is a conflict, not an overwrite';
COMMENT ON COLUMN incident.level IS 'I to IV as 1 to 4; social-security events have none';
COMMENT ON COLUMN incident.grid_code IS 'the grid it lay in when reported';
CREATE INDEX incident_geom ON incident USING gist (geom);
CREATE INDEX incident_area ON incident (area_code text_pattern_ops, reported_at DESC);
CREATE INDEX incident_open ON incident (reported_at)
    WHERE state IN ('reported', 'verified', 'assigned', 'handling', 'resolved', 'objected');

CREATE TABLE incident_photo (
    incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    bytes integer NOT NULL CHECK (bytes BETWEEN 1 AND 10485760),
    state text NOT NULL DEFAULT 'expected' CHECK (state IN ('expected', 'stored', 'refused')),
    PRIMARY KEY (incident_id, sha256)
);

CREATE TABLE hazard (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_en text,
    severity text CHECK (severity IN ('red', 'orange', 'yellow', 'blue')),
    state text NOT NULL DEFAULT 'declared' CHECK (state IN ('declared', 'lifted')),
    exercise boolean NOT NULL DEFAULT false,
    starts_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz,
    declared_by bigint REFERENCES app_user,
    declared_at timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz,
    households integer NOT NULL DEFAULT 0 CHECK (households >= 0),
    people integer NOT NULL DEFAULT 0 CHECK (people >= 0),
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    blocked geometry(MultiPolygon, 4326) CHECK (geometry_ok(blocked)),
    UNIQUE (area_code, source_key),
    CHECK (ends_at IS NULL OR ends_at >= starts_at),
    CHECK ((state = 'lifted') = (lifted_at IS NOT NULL))
);
COMMENT ON COLUMN hazard.geom IS 'the area to be cleared';
COMMENT ON COLUMN hazard.blocked IS 'the part nobody can pass any more (deep water, collapsed)';
CREATE INDEX hazard_geom ON hazard USING gist (geom);

CREATE TABLE alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    identifier text NOT NULL,
    sender text NOT NULL,
    sent timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('Actual', 'Exercise', 'System', 'Test', 'Draft')),
    msg_type text NOT NULL CHECK (msg_type IN ('Alert', 'Update', 'Cancel', 'Ack', 'Error')),
    hazard_id bigint REFERENCES hazard,
    category text NOT NULL,
    severity text CHECK (severity IN ('red', 'orange', 'yellow', 'blue')),
    starts_at timestamptz NOT NULL,
    expires_at timestamptz,
    headline text NOT NULL,
    instruction text NOT NULL,
    measures text NOT NULL DEFAULT '',
    issuer text NOT NULL,
    geom geometry(MultiPolygon, 4326) CHECK (geometry_ok(geom)),
    UNIQUE (area_code, identifier)
);
COMMENT ON TABLE alert IS 'Warnings with the eight fields the law asks for; CAP 1.2 in and out';
CREATE INDEX alert_geom ON alert USING gist (geom);

CREATE TABLE plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    hazard_id bigint NOT NULL REFERENCES hazard,
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    state text NOT NULL DEFAULT 'drafting' CHECK (state IN ('drafting', 'drafted', 'approved',
        'active', 'closed', 'failed', 'superseded')),
    job_id bigint REFERENCES job,
    input_version text,
    options jsonb NOT NULL DEFAULT '{}',
    totals jsonb NOT NULL DEFAULT '{}',
    person_seconds double precision
        CHECK (person_seconds >= 0 AND person_seconds < 'Infinity'::float8),
    bound double precision CHECK (bound >= 0 AND bound < 'Infinity'::float8),
    drafted_at timestamptz,
    approved_by bigint REFERENCES app_user,
    approved_at timestamptz,
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (area_code, hazard_id, version),
    CHECK ((state IN ('drafted', 'approved', 'active', 'closed')) <= (drafted_at IS NOT NULL)),
    CHECK (approved_by IS NULL OR created_by IS NULL OR approved_by <> created_by)
);
COMMENT ON COLUMN plan.bound IS 'least person-seconds any assignment could reach, over all open shelters';

CREATE TABLE assignment (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    household_id bigint NOT NULL REFERENCES household,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    people integer NOT NULL CHECK (people BETWEEN 0 AND 50),
    with_needs boolean NOT NULL DEFAULT false,
    shelter_id bigint REFERENCES facility,
    seconds double precision CHECK (seconds >= 0 AND seconds < 1e7),
    metres double precision CHECK (metres >= 0 AND metres < 1e7),
    wave smallint CHECK (wave BETWEEN 1 AND 1000),
    reason text CHECK (reason ~ '^[a-z_]{2,40}$'),
    detail text,
    PRIMARY KEY (plan_id, household_id),
    CHECK ((shelter_id IS NULL) = (reason IS NOT NULL)),
    CHECK ((shelter_id IS NULL) = (seconds IS NULL))
);
COMMENT ON TABLE assignment IS
    'One row for each affected household: where it goes, or why it cannot be served';
CREATE INDEX assignment_area ON assignment (area_code text_pattern_ops);

CREATE TABLE route (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    household_id bigint NOT NULL,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    mode text NOT NULL DEFAULT 'walk' CHECK (mode IN ('walk', 'drive')),
    seconds double precision NOT NULL CHECK (seconds >= 0 AND seconds < 1e7),
    metres double precision NOT NULL CHECK (metres >= 0 AND metres < 1e7),
    geom geometry(Geometry, 4326) NOT NULL CHECK (geometry_ok(geom)),
    PRIMARY KEY (plan_id, household_id, mode),
    FOREIGN KEY (plan_id, household_id) REFERENCES assignment ON DELETE CASCADE
);
CREATE INDEX route_geom ON route USING gist (geom);

CREATE TABLE call_out (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    household_id bigint NOT NULL REFERENCES household,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    state text NOT NULL DEFAULT 'called' CHECK (state IN ('called', 'answered', 'no_answer',
        'departed', 'arrived', 'refused')),
    channel text NOT NULL CHECK (channel IN ('phone', 'door', 'gong', 'loudspeaker', 'inbox')),
    called_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    UNIQUE (area_code, plan_id, household_id)
);

CREATE TABLE arrival (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_out_id bigint NOT NULL REFERENCES call_out ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    place text NOT NULL CHECK (place IN ('shelter', 'relatives')),
    shelter_id bigint REFERENCES facility,
    people integer NOT NULL CHECK (people BETWEEN 1 AND 50),
    at timestamptz NOT NULL DEFAULT now(),
    CHECK ((place = 'shelter') = (shelter_id IS NOT NULL))
);

CREATE TABLE duty_shift (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    leader text NOT NULL,
    officers text[] NOT NULL DEFAULT '{}',
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CHECK (ends_at > starts_at)
);

CREATE TABLE duty_log_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    duty_shift_id bigint REFERENCES duty_shift,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    user_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT now()
);
