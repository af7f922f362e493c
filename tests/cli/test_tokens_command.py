"""The first people of a new county, and tokens, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gridmap.services import tokens
from gridmap.services.account_policy import Policy
from gridmap.store.database import Database

pytestmark = pytest.mark.database
PASSWORD = "Correct-horse-9"


def add(gridmap: Any, name: str, *roles: str) -> Any:
    given = [part for role in roles for part in ("--role", role)]
    return gridmap("user", "add", name, "--display-name", name, "--password", PASSWORD, *given)


def test_a_county_begins_with_three_administrators(
    gridmap: Any, county: Path, count: Callable[[str], int]
) -> None:
    assert county.is_dir()
    for role in ("system_admin", "security_admin", "auditor"):
        assert add(gridmap, role.replace("_", "."), f"{role}:990105").code == 0
    refused = add(gridmap, "both", "system_admin:990105", "auditor:990105")
    assert refused.code == 2
    assert "at most one of system, security and audit" in refused.err
    assert count("app_user") == count("user_role") == count("user_area") == 3


def test_token_is_made_listed_and_revoked(
    gridmap: Any, county: Path, environment: dict[str, str], count: Callable[[str], int]
) -> None:
    assert county.is_dir()
    add(gridmap, "officer", "duty_officer:990105")
    made = gridmap("token", "add", "officer", "--name", "wall", "--days", "30", "--json").document
    assert made["token"].startswith("gm_")
    assert "map.view" in made["permissions"]
    store = Database(environment["GRIDMAP_DATABASE_URL"])
    policy = Policy(secret=b"s" * 32)
    viewer = tokens.viewer_of_token(store, policy, made["token"])
    assert viewer is not None
    assert (viewer.name, viewer.is_program, viewer.only_looks) == ("officer", True, True)
    listed = gridmap("token", "list", "--json").document["tokens"]
    assert [(row["user_name"], row["name"]) for row in listed] == [("officer", "wall")]
    assert made["token"] not in gridmap("token", "list").out
    assert gridmap("token", "revoke", made["id"]).code == 0
    assert tokens.viewer_of_token(store, policy, made["token"]) is None
    assert gridmap("token", "revoke", made["id"]).code == 2
    store.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("nobody", "--name", "x"), "account nobody"),
        (("officer", "--name", "x", "--permission", "plan.approve"), "takes a person"),
        (("officer", "--name", "x", "--permission", "trail.read"), "not yours to give"),
        (("officer", "--name", "x", "--permission", "fly"), "there is no 'fly'"),
        (("officer", "--name", "x", "--days", "400"), "400 is not in the range"),
        (("officer", "--name", "x", "--area", "990106"), "outside your areas"),
    ],
)
def test_token_beyond_the_person_is_refused(
    gridmap: Any,
    county: Path,
    count: Callable[[str], int],
    given: tuple[str, ...],
    words: str,
) -> None:
    assert county.is_dir()
    add(gridmap, "officer", "duty_officer:990105")
    ended = gridmap("token", "add", *given)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert count("api_token") == 0
