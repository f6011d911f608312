"""A folder of installed packages, made by the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from warm_kernels import private_servers

PACKAGES = {
    "quiet_one": "value = 1",
    "failing_one": "raise RuntimeError('not today')",
    "leaving_one": "import sys; sys.exit(3)",
    "writing_one": "print('hello from the import')",
    "warning_one": "import warnings; warnings.warn('old', stacklevel=2)",
    "asking_one": "from IPython import get_ipython\nshell = get_ipython()",
    "threaded_one": (
        "import threading, time\nthread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)\nthread.start()"
    ),
    "logging_one": "import logging\nlog = logging.getLogger('one')\nlog.addHandler(logging.StreamHandler())",
    "setting_one": "import os\nos.environ['SET_BY_IMPORT'] = '1'",
}


@pytest.fixture
def site_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of packages that kernels and servers find."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    for name, source in PACKAGES.items():
        (folder / f"{name}.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def servers_folder() -> Iterator[Path]:
    """Return a private folder of servers."""
    with private_servers() as folder:
        yield folder
