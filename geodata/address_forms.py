"""How addresses are written: Chinese and Latin forms taken apart into their pieces."""

import re
import unicodedata
from collections.abc import Mapping

Pieces = dict[str, str]

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100}
_NUMERAL = "[零〇○一二两三四五六七八九十百]+"
_TRADITIONAL = str.maketrans(
    "號樓棟單層戶區縣鎮鄉號門東廣場園莊灣", "号楼栋单层户区县镇乡号门东广场园庄湾"
)
_DASHES = re.compile("[‐‑‒–—―−－~～]+")
_CJK = re.compile("[\u3400-\u9fff]")
_COUNTED = "号|栋|幢|座|单元|门|梯|层|楼|室|房|户|期|区|组|队|弄|院"
_CHINESE_NUMBER = re.compile(f"{_NUMERAL}(?=#|{_COUNTED})")

# parts of the state above an estate; what stands before is dropped if something is left after it
_ABOVE = (
    r"[^\d\s]{2,8}?(?:省|自治区|特别行政区)",
    r"[^\d\s省]{2,7}?(?<![城超夜都])市(?![区场政民委府])",
    r"[^\d\s]{2,9}?(?:自治州|地区|盟)",
    r"[^\d\s]{1,8}?(?:自治县|县|旗)(?![城府医委政])",
    r"[^\d\s]{1,7}?(?<![小园校厂院景片库矿社东西南北中])区",
    r"[^\d\s]{1,8}?(?:街道办事处|街道|(?<![小古城])镇|乡)",
    r"[^\d\s]{1,10}?(?:社区居民委员会|社区居委会|社区|居委会|村委会|村民委员会)",
)
_STREET = re.compile(
    r"(?P<street>[^\d]{1,14}?(?:路|大街|街|巷|胡同|(?<!街)道)(?:[东西南北中]段)?)"
    r"(?P<number>\d+(?:-\d+)?(?:附\d+)?)(?P<mark>号院|号|弄|$)"
)
_NUMBER_BEFORE = re.compile(
    r"(?P<housenumber>\d+(?:-\d+)?)号?(?P<street>[^\d]{1,14}(?:路|大街|街|巷|胡同|道)(?:[东西南北中]段)?)"
)
# a letter belongs to the number only if it ends no word: SOHO2 is building 2 of SOHO
_NAME = r"(?:(?<![A-Z])[A-Z])?\d+[A-Z]?|(?<![A-Z])[A-Z]|[甲乙丙丁戊己庚辛]"
_BUILDING = (
    re.compile(rf"(?P<estate>.*?)(?P<building>{_NAME})(?:号楼|号栋|号幢|栋|幢|座|#楼?)"),
    re.compile(rf"(?P<estate>.*?)(?P<building>{_NAME})楼(?=.*(?:单元|门))"),
    re.compile(r"(?P<estate>.*?)(?P<building>\d+(?:附\d+)?)号(?!院)"),
    re.compile(rf"(?P<estate>.*?[^\d-])?(?P<building>{_NAME})(?=-[A-Z\d])"),
)
_UNIT = re.compile(r"-?(?P<unit>[A-Z]?\d{1,2}|[A-Z]|[甲乙丙丁东西南北中])(?:单元|门|梯)")
_FLOOR = re.compile(r"-?(?P<floor>(?:负|地下|-)?\d{1,3})(?:层|楼|F)")
_ROOM = re.compile(
    r"-?(?P<room>[A-Z]?\d{1,5}[A-Z]?|[东西左右中南北前后])(?:室|房间|房|户|号)?(?!\d|单元|层)"
)
_DASHED = re.compile(r"-?(?P<parts>[A-Z]?\d+[A-Z]?(?:-[A-Z]?\d+[A-Z]?)+)")
_ROOM_ONLY = re.compile(r"(?P<estate>.*?)(?P<room>[A-Z]?\d{3,5}[A-Z]?)(?:室|房)")


def tidy(text: str) -> str:
    """Bring width, dashes, old characters and spaces of a written address to one form."""
    text = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(_DASHES.sub("-", text).split())


def is_chinese(text: str) -> bool:
    """Tell whether an address has Chinese characters in it."""
    return bool(_CJK.search(text))


def number(text: str) -> str:
    """Write a Chinese number in digits: 二十三 is 23, 五〇一 is 501; anything else stays."""
    if not re.fullmatch(_NUMERAL, text):
        return text
    if not any(c in _TENS for c in text):
        return "".join(str(_DIGITS[c]) for c in text)
    total, digit = 0, 0
    for char in text:
        if char in _TENS:
            total += (digit or (1 if total == 0 or char == "十" else 0)) * _TENS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return str(total + digit)


