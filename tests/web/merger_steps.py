"""What the tests of merged communities do: propose, take, look at what a draft has."""

from __future__ import annotations

import two_communities as town
from webtown import post

from jobs.run import work


def proposed(client, store, address, communities=(town.ONE, town.TWO), **more):
    wanted = {"kind": "merge_communities", "communities": list(communities), **more}
    answer = post(client, f"{address}/proposals", wanted)
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    return client.get(f"{address}/proposals/{answer.get_json()['id']}").get_json()


def take(client, address, proposal, base):
    return post(client, f"{address}/proposals/{proposal['id']}/take", {"base": base})


def features(client, address, what="grids"):
    return client.get(f"{address}/{what}").get_json()["features"]


def communities(client, address):
    return sorted({each["properties"]["community"] for each in features(client, address)})


def errors(client, address):
    found = client.get(f"{address}/grids").get_json()["faults"]
    return [each for each in found if each["severity"] == "error"]


def everything(client, address):
    return [
        client.get(f"{address}/{what}").get_json()["features"]
        for what in ("grids", "arcs", "blocks")
    ]
