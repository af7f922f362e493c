"""One altered value in a run file is found, whichever it is, and named with its row."""

import contextlib
import io
import zipfile

import pandas as pd
import pytest
from plain_streets import at, places, roads_frame
from run_files import RunFile
from shapely.geometry import LineString, box

from geodata.certificates import certificate
from geodata.coverage import Standard, cover
from geodata.coverage_bands import cover_bands
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.street_profiles import profile_of
from geodata.verifying import verify

# a ladder: two long streets and rungs, one end of it closed, and an island
_RAILS = [([(x, y), (x + 100, y)], {}) for y in (0, 80) for x in range(0, 1000, 100)]
_RUNGS = [([(x, 0), (x, 80)], {}) for x in range(0, 1001, 200)]
ROADS = roads_frame(
    [(line, {"maxspeed_kmh": 36.0}) for line, _ in _RAILS + _RUNGS]
    + [([(3000, 0), (3100, 0)], {"maxspeed_kmh": 36.0})]
)
HOMES = places(
    [(30, 4), (130, 0), (250, 6), (340, 80), (420, 3), (530, 79), (560, 0), (740, 2), (950, 0),
     (3050, 1), (500, 900), (130, 82)],
    people=[2, 3, 1, 4, 2, 5, 1, 1, 2, 3, 4, 6],
)  # fmt: skip
SITES = places(
    [(10, 0), (10, 5), (480, 82), (700, 0), (520, 10)],
    open=[True, True, True, True, False],
    crew=["a", "a", None, "b", None],
    capacity=[4, 5, 6, 3, 100],
).set_index(pd.Index([11, 12, 13, 14, 15]))
FIRE = Standard("fire", "drive", limit=12.0)
SHELTER = Standard("shelter", "drive", 260.0, "metres", "to_facility", capacity=True)


def run(standard):
    low, high = at(810, -10), at(890, 90)
    network = Network.from_roads(ROADS).close(box(low.x, low.y, high.x, high.y))
    frame = cover(network, HOMES, SITES, standard)
    return RunFile(certificate(network, HOMES, SITES, standard, frame)), frame


@pytest.fixture
def fire():
    return run(FIRE)[0]


@pytest.fixture
def shelter():
    return run(SHELTER)[0]


def named(file, **more):
    """Return (table, row, column) of everything that is wrong."""
    return {(one.table, one.row, one.column) for one in verify(file.packed(**more)).altered}


def row_of(file, **values):
    """Return the first row of a household with these values."""
    rows = file.rows("households.csv")
    return next(n for n, row in enumerate(rows) if all(row[c] == v for c, v in values.items()))


def test_the_untouched_files_are_sound_and_hold_every_reason(fire, shelter):
    assert named(fire) == named(shelter) == set()
    reasons = {row["reason"] for file in (fire, shelter) for row in file.rows("households.csv")}
    assert reasons == {"", "too_far", "no_road", "cut_off", "full", "closed", "not_snapped"}


@pytest.mark.parametrize(
    ("where", "column", "value"),
    [
        ({"covered": "1"}, "covered", 0),
        ({"covered": "0"}, "covered", 1),
        ({"facility": "13"}, "facility", "14"),
        ({"facility": "13"}, "facility", ""),
        ({"facility": "11"}, "facility", "999"),
        ({"covered": "1"}, "seconds", 11.99),
        ({"covered": "1"}, "metres", 1),
        ({"reason": "cut_off"}, "seconds", 500),
        ({"covered": "1"}, "slack", 3),
        ({"second_facility": "13"}, "second_facility", "12"),
        ({"second_facility": "14"}, "second_seconds", 0.5),
        ({"second_facility": "14"}, "second_metres", 12),
        ({"reason": "too_far"}, "reason", "closed"),
        ({"reason": "too_far"}, "reason", ""),
        ({"reason": "cut_off"}, "reason", "no_road"),
        ({"reason": "no_road"}, "reason", "cut_off"),
        ({"reason": "closed"}, "reason", "too_far"),
        ({"reason": "not_snapped"}, "reason", "no_road"),
        ({"covered": "1"}, "reason", "too_far"),
    ],
)
def test_an_answer(fire, where, column, value):
    row = row_of(fire, **where)
    assert ("households.csv", row, column) in named(
        fire.alter("households.csv", row, **{column: value})
    )
    # only the row that was altered is named, and its sum where it is one of the totals
    assert {one[1] for one in named(fire) if one[0] == "households.csv"} == {row}


def test_one_thousandth_of_a_millionth_of_a_second(fire):
    row = row_of(fire, covered="1")
    seconds = float(fire.rows("households.csv")[row]["seconds"])
    found = named(fire.alter("households.csv", row, seconds=seconds + 2**-30))
    assert found == {("households.csv", row, "seconds")}


