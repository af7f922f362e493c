"""Run 0002_places.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
