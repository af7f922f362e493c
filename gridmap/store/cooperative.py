"""Make the database driver give way while it waits, for gevent's event loop."""

from psycogreen.gevent import patch_psycopg


def make_cooperative() -> None:
    """Let every wait of psycopg2 in this process run other greenlets.

    Without it one slow query stops every other request of the worker.
    """
    patch_psycopg()
