-- Plan templates in versions; responses with their tasks, whistles and lessons; what is held back
-- from destruction, and what was destroyed.

CREATE TABLE plan_template (
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    key text NOT NULL CHECK (key ~ '^[a-z_]{2,40}$'),
    version integer NOT NULL CHECK (version BETWEEN 1 AND 1000000),
    hazard_kind text NOT NULL CHECK (hazard_kind ~ '^[a-z_]{2,30}$'),
    area_type text NOT NULL CHECK (area_type IN ('township', 'village')),
    name_zh text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 80),
    name_en text NOT NULL CHECK (length(name_en) BETWEEN 1 AND 80),
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 1000),
    valid_from date NOT NULL,
    retired boolean NOT NULL DEFAULT false,
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area_code, key, version),
    CHECK (key = hazard_kind || '_' || area_type)
);
COMMENT ON TABLE plan_template IS
    'Emergency plans as data; no row is ever changed: an edit is a row with the next version';
COMMENT ON COLUMN plan_template.hazard_kind IS 'as in hazard.kind; general where no other fits';
COMMENT ON COLUMN plan_template.area_type IS 'whose plan: of a township, or of a village or community';
COMMENT ON COLUMN plan_template.content IS
    'sections of the national reference for townships and villages, actions with their levels';
COMMENT ON COLUMN plan_template.created_by IS 'NULL: came with the product';

-- Written once: what a past response was started by stays what it was. Only the area moves, when
-- communities are merged.
CREATE FUNCTION plan_template_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - 'area_code' <> to_jsonb(NEW) - 'area_code' THEN
        RAISE EXCEPTION 'a version of a plan template is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_template_stays BEFORE UPDATE ON plan_template
    FOR EACH ROW EXECUTE FUNCTION plan_template_stays();

CREATE TABLE response (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,30}$'),
    matter text NOT NULL CHECK (length(btrim(matter)) BETWEEN 1 AND 200),
    level smallint CHECK (level BETWEEN 1 AND 4),
    expected_until timestamptz NOT NULL,
    measures text NOT NULL CHECK (length(btrim(measures)) BETWEEN 1 AND 4000),
    exercise boolean NOT NULL,
    hazard_id bigint REFERENCES hazard,
    alert_id bigint REFERENCES alert,
    template_area text,
    template_key text,
    template_version integer,
    tier text NOT NULL CHECK (tier IN ('village', 'township', 'county')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'ended')),
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    leader_id bigint REFERENCES app_user,
    started_by bigint REFERENCES app_user,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_by bigint REFERENCES app_user,
    ended_at timestamptz,
    reviewed_by bigint REFERENCES app_user,
    reviewed_at timestamptz,
    destroyed_at timestamptz,
    figures jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(figures) = 'object'),
    CHECK ((level IS NULL) = (kind IN ('crowd', 'violence', 'security'))),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK (expected_until > started_at),
    CHECK (reviewed_at IS NULL OR ended_at IS NOT NULL),
    CHECK (destroyed_at IS NULL OR ended_at IS NOT NULL),
    CHECK (num_nulls(template_area, template_key, template_version) IN (0, 3))
);
COMMENT ON TABLE response IS
    'An emergency response; matter, level, expected period and measures are those the law asks for';
COMMENT ON COLUMN response.level IS 'I to IV as 1 to 4; events of social security have none';
COMMENT ON COLUMN response.tier IS 'who leads it now: it climbs and is handed down';
COMMENT ON COLUMN response.exercise IS 'that of its hazard; never changed';
COMMENT ON COLUMN response.revision IS 'counts changes by people, so that none undoes another unseen';
COMMENT ON COLUMN response.figures IS 'sums kept of personal data that were destroyed; no persons';
-- two officers who start at once have one response
CREATE UNIQUE INDEX response_one_of_hazard ON response (area_code, hazard_id)
    WHERE state = 'open' AND hazard_id IS NOT NULL;
CREATE UNIQUE INDEX response_one_of_kind ON response (area_code, kind, exercise)
    WHERE state = 'open' AND hazard_id IS NULL;
CREATE INDEX response_hazard ON response (hazard_id);

-- An exercise can never become the real thing, nor the other way round.
CREATE FUNCTION response_exercise_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.exercise <> NEW.exercise
            OR OLD.hazard_id IS DISTINCT FROM NEW.hazard_id) THEN
        RAISE EXCEPTION 'exercise and hazard of a response are never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.hazard_id IS NOT NULL AND NEW.exercise IS DISTINCT FROM
            (SELECT h.exercise FROM hazard AS h WHERE h.id = NEW.hazard_id) THEN
        RAISE EXCEPTION 'a response is an exercise exactly if its hazard is one'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- nothing real begins with a drill's warning, nor anything with a test or a draft
    IF NEW.alert_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alert AS a WHERE a.id = NEW.alert_id
            AND a.status = CASE WHEN NEW.exercise THEN 'Exercise' ELSE 'Actual' END) THEN
        RAISE EXCEPTION 'a response is an exercise exactly if its warning is one'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER response_exercise_stays
    BEFORE INSERT OR UPDATE OF exercise, hazard_id, alert_id ON response
    FOR EACH ROW EXECUTE FUNCTION response_exercise_stays();

