"""Monaco's streets, facilities and homes: all standards give what the whole table gives."""

from dataclasses import asdict
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pytest
from demo_towns import build
from shapely.geometry import box
from test_coverage_properties import check_full, check_home, tables

from geodata.catchment import scores
from geodata.coverage import Standard, cover
from geodata.coverage_bands import cover_bands
from geodata.network import Network
from geodata.readers import osm
from geodata.street_profiles import profile_of
from gridmap.model.coverage_seeds import SEEDS

FLOODED = box(7.4135, 43.7265, 7.4190, 43.7300)  # Fontvieille


@pytest.fixture(scope="module")
def town():
    return build("monaco")


@pytest.fixture(scope="module")
def railway():
    found = osm.read(files("geodata.demo") / "monaco.osm.pbf").railways
    return found[~(found.bridge.astype(bool) | found.tunnel.astype(bool))]


@pytest.fixture(scope="module")
def homes(town):
    """Every fortieth household."""
    rows = town.households.iloc[::40].reset_index(drop=True)
    return rows[["people", "geometry"]].astype({"people": int})


@pytest.fixture(scope="module")
def networks(town):
    """One network for each profile and speed band."""
    made = {}

    def of(profile, speeds):
        key = (profile, tuple(sorted(speeds.items())))
        if key not in made:
            made[key] = Network.from_roads(town.roads, profile_of(profile).slowed(speeds))
        return made[key]

    return of


def facilities_of(town, seed):
    """Those of the standard; every fourth is off, those without a crew are their own."""
    found = town.facilities[town.facilities.kind.isin(seed.facility_kinds)].reset_index(drop=True)
    crew = [name if isinstance(name, str) else None for name in found.crew]
    frame = gpd.GeoDataFrame(geometry=found.geometry).assign(
        open=np.arange(len(found)) % 4 != 3, crew=crew
    )
    if seed.capacity:
        frame["capacity"] = (found.capacity.astype(float) / 60).round()  # a fortieth of the homes
    return frame


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.key)
def test_every_standard(seed, town, homes, networks, railway):
    standard = Standard(
        seed.key,
        seed.profile,
        float(seed.max_value),
        seed.measure,
        seed.direction,
        seed.capacity,
    )
    barriers = railway if "railway" in seed.barriers else None
    sites = facilities_of(town, seed)
    bands = {
        band.key: networks(seed.profile, asdict(band)["speeds"]).close(FLOODED)
        for band in seed.bands
    }
    frame = cover_bands(bands, homes, sites, standard, barriers)
    first = next(iter(bands.values())).barred(barriers)
    value, other = tables(first, homes, sites, standard)
    unclosed, _ = tables(first.unclosed, homes, sites, standard)
    snapped = first.snap(homes).edge.notna()
    for row, home in enumerate(frame.itertuples()):
        check_home(home, row, frame, value, other, unclosed, sites, standard, snapped[row])
    if seed.capacity:
        check_full(frame, homes, sites, value, standard)
        assert (frame.reason == "full").any()
        check_scores(scores(first, homes, sites, standard), homes, sites)
    for key, network in bands.items():
        alone = cover(network, homes, sites, standard, barriers)
        assert frame[f"in_{key}"].tolist() == alone.covered.tolist()


def check_scores(found, homes, sites):
    """What people are given is what there is."""
    offered = sites.capacity[found.facilities.demand > 0].sum()
    given = (homes.people * found.households.score.fillna(0)).sum()
    assert given == pytest.approx(offered)
    assert offered > 0
