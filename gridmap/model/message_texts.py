"""Texts of messages by kind, Chinese and English: whole sentences, one language at a time.

`message_words.fill` puts a text together from those of its lines whose figures are there. What is
spoken by a loudspeaker names no household and no person.
"""

# A line is left out where one of its fields is not there; one that begins with `?` shows nothing.
Lines = tuple[tuple[str, str], ...]

TEXTS: dict[str, Lines] = {
    # --- an evacuation is ordered
    "plan_members": (
        (
            "{hazard}：转移开始。网格 {grid} 有 {households} 户 {people} 人要走。",
            "{hazard}: evacuation begins. Grid {grid}: households to leave {households},"
            " people {people}. ",
        ),
        (
            "第 {wave} 批先走：{first} 户，{departs} 出发。",
            "Wave {wave} leaves first: households {first}, setting out at {departs}. ",
        ),
        ("先叫：{homes}。", "Call first: {homes}. "),
        ("还有 {more} 户，看名单。", "More on the list: {more}. "),
        ("{fetched} 户走不动，等车。", "Cannot walk and wait for a vehicle: {fetched}. "),
        ("{unserved} 户还没有去处，另行通知。", "Without a place yet, word follows: {unserved}. "),
        ("名单和路线：{link}", "List and ways: {link}"),
    ),
    "plan_changed": (
        (
            "{hazard}：转移方案改了。网格 {grid} 有 {changed} 户改了去处、时间或路线：{homes}。",
            "{hazard}: the evacuation plan has changed. Grid {grid}: households with another place,"
            " time or way {changed}: {homes}. ",
        ),
        ("另有 {more} 户，看名单。", "More on the list: {more}. "),
        ("其中 {gone} 户不用走了。", "Of these need not leave any more: {gone}. "),
        (
            "别的不变，现在共 {households} 户 {people} 人要走。",
            "All else stays; to leave now: households {households}, people {people}. ",
        ),
        ("名单和路线：{link}", "List and ways: {link}"),
    ),
    "plan_shelters": (
        (
            "{shelter}准备接人：{hazard}转移，预计来 {people} 人（{households} 户）。",
            "{shelter}, get ready: evacuation for {hazard}, people expected {people}"
            " (households {households}). ",
        ),
        ("第一批约 {arrives} 到。", "The first arrive at about {arrives}. "),
        ("要照顾的：{needs}。", "In need of care: {needs}. "),
        ("要备好：{supplies}。", "Have ready: {supplies}. "),
        ("看板：{link}", "Board: {link}"),
    ),
    "plan_shelters_changed": (
        (
            "{shelter}：{hazard}转移方案改了，现在预计来 {people} 人（{households} 户）。",
            "{shelter}: the evacuation plan for {hazard} has changed; people expected now {people}"
            " (households {households}). ",
        ),
        ("要照顾的：{needs}。", "In need of care: {needs}. "),
        ("要备好：{supplies}。", "Have ready: {supplies}. "),
        ("看板：{link}", "Board: {link}"),
    ),
    "plan_offices": (
        (
            "{hazard}：转移方案 {number} 启动，{households} 户 {people} 人，{grids} 个网格。",
            "{hazard}: evacuation plan {number} is in force: households {households},"
            " people {people}, grids {grids}. ",
        ),
        (
            "替代 {replaced}，{changed} 户有变化。",
            "It replaces {replaced}; households changed {changed}. ",
        ),
        ("{unserved} 户还没有去处。", "Households without a place: {unserved}. "),
        ("{silent} 个网格没有能通知的网格员。", "Grids without a member to tell: {silent}. "),
        ("看板：{link}", "Board: {link}"),
    ),
    "plan_public": (
        ("{place}的居民请注意：", "Residents of {place}, attention: "),
        ("居民请注意：{?nowhere}", "Residents, attention: {?nowhere}"),
        (
            "{danger}，要转移的家庭请在 {by} 前离开。",
            "{danger}. Households that have to leave: leave before {by}. ",
        ),
        (
            "{danger}，要转移的家庭现在就走。{?at_once}",
            "{danger}. Households that have to leave: leave now. {?at_once}",
        ),
        (
            "去处：{shelters}。网格员会告诉您去哪一处、走哪条路。",
            "Places to go: {shelters}. Your grid member tells you which one and which way. ",
        ),
        (
            "网格员会告诉您去哪里、走哪条路。{?unnamed}",
            "Your grid member tells you where to go and which way. {?unnamed}",
        ),
        (
            "带上身份证、药和手机，关好水电气。走不动的人告诉网格员。",
            "Take identity card, medicine and telephone; turn off water, power and gas. Who cannot"
            " walk: tell your grid member. ",
        ),
        ("没有解除通知，不要回家取东西。", "Do not go home to fetch things before the all-clear."),
        (
            "这是演练，不用真的离开。{?exercise}",
            " This is an exercise: nobody really has to leave.{?exercise}",
        ),
    ),
    # --- it ends
    "plan_closed": (
        (
            "{hazard}：转移方案 {number} 结束，不再转移。",
            "{hazard}: evacuation plan {number} has ended; nobody is to leave any more. ",
        ),
        ("网格 {grid} 不用再叫应。", "Grid {grid}: no more calls. "),
        (
            "已经到安置点的人还不能回家，能回家时另行通知。{?away}",
            "Those in shelters do not go home yet; word follows. {?away}",
        ),
    ),
    "plan_closed_public": (
        ("{place}的居民请注意：", "Residents of {place}, attention: "),
        ("居民请注意：{?nowhere}", "Residents, attention: {?nowhere}"),
        (
            "{hazard}：转移结束，没走的不用走了。险情还没解除，请离远些，听网格员安排。",
            "{hazard}: the evacuation has ended; who has not left need not leave. The danger is not"
            " over: keep away and do as your grid member tells you. ",
        ),
        (
            "已经离开的先不要回家，能回家时再广播。{?away}",
            "Who has left: do not go home yet; it will be announced here. {?away}",
        ),
        ("这是演练。{?exercise}", "This is an exercise.{?exercise}"),
    ),
    "plan_lifted": (
        ("{hazard}解除了。", "{hazard} is lifted. "),
        ("网格 {grid} 有 {away} 户在外面。", "Grid {grid}: households away from home {away}. "),
        ("{shelter}还有 {present} 人。", "{shelter}: people present {present}. "),
        (
            "解除后 {days} 天仍危险，{until} 前谁也不要回家。",
            "It stays dangerous for {days} days: nobody goes home before {until}. ",
        ),
        ("还不能回家，能回家时另行通知。{?wait}", "Nobody goes home yet; word follows. {?wait}"),
    ),
    "plan_lifted_public": (
        ("{place}的居民请注意：", "Residents of {place}, attention: "),
        ("居民请注意：{?nowhere}", "Residents, attention: {?nowhere}"),
        ("{hazard}解除了。", "{hazard} is lifted. "),
        (
            "解除后 {days} 天仍危险，{until} 前不要回家。",
            "It stays dangerous for {days} days: do not go home before {until}. ",
        ),
        (
            "还不能回家，能回家时再广播。{?wait}",
            "Do not go home yet; it will be announced here. {?wait}",
        ),
        ("这是演练。{?exercise}", "This is an exercise.{?exercise}"),
    ),
    "return_open": (
        ("{hazard}：可以回家了。", "{hazard}: people may go home. "),
        (
            "网格 {grid} 有 {away} 户没到家，陪他们回去，到家逐户记。",
            "Grid {grid}: households not home yet {away}; go with them and tick each one home. ",
        ),
        (
            "{shelter}还有 {present} 人，可以走了。",
            "{shelter}: people still there {present}; they may leave. ",
        ),
    ),
    "return_open_public": (
        ("{place}的居民请注意：", "Residents of {place}, attention: "),
        ("居民请注意：{?nowhere}", "Residents, attention: {?nowhere}"),
        (
            "{hazard}解除了，可以回家了。进门先看墙有没有裂、闻有没有气味，不对就退出来告诉网格员。",
            "{hazard} is over, you may go home. Look for cracks and smell for gas before you enter;"
            " if anything is wrong, leave and tell your grid member. ",
        ),
        ("这是演练。{?exercise}", "This is an exercise.{?exercise}"),
    ),
    # --- hazards
    "hazard_declared": (
        ("险情发布：{danger}。", "Hazard declared: {danger}. "),
        (
            "网格 {grid} 有 {households} 户 {people} 人在里面，等下一步通知。",
            "Grid {grid}: households inside {households}, people {people}; word follows. ",
        ),
        (
            "里面有 {all_households} 户 {all_people} 人。",
            "Inside: households {all_households}, people {all_people}. ",
        ),
    ),
    "hazard_adjusted": (
        ("险情变了：{danger}。", "Hazard changed: {danger}. "),
        (
            "网格 {grid} 有 {households} 户 {people} 人在里面。",
            "Grid {grid}: households inside {households}, people {people}. ",
        ),
        (
            "里面有 {all_households} 户 {all_people} 人。",
            "Inside: households {all_households}, people {all_people}. ",
        ),
        ("原因：{reason}", "Why: {reason}"),
    ),
    "hazard_lifted": (("{hazard}解除了。", "{hazard} is lifted."),),
    "hazard_public": (
        ("{place}的居民请注意：", "Residents of {place}, attention: "),
        ("居民请注意：{?nowhere}", "Residents, attention: {?nowhere}"),
        (
            "{danger}。请离远些，听网格员安排，不要围观。",
            "{danger}. Keep away and do as your grid member tells you. ",
        ),
        ("这是演练。{?exercise}", "This is an exercise.{?exercise}"),
    ),
    "hazard_lifted_public": (
        ("{place}的居民请注意：", "Residents of {place}, attention: "),
        ("居民请注意：{?nowhere}", "Residents, attention: {?nowhere}"),
        ("{hazard}解除了。", "{hazard} is lifted. "),
        ("这是演练。{?exercise}", "This is an exercise.{?exercise}"),
    ),
    # --- warnings, in the words of who issued them
    "alert_issued": (
        ("{issuer}发布预警：{headline}。", "Warning by {issuer}: {headline}. "),
        ("范围：{area}。", "Area: {area}. "),
        ("{from}到{until}。", "From {from} until {until}. "),
        ("{instruction}", "{instruction}"),
    ),
    "alert_updated": (
        ("{issuer}更新预警：{headline}。", "Warning updated by {issuer}: {headline}. "),
        ("范围：{area}。", "Area: {area}. "),
        ("{from}到{until}。", "From {from} until {until}. "),
        ("{instruction}", "{instruction}"),
    ),
    "alert_cancelled": (
        ("{issuer}解除预警：{headline}。", "Warning cancelled by {issuer}: {headline}. "),
        ("范围：{area}。", "Area: {area}. "),
    ),
    # --- while it goes on
    "call_late": (
        (
            "{hazard}：{community}有 {households} 户没有应答，请接手叫应。",
            "{hazard}, {community}: households that have not answered {households}."
            " Take the calls over.",
        ),
    ),
    "help_lent": (
        (
            "{team} 来支援，事件 {number}，借到 {until}。",
            "{team} comes to help with incident {number}, lent until {until}.",
        ),
    ),
    "help_declined": (
        (
            "{team} 来不了，事件 {number}：{reason}",
            "{team} cannot come to incident {number}: {reason}",
        ),
    ),
    "help_asked": (
        (
            "求援：事件 {number} 请 {team} 支援。",
            "Help asked: {team} is wanted for incident {number}.",
        ),
    ),
}
