"""What root becomes: `python -m gridmap.local.serve SOCKETS CODE`, run as the service user."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gridmap.local.start import serve
from gridmap.settings import Settings

if __name__ == "__main__":
    sys.exit(
        serve(
            Settings.from_environment(os.environ),
            Path(sys.argv[1]),
            Path(sys.executable),
            Path(sys.argv[2]),
        )
    )
