"""The main job: without arguments this is `cms-sim compare`; arguments go to `cms-sim` as they are."""

from __future__ import annotations

import sys

try:
    from cms_sim.door.cli import main
except ModuleNotFoundError as missing:
    if __name__ == "__main__" and not (missing.name or "").startswith("cms_sim"):
        sys.exit(
            f"'{missing.name}' is not installed here.\n  Use the first command of README.md: it sets everything up."
        )
    raise

if __name__ == "__main__":
    main(sys.argv[1:] or ["compare"])
