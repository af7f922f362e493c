"""`gridmap coverage sites` and `coverage critical`: answers in words and as one document."""

from pathlib import Path

import pytest
from calling import Call
from county_files import COUNTY

pytestmark = pytest.mark.database


@pytest.mark.usefixtures("worker")
def test_sites_and_what_cover_hangs_on(ready: Call, tmp_path: Path) -> None:
    found = ready("coverage", "sites", "fire", "--limit", 90, "--json").document
    assert found["proven"] is True
    assert found["sites"][0]["households"] > 0
    assert found["candidates"]["kind"] == "crossings"
    told = ready("coverage", "sites", "fire", "--limit", 90)
    assert told.code == 0
    first = told.out.splitlines()[1]
    assert f"+{found['sites'][0]['households']} households" in first
    assert "(proven)" in told.out

    file = tmp_path / "sites.zip"
    said = ready("coverage", "certify", found["job"], "--sites", "--out", file, "--json").document
    assert said["bytes"] == file.stat().st_size
    for subject in ((file,), (found["job"], "--sites")):
        checked = ready("coverage", "verify", *subject, "--json")
        assert checked.code == 0
        assert checked.document["sound"] is True
        assert checked.document["stated"]["job"] == found["job"]
        assert checked.document["sites"] == said["sites"]

    several = ready(
        "coverage", "sites", "fire", "--method", "cover_most", "--count", 2, "--area", COUNTY,
        "--limit", 90, "--weight", "households", "--candidates", "buildings", "--json",
    ).document  # fmt: skip
    assert several["count"] == 2
    assert several["candidates"]["kind"] == "buildings"
    least = ready("coverage", "sites", "fire", "--method", "least_missed")
    assert "households" in least.out

    hanging = ready("coverage", "critical", "fire", "--json").document
    assert hanging["facilities"][0]["people"] > 0
    words = ready("coverage", "critical", "fire")
    assert f"{hanging['streets_found']} streets" in words.out
    assert f"{hanging['facilities'][0]['people']} people" in words.out


def test_what_does_not_fit_is_bad_input(ready: Call) -> None:
    for arguments in (
        ("sites", "nothing"),
        ("sites", "fire", "--method", "best"),
        ("sites", "fire", "--method", "p_median"),
        ("sites", "fire", "--count", 3),
        ("sites", "fire", "--limit", -1),
        ("sites", "fire", "--limit", "nan"),
        ("sites", "fire", "--method", "p_median", "--count", 51),
        ("sites", "shelter"),
        ("critical", "nothing"),
        ("critical", "fire", "--area", "990199"),
        ("critical", "fire", "--limit", 1e12),
    ):
        ended = ready("coverage", *arguments)
        assert (ended.code, ended.out) == (2, ""), (arguments, ended)
        assert ended.err
