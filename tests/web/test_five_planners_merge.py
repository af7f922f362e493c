"""Five planners where two communities become one and two again, while all go on drawing."""

from __future__ import annotations

from typing import Any

import lattice_town as lattice
import pytest
import two_communities as town
from scenario_steps import done, opened
from test_five_planners import Planner, stored, work_at_once
from webtown import post, sign_in

from jobs.run import work


@pytest.fixture(scope="module", autouse=True)
def two(store, people):
    town.build(store)


class Merger(Planner):
    """A planner who now and then takes the merger, if it was undone meanwhile, or names it."""

    def __init__(self, client: Any, address: str, seed: int, proposal: int) -> None:
        super().__init__(client, address, seed)
        self.proposal, self.taken = proposal, 0

    def _move(self) -> None:
        chance = self.random.random()
        if chance < 0.65:
            super()._move()
            return
        wanted = {"base": self.page.version}
        if chance < 0.8:
            wanted |= {"kind": "name_community", "community": town.MERGED}
            name = f"社区{self.random.randrange(99)}"
            answer = post(self.client, f"{self.address}/operations", wanted | {"name": name})
        else:
            answer = post(self.client, f"{self.address}/proposals/{self.proposal}/take", wanted)
            self.taken += answer.status_code == 200
        if answer.status_code not in (200, 400, 409):
            self.failures.append(answer.get_json())
        self.page.catch_up()


def test_five_planners_merge_and_part_communities(app, browser, store):
    planner = browser("planner")
    address = opened(planner, lattice.TOWNSHIP, "五人合并")
    start = stored(store, address)
    asked = post(
        planner,
        f"{address}/proposals",
        {"kind": "merge_communities", "communities": [town.ONE, town.TWO]},
    ).get_json()
    work(store, asked["job"])
    planners = []
    for number, name in enumerate(("planner", "lead", "planner", "lead", "planner")):
        client = app.test_client()
        assert sign_in(client, name).status_code == 303
        planners.append(Merger(client, address, 700 + number, asked["id"]))
    # one of them merges before all begin, so that it is drawn across what was a border
    wanted = {"base": 0}
    assert post(planner, f"{address}/proposals/{asked['id']}/take", wanted).status_code == 200
    done(planner, address, 1, "name_community", community=town.MERGED, name="湖畔社区")
    work_at_once(planners, 6, browser, store, address, start)
