"""Plan templates every county starts with; a county edits its own copies, version by version.

Structure and first response follow the national reference (应急厅函〔2023〕231号); the duty to
name matter, level, period and measures is article 72 of the emergency response law. Deadlines
have a source where one is named; the others are proposals to the county, and no rule.
"""
# ruff: noqa: E501 - two languages of one line stand side by side

from dataclasses import dataclass
from functools import cache

from gridmap.model.plan_template import (
    Action,
    Annex,
    Call,
    Content,
    Drill,
    Duty,
    Resource,
    Words,
    key_of,
)
from gridmap.model.plan_template_seed_actions import KINDS, Kind, Line

_FRAME = (
    "《乡镇（街道）突发事件应急预案编制参考》《村（社区）突发事件应急预案编制参考》"
    "（应急厅函〔2023〕231号，转载，未见原件）的结构；《中华人民共和国突发事件应对法》（2024）"
    "第七十一、七十二、七十七条；叫应 5 分钟：长治市做法（转载）；"
    "其余时限为本项目默认值，没有查到出处，由县里改定。"
)
_BASIS = {
    "flood": "山洪灾害防御“六落实”、村级“六个一”（转载）；河源市暴雨灾害预警与响应条例第十六至二十条。",
    "landslide": "向滑坡两侧和高处走、雨后 3–5 天仍属高风险：转载的避险要点，由县里核定。",
    "typhoon": "河源市暴雨灾害预警与响应条例第十六至二十条；上海市防汛条例第四十二条。",
    "fire": "生产安全事故应急条例第八条（演练）。",
    "chemical": "生产安全事故报告和调查处理条例第九条（报告时限）。",
    "gas": "生产安全事故报告和调查处理条例第九条（报告时限）。",
    "public_health": "突发事件应对法第二、三、十一条。",
    "security": "突发事件应对法第三条：社会安全事件不分级。",
    "earthquake": "突发事件应对法第七十七条。",
    "general": "",
}


@dataclass(frozen=True)
class Seed:
    """A first version of a template."""

    hazard_kind: str
    area_type: str
    name_zh: str
    name_en: str
    content: Content
    source: str

    @property
    def key(self) -> str:
        """Give the key it is known by."""
        return key_of(self.hazard_kind, self.area_type)


_ROLES = {
    "command": Duty(
        key="command", zh="指挥长", en="Commander", held_by="commander",
        duty=Words(zh="决定响应的启动、调整和结束，批准转移", en="Starts, adjusts and ends the response; approves an evacuation"),
    ),
    "duty_desk": Duty(
        key="duty_desk", zh="值班室", en="Duty desk", held_by="duty_officer",
        duty=Words(zh="接、报、传、跟：接警、上报、传令、跟踪到底", en="Takes, reports, passes on and follows up"),
    ),
    "grid_team": Duty(
        key="grid_team", zh="网格力量", en="Grid members", held_by="grid_member",
        duty=Words(zh="叫醒、引导、清点，报告现场", en="Wake, lead and count people; report from the spot"),
    ),
    "village_lead": Duty(
        key="village_lead", zh="村（社区）负责人", en="Head of the village or community", held_by="grid_member",
        duty=Words(zh="先期处置，组织自救互救", en="First response; organises self-help and mutual help"),
    ),
    "rescue": Duty(
        key="rescue", zh="抢险救援队", en="Rescue team", held_by="unit", team="fire",
        duty=Words(zh="搜救、排险、抢修", en="Search, rescue, make safe, repair"),
    ),
    "medical": Duty(
        key="medical", zh="医疗救护组", en="Medical team", held_by="unit", team="medical",
        duty=Words(zh="救治伤病人员，防疫消杀", en="Treats the injured and sick; disinfects"),
    ),
    "order": Duty(
        key="order", zh="治安交通组", en="Police and traffic team", held_by="unit", team="police",
        duty=Words(zh="警戒封控，疏导交通", en="Cordons off; directs traffic"),
    ),
    "care": Duty(
        key="care", zh="安置保障组", en="Shelter and supply team", held_by="unit", team="volunteer",
        duty=Words(zh="开放避难场所，发放物资，照料特殊人员", en="Opens shelters, hands out supplies, cares for people with needs"),
    ),
}  # fmt: skip

