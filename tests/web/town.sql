-- Two counties side by side, made for these tests: simple squares around 114.40 E, 30.50 N.
INSERT INTO area (code, level, parent_code, name_zh, name_en, geom) VALUES
    ('990101', 'county', NULL, '东县', 'East', ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.44, 30.52, 4326))),
    ('990102', 'county', NULL, '西县', 'West', ST_Multi(ST_MakeEnvelope(114.36, 30.50, 114.40, 30.52, 4326))),
    ('990101001', 'township', '990101', '湖边', NULL, ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.42, 30.52, 4326))),
    ('990101002', 'township', '990101', '山边', NULL, ST_Multi(ST_MakeEnvelope(114.42, 30.50, 114.44, 30.52, 4326))),
    ('990102001', 'township', '990102', '西边', NULL, ST_Multi(ST_MakeEnvelope(114.36, 30.50, 114.40, 30.52, 4326))),
    ('990101001001', 'community', '990101001', '湖一', 'Lake 1', ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.42, 30.52, 4326))),
    ('990101002001', 'community', '990101002', '山一', NULL, ST_Multi(ST_MakeEnvelope(114.42, 30.50, 114.44, 30.52, 4326))),
    ('990102001001', 'community', '990102001', '西一', NULL, ST_Multi(ST_MakeEnvelope(114.36, 30.50, 114.40, 30.52, 4326)));

INSERT INTO town (area_code, key, title_zh, title_en, notice_zh, notice_en, attribution, demo, bounds, center) VALUES
    ('990101', 'made_up', '试验镇', 'Test town', '数据是模拟的', 'The data is simulated', '© nobody', true,
     ST_MakeEnvelope(114.40, 30.50, 114.44, 30.52, 4326), ST_SetSRID(ST_MakePoint(114.42, 30.51), 4326));

INSERT INTO grid (code, area_code, households, people, measures, geom, label_point) VALUES
    ('990101001001001', '990101001001', 3, 9, '{"deviation": -0.5, "contiguous": true, "polsby_popper": 0.7}',
     ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.41, 30.52, 4326)), ST_SetSRID(ST_MakePoint(114.405, 30.51), 4326)),
    ('990101001001002', '990101001001', 2, 5, '{"deviation": 0.1, "contiguous": true, "polsby_popper": 0.7}',
     ST_Multi(ST_MakeEnvelope(114.41, 30.50, 114.42, 30.52, 4326)), ST_SetSRID(ST_MakePoint(114.415, 30.51), 4326)),
    ('990101002001001', '990101002001', 2, 6, '{"deviation": 0.2, "contiguous": true, "polsby_popper": 0.7}',
     ST_Multi(ST_MakeEnvelope(114.42, 30.50, 114.44, 30.52, 4326)), ST_SetSRID(ST_MakePoint(114.43, 30.51), 4326)),
    ('990102001001001', '990102001001', 1, 4, '{}',
     ST_Multi(ST_MakeEnvelope(114.36, 30.50, 114.40, 30.52, 4326)), ST_SetSRID(ST_MakePoint(114.38, 30.51), 4326));

INSERT INTO grid_member (area_code, name) VALUES ('990101001001001', '周网格');

INSERT INTO building (area_code, source_key, address, geom) VALUES
    ('990101001001', 'b1', '湖边路1号', ST_Multi(ST_MakeEnvelope(114.4040, 30.5100, 114.4044, 30.5103, 4326))),
    ('990101002001', 'b2', '山边路1号', ST_Multi(ST_MakeEnvelope(114.4300, 30.5100, 114.4304, 30.5103, 4326)));