@pytest.mark.parametrize("column", ["x", "y"])
def test_a_household_moved(fire, column):
    row = row_of(fire, facility="13")
    moved = float(fire.rows("households.csv")[row][column]) + 0.01
    found = named(fire.alter("households.csv", row, **{column: moved}))
    assert {one[:2] for one in found} == {("households.csv", row)}


@pytest.mark.parametrize(
    ("column", "value"),
    [("street", 3), ("fraction", 0.5), ("leg", 0.7), ("at_start", 1), ("street", -1)],
)
def test_a_household_put_on_another_street(fire, column, value):
    row = row_of(fire, facility="13")
    found = named(fire.alter("households.csv", row, **{column: value}))
    assert "households.csv" in {one[0] for one in found}
    assert row in {one[1] for one in found}


def test_a_street_near_a_household_that_has_none(fire):
    row = row_of(fire, reason="not_snapped")
    y = float(fire.rows("households.csv")[row]["y"]) - 800
    assert ("households.csv", row, "street") in named(fire.alter("households.csv", row, y=y))


@pytest.mark.parametrize("column", ["cost", "other"])
@pytest.mark.parametrize("change", [-1.0, 1.0])
def test_a_label_lowered_or_raised(fire, column, change):
    rows = fire.rows("labels_open.csv")
    row = next(n for n, one in enumerate(rows) if float(one["cost"]) > 10 and one["street"] != "-1")
    value = float(rows[row][column]) + change
    assert ("labels_open.csv", row, "cost") in named(
        fire.alter("labels_open.csv", row, **{column: value})
    )


@pytest.mark.parametrize(
    ("column", "value"), [("facility", 3), ("from_node", 0), ("street", 5), ("node", 1)]
)
def test_a_label_that_names_another_way(fire, column, value):
    rows = fire.rows("labels_open.csv")
    row = next(
        n for n, one in enumerate(rows)
        if one["street"] not in ("-1", "5") and one["facility"] != "3" and one["from_node"] != "0"
        and one["node"] != "1"
    )  # fmt: skip
    found = named(fire.alter("labels_open.csv", row, **{column: value}))
    assert "labels_open.csv" in {one[0] for one in found}


@pytest.mark.parametrize("table", ["labels_open.csv", "labels_shut.csv", "labels_unclosed.csv"])
def test_a_label_left_out(fire, table):
    rows = fire.rows(table)
    fire.put(table, rows[:-1])
    assert table in {one[0] for one in named(fire)}
    fire.put(table, [])
    assert table in {one[0] for one in named(fire)}


def test_a_closed_street_opened_and_an_open_one_closed(fire):
    rows = fire.rows("streets.csv")
    closed = next(n for n, one in enumerate(rows) if one["forward"] == "2")
    fire.alter("streets.csv", closed, forward=1, backward=1)
    assert "labels_open.csv" in {one[0] for one in named(fire)}
    fire.alter("streets.csv", closed, forward=2, backward=2)
    assert named(fire) == set()
    used = int(next(one["street"] for one in fire.rows("labels_open.csv") if one["street"] != "-1"))
    fire.alter("streets.csv", used, forward=2, backward=2)
    assert "labels_open.csv" in {one[0] for one in named(fire)}


@pytest.mark.parametrize(
    ("column", "value"),
    [("kmh", 72.0), ("seconds", 9.0), ("metres", 99.0), ("from_node", 9), ("forward", 3),
     ("metres", "nan"), ("seconds", 0), ("to_node", -4), ("to_node", 10**9)],
)  # fmt: skip
def test_a_street(fire, column, value):
    found = named(fire.alter("streets.csv", 0, **{column: value}))
    assert {one[0] for one in found} >= {"streets.csv"}
    assert 0 in {one[1] for one in found if one[0] == "streets.csv"}


def test_a_vertex(fire):
    rows = fire.rows("vertices.csv")
    fire.alter("vertices.csv", 0, x=float(rows[0]["x"]) + 1)
    assert named(fire)
    fire.put("vertices.csv", rows[1:])
    assert ("vertices.csv", None, "street") in named(fire)
    fire.put("vertices.csv", [{**rows[0], "y": "inf"}, *rows[1:]])
    assert ("vertices.csv", 0, "x") in named(fire)


@pytest.mark.parametrize(
    ("column", "value"), [("open", 0), ("crew", 2), ("label", "12"), ("x", "nan"), ("crew", -1)]
)
def test_a_facility(fire, column, value):
    found = named(fire.alter("facilities.csv", 0, **{column: value}))
    assert found


@pytest.mark.parametrize(
    ("key", "value"),
    [("covered", 99), ("people", 1), ("people_uncovered", 0), ("households", 3),
     ("uncovered", 0), ("by_reason", {"too_far": 1})],
)  # fmt: skip
def test_a_total(fire, key, value):
    fire.manifest["totals"][key] = value
    assert named(fire) == {("manifest.json", None, key)}


