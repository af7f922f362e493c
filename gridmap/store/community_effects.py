"""What follows communities that are merged: every row that says where it belongs."""

from collections.abc import Mapping

from gridmap.store.database import Row, Transaction

# Rows that go along, with what else each of their unique keys holds beside the area. Of two that
# would be the same, the one of the community with the lower code goes; the other stays behind,
# with the old community.
FOLLOWING: dict[str, tuple[tuple[str, ...], ...]] = {
    "household": (),
    "household_need": (),
    "household_fact": (),
    "visit": (),
    "visit_result": (),
    "visit_conflict": (),
    "incident": (("number",),),
    "incident_photo": (),
    "incident_step": (),
    "incident_conflict": (("incident_id", "content_hash"),),
    "coverage_part": (),
    "coverage_run_part": (),
    "coverage_option": (("name",),),
    "shelter": (),
    "road_closure": (),
    "alert": (("sender", "identifier"),),
    "sensor": (("code",),),
    "sensor_reading": (),
    "sensor_proposal": (("sensor_id", "level"),),
    "plan": (("hazard_id", "version"), ("hazard_id", "asked_version")),
    "plan_way": (("plan_id", "shelter_id"),),
    "plan_part": (("plan_id", "kind"),),
    "plan_stop": (),
    "plan_change": (),
    "walking_speed": (("need",),),
    "supply_rule": (("kind",),),
    "vehicle": (),
    "assignment": (),
    "route": (),
    "call_out": (("plan_id", "household_id"), ("code",)),
    "arrival": (),
    "call_step": (),
    "shelter_status": (("plan_id", "shelter_id"),),
    "drill": (("template_key", "name"),),
    "return_rule": (("kind",),),
    "plan_return": (("plan_id",),),
    "message": (("key", "channel", "recipient"),),
    "message_try": (),
    "volunteer": (("name", "phone"),),
    "volunteer_call": (),
    "volunteer_answer": (("call_id", "volunteer_id"), ("token_hash",)),
    "export_request": (),
    "export_file": (),
    "user_area": (),
    "grid_rule": (("kind", "area_type", "valid_from"),),
    "visit_rule": (("need",),),
    "household_field": (("name",),),
    "service_item": (("name",),),
    "service_offer": (),
    "service_request": (),
    "service_rule": (("need", "service"),),
    "care_load_rule": ((),),
    "care_match": (),
}
# Rows in versions, with what else but the area and the version says which thing they are of: all
# versions of one go along, unless a community before has brought the thing.
VERSIONED: dict[str, tuple[str, ...]] = {
    "coverage_standard": ("key",),
    "plan_template": ("key",),
    "dispatch_weight": (),
}
# Rows that are copied: papers of a day before still need the old one.
COPIED = {"area_office": ("name", "phone", "supervision_phone", "mail")}
# What files have brought, by its source_key: no row is left behind, one of two with the same key
# gets another one.
KEYED = (
    "building",
    "facility",
    "responder",
    "road",
    "railway",
    "water",
    "green",
    "place",
    "hazard",
)
# What stays where it was: history, drafts, work under way, and what has been appointed anew.
STAYING = frozenset(
    {
        "alarm_taken",
        "area",
        "break_glass",
        "care_run",
        "coverage_certificate",
        "coverage_run",
        "destruction",
        "destruction_hold",
        "drill_evaluation",
        "duty_log_entry",
        "duty_shift",
        "event",
        "finding",
        "grid",
        "grid_import",
        "grid_import_feature",
        "grid_member",
        "grid_number",
        "hazard_revision",
        "job",
        "lesson",
        "merged_community",
        "micro_grid",
        "paper_file",
        "plan_sheet",
        "response",
        "response_step",
        "response_task",
        "scenario",
        "scenario_base",
        "scenario_block",
        "scenario_grid",
        "scenario_lock",
        "scenario_operation",
        "scenario_proposal",
        "scenario_step",
        "siting_certificate",
        "team_loan",
        "town",
        "upload",
        "upload_chunk",
        "user_role",
        "whistle",
        "whistle_call",
    }
)
_MAP = "unnest(CAST(:old AS text[]), CAST(:new AS text[])) WITH ORDINALITY AS m(old, new, position)"


