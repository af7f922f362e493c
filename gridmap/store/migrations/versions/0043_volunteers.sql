-- Volunteers and organisations: who can do what and where, calls for them, and what they answer.

CREATE TABLE volunteer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind IN ('person', 'organisation')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone text CHECK (phone ~ '^[0-9+-]{5,20}$'),
    skills text[] NOT NULL CHECK (cardinality(skills) BETWEEN 1 AND 20),
    people integer NOT NULL DEFAULT 1 CHECK (people BETWEEN 1 AND 10000),
    active boolean NOT NULL DEFAULT true,
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by bigint REFERENCES app_user ON DELETE SET NULL,
    CHECK (kind = 'organisation' OR people = 1),
    UNIQUE NULLS NOT DISTINCT (area_code, name, phone)
);
COMMENT ON TABLE volunteer IS
    'People and organisations who have offered to help; nobody is ranked, nobody has to come';
COMMENT ON COLUMN volunteer.phone IS 'used to write to them in a call; pages show its end only';

CREATE TABLE volunteer_call (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    incident_id uuid REFERENCES incident ON DELETE SET NULL,
    skills text[] NOT NULL CHECK (cardinality(skills) <= 20),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    exercise boolean NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by bigint REFERENCES app_user ON DELETE SET NULL,
    CHECK (expires_at > created_at AND expires_at <= created_at + interval '7 days'),
    CHECK (NOT exercise OR text LIKE '【演练】%')
);
COMMENT ON TABLE volunteer_call IS 'A call for volunteers of an area with certain skills, each one';
CREATE INDEX volunteer_call_incident ON volunteer_call (incident_id)
    WHERE incident_id IS NOT NULL;

CREATE TABLE volunteer_answer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    call_id bigint NOT NULL REFERENCES volunteer_call ON DELETE CASCADE,
    volunteer_id bigint NOT NULL REFERENCES volunteer ON DELETE CASCADE,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'come', 'cannot')),
    answered_at timestamptz,
    UNIQUE (area_code, call_id, volunteer_id),
    UNIQUE (area_code, token_hash),
    CHECK ((state = 'asked') = (answered_at IS NULL))
);
COMMENT ON TABLE volunteer_answer IS
    'Who was asked and what they said, once; the link they answer by is kept as its digest only';
CREATE INDEX volunteer_answer_token ON volunteer_answer (token_hash);
CREATE INDEX volunteer_answer_call ON volunteer_answer (call_id);
CREATE INDEX volunteer_answer_of ON volunteer_answer (volunteer_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['volunteer', 'volunteer_call', 'volunteer_answer']
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
GRANT USAGE ON SEQUENCE volunteer_id_seq, volunteer_call_id_seq, volunteer_answer_id_seq
    TO gridmap_app;
GRANT SELECT ON SEQUENCE volunteer_id_seq, volunteer_call_id_seq, volunteer_answer_id_seq
    TO gridmap_backup;
