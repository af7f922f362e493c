"""Run 0028_options.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0028"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
