"""A `gridmap up` of the tests' own: a real one, in a folder and on a port of its own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg2

from gridmap import local
from gridmap.local import asking
from gridmap.local.child import wait_until
from gridmap.settings import Settings

UP = """
import os, sys
from gridmap import local
from gridmap.settings import Settings
sys.exit(local.up(Settings.from_environment(os.environ), demo=os.environ.get("GRIDMAP_DEMO")))
"""
SECONDS = 90


class Site:
    """One embedded default in a folder of its own, with what it says on standard error.

    Parameters
    ----------
    folder : Path
        Exists, and others may enter it: the servers' user has to.
    more : str
        Further settings; `GRIDMAP_DEMO` loads that town.
    """

    def __init__(self, folder, **more):
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.folder = folder
        self.environment = {
            "GRIDMAP_STATE": str(folder / ".gridmap"),
            "GRIDMAP_PORT": str(self.port),
            "GRIDMAP_WEB_WORKERS": "1",
            **more,
        }
        self.process = None

    @property
    def settings(self):
        return Settings.from_environment(self.environment)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, seconds=SECONDS):
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", UP],
                env={"PATH": os.environ["PATH"], **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        assert wait_until(
            lambda: "gridmap is up" in self.said or self.process.poll() is not None, seconds, 0.2
        )
        assert self.process.poll() is None, self.said

    def run_another(self):
        done = subprocess.run(
            [sys.executable, "-c", UP],
            env={"PATH": os.environ["PATH"], **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return done.returncode, done.stderr

    @property
    def said(self):
        return (self.folder / "said").read_text(encoding="utf-8")

    @property
    def password(self):
        """Password of the demo's accounts."""
        return re.search(r"demo accounts \(password (\S+)\)", self.said)[1]

    @property
    def accounts(self):
        """Names of the demo's accounts."""
        return re.search(r"demo accounts.*: (.*)", self.said)[1].split(", ")

    def forget(self):
        (self.folder / "said").write_text("")

    def pid(self, part):
        return local.status(self.settings)["parts"][part]["pid"]

    @property
    def secrets(self):
        return json.loads((self.folder / ".gridmap" / "secrets.json").read_text())

    @property
    def sockets(self):
        return Path(self.secrets["sockets"])

    def superuser(self):
        secrets = self.secrets
        return psycopg2.connect(
            host=secrets["sockets"],
            user="postgres",
            password=secrets["postgres"],
            dbname="postgres",
        )

    def kill(self, part):
        """Kill a part as a crash would, and wait until another one is in its place."""
        old = self.pid(part)
        os.kill(old, signal.SIGKILL)
        assert wait_until(lambda: self.pid(part) not in (None, old), SECONDS, 0.2), self.said
        assert wait_until(lambda: asking.is_ready(self.address), SECONDS, 0.2), self.said

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(SECONDS)
        if (self.folder / ".gridmap" / "secrets.json").exists():
            # in /run, whence only root can remove it
            shutil.rmtree(self.sockets, ignore_errors=True)