def follow(tx: Transaction, heirs: Mapping[str, str]) -> None:
    """Let everything of some areas belong to others: old code, new code.

    Parameters
    ----------
    heirs
        Codes of grids and communities; of communities in the order in which they come first.
    """
    values = {"old": list(heirs), "new": list(heirs.values())}
    for table, keys in FOLLOWING.items():
        if keys:
            for old, new in heirs.items():
                _first(tx, table, keys, old, new)
        else:
            tx.execute(
                f"UPDATE {table} AS t SET area_code = m.new FROM {_MAP} WHERE t.area_code = m.old",
                **values,
            )
    for table, key in VERSIONED.items():
        for old, new in heirs.items():
            _first(tx, table, (key,), old, new)
    for table, names in COPIED.items():
        columns = ", ".join(names)
        for old, new in heirs.items():
            tx.execute(
                f"INSERT INTO {table} (area_code, {columns}) SELECT :new, {columns} FROM {table}"
                " WHERE area_code = :old ON CONFLICT (area_code) DO NOTHING",
                old=old,
                new=new,
            )
    for table in KEYED:
        for old, new in heirs.items():
            _first(tx, table, (("source_key",),), old, new)
        tx.execute(
            f"UPDATE {table} AS t SET area_code = m.new, source_key = t.source_key || '@' || m.old"
            f" FROM {_MAP} WHERE t.area_code = m.old",
            **values,
        )


def _first(
    tx: Transaction, table: str, keys: tuple[tuple[str, ...], ...], old: str, new: str
) -> None:
    """Move the rows of an area that are not like one that is there already."""
    same = " OR ".join(
        "(" + " AND ".join([f"k.{name} = t.{name}" for name in key] or ["true"]) + ")"
        for key in keys
    )
    tx.execute(
        f"UPDATE {table} AS t SET area_code = :new WHERE t.area_code = :old AND NOT EXISTS"
        f" (SELECT 1 FROM {table} AS k WHERE k.area_code = :new AND ({same}))",
        old=old,
        new=new,
    )


def copy_micro_grids(tx: Transaction, grids: Mapping[str, str]) -> int:
    """Divide grids that only get another code as they were: old code, new code; give how many."""
    return tx.execute(
        "INSERT INTO micro_grid (area_code, number, grid_id, valid_from, households, people, head,"
        " measures, geom, label_point)"
        " SELECT n.code, p.number, n.id, n.valid_from, p.households, p.people, p.head, p.measures,"
        f" p.geom, p.label_point FROM {_MAP}"
        " JOIN grid AS n ON n.code = m.new AND n.valid_to IS NULL"
        " JOIN LATERAL (SELECT id, geom, valid_to FROM grid WHERE code = m.old"
        "  ORDER BY version DESC LIMIT 1) AS o ON o.geom = n.geom"
        # those that it was divided into last, where it was divided more than once
        " JOIN micro_grid AS p ON p.grid_id = o.id AND p.valid_to = greatest(o.valid_to,"
        "  p.valid_from) AND p.valid_from = (SELECT max(l.valid_from) FROM micro_grid AS l"
        "   WHERE l.grid_id = o.id)",
        old=list(grids),
        new=list(grids.values()),
    )


def copy_roles(tx: Transaction, heirs: Mapping[str, str]) -> list[Row]:
    """Trust people in the new area with what they are trusted with in the old one.

    The old roles stay: events of before are read with them. Members of grids are appointed to
    their own new grid elsewhere, and get no more ground here.

    Nobody changes their own roles, says the database, and asks who acts. Here nobody gives
    themselves anything: two people have decided what the area becomes, and whoever publishes it
    keeps the trust of before like everybody else.

    Returns
    -------
    list of Row
        `user_id, role, area_code` that nobody had yet.
    """
    tx.execute("SELECT set_config('gridmap.user', '', true)")
    given = tx.all(
        "INSERT INTO user_role (user_id, role, area_code) SELECT DISTINCT r.user_id, r.role, m.new"
        f" FROM {_MAP} JOIN user_role AS r ON r.area_code = m.old"
        " WHERE NOT (length(r.area_code) = 15 AND r.role = 'grid_member')"
        " ON CONFLICT DO NOTHING RETURNING user_id, role, area_code",
        old=list(heirs),
        new=list(heirs.values()),
    )
    if tx.scope.user_id is not None:
        tx.act_for(tx.scope.user_id)
    return given
