"""Offices of areas, and the telephones of members: what papers give to the public."""

from gridmap.store.database import Transaction


def put(  # noqa: PLR0913, PLR0917 - what an office is
    tx: Transaction,
    area_code: str,
    name: str,
    phone: str | None,
    supervision_phone: str | None,
    mail: str | None,
) -> None:
    """Store the office of an area, in the place of the one before."""
    tx.execute(
        "INSERT INTO area_office (area_code, name, phone, supervision_phone, mail)"
        " VALUES (:area_code, :name, :phone, :supervision_phone, :mail) ON CONFLICT (area_code)"
        " DO UPDATE SET name = excluded.name, phone = excluded.phone,"
        " supervision_phone = excluded.supervision_phone, mail = excluded.mail",
        mail=mail,
        area_code=area_code,
        name=name,
        phone=phone,
        supervision_phone=supervision_phone,
    )


def set_phone(tx: Transaction, grid_code: str, name: str, phone: str | None, public: bool) -> int:
    """Note the telephone of who looks after a grid, and whether papers may give it."""
    return tx.execute(
        "UPDATE grid_member SET phone = :phone, phone_public = :public"
        " WHERE area_code = :code AND name = :name AND valid_to IS NULL",
        code=grid_code,
        name=name,
        phone=phone,
        public=public,
    )


def seed_demo(tx: Transaction, county: str) -> int:
    """Give each community of a demo town an office with numbers that nobody has."""
    return tx.execute(
        "INSERT INTO area_office (area_code, name, phone, supervision_phone)"
        " SELECT code, name_zh || '居委会', '000-' || right(code, 3) || '-0001',"
        "  '000-' || substr(code, 7, 3) || '-0110' FROM area"
        " WHERE level = 'community' AND starts_with(code, :county)"
        " ON CONFLICT (area_code) DO NOTHING",
        county=county,
    )
