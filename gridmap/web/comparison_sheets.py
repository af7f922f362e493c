"""A comparison of two drawings as the tables of a workbook."""

from typing import Any

from flask_babel import gettext

from gridmap.services import comparison_special, comparison_views, workbook
from gridmap.services.comparisons import Pair


def sheets(found: Pair) -> list[workbook.Sheet]:
    """Write the comparison in tables: grids, where households go, special grids; no person."""
    return [
        (gettext("网格"), _grids(found)),
        (gettext("去向"), _moves(found)),
        (gettext("专属网格"), _special(found)),
    ]


def _status() -> dict[str, str]:
    return {
        "changed": gettext("改了"),
        "new": gettext("新的"),
        "ended": gettext("没有了"),
        "recoded": gettext("换了编码"),
        "renamed": gettext("改了名"),
        "unchanged": gettext("没变"),
    }


def _grids(found: Pair) -> list[list[workbook.Cell]]:
    status = _status()
    grids: list[list[workbook.Cell]] = [
        [
            gettext("网格编码"),
            gettext("网格"),
            gettext("变化"),
            gettext("原户数"),
            gettext("新户数"),
            gettext("原人数"),
            gettext("新人数"),
            gettext("转入户"),
            gettext("转出户"),
            gettext("原偏差"),
            gettext("新偏差"),
            gettext("原网格员"),
            gettext("新网格员"),
        ]
    ]
    for row in comparison_views.rows(found):
        old, new = row["before"] or {}, row["after"] or {}
        grids.append(
            [
                row["key"].partition("@")[0],
                row["label"],
                status[row["status"]],
                old.get("households"),
                new.get("households"),
                old.get("people"),
                new.get("people"),
                row["gained"],
                row["lost"],
                old.get("deviation"),
                new.get("deviation"),
                _joined(old),
                _joined(new),
            ]
        )
    return grids


def _moves(found: Pair) -> list[list[workbook.Cell]]:
    return [
        [gettext("从"), gettext("到"), gettext("户"), gettext("人"), gettext("平方米")],
        *(
            [each["source"], each["target"], each["households"], each["people"], each["area_m2"]]
            for each in comparison_views.moves(found)
        ),
    ]


def _special(found: Pair) -> list[list[workbook.Cell]]:
    status, uses = _status(), _uses()
    rows: list[list[workbook.Cell]] = [
        [
            gettext("网格编码"),
            gettext("网格"),
            gettext("变化"),
            gettext("边界"),
            gettext("原名称"),
            gettext("新名称"),
            gettext("原类别"),
            gettext("新类别"),
            gettext("原户数"),
            gettext("新户数"),
            gettext("原平方米"),
            gettext("新平方米"),
        ]
    ]
    for each in comparison_special.changes(found):
        old, new = each["before"] or {}, each["after"] or {}
        rows.append(
            [
                each["key"].partition("@")[0],
                each["label"],
                status[each["status"]],
                gettext("重画了") if each["redrawn"] else None,
                old.get("name"),
                new.get("name"),
                uses.get(old.get("special_use")),
                uses.get(new.get("special_use")),
                old.get("households"),
                new.get("households"),
                old.get("area_m2"),
                new.get("area_m2"),
            ]
        )
    return rows


def _uses() -> dict[str | None, str]:
    return {
        "administration": gettext("行政中心"),
        "park": gettext("产业园区"),
        "enterprise": gettext("企事业单位"),
        "office": gettext("商务楼宇"),
        "market": gettext("商圈市场"),
        "campus": gettext("校园"),
    }


def _joined(side: dict[str, Any]) -> str | None:
    return gettext("、").join(side.get("members", ())) or None