_RESOURCES = (
    Resource(zh="应急照明和手摇警报器", en="Lights and hand sirens", amount="每村 2 套", place="村（社区）物资储备点"),
    Resource(zh="铜锣、哨子、扩音喇叭", en="Gongs, whistles, megaphones", amount="每网格 1 套", place="网格长处"),
    Resource(zh="饮用水、方便食品、毛毯", en="Water, food, blankets", amount="按应转人数的 3 天量", place="避难场所"),
    Resource(zh="轮椅、担架", en="Wheelchairs, stretchers", amount="每个避难场所 2 副", place="避难场所"),
)  # fmt: skip
_CALLS = {
    "township": (
        Call(role="command", fallback="duty_desk"),
        Call(role="duty_desk", fallback="command"),
        Call(role="village_lead", fallback="grid_team"),
        Call(role="rescue", fallback="order"),
        Call(role="medical", fallback="care"),
        Call(role="grid_team", fallback="village_lead"),
    ),
    "village": (
        Call(role="village_lead", fallback="duty_desk"),
        Call(role="grid_team", fallback="village_lead"),
        Call(role="duty_desk", fallback="command"),
    ),
}


def _action(line: Line) -> Action:
    # what is done at level IV is done at the graver ones as well
    levels = [] if line.from_level is None else list(range(1, line.from_level + 1))
    return Action(
        key=line.key,
        zh=line.zh,
        en=line.en,
        role=line.role,
        tier=line.tier,
        levels=[] if len(levels) == 4 else levels,
        minutes=line.minutes,
        approval=line.approval,
    )


def _content(kind: Kind, area_type: str) -> Content:
    village = area_type == "village"
    lines = [line for line in kind.lines if not village or line.tier == "village"]
    of_lines = {line.role for line in lines}
    calls = _CALLS[area_type]
    wanted = of_lines | {call.role for call in calls} | {call.fallback for call in calls}
    return Content(
        general=Words(
            zh=f"适用于本{'村（社区）' if village else '乡镇（街道）'}发生的{kind.zh}的先期处置和应急响应。"
            "以人为本、属地管理、快速反应、就近避险。",
            en=f"For the first response to {kind.en.lower()} in this "
            f"{'village or community' if village else 'township'}: people first, act at once, shelter near by.",
        ),
        organisation=[duty for key, duty in _ROLES.items() if key in wanted],
        reporting=Words(
            zh="预警内容写明类别、级别、起始时间、可能影响范围、警示事项、应当采取的措施、发布单位和时间。"
            "突发情况立即电话报告，随后书面报告，处置中续报，结束后终报；不迟报、谎报、瞒报、漏报。",
            en="A warning says class, level, start, area, what to mind, what to do, who issued it and when. "
            "Report by phone at once, then in writing, again while it goes on, and at the end.",
        ),
        first_response=[Words(zh=zh, en=en) for zh, en in kind.first],
        actions=[_action(line) for line in lines],
        aftermath=Words(
            zh="险情解除后有序返回，核查房屋和水电气安全，清点受灾户，消杀防疫，抚慰救助；"
            "复盘经过，改进预案。应急期间取得的个人信息用完销毁。",
            en="Once it is lifted people return in order; houses and supplies are checked, losses counted, "
            "people helped; the course is reviewed. Personal data got for the emergency are destroyed.",
        ),
        resources=list(_RESOURCES),
        call_tree=list(calls),
        drills=[
            Drill(zh="村级转移演练", en="Evacuation exercise of a village", months=12)
            if village
            else Drill(zh="乡镇综合演练", en="Exercise of the township", months=24)
        ],
        annexes=[
            Annex(
                zh="需要打印的附件", en="Annexes to print",
                text=Words(
                    zh="风险图、转移路线图、避难场所清单、通讯录、物资清单：由本系统按最新数据出图出表",
                    en="Risk map, routes, shelters, contacts and supplies: printed from this system with the data of the day",
                ),
            )
        ],
    )  # fmt: skip


@cache
def seeds() -> tuple[Seed, ...]:
    """Give the first version of every template, the gravest kinds first."""
    found = []
    for kind in KINDS:
        for area_type, zh, en in (
            ("township", "乡镇（街道）", "township"),
            ("village", "村（社区）", "village"),
        ):
            found.append(
                Seed(
                    hazard_kind=kind.key,
                    area_type=area_type,
                    name_zh=f"{kind.zh}应急预案 · {zh}",
                    name_en=f"{kind.en}: plan of a {en}",
                    content=_content(kind, area_type),
                    source=_FRAME + _BASIS[kind.key],
                )
            )
    return tuple(found)
