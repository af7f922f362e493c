"""Words of reports on coverage that are chosen by a key, on paper and in a workbook alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], str]
_MINUTE, _HOUR, _KILOMETRE = 60, 3600, 995


@dataclass(frozen=True)
class Words:
    """Words of one language: tables by key, and sentences made of a standard."""

    gettext: Say
    kinds: Mapping[str, str]
    profiles: Mapping[str, str]
    directions: Mapping[str, str]
    area_types: Mapping[str, str]
    barriers: Mapping[str, str]
    reasons: Mapping[str, str]
    layers: Mapping[str, str]
    levels: Mapping[str, str]
    english: bool

    def name(self, definition: Mapping[str, Any]) -> str:
        """Give the name of a standard."""
        english = definition.get("name_en") if self.english else None
        return str(english or definition.get("name_zh") or definition.get("key", ""))

    def limit(self, measure: str, value: float | None) -> str:
        """Write a length of a way: 5 分钟, 4 分 30 秒, 500 米, 1.4 公里."""
        if value is None:
            return "–"
        if measure == "metres":
            return self._metres(value)
        whole = round(value)
        if whole < _MINUTE:
            return self.gettext("{n} 秒").format(n=whole)
        minutes, seconds = divmod(whole, _MINUTE)
        if seconds and whole < _HOUR:
            return self.gettext("{m} 分 {s} 秒").format(m=minutes, s=f"{seconds:02d}")
        if whole < _HOUR:
            return self.gettext("{n} 分钟").format(n=minutes)
        return self.gettext("{h} 小时 {m} 分").format(h=minutes // 60, m=minutes % 60)

    def _metres(self, value: float) -> str:
        if value < _KILOMETRE:
            return self.gettext("{n} 米").format(n=round(value))
        return self.gettext("{n} 公里").format(n=f"{value / 1000:.1f}")

    def listed(self, keys: Any, table: Mapping[str, str]) -> str:
        """Write several keys with a comma between them; one that is not known as it came."""
        return self.gettext("、").join(table.get(key, str(key)) for key in keys)

    def definition(self, given: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Say what a standard says, as pairs of a heading and words."""
        measure = str(given.get("measure", "seconds"))
        profile = self.profiles.get(given.get("profile", ""), str(given.get("profile", "–")))
        rule = [
            self.gettext("{level} {n} 平方公里").format(
                level=self.levels.get(level) or self.gettext("{n} 级").format(n=level), n=f"{km2:g}"
            )
            for level, km2 in (given.get("area_rule") or {}).items()
        ]
        barriers = given.get("barriers") or ()
        at_rest = self.gettext("按路程算，与速度无关")
        return [
            (self.gettext("限度"), self.limit(measure, given.get("max_value"))),
            (self.gettext("怎么走"), profile),
            (
                self.gettext("方向"),
                self.directions.get(given.get("direction", ""), str(given.get("direction", "–"))),
            ),
            (
                self.gettext("设施"),
                self.listed(given.get("facility_kinds") or (), self.kinds) or "–",
            ),
            (
                self.gettext("算哪些户"),
                self.area_types.get(given.get("area_type", "any"), str(given.get("area_type"))),
            ),
            (self.gettext("不跨越"), self.listed(barriers, self.barriers) or self.gettext("没有")),
            (
                self.gettext("速度"),
                at_rest
                if measure == "metres"
                else self.gettext("；").join(map(self._band, given.get("bands") or ())) or "–",
            ),
            (
                self.gettext("容量"),
                self.gettext("满了不再算") if given.get("capacity") else self.gettext("不看容量"),
            ),
            (self.gettext("一处管多大"), self.gettext("、").join(rule) or self.gettext("不限")),
            (self.gettext("依据"), str(given.get("source") or "–")),
            (self.gettext("版本"), str(given.get("version") or "–")),
            (self.gettext("生效日期"), str(given.get("valid_from") or "–")),
            (self.gettext("开门按"), str(given.get("at") or "–")),
        ]

    def _band(self, band: Mapping[str, Any]) -> str:
        name = (band.get("name_en") if self.english else None) or band.get("name_zh") or ""
        speeds: Mapping[str, float] = band.get("speeds") or {}
        rest = [f"{street} {share:.0%}" for street, share in speeds.items() if street != "*"]
        return self.gettext("、").join([f"{name} {speeds.get('*', 1.0):.0%}", *rest])


def words(gettext: Say, *, english: bool) -> Words:
    """Give the words of a language."""
    return Words(
        gettext=gettext,
        kinds={
            "fire_station": gettext("消防站"),
            "micro_fire_station": gettext("微型消防站"),
            "hospital": gettext("医院"),
            "clinic": gettext("诊所"),
            "ambulance_station": gettext("急救站"),
            "pharmacy": gettext("药店"),
            "police": gettext("警务站"),
            "police_post": gettext("警务室"),
            "police_station": gettext("派出所"),
            "school": gettext("学校"),
            "kindergarten": gettext("幼儿园"),
            "shelter": gettext("安置点"),
            "assembly_point": gettext("集合点"),
            "nursing_home": gettext("养老院"),
            "community_centre": gettext("居委会"),
            "townhall": gettext("街道办"),
            "warehouse": gettext("物资库"),
            "market": gettext("市场"),
            "marketplace": gettext("菜市场"),
            "park": gettext("公园"),
            "supply_point": gettext("供应点"),
            "grid_station": gettext("网格驻点"),
            "aed": "AED",
        },
        profiles={
            "walk": gettext("步行"),
            "drive": gettext("开车"),
            "truck": gettext("货车"),
            "emergency": gettext("应急车辆"),
        },
        directions={
            "to_household": gettext("从设施到住户"),
            "to_facility": gettext("从住户到设施"),
        },
        area_types={
            "any": gettext("全部住户"),
            "urban": gettext("城区社区的住户"),
            "village": gettext("村里的住户"),
        },
        barriers={
            "motorway": gettext("高速路"),
            "trunk": gettext("快速路"),
            "railway": gettext("铁路线"),
            "river": gettext("河流"),
        },
        reasons={
            "too_far": gettext("离得太远"),
            "no_road": gettext("没有路"),
            "cut_off": gettext("路被切断"),
            "full": gettext("已满"),
            "closed": gettext("没开放"),
            "not_snapped": gettext("附近没有路"),
        },
        layers={
            "road": gettext("道路"),
            "road_closure": gettext("封路"),
            "hazard": gettext("险情范围"),
            "household": gettext("住户"),
            "household_need": gettext("要的帮助"),
            "facility": gettext("设施"),
            "shelter": gettext("安置点"),
            "coverage_standard": gettext("标准"),
            "railway": gettext("铁路"),
            "water": gettext("水面"),
            "hours": gettext("开门时间"),
        },
        levels={"small": gettext("小型"), "suburb": gettext("近郊")},
        english=english,
    )
