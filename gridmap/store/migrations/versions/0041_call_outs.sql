-- Call-out, arrival and return, the shelters' board, and the messages that go out.

ALTER TABLE plan ADD COLUMN arrival_key bytea NOT NULL CHECK (octet_length(arrival_key) = 32)
    DEFAULT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));
COMMENT ON COLUMN plan.arrival_key IS
    'signs the codes on the sheets of the households: nobody can make one up, no setting is needed';

ALTER TABLE call_out
    DROP CONSTRAINT call_out_state_check,
    ADD CONSTRAINT call_out_state_check CHECK (state IN ('waiting', 'called', 'answered',
        'no_answer', 'departed', 'arrived', 'refused', 'not_found')),
    ALTER COLUMN state SET DEFAULT 'waiting',
    ALTER COLUMN channel DROP NOT NULL,
    ALTER COLUMN called_at DROP NOT NULL,
    ALTER COLUMN called_at DROP DEFAULT,
    ADD COLUMN position integer NOT NULL DEFAULT 1 CHECK (position >= 1),
    ADD COLUMN people integer NOT NULL DEFAULT 0 CHECK (people BETWEEN 0 AND 50),
    ADD COLUMN with_needs boolean NOT NULL DEFAULT false,
    ADD COLUMN wave smallint CHECK (wave BETWEEN 1 AND 1000),
    ADD COLUMN shelter_id bigint REFERENCES facility,
    ADD COLUMN unserved_reason text CHECK (unserved_reason ~ '^[a-z_]{2,40}$'),
    ADD COLUMN in_plan boolean NOT NULL DEFAULT true,
    ADD COLUMN code text CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
    ADD COLUMN helper_id bigint REFERENCES app_user ON DELETE SET NULL,
    ADD COLUMN helper text CHECK (length(helper) BETWEEN 1 AND 80),
    ADD COLUMN rung text NOT NULL DEFAULT 'phone' CHECK (rung IN ('phone', 'door', 'gong')),
    ADD COLUMN level text NOT NULL DEFAULT 'village'
        CHECK (level IN ('village', 'township', 'county')),
    ADD COLUMN due_at timestamptz,
    ADD COLUMN state_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    ADD COLUMN arrived_people integer NOT NULL DEFAULT 0 CHECK (arrived_people >= 0),
    ADD COLUMN help_asked boolean NOT NULL DEFAULT false,
    ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN home_at timestamptz,
    ADD CONSTRAINT call_out_place CHECK (shelter_id IS NULL OR unserved_reason IS NULL),
    -- only who has not answered is waited for
    ADD CONSTRAINT call_out_due CHECK
        (due_at IS NULL OR state IN ('waiting', 'called', 'no_answer'));
COMMENT ON TABLE call_out IS
    'One row for each household a plan in force touches, served or not: nobody is dropped';
COMMENT ON COLUMN call_out.state IS 'what the steps of the household come to; they are the truth';
COMMENT ON COLUMN call_out.in_plan IS
    'false: a newer plan no longer names the household, which had been told to leave';
COMMENT ON COLUMN call_out.code IS
    'what the sheet of the household shows as QR and in letters: names it at the shelter''s door';
COMMENT ON COLUMN call_out.helper IS 'who wakes and accompanies the household, by name';
COMMENT ON COLUMN call_out.due_at IS
    'until when an answer is waited for; then the next rung, then the next level; NULL: answered';
COMMENT ON COLUMN call_out.home_at IS 'when the household was back home';
CREATE UNIQUE INDEX call_out_code ON call_out (area_code, code) WHERE code IS NOT NULL;
CREATE INDEX call_out_by_code ON call_out (code) WHERE code IS NOT NULL;
CREATE INDEX call_out_plan ON call_out (plan_id, area_code text_pattern_ops);
CREATE INDEX call_out_waited_for ON call_out (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX call_out_household ON call_out (household_id);

CREATE TABLE call_step (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    call_out_id bigint NOT NULL REFERENCES call_out ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('called', 'answered', 'no_answer', 'departed', 'arrived',
        'refused', 'not_found', 'help', 'undone', 'home')),
    channel text CHECK (channel IN ('phone', 'door', 'gong', 'loudspeaker', 'inbox')),
    place text CHECK (place IN ('shelter', 'relatives')),
    shelter_id bigint REFERENCES facility,
    people integer CHECK (people BETWEEN 1 AND 50),
    all_in boolean NOT NULL DEFAULT false,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    undoes uuid,
    at timestamptz NOT NULL,
    device_time timestamptz,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    user_id bigint REFERENCES app_user,
    clash boolean NOT NULL DEFAULT false,
    settled_at timestamptz,
    CHECK ((kind = 'arrived') = (place IS NOT NULL)),
    CHECK (shelter_id IS NULL OR place = 'shelter'),
    CHECK ((kind = 'undone') = (undoes IS NOT NULL)),
    CHECK (kind <> 'refused' OR reason IS NOT NULL)
);
COMMENT ON TABLE call_step IS
    'Every attempt and every step of a household, also those taken back: what people said, in the order of their clocks';
COMMENT ON COLUMN call_step.id IS 'UUID made on the tablet: the same step sent twice is one row';
COMMENT ON COLUMN call_step.at IS 'when it was: the tablet''s clock, never later than the arrival here';
COMMENT ON COLUMN call_step.clash IS
    'it does not fit what others have said of the household: kept, shown, not counted';
CREATE INDEX call_step_of ON call_step (call_out_id, seq);

