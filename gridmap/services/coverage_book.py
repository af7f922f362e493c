"""A report on coverage as a workbook: sums by area and grid, and never a household."""

from datetime import datetime
from zoneinfo import ZoneInfo

from gridmap.model.coverage_report import Chapter, Line, Report, Sums
from gridmap.services import workbook
from gridmap.services.coverage_report_words import Words

Rows = list[list[workbook.Cell]]


def book(report: Report, words: Words, zone: str) -> tuple[bytes, int]:
    """Write the workbook: the same bytes for the same report.

    Returns
    -------
    content, sheets
    """
    place = ZoneInfo(zone)
    gettext = words.gettext
    sheets: list[workbook.Sheet] = [
        (gettext("概况"), _overview(report, words, place)),
        (gettext("标准"), _definitions(report, words)),
        (gettext("原因"), _reasons(report, words)),
        (gettext("社区"), _areas(report, words)),
        (gettext("网格"), _grids(report, words)),
        (gettext("变化"), _history(report, words, place)),
        (gettext("数据日期"), _layers(report, words, place)),
    ]
    return workbook.written(sheets), len(sheets)


def _moment(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _share(sums: Sums) -> float | None:
    return None if sums.share is None else round(sums.share, 4)


def _heads(words: Words, needs: bool) -> list[workbook.Cell]:
    gettext = words.gettext
    found: list[workbook.Cell] = [
        gettext("户"),
        gettext("到得了"),
        gettext("到不了"),
        gettext("到得了的占比"),
        gettext("人"),
        gettext("到不了的人"),
    ]
    return [*found, gettext("要帮助的户"), gettext("要帮助又到不了的户")] if needs else found


def _figures(sums: Sums, needs: bool) -> list[workbook.Cell]:
    found: list[workbook.Cell] = [
        sums.households,
        sums.households - sums.uncovered,
        sums.uncovered,
        _share(sums),
        sums.people,
        sums.people_uncovered,
    ]
    return [*found, sums.with_needs, sums.with_needs_uncovered] if needs else found


def _bands(sums: Sums) -> list[workbook.Cell]:
    given = sums.bands or {}
    return [given.get("always"), given.get("sometimes"), given.get("never")]


def _overview(report: Report, words: Words, zone: ZoneInfo) -> Rows:
    gettext = words.gettext
    rows: Rows = [
        [
            gettext("标准"),
            gettext("第几次"),
            gettext("算于"),
            *_heads(words, report.needs),
            gettext("总是到得了"),
            gettext("有时到得了"),
            gettext("总是到不了"),
            gettext("没有位置的户"),
            gettext("算后变了的数据"),
            gettext("可验证文件的 SHA-256"),
        ]
    ]
    for one in report.chapters:
        rows.append(
            [
                words.name(one.definition),
                f"R-{one.run}",
                _moment(one.computed_at, zone),
                *_figures(one.sums, report.needs),
                *_bands(one.sums),
                one.unplaced,
                words.listed(one.stale, words.layers) or None,
                one.certificate,
            ]
        )
    rows.extend([each.name, gettext("没有算过")] for each in report.missing)
    rows += [
        [],
        [gettext("区域"), f"{report.place} {report.area}"],
        [gettext("打印于"), _moment(report.printed_at, zone)],
        [gettext("底图"), report.attribution],
    ]
    return rows


def _definitions(report: Report, words: Words) -> Rows:
    gettext = words.gettext
    rows: Rows = [[gettext("标准"), gettext("项"), gettext("内容")]]
    for one in report.chapters:
        name = words.name(one.definition)
        rows += [[name, head, said] for head, said in words.definition(one.definition)]
    return rows


def _reasons(report: Report, words: Words) -> Rows:
    gettext = words.gettext
    rows: Rows = [[gettext("标准"), gettext("原因"), gettext("到不了的户")]]
    for one in report.chapters:
        name = words.name(one.definition)
        rows += [
            [name, words.reasons.get(key, key), count] for key, count in one.sums.by_reason.items()
        ]
    return rows


def _worst(words: Words) -> list[workbook.Cell]:
    gettext = words.gettext
    return [gettext("最久（秒）"), gettext("最远（米）")]


def _rounded(line: Line) -> list[workbook.Cell]:
    return [
        None if value is None else round(value, 1)
        for value in (line.worst_seconds, line.worst_metres)
    ]


def _areas(report: Report, words: Words) -> Rows:
    gettext = words.gettext
    rows: Rows = [
        [
            gettext("标准"),
            gettext("区域编码"),
            gettext("名称"),
            *_heads(words, report.needs),
            *_worst(words),
        ]
    ]
    for one in report.chapters:
        rows += [
            [
                words.name(one.definition),
                line.code,
                line.label,
                *_figures(line.sums, report.needs),
                *_rounded(line),
            ]
            for line in (*one.townships, *one.communities)
        ]
    return rows


def _grids(report: Report, words: Words) -> Rows:
    gettext = words.gettext
    rows: Rows = [
        [
            gettext("标准"),
            gettext("网格编码"),
            gettext("网格"),
            *_heads(words, needs=False),
            gettext("总是到得了"),
            gettext("有时到得了"),
            gettext("总是到不了"),
            *_worst(words),
            gettext("主要原因"),
        ]
    ]
    for one in report.chapters:
        rows += [_grid(one, line, words) for line in one.grids]
    return rows


def _grid(one: Chapter, line: Line, words: Words) -> list[workbook.Cell]:
    return [
        words.name(one.definition),
        line.code,
        line.label,
        *_figures(line.sums, needs=False),
        *_bands(line.sums),
        *_rounded(line),
        words.reasons.get(line.reason, line.reason) if line.reason else None,
    ]


def _history(report: Report, words: Words, zone: ZoneInfo) -> Rows:
    gettext = words.gettext
    rows: Rows = [
        [
            gettext("标准"),
            gettext("第几次"),
            gettext("算于"),
            gettext("标准的版本"),
            gettext("限度"),
            *_heads(words, needs=False),
        ]
    ]
    for one in report.chapters:
        rows += [
            [
                words.name(one.definition),
                f"R-{each.run}",
                _moment(each.at, zone),
                each.version,
                words.limit(one.measure, each.limit),
                *_figures(each.sums, needs=False),
            ]
            for each in one.history
        ]
    return rows


def _layers(report: Report, words: Words, zone: ZoneInfo) -> Rows:
    gettext = words.gettext
    rows: Rows = [
        [
            gettext("标准"),
            gettext("数据"),
            gettext("算时的版本"),
            gettext("现在的版本"),
            gettext("最后改于"),
        ]
    ]
    for one in report.chapters:
        rows += [
            [
                words.name(one.definition),
                words.layers.get(layer.name, layer.name),
                layer.version,
                layer.now,
                _moment(layer.changed_at, zone),
            ]
            for layer in one.layers
        ]
    return rows
