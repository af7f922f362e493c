-- The event table as a hash chain: whoever alters, removes or reorders a row later is found.

-- Each field with its length before it, so that no two different events read the same. Plain
-- enough to be computed anew outside the database: gridmap/services/trail.py does.
CREATE FUNCTION event_hash(previous bytea, "position" bigint, seq bigint, kind text,
    area_code text, subject text, subject_id text, payload jsonb, user_id bigint,
    request_id text, at timestamptz) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT sha256(convert_to(string_agg(octet_length(field) || ':' || field, ','
                                              ORDER BY part), 'UTF8'))
          FROM unnest(ARRAY[encode(previous, 'hex'), "position"::text, seq::text, kind, area_code,
              subject, subject_id, payload::text, coalesce(user_id::text, ''),
              coalesce(request_id, ''),
              (extract(epoch FROM at) * 1000000)::bigint::text])
              WITH ORDINALITY AS given(field, part) $$;
COMMENT ON FUNCTION event_hash IS 'SHA-256 over an event and the hash of the one before it';

-- One row: where the chain ends. The event's own table cannot tell that its last rows are gone.
CREATE TABLE event_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    "position" bigint NOT NULL DEFAULT 0 CHECK ("position" >= 0),
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT '\x' CHECK (octet_length(hash) IN (0, 32))
);
COMMENT ON TABLE event_head IS 'End of the chain of events; written by their trigger alone';
INSERT INTO event_head DEFAULT VALUES;

ALTER TABLE event ADD COLUMN "position" bigint, ADD COLUMN hash bytea;
COMMENT ON COLUMN event."position" IS
    'place in the chain, without gaps: seq has some, where a transaction was rolled back';
COMMENT ON COLUMN event.hash IS 'SHA-256 over this event and the hash of the one before it';

-- Events from before the chain enter it in their order.
DO $$
DECLARE
    one event%ROWTYPE;
    head event_head%ROWTYPE;
BEGIN
    SELECT * INTO head FROM event_head;
    ALTER TABLE event NO FORCE ROW LEVEL SECURITY;
    FOR one IN SELECT * FROM event ORDER BY seq LOOP
        head."position" := head."position" + 1;
        head.seq := one.seq;
        head.hash := event_hash(head.hash, head."position", one.seq, one.kind, one.area_code,
            one.subject, one.subject_id, one.payload, one.user_id, one.request_id, one.at);
        UPDATE event SET "position" = head."position", hash = head.hash WHERE seq = one.seq;
    END LOOP;
    UPDATE event_head SET "position" = head."position", seq = head.seq, hash = head.hash;
    ALTER TABLE event FORCE ROW LEVEL SECURITY;
END $$;

ALTER TABLE event ALTER COLUMN "position" SET NOT NULL, ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT event_hash_length CHECK (octet_length(hash) = 32);
CREATE UNIQUE INDEX event_position ON event ("position");

CREATE FUNCTION event_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    head event_head%ROWTYPE;
BEGIN
    -- held until the transaction ends: the next event waits for this one to be there or not
    SELECT * INTO head FROM event_head FOR UPDATE;
    NEW."position" := head."position" + 1;
    NEW.hash := event_hash(head.hash, NEW."position", NEW.seq, NEW.kind, NEW.area_code,
        NEW.subject, NEW.subject_id, NEW.payload, NEW.user_id, NEW.request_id, NEW.at);
    UPDATE event_head SET "position" = NEW."position", seq = NEW.seq, hash = NEW.hash;
    RETURN NEW;
END $$;
CREATE TRIGGER event_chain BEFORE INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_chain();

CREATE OR REPLACE FUNCTION event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'events are never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.seq, NEW.kind, NEW.area_code, NEW.subject, NEW.subject_id, NEW.payload,
        NEW.user_id, NEW.request_id, NEW.at, NEW."position", NEW.hash)
       IS DISTINCT FROM
       (OLD.seq, OLD.kind, OLD.area_code, OLD.subject, OLD.subject_id, OLD.payload,
        OLD.user_id, OLD.request_id, OLD.at, OLD."position", OLD.hash) THEN
        RAISE EXCEPTION 'events are never changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Of the head the app reads its hash only, to sign it.
GRANT SELECT ON event_head TO gridmap_app, gridmap_backup;
