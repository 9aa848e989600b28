"""`python -m benchmarks NAME` runs one benchmark, without a name all; each ends with a line `name = value unit`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from benchmarks import Benchmark, load_benchmarks
from cms_sim.errors import CmsSimError, InputError, nearest


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print it; the exit code: 0, 1 if a benchmark failed, 2 for a name that is none."""
    known = load_benchmarks()
    unknown = [name for name in arguments if name not in known]
    if unknown:
        error = InputError(f"there is no benchmark '{unknown[0]}'", remedy=nearest(unknown[0], known))
        print(error, file=sys.stderr)
        return error.exit_code
    return max([_run(name, known[name]) for name in arguments or known])


def _run(name: str, benchmark: Benchmark) -> int:
    """Run and print one; a failure is told and does not keep the others from running."""
    try:
        label, value, unit = benchmark()
    except subprocess.CalledProcessError as error:
        print(f"{name} failed: {error}\n{error.stderr}", file=sys.stderr)
        return 1
    except (CmsSimError, subprocess.TimeoutExpired) as error:
        print(f"{name} failed: {error}", file=sys.stderr)
        return 1
    print(f"{label} = {value:.4g} {unit}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
