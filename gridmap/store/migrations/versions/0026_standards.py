"""Run 0026_standards.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
