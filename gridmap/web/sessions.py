"""Sessions: a random token in the cookie of who is signed in, a signed cookie of who is not."""

import re
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

from gridmap.services import sessions, tokens
from gridmap.services.access import Viewer
from gridmap.services.account_policy import Policy
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
    person
        Id of the account whose password was right; they are signed in once `viewer` is there.
    bearer
        A program's token; its session holds nothing and is kept nowhere.
    failure
        Why the session could not be looked up; Flask cannot answer an error of that early moment.
    """

    def __init__(  # noqa: PLR0913 - all that can be known of who asks
        self,
        data: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        viewer: Viewer | None = None,
        person: int | None = None,
        bearer: str | None = None,
        failure: Exception | None = None,
    ) -> None:
        def changed(held: Any) -> None:
            held.modified = True

        super().__init__(data or {}, changed)
        self.token = token
        self.viewer = viewer
        self.person = person
        self.bearer = bearer
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

    def __init__(self, database: Database, settings: Settings, policy: Policy) -> None:
        self._database = database
        self._settings = settings
        self._policy = policy
        self._visits = URLSafeTimedSerializer(settings.secret_key or "", salt="gridmap-visit")

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002
        """Find the session of a request."""
        if request.path.startswith(_WITHOUT):
            return BrowserSession()
        kind, _, credential = request.headers.get("Authorization", "").partition(" ")
        value = request.cookies.get(COOKIE, "")
        try:
            if kind.lower() == "bearer":
                # a program is what its token says, whatever cookie came along
                return self._program(credential.strip())
            if _TOKEN.fullmatch(value):
                return self._stored(value)
        except LOST as error:
            return BrowserSession(failure=error)
        return self._visit(value)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Keep the session and set or renew its cookie."""
        assert isinstance(session, BrowserSession)
        if request.path.startswith(_WITHOUT):
            return  # the page that says what is missing must not replace the cookie of who asks
        if session.failure is not None or session.bearer is not None:
            return  # whoever was signed in still is, once the database is back
        if session.token is not None:
            if session.modified:
                sessions.save_session(self._database, session.token, dict(session))
            if session.renewed:
                self._set(response, session.token, self._policy.most_seconds)
        elif session.modified or session.renewed:
            value = self._visits.dumps(dict(session))
            self._set(response, str(value), _VISIT_SECONDS)

    def _visit(self, value: str) -> BrowserSession:
        try:
            data = self._visits.loads(value, max_age=_VISIT_SECONDS) if value else {}
        except BadSignature:
            return BrowserSession()
        return BrowserSession(data if isinstance(data, dict) else {})

    def _stored(self, token: str) -> BrowserSession:
        found = sessions.find_session(self._database, self._policy, token)
        if found is None:
            return BrowserSession()
        return BrowserSession(found.data, token=token, viewer=found.viewer, person=found.person)

    def _program(self, token: str) -> BrowserSession:
        viewer = tokens.viewer_of_token(self._database, self._policy, token)
        return BrowserSession(viewer=viewer, bearer=token)

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
