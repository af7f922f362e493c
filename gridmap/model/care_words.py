"""Words for what is known of households, in both languages: forms, lists and files share them."""

Words = dict[str, tuple[str, str]]  # key -> Chinese, English

FACTS: Words = {
    "people": ("家里住几个人", "People living here"),
    "phone": ("电话", "Phone"),
    "householder": ("户主姓名", "Householder"),
    "residence": ("居住情况", "Residence"),
    "registered_at": ("户籍地", "Registered at"),
    "carer": ("谁在照料", "Who looks after them"),
    "carer_phone": ("照料人电话", "Carer's phone"),
    "needs_help": ("转移时要人帮", "Needs help to leave"),
}
CHOICES: Words = {
    "resident": ("常住", "Lives here"),
    "floating": ("流动", "Here for a time"),
    "left_behind": ("留守", "Left behind"),
    "away": ("人户分离，不住这里", "Registered here, lives elsewhere"),
}
NEEDS: Words = {
    "disabled": ("残疾", "Disabled"),
    "wheelchair": ("轮椅", "Wheelchair"),
    "bedridden": ("卧床", "Bedridden"),
    "infant": ("婴幼儿", "Infant"),
    "pregnant": ("孕妇", "Pregnant"),
    "chronic": ("慢性病", "Chronic illness"),
    "elderly": ("高龄", "Elderly"),
    "elderly_alone": ("独居老人", "Elderly, alone"),
    "living_alone": ("独居", "Lives alone"),
    "left_behind_child": ("留守儿童", "Left-behind child"),
    "left_behind_elder": ("留守老人", "Left-behind elder"),
    "blind": ("视力障碍", "Blind"),
    "deaf": ("听力障碍", "Deaf"),
    "oxygen": ("吸氧", "On oxygen"),
}
MISSED: Words = {
    "nobody_in": ("没人在家", "Nobody was in"),
    "not_now": ("不方便见面", "Not a good time for them"),
    "moved": ("已经搬走", "Has moved away"),
    "no_way": ("去不了，路不通", "The way is blocked"),
}
HEADINGS: Words = {
    "id": ("编号", "Id"),
    "grid": ("网格", "Grid"),
    "source": ("从哪格", "From grid"),
    "target": ("到哪格", "To grid"),
    "address": ("地址", "Address"),
    "unit": ("单元", "Unit"),
    "room": ("室", "Room"),
    "householder": ("户主", "Householder"),
    "phone": ("电话", "Phone"),
    "id_number": ("身份证号", "ID number"),
    "people": ("人数", "People"),
    "residence": ("居住情况", "Residence"),
    "registered_at": ("户籍地", "Registered at"),
    "carer": ("照料人", "Carer"),
    "carer_phone": ("照料人电话", "Carer's phone"),
    "needs_help": ("转移时要人帮", "Needs help to leave"),
    "needs": ("需要照顾", "Needs"),
    "last_visit": ("上次走访", "Last visit"),
    "state": ("状态", "State"),
    "due_on": ("应访日期", "Due on"),
    "ended_at": ("走访时间", "Visited at"),
    "note": ("记录", "Note"),
    "area": ("区划编码", "Area code"),
    "kind": ("类型", "Kind"),
    "name": ("姓名或名称", "Name"),
    "organisation": ("所属组织", "Organisation"),
    "skills": ("本领", "Skills"),
    "consented_on": ("同意日期", "Consented on"),
    "active": ("在叫", "Asked"),
}
VOLUNTEERS: Words = {
    "person": ("个人", "Person"),
    "organisation": ("组织", "Organisation"),
}
SKILLS: Words = {
    "carry": ("搬运", "Carrying"),
    "door_to_door": ("上门", "Door to door"),
    "first_aid": ("急救", "First aid"),
    "transport": ("转运", "Transport"),
    "translate": ("翻译", "Translating"),
    "cook": ("做饭", "Cooking"),
    "childcare": ("带孩子", "Childcare"),
    "boat": ("开船", "Boats"),
    "water_rescue": ("水上救援", "Water rescue"),
    "rescue": ("救援", "Rescue"),
    "machinery": ("开机械", "Machinery"),
    "power": ("电工", "Electrician"),
    "radio": ("电台", "Radio"),
    "care": ("照护", "Care"),
    "crowd": ("人群管控", "Crowd control"),
    "traffic": ("交通疏导", "Traffic"),
}
PURPOSES: Words = {
    "visit": ("走访", "Visits"),
    "emergency": ("应急处置", "Emergency"),
    "correction": ("数据更正", "Putting records right"),
    "export": ("报送", "Report to an office"),
}
STATES: Words = {
    "planned": ("待访", "Due"),
    "done": ("已访", "Done"),
    "missed": ("未遇", "Missed"),
}


def word(words: Words, key: str, *, english: bool) -> str:
    """Give the words of a key; a key that is not known is shown as it is written."""
    found = words.get(key)
    return key if found is None else found[1 if english else 0]
