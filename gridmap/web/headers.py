"""Headers of every answer: what a page may load, who may keep it, and which request it was."""

import gzip
import secrets

from flask import Response, g, request

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
    "img-src 'self' data: blob:; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; form-action 'self'"
)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_PACKED = frozenset({"application/json", "application/geo+json"})
_WORTH_PACKING = 1500  # bytes: less goes in one packet anyway


def new_nonce() -> None:
    """Draw the nonce that this answer's own scripts carry."""
    g.csp_nonce = secrets.token_urlsafe(16)


def secure(response: Response) -> Response:
    """Add the headers; an answer that said nothing about keeping it is kept by nobody."""
    nonce = g.get("csp_nonce") or secrets.token_urlsafe(16)
    # a photo has a stricter one of its own
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY.format(nonce=nonce))
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    _pack(response)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if "request_id" in g:
        response.headers["X-Request-ID"] = g.request_id
    return response


def _pack(response: Response) -> None:
    """Send a long answer of JSON packed to whoever takes it so: tablets pay for every kilobyte.

    Such answers hold no token of a form, so their length gives nothing away about one.
    """
    if response.mimetype not in _PACKED or response.is_streamed or response.direct_passthrough:
        return
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or "Content-Encoding" in response.headers:
        return
    content = response.get_data()
    if len(content) >= _WORTH_PACKING:
        response.set_data(gzip.compress(content, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
