"""Search over what the map shows; never over the names of residents."""

from gridmap.store.database import Row, Transaction

_EACH = 6  # results of one kind


def find(tx: Transaction, text: str, *, english: bool) -> list[Row]:
    """Find grids, facilities, places, streets, incidents and hazards by text.

    Returns
    -------
    list of mapping
        ``kind, title, subtitle, lon, lat, ref, rank``; rank 0 begins with the text.
    """
    parts = (_GRIDS, _FACILITIES, _PLACES, _STREETS, _INCIDENTS, _HAZARDS)
    digits = text.replace("-", "")
    return tx.all(
        " UNION ALL ".join(f"({part})" for part in parts),
        **_patterns(text),
        number=text if text.isascii() and text.isdigit() else "",
        digits=f"{digits}%" if digits.isascii() and digits.isdigit() else "",
        english=english,
        each=_EACH,
    )


def addresses(tx: Transaction, text: str) -> list[Row]:
    """Find placed households by their address, as `find` does."""
    return tx.all(_ADDRESSES, **_patterns(text), each=_EACH)


def _patterns(text: str) -> dict[str, str]:
    plain = escaped(text)
    return {"anywhere": f"%{plain}%", "start": f"{plain}%"}


def escaped(text: str) -> str:
    """Take the meaning from the signs that LIKE gives one."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _select(
    kind: str, title: str, subtitle: str, point: str, ref: str, source: str, match: str
) -> str:
    return (
        f"SELECT '{kind}' AS kind, {title} AS title, {subtitle} AS subtitle,"
        f" ST_X({point}) AS lon, ST_Y({point}) AS lat, CAST({ref} AS text) AS ref,"
        f" CASE WHEN {title} ILIKE :start THEN 0 ELSE 1 END AS rank"
        f" FROM {source} WHERE {match} ORDER BY rank, {title}, ref LIMIT :each"
    )


_NAME = "CASE WHEN :english THEN coalesce({t}.name_en, {t}.name) ELSE {t}.name END"
_NAMED = "({t}.name ILIKE :anywhere OR {t}.name_en ILIKE :anywhere)"

_GRIDS = _select(
    "grid",
    # a special grid is known by its name
    "CASE WHEN g.kind = 'special' THEN coalesce(g.name, g.code)"
    " ELSE substr(g.code, 10, 3) || '-' || substr(g.code, 13, 3) END",
    "g.code",
    "g.label_point",
    "g.code",
    "grid g",
    "g.valid_to IS NULL AND (substr(g.code, 10, 3) || '-' || substr(g.code, 13, 3)"
    " ILIKE :start OR g.name ILIKE :anywhere"
    " OR (:digits <> '' AND (g.code LIKE :digits OR substr(g.code, 10) LIKE :digits)))",
)
_ADDRESSES = _select(
    "address",
    "h.address",
    "CASE WHEN length(h.area_code) = 15 THEN substr(h.area_code, 10, 3) || '-' ||"
    " substr(h.area_code, 13, 3) ELSE h.area_code END",
    "h.geom",
    "h.id",
    "household h",
    "h.geom IS NOT NULL AND h.address ILIKE :anywhere",
)
_FACILITIES = _select(
    "facility",
    _NAME.format(t="f"),
    "f.kind",
    "f.geom",
    "f.id",
    "facility f",
    "f.retired_at IS NULL AND " + _NAMED.format(t="f"),
)
_PLACES = _select(
    "place", _NAME.format(t="p"), "p.kind", "p.geom", "p.id", "place p", _NAMED.format(t="p")
)
_STREETS = _select(
    "place",
    "s.name",
    "'street'",
    "s.geom",
    "s.id",
    "(SELECT DISTINCT ON (name) id, name, ST_LineInterpolatePoint(geom, 0.5) AS geom"
    " FROM road WHERE name ILIKE :anywhere ORDER BY name, id) AS s",
    "true",
)
_INCIDENTS = _select(
    "incident",
    "CASE WHEN :english THEN coalesce(i.title_en, i.title) ELSE i.title END",
    "i.state",
    "i.geom",
    "i.id",
    "incident i",
    "(i.title ILIKE :anywhere OR i.title_en ILIKE :anywhere OR i.number::text = :number)",
)
_HAZARDS = _select(
    "hazard",
    _NAME.format(t="z"),
    "z.kind",
    "ST_PointOnSurface(z.geom)",
    "z.id",
    "hazard z",
    "z.state = 'declared' AND " + _NAMED.format(t="z"),
)
