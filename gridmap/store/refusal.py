"""Refusals: how many were recorded of late, and whether what was refused is there at all."""

from gridmap.store.database import Row, Transaction

# For each variable part of an address that names a thing: where it is kept. What is asked with
# these runs over all areas, and answers with the area alone.
THINGS: dict[str, tuple[str, str]] = {
    "alert_id": ("alert", "id::text"),
    "care_run_id": ("care_run", "id::text"),
    "closure_id": ("road_closure", "id::text"),
    "code": ("grid", "code"),
    "conflict_id": ("visit_conflict", "id::text"),
    "export_id": ("export_request", "id::text"),
    "facility_id": ("facility", "id::text"),
    "glass_id": ("break_glass", "id::text"),
    "hazard_id": ("hazard", "id::text"),
    "household_id": ("household", "id::text"),
    "incident_id": ("incident", "id::text"),
    "job_id": ("job", "id::text"),
    "message_id": ("message", "id::text"),
    "micro_grid": (
        "micro_grid",
        "area_code || '-' || lpad(number::text, greatest(2, length(number::text)), '0')",
    ),
    "loan_id": ("team_loan", "id::text"),
    "lesson_id": ("lesson", "id::text"),
    "offer_id": ("service_offer", "id::text"),
    "option_id": ("coverage_option", "id::text"),
    "plan_id": ("plan", "id::text"),
    "proposal_id": ("scenario_proposal", "id::text"),
    "response_id": ("response", "id::text"),
    "run": ("coverage_run", "id::text"),
    "run_id": ("coverage_run", "id::text"),
    "scenario_id": ("scenario", "id::text"),
    "sensor_id": ("sensor", "id::text"),
    "sensor_proposal_id": ("sensor_proposal", "id::text"),
    "seq": ("event", "seq::text"),
    "task_id": ("response_task", "id::text"),
    "upload_id": ("upload", "id::text"),
    "user_id": ("user_area", "user_id::text"),
    "vehicle_id": ("vehicle", "id::text"),
    "visit_id": ("visit", "id::text"),
    "calling_id": ("volunteer_call", "id::text"),
    "volunteer_id": ("volunteer", "id::text"),
    "call_id": ("whistle_call", "id::text"),
    "whistle_id": ("whistle", "id::text"),
}


def recent(tx: Transaction, kind: str, subject_id: str, seconds: int) -> int:
    """Count events of one kind and subject of the last seconds, as far as this scope sees them."""
    return int(
        tx.value(
            "SELECT count(*) FROM event WHERE subject = split_part(:kind, '.', 1)"
            " AND subject_id = :subject_id AND kind = :kind"
            " AND at > now() - make_interval(secs => :seconds)",
            kind=kind,
            subject_id=subject_id,
            seconds=seconds,
        )
    )


def whereabouts(tx: Transaction, part: str, value: str) -> Row | None:
    """Give noun and area of the thing that a part of an address names; None if there is none."""
    table, key = THINGS[part]
    found = tx.value(f"SELECT area_code FROM {table} WHERE {key} = :value LIMIT 1", value=value)
    return None if found is None else {"noun": table, "area": str(found)}
