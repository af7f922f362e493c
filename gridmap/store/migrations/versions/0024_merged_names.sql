-- The name of a community that a draft makes, and programs that were confined to what it ends.

ALTER TABLE scenario_operation
    DROP CONSTRAINT scenario_operation_kind_check,
    ADD CONSTRAINT scenario_operation_kind_check CHECK (kind IN ('move_edge', 'move_vertex',
        'split', 'merge', 'hand_over', 'redraw', 'rename', 'set_kind', 'appoint',
        'draw_special', 'move_special', 'erase_special', 'merge_communities', 'name_community')),
    DROP CONSTRAINT scenario_operation_keys_check,
    -- a community that is called otherwise changes no grid
    ADD CONSTRAINT scenario_operation_keys_check
        CHECK (cardinality(keys) > 0 OR kind = 'name_community');
COMMENT ON COLUMN merged_community.name_zh IS
    'as it was called first; a draft may call it otherwise (figures of its operations), and what is in force is called as area says';

ALTER TABLE api_token
    ADD COLUMN heirs text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(heirs) <= 999 AND array_position(heirs, NULL) IS NULL);
COMMENT ON COLUMN api_token.heirs IS
    'grids on the ground of the area it is confined to, since that has become part of another community; never more ground than before';
