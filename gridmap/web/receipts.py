"""The hash of what came in, byte for byte: a tablet deletes its copy only when it is the same."""

import hashlib

from flask import request

from gridmap.web.context import in_time


def body_sha256() -> str:
    """Hash the body of the request, before anything reads it as JSON; it is kept for that."""
    with in_time():
        return hashlib.sha256(request.get_data(cache=True)).hexdigest()
