-- One of each thing in the county of the matrix, where the town of the other tests has none.
INSERT INTO visit (area_code, household_id, due_on, reason)
    SELECT area_code, id, current_date, 'wheelchair' FROM household WHERE source_key = 'h1';
INSERT INTO visit_conflict (area_code, visit_id, household_id, result_id, content_hash, content)
    SELECT area_code, id, household_id, '00000000-0000-4000-8000-0000000000c1', sha256('x'), '{}' FROM visit;
INSERT INTO break_glass (area_code, hazard_id, user_id, reason, until)
    SELECT '990101001', h.id, u.id, 'people have to leave now', now() + interval '1 hour'
    FROM hazard h, app_user u WHERE h.area_code = '990101' AND u.name = 'officer';
INSERT INTO export_request (area_code, kind, purpose, reason, fields, requested_by)
    SELECT '990101', 'households', 'export', 'the yearly count of people', '{address}', id FROM app_user WHERE name = 'planner';
INSERT INTO service_offer (area_code, provider, name, contact, services, capacity, valid_from, source)
    VALUES ('990101001', 'volunteers', '湖边志愿队', '13812345678', '{meals}', 5, current_date, 'x');
INSERT INTO care_run (area_code, input_version, totals) VALUES ('990101', 'road.1', '{}');
INSERT INTO upload (area_code, kind, name, bytes, sha256) VALUES ('990101', 'roads', 'roads.geojson', 10, sha256('x'));
INSERT INTO coverage_option (area_code, name, standard_key, standard_version, standard, changes, totals_before,
        totals_after, input_version)
    VALUES ('990101', '湖边加站', 'fire', 1, '{}', '{}', '{}', '{}', 'road.1');
INSERT INTO coverage_certificate (run_id, area_code, state, households, altered, sha256, content)
    SELECT id, area_code, 'made', 4, 0, repeat('0', 64), '\x50' FROM coverage_run;
INSERT INTO grid_import (upload_id, area_code, name) SELECT id, area_code, '重画' FROM upload WHERE name = 'roads.geojson';
INSERT INTO scenario (area_code, name, created_by)
    SELECT '990101001001', '湖边改格', id FROM app_user WHERE name = 'planner';
INSERT INTO scenario_proposal (scenario_id, area_code, kind, arguments, base)
    SELECT id, area_code, 'rebalance', '{}', 0 FROM scenario WHERE name = '湖边改格';
INSERT INTO incident_photo (incident_id, area_code, sha256)
    SELECT id, area_code, decode(repeat('ab', 32), 'hex') FROM incident WHERE title = '路面积水';
INSERT INTO event (kind, area_code, subject, subject_id)
    SELECT 'incident.reported', area_code, 'incident', id::text FROM incident WHERE title = '路面积水';
INSERT INTO micro_grid (area_code, number, grid_id, households, people, geom, label_point)
    SELECT code, 1, id, households, people, geom, label_point FROM grid WHERE area_code = '990101001001';
INSERT INTO road_closure (area_code, reason, geom)
    SELECT area_code, '路面积水', ST_Buffer(geom, 0.00005) FROM incident WHERE title = '路面积水';
