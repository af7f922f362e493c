"""Edits of what somebody else may be editing: the version that was read goes along with each."""

import re

from flask import Response, jsonify, request

from gridmap.model.problem import Problem
from gridmap.problems import bad_value

_VERSION = re.compile(r'"([0-9]{1,9})"', re.ASCII)


def if_match(*, required: bool = True) -> int | None:
    """Read the version that a person has seen out of ``If-Match``; None when there is none.

    Raises
    ------
    Problem
        428 where one is needed and none is given; 400 for anything but one quoted number.
    """
    given = request.headers.get("If-Match")
    if given is None:
        if required:
            raise Problem(428, "Version needed", 'Send If-Match: "<version>" as last read')
        return None
    found = _VERSION.fullmatch(given.strip())
    if found is None:
        raise bad_value("If-Match", "one version in quotation marks is needed")
    return int(found[1])


def versioned(content: object, version: int) -> Response:
    """Answer with a noun and the version that an edit of it has to name."""
    response = jsonify(content)
    response.set_etag(str(version))
    return response