CREATE TABLE response_step (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    response_id bigint NOT NULL REFERENCES response ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    verb text NOT NULL CHECK (verb IN ('started', 'adjusted', 'escalated', 'handed_down',
        'handed_over', 'ended')),
    level smallint CHECK (level BETWEEN 1 AND 4),
    tier text NOT NULL CHECK (tier IN ('village', 'township', 'county')),
    expected_until timestamptz NOT NULL,
    measures text NOT NULL,
    reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    by_id bigint REFERENCES app_user,
    to_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT now(),
    CHECK ((verb = 'handed_over') = (to_id IS NOT NULL))
);
COMMENT ON TABLE response_step IS 'What a response was after each change, and why it was changed';
CREATE INDEX response_step_of ON response_step (response_id, id);

CREATE TABLE response_task (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    response_id bigint NOT NULL REFERENCES response ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    key text CHECK (key ~ '^[a-z_]{2,40}$'),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    title_en text CHECK (length(title_en) BETWEEN 1 AND 200),
    owner text NOT NULL CHECK (length(owner) BETWEEN 1 AND 80),
    owner_en text CHECK (length(owner_en) BETWEEN 1 AND 80),
    owner_role text CHECK (owner_role ~ '^[a-z_]{2,40}$'),
    owner_id bigint REFERENCES app_user,
    team_id bigint REFERENCES responder ON DELETE SET NULL,
    tier text NOT NULL CHECK (tier IN ('village', 'township', 'county')),
    first_tier text NOT NULL CHECK (first_tier IN ('village', 'township', 'county')),
    minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 100000),
    due_at timestamptz NOT NULL,
    first_due_at timestamptz NOT NULL,
    approval boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'waiting', 'done', 'void')),
    taken_by bigint REFERENCES app_user,
    taken_at timestamptz,
    done_by bigint REFERENCES app_user,
    done_at timestamptz,
    approved_by bigint REFERENCES app_user,
    approved_at timestamptz,
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
    escalations smallint NOT NULL DEFAULT 0 CHECK (escalations BETWEEN 0 AND 1000),
    overdue_told boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (area_code, response_id, key),
    CHECK ((state IN ('waiting', 'done')) = (done_at IS NOT NULL)),
    CHECK (state <> 'done' OR NOT approval OR approved_at IS NOT NULL),
    CHECK (approved_by IS NULL OR approved_by <> done_by)
);
COMMENT ON TABLE response_task IS 'What has to be done in a response, by whom and until when';
COMMENT ON COLUMN response_task.owner_role IS
    'role of an account; its people in the area see the task while it has no person and no team';
