"""What a community is called that a draft makes of others: chosen, and changed until its day."""

from collections.abc import Sequence

from gridmap.model.problem import conflict
from gridmap.problems import bad_value
from gridmap.services.scenario_done import Done
from gridmap.services.scenario_operations import Edit
from gridmap.store import merged_community, scenario_grid
from gridmap.store.database import Row, Transaction

LONGEST = 80  # characters
_KINDS = ("社区", "居委会", "村委会", "村")


def joined(names: Sequence[str]) -> str | None:
    """Make a name of those of the communities that are merged; None where it is too long.

    What they are is said once: 湖东社区 and 湖西社区 become 湖东湖西社区.
    """
    kind = next((each for each in _KINDS if all(name.endswith(each) for name in names)), "")
    whole = "".join(name.removesuffix(kind) for name in names) + kind
    return whole if len(whole) <= LONGEST else None


def checked(
    tx: Transaction, row: Row, name: str, communities: Sequence[str], code: str | None = None
) -> str:
    """Read the name that a community is to have.

    Parameters
    ----------
    communities
        Those it is made of, whose names are free with them.
    code
        Its own code, where it has one.

    Raises
    ------
    Problem
        400 for none, one of more than 80 characters, and one that another community of the
        township has, in force or in this draft.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST:
        raise bad_value("name", "a name of 1 to 80 characters is needed")
    if _taken(tx, row, name, communities, code):
        township = communities[0][:9]
        raise bad_value("name", f"another community of {township} is called {name} already")
    return name


def free(
    tx: Transaction, row: Row, code: str, name: str, communities: Sequence[str] | None = None
) -> str:
    """Give the name back if no other community has come to be called so.

    Raises
    ------
    Problem
        409.
    """
    if communities is None:
        communities = merged_community.flattened(tx, [code])
    if _taken(tx, row, name, communities, code):
        raise conflict(
            f"another community of {code[:9]} is called {name} already", version=row["version"]
        )
    return name


def _taken(
    tx: Transaction, row: Row, name: str, communities: Sequence[str], code: str | None
) -> bool:
    drafted = merged_community.of_scenario(tx, row["id"])
    # of communities that the draft makes, those that are merged once more give their name up
    others = [each for each in drafted if each["code"] != code and each["code"] not in communities]
    if any(each["name_zh"] == name for each in others):
        return True
    apart = {*merged_community.flattened(tx, communities)}
    apart |= {old for each in drafted for old in each["communities"]}
    return merged_community.called(tx, communities[0][:9], name, sorted(apart))


def renamed(tx: Transaction, row: Row, edit: Edit) -> Done:
    """Call a community that the draft makes otherwise; no grid changes.

    Raises
    ------
    Problem
        400 for a community that the draft does not make, and for a name as `checked`.
    """
    assert edit.community is not None
    made = {each["code"]: each for each in merged_community.of_scenario(tx, row["id"])}
    found = made.get(edit.community)
    if found is None:
        raise bad_value("community", f"this scenario makes no community {edit.community}")
    name = checked(tx, row, edit.name or "", found["communities"], found["code"])
    nowhere = scenario_grid.around(tx, row["id"], [])
    figures = {"code": found["code"], "name": name, "before": found["name_zh"]}
    return Done([], {}, {}, (nowhere, nowhere), figures)
