"""``python -m nbship``."""

from __future__ import annotations

import sys

from nbship.cli import main

if __name__ == "__main__":
    sys.exit(main())
