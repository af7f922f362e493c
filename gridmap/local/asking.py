"""Questions to the running web server."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


def readiness(address: str, seconds: float = 5.0) -> tuple[int, dict[str, Any]]:
    """Ask `/readyz`.

    Parameters
    ----------
    address : str
        `http://host:port`.
    seconds : float
        How long to wait for an answer.

    Returns
    -------
    tuple of int and dict
        Status and document; 0 and an empty document when nobody answers.
    """
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=seconds)
    try:
        connection.request("GET", "/readyz", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        document = json.loads(answer.read() or b"{}")
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()
    return answer.status, document if isinstance(document, dict) else {}


def is_ready(address: str) -> bool:
    """Tell whether everything behind the web server is ready."""
    return readiness(address)[0] == http.client.OK
