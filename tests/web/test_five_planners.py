"""Five planners at one scenario at once: whatever they do, it stays whole and can be taken back."""

from __future__ import annotations

import random
from threading import Barrier, Thread
from typing import Any

import lattice_town as town
import pytest
import shapely
from scenario_replay import Replay
from scenario_steps import opened
from webtown import post, sign_in

from gridmap.model.access import system_scope
from gridmap.store import scenario_grid

HOUSEHOLDS = town.COLUMNS * town.ROWS * town.PER_BLOCK


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)


class Planner:
    """One planner's page: it edits what it holds, and catches up when told that it is behind."""

    def __init__(self, client: Any, address: str, seed: int) -> None:
        self.client, self.address = client, address
        self.random = random.Random(seed)  # noqa: S311 - chance that can be repeated
        self.page = Replay(client, address)
        self.answers: dict[int, int] = {}
        self.failures: list[Any] = []

    def go(self, moves: int, barrier: Barrier) -> None:
        try:
            barrier.wait()
            for _ in range(moves):
                self._move()
            post(self.client, f"{self.address}/locks", {"grids": []})
        except Exception as error:  # a thread's failure is told by the test
            self.failures.append(repr(error))

    def _move(self) -> None:
        kind = self.random.choice(
            ["split", "parts", "merge", "edge", "vertex", "hand", "rename", "undo", "redo", "lock"]
            + ["draw", "shift", "erase"]
        )
        if kind == "lock":
            keys = self.random.sample(sorted(self.page.grids), 1)
            post(self.client, f"{self.address}/locks", {"grids": keys})
            return
        wanted = getattr(self, f"_{kind}")()
        if wanted is None:
            return
        base = self.page.version
        answer = post(self.client, f"{self.address}/operations", {"base": base, **wanted})
        self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
        if answer.status_code == 200 and answer.get_json()["version"] == base + 1:
            self.page.take(answer.get_json())
        else:
            if answer.status_code not in (200, 400, 409):
                self.failures.append(answer.get_json())
            self.page.catch_up()

    def _key(self) -> str:
        return self.random.choice(sorted(self.page.grids))

    def _shape(self, key: str) -> Any:
        return shapely.from_geojson(self.page.grids[key])

    def _arc(self) -> tuple[str, Any] | None:
        inner = [key for key, text in self.page.arcs.items() if '"movable": true' in text]
        if not inner:
            return None
        chosen = self.random.choice(sorted(inner))
        return chosen, shapely.from_geojson(self.page.arcs[chosen])

    def _split(self) -> dict[str, Any]:
        key = self._key()
        west, south, east, north = self._shape(key).bounds
        x = west + self.random.uniform(0.1, 0.9) * (east - west)
        return {
            "kind": "split",
            "grid": key,
            "line": {"type": "LineString", "coordinates": [[x, south - 1e-4], [x, north + 1e-4]]},
        }

    def _parts(self) -> dict[str, Any]:
        return {"kind": "split", "grid": self._key(), "parts": 2}

    def _merge(self) -> dict[str, Any] | None:
        found = self._arc()
        return found and {"kind": "merge", "grids": found[0].split("~")[:2]}

    def _edge(self) -> dict[str, Any] | None:
        found = self._arc()
        if found is None:
            return None
        points = shapely.get_coordinates(found[1])
        along = points[-1] - points[0]
        bend = (points[0] + points[-1]) / 2 + self.random.uniform(-0.4, 0.4) * along[::-1]
        line = [points[0].tolist(), bend.tolist(), points[-1].tolist()]
        return {
            "kind": "move_edge",
            "arc": found[0],
            "line": {"type": "LineString", "coordinates": line},
        }

    def _vertex(self) -> dict[str, Any] | None:
        found = self._arc()
        if found is None:
            return None
        points = shapely.get_coordinates(found[1])
        at = points[self.random.randrange(len(points))]
        place = [float(x) + self.random.uniform(-3e-4, 3e-4) for x in at]
        return {"kind": "move_vertex", "at": at.tolist(), "place": place}

    def _hand(self) -> dict[str, Any]:
        block, key = self.random.choice(sorted(self.page.blocks)), self._key()
        return {"kind": "hand_over", "blocks": [block], "to": key}

    def _rename(self) -> dict[str, Any]:
        key = self._key()
        found = {"kind": "rename", "grid": key, "name": f"名{self.random.randrange(99)}"}
        if '"kind": "special"' in self.page.grids[key]:
            found["special_use"] = self.random.choice(["office", "campus"])
        return found

    def _draw(self) -> dict[str, Any]:
        name, use = f"园{self.random.randrange(99)}", self.random.choice(["park", "market"])
        outline = self._outline()
        return {"kind": "draw_special", "outline": outline, "name": name, "special_use": use}

    def _shift(self) -> dict[str, Any] | None:
        key = self._special()
        return key and {"kind": "move_special", "grid": key, "outline": self._outline()}

    def _erase(self) -> dict[str, Any] | None:
        key = self._special()
        return key and {"kind": "erase_special", "grid": key}

    def _special(self) -> Any:
        found = [key for key, text in self.page.grids.items() if '"kind": "special"' in text]
        return self.random.choice(sorted(found)) if found else None

    def _outline(self) -> dict[str, Any]:
        west = town.WEST + self.random.uniform(0, town.COLUMNS - 2) * town.SIDE
        south = town.SOUTH + self.random.uniform(0, town.ROWS - 1) * town.SIDE
        east, north = west + self.random.uniform(0.2, 2) * town.SIDE, south + 0.8 * town.SIDE
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "coordinates": [ring]}

    def _undo(self) -> dict[str, Any]:
        return {"kind": "undo"}

    def _redo(self) -> dict[str, Any]:
        return {"kind": "redo"}


