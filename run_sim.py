"""The main job: without a command this is `cms-sim compare`; a command goes to `cms-sim` as it is."""

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
except KeyboardInterrupt:
    sys.exit(130)

_OF_THE_WHOLE = {"-h", "--help", "--version"}

if __name__ == "__main__":
    arguments = sys.argv[1:]
    options_only = not arguments or (arguments[0].startswith("-") and arguments[0] not in _OF_THE_WHOLE)
    main(["compare", *arguments] if options_only else arguments)
