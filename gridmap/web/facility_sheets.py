"""Facilities as a table that `gridmap import facilities` and the page of imports read again."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from geodata.readers import hours
from gridmap.services import workbook
from gridmap.store.database import Row
from gridmap.web.language import locale

# in Chinese as rosters head their columns, in English by the names of the fields
_HEADS = {
    "external_id": "编号",
    "kind": "类型",
    "name": "名称",
    "address": "地址",
    "capacity": "容量",
    "accessible": "无障碍",
    "crew": "班组",
    "level": "级别",
    "hours": "开放时间",
    "lon": "经度",
    "lat": "纬度",
}


def sheets(rows: Sequence[Row]) -> list[workbook.Sheet]:
    """Write one table: what an import reads, then what only people do."""
    english = locale() == "en"
    heads: list[workbook.Cell] = [key if english else words for key, words in _HEADS.items()]
    heads += [
        gettext("英文名"),
        gettext("区域"),
        gettext("值守"),
        gettext("为什么停"),
        gettext("停到"),
    ]
    return [(gettext("设施点"), [heads, *(_cells(row, english) for row in rows)])]


def _cells(row: Row, english: bool) -> list[workbook.Cell]:
    until = row["closed_until"]
    read: dict[str, Any] = {
        **row,
        "external_id": row["source_key"],
        "accessible": None if row["accessible"] is None else "是" if row["accessible"] else "否",
        "hours": hours.write(row["hours"], english=english),
    }
    return [
        *(read[key] for key in _HEADS),
        row["name_en"],
        row["area_code"],
        gettext("在值") if row["open"] else gettext("停值"),
        row["closed_why"],
        None if until is None else f"{until:%Y-%m-%d %H:%M %Z}",
    ]