def stored(store: Any, address: str) -> dict[str, Any]:
    """Every byte of a scenario's grids, but for the version that made them."""
    number = int(address.rsplit("/", 1)[1])
    with store.transaction(system_scope()) as tx:
        keys = [row["key"] for row in scenario_grid.light(tx, number)]
        return scenario_grid.images(tx, number, keys)


def check(rows: dict[str, Any]) -> None:
    """Fail unless the grids fill the community and all its households are in one of them.

    Special grids lie over them, inside the community and beside one another.
    """
    over = [row for row in rows.values() if row["kind"] == "special"]
    rows = {key: row for key, row in rows.items() if row["kind"] == "comprehensive"}
    check_over(over)
    shapes = shapely.from_wkb([bytes.fromhex(row["geom"]) for row in rows.values()])
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapely.get_parts(shapes))
    outline = town.noded(0, 0, town.COLUMNS, town.ROWS)
    whole = shapely.coverage_union_all(shapes)
    assert shapely.area(shapely.symmetric_difference(whole, outline)) < 1e-9 * outline.area
    assert sum(row["households"] for row in rows.values()) == HOUSEHOLDS


def check_over(rows: list[dict[str, Any]]) -> None:
    shapes = shapely.from_wkb([bytes.fromhex(row["geom"]) for row in rows])
    assert shapely.is_valid(shapes).all()
    outline = town.noded(0, 0, town.COLUMNS, town.ROWS)
    assert all(shapely.area(shapely.difference(shape, outline)) < 1e-15 for shape in shapes)
    for number, shape in enumerate(shapes):
        assert all(
            shapely.area(shapely.intersection(shape, one)) < 1e-15 for one in shapes[:number]
        )


def clients(app: Any) -> list[Any]:
    """Sign five pages in, once: whoever does it again and again is slowed down."""
    made = []
    for name in ("planner", "lead", "planner", "lead", "planner"):
        client = app.test_client()
        assert sign_in(client, name).status_code == 303
        made.append(client)
    return made


def five(pages: list[Any], browser: Any, store: Any, seed: int, moves: int) -> dict[int, int]:
    address = opened(browser("planner"), town.CODE, f"五人{seed}")
    start = stored(store, address)
    planners = [
        Planner(client, address, 100 * seed + number) for number, client in enumerate(pages)
    ]
    work_at_once(planners, moves, browser, store, address, start)
    answers: dict[int, int] = {}
    for one in planners:
        for status, count in one.answers.items():
            answers[status] = answers.get(status, 0) + count
    browser_answer = post(browser("planner"), f"{address}/discard", {})
    assert browser_answer.status_code == 200
    return answers


def work_at_once(planners, moves, browser, store, address, start):
    """All draw at once, end with the same picture, and undoing all of it gives the start."""
    barrier = Barrier(len(planners))
    threads = [Thread(target=one.go, args=(moves, barrier)) for one in planners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each for one in planners for each in one.failures] == []
    check(stored(store, address))
    for one in planners:
        one.page.catch_up()
    fresh = Replay(browser("planner"), address).held()
    for one in planners:
        assert one.page.held() == fresh
    undo_all(browser("planner"), address)
    assert stored(store, address) == start


def undo_all(client: Any, address: str) -> None:
    while True:
        head = client.get(address).get_json()
        if not head["undo"]:
            return
        wanted = {"base": head["version"], "kind": "undo"}
        assert post(client, f"{address}/operations", wanted).status_code == 200


def test_five_planners_keep_a_scenario_whole(app, browser, store):
    answers = five(clients(app), browser, store, seed=1, moves=6)
    # they did edit, and did meet
    assert answers[200] >= 5, answers


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_five_planners_for_a_long_day(app, browser, store):
    total: dict[int, int] = {}
    pages = clients(app)
    for seed in range(2, 12):
        for status, count in five(pages, browser, store, seed, moves=40).items():
            total[status] = total.get(status, 0) + count
    assert total[200] > 200, total
    assert total[409] > 50, total
