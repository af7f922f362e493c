-- Two more things that may be wrong with a grid: what runs through it, and who lives far off.

ALTER TABLE finding
    DROP CONSTRAINT finding_kind_check,
    ADD CONSTRAINT finding_kind_check CHECK (kind IN ('gap', 'overlap', 'outside', 'sliver', 'hole',
        'multipart', 'invalid', 'undersize', 'oversize', 'household', 'building', 'not_walkable',
        'severed', 'far', 'no_member', 'stale'));
