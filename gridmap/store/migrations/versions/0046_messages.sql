-- Messages in the reader's language, of a kind, tried again and held back by people; whom a
-- shelter and an office are told by.

-- the owner is bound by row security too: without this the UPDATEs below would touch no row
SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
ALTER TABLE message
    ADD COLUMN kind text NOT NULL DEFAULT 'other' CHECK (kind ~ '^[a-z_]{2,40}$'),
    ADD COLUMN language text NOT NULL DEFAULT 'zh_CN' CHECK (language IN ('zh_CN', 'en')),
    ADD COLUMN linked boolean NOT NULL DEFAULT false,
    ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    ADD COLUMN withdrawn_why text CHECK (withdrawn_why ~ '^[a-z_]{2,40}$'),
    DROP CONSTRAINT message_state_check,
    ADD CONSTRAINT message_state_check CHECK (state IN
        ('queued', 'sent', 'delivered', 'failed', 'not_configured', 'cancelled'));
UPDATE message SET linked = link IS NOT NULL;
COMMENT ON COLUMN message.kind IS 'what is told: plan_members, alert_issued, free, …';
COMMENT ON COLUMN message.language IS 'of the words: that of the reader''s account, else the deployment''s';
COMMENT ON COLUMN message.linked IS 'an address of one''s own went with it; once forgotten it cannot be sent again';
COMMENT ON COLUMN message.withdrawn_why IS 'why it is over while a sender is at it: what does not go out by that try is held back';
CREATE INDEX message_free ON message (key) WHERE kind = 'free';
COMMENT ON COLUMN message.revision IS 'counts what came of it, so that nobody holds back what has gone meanwhile';

-- The mark of a drill is that of the language; also in front of the heading of a mail.
DO $$
DECLARE c text;
BEGIN
    SELECT conname INTO STRICT c FROM pg_constraint WHERE conrelid = 'message'::regclass
        AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%演练%';
    EXECUTE format('ALTER TABLE message DROP CONSTRAINT %I', c);
END $$;
CREATE FUNCTION drill_mark(language text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT CASE language WHEN 'en' THEN '[EXERCISE] ' ELSE '【演练】' END $$;
COMMENT ON FUNCTION drill_mark IS 'what everything begins with that goes out in an exercise';
-- of older ones nobody has cut a heading
UPDATE message SET subject = left(drill_mark(language) || subject, 200)
    WHERE exercise AND NOT starts_with(subject, drill_mark(language));
ALTER TABLE message
    ADD CONSTRAINT message_drill_says_so CHECK (NOT exercise
        OR starts_with(text, drill_mark(language))
        AND (subject IS NULL OR starts_with(subject, drill_mark(language))));
SELECT set_config('gridmap.areas', '', true);

CREATE TABLE message_try (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    message_id bigint NOT NULL REFERENCES message ON DELETE CASCADE,
    what text NOT NULL CHECK (what IN
        ('sent', 'delivered', 'failed', 'busy', 'not_configured', 'again', 'cancelled')),
    why text CHECK (why ~ '^[a-z_]{2,40}$'),
    user_id bigint REFERENCES app_user ON DELETE SET NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE message_try IS
    'What was done with a message: each try and what came of it, who sent it again or held it back';
CREATE INDEX message_try_of ON message_try (message_id, id);
ALTER TABLE message_try ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_try FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON message_try USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON message_try TO gridmap_app;
GRANT SELECT ON message_try TO gridmap_backup;
GRANT USAGE ON SEQUENCE message_try_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE message_try_id_seq TO gridmap_backup;

ALTER TABLE shelter
    ADD COLUMN keeper text CHECK (keeper = btrim(keeper) AND length(keeper) BETWEEN 1 AND 80),
    ADD COLUMN keeper_phone text CHECK (keeper_phone ~ '^[0-9+-]{5,20}$'),
    ADD COLUMN keeper_mail text CHECK (keeper_mail ~ '^[^@\s]{1,64}@[^@\s]{1,120}$');
COMMENT ON COLUMN shelter.keeper IS 'who opens the shelter and takes people in';
COMMENT ON COLUMN shelter.keeper_phone IS 'where messages to the keeper go; shown to those who keep facilities';
ALTER TABLE area_office
    ADD COLUMN mail text CHECK (mail ~ '^[^@\s]{1,64}@[^@\s]{1,120}$');
COMMENT ON COLUMN area_office.mail IS 'where the duty office gets its messages, beside its people''s inboxes';

-- The duty officers and commanders of communities and of the areas around them: a township tells
-- its county without seeing the county's accounts otherwise.
CREATE FUNCTION duty_inboxes(communities text[]) RETURNS TABLE (user_id bigint, name text,
    language text, area_code text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := current_setting('gridmap.areas', true);
    own text[] := my_areas();
BEGIN
    PERFORM set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true);
    RETURN QUERY SELECT DISTINCT ON (u.id) u.id, u.display_name, u.language, r.area_code
        FROM user_role AS r JOIN app_user AS u ON u.id = r.user_id AND u.active
        WHERE r.role IN ('duty_officer', 'commander') AND EXISTS (SELECT 1
            FROM unnest(communities) AS c(code) WHERE c.code ^@ ANY (own)
            AND starts_with(c.code, r.area_code))
        ORDER BY u.id, length(r.area_code) DESC;
    PERFORM set_config('gridmap.areas', before, true);
END $$;
REVOKE ALL ON FUNCTION duty_inboxes(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION duty_inboxes(text[]) TO gridmap_app;
