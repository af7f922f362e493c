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
INSERT INTO response (area_code, kind, matter, level, expected_until, measures, exercise, tier)
    VALUES ('990101001', 'fire', '湖水上涨', 3, now() + interval '1 day', '巡堤', false, 'township');
INSERT INTO response_task (response_id, area_code, title, owner, tier, first_tier, minutes, due_at, first_due_at)
    SELECT id, area_code, '巡堤', '值班室', 'village', 'village', 30, now() + interval '1 hour', now() FROM response WHERE matter = '湖水上涨';
INSERT INTO whistle (area_code, response_id, matter, place, minutes)
    SELECT area_code, id, '湖水上涨', '湖边', 30 FROM response WHERE matter = '湖水上涨';
INSERT INTO whistle_call (whistle_id, area_code, team_id, tier, due_at)
    SELECT w.id, w.area_code, r.id, 'township', now() + interval '1 hour' FROM whistle AS w, responder AS r WHERE r.source_key = 'r1';
INSERT INTO lesson (response_id, area_code, text, owner, due_on)
    SELECT id, area_code, '湖边加沙袋', '王小明', current_date FROM response WHERE matter = '湖水上涨';
INSERT INTO incident_photo (incident_id, area_code, sha256)
    SELECT id, area_code, decode(repeat('ab', 32), 'hex') FROM incident WHERE title = '路面积水';
INSERT INTO event (kind, area_code, subject, subject_id)
    SELECT 'incident.reported', area_code, 'incident', id::text FROM incident WHERE title = '路面积水';
INSERT INTO call_out (plan_id, household_id, area_code, people)
    SELECT p.id, h.id, h.area_code, h.people FROM plan p, household h WHERE p.area_code = '990101' AND h.source_key = 'h1';
INSERT INTO message (area_code, key, about, channel, recipient, to_user, text, exercise, state, sent_at, not_after)
    SELECT '990101001', 'matrix', 'plan:1', 'inbox', 'user:' || id, id, '3 户未应答', false, 'sent', now(), now() + interval '1 hour'
    FROM app_user WHERE name = 'officer';
INSERT INTO micro_grid (area_code, number, grid_id, households, people, geom, label_point)
    SELECT code, 1, id, households, people, geom, label_point FROM grid WHERE area_code = '990101001001';
INSERT INTO sensor (area_code, code, kind, name, unit, lowest, highest, orange, geom)
    SELECT area_code, 'W-1', 'water_level', '湖边水位', 'm', 0, 30, 20, geom FROM incident WHERE title = '路面积水';
INSERT INTO sensor_proposal (sensor_id, area_code, level, value, threshold, reading_at)
    SELECT id, area_code, 'orange', 21, 20, now() FROM sensor WHERE code = 'W-1';
INSERT INTO alert (area_code, direction, identifier, sender, sent, status, msg_type, category, class, kind, event,
        severity, starts_at, headline, description, instruction, issuer, area_desc, sha256, document, geom)
    SELECT area_code, 'received', 'w-1', 'bureau', now(), 'Actual', 'Alert', 'Met', 'natural', 'rainstorm', '暴雨',
        'orange', now(), '湖边暴雨橙色预警', '山边会积水', '转移', '气象台', '湖边', sha256('x'), '<alert>湖边</alert>',
        ST_Multi(ST_Buffer(geom, 0.001)) FROM incident WHERE title = '路面积水';
INSERT INTO road_closure (area_code, reason, geom)
    SELECT area_code, '路面积水', ST_Buffer(geom, 0.00005) FROM incident WHERE title = '路面积水';
INSERT INTO volunteer (area_code, kind, name, phone, skills) VALUES ('990101001', 'person', '王小明', '13812345678', '{boat}');
INSERT INTO volunteer_call (area_code, skills, text, exercise, expires_at) VALUES ('990101001', '{boat}', '湖边集合', false, now() + interval '1 hour');
INSERT INTO vehicle (area_code, name, seats, contact, geom)
    SELECT area_code, '湖边救护车', 6, '13812345678', geom FROM incident WHERE title = '路面积水';
INSERT INTO api_token (user_id, name, token_hash, permissions, within, expires_at, sensor_id)
    SELECT u.id, '湖边水位', sha256('湖边水位'), '{sensor.post}', s.area_code, now() + interval '90 days', s.id
    FROM sensor AS s, app_user AS u WHERE s.code = 'W-1' AND u.name = 'officer';
INSERT INTO team_loan (area_code, lender_code, team_id, team_kind, team_name, team_people, incident_id, incident_number,
        category, place_zh, geom, exercise, asked_until)
    SELECT '990101001', '990101', r.id, r.kind, r.name, r.people, i.id, i.number, i.category, '湖边', i.geom, false, now() + interval '1 day'
    FROM responder AS r, incident AS i WHERE r.source_key = 'r1' AND i.title = '路面积水';
