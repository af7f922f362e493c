"""Words for services, for who offers them and for what stands in the way, in both languages."""

from gridmap.model.care_words import Words

SERVICES: Words = {
    "meals": ("助餐送餐", "Meals"),
    "company": ("陪伴探望", "Company"),
    "nursing": ("上门护理", "Nursing at home"),
    "bathing": ("助浴", "Bathing"),
    "escort": ("陪同就医出行", "Going along to the doctor"),
    "repairs": ("小修小补", "Small repairs"),
    "child_care": ("儿童看护", "Child care"),
    "counsel": ("心理疏导", "Counselling"),
    "errands": ("代办代购", "Errands"),
    "activities": ("活动场地", "Room for activities"),
}
PROVIDERS: Words = {
    "volunteers": ("志愿队伍", "Volunteers"),
    "social_worker": ("社会工作者", "Social workers"),
    "charity": ("慈善组织", "Charity"),
    "room": ("闲置场所", "Idle room"),
    "market": ("便民市场", "Market"),
}
UNMET: Words = {
    "nobody": ("没人提供", "Nobody offers it"),
    "no_street": ("没落位或不通路", "No place or no street"),
    "too_far": ("都离得太远", "All too far"),
    "full": ("够得着的都满了", "All in reach are full"),
}
UNUSED: Words = {
    "nobody_wants": ("没有人要这项服务", "Nobody wants it"),
    "no_street": ("供给点不通路", "No street at its place"),
    "out_of_reach": ("要的人都在范围外", "All who want it are out of reach"),
    "enough": ("够得着的都接上了", "All in reach are met"),
}
SOURCES: Words = {
    "need": ("按需要推出", "By a need"),
    "visit": ("走访时提出", "At a visit"),
    "resident": ("居民提出", "By the resident"),
}
STATES: Words = {
    "open": ("待接上", "Open"),
    "met": ("已接上", "Met"),
    "withdrawn": ("不需要", "Not wanted"),
}
