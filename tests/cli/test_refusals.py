"""What is wrong is said with its place, exits with 2, and leaves nothing half done."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import county_files as good
import pytest
import shapely
from calling import Call
from county_files import COUNTY, SOUTH, WEST

from geodata import demo

pytestmark = pytest.mark.database
BOX = shapely.box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001)
LINE = shapely.LineString([(WEST, SOUTH), (WEST + 0.001, SOUTH)])
PBF = Path(demo.__file__).parent / "monaco.osm.pbf"


def write(path: Path, features: list[tuple[dict[str, Any], Any]]) -> Path:
    path.write_text(good.collection(features), "utf-8")
    return path


BAD_ROWS: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "roads": (
        lambda f: write(f / "r.geojson", [*good.roads(), ({"highway": "A Road"}, LINE)]),
        "row 15, column 'highway'",
        "road",
    ),
    "areas": (
        lambda f: write(f / "a.geojson", [({"code": "990106", "name": ""}, BOX)]),
        "row 1, column 'name'",
        "area",
    ),
    "buildings": (
        lambda f: write(f / "b.geojson", [*good.buildings(), ({"levels": 999}, BOX)]),
        "row 37, column 'levels'",
        "building",
    ),
    "hazards": (
        lambda f: write(f / "h.geojson", [*good.hazards(), ({"kind": "Flood!", "name": "x"}, BOX)]),
        "row 2, column 'kind'",
        "hazard",
    ),
    "households": (
        lambda f: text(f / "h.csv", f"{good.roster()}王某,松山里2栋1单元999室,两个,\n"),
        "row 722, column '家庭人口'",
        "household",
    ),
    "facilities": (
        lambda f: text(f / "f.csv", f"{good.facilities()}庙,temple,114.4,30.5,,\n"),
        "row 5, column '类型'",
        "facility",
    ),
}


def text(path: Path, words: str) -> Path:
    path.write_text(words, "utf-8")
    return path


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_one_bad_row_keeps_all_out(
    gridmap: Call, county: Path, count: Callable[[str], int], kind: str
) -> None:
    make, place, table = BAD_ROWS[kind]
    before = count(table), count("event")
    path = make(county)
    crs = ("--crs", "wgs84") if kind == "facilities" else ()
    ended = gridmap("import", kind, path, *crs, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"gridmap: {path.name}: {place}: ")
    assert (count(table), count("event")) == before


def test_a_failure_of_the_database_half_way_keeps_all_out(
    gridmap: Call, county: Path, count: Callable[[str], int], owner_url: str
) -> None:
    execute(
        owner_url,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON household_need"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    gridmap("import", "buildings", county / "buildings.geojson")
    ended = gridmap("import", "households", county / "households.csv")
    assert (ended.code, ended.out) == (2, "")
    assert count("household") == 0


def execute(url: str, *statements: str) -> None:
    import psycopg2

    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_a_rehearsal_says_the_same_and_changes_nothing(
    gridmap: Call, county: Path, count: Callable[[str], int]
) -> None:
    path = county / "roads.geojson"
    rehearsed = gridmap("import", "roads", path, "--dry-run", "--json").document
    assert count("road") == 0
    assert rehearsed["road"] == gridmap("import", "roads", path, "--json").document["road"]


def test_a_pbf_cut_in_half_is_refused(
    gridmap: Call, county: Path, count: Callable[[str], int]
) -> None:
    half = county / "half.osm.pbf"
    half.write_bytes(PBF.read_bytes()[:200_000])
    ended = gridmap("import", "roads", half)
    assert ended.code == 2
    assert ended.err.startswith("gridmap: half.osm.pbf: block ")
    assert count("road") == 0


REFUSED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("import", "roads", "nope.geojson"), "'nope.geojson' does not exist"),
    (("import", "roads", "."), "is a directory"),
    (("import", "pubs", "roads.geojson"), "'pubs' is not one of"),
    (("import", "roads", "roads.geojson", "--map", "highway"), "is not COLUMN=FIELD"),
    (("import", "roads", "roads.geojson", "--map", "fclass=highway"), "no such column"),
    (("import", "roads", "roads.geojson", "--map", "name=label"), "'label' is no field of roads"),
    (("import", "roads", "roads.geojson", "--crs", "mars"), "'mars' is not known"),
    (("import", "roads", "roads.geojson", "--crs", "4547"), "look like degrees"),
    (("import", "roads", "roads.geojson", "--area", "99"), "no area code"),
    (("import", "roads", "roads.geojson", "--area", "990199"), "Not found: area 990199"),
    (("import", "areas", "areas.geojson", "--area", COUNTY), "codes of their own"),
    (("import", "facilities", "facilities.csv"), "facilities.csv: the file has coordinates"),
    (("grids", "check"), "no grids in force"),
    (("grids", "check", ""), "no area code"),
    (("grids", "check", "990105009"), "Not found: area 990105009"),
    (("grids", "draw", COUNTY, "--min", "500", "--max", "300"), "1 <= minimum <= maximum"),
    (("grids", "draw", COUNTY, "--seed", "-1"), "not in the range"),
    (("grids", "export", "--out", "x.geojson"), "no grids in force"),
    (("coverage", "run", "teleport"), "coverage standard teleport"),
    (("coverage", "run", "fire", "--area", "990105001009"), "area 990105001009"),
    (("coverage", "export", str(2**63), "--out", "x.csv"), f"coverage run {2**63}"),
    (("plan", "draft", "\udcff"), "no text in UTF-8"),
    (("plan", "draft", "nothing"), "declared hazard 'nothing'"),
    (("plan", "draft", "nothing", "--as", "nobody"), "account nobody"),
    (("plan", "export", "1", "--out", "x.json"), "plan 1"),
    (("jobs", "show", "-1"), "No such option"),
    (("jobs", "show", "99999999999999999999"), "job 99999999999999999999"),
    (("jobs", "cancel", "1"), "job 1"),
    (("demo", "load", "atlantis"), "do not belong in a production database"),
    (("bench", "nothing"), "no benchmark 'nothing'"),
    (("fly",), "No such command 'fly'"),
)


def test_wrong_arguments_exit_with_2(gridmap: Call, county: Path) -> None:
    assert county.is_dir()
    for arguments, words in REFUSED:
        ended = gridmap(*arguments)
        assert (ended.code, ended.out) == (2, ""), arguments
        assert words in " ".join(ended.err.split()), arguments


def test_what_lies_in_another_county_is_refused(
    gridmap: Call, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = shapely.LineString([(115.0, 31.0), (115.01, 31.0)])
    path = write(county / "far.geojson", [({"highway": "residential"}, far)])
    assert "nothing of it lies in the county" in gridmap("import", "roads", path).err
    monkeypatch.setenv("GRIDMAP_BOUNDS", "114,30,114.405,31")
    ended = gridmap("import", "roads", county / "roads.geojson")
    assert ended.code == 2
    assert "outside the bounds 114,30,114.405,31" in ended.err


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("king:990105", "with a role of"),
        ("planner:99", "area or grid '99'"),
        ("planner:990199", "area or grid '990199'"),
    ],
)
def test_an_account_needs_a_role_in_a_place_that_exists(
    gridmap: Call, county: Path, count: Callable[[str], int], role: str, words: str
) -> None:
    assert county.is_dir()
    given = ("--display-name", "某", "--role", role, "--password", "Correct-horse-9")
    ended = gridmap("user", "add", "somebody", *given)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert count("app_user") == 0


def test_no_file_is_left_where_an_export_fails(gridmap: Call, county: Path) -> None:
    before = set(os.listdir(county))
    assert gridmap("coverage", "export", 1, "--out", "x.csv").code == 2
    assert set(os.listdir(county)) == before