def chinese(text: str) -> Pieces:
    """Take a tidied Chinese address apart.

    Returns
    -------
    dict
        Some of street, housenumber, estate, building, unit, floor, room.
    """
    text = re.sub(r"(?<=\d)[ ,，、;/]+(?=\d)", "-", text.upper())
    text = re.sub(r"[\s,，、。;()（）\[\]【】\"'“”.]+", "", text)
    text = _CHINESE_NUMBER.sub(lambda match: number(match[0]), text)
    text = re.sub(r"(\d)号附(\d+)号?", r"\1附\2号", text)
    text = _below(text)
    if match := _NUMBER_BEFORE.fullmatch(text):  # 12 学府路, as European forms put it
        return match.groupdict()
    pieces: Pieces = {}
    if match := _STREET.match(text):
        lane = match["mark"] == "弄"
        pieces["street"] = match["street"]
        pieces["housenumber"] = match["number"] + ("弄" if lane else "")
        text = text[match.end() :]
    return pieces | _inside(text)


def _below(text: str) -> str:
    """Drop province to community from the front, each only if something named is left."""
    for form in _ABOVE:
        match = re.match(form, text)
        if match and re.match(r"[^\d\-]", text[match.end() :]):
            text = text[match.end() :]
    return text


def _inside(text: str) -> Pieces:
    """Take estate, building and what is in it apart."""
    for form in _BUILDING:
        if match := form.match(text):
            pieces = {k: v for k, v in match.groupdict().items() if v}
            return pieces | _tail(text[match.end() :])
    if match := _ROOM_ONLY.match(text):
        return {k: v for k, v in match.groupdict().items() if v}
    return {"estate": text} if text and not text[0].isdigit() else {}


def _tail(text: str) -> Pieces:
    pieces: Pieces = {}
    for form in (_UNIT, _FLOOR):
        if match := form.match(text):
            pieces |= match.groupdict()
            text = text[match.end() :]
    if match := _DASHED.match(text):
        parts = match["parts"].split("-")
        names = {2: ("unit", "room"), 3: ("unit", "floor", "room")}.get(len(parts), ())
        if "unit" in pieces:
            names = ("floor", "room") if len(parts) == 2 else ()
        return pieces | dict(zip(names, parts, strict=False))
    if match := _ROOM.match(text):
        pieces |= match.groupdict()
    return pieces


_LATIN: Mapping[str, re.Pattern[str]] = {
    key: re.compile(rf"\b(?:{words})\.?\s*(?:no\.?\s*)?#?\s*({value})\b")
    for key, words, value in (
        ("building", "building|bldg|block|blk|tower|batiment|bat", r"[a-z]?\d+[a-z]?|[a-z]"),
        ("unit", "unit|entrance|entree|escalier|esc|stair", r"[a-z]?\d+[a-z]?|[a-z]"),
        ("floor", "floor|etage", r"\d{1,3}"),
        ("room", "room|rm|apartment|apt|flat|suite|appartement|appt", r"[a-z]?\d+[a-z]?"),
    )
} | {"floor_after": re.compile(r"\b(\d{1,3})(?:st|nd|rd|th|er|eme|e)?\s*(?:floor|etage)\b")}
_DASHED_LATIN = re.compile(r"\b(?P<building>[a-z]?\d+)-(?:(?P<unit>\d{1,2})-)?(?P<room>\d{2,5})\b")
_NUMBER_FIRST = re.compile(
    r"(?P<housenumber>\d+ ?(?:bis|ter|quater|[a-z](?![a-z]))?(?:[-/]\d+)?)[ ,]+(?P<street>[a-z].*)"
)
_NUMBER_LAST = re.compile(r"(?P<street>[a-z].*?)[ ,]+(?P<housenumber>\d+ ?[a-z]?(?:[-/]\d+)?)")
_SHORT = {"av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "rd": "road"}


def latin(text: str) -> Pieces:
    """Take a tidied address in Latin letters apart, as `chinese` does."""
    plain = unicodedata.normalize("NFD", text.casefold())
    text = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    pieces: Pieces = {}
    ends = [len(text)]
    for key, form in _LATIN.items():
        if match := form.search(text):
            pieces.setdefault(key.removesuffix("_after"), match[1])
            ends.append(match.start())
    if "building" in pieces or "street" not in pieces:
        match = _DASHED_LATIN.search(text)
        if match and "room" not in pieces and "building" not in pieces:
            pieces |= {k: v for k, v in match.groupdict().items() if v}
            ends.append(match.start())
    return _named(text, min(ends)) | pieces


def _named(text: str, end: int) -> Pieces:
    """Read what stands before the inner parts: a street with its number, or an estate."""
    head = text[:end].strip(" ,;.-")
    for part in (head, head.split(",")[0]):
        for form in (_NUMBER_FIRST, _NUMBER_LAST):
            if match := form.fullmatch(part):
                street = match["street"].split(",")[0]
                words = [_SHORT.get(w.strip("."), w) for w in street.split()]
                return {
                    "street": " ".join(words).strip(" ."),
                    "housenumber": match["housenumber"].replace(" ", ""),
                }
    return {"estate": head} if head else {}