def test_people_of_a_household_are_in_the_totals(fire):
    row = row_of(fire, covered="0")
    found = named(fire.alter("households.csv", row, people=9))
    assert found == {("manifest.json", None, "people"), ("manifest.json", None, "people_uncovered")}


def test_the_standard(fire):
    fire.manifest["standard"]["limit"] = 14.0
    assert {one[2] for one in named(fire)} >= {"covered", "slack"}


def test_a_hash_that_does_not_fit(fire):
    fire.manifest["sha256"]["streets.csv"] = "0"
    assert named(fire) == {("streets.csv", None, "sha256")}


class TestBands:
    @pytest.fixture
    def bands(self):
        networks = {
            key: Network.from_roads(ROADS, profile_of("drive").slowed({"*": share}))
            for key, share in (("day", 1.0), ("rain", 0.5))
        }
        frame = cover_bands(networks, HOMES, SITES, FIRE)
        content = certificate(networks["day"], HOMES, SITES, FIRE, frame, bands=networks)
        return RunFile(content)

    def test_sound(self, bands):
        assert named(bands) == set()
        said = {row["band"] for row in bands.rows("households.csv")}
        assert said == {"always", "sometimes", "never"}

    @pytest.mark.parametrize("band", ["always", "sometimes", "never", ""])
    def test_a_band(self, bands, band):
        row = next(n for n, one in enumerate(bands.rows("households.csv")) if one["band"] != band)
        found = named(bands.alter("households.csv", row, band=band))
        assert found == {("households.csv", row, "band"), ("manifest.json", None, "bands")}

    def test_a_speed_or_label_of_a_band(self, bands):
        rows = bands.rows("labels_band_1.csv")
        bands.alter("labels_band_1.csv", 0, cost=float(rows[0]["cost"]) / 2)
        assert "labels_band_1.csv" in {one[0] for one in named(bands)}
        bands.put("labels_band_1.csv", rows)
        assert ("streets.csv", 4, "seconds_1") in named(bands.alter("streets.csv", 4, kmh_1=36.0))

    def test_a_total(self, bands):
        bands.manifest["totals"]["bands"]["always"] += 1
        assert named(bands) == {("manifest.json", None, "bands")}

    def test_a_band_left_out(self, bands):
        del bands.files["labels_band_1.csv"]
        assert ("labels_band_1.csv", None, "node") in named(bands)

    def test_more_bands_than_streets_have_speeds(self, bands):
        bands.manifest["bands"].append({"key": "snow", "walk_kmh": 5.0})
        assert named(bands)


class TestBarriers:
    @pytest.fixture
    def barred(self):
        low, high = at(290, 60), at(390, 60)
        network = Network.from_roads(ROADS).barred([LineString([low, high])])
        # the nearer rail is beyond the barrier
        homes = places([(340, 44), (340, 30), (700, 0)], people=[1, 1, 1])
        frame = cover(network, homes, SITES, FIRE)
        return RunFile(certificate(network, homes, SITES, FIRE, frame))

    def test_a_leg_that_would_cross_goes_the_other_way(self, barred):
        assert named(barred) == set()

    def test_a_barrier_left_out_or_moved(self, barred):
        rows = barred.rows("barriers.csv")
        moved = [{**row, "y": str(float(row["y"]) - 20)} for row in rows]
        barred.put("barriers.csv", moved)
        assert {one[0] for one in named(barred)} == {"households.csv"}

    @pytest.mark.parametrize("change", [{"x": "nan"}, {"barrier": "7"}, {"barrier": "-1"}])
    def test_no_line(self, barred, change):
        rows = barred.rows("barriers.csv")
        barred.put("barriers.csv", [{**rows[0], **change}, *rows[1:]])
        assert "barriers.csv" in {one[0] for one in named(barred)}


