"""Run 0005_row_security.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