INSERT INTO household (area_code, source_key, address, householder, phone, id_number, people, geom, placed_by, unplaced_reason) VALUES
    ('990101001001001', 'h1', '湖边路1号1单元101室', '王小明', '13812345678', '11010119900101123X', 3, ST_SetSRID(ST_MakePoint(114.4042, 30.5101), 4326), 'building', NULL),
    ('990101001001001', 'h2', '湖边路1号1单元102室', '李四', '13912345678', NULL, 4, ST_SetSRID(ST_MakePoint(114.4043, 30.5102), 4326), 'building', NULL),
    ('990101001001002', 'h3', '湖边路2号101室', '赵六', NULL, NULL, 5, ST_SetSRID(ST_MakePoint(114.4150, 30.5100), 4326), 'building', NULL),
    ('990101002001001', 'h4', '山边路1号101室', '孙七', '13712345678', '110101199001011111', 6, ST_SetSRID(ST_MakePoint(114.4302, 30.5101), 4326), 'building', NULL),
    ('990102001001001', 'h5', '西边路1号101室', '周八', '13612345678', NULL, 4, ST_SetSRID(ST_MakePoint(114.3800, 30.5100), 4326), 'building', NULL),
    ('990101001001', 'h6', '湖边路无号', '吴九', NULL, NULL, 2, NULL, NULL, 'no_building'),
    ('990101002001', 'h7', '山边路无号', '郑十', NULL, NULL, 2, NULL, NULL, 'no_building');

INSERT INTO household_need (household_id, area_code, kind, people)
    SELECT id, area_code, 'wheelchair', 1 FROM household WHERE source_key IN ('h1', 'h4', 'h5');

INSERT INTO facility (area_code, source_key, kind, name, name_en, geom) VALUES
    ('990101', 'f1', 'fire_station', '湖边消防站', 'Lake fire station', ST_SetSRID(ST_MakePoint(114.410, 30.511), 4326)),
    ('990101', 'f2', 'shelter', '中学', NULL, ST_SetSRID(ST_MakePoint(114.412, 30.512), 4326)),
    ('990102', 'f3', 'clinic', '西诊所', NULL, ST_SetSRID(ST_MakePoint(114.380, 30.511), 4326));
INSERT INTO shelter (facility_id, area_code, capacity, accessible)
    SELECT id, area_code, 300, true FROM facility WHERE source_key = 'f2';

INSERT INTO responder (area_code, source_key, kind, name, people, geom) VALUES
    ('990101', 'r1', 'fire', '消防一队', 6, ST_SetSRID(ST_MakePoint(114.410, 30.511), 4326));

INSERT INTO road (area_code, source_key, highway, name, geom) VALUES
    ('990101', 'w1', 'primary', '湖边路', ST_SetSRID(ST_MakeLine(ST_MakePoint(114.40, 30.51), ST_MakePoint(114.44, 30.51)), 4326)),
    ('990101', 'w2', 'footway', NULL, ST_SetSRID(ST_MakeLine(ST_MakePoint(114.404, 30.51), ST_MakePoint(114.404, 30.512)), 4326)),
    ('990102', 'w3', 'residential', '西边路', ST_SetSRID(ST_MakeLine(ST_MakePoint(114.37, 30.51), ST_MakePoint(114.39, 30.51)), 4326));

INSERT INTO incident (id, area_code, grid_code, category, title, level, content_hash, geom) VALUES
    ('00000000-0000-4000-8000-000000000001', '990101001001001', '990101001001001', 'waterlogging', '路面积水', 2, '\x00', ST_SetSRID(ST_MakePoint(114.405, 30.510), 4326)),
    ('00000000-0000-4000-8000-000000000002', '990101002001001', '990101002001001', 'fallen_tree', '树倒了', NULL, '\x00', ST_SetSRID(ST_MakePoint(114.430, 30.510), 4326)),
    ('00000000-0000-4000-8000-000000000003', '990102001001001', '990102001001001', 'fallen_tree', '西县的树', 4, '\x00', ST_SetSRID(ST_MakePoint(114.380, 30.510), 4326));
UPDATE incident SET state = 'closed' WHERE title = '树倒了';

INSERT INTO hazard (area_code, kind, name, severity, households, people, geom) VALUES
    ('990101', 'flood', '湖水上涨', 'orange', 2, 7, ST_Multi(ST_MakeEnvelope(114.403, 30.509, 114.406, 30.512, 4326))),
    ('990102', 'landslide', '西坡', 'red', 1, 4, ST_Multi(ST_MakeEnvelope(114.379, 30.509, 114.382, 30.512, 4326)));

