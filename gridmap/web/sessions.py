"""Sessions: a random token in the cookie of who is signed in, a signed cookie of who is not."""

import re
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

from gridmap.services import accounts
from gridmap.services.access import Viewer
from gridmap.settings import Settings
from gridmap.store.database import Database
from gridmap.store.live import LOST

COOKIE = "gridmap_session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VISIT_SECONDS = 7 * 24 * 3600
_WITHOUT = ("/static/", "/healthz")  # answered without knowing who asks, even with no database


class BrowserSession(CallbackDict[str, Any], SessionMixin):
    """What one browser's session holds.

    Attributes
    ----------
    token
        Token of the stored session; None for a visitor, whose data is in the cookie itself.
    viewer
        Who is signed in.
    failure
        Why the session could not be looked up; Flask cannot answer an error of that early moment.
    """

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        viewer: Viewer | None = None,
        failure: Exception | None = None,
    ) -> None:
        def changed(held: Any) -> None:
            held.modified = True

        super().__init__(data or {}, changed)
        self.token = token
        self.viewer = viewer
        self.failure = failure
        self.modified = False
        self.renewed = False

    def become(self, token: str | None, data: dict[str, Any]) -> None:
        """Go on as another session: at sign-in and sign-out, so that no old token lives on."""
        self.clear()
        self.update(data)
        self.token = token
        self.viewer = None
        self.renewed = True


class DatabaseSessions(SessionInterface):
    """Flask's sessions on the session table."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._visits = URLSafeTimedSerializer(settings.secret_key or "", salt="gridmap-visit")

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002
        """Find the session of a request."""
        value = request.cookies.get(COOKIE, "")
        if not value or request.path.startswith(_WITHOUT):
            return BrowserSession()
        if _TOKEN.fullmatch(value):
            try:
                return self._stored(value)
            except LOST as error:
                return BrowserSession(failure=error)
        try:
            data = self._visits.loads(value, max_age=_VISIT_SECONDS)
        except BadSignature:
            return BrowserSession()
        return BrowserSession(data if isinstance(data, dict) else {})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Keep the session and set or renew its cookie."""
        assert isinstance(session, BrowserSession)
        if session.failure is not None:
            return  # whoever was signed in still is, once the database is back
        if session.token is not None:
            if session.modified:
                accounts.save_session(self._database, session.token, dict(session))
            if session.renewed:
                self._set(response, session.token, accounts.LONGEST_SECONDS)
        elif session.modified or session.renewed:
            value = self._visits.dumps(dict(session))
            self._set(response, str(value), _VISIT_SECONDS)

    def _stored(self, token: str) -> BrowserSession:
        found = accounts.find_session(
            self._database, token, demo_allowed=self._settings.demo is not None
        )
        if found is None:
            return BrowserSession()
        return BrowserSession(found.data, token=token, viewer=found.viewer)

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            COOKIE,
            value,
            max_age=seconds,
            secure=self._settings.https,
            httponly=True,
            samesite="Lax",
            path="/",
        )
