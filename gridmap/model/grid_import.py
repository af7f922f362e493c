"""What a file of grids says of each: which column holds it, and what the words in it mean."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

FIELDS = ("code", "name", "kind", "use", "member")

# headings met in files of townships, reduced as in `plain`
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "网格编码", "网格代码", "网格编号", "网格号", "编码", "代码", "编号", "gridcode", "gridid",
        "code", "wgbm", "wgdm", "wgbh",
    ),
    "name": ("网格名称", "网格名", "名称", "gridname", "name", "wgmc", "mc"),
    "kind": ("网格类型", "网格类别", "类型", "类别", "gridtype", "kind", "type", "wglx"),
    "use": (
        "专属网格类别", "专属类别", "专属类型", "专属用途", "专属", "specialuse", "specialgriduse",
        "use",
    ),
    "member": ("网格员姓名", "网格员", "网格长", "专职网格员", "姓名", "member", "wgy", "wgyxm"),
}  # fmt: skip
_KINDS: Mapping[str, str] = {
    "": "comprehensive", "综合网格": "comprehensive", "综合": "comprehensive",
    "基础网格": "comprehensive", "普通网格": "comprehensive", "comprehensive": "comprehensive",
    "1": "comprehensive", "5": "comprehensive",
    "专属网格": "special", "专属": "special", "special": "special", "2": "special",
    "微网格": "micro", "微格": "micro", "micro": "micro",
}  # fmt: skip
# what a special grid is; such a word alone says that it is one
_USES: Mapping[str, str] = {
    "行政中心": "administration", "产业园区": "park", "园区": "park", "企事业单位": "enterprise",
    "商务楼宇": "office", "楼宇": "office", "商圈市场": "market", "市场": "market",
    "校园": "campus", "学校": "campus",
    "administration": "administration", "administrativecentre": "administration",
    "administrativecenter": "administration", "industrialpark": "park", "park": "park",
    "enterprise": "enterprise", "enterprises": "enterprise", "institution": "enterprise",
    "officebuildings": "office", "officebuilding": "office", "office": "office",
    "market": "market", "shoppingdistrict": "market", "campus": "campus", "school": "campus",
}  # fmt: skip
_NOISE = re.compile(r"[\s_*:：\-./、，,]+")
_CODE = re.compile(r"[0-9]{15}", re.ASCII)


def plain(heading: str) -> str:
    """Reduce a heading to what distinguishes it."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading).strip().lower())


def guess(columns: Sequence[str]) -> dict[str, str]:
    """Guess which column holds which field; the likeliest heading wins, then the first column."""
    by_heading: dict[str, str] = {}
    for column in columns:
        by_heading.setdefault(plain(column), column)
    found: dict[str, str] = {}
    for field, headings in _HEADINGS.items():
        for heading in headings:
            if heading in by_heading and by_heading[heading] not in found.values():
                found[field] = by_heading[heading]
                break
    return found


def written(cell: object) -> str:
    """Give a cell as its text: a number that is whole has no decimals."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFC", str(cell)).strip()


def is_code(text: str) -> bool:
    """Tell whether a text is a code of 15 digits."""
    return _CODE.fullmatch(text) is not None


def kind_of(row: Mapping[str, str]) -> str | None:
    """Give the kind of a grid by its fields, None for a word that is not known.

    What a special grid is says that it is one, in either column.
    """
    word = plain(row["kind"])
    if word in _USES or (not word and plain(row["use"]) in _USES):
        return "special"
    return _KINDS.get(word)


def use_of(row: Mapping[str, str]) -> str | None:
    """Give what a special grid is: by the column for it, else by the word for its kind."""
    own = plain(row["use"])
    return _USES.get(own or plain(row["kind"]))


def unknown_use(row: Mapping[str, str]) -> bool:
    """Tell whether the column for what a special grid is holds a word that is not known."""
    own = plain(row["use"])
    return bool(own) and own not in _USES


USES = tuple(dict.fromkeys(_USES.values()))
