"""The list of volunteers that gridmap imports, with the words of real lists."""

from geodata.readers.schemas import Field, Schema

KINDS: dict[str, tuple[str, ...]] = {
    "person": ("个人", "志愿者", "person"),
    "organisation": ("组织", "单位", "团体", "队伍", "organisation", "organization"),
}
SKILLS: dict[str, tuple[str, ...]] = {
    "carry": ("搬运", "搬东西", "carry"),
    "door_to_door": ("上门", "敲门", "door to door"),
    "first_aid": ("急救", "救护", "first aid"),
    "transport": ("转运", "开车", "驾驶", "transport", "driving"),
    "translate": ("翻译", "方言", "手语", "translate"),
    "cook": ("做饭", "厨师", "cook"),
    "childcare": ("带孩子", "看孩子", "childcare"),
    "boat": ("开船", "划船", "驾船", "boat"),
    "water_rescue": ("水上救援", "水域救援", "water rescue"),
    "rescue": ("救援", "rescue"),
    "machinery": ("开机械", "挖掘机", "机械", "machinery"),
    "power": ("电工", "供电", "electrician", "power"),
    "radio": ("电台", "对讲机", "无线电", "radio"),
    "care": ("照护", "护理", "care"),
    "crowd": ("人群管控", "维持秩序", "crowd control", "crowd"),
    "traffic": ("交通疏导", "指挥交通", "traffic"),
}

VOLUNTEERS = Schema(
    "volunteers",
    (
        Field(
            "name",
            required=True,
            aliases=("姓名", "名称", "姓名或名称", "志愿者", "单位名称"),
            max_length=80,
            private=True,
        ),
        Field("kind", "choice", aliases=("类型", "类别", "个人或组织", "type"), choices=KINDS),
        Field(
            "organisation",
            aliases=("所属组织", "组织", "队伍", "所在队伍", "organization"),
            max_length=80,
        ),
        Field(
            "phone",
            aliases=("电话", "联系电话", "手机", "手机号", "手机号码", "联系方式", "mobile"),
            max_length=20,
            pattern=r"[0-9+-]{5,20}",
            private=True,
        ),
        Field(
            "area",
            aliases=("区划编码", "区域编码", "社区编码", "村编码", "区划代码", "area code"),
            max_length=15,
            pattern=r"[0-9]{6}([0-9]{3}){0,3}",
        ),
        Field(
            "skills",
            "choice",
            required=True,
            aliases=("本领", "会什么", "技能", "特长", "专长"),
            choices=SKILLS,
            many=True,
        ),
        Field("people", "int", aliases=("人数", "persons"), minimum=1, maximum=10_000),
        Field(
            "consent",
            "bool",
            required=True,
            aliases=("同意", "本人同意", "同意登记", "知情同意", "consented"),
        ),
        Field("consented_on", "date", aliases=("同意日期", "登记日期", "consent date")),
    ),
)
