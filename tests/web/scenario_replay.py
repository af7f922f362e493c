"""A planner's page that never loads again: it applies what the server says has changed."""

from __future__ import annotations

import json
from typing import Any


class Replay:
    """What a page holds of a scenario: text by id, so that a byte that differs is seen."""

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        grids = client.get(f"{address}/grids").get_json()
        self.version = grids["version"]
        self.grids = _texts(grids["features"])
        self.arcs = _texts(client.get(f"{address}/arcs").get_json()["features"])
        blocks = client.get(f"{address}/blocks").get_json()["features"]
        self.blocks = {block["id"]: block["properties"]["grid"] for block in blocks}

    def take(self, answer: dict[str, Any]) -> None:
        """Apply the answer to an operation of one's own that follows on what is held."""
        for key in answer["removed"]:
            self.grids.pop(key, None)
        self.grids |= _texts(answer["changed"]["features"])
        self.grids |= _texts(answer["noded"]["features"])
        for arc in answer["removed_arcs"]:
            self.arcs.pop(arc, None)
        self._rest(answer)

    def catch_up(self) -> list[dict[str, Any]]:
        """Ask what others have changed, apply it, and give the steps."""
        answer = self.client.get(f"{self.address}/changes?since={self.version}").get_json()
        for key in answer["removed"]:
            self.grids.pop(key, None)
        self.grids |= _texts(answer["changed"]["features"])
        gone = set(answer["keys"])
        self.arcs = {
            arc: text for arc, text in self.arcs.items() if not set(arc.split("~")[:2]) & gone
        }
        self._rest(answer)
        return list(answer["steps"])

    def _rest(self, answer: dict[str, Any]) -> None:
        self.arcs |= _texts(answer["arcs"]["features"])
        self.blocks |= {block["id"]: block["grid"] for block in answer["blocks"]}
        self.version = answer["version"]

    def held(self) -> tuple[Any, ...]:
        """Give all that is held, to be compared."""
        return (self.version, self.grids, self.arcs, self.blocks)


def _texts(features: list[dict[str, Any]]) -> dict[str, str]:
    return {each["id"]: json.dumps(each, sort_keys=True) for each in features}
