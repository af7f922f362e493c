-- Beside whether anything is in reach: how much of it falls to each person (floating catchments).

ALTER TABLE coverage_standard ADD COLUMN scores text NOT NULL DEFAULT 'none'
    CHECK (scores IN ('none', 'slow', 'sharp'));
COMMENT ON COLUMN coverage_standard.scores IS
    'how readily people go to what is far, where scores are wanted: slow, sharp; none: no scores';

ALTER TABLE coverage_part
    ADD COLUMN score_people integer CHECK (score_people BETWEEN 0 AND people),
    ADD COLUMN score_sum double precision CHECK (score_sum >= 0 AND score_sum < 1e15),
    ADD COLUMN score_low integer CHECK (score_low BETWEEN 0 AND score_people),
    ADD CONSTRAINT coverage_part_scored CHECK (num_nulls(score_people, score_sum, score_low) IN (0, 3));
COMMENT ON COLUMN coverage_part.score_people IS
    'people of households with a score; NULL, like the next two: the standard has no scores';
COMMENT ON COLUMN coverage_part.score_sum IS 'of their scores, person by person';
COMMENT ON COLUMN coverage_part.score_low IS 'those with less than half of the mean of the whole run';
