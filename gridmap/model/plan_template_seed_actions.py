"""The action lists of the first plan templates: kind of hazard, who does what by when."""
# ruff: noqa: E501 - two languages of one line stand side by side

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Line:
    """One action.

    Attributes
    ----------
    from_level
        The least grave level at which it is done, with all graver ones; None for every case.
    """

    key: str
    zh: str
    en: str
    role: str
    tier: Literal["village", "township", "county"]
    from_level: int | None
    minutes: int
    approval: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of hazard with its first response and its actions."""

    key: str
    zh: str
    en: str
    first: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


_V: Final = "village"
_T: Final = "township"
_C: Final = "county"
_FIRST = (
    ("发现险情的人立即报告并示警，能救先救", "Whoever sees it reports, warns others and helps where it is safe"),
    ("村（社区）负责人 10 分钟内到场或到岗，组织先期处置", "The head of the village is on the spot within ten minutes"),
    ("先叫醒和转移特殊人员，再转移其余人员", "Wake and move people with needs first, then all others"),
)  # fmt: skip

# What every kind has in common.
_REPORT = (
    Line("report_phone", "电话报告县应急值班室", "Report to the county by phone", "duty_desk", _T, 4, 20),
    Line("report_written", "书面报告县应急值班室", "Report to the county in writing", "duty_desk", _T, 4, 40),
    Line("verify", "到现场核实险情并回报", "Look at it on the spot and report back", "grid_team", _V, 4, 15),
)  # fmt: skip
_LEAVE = (
    Line("wake", "叫醒受影响住户，逐户得到应答", "Call out the households touched, each until it answers", "grid_team", _V, 3, 5),
    Line("move_needs", "先转移老幼病残孕等特殊人员", "Move people with needs first", "grid_team", _V, 3, 30),
    Line("move_all", "转移其余人员，逐户清点", "Move all others and count every household", "village_lead", _V, 2, 60),
    Line("evacuation_order", "下达转移命令（两人批准）", "Give the order to leave (two people)", "command", _T, 2, 15, approval=True),
    Line("open_shelters", "开放避难场所，登记入住", "Open the shelters and register who comes", "care", _T, 3, 30),
    Line("keep_out", "设警戒，防止擅自返回", "Cordon off; keep people from going back", "order", _T, 3, 45),
)  # fmt: skip
_HIGH = (
    Line("county_forces", "请求县级力量增援", "Ask the county for forces", "command", _C, 2, 20, approval=True),
    Line("county_supplies", "县级调拨物资到避难场所", "Bring supplies of the county to the shelters", "care", _C, 1, 120),
)  # fmt: skip

KINDS: tuple[Kind, ...] = (
    Kind(
        "flood", "洪涝", "Flood",
        (*_FIRST, ("往高处走，不涉水、不过桥，断开低处电源", "Go uphill, never through water or over bridges; switch low power off")),
        (
            *_REPORT,
            Line("patrol_levees", "巡查堤岸、山塘、低洼院落", "Patrol banks, ponds and low yards", "grid_team", _V, 4, 30),
            Line("close_roads", "封控积水路段和下穿通道", "Close flooded streets and underpasses", "order", _T, 4, 30),
            Line("pumps", "调集排水设备排涝", "Bring pumps", "rescue", _T, 3, 60),
            *_LEAVE, *_HIGH,
        ),
    ),
    Kind(
        "landslide", "滑坡", "Landslide",
        (*_FIRST, ("向滑坡方向的两侧和高处走，不顺坡向下", "Go to the sides of the slide and uphill, never down the slope")),
        (
            *_REPORT,
            Line("watch_cracks", "专人监测裂缝和渗水，每 30 分钟一报", "Watch cracks and seepage, report every half hour", "grid_team", _V, 4, 30),
            Line("sheds", "清查工棚、农棚、临时住处", "Search sheds, farms and makeshift homes", "grid_team", _V, 3, 40),
            Line("close_slope_roads", "封控坡脚道路", "Close the roads at the foot", "order", _T, 4, 30),
            *_LEAVE,
            Line("expert", "请县地质专家会商能否返回（雨后 3–5 天）", "Have the county's geologists say when people may return (3-5 days after rain)", "command", _C, 3, 240),
            *_HIGH,
        ),
    ),
    Kind(
        "fire", "火灾", "Fire",
        (*_FIRST, ("拨 119，低姿捂鼻沿疏散通道撤离，不乘电梯", "Call 119; stay low, cover your nose, use stairs and no lift")),
        (
            *_REPORT,
            Line("micro_station", "微型消防站 3 分钟到场扑救初起火", "The micro fire station is there in three minutes", "rescue", _V, 4, 3),
            Line("cut_supplies", "断开起火区域电、气", "Cut power and gas of the burning part", "rescue", _T, 4, 15),
            Line("fire_lane", "清开消防通道，引导消防车", "Clear the fire lane and lead the engines in", "order", _T, 4, 10),
            Line("search_floors", "逐层搜救被困人员", "Search floor by floor", "rescue", _T, 3, 30),
            Line("treat", "现场救治伤员并转送", "Treat the injured and take them away", "medical", _T, 4, 20),
            *_LEAVE, *_HIGH,
        ),
    ),
    Kind(
        "typhoon", "台风", "Typhoon",
        (*_FIRST, ("加固或离开简易房、工棚、广告牌下", "Leave sheds and light buildings, keep away from signs")),
        (
            *_REPORT,
            Line("boats_home", "船只回港、人员上岸", "Boats into port, crews ashore", "village_lead", _V, 4, 240),
            Line("danger_houses", "危旧房、工棚人员转移", "Move people out of unsafe houses and sheds", "grid_team", _V, 3, 180),
            Line("stop_work", "停课停工停业停运", "Close schools, works, shops and buses", "command", _T, 2, 60, approval=True),
            Line("trees_signs", "清理树木和广告牌隐患", "Secure trees and signs", "rescue", _T, 4, 180),
            *_LEAVE, *_HIGH,
        ),
    ),
    Kind(
        "earthquake", "地震", "Earthquake",
        (*_FIRST, ("就近躲避，震停后到开阔处，关火断电", "Take cover; when it stops go into the open, put out fires")),
        (
            *_REPORT,
            Line("search_houses", "逐户排查被困人员和受损房屋", "Look house by house for people and damage", "grid_team", _V, 4, 60),
            Line("dig_out", "搜救被埋压人员", "Dig out those who are buried", "rescue", _T, 4, 30),
            Line("treat", "设救护点救治伤员", "Set up a first-aid post", "medical", _T, 4, 30),
            Line("aftershocks", "发布余震提醒，禁止返回危房", "Warn of aftershocks; nobody goes back into unsafe houses", "duty_desk", _T, 4, 30),
            *_LEAVE, *_HIGH,
        ),
    ),
    Kind(
        "public_health", "公共卫生事件", "Public health event",
        (
            ("发现异常病例立即报告卫生院", "Report unusual cases to the clinic at once"),
            ("病例就地隔离，保护好接触者的隐私", "Keep cases apart where they are; keep their names to those who need them"),
            ("保障独居、慢性病人员用药", "See that people alone and the chronically ill have their medicine"),
        ),
        (
            *_REPORT,
            Line("investigate", "流行病学调查，划定范围", "Trace the spread and draw the area", "medical", _T, 4, 120),
            Line("disinfect", "病例场所消杀", "Disinfect where cases have been", "medical", _T, 4, 180),
            Line("deliver", "给居家人员送药送菜", "Bring medicine and food to those at home", "grid_team", _V, 3, 240),
            Line("site", "设置采样或接种点", "Set up a place for samples or shots", "medical", _T, 2, 240),
            Line("restrict", "限制聚集、封控（按权限批准）", "Restrict gatherings (approved by who may)", "command", _C, 1, 120, approval=True),
        ),
    ),
    Kind(
        "chemical", "危险化学品泄漏", "Hazardous goods release",
        (
            ("向上风、侧风方向撤离，湿毛巾捂口鼻", "Leave upwind or across the wind with a wet cloth on your face"),
            ("不明物质不接触、不点火、不用手机靠近", "Do not touch it, make no fire, keep phones away"),
            *_FIRST[:1],
        ),
        (
            *_REPORT,
            Line("isolate", "按物质划定隔离区并警戒", "Draw the exclusion zone by the substance and guard it", "order", _T, 4, 15),
            Line("plug", "专业队堵漏、稀释、收容", "Plug, dilute and collect it by experts", "rescue", _T, 4, 60),
            Line("water_intake", "通知下游取水口停止取水", "Have intakes downstream stop", "duty_desk", _T, 3, 30),
            Line("air", "监测空气和水", "Measure air and water", "rescue", _C, 3, 60),
            Line("treat", "洗消并救治接触人员", "Decontaminate and treat people", "medical", _T, 4, 30),
            *_LEAVE, *_HIGH,
        ),
    ),
    Kind(
        "gas", "燃气泄漏", "Gas leak",
        (
            ("不开关电器，开窗通风，到室外再打电话", "Switch nothing on or off, open windows, phone from outside"),
            ("关闭阀门，疏散上下楼层", "Close the valve; clear the floors above and below"),
            *_FIRST[:1],
        ),
        (
            *_REPORT,
            Line("close_valve", "关断燃气阀门", "Close the gas valve", "rescue", _T, 4, 10),
            Line("no_fire", "周边禁火断电", "No fire and no power around", "order", _T, 4, 15),
            Line("measure_gas", "检测浓度，确认安全", "Measure until it is safe", "rescue", _T, 4, 60, approval=True),
            *_LEAVE, *_HIGH,
        ),
    ),
    Kind(
        "security", "社会安全事件", "Social security event",
        (
            ("先保护群众安全，报警 110", "Protect people first; call 110"),
            ("不围观、不传播未经核实的消息", "Keep away and pass on nothing unverified"),
            ("村（社区）干部到场疏导", "People of the village calm and lead others away"),
        ),
        (
            Line("report_police", "报公安机关和县值班室", "Report to the police and the county", "duty_desk", _T, None, 10),
            Line("cordon", "设警戒，疏散无关人员", "Cordon off and clear bystanders", "order", _T, None, 20),
            Line("talk", "安排人员劝导、调解", "Send people to talk and mediate", "village_lead", _V, None, 30),
            Line("treat", "救护受伤人员", "Care for the injured", "medical", _T, None, 20),
            Line("tell_public", "按权限发布情况", "Tell the public, by who may", "command", _C, None, 120, approval=True),
        ),
    ),
    Kind(
        "general", "其他突发事件", "Other emergencies",
        _FIRST,
        (*_REPORT, Line("treat", "救治伤员", "Treat the injured", "medical", _T, 4, 30), *_LEAVE, *_HIGH),
    ),
)  # fmt: skip
