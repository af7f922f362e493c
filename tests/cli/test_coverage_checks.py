"""`gridmap coverage certify` and `verify`: what they give, and how they end."""

import zipfile
from pathlib import Path

import pytest
from calling import Call

from gridmap.model.access import system_scope
from gridmap.store.database import Database

pytestmark = pytest.mark.database


@pytest.fixture
def run(gridmap: Call, county: Path, worker: None) -> int:
    for kind, name, more in (
        ("roads", "roads.geojson", ()),
        ("buildings", "buildings.geojson", ()),
        ("households", "households.csv", ()),
        ("facilities", "facilities.csv", ("--crs", "wgs84")),
    ):
        ended = gridmap("import", kind, county / name, *more)
        assert ended.code == 0, ended.err
    ended = gridmap("coverage", "run", "fire", "--json")
    assert ended.code == 0, ended.err
    return int(ended.document["id"])


def alter(file: Path, to: Path) -> str:
    """Alter the metres of the first household; give its label."""
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(to, "w") as out:
        for name in packed.namelist():
            content = packed.read(name)
            if name == "households.csv":
                lines = content.decode().splitlines(keepends=True)
                columns, cells = lines[0].strip().split(","), lines[1].split(",")
                cells[columns.index("metres")] = "1.25"
                content = "".join([lines[0], ",".join(cells), *lines[2:]]).encode()
            out.writestr(name, content)
    return cells[0]


def test_certify_and_verify(gridmap: Call, run: int, tmp_path: Path, store: Database) -> None:
    out = tmp_path / "run.zip"
    said = gridmap("coverage", "certify", run, "--out", out, "--json").document
    assert said["bytes"] == out.stat().st_size
    for subject in (run, out):
        ended = gridmap("coverage", "verify", subject, "--json")
        assert (ended.code, ended.document["sound"], ended.document["findings"]) == (0, True, [])
        assert ended.document["households"] == said["households"] > 0
    assert "sound: True" in gridmap("coverage", "verify", out).out

    altered = tmp_path / "altered.zip"
    label = alter(out, altered)
    ended = gridmap("coverage", "verify", altered, "--json")
    assert ended.code == 1
    found = [(one["row"], one["label"], one["column"]) for one in ended.document["findings"]]
    assert found == [(None, "", "sha256"), (0, label, "metres")]
    ended = gridmap("coverage", "verify", altered)
    assert ended.code == 1
    assert f"households.csv, row 0 ({label}), metres" in ended.out

    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE coverage_part SET seconds[1] = 1234")
    ended = gridmap("coverage", "verify", run, "--json")
    assert ended.code == 1
    assert {one["table"] for one in ended.document["findings"]} == {"coverage_result"}


def test_what_cannot_be_checked(gridmap: Call, county: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.zip"
    nothing.write_bytes(b"nothing")
    ended = gridmap("coverage", "verify", nothing)
    assert ended.code == 2
    assert "not a run file" in ended.err
    for subject in ("missing.zip", "0", "-1", "1.5", str(2**63), "9" * 50, "١"):
        assert gridmap("coverage", "verify", "--", subject).code == 2
    for command in (("verify", 7), ("certify", 7, "--out", tmp_path / "x.zip")):
        ended = gridmap("coverage", *command)
        assert ended.code == 2
        assert "coverage run 7" in ended.err
    assert not (tmp_path / "x.zip").exists()


def test_a_run_says_how_much_ground_each_station_serves(gridmap: Call, run: int) -> None:
    ended = gridmap("coverage", "run", "fire")
    assert ended.code == 0, ended.err
    lines = [line for line in ended.out.splitlines() if line.startswith("ground: ")]
    whole = gridmap("coverage", "run", "fire", "--json").document["totals"]["grounds"]
    assert len(lines) == len(whole) > 0
    assert all(f"{row['km2']:.2f} km2" in line for line, row in zip(lines, whole, strict=True))
