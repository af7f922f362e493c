"""Figures of care as the tables of a workbook; no household and no person is in it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from gridmap.model import care_words as needs
from gridmap.model import service_words as known
from gridmap.services import workbook
from gridmap.services.care_files import Figures
from gridmap.web import care_words
from gridmap.web.language import locale

Rows = list[list[workbook.Cell]]
_FEW = 3  # as care_sums: smaller figures of a need are not counted out
_REASONS = ("nobody", "too_far", "full", "no_street")


def sheets(found: Figures) -> list[workbook.Sheet]:
    """Write the figures in tables: what they are, visits, time asked, services, offers."""
    return [
        (gettext("说明"), _about(found)),
        (gettext("走访"), _visits(found)),
        (gettext("负担"), _loads(found)),
        (gettext("服务供需"), _services(found)),
        (gettext("供给"), _offers(found)),
    ]


def _said(words: needs.Words) -> Callable[[str | None], str | None]:
    english = locale() == "en"
    return lambda key: None if key is None else needs.word(words, key, english=english)


def _heads(level: str) -> list[workbook.Cell]:
    words = {"grid": gettext("网格"), "community": gettext("社区"), "township": gettext("街镇")}
    return [gettext("编码"), words[level], gettext("所在社区")][: 3 if level == "grid" else 2]


def _area(row: Mapping[str, Any], level: str) -> list[workbook.Cell]:
    label = row["label"] or gettext("没落进网格")
    return [row["code"], label, row["name"]][: 3 if level == "grid" else 2]


def _about(found: Figures) -> Rows:
    """Say of which area and moment the figures are, and by which rules."""
    rule = found.loads["rule"]
    run = found.services and found.services["run"]
    rows: Rows = [
        [gettext("项目"), gettext("内容")],
        [gettext("区域"), found.area],
        [gettext("时间"), f"{found.at:%Y-%m-%d %H:%M %Z}"],
        [gettext("走访"), gettext("按规则该走访、到今天还没去成的住户。不是对人的考核。")],
    ]
    if rule is not None:
        rows += [
            [gettext("一次走访几分钟"), rule["visit_minutes"]],
            [gettext("每人每周最多几小时"), rule["weekly_hours"]],
            [gettext("依据"), rule["source"]],
        ]
    if run is None:
        return [*rows, [gettext("服务供需"), gettext("还没对过供需")]]
    rows += [
        [gettext("服务供需"), gettext("按路走得到、每周容量够，尽量多接，再尽量近")],
        [gettext("第几次"), run["id"]],
        [gettext("什么时候对的"), run["created_at"]],
        [gettext("输入版本"), run["input_version"]],
    ]
    if run["stale"]:
        rows.append([gettext("数据已变"), gettext("数据已变，要重算")])
    return rows


def _visits(found: Figures) -> Rows:
    heads = [
        gettext("过期户"),
        gettext("要走访的户"),
        gettext("一半过期超过几天"),
        gettext("最久几天"),
        gettext("格里没有网格员"),
        gettext("上次没遇到人"),
        gettext("还没去"),
        gettext("哪些需要"),
    ]
    names = (
        *("overdue", "households", "median_days", "longest_days"),
        *("no_member", "missed", "not_yet"),
    )
    return [
        [*_heads(found.level), *heads],
        *(
            [*_area(row, found.level), *(row[name] for name in names), _needs(row["by_need"])]
            for row in found.visits["rows"]
        ),
    ]


def _needs(rows: list[dict[str, Any]]) -> str:
    few = gettext("不到 {n}").format(n=_FEW)
    said: str = gettext("、").join(
        f"{care_words.need_label(row['need'])} {few if row['overdue'] is None else row['overdue']}"
        for row in rows
    )
    return said


def _loads(found: Figures) -> Rows:
    heads = [
        gettext("每周要的小时"),
        gettext("受得了的小时"),
        gettext("占"),
        gettext("每周走访"),
        gettext("一圈路，米"),
        gettext("网格员"),
        gettext("超了的格"),
        gettext("没有网格员的格"),
    ]
    names = (
        *("hours", "bearable", "share", "visits_week", "walk_metres", "members"),
        *("over", "without_member"),
    )
    return [
        [*_heads(found.level), *heads],
        *(
            [*_area(row, found.level), *(row[name] for name in names)]
            for row in found.loads["rows"]
        ),
    ]


def _services(found: Figures) -> Rows:
    service, why = _said(known.SERVICES), _said(known.UNMET)
    heads = [
        gettext("服务"),
        gettext("没人接"),
        gettext("要的"),
        gettext("能接上"),
        gettext("已接上"),
        *(why(name) for name in _REASONS),
    ]
    names = ("unmet", "wanted", "could", "met", *_REASONS)
    return [
        [*_heads(found.level), *heads],
        *(
            [*_area(row, found.level), service(each["service"]), *(each[name] for name in names)]
            for row in (found.services or {"rows": []})["rows"]
            for each in row["services"]
        ),
    ]


def _offers(found: Figures) -> Rows:
    provider, service, why = _said(known.PROVIDERS), _said(known.SERVICES), _said(known.UNUSED)
    heads: list[workbook.Cell] = [
        gettext("名称"),
        gettext("谁提供"),
        gettext("服务"),
        gettext("每周几户"),
        gettext("已用"),
        gettext("没用上"),
        gettext("为什么"),
    ]
    return [
        heads,
        *(
            [
                row["name"],
                provider(row["provider"]),
                gettext("、").join(str(service(each)) for each in row["services"]),
                row["capacity"],
                row["used"],
                row["left"],
                why(row["reason"]),
            ]
            for row in (found.offers or {"offers": []})["offers"]
        ),
    ]
