"""Run 0051_volunteer_files.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0051"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
