"""``python -m nbship.serving``: serve the bundle that the environment names."""

from __future__ import annotations

import os
import sys

from nbship.errors import NbshipError

__all__ = ["main"]

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    """Serve until told to stop; what cannot be served is told in one line."""
    for name in _ONE_THREAD:
        # Rows of a request are too few to be shared out, and every thread has buffers of its own.
        os.environ.setdefault(name, "1")
    from nbship.serving.lifecycle import serve  # noqa: PLC0415 - after the threads are set
    from nbship.serving.settings import ServeSettings  # noqa: PLC0415

    try:
        serve(ServeSettings.from_environment())
    except NbshipError as error:
        print(f"nbship: {error}", file=sys.stderr)  # noqa: T201 - the container's log
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
