"""The application factory: settings in, a Flask application out; nothing happens at import."""

import os
from pathlib import Path

from flask import Flask

from gridmap import logs
from gridmap.services import accounts, checks
from gridmap.services.account_policy import policy_of
from gridmap.services.live import Feed
from gridmap.services.refusals import Refusals
from gridmap.services.tiles import TileCache
from gridmap.settings import Settings
from gridmap.store.database import Database
from gridmap.store.live import LOST
from gridmap.web import door, failures, seats, static
from gridmap.web.accounts import blueprint as account
from gridmap.web.after_action import blueprint as after_action
from gridmap.web.alerts import blueprint as alerts
from gridmap.web.api import blueprint as api
from gridmap.web.areas import blueprint as areas
from gridmap.web.break_glass import blueprint as break_glass
from gridmap.web.call_outs import blueprint as call_outs
from gridmap.web.care import blueprint as care
from gridmap.web.care_page import blueprint as care_page
from gridmap.web.closures import blueprint as closures
from gridmap.web.comparisons import blueprint as comparisons
from gridmap.web.context import Parts, keep
from gridmap.web.coverage import blueprint as coverage
from gridmap.web.coverage_certificates import blueprint as coverage_certificates
from gridmap.web.coverage_changes import blueprint as coverage_changes
from gridmap.web.coverage_desk import blueprint as coverage_desk
from gridmap.web.coverage_readings import blueprint as coverage_readings
from gridmap.web.coverage_reports import blueprint as coverage_reports
from gridmap.web.coverage_standards import blueprint as coverage_standards
from gridmap.web.dispatch import blueprint as dispatch
from gridmap.web.drills import blueprint as drills
from gridmap.web.duty import blueprint as duty
from gridmap.web.emergency_rules import blueprint as emergency_rules
from gridmap.web.exports import blueprint as exports
from gridmap.web.facilities import blueprint as facilities
from gridmap.web.field import blueprint as field
from gridmap.web.grid_exports import blueprint as grid_exports
from gridmap.web.grid_history import blueprint as grid_history
from gridmap.web.grid_imports import blueprint as grid_imports
from gridmap.web.grids import blueprint as grids
from gridmap.web.hazards import blueprint as hazards
from gridmap.web.health import blueprint as health
from gridmap.web.help import blueprint as help_pages
from gridmap.web.households import blueprint as households
from gridmap.web.incidents import blueprint as incidents
from gridmap.web.jobs import blueprint as jobs
from gridmap.web.language import Translator, locale
from gridmap.web.live import blueprint as live
from gridmap.web.messages import blueprint as messages
from gridmap.web.micro_grids import blueprint as micro_grids
from gridmap.web.ogc import blueprint as ogc
from gridmap.web.pages import blueprint as pages
from gridmap.web.papers import blueprint as papers
from gridmap.web.permissions import check_routes
from gridmap.web.photos import blueprint as photos
from gridmap.web.plan_templates import blueprint as plan_templates
from gridmap.web.planner import blueprint as planner
from gridmap.web.plans import blueprint as plans
from gridmap.web.proposals import blueprint as proposals
from gridmap.web.proxies import Proxies
from gridmap.web.responses import blueprint as responses
from gridmap.web.returns import blueprint as returns
from gridmap.web.rules import blueprint as rules
from gridmap.web.scenario_desk import blueprint as scenario_desk
from gridmap.web.scenarios import blueprint as scenarios
from gridmap.web.search import blueprint as search
from gridmap.web.sensors import blueprint as sensors
from gridmap.web.service_offers import blueprint as service_offers
from gridmap.web.session import blueprint as session
from gridmap.web.session import limiter
from gridmap.web.sessions import DatabaseSessions
from gridmap.web.sheets import blueprint as sheets
from gridmap.web.siting_certificates import blueprint as siting_certificates
from gridmap.web.team_loans import blueprint as team_loans
from gridmap.web.teams import blueprint as teams
from gridmap.web.tiles import blueprint as tiles
from gridmap.web.trail import blueprint as trail
from gridmap.web.uploads import blueprint as uploads
from gridmap.web.users import blueprint as users
from gridmap.web.visits import blueprint as visits
from gridmap.web.volunteers import blueprint as volunteers
from gridmap.web.whistles import blueprint as whistles
from gridmap.web.words import blueprint as words

