"""Railways and defibrillators of an extract."""

from pathlib import Path

import pytest

import geodata.demo
from geodata.readers import osm, osm_tags

MONACO = Path(geodata.demo.__file__).parent / "monaco.osm.pbf"
HEAD = '<?xml version="1.0"?><osm version="0.6"><node id="1" lon="0" lat="0"/>'


@pytest.mark.parametrize(
    ("tags", "runs"),
    [
        ({"railway": "rail"}, True),
        ({"railway": "subway"}, True),
        ({"railway": "light_rail"}, True),
        ({"railway": "tram"}, False),
        ({"railway": "abandoned"}, False),
        ({"railway": "station"}, False),
        ({"highway": "primary"}, False),
    ],
)
def test_a_railway_is_what_trains_run_on(tags: dict[str, str], runs: bool) -> None:
    assert osm_tags.is_railway(tags) is runs


def test_a_defibrillator_is_a_facility() -> None:
    assert osm_tags.facility_kind({"emergency": "defibrillator"}) == "aed"


def test_tracks_say_whether_they_are_on_a_bridge_or_in_a_tunnel(tmp_path: Path) -> None:
    ways = "".join(
        f'<way id="{n}"><nd ref="1"/><nd ref="2"/><tag k="railway" v="rail"/>{more}</way>'
        for n, more in enumerate(
            ("", '<tag k="bridge" v="yes"/>', '<tag k="tunnel" v="yes"/>'), start=5
        )
    )
    path = tmp_path / "rails.osm"
    path.write_text(f'{HEAD}<node id="2" lon="0.01" lat="0"/>{ways}</osm>', encoding="utf-8")
    found = osm.read(path).railways
    assert found[["bridge", "tunnel"]].to_numpy().tolist() == [
        [False, False],
        [True, False],
        [False, True],
    ]
    assert found["osm_id"].tolist() == ["way/5", "way/6", "way/7"]


def test_the_railway_of_monaco_runs_through_tunnels() -> None:
    found = osm.read(MONACO).railways
    assert found["tunnel"].sum() > 5
    assert not found["tunnel"].all()
