"""The tables gridmap imports, with the Chinese and English words of real rosters in one place."""

from geodata.readers.schemas import Field, Schema

# key -> words that mean it; the first word is the one to show in Chinese
NEEDS: dict[str, tuple[str, ...]] = {
    "elderly_alone": ("独居老人", "独居", "空巢老人", "孤寡老人", "elderly alone", "lives alone"),
    "elderly": ("老年人", "老人", "高龄", "高龄老人", "elderly", "aged"),
    "disabled": ("残疾", "残疾人", "残障", "肢体残疾", "disabled", "disability"),
    "wheelchair": ("轮椅", "坐轮椅", "行动不便", "wheelchair", "limited mobility"),
    "bedridden": ("卧床", "卧病在床", "长期卧床", "失能", "失能老人", "bedridden"),
    "infant": ("婴幼儿", "婴儿", "幼儿", "infant", "baby", "toddler"),
    "pregnant": ("孕产妇", "孕妇", "产妇", "pregnant"),
    "chronic": ("慢性病", "慢病", "重病", "大病", "chronic", "chronic illness"),
    "dialysis": ("透析", "血透", "血液透析", "尿毒症", "dialysis"),
    "oxygen": ("吸氧", "呼吸机", "制氧机", "oxygen", "ventilator"),
    "mental": ("精神障碍", "精神病", "精神残疾", "mental", "mental illness"),
    "hearing": ("听障", "听力残疾", "聋哑", "聋", "hearing", "deaf"),
    "sight": ("视障", "视力残疾", "盲", "盲人", "sight", "blind"),
    "left_behind_child": ("留守儿童", "left-behind child"),
    "left_behind_elder": ("留守老人", "left-behind elder"),
    "left_behind_woman": ("留守妇女", "left-behind woman"),
    "low_income": ("低保", "低保户", "特困", "五保", "五保户", "困难户", "low income"),
}

RESIDENCE: dict[str, tuple[str, ...]] = {
    "resident": ("常住", "常住人口", "户在人在", "本地", "resident"),
    "floating": ("流动", "流动人口", "外来", "外来人口", "暂住", "租户", "租住", "floating"),
    "left_behind": ("留守", "留守户", "left-behind"),
    "away": ("人户分离", "户在人不在", "外出", "外出务工", "空户", "空挂", "空挂户", "away"),
}

FACILITY_KINDS: dict[str, tuple[str, ...]] = {
    "fire_station": ("消防站", "消防救援站", "消防队", "fire station"),
    "micro_fire_station": ("微型消防站", "小型消防站", "micro fire station"),
    "hospital": ("医院", "hospital"),
    "clinic": ("诊所", "卫生院", "卫生室", "卫生服务中心", "社区卫生服务中心", "clinic"),
    "aed": ("AED", "自动体外除颤器", "除颤器", "除颤仪", "defibrillator"),
    "ambulance_station": ("急救站", "急救点", "120急救站", "ambulance station"),
    "grid_station": ("网格站", "网格驻点", "网格员驻点", "grid station"),
    "supply_point": ("物资点", "便民供应点", "物资储备点", "supply point"),
    "marketplace": ("菜市场", "农贸市场", "market"),
    "pharmacy": ("药店", "药房", "pharmacy"),
    "police": ("派出所", "警务室", "公安局", "police"),
    "school": ("学校", "小学", "中学", "school"),
    "kindergarten": ("幼儿园", "kindergarten"),
    "shelter": ("避难场所", "应急避难场所", "避灾点", "安置点", "避险点", "shelter"),
    "assembly_point": ("集合点", "疏散点", "assembly point"),
    "nursing_home": ("养老院", "敬老院", "福利院", "nursing home"),
    "townhall": (
        "政府",
        "街道办",
        "街道办事处",
        "乡政府",
        "镇政府",
        "居委会",
        "村委会",
        "town hall",
    ),
    "community_centre": ("党群服务中心", "社区服务中心", "文化活动中心", "community centre"),
}

AREA_KINDS: dict[str, tuple[str, ...]] = {
    "county": ("县", "区", "县级市", "county"),
    "township": ("乡", "镇", "街道", "乡镇", "township"),
    "community": ("社区", "村", "行政村", "居委会", "村委会", "community"),
}

_EXTERNAL_ID = Field(
    "external_id",
    aliases=("外部编号", "编号", "编码", "唯一标识", "id"),
    max_length=80,
    unique=True,
)
_NAME = Field("name", required=True, aliases=("名称", "单位名称"), max_length=120)
_ADDRESS = Field(
    "address",
    aliases=("详细地址", "住址", "地址", "家庭住址", "现住址", "居住地址", "居住地", "标准地址"),
    max_length=200,
)
_PHONE = Field(
    "phone",
    aliases=("电话", "联系电话", "手机", "手机号", "手机号码", "联系方式", "telephone", "mobile"),
    max_length=40,
    pattern=r"\+?[0-9(][0-9 ()（）/,，;；、转-]{2,}",
    private=True,
)
_PLACE = (
    Field(
        "lon",
        "float",
        aliases=("经度", "longitude", "lng", "long"),
        minimum=-180,
        maximum=180,
    ),
    Field("lat", "float", aliases=("纬度", "latitude"), minimum=-90, maximum=90),
    # "X" means north in Chinese survey and east elsewhere: bare X and Y headings must be mapped
    Field("easting", "float", aliases=("东坐标", "横坐标", "东向坐标"), minimum=0, maximum=1e8),
    Field("northing", "float", aliases=("北坐标", "纵坐标", "北向坐标"), minimum=0, maximum=1e7),
)
_PAIRS = (("lon", "lat"), ("easting", "northing"))

