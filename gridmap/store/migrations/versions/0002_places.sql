-- Areas, grids, the people in them, what they live in and what serves them.

CREATE TABLE area (
    code text PRIMARY KEY CHECK (area_code_ok(code) AND length(code) <= 12),
    area_code text NOT NULL GENERATED ALWAYS AS (code) STORED,
    level text NOT NULL CHECK (level IN ('county', 'township', 'community')),
    parent_code text REFERENCES area (code),
    name_zh text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 80),
    name_en text,
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    CHECK (length(code) = CASE level WHEN 'county' THEN 6 WHEN 'township' THEN 9 ELSE 12 END),
    CHECK ((level = 'county') = (parent_code IS NULL)),
    CHECK (parent_code IS NULL OR left(code, length(code) - 3) = parent_code)
);
COMMENT ON TABLE area IS 'County, townships (sub-districts) and communities (villages)';
CREATE INDEX area_geom ON area USING gist (geom);
CREATE INDEX area_parent ON area (parent_code);

CREATE TABLE grid (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[0-9]{15}$'),
    area_code text NOT NULL REFERENCES area (code),
    kind text NOT NULL DEFAULT 'comprehensive'
        CHECK (kind IN ('comprehensive', 'special', 'micro')),
    name text,
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    valid_from date NOT NULL DEFAULT current_date,
    valid_to date,
    households integer NOT NULL DEFAULT 0 CHECK (households >= 0),
    people integer NOT NULL DEFAULT 0 CHECK (people >= 0),
    measures jsonb NOT NULL DEFAULT '{}',
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    label_point geometry(Point, 4326) NOT NULL CHECK (geometry_ok(label_point)),
    CHECK (left(code, 12) = area_code),
    CHECK (valid_to IS NULL OR valid_to >= valid_from),
    UNIQUE (area_code, code, version)
);
COMMENT ON TABLE grid IS
    'Unified comprehensive grids (and special, micro ones) with history; code = community + 3 digits, never reused';
COMMENT ON COLUMN grid.label_point IS 'inner point farthest from the edges: where the label stands';
COMMENT ON COLUMN grid.measures IS 'deviation, contiguous, polsby_popper, reock, along_roads, walkable';
CREATE UNIQUE INDEX grid_in_force ON grid (area_code, code) WHERE valid_to IS NULL;
CREATE INDEX grid_geom ON grid USING gist (geom);

CREATE TABLE grid_member (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code) AND length(area_code) = 15),
    user_id bigint REFERENCES app_user,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone text,
    role text NOT NULL DEFAULT 'member'
        CHECK (role IN ('leader', 'member', 'part_time', 'adviser')),
    valid_from date NOT NULL DEFAULT current_date,
    valid_to date,
    geom geometry(Point, 4326) CHECK (geometry_ok(geom)),
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
COMMENT ON TABLE grid_member IS 'Who looks after a grid; area_code is the grid''s code';
COMMENT ON COLUMN grid_member.geom IS 'usual starting place of a round, not a track';
CREATE INDEX grid_member_area ON grid_member (area_code text_pattern_ops);

CREATE TABLE building (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    estate text,
    building text,
    address text,
    address_key text,
    name text,
    levels integer CHECK (levels BETWEEN 0 AND 200),
    units integer CHECK (units BETWEEN 0 AND 1000),
    use text,
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
COMMENT ON COLUMN building.address_key IS 'standard address to which rosters are matched';
COMMENT ON COLUMN building.source_key IS 'makes importing the same file twice change nothing';
CREATE INDEX building_geom ON building USING gist (geom);
CREATE INDEX building_address_key ON building (address_key);

CREATE TABLE household (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    building_id bigint REFERENCES building,
    unit text,
    room text,
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
    householder text,
    phone text,
    id_number text,
    people integer NOT NULL CHECK (people BETWEEN 0 AND 50),
    residence text NOT NULL DEFAULT 'resident'
        CHECK (residence IN ('resident', 'floating', 'left_behind', 'away')),
    registered_at text,
    geom geometry(Point, 4326) CHECK (geometry_ok(geom)),
    placed_by text CHECK (placed_by IN ('building', 'coordinates', 'hand')),
    unplaced_reason text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((geom IS NULL) = (placed_by IS NULL)),
    CHECK ((geom IS NULL) = (unplaced_reason IS NOT NULL))
);
COMMENT ON TABLE household IS
    'Where people live; needs are in a table of their own. area_code is the grid''s code once placed';
COMMENT ON COLUMN household.registered_at IS 'place of registration, kept apart from the residence';
COMMENT ON COLUMN household.geom IS 'NULL until matched to a building or placed by hand: never a made-up point';
-- area_code follows the grids, so the key that makes an import repeatable is the county's
CREATE UNIQUE INDEX household_key ON household (left(area_code, 6), source_key);
CREATE INDEX household_geom ON household USING gist (geom);
CREATE INDEX household_area ON household (area_code text_pattern_ops);
CREATE INDEX household_unplaced ON household (id) WHERE geom IS NULL;
CREATE INDEX household_building ON household (building_id);

CREATE TABLE household_need (
    household_id bigint NOT NULL REFERENCES household ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    people integer NOT NULL DEFAULT 1 CHECK (people BETWEEN 1 AND 50),
    note text CHECK (length(note) <= 500),
    source text,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (household_id, kind)
);
COMMENT ON TABLE household_need IS 'Needs of care, kept apart so that reading them is a right of its own';
CREATE INDEX household_need_area ON household_need (area_code text_pattern_ops);

CREATE TABLE visit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    household_id bigint NOT NULL REFERENCES household,
    grid_member_id bigint REFERENCES grid_member,
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'done', 'missed')),
    due_on date,
    reason text,
    done_at timestamptz,
    findings jsonb NOT NULL DEFAULT '{}',
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX visit_area ON visit (area_code text_pattern_ops, due_on);

