-- Row-level security by area-code prefix. No context means no rows.

-- Private: people, reports, results. Rows of one's own area and below, to read and to write.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['grid_member', 'household', 'household_need', 'visit', 'incident',
        'incident_photo', 'assignment', 'route', 'call_out', 'arrival', 'duty_shift',
        'duty_log_entry', 'coverage_run', 'coverage_result', 'scenario', 'finding', 'job']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_area ON %I USING (area_code ^@ ANY ((SELECT my_areas())::text[])) '
            'WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]))', t);
    END LOOP;
END $$;

-- Common: what the whole county shares to read (streets, grids, warnings, plan heads),
-- and only those of the area may change.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['area', 'grid', 'building', 'service_item', 'facility', 'shelter',
        'responder', 'road', 'road_closure', 'water', 'green', 'place', 'town', 'hazard', 'alert',
        'plan', 'coverage_standard']
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
    END LOOP;
END $$;

-- A person's own roles must be readable before there is an area context.
ALTER TABLE user_role ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_role FORCE ROW LEVEL SECURITY;
CREATE POLICY own_roles ON user_role FOR SELECT
    USING (user_id::text = current_setting('gridmap.user', true));
CREATE POLICY own_area ON user_role
    USING (area_code ^@ ANY ((SELECT my_areas())::text[]))
    WITH CHECK (area_code ^@ ANY ((SELECT my_areas())::text[]));

-- Events reach those inside the area and those it contains: a county's warning is for every township.
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE event FORCE ROW LEVEL SECURITY;
CREATE POLICY own_area ON event FOR ALL
    USING (EXISTS (SELECT 1 FROM unnest((SELECT my_areas())) AS mine(code)
                   WHERE area_code ^@ mine.code OR mine.code ^@ area_code))
    WITH CHECK (EXISTS (SELECT 1 FROM unnest((SELECT my_areas())) AS mine(code)
                   WHERE area_code ^@ mine.code OR mine.code ^@ area_code));

-- Versions of layers, for ETags of tiles and features.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['area', 'grid', 'grid_member', 'building', 'household',
        'household_need', 'facility', 'shelter', 'responder', 'road', 'road_closure', 'water',
        'green', 'place', 'incident', 'hazard', 'plan', 'assignment', 'coverage_run',
        'coverage_standard']
    LOOP
        EXECUTE format('CREATE TRIGGER layer_version_insert AFTER INSERT ON %I '
                       'REFERENCING NEW TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version()', t);
        EXECUTE format('CREATE TRIGGER layer_version_update AFTER UPDATE ON %I '
                       'REFERENCING NEW TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version()', t);
        EXECUTE format('CREATE TRIGGER layer_version_delete AFTER DELETE ON %I '
                       'REFERENCING OLD TABLE AS changed '
                       'FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version()', t);
        INSERT INTO layer_version (layer) VALUES (t);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO gridmap_app, gridmap_backup;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO gridmap_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gridmap_app;
REVOKE DELETE, TRUNCATE ON event FROM gridmap_app;
REVOKE INSERT, UPDATE, DELETE ON layer_version FROM gridmap_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version, spatial_ref_sys FROM gridmap_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO gridmap_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO gridmap_backup;
