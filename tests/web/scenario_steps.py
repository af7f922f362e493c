"""What the tests of scenarios do with one: open, edit, validate, approve, publish."""

from __future__ import annotations

import json
from typing import Any

from webtown import post

from gridmap.model.access import system_scope
from jobs.run import work

COMMUNITY = "990101001001"
WEST, EAST = COMMUNITY + "001", COMMUNITY + "002"
# across the western grid, from border to border
ACROSS = {"type": "LineString", "coordinates": [[114.399, 30.512], [114.411, 30.512]]}


def line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def opened(client: Any, area: str = COMMUNITY, name: str = "方案") -> str:
    """Open a scenario and give its address."""
    answer = post(client, "/api/scenarios", {"area": area, "name": name})
    assert answer.status_code == 201, answer.get_json()
    return f"/api/scenarios/{answer.get_json()['id']}"


def operate(client: Any, address: str, base: int, kind: str, **fields: Any) -> Any:
    return post(client, f"{address}/operations", {"base": base, "kind": kind, **fields})


def done(client: Any, address: str, base: int, kind: str, **fields: Any) -> Any:
    answer = operate(client, address, base, kind, **fields)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def shapes(client: Any, address: str) -> dict[str, str]:
    found = client.get(f"{address}/grids").get_json()["features"]
    return {each["id"]: json.dumps(each["geometry"]) for each in found}


def shared_arc(client: Any, address: str) -> str:
    arcs = client.get(f"{address}/arcs").get_json()["features"]
    (arc,) = [each["id"] for each in arcs if each["properties"]["movable"]]
    return str(arc)


def validated(client: Any, store: Any, address: str) -> Any:
    """Have the scenario validated, by the code a worker runs, and give it."""
    answer = post(client, f"{address}/validate", {})
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    return client.get(address).get_json()


def approved(browser: Any, store: Any, address: str, by: str = "lead") -> None:
    found = validated(browser("planner"), store, address)
    assert found["state"] == "valid", found["findings"]
    assert post(browser(by), f"{address}/approve", {}).status_code == 200


def value(store: Any, sql: str) -> Any:
    with store.transaction(system_scope()) as tx:
        return tx.value(sql)


def rows(store: Any, sql: str) -> Any:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql)
