-- Who is without cover at this hour only: told apart from who has lost it.

ALTER TABLE coverage_part
    ADD COLUMN asleep boolean[] CHECK (cardinality(asleep) = households
        AND array_position(asleep, NULL) IS NULL);
ALTER TABLE coverage_part ALTER asleep SET STORAGE EXTERNAL;
COMMENT ON COLUMN coverage_part.asleep IS
    'by household: not covered, and would be if no door were shut by its hours; NULL: nobody here';
