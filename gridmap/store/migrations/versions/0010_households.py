"""Run 0010_households.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
