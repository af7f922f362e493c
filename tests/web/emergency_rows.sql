-- One row of every table of personal data of an emergency, hanging on the plan of the county.
INSERT INTO plan_way (plan_id, area_code, shelter_id, household_id, seconds, metres, steps, geom)
    SELECT a.plan_id, a.area_code, a.shelter_id, a.household_id, 1, 1, '[]', h.geom
    FROM assignment AS a JOIN household AS h ON h.id = a.household_id WHERE a.shelter_id IS NOT NULL
    LIMIT 1 ON CONFLICT DO NOTHING;
INSERT INTO route (plan_id, household_id, area_code, seconds, metres, geom)
    SELECT a.plan_id, a.household_id, a.area_code, 1, 1, h.geom
    FROM assignment AS a JOIN household AS h ON h.id = a.household_id ON CONFLICT DO NOTHING;
INSERT INTO call_out (plan_id, household_id, area_code, state, channel, called_at, answered_at, people, arrived_people, helper)
    SELECT plan_id, household_id, area_code, 'arrived', 'phone', now() - interval '70 minutes',
        now() - interval '68 minutes', people, people, '王小明' FROM assignment WHERE shelter_id IS NOT NULL;
INSERT INTO call_step (id, area_code, call_out_id, kind, at, content_hash, user_id)
    SELECT gen_random_uuid(), area_code, id, 'answered', now(), sha256('x'), NULL FROM call_out;
INSERT INTO arrival (call_out_id, area_code, place, people, at)
    SELECT id, area_code, 'relatives', people, now() - interval '20 minutes' FROM call_out;
INSERT INTO message (area_code, key, about, channel, recipient, text, exercise, not_after)
    SELECT area_code, 'k' || id, 'plan:' || plan_id, 'sms', '13812345678', '去中学', false, now() FROM call_out;
INSERT INTO plan_sheet (plan_id, area_code, job_id, pages, content)
    SELECT p.id, p.area_code, (SELECT min(id) FROM job), 1, 'x' FROM plan AS p;
INSERT INTO plan_stop (plan_id, household_id, area_code, reason)
    SELECT plan_id, household_id, area_code, 'full' FROM assignment;
INSERT INTO plan_change (plan_id, household_id, area_code, why)
    SELECT plan_id, household_id, area_code, 'closed' FROM assignment;
INSERT INTO plan_part (plan_id, area_code, kind, content) SELECT id, area_code, 'tours', '{}' FROM plan;
