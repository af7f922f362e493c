-- Coverage: standards, runs, results; scenarios of redrawing and their findings.

CREATE TABLE coverage_standard (
    key text NOT NULL CHECK (key ~ '^[a-z_]{2,40}$'),
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    facility_kinds text[] NOT NULL CHECK (cardinality(facility_kinds) > 0),
    profile text NOT NULL CHECK (profile IN ('walk', 'drive', 'truck', 'emergency')),
    direction text NOT NULL CHECK (direction IN ('to_household', 'to_facility')),
    measure text NOT NULL CHECK (measure IN ('seconds', 'metres')),
    max_value double precision NOT NULL CHECK (max_value > 0 AND max_value < 1e6),
    capacity boolean NOT NULL DEFAULT false,
    source text NOT NULL CHECK (length(source) > 0),
    valid_from date NOT NULL DEFAULT current_date,
    PRIMARY KEY (area_code, key)
);
COMMENT ON TABLE coverage_standard IS 'What "reached" means, with its source; stored with every run';

CREATE TABLE coverage_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    standard_key text NOT NULL,
    standard jsonb NOT NULL,
    job_id bigint REFERENCES job,
    input_version text NOT NULL,
    totals jsonb NOT NULL DEFAULT '{}',
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE coverage_run IS 'A finished run; one that is under way or failed is a job';
COMMENT ON COLUMN coverage_run.standard IS 'the definition used, word for word: a figure whose definition moved is worthless';
CREATE INDEX coverage_run_latest ON coverage_run (area_code text_pattern_ops, standard_key, id DESC);

CREATE TABLE coverage_result (
    run_id bigint NOT NULL REFERENCES coverage_run ON DELETE CASCADE,
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    covered boolean NOT NULL,
    facility_id bigint REFERENCES facility,
    seconds real CHECK (seconds >= 0 AND seconds < 1e7),
    metres real CHECK (metres >= 0 AND metres < 1e7),
    second_facility_id bigint REFERENCES facility,
    second_seconds real CHECK (second_seconds >= 0 AND second_seconds < 1e7),
    reason text CHECK (reason IN ('too_far', 'no_road', 'cut_off', 'full', 'closed', 'not_snapped')),
    PRIMARY KEY (run_id, household_id),
    CHECK (covered = (reason IS NULL))
);
COMMENT ON TABLE coverage_result IS 'Per household: reached or not, by whom, how fast, who else, why not';
CREATE INDEX coverage_result_area ON coverage_result (area_code text_pattern_ops);

-- security_invoker: a plain view would run with its owner's rights and leak every area
CREATE VIEW coverage_gap WITH (security_invoker = true) AS
    SELECT * FROM coverage_result WHERE NOT covered;
COMMENT ON VIEW coverage_gap IS 'Households a run found not reached';

CREATE TABLE scenario (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'validating', 'valid', 'invalid',
        'approved', 'published', 'discarded')),
    base_version integer NOT NULL DEFAULT 0 CHECK (base_version >= 0),
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    created_by bigint REFERENCES app_user,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE finding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    scenario_id bigint REFERENCES scenario ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('gap', 'overlap', 'outside', 'sliver', 'hole', 'multipart',
        'invalid', 'undersize', 'oversize', 'household')),
    grids text[] NOT NULL DEFAULT '{}',
    area_m2 double precision CHECK (area_m2 >= 0 AND area_m2 < 'Infinity'::float8),
    geom geometry(Geometry, 4326) CHECK (geometry_ok(geom))
);
CREATE INDEX finding_geom ON finding USING gist (geom);

-- A draft whose job failed or was cancelled must not look as if it were still being made,
-- whoever ended the job: the worker, the sweeper or a person.
CREATE FUNCTION job_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plan SET state = 'failed' WHERE job_id = NEW.id AND state = 'drafting';
    RETURN NULL;
END $$;
CREATE TRIGGER job_ended AFTER UPDATE OF state ON job FOR EACH ROW
    WHEN (NEW.state IN ('failed', 'cancelled')) EXECUTE FUNCTION job_ended();
