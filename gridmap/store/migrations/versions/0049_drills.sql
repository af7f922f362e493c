-- The drill calendar; which version of a template a lesson went into; where a whistle was blown;
-- notes that were destroyed.

CREATE TABLE drill (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    template_key text NOT NULL CHECK (template_key ~ '^[a-z_]{2,40}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    planned_on date,
    revision integer NOT NULL DEFAULT 1 CHECK (revision >= 1),
    set_by bigint REFERENCES app_user,
    set_at timestamptz NOT NULL DEFAULT now(),
    told_for date,
    told text CHECK (told IN ('coming', 'overdue')),
    UNIQUE (area_code, template_key, name),
    CHECK ((told IS NULL) = (told_for IS NULL))
);
COMMENT ON TABLE drill IS
    'What is noted of an exercise that a template asks for again and again; when it is due follows '
    'from the template and the last review';
COMMENT ON COLUMN drill.name IS 'Chinese name of the exercise in the template';
COMMENT ON COLUMN drill.planned_on IS 'the day set for the next one; NULL while none is set';
COMMENT ON COLUMN drill.told_for IS 'the day of which the office has been reminded, and as what';

ALTER TABLE drill ENABLE ROW LEVEL SECURITY;
ALTER TABLE drill FORCE ROW LEVEL SECURITY;
CREATE POLICY around_read ON drill FOR SELECT USING (EXISTS (SELECT 1
    FROM unnest((SELECT my_areas())) AS mine(code)
    WHERE area_code ^@ mine.code OR mine.code ^@ area_code));
CREATE POLICY own_area_insert ON drill FOR INSERT
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_update ON drill FOR UPDATE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));
CREATE POLICY own_area_delete ON drill FOR DELETE
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON drill TO gridmap_app;
GRANT SELECT ON drill TO gridmap_backup;
GRANT USAGE ON SEQUENCE drill_id_seq TO gridmap_app;
GRANT SELECT ON SEQUENCE drill_id_seq TO gridmap_backup;

ALTER TABLE response ADD COLUMN drill_id bigint REFERENCES drill ON DELETE SET NULL,
    ADD CHECK (drill_id IS NULL OR exercise);
COMMENT ON COLUMN response.drill_id IS 'the drill of the calendar that this exercise is';
CREATE INDEX response_drill ON response (drill_id) WHERE drill_id IS NOT NULL;

ALTER TABLE lesson ADD COLUMN template_version integer CHECK (template_version >= 1),
    ADD CHECK (template_version IS NULL OR proposal = 'taken');
COMMENT ON COLUMN lesson.template_version IS 'the version of the template that came of the lesson';
CREATE INDEX lesson_template ON lesson (template_area, template_key, template_version)
    WHERE template_version IS NOT NULL;

ALTER TABLE whistle
    ADD COLUMN geom geometry(Point, 4326) CHECK (geometry_ok(geom)),
    ADD COLUMN destroyed_at timestamptz;
COMMENT ON COLUMN whistle.geom IS 'where help is needed; NULL where the words say it all';
COMMENT ON COLUMN whistle.destroyed_at IS
    'when matter, place, point and answers were destroyed: they can name residents';
CREATE INDEX whistle_geom ON whistle USING gist (geom);