CREATE TABLE service_item (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    owner text NOT NULL,
    legal_basis text NOT NULL,
    admitted_on date NOT NULL,
    ends_on date,
    CHECK (ends_on IS NULL OR ends_on >= admitted_on),
    UNIQUE (area_code, name)
);
COMMENT ON TABLE service_item IS
    'What a grid is in charge of: nothing outside this list may be assigned to a grid member';

CREATE TABLE facility (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    name text,
    name_en text,
    address text,
    open boolean NOT NULL DEFAULT true,
    geom geometry(Point, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
CREATE INDEX facility_geom ON facility USING gist (geom);
CREATE INDEX facility_kind ON facility (kind);

CREATE TABLE shelter (
    facility_id bigint PRIMARY KEY REFERENCES facility ON DELETE CASCADE,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    capacity integer NOT NULL CHECK (capacity BETWEEN 0 AND 1000000),
    accessible boolean NOT NULL DEFAULT false,
    area_m2 double precision CHECK (area_m2 > 0 AND area_m2 < 1e8),
    services text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE shelter IS 'A facility people are taken to';

CREATE TABLE responder (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fire', 'medical', 'police', 'grid', 'volunteer')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    name_en text,
    people integer NOT NULL DEFAULT 1 CHECK (people BETWEEN 1 AND 1000),
    skills text[] NOT NULL DEFAULT '{}',
    facility_id bigint REFERENCES facility,
    on_duty boolean NOT NULL DEFAULT true,
    seen_at timestamptz NOT NULL DEFAULT now(),
    geom geometry(Point, 4326) CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
COMMENT ON TABLE responder IS 'Teams, not persons; positions are kept only as the last one';
CREATE INDEX responder_geom ON responder USING gist (geom);

CREATE TABLE road (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    highway text NOT NULL CHECK (highway ~ '^[a-z_]{2,40}$'),
    name text,
    oneway smallint NOT NULL DEFAULT 0 CHECK (oneway IN (-1, 0, 1)),
    maxspeed_kmh double precision CHECK (maxspeed_kmh > 0 AND maxspeed_kmh <= 200),
    bridge boolean NOT NULL DEFAULT false,
    tunnel boolean NOT NULL DEFAULT false,
    layer smallint NOT NULL DEFAULT 0 CHECK (layer BETWEEN -20 AND 20),
    maxheight_m double precision CHECK (maxheight_m > 0 AND maxheight_m < 100),
    maxweight_t double precision CHECK (maxweight_t > 0 AND maxweight_t < 1000),
    maxwidth_m double precision CHECK (maxwidth_m > 0 AND maxwidth_m < 100),
    geom geometry(LineString, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
CREATE INDEX road_geom ON road USING gist (geom);
CREATE INDEX road_name ON road (name) WHERE name IS NOT NULL;

CREATE TABLE road_closure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    starts_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz,
    geom geometry(Geometry, 4326) NOT NULL CHECK (geometry_ok(geom)),
    CHECK (ends_at IS NULL OR ends_at >= starts_at)
);
CREATE INDEX road_closure_geom ON road_closure USING gist (geom);

CREATE TABLE water (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    kind text NOT NULL DEFAULT 'water',
    name text,
    name_en text,
    simulated boolean NOT NULL DEFAULT false,
    geom geometry(Geometry, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
CREATE INDEX water_geom ON water USING gist (geom);

CREATE TABLE green (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    kind text NOT NULL DEFAULT 'park',
    name text,
    name_en text,
    simulated boolean NOT NULL DEFAULT false,
    geom geometry(Geometry, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
CREATE INDEX green_geom ON green USING gist (geom);

CREATE TABLE place (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL CHECK (area_code_ok(area_code)),
    source_key text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_en text,
    geom geometry(Point, 4326) NOT NULL CHECK (geometry_ok(geom)),
    UNIQUE (area_code, source_key)
);
CREATE INDEX place_geom ON place USING gist (geom);

CREATE TABLE town (
    area_code text PRIMARY KEY CHECK (area_code_ok(area_code)),
    key text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    notice_zh text NOT NULL DEFAULT '',
    notice_en text NOT NULL DEFAULT '',
    attribution text NOT NULL DEFAULT '',
    demo boolean NOT NULL DEFAULT false,
    bounds geometry(Polygon, 4326) NOT NULL CHECK (geometry_ok(bounds)),
    center geometry(Point, 4326) NOT NULL CHECK (geometry_ok(center)),
    loaded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE town IS 'What every page says of the data it shows: title, bounds, source, what is simulated';
