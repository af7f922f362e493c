"""The lattice town as two communities side by side, to be merged: four grids and two."""

from __future__ import annotations

from typing import Any

import lattice_town as town

from gridmap.model.access import system_scope

ONE, TWO = town.CODE, town.TOWNSHIP + "002"
MERGED = town.TOWNSHIP + "601"
# grids of the lattice's last three columns, and what they are called in the second community
_OTHERS = {town.key(3): TWO + "001", town.key(6): TWO + "002"}
WEST = [town.key(number) for number in (1, 2, 4, 5)]
EAST = list(_OTHERS.values())


def build(store: Any, extra: int = 0) -> None:
    """Put the town into a database; the second community has what lies in the east."""
    town.build(store, extra)
    with store.transaction(system_scope()) as tx:
        union = "SELECT ST_Multi(ST_Union(geom)) FROM grid WHERE area_code = :one AND"
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:two, 'community',"
            f" :town, '东社区', ({union} code = ANY(:codes)))",
            one=ONE,
            two=TWO,
            town=town.TOWNSHIP,
            codes=list(_OTHERS),
        )
        tx.execute(
            f"UPDATE area SET name_zh = '西社区', geom = ({union} code <> ALL(:codes))"
            " WHERE code = :one",
            one=ONE,
            codes=list(_OTHERS),
        )
        tx.execute(
            "INSERT INTO grid_rule (area_code, minimum, maximum, source)"
            " SELECT :two, minimum, maximum, source FROM grid_rule WHERE area_code = :one",
            one=ONE,
            two=TWO,
        )
        for old, new in _OTHERS.items():
            tx.execute(
                "UPDATE grid SET code = :new, area_code = :two WHERE code = :old",
                old=old,
                new=new,
                two=TWO,
            )
            for table in ("household", "grid_member"):
                tx.execute(
                    f"UPDATE {table} SET area_code = :new WHERE area_code = :old", old=old, new=new
                )
