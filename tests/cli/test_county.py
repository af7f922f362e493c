"""A county of one's own, from files to a plan, by nothing but the command line."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from calling import Call
from county_files import COMMUNITY, COUNTY, ROOMS, SIZE

from gridmap.model.coverage_seeds import SEEDS

pytestmark = pytest.mark.database
HOUSEHOLDS = SIZE * SIZE * ROOMS


def bring_all_in(gridmap: Call, county: Path) -> None:
    for kind, name, more in (
        ("roads", "roads.geojson", ()),
        ("buildings", "buildings.geojson", ()),
        ("households", "households.csv", ()),
        ("facilities", "facilities.csv", ("--crs", "wgs84")),
        ("hazards", "hazards.gpkg", ()),
    ):
        ended = gridmap("import", kind, county / name, *more, "--json")
        assert ended.code == 0, ended.err
        assert ended.err == ""  # no progress bar where nobody watches
        table = {"households": "household", "facilities": "facility"}.get(kind, kind[:-1])
        assert ended.document[table]["inserted"] > 0


@pytest.mark.usefixtures("worker")
def test_from_files_to_a_plan(
    gridmap: Call, county: Path, count: Callable[[str], int], tmp_path: Path
) -> None:
    bring_all_in(gridmap, county)
    assert count("household WHERE geom IS NULL") == 0
    assert count("hazard WHERE households = 0") == 0  # who is inside is counted at the door

    drawn = gridmap("grids", "draw", COUNTY, "--json")
    assert drawn.document["communities"] == 1
    checked = gridmap("grids", "check", "--json")
    assert checked.code == 0
    assert checked.document["households"] == HOUSEHOLDS
    assert checked.document["faults"] == []
    assert checked.document["within"] == checked.document["grids"] == drawn.document["grids"]
    again = gridmap("grids", "draw", COUNTY)
    assert (again.code, again.out) == (2, "")

    run = gridmap("coverage", "run", "fire", "--json")
    totals = run.document["totals"]
    assert totals["covered"] + totals["uncovered"] == totals["households"] == HOUSEHOLDS
    assert run.err == f"job {run.document['job']}\n"

    plan = gridmap("plan", "draft", "低洼积水", "--json").document
    assert plan["state"] == "drafted"
    assert plan["totals"]["households"] > 0
    assert plan["person_seconds"] >= plan["bound"] > 0

    exports(gridmap, tmp_path, run.document["id"], plan)


def exports(gridmap: Call, folder: Path, run_id: int, plan: dict[str, object]) -> None:
    out = folder / "run.csv"
    assert gridmap("coverage", "export", run_id, "--out", out, "--json").document == {
        "rows": HOUSEHOLDS,
        "file": str(out),
    }
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["facility"] for row in rows} <= {"'=1+1", ""}
    assert "'=1+1" in {row["facility"] for row in rows}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]

    grids = folder / "grids.geojson"
    assert gridmap("grids", "export", "--out", grids).code == 0
    written = json.loads(grids.read_text("utf-8"))
    assert "crs" not in written  # RFC 7946, and what our own import takes
    assert {grid["properties"]["社区编码"] for grid in written["features"]} == {COMMUNITY}
    parts = folder / "micro.geojson"
    divided = gridmap("grids", "micro", "--out", parts, "--json")
    assert (divided.code, divided.document["file"]) == (0, str(parts))
    inside = [each["properties"] for each in json.loads(parts.read_text("utf-8"))["features"]]
    assert len(inside) == divided.document["micro_grids"] > len(written["features"])
    assert sum(each["户数"] for each in inside) == HOUSEHOLDS
    for form, system in (("gpkg", "cgcs2000"), ("shp", "gauss_kruger")):
        told = ("--format", form, "--crs", system, "--out", folder / f"g.{form}")
        assert gridmap("grids", "export", *told).code == 0
    assert gridmap("grids", "export", "--crs", "cgcs2000", "--out", folder / "no.geojson").code == 2
    assert not (folder / "no.geojson").exists()

    whole = folder / "plan.json"
    ended = gridmap("plan", "export", plan["id"], "--format", "json", "--out", whole)
    assert ended.code == 0
    assert len(json.loads(whole.read_text("utf-8"))["assignments"]) == ended_rows(ended.out)
    assert gridmap("plan", "export", plan["id"], "--out", folder / "plan.geojson").code == 0
    paper = folder / "plan.pdf"
    ended = gridmap("plan", "export", plan["id"], "--format", "pdf", "--out", paper, "--json")
    assert ended.code == 0, ended.err
    assert paper.read_bytes().startswith(b"%PDF")
    assert ended.document["pages"] >= 1
    wrong = gridmap(
        *("plan", "export", plan["id"], "--format", "pdf", "--grid", "990101001001099"),
        *("--out", folder / "none.pdf"),
    )
    assert wrong.code == 2
    assert not (folder / "none.pdf").exists()
    assert gridmap("plan", "export", plan["id"], "--grid", "1", "--out", paper).code == 2
    assert gridmap("plan", "export", 999, "--format", "pdf", "--out", paper).code == 2
    left = {path.name for path in folder.iterdir() if path.name.startswith(".gridmap-")}
    assert left == set()


def ended_rows(out: str) -> int:
    return int(out.splitlines()[0].removeprefix("rows: "))


def test_every_file_twice_changes_nothing(
    gridmap: Call, county: Path, count: Callable[[str], int]
) -> None:
    bring_all_in(gridmap, county)
    events = count("event")
    for kind, name in (("areas", "areas.geojson"), ("roads", "roads.geojson")):
        document = gridmap("import", kind, county / name, "--json").document
        assert document[kind[:-1]]["inserted"] == document[kind[:-1]]["updated"] == 0
    document = gridmap("import", "hazards", county / "hazards.gpkg", "--json").document
    assert document["hazard"] == {"inserted": 0, "updated": 0, "unchanged": 1}
    assert count("event") == events


def test_a_new_county_has_the_standards_every_county_starts_with(
    gridmap: Call, county: Path, count: Callable[[str], int]
) -> None:
    assert count("coverage_standard") == len(SEEDS)
    gridmap("import", "areas", county / "areas.geojson")
    assert count("coverage_standard") == len(SEEDS)


def test_the_standards_of_an_area_are_listed(gridmap: Call, county: Path) -> None:
    assert county.is_dir()  # its areas are in the database
    document = gridmap("coverage", "standards", "--area", COUNTY, "--json").document
    assert document["area"] == COUNTY
    assert sorted(one["key"] for one in document["standards"]) == sorted(one.key for one in SEEDS)
    fire = next(one for one in document["standards"] if one["key"] == "fire")
    assert (fire["limit"], fire["by"], fire["version"]) == (300, "seconds", 1)
    assert [band["key"] for band in fire["bands"]] == ["day", "night", "rain"]
    said = gridmap("coverage", "standards").out
    assert "fire: Fire station, 5 minutes (emergency, 300 seconds, to_household)" in said
    assert gridmap("coverage", "standards", "--area", "123456").code == 2