_log = logs.get("gridmap.app")
_ROOT = Path(__file__).resolve().parent.parent
_CONNECTIONS = 10  # of one process; more do not make two cores faster
_WAIT_SECONDS = 15.0  # for a connection, before the answer is 503
_BLUEPRINTS = (
    pages,
    session,
    account,
    users,
    teams,
    areas,
    grids,
    households,
    incidents,
    dispatch,
    team_loans,
    volunteers,
    photos,
    uploads,
    grid_imports,
    grid_exports,
    hazards,
    alerts,
    sensors,
    emergency_rules,
    closures,
    duty,
    facilities,
    coverage,
    coverage_changes,
    coverage_certificates,
    siting_certificates,
    coverage_desk,
    coverage_readings,
    coverage_reports,
    coverage_standards,
    plans,
    sheets,
    jobs,
    live,
    tiles,
    search,
    health,
    trail,
    api,
    ogc,
    visits,
    care,
    care_page,
    service_offers,
    break_glass,
    exports,
    field,
    plan_templates,
    planner,
    comparisons,
    papers,
    scenarios,
    scenario_desk,
    proposals,
    grid_history,
    micro_grids,
    help_pages,
    messages,
    call_outs,
    returns,
    words,
    after_action,
    responses,
    drills,
    whistles,
    rules,
)


class StartError(RuntimeError):
    """The application must not start like this."""


def create_app(settings: Settings | None = None, *, durable: bool = False) -> Flask:
    """Make the application.

    Parameters
    ----------
    settings
        Those of the environment when None.
    durable
        True to refuse a database that acknowledges before it has written to the disk.

    Raises
    ------
    StartError
        No database or secret key, or demo accounts outside the demo.
    UndeclaredRouteError
        A route that does not say who may call it.
    """
    settings = settings or Settings.from_environment(os.environ)
    if settings.database_url is None or settings.secret_key is None:
        raise StartError("GRIDMAP_DATABASE_URL and GRIDMAP_SECRET_KEY are needed")
    database = Database(
        settings.database_url,
        size=_CONNECTIONS,
        rush=0,
        wait=_WAIT_SECONDS,
        zone=settings.time_zone,
        language=settings.language,
        address=settings.public_url,
    )
    _refuse_unsafe(settings, database, durable)
    _refuse_demo_accounts(settings, database)
    app = Flask("gridmap", root_path=str(_ROOT / "gridmap"), static_folder=None)
    _configure(app, settings)
    # an address with // is not found, rather than sent on to whatever host the client named
    app.url_map.merge_slashes = False
    policy = policy_of(settings)
    app.session_interface = DatabaseSessions(database, settings, policy)
    feed = Feed(database, policy.most_idle_seconds)
    refusals = Refusals(database)
    keep(app, Parts(settings, database, feed, TileCache(), seats.shared, policy, refusals))
    app.wsgi_app = Proxies(app.wsgi_app, settings.proxies)  # type: ignore[assignment]
    Translator(app, locale_selector=locale)
    limiter.init_app(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_blueprint(static.make(_ROOT / "static"))
    door.stand(app)
    failures.register(app)
    check_routes(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        BOUNDS=settings.bounds,
        LANGUAGE=settings.language,
        MAX_CONTENT_LENGTH=2_000_000,
        MAX_FORM_MEMORY_SIZE=100_000,
        MAX_FORM_PARTS=50,
        BABEL_DEFAULT_LOCALE=settings.language,
        BABEL_DEFAULT_TIMEZONE=settings.time_zone,
        BABEL_TRANSLATION_DIRECTORIES=str(_ROOT / "gridmap" / "translations"),
        # a wall map stays open for a shift; the token ends with its session
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        RATELIMIT_STORAGE_URI=_limit_storage(settings),
        RATELIMIT_STORAGE_OPTIONS=_limit_options(settings),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_SWALLOW_ERRORS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _limit_storage(settings: Settings) -> str:
    url = settings.redis_url
    if url is None:
        return "memory://"
    return "redis+" + url if url.startswith("unix://") else url


def _limit_options(settings: Settings) -> dict[str, float]:
    if settings.redis_url is None:
        return {}
    return {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}


def _refuse_unsafe(settings: Settings, database: Database, durable: bool) -> None:
    try:
        found = checks.refuse_to_serve(database, settings)
        found += checks.forgetful(database) if durable else []
    except LOST:
        # the database may still be starting, and the rights of a role do not change by that
        _log.warning("start.database_not_reached")
        return
    if found:
        raise StartError("; ".join(found))


def _refuse_demo_accounts(settings: Settings, database: Database) -> None:
    if settings.demo is not None:
        return
    try:
        found = accounts.demo_accounts_exist(database)
    except LOST:
        # the database may still be starting; demo accounts cannot sign in outside the demo anyway
        _log.warning("start.database_not_reached")
        return
    if found:
        raise StartError(
            "this database holds demo accounts; use another database, "
            "or start it with `gridmap up --demo`"
        )
