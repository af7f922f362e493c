"""Invented names: people, estates, communities and places that exist nowhere."""

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
)
GIVEN = tuple("安和平宁清明远文华春兰秀英玉芳桂荣国建志伟立新海江山云星月雨晨佳思嘉子一诗若欣景怀")

LATIN_SURNAMES = (
    "Aubrac", "Bellini", "Carlotti", "Delmas", "Estève", "Ferrand", "Gastaud", "Horvat", "Imbert",
    "Jourdan", "Kessler", "Lanteri", "Massena", "Novella", "Orsini", "Palmaro", "Queirolo",
    "Raimondi", "Sorasio", "Tavernier", "Ughetto", "Vial", "Wenger", "Zanetti",
)  # fmt: skip
LATIN_GIVEN = (
    "Alix", "Bruno", "Claire", "Denis", "Elena", "Fabien", "Gina", "Hugo", "Irène", "Jean",
    "Karl", "Lucie", "Marc", "Nadia", "Olga", "Paul", "Rosa", "Sacha", "Théo", "Vera",
)  # fmt: skip

# Roots of estate names with their spelling: twelve of each township, then twelve of any.
ESTATE_ROOTS = {
    "望湖": "Wanghu", "湖光": "Huguang", "和顺": "Heshun", "临波": "Linbo", "观澜": "Guanlan",
    "柳岸": "Liu'an", "荷风": "Hefeng", "听涛": "Tingtao", "晴川": "Qingchuan", "渔歌": "Yuge",
    "芦荻": "Ludi", "平湖": "Pinghu",
    "松山": "Songshan", "松涛": "Songtao", "青岩": "Qingyan", "竹坞": "Zhuwu", "岭下": "Lingxia",
    "云台": "Yuntai", "石泉": "Shiquan", "林语": "Linyu", "翠屏": "Cuiping", "南坡": "Nanpo",
    "枫林": "Fenglin", "鸣泉": "Mingquan",
    "学堂": "Xuetang", "书院": "Shuyuan", "求知": "Qiuzhi", "文澜": "Wenlan", "墨香": "Moxiang",
    "格物": "Gewu", "致远": "Zhiyuan", "崇文": "Chongwen", "砚池": "Yanchi", "明理": "Mingli",
    "知行": "Zhixing", "笔架": "Bijia",
    "长乐": "Changle", "安居": "Anju", "永宁": "Yongning", "同心": "Tongxin", "锦和": "Jinhe",
    "春晖": "Chunhui", "秋实": "Qiushi", "景明": "Jingming", "瑞和": "Ruihe", "百合": "Baihe",
    "丹桂": "Dangui", "海棠": "Haitang",
}  # fmt: skip
ESTATE_KINDS = {"里": "Li", "苑": "Yuan", "园": "Gardens", "坊": "Fang"}

TOWNSHIPS = (
    ("望湖街道", "Wanghu Sub-district"),
    ("松山街道", "Songshan Sub-district"),
    ("学府街道", "Xuefu Sub-district"),
)
COMMUNITIES = (
    (
        ("望湖", "Wanghu"), ("湖光", "Huguang"), ("和顺", "Heshun"), ("临波", "Linbo"),
        ("观澜", "Guanlan"), ("柳岸", "Liu'an"), ("荷风", "Hefeng"), ("听涛", "Tingtao"),
        ("晴川", "Qingchuan"), ("渔歌", "Yuge"), ("平湖", "Pinghu"), ("芦荻", "Ludi"),
    ),
    (
        ("松山", "Songshan"), ("松涛", "Songtao"), ("青岩", "Qingyan"), ("竹坞", "Zhuwu"),
        ("岭下", "Lingxia"), ("云台", "Yuntai"), ("石泉", "Shiquan"), ("林语", "Linyu"),
        ("翠屏", "Cuiping"), ("南坡", "Nanpo"), ("枫林", "Fenglin"), ("鸣泉", "Mingquan"),
    ),
    (
        ("学堂", "Xuetang"), ("书院", "Shuyuan"), ("求知", "Qiuzhi"), ("文澜", "Wenlan"),
        ("墨香", "Moxiang"), ("格物", "Gewu"), ("致远", "Zhiyuan"), ("崇文", "Chongwen"),
        ("砚池", "Yanchi"), ("明理", "Mingli"), ("知行", "Zhixing"), ("笔架", "Bijia"),
    ),
)  # fmt: skip

ELSEWHERE = (
    "望川县柳河镇", "云杉县石桥镇", "平澜县东渡镇", "鹿鸣县松坪镇", "海棠县长亭镇", "远山县青禾乡",
)  # fmt: skip
ELSEWHERE_LATIN = ("Valclair", "Roquebelle", "Montserein", "Port-Lunel", "Saint-Aubrac")
