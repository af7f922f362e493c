"""Run 0018_teams.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
