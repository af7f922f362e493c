"""A size that no border can mend says why with numbers, live and in a validation."""

from __future__ import annotations

from datetime import date
from typing import Any

import lattice_town as town
import pytest
from scenario_steps import done, opened, validated

from gridmap.model.access import Scope, system_scope
from gridmap.model.grid_rules import Entry
from gridmap.services import grid_rules

ALL = 6 * 18  # households of the town: six grids of six blocks with three each


@pytest.fixture(autouse=True)
def built(store, people):
    """The lattice town, in one piece."""
    with store.transaction(system_scope()) as tx:
        if tx.value("SELECT count(*) FROM area WHERE code = :code", code=town.CODE):
            tx.execute("DELETE FROM scenario WHERE area_code = :code", code=town.CODE)
            return
    town.build(store)


def ruled(store: Any, minimum: int, maximum: int) -> None:
    entry = Entry(town.CODE, "comprehensive", "any", "本县", date(2026, 1, 1), minimum, maximum)
    grid_rules.put(store, Scope((town.CODE,)), entry)


def sizes(client: Any, address: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (each["kind"], each["grids"][0], each["figures"])
        for each in client.get(f"{address}/grids").get_json()["faults"]
        if each["kind"] in ("undersize", "oversize")
    ]


@pytest.mark.parametrize(
    ("rule", "kind", "why"),
    [
        ((15, 21), None, None),
        ((200, 300), "undersize", {"reason": "community_too_small", "community_households": ALL}),
        (
            (40, 45),
            "undersize",
            {"reason": "no_count_fits", "community_households": ALL, "fewest": 3, "most": 2},
        ),
        ((1, 2), "oversize", {}),
        # five grids of 20 and more would do: a border can mend this
        ((19, 27), "undersize", {}),
        ((10, 17), "oversize", {}),
    ],
)
def test_why_a_size_cannot_be_mended(store, browser, rule, kind, why):
    ruled(store, *rule)
    planner = browser("planner")
    address = opened(planner, town.CODE)
    found = sizes(planner, address)
    if kind is None:
        assert found == []
        return
    assert {each[0] for each in found} == {kind}
    assert len(found) == 6
    size = {"households": 18, "minimum": rule[0], "maximum": rule[1]}
    assert all(figures == {**size, **why} for _kind, _key, figures in found), found[0]
    # the same in the answer of an operation, and in what a validation keeps
    answer = done(planner, address, 0, "rename", grid=town.key(1), name="甲")
    told = [each["figures"] for each in answer["faults"] if each["kind"] == kind]
    assert told == [figures for _kind, _key, figures in found]
    kept = [
        each["figures"]
        for each in validated(planner, store, address)["findings"]
        if each["kind"] == kind
    ]
    assert kept == told


def test_a_building_that_no_border_runs_through(store, browser):
    """Of two grids with too many, one is a single house; a third that is split first is not it."""
    ruled(store, 10, 17)
    houses = {town.key(1): 1, town.key(2): 6}
    with store.transaction(system_scope()) as tx:
        for code, every in houses.items():
            tx.execute(
                "UPDATE household AS h SET building_id = b.id FROM (SELECT id, row_number()"
                "  OVER (ORDER BY id) AS n FROM building WHERE starts_with(source_key, 'lattice'))"
                "  AS b, (SELECT id, row_number() OVER (ORDER BY id) AS n FROM household"
                "  WHERE area_code = :code) AS own"
                " WHERE own.id = h.id AND b.n = 1 + own.n % :every",
                code=code,
                every=every,
            )
    found = {key: figures for _kind, key, figures in sizes(*_open(browser))}
    assert found[town.key(1)]["reason"] == "building_too_large"
    assert found[town.key(1)]["largest"] == 18
    assert "reason" not in found[town.key(2)]
    ruled(store, 1, 9)
    assert not any("reason" in figures for _kind, _key, figures in sizes(*_open(browser)))


def _open(browser: Any) -> tuple[Any, str]:
    planner = browser("planner")
    return planner, opened(planner, town.CODE)


def test_ground_that_lies_apart_is_reckoned_by_itself(store, browser):
    ruled(store, 40, 60)
    with store.transaction(system_scope()) as tx:
        whole = tx.value("SELECT ST_AsBinary(geom) FROM area WHERE code = :code", code=town.CODE)
        # a strait between the western third and the rest
        tx.execute(
            "UPDATE area SET geom = ST_Multi(ST_Difference(geom, ST_MakeEnvelope("
            " :x - 0.00001, :y - 1, :x + 0.00001, :y + 1, 4326))) WHERE code = :code",
            x=town.WEST + 3 * town.SIDE,
            y=town.SOUTH,
            code=town.CODE,
        )
    try:
        planner = browser("planner")
        found = {key: figures for _kind, key, figures in sizes(planner, opened(planner, town.CODE))}
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE area SET geom = ST_GeomFromWKB(:wkb, 4326) WHERE code = :code",
                wkb=bytes(whole),
                code=town.CODE,
            )
    west = {town.key(1), town.key(4)}
    assert set(found) == {town.key(number) for number in range(1, 7)}
    for key, figures in found.items():
        del figures["households"], figures["minimum"], figures["maximum"]
        if key in west:
            assert figures == {"reason": "part_too_small", "whole": 36}
        else:
            assert figures == {
                "reason": "part_no_count_fits",
                "whole": 72,
                "fewest": 2,
                "most": 1,
            }
