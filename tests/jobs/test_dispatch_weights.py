"""What counts when teams are ranked: data of an area, in versions, seen in the order it gives."""

from __future__ import annotations

from typing import Any

import pytest
from desk import at
from lattice import COUNTY
from test_dispatch_answers import TOWN, account, asked, incident, team

from geodata.dispatching import Weights
from gridmap.model.access import Role, system_scope
from gridmap.model.problem import Problem
from gridmap.services import dispatch_weights
from gridmap.services.access import Viewer
from gridmap.store.database import Database

pytestmark = pytest.mark.database
__all__ = ["account"]
PLAIN = {
    "skill_seconds": 600,
    "kind_seconds": 1200,
    "load_seconds": 900,
    "person_seconds": 0.5,
    "most_cover_seconds": 1800,
}


def commander(area: str = COUNTY) -> Viewer:
    return Viewer(1, "officer", "O", "zh_CN", demo=False, roles=((Role.COMMANDER, area),))


def put(store: Database, area: str, seen: int, retired: bool = False, **values: Any) -> Any:
    given = PLAIN | values
    return dispatch_weights.put(store, commander(), None, area, seen, given, "why", retired=retired)


def test_a_weight_of_the_area_changes_the_order_and_is_named(store: Database) -> None:
    near = team(store, "near, unskilled", at(4, 5), skills=[])
    far = team(store, "far, skilled", at(10, 4))
    number = incident(store, at(4, 4))
    found = asked(store, number)
    assert found["chosen"]["team"] == far
    assert (found["weights"]["version"], found["weights"]["skill"]) == (0, Weights().skill)
    put(store, COUNTY, 0, skill_seconds=0)
    found = asked(store, number)
    assert found["chosen"]["team"] == near
    assert found["chosen"]["why"]["skills"]["cost"] == 0
    assert (found["weights"]["area"], found["weights"]["version"]) == (COUNTY, 1)
    # the township's own hold before the county's, until it takes them back
    put(store, TOWN, 0, skill_seconds=3600)
    found = asked(store, number)
    assert found["chosen"]["team"] == far
    assert found["next"][0]["why"]["skills"]["cost"] == 3600
    put(store, TOWN, 1, retired=True)
    assert asked(store, number)["chosen"]["team"] == near
    with store.transaction(system_scope()) as tx:
        trail = tx.all("SELECT payload FROM event WHERE kind = 'dispatch.weights_set' ORDER BY seq")
    assert [row["payload"] for row in trail] == [
        {"version": 1, "retired": False},
        {"version": 1, "retired": False},
        {"version": 2, "retired": True},
    ]


def test_of_two_who_set_it_at_once_the_second_is_told(store: Database) -> None:
    put(store, COUNTY, 0)
    with pytest.raises(Problem) as late:
        put(store, COUNTY, 0, load_seconds=1)
    assert late.value.status == 409
    with pytest.raises(Problem) as nothing:
        put(store, TOWN, 0, retired=True)
    assert nothing.value.status == 409
    with pytest.raises(Problem) as elsewhere:
        put(store, "990102", 0)
    assert elsewhere.value.status == 403
    shown = dispatch_weights.listing(store, commander())
    assert [(row["area"], row["version"], row["newest"]) for row in shown["items"]] == [
        (COUNTY, 1, True)
    ]
    assert shown["default"] == {name: float(value) for name, value in PLAIN.items()}