HOUSEHOLDS = Schema(
    "households",
    (
        Field(
            "external_id",
            aliases=("户号", "户编号", "住户编号", "家庭编号", "household_id", "id"),
            max_length=80,
            unique=True,
        ),
        _ADDRESS,
        Field(
            "estate",
            aliases=("小区", "小区名称", "院落", "自然村", "村湾", "组", "compound", "village"),
        ),
        Field("building", aliases=("楼栋", "栋", "幢", "楼号", "栋号", "幢号", "楼栋号", "block")),
        Field("unit", aliases=("单元", "单元号", "门栋", "entrance"), max_length=40),
        Field(
            "room",
            aliases=("室", "房号", "房间号", "门牌", "门牌号", "户室", "室号", "flat", "apartment"),
            max_length=40,
        ),
        Field(
            "name",
            aliases=("户主", "户主姓名", "姓名", "户主名", "householder", "head of household"),
            max_length=80,
            private=True,
        ),
        _PHONE,
        Field(
            "id_number",
            aliases=("身份证", "身份证号", "身份证号码", "公民身份号码", "证件号码", "id number"),
            max_length=30,
            pattern=r"[0-9A-Za-z()-]{4,}",
            private=True,
        ),
        Field(
            "people",
            "int",
            required=True,
            aliases=("人口", "人口数", "家庭人口", "家庭人数", "人数", "常住人数", "persons"),
            minimum=0,
            maximum=50,
        ),
        Field(
            "needs",
            "choice",
            aliases=("需求", "特殊需求", "特殊情况", "重点人员", "特殊人群", "special needs"),
            choices=NEEDS,
            many=True,
            private=True,
        ),
        Field(
            "residence",
            "choice",
            aliases=("居住状态", "居住情况", "人员类别", "状态", "户类型", "status", "state"),
            choices=RESIDENCE,
        ),
        Field(
            "registered_at",
            aliases=("户籍地", "户籍地址", "户籍所在地", "户口所在地", "registered address"),
            max_length=300,
            private=True,
        ),
        Field(
            "grid", aliases=("网格", "网格编码", "网格号", "所属网格", "grid code"), max_length=40
        ),
        *_PLACE,
    ),
    either=(("address",), ("estate", "building"), ("lon", "lat"), ("easting", "northing")),
    together=_PAIRS,
)

FACILITIES = Schema(
    "facilities",
    (
        _EXTERNAL_ID,
        Field(
            "kind",
            "choice",
            required=True,
            aliases=("类型", "类别", "设施类型", "type"),
            choices=FACILITY_KINDS,
        ),
        _NAME,
        _ADDRESS,
        _PHONE,
        Field(
            "capacity",
            "int",
            aliases=("容量", "可容纳人数", "容纳人数", "床位", "床位数"),
            minimum=0,
            maximum=1_000_000,
        ),
        Field("accessible", "bool", aliases=("无障碍", "无障碍设施", "wheelchair accessible")),
        Field("crew", aliases=("队伍", "班组", "值守班组", "出动队伍"), max_length=80),
        Field("level", aliases=("级别", "等级", "站级"), max_length=20),
        Field(
            "hours", aliases=("开放时间", "营业时间", "服务时间", "opening hours"), max_length=400
        ),
        *_PLACE,
    ),
    either=(("address",), ("lon", "lat"), ("easting", "northing")),
    together=_PAIRS,
)

AREAS = Schema(
    "areas",
    (
        Field(
            "code",
            required=True,
            aliases=("编码", "代码", "区划代码", "行政区划代码", "统计用区划代码"),
            pattern=r"[0-9]{6}|[0-9]{9}|[0-9]{12}",
            unique=True,
        ),
        _NAME,
        Field("kind", "choice", aliases=("类型", "级别", "level"), choices=AREA_KINDS),
        Field("parent", aliases=("上级编码", "上级代码", "所属编码"), pattern=r"[0-9]{6,12}"),
        Field(
            "households",
            "int",
            aliases=("户数", "总户数", "常住户数"),
            minimum=0,
            maximum=10_000_000,
        ),
        Field(
            "people",
            "int",
            aliases=("人口", "总人口", "常住人口", "population"),
            minimum=0,
            maximum=100_000_000,
        ),
    ),
)

BUILDINGS = Schema(
    "buildings",
    (
        _EXTERNAL_ID,
        Field("name", aliases=("名称", "楼名"), max_length=120),
        _ADDRESS,
        Field("estate", aliases=("小区", "小区名称", "院落", "自然村", "村湾")),
        Field("building", aliases=("楼栋", "栋", "幢", "楼号", "栋号", "幢号", "楼栋号", "block")),
        Field("addr_street", aliases=("路", "街道名", "街路巷", "street")),
        Field("addr_housenumber", aliases=("门牌", "门牌号", "house number"), max_length=40),
        Field(
            "levels", "int", aliases=("层数", "楼层数", "总层数", "floors"), minimum=1, maximum=200
        ),
        Field("units", "int", aliases=("单元数",), minimum=0, maximum=100),
        *_PLACE,
    ),
    either=(("address",), ("estate", "building"), ("addr_street", "addr_housenumber")),
    together=_PAIRS,
)