class TestCapacity:
    def test_a_household_moved_to_another_shelter_or_left_out(self, shelter):
        row = row_of(shelter, covered="1")
        shelter.alter("households.csv", row, facility="14")
        assert ("households.csv", row, "facility") in named(shelter)

    def test_two_swapped(self, shelter):
        full, placed = row_of(shelter, reason="full"), row_of(shelter, covered="1")
        shelter.alter("households.csv", full, covered=1, reason="")
        shelter.alter("households.csv", placed, covered=0, reason="full")
        found = named(shelter)
        assert {("households.csv", full, "covered"), ("households.csv", placed, "covered")} <= found

    def test_room(self, shelter):
        for value in (1, 2, "inf", -1, "nan"):
            assert named(shelter.alter("facilities.csv", 0, room=value))

    def test_more_people_than_room_is_named_at_the_facility(self, shelter):
        row = row_of(shelter, reason="full")
        site = shelter.rows("households.csv")[row]["facility"]
        shelter.alter("households.csv", row, covered=1, reason="")
        names = [one["label"] for one in shelter.rows("facilities.csv")]
        assert ("facilities.csv", names.index(site), "room") in named(shelter)

    def test_a_way_within_the_limit_left_out_or_shortened(self, shelter):
        rows = shelter.rows("labels_within.csv")
        shelter.put("labels_within.csv", rows[1:])
        assert "labels_within.csv" in {one[0] for one in named(shelter)}
        shelter.put("labels_within.csv", [{**rows[0], "cost": "0.0"}, *rows[1:]])
        assert "labels_within.csv" in {one[0] for one in named(shelter)}
        del shelter.files["labels_within.csv"]
        assert ("labels_within.csv", None, "node") in named(shelter)

    def test_people(self, shelter):
        row = row_of(shelter, covered="1")
        for value in (60, -1, "nan", "inf"):
            assert named(shelter.alter("households.csv", row, people=value))


class TestHostile:
    @pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", bytes(1000)])
    def test_no_zip(self, content):
        with pytest.raises(GeodataError, match="not a run file"):
            verify(content)

    def test_cut_short_or_flipped(self, fire):
        content = fire.packed()
        with pytest.raises(GeodataError, match="not a run file"):
            verify(content[: len(content) // 2])
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            start = packed.getinfo("streets.csv").header_offset + len("streets.csv") + 30
        for byte in range(start, start + 200, 7):
            flipped = bytearray(content)
            flipped[byte] ^= 255
            with contextlib.suppress(GeodataError):
                assert not verify(bytes(flipped)).sound

    def test_unpacks_to_too_much(self, fire):
        with pytest.raises(GeodataError, match="more than 100 bytes"):
            verify(fire.packed(), most_bytes=100)

    def test_a_line_without_end(self, fire):
        fire.files["streets.csv"] += b"9" * 10_000_000
        with pytest.raises(GeodataError, match="longer than"):
            verify(fire.packed())

    def test_too_many_files(self, fire):
        with pytest.raises(GeodataError, match="too many files"):
            verify(fire.packed(**{f"more{n}": "" for n in range(50)}))

    def test_a_table_missing_or_twice(self, fire):
        out = io.BytesIO(fire.packed())
        with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as packed:
            packed.writestr("streets.csv", "")
        with pytest.raises(GeodataError, match="one twice"):
            verify(out.getvalue())
        del fire.files["streets.csv"]
        with pytest.raises(GeodataError, match=r"streets\.csv.*missing"):
            verify(fire.packed())

    @pytest.mark.parametrize(
        ("table", "column", "value", "place"),
        [
            ("streets.csv", "metres", "far", "row 1, column 'metres'"),
            ("streets.csv", "forward", "1.5", "row 1, column 'forward'"),
            ("labels_open.csv", "node", str(10**30), "row 1, column 'node'"),
            ("households.csv", "covered", "2", "row 1, column 'covered'"),
            ("households.csv", "label", "x" * 300, "column 'label'"),
            ("households.csv", "seconds", "1" * 100, "column 'seconds'"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, fire, table, column, value, place):
        with pytest.raises(GeodataError, match=place):
            verify(fire.alter(table, 1, **{column: value}).packed())

    @pytest.mark.parametrize(
        "content", [b"\xff\xfe", b"a,b\n", b"", b'x,y,street\n"1', b"street,x,y\n1,2\n"]
    )
    def test_a_table_that_is_none(self, fire, content):
        fire.files["vertices.csv"] = content
        with pytest.raises(GeodataError):
            verify(fire.packed())

    @pytest.mark.parametrize(
        ("key", "value"),
        [("format", "gridmap coverage run 9"), ("standard", []), ("totals", None),
         ("bands", 0), ("numbers", "half"), ("sha256", 3), ("bands", []),
         ("bands", [{}]), ("bands", [{"walk_kmh": 0}]), ("bands", ["5"]),
         ("bands", [{"walk_kmh": 5.0}] * 11)],
    )  # fmt: skip
    def test_a_manifest_that_is_none(self, fire, key, value):
        fire.manifest[key] = value
        with pytest.raises(GeodataError):
            verify(fire.packed())

    @pytest.mark.parametrize(
        ("key", "value"), [("limit", -1), ("limit", "x"), ("by", "hours"), ("capacity", 1),
                           ("direction", ""), ("max_metres", None)],
    )  # fmt: skip
    def test_a_standard_that_is_none(self, fire, key, value):
        fire.manifest["standard"][key] = value
        with pytest.raises(GeodataError, match="standard"):
            verify(fire.packed())