INSERT INTO coverage_standard (key, area_code, name_zh, name_en, facility_kinds, profile, direction, measure, max_value, source)
    VALUES ('fire', '990101', '消防站 5 分钟', 'Fire station, 5 minutes', '{fire_station}', 'drive', 'to_household', 'seconds', 300, 'test');
INSERT INTO coverage_run (area_code, standard_key, standard, input_version, totals)
    VALUES ('990101', 'fire', '{"key": "fire", "measure": "seconds", "max_value": 300}', 'road.1', '{"households": 4}');
INSERT INTO coverage_part (area_code, digest, west, south, east, north, households, uncovered, people, people_uncovered,
        with_needs, with_needs_uncovered, worst_seconds, worst_metres, by_reason, household_ids, covered, facility_ids,
        seconds, metres, second_facility_ids, second_seconds, reasons)
    SELECT h.area_code, decode(md5(h.area_code), 'hex'), min(ST_X(h.geom)), min(ST_Y(h.geom)), max(ST_X(h.geom)), max(ST_Y(h.geom)),
           count(*), count(*) FILTER (WHERE h.source_key = 'h4'), sum(h.people), coalesce(sum(h.people) FILTER (WHERE h.source_key = 'h4'), 0),
           count(*) FILTER (WHERE h.source_key IN ('h1', 'h4')), count(*) FILTER (WHERE h.source_key = 'h4'), 60, 500,
           CASE WHEN bool_or(h.source_key = 'h4') THEN '{"too_far": 1}' ELSE '{}' END::jsonb,
           array_agg(h.id ORDER BY h.id), array_agg(h.source_key <> 'h4' ORDER BY h.id), array_agg(f.id ORDER BY h.id),
           array_agg(60::real ORDER BY h.id), array_agg(500::real ORDER BY h.id), array_agg(0::bigint ORDER BY h.id),
           array_agg(-1::real ORDER BY h.id), array_agg(CASE WHEN h.source_key = 'h4' THEN 1 ELSE 0 END::smallint ORDER BY h.id)
    FROM household h, facility f WHERE f.source_key = 'f1' AND h.geom IS NOT NULL AND h.area_code LIKE '990101%' GROUP BY h.area_code;
INSERT INTO coverage_run_part (run_id, part_id, area_code)
    SELECT (SELECT max(id) FROM coverage_run), id, area_code FROM coverage_part;

INSERT INTO plan (area_code, hazard_id, state, totals, person_seconds, bound, drafted_at, input_version)
    SELECT '990101', id, 'drafted', '{"households": 2}', 700, 698, now(), 'road.1' FROM hazard WHERE area_code = '990101';
INSERT INTO assignment (plan_id, household_id, area_code, people, with_needs, shelter_id, seconds, metres, wave)
    SELECT p.id, h.id, h.area_code, h.people, h.source_key = 'h1', f.id, 100, 140, 1
    FROM plan p, household h, facility f WHERE f.source_key = 'f2' AND h.source_key IN ('h1', 'h2');
INSERT INTO assignment (plan_id, household_id, area_code, people, reason, detail)
    SELECT p.id, h.id, h.area_code, h.people, 'no_road', 'no street within 200 m'
    FROM plan p, household h WHERE h.source_key = 'h3';
INSERT INTO route (plan_id, household_id, area_code, seconds, metres, geom)
    SELECT p.id, h.id, h.area_code, 100, 140,
           ST_SetSRID(ST_MakeLine(ARRAY[ST_MakePoint(CASE h.source_key WHEN 'h1' THEN 114.4042 ELSE 114.4043 END, 30.5101),
               ST_MakePoint(114.405, 30.51), ST_MakePoint(114.41, 30.51), ST_MakePoint(114.412, 30.512)]), 4326)
    FROM plan p, household h WHERE h.source_key IN ('h1', 'h2');

INSERT INTO job (kind, queue, area_code, arguments) VALUES
    ('coverage.run', 'default', '990101', '{}'), ('coverage.run', 'default', '990102', '{}');
