"""Run 0006_trail.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
