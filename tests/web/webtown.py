"""Who lives and works in the small town of the web tests, and what their browsers do."""

from __future__ import annotations

import itertools
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from gridmap.model.access import Role

PASSWORD = "correct-horse-9"
COUNTY, LAKE, HILL, OTHER = "990101", "990101001", "990101002", "990102"
MEMBER_GRID = "990101001001001"
# name, role and area; beside them two people who hold different roles in different areas
PEOPLE: dict[str, list[tuple[Role, str]]] = {
    "member": [(Role.GRID_MEMBER, MEMBER_GRID)],
    "unit": [(Role.UNIT, COUNTY)],
    "officer": [(Role.DUTY_OFFICER, COUNTY)],
    "commander": [(Role.COMMANDER, COUNTY)],
    "planner": [(Role.PLANNER, COUNTY)],
    "lead": [(Role.PLANNING_LEAD, COUNTY)],
    "auditor": [(Role.AUDITOR, COUNTY)],
    "admin": [(Role.SYSTEM_ADMIN, COUNTY)],
    "security": [(Role.SECURITY_ADMIN, COUNTY)],
    "hill": [(Role.DUTY_OFFICER, HILL)],
    "stranger": [(Role.DUTY_OFFICER, OTHER)],
    "mixed": [(Role.UNIT, COUNTY), (Role.DUTY_OFFICER, LAKE)],
}

_addresses = (f"{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in itertools.count(1))


def visitor(app: Flask) -> FlaskClient:
    """Give a new browser at an address of its own: the limit of an address is not shared."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"10.{next(_addresses)}"
    return client


def token_of(client: FlaskClient) -> str:
    """Read the CSRF token out of a page, as a script does."""
    page = client.get("/about", headers={"Accept": "text/html"}).get_data(as_text=True)
    found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> Any:
    """Fill in the form."""
    return client.post(
        "/sign-in",
        data={"csrf_token": token_of(client), "name": name, "password": password},
        headers={"Accept": "text/html"},
    )


def post(client: FlaskClient, address: str, content: Any) -> Any:
    """Send JSON with the token."""
    headers = {"X-CSRFToken": token_of(client)}
    if isinstance(content, bytes):
        return client.post(address, data=content, content_type="application/json", headers=headers)
    return client.post(address, json=content, headers=headers)


def bearer(client: FlaskClient, permissions: list[str] | None = None) -> dict[str, str]:
    """Make a token for a program of the person who is signed in, and give its header."""
    wanted = {"name": "a program"} | ({"permissions": permissions} if permissions else {})
    answer = post(client, "/api/account/tokens", wanted)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}
