"""Street blocks: cut when somebody first wants them, once, whoever else asks at the same time."""

from threading import Barrier, Thread

import pytest
from scenario_steps import COMMUNITY, EAST, WEST, done, line, opened, value
from webtown import COUNTY, sign_in

BOX = "114.40,30.50,114.42,30.52"


@pytest.fixture
def address(browser):
    return opened(browser("planner"))


def cut(store, address):
    """Count the blocks that are stored of a scenario."""
    number = int(address.rpartition("/")[2])
    return value(store, f"SELECT count(*) FROM scenario_block WHERE scenario_id = {number}")


def test_a_map_is_shown_and_edited_before_it_is_cut(browser, store, address):
    planner = browser("planner")
    for part in ("", "/grids", "/arcs", "/measures"):
        assert planner.get(address + part).status_code == 200
    done(planner, address, 0, "split", grid=WEST, line=line((114.40, 30.51), (114.41, 30.51)))
    assert cut(store, address) == 0
    blocks = planner.get(f"{address}/blocks").get_json()
    assert cut(store, address) == len(blocks["features"]) > 0
    assert blocks["version"] == 1
    # each lies in one of the grids of now, not of those of the opening
    grids = planner.get(f"{address}/grids").get_json()["features"]
    assert {each["properties"]["grid"] for each in blocks["features"]} == {
        each["id"] for each in grids
    }


def test_whoever_asks_at_once_gets_the_same_blocks(app, store, address):
    barrier, answers = Barrier(4), []
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        assert sign_in(client, "planner").status_code == 303

    def ask(client):
        barrier.wait()
        found = client.get(f"{address}/blocks").get_json()["features"]
        answers.append(sorted(each["id"] for each in found))

    threads = [Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(each == answers[0] for each in answers)
    assert cut(store, address) == len(answers[0]) > 0


def test_buildings_are_handed_over_before_anybody_has_asked_for_blocks(browser, store, address):
    planner = browser("planner")
    (house,) = planner.get(f"{address}/buildings?bbox={BOX}").get_json()["features"]
    assert cut(store, address) == 0
    done(planner, address, 0, "hand_over", buildings=[house["id"]], to=EAST)
    assert cut(store, address) > 0


def test_blocks_of_a_county_stay_in_their_communities(browser):
    planner = browser("planner")
    address = opened(planner, COUNTY, "全县")
    communities = {
        each["id"]: each["properties"]["community"]
        for each in planner.get(f"{address}/grids").get_json()["features"]
    }
    blocks = planner.get(f"{address}/blocks").get_json()["features"]
    assert {each["properties"]["grid"] for each in blocks} == set(communities)
    for each in blocks:
        assert each["properties"]["community"] == communities[each["properties"]["grid"]]
    assert COMMUNITY in communities.values()