ALTER TABLE arrival
    ADD COLUMN step_id uuid REFERENCES call_step ON DELETE CASCADE;
CREATE INDEX arrival_of ON arrival (call_out_id);
CREATE INDEX arrival_at ON arrival (shelter_id) WHERE shelter_id IS NOT NULL;
COMMENT ON TABLE arrival IS 'Who has come where, as the steps that count say; may come in parts';

CREATE TABLE shelter_status (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    shelter_id bigint NOT NULL REFERENCES facility,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    state text NOT NULL CHECK (state IN ('open', 'full', 'closed')),
    supplies text CHECK (length(supplies) BETWEEN 1 AND 1000),
    user_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area_code, plan_id, shelter_id)
);
COMMENT ON TABLE shelter_status IS
    'What the people in charge of a shelter say of it while a plan goes on; area_code is the shelter''s';

CREATE TABLE return_rule (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    hold_days smallint NOT NULL CHECK (hold_days BETWEEN 0 AND 60),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),
    PRIMARY KEY (area_code, kind)
);
COMMENT ON TABLE return_rule IS
    'How many days after a hazard of a kind is lifted nobody goes home: slopes go on moving after rain';

CREATE TABLE plan_return (
    plan_id bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    asked_by bigint NOT NULL REFERENCES app_user,
    asked_at timestamptz NOT NULL DEFAULT now(),
    hold_until date NOT NULL,
    released_by bigint REFERENCES app_user,
    released_at timestamptz,
    release_reason text CHECK (length(release_reason) BETWEEN 1 AND 500),
    opened_by bigint REFERENCES app_user,
    opened_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (area_code, plan_id),
    CHECK (opened_by IS NULL OR opened_by <> asked_by),
    CHECK ((opened_by IS NULL) = (opened_at IS NULL)),
    CHECK ((released_by IS NULL) = (released_at IS NULL)
        AND (released_by IS NULL) = (release_reason IS NULL)),
    CHECK (ended_at IS NULL OR opened_at IS NOT NULL)
);
COMMENT ON TABLE plan_return IS
    'The way home: asked for by one person once the hazard is lifted, opened by a second one';

CREATE TABLE message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    about text NOT NULL CHECK (about ~ '^[a-z_]{2,40}(:[0-9A-Za-z-]{1,64})?$'),
    channel text NOT NULL CHECK (channel IN ('inbox', 'sms', 'loudspeaker', 'mail')),
    recipient text NOT NULL CHECK (length(recipient) BETWEEN 1 AND 200),
    to_user bigint REFERENCES app_user ON DELETE CASCADE,
    to_name text CHECK (length(to_name) BETWEEN 1 AND 80),
    subject text CHECK (length(subject) BETWEEN 1 AND 200),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    link text CHECK (length(link) BETWEEN 1 AND 400),
    exercise boolean NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sent', 'delivered', 'failed', 'not_configured')),
    why text CHECK (why ~ '^[a-z_]{2,40}$'),
    token uuid NOT NULL DEFAULT gen_random_uuid(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at timestamptz NOT NULL DEFAULT now(),
    not_after timestamptz NOT NULL,
    held_until timestamptz,
    reference text CHECK (length(reference) <= 200),
    queued_by bigint REFERENCES app_user,
    queued_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    read_at timestamptz,
    UNIQUE (area_code, key, channel, recipient),
    CHECK ((channel = 'inbox') = (to_user IS NOT NULL)),
    CHECK ((state IN ('sent', 'delivered')) = (sent_at IS NOT NULL)),
    CHECK (link IS NULL OR state IN ('queued', 'not_configured')),
    -- an exercise can never be mistaken for the real thing, whatever the caller wrote
    CHECK (NOT exercise OR text LIKE '【演练】%')
);
COMMENT ON TABLE message IS
    'What is to be told to whom by which way; without a gateway it stays here and is said to be unsent';
COMMENT ON COLUMN message.key IS 'what it is about, so that the same thing is told once to each';
COMMENT ON COLUMN message.link IS
    'address of one''s own, put under the words when it is sent; forgotten then, shown to nobody';
COMMENT ON COLUMN message.token IS 'goes to the gateway with every try: one that knows it sends once';
COMMENT ON COLUMN message.not_after IS 'after this it would tell people something that is over';
COMMENT ON COLUMN message.held_until IS 'a sender is at it until then';
CREATE INDEX message_due ON message (next_at) WHERE state IN ('queued', 'not_configured');
CREATE INDEX message_to ON message (to_user, id) WHERE to_user IS NOT NULL;
CREATE INDEX message_about ON message (about, id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['call_step', 'message']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO gridmap_app', t);
        EXECUTE format('GRANT SELECT ON %I TO gridmap_backup', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['shelter_status', 'return_rule', 'plan_return']
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
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO gridmap_app', t);
        EXECUTE format('GRANT SELECT ON %I TO gridmap_backup', t);
    END LOOP;
END $$;
-- what is written to a person is theirs to read, whatever wider area it came from
CREATE POLICY own_messages ON message FOR SELECT
    USING (to_user::text = current_setting('gridmap.user', true));
CREATE POLICY own_messages_read ON message FOR UPDATE
    USING (to_user::text = current_setting('gridmap.user', true))
    WITH CHECK (to_user::text = current_setting('gridmap.user', true));
GRANT USAGE ON SEQUENCE call_step_seq_seq, message_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE call_step_seq_seq, message_id_seq TO gridmap_backup;
