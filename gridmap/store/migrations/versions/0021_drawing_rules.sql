-- Rules of size for mountains and islands, each from its own day.

ALTER TABLE grid_rule
    DROP CONSTRAINT grid_rule_area_type_check,
    ADD CONSTRAINT grid_rule_area_type_check
        CHECK (area_type IN ('any', 'urban', 'village', 'mountain', 'island')),
    ADD COLUMN valid_from date NOT NULL DEFAULT '2000-01-01',
    ADD COLUMN smallest integer CHECK (smallest BETWEEN 1 AND 100000),
    ADD CONSTRAINT grid_rule_smallest
        CHECK (smallest IS NULL OR area_type IN ('mountain', 'island')),
    ALTER COLUMN minimum DROP NOT NULL,
    ALTER COLUMN maximum DROP NOT NULL,
    ADD CONSTRAINT grid_rule_island CHECK (CASE WHEN area_type = 'island'
        THEN minimum IS NULL AND maximum IS NULL AND smallest IS NOT NULL
        ELSE minimum IS NOT NULL AND maximum IS NOT NULL END),
    -- a rule of an older release that nothing ever read stays as it is
    ADD CONSTRAINT grid_rule_micro CHECK (kind = 'comprehensive' OR area_type = 'any') NOT VALID,
    DROP CONSTRAINT grid_rule_pkey,
    ADD PRIMARY KEY (area_code, kind, area_type, valid_from);
COMMENT ON COLUMN grid_rule.area_type IS
    'any, urban, village by the code of the community; mountain: the area it is stored for is one; island: ground with water all round and no bridge';
COMMENT ON COLUMN grid_rule.valid_from IS
    'first day of the rule; it holds until a later one of the same area, kind and type begins';
COMMENT ON COLUMN grid_rule.smallest IS
    'mountain: households of the smallest settlement that may be parted from the ground around it; island: people of the smallest island with grids of its own';