COMMENT ON COLUMN response_task.due_at IS 'of the tier that has it now; first_due_at is the first one';
COMMENT ON COLUMN response_task.state IS 'waiting: said to be done, to be approved by another person';
CREATE INDEX response_task_of ON response_task (response_id);
CREATE INDEX response_task_due ON response_task (due_at) WHERE state IN ('open', 'taken');
CREATE INDEX response_task_owner ON response_task (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX response_task_team ON response_task (team_id) WHERE team_id IS NOT NULL;

CREATE TABLE whistle (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    response_id bigint REFERENCES response ON DELETE CASCADE,
    matter text NOT NULL CHECK (length(btrim(matter)) BETWEEN 1 AND 500),
    place text NOT NULL CHECK (length(btrim(place)) BETWEEN 1 AND 200),
    exercise boolean NOT NULL DEFAULT false,
    minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 10080),
    state text NOT NULL DEFAULT 'blown' CHECK (state IN ('blown', 'closed')),
    blown_by bigint REFERENCES app_user,
    blown_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
COMMENT ON TABLE whistle IS 'A grid or community calls departments, which report in; never ranked';
CREATE INDEX whistle_response ON whistle (response_id);

CREATE TABLE whistle_call (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    whistle_id bigint NOT NULL REFERENCES whistle ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    team_id bigint NOT NULL REFERENCES responder,
    tier text NOT NULL CHECK (tier IN ('village', 'township', 'county')),
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'called'
        CHECK (state IN ('called', 'on_the_way', 'arrived', 'cannot')),
    reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    answered_by bigint REFERENCES app_user,
    answered_at timestamptz,
    arrived_at timestamptz,
    escalations smallint NOT NULL DEFAULT 0 CHECK (escalations BETWEEN 0 AND 1000),
    result text CHECK (result IN ('solved', 'partly', 'unsolved')),
    words text NOT NULL DEFAULT '' CHECK (length(words) <= 500),
    UNIQUE (area_code, whistle_id, team_id),
    CHECK ((state = 'called') = (answered_at IS NULL)),
    CHECK (state <> 'cannot' OR reason <> '')
);
COMMENT ON COLUMN whistle_call.tier IS 'whom the silence has reached: it climbs when nobody answers';
COMMENT ON COLUMN whistle_call.result IS 'of the matter, in the words of who called; no mark of people';
CREATE INDEX whistle_call_due ON whistle_call (due_at) WHERE state = 'called';

CREATE TABLE drill_evaluation (
    response_id bigint PRIMARY KEY REFERENCES response ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    objectives jsonb NOT NULL CHECK (jsonb_typeof(objectives) = 'array'
        AND jsonb_array_length(objectives) BETWEEN 1 AND 30),
    summary text NOT NULL CHECK (length(summary) BETWEEN 1 AND 4000),
    by_id bigint REFERENCES app_user,
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE drill_evaluation IS
    'Of an exercise: what was to be shown and what was seen, in words; nobody is ranked';

CREATE TABLE lesson (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    response_id bigint NOT NULL REFERENCES response ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    text text NOT NULL CHECK (length(btrim(text)) BETWEEN 1 AND 1000),
    owner text NOT NULL CHECK (length(btrim(owner)) BETWEEN 1 AND 80),
    due_on date NOT NULL,
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    done_by bigint REFERENCES app_user,
    done_at timestamptz,
    proposal text CHECK (proposal IN ('proposed', 'taken', 'declined')),
    template_area text,
    template_key text,
    proposed_at timestamptz,
    CHECK (num_nulls(proposal, template_area, template_key, proposed_at) IN (0, 4))
);
COMMENT ON COLUMN lesson.proposal IS 'a change of the template that the lesson asks for';
CREATE INDEX lesson_response ON lesson (response_id);

CREATE TABLE destruction_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hazard_id bigint NOT NULL REFERENCES hazard,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    until date NOT NULL,
    reason text NOT NULL CHECK (length(btrim(reason)) BETWEEN 5 AND 1000),
    held_by bigint REFERENCES app_user,
    held_at timestamptz NOT NULL DEFAULT now(),
    released_by bigint REFERENCES app_user,
    released_at timestamptz
);
COMMENT ON TABLE destruction_hold IS
    'Personal data of an emergency that are kept for now, until when, why, and who said so';
CREATE INDEX destruction_hold_hazard ON destruction_hold (hazard_id);

CREATE TABLE destruction (
    hazard_id bigint PRIMARY KEY REFERENCES hazard,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    counts jsonb NOT NULL CHECK (jsonb_typeof(counts) = 'object'),
    figures jsonb NOT NULL CHECK (jsonb_typeof(figures) = 'object'),
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE destruction IS 'When the personal data of an emergency were destroyed, and how many rows';

-- Read by those inside an area and those it contains, as events are: the tasks of a township's
-- response reach the members of its grids. Begun and removed by the area's own.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['response', 'response_step', 'response_task', 'whistle',
        'whistle_call', 'drill_evaluation', 'lesson', 'destruction_hold', 'destruction']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY around_read ON %I FOR SELECT USING (EXISTS (SELECT 1'
            ' FROM unnest((SELECT my_areas())) AS mine(code)'
            ' WHERE area_code ^@ mine.code OR mine.code ^@ area_code))', t);
        EXECUTE format('CREATE POLICY own_area_insert ON %I FOR INSERT'
            ' WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
        EXECUTE format('CREATE POLICY own_area_delete ON %I FOR DELETE'
            ' USING (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
    -- a member of a grid takes a task of the township, a unit answers a whistle of the county
    FOREACH t IN ARRAY ARRAY['response_task', 'whistle_call']
    LOOP
        EXECUTE format('CREATE POLICY around_update ON %I FOR UPDATE USING (EXISTS (SELECT 1'
            ' FROM unnest((SELECT my_areas())) AS mine(code)'
            ' WHERE area_code ^@ mine.code OR mine.code ^@ area_code))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['response', 'response_step', 'whistle', 'drill_evaluation', 'lesson',
        'destruction_hold', 'destruction']
    LOOP
        EXECUTE format('CREATE POLICY own_area_update ON %I FOR UPDATE'
            ' USING (area_code ^@ ANY ((SELECT my_areas())::text[]))'
            ' WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

ALTER TABLE plan_template ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_template FORCE ROW LEVEL SECURITY;
CREATE POLICY own_county ON plan_template FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code) WHERE left(area_code, 6) ^@ left(mine.code, 6)));
CREATE POLICY own_area_insert ON plan_template FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_update ON plan_template FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_delete ON plan_template FOR DELETE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON plan_template, response, response_step, response_task,
    whistle, whistle_call, drill_evaluation, lesson, destruction_hold, destruction TO gridmap_app;
GRANT SELECT ON plan_template, response, response_step, response_task, whistle, whistle_call,
    drill_evaluation, lesson, destruction_hold, destruction TO gridmap_backup;
GRANT USAGE ON SEQUENCE response_id_seq, response_step_id_seq, response_task_id_seq,
    whistle_id_seq, whistle_call_id_seq, lesson_id_seq, destruction_hold_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE response_id_seq, response_step_id_seq, response_task_id_seq,
    whistle_id_seq, whistle_call_id_seq, lesson_id_seq, destruction_hold_id_seq TO gridmap_backup;
