"""The tablet: its page, its service worker, its manifest, and what it asks for after a sign-in."""

import base64
import gzip
import hashlib
import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask_babel import get_translations, gettext
from flask_wtf.csrf import generate_csrf

from gridmap.maps import shell
from gridmap.model.access import Permission
from gridmap.services import field, viewing
from gridmap.settings import LANGUAGES
from gridmap.web import inputs
from gridmap.web.context import parts, scope, settings, viewer
from gridmap.web.field_files import ROOT, STATIC, files, modules
from gridmap.web.language import keep_choice, locale
from gridmap.web.permissions import permits, public

blueprint = Blueprint("field", __name__)

URLS = {
    "start": "/api/field/start",
    "key": "/api/field/key",
    "base_tiles": "/tiles/base/{z}/{x}/{y}.mvt",
    "worker": "/field/worker.js",
    "map": "/field/map.js",
}
_GRIDMAP = ROOT / "gridmap"
_SCOPE = "/field"
_ZOOM = 16
_ICONS = ("field-192.png", "field-512.png")
_LATE = ("leaflet", "leaflet_style", "protomaps")
_SAID = re.compile(r'"([^"\n]*)"')  # what a module may show, among others
_WORKER = STATIC / "js" / "sw" / "worker.js"


@blueprint.get("/field")
@permits(Permission.INCIDENT_REPORT)
def page() -> Response:
    """Show the tablet's page: a shell without a person, filled by its script."""
    keep_choice()
    return _shell()


class Language(inputs.Query):
    """Parameters of the shell."""

    lang: Literal["zh_CN", "en"]


@blueprint.get("/field/shell")
@public
def page_shell() -> Response:
    """Give the same page in one language, for the service worker to keep."""
    inputs.query(Language)
    return _shell()


@blueprint.get("/field/worker.js")
@public
def worker() -> Response:
    """Give the service worker with the list of what it keeps; its version is that of the files."""
    inputs.no_query()
    about = hashlib.sha256(repr([_town(each) for each in LANGUAGES]).encode()).hexdigest()[:8]
    names = [URLS["map"], *(f"/static/{name}" for name in files().all)]
    kept = json.dumps({"version": f"{_version()}-{about}", "files": names})
    text = f"self.KEPT = {kept};\n{_WORKER.read_text(encoding='utf-8')}"
    response = Response(text, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = _SCOPE
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/field/map.js")
@public
def map_script() -> Response:
    """Give the statements that make the map; the page asks for them after Leaflet."""
    inputs.no_query()
    site = _site()
    response = Response(_map(site).script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/field/manifest.webmanifest")
@public
def manifest() -> Response:
    """Describe the page as something that can be installed."""
    name = _site()["town"] or gettext("网格地图")
    text = json.dumps(
        {
            "id": _SCOPE,
            "name": f"{gettext('我的网格')} · {name}",
            "short_name": gettext("我的网格"),
            "lang": "en" if locale() == "en" else "zh-CN",
            "start_url": _SCOPE,
            "scope": _SCOPE,
            "display": "standalone",
            "background_color": "#f5f4f0",
            "theme_color": "#0b6661",
            "icons": [
                {"src": f"/static/icons/{icon}", "sizes": f"{size}x{size}", "type": "image/png"}
                for icon, size in zip(_ICONS, (192, 512), strict=True)
            ],
        },
        ensure_ascii=False,
    )
    return Response(text, mimetype="application/manifest+json")


@blueprint.get("/api/field/start")
@permits(Permission.INCIDENT_REPORT)
def start() -> Response:
    """Say who is signed in, what area is theirs, and give the token that writes must carry."""
    inputs.no_query()
    person = viewer()
    return jsonify(
        user=person.id,
        name=person.name,
        display_name=person.display_name,
        language=locale(),
        permissions=sorted(permission.value for permission in person.permissions),
        areas=list(person.areas_for(Permission.INCIDENT_REPORT)),
        csrf_token=generate_csrf(),
        server_time=datetime.now(UTC).isoformat(),
    )


@blueprint.get("/api/field/key")
@permits(Permission.INCIDENT_REPORT)
def key() -> Response:
    """Hand the person the key that seals what their tablet keeps."""
    inputs.no_query()
    found = field.key(parts().database, viewer(), scope().request_id)
    return jsonify(user=viewer().id, key=base64.b64encode(found).decode("ascii"))


def _shell() -> Response:
    language = locale()
    site = _site()
    made = files()
    late = {name: f"/static/{getattr(made, name)}" for name in _LATE}
    text = render_template(
        "field.html",
        me=None,
        site=site,
        language=language,
        theme=None,
        urls=URLS | late,
        csp_nonce=g.csp_nonce,
        # a page that is kept carries nobody's token; its script asks for one
        csrf_token=lambda: "",
        map_parts=_map(site),
        reach=_reach(*site["bounds"]),
        files=made,
        script_words=_words(language),
    )
    return _packed(make_response(text))


def _map(site: dict[str, Any]) -> shell.MapParts:
    return _rendered(tuple(site["center"]), tuple(site["bounds"]))


def _reach(west: float, south: float, east: float, north: float) -> list[float]:
    """Give how far the map reaches: a position beyond it cannot be shown on it."""
    aside, above = (east - west) * shell.MARGIN, (north - south) * shell.MARGIN
    return [west - aside, south - above, east + aside, north + above]


@lru_cache(maxsize=4)
def _rendered(
    center: tuple[float, float], bounds: tuple[float, float, float, float]
) -> shell.MapParts:
    return shell.render(center, _ZOOM, bounds, ("grids",))


def _packed(response: Response) -> Response:
    """Pack a page that holds no secret and nothing of who asks: what packing tells is no news."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _site() -> dict[str, Any]:
    """Describe the town without a person."""
    return viewing.me(parts().database, None, settings(), locale())


def _town(language: str) -> dict[str, Any]:
    """Describe the town in one language, without what changes with every look."""
    found = viewing.me(parts().database, None, settings(), language)
    return {name: value for name, value in found.items() if name != "server_time"}


def _words(language: str) -> dict[str, str]:
    """Give the words that the tablet's own modules show, not those of every page."""
    return {} if language == "zh_CN" else _chosen(language)


@lru_cache(maxsize=2)
def _chosen(_language: str) -> dict[str, str]:
    catalogue = getattr(get_translations(), "_catalog", {})
    said: set[str] = set()
    for name in modules():
        said.update(_SAID.findall((STATIC / name).read_text(encoding="utf-8")))
    return {
        source: catalogue[source] for source in sorted(said) if source and catalogue.get(source)
    }


@lru_cache(maxsize=1)
def _version() -> str:
    """Hash everything the shell is made of; another release is another version."""
    digest = hashlib.sha256()
    sources = [STATIC / name for name in files().all]
    sources += [_WORKER, *sorted((_GRIDMAP / "templates").glob("*.html"))]
    sources += sorted((_GRIDMAP / "translations").glob("*/LC_MESSAGES/messages.mo"))
    for path in sources:
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"")
    digest.update(repr(current_app.config["BOUNDS"]).encode())
    return digest.hexdigest()[:16]
