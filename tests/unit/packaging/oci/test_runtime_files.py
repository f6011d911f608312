from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nbship.errors import PackagingError
from nbship.packaging.oci.runtime_files import runtime_files


def package(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a small `nbship`."""
    bare = {
        "__init__.py": "def drift():\n    from nbship.service import drift\n",
        "service.py": "import mlflow\n",
    }
    empty = dict.fromkeys(
        ["errors.py", "serving/__init__.py", "serving/__main__.py", "serving/health.py"], ""
    )
    for name, text in {**bare, **empty, **files}.items():
        path = folder / "nbship" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "nbship"


BARE = {
    "nbship/__init__.py",
    "nbship/serving/__init__.py",
    "nbship/serving/__main__.py",
    "nbship/serving/health.py",
}


def test_what_the_entrances_import_is_followed_and_nothing_else(tmp_path: Path) -> None:
    folder = package(
        tmp_path,
        {
            "serving/__main__.py": "from nbship.serving.app import run\n",
            "serving/app.py": "def run():\n    import nbship.model.bundle\n",
            "serving/prepare.py": "",
            "model/__init__.py": "",
            "model/bundle.py": "from . import codec\nfrom ..errors import NbshipError\n",
            "model/codec.py": "from .other import name\n",
            "model/other.py": "",
            "model/unused.py": "",
        },
    )
    names = {
        "serving/app.py",
        "model/__init__.py",
        "model/bundle.py",
        "model/codec.py",
        "model/other.py",
        "errors.py",
    }
    assert set(runtime_files(folder)) == BARE | {f"nbship/{name}" for name in names}


def test_imports_for_type_checkers_are_not_followed(tmp_path: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nbship import errors\nelse:\n    import nbship.service\n"
    folder = package(tmp_path, {"serving/health.py": text})
    assert set(runtime_files(folder)) == {*BARE, "nbship/service.py"}


def test_the_lazy_names_of_the_package_are_not_followed(tmp_path: Path) -> None:
    assert set(runtime_files(package(tmp_path, {}))) == BARE


def test_a_package_without_sources_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="install nbship from its wheel"):
        runtime_files(tmp_path)


def test_the_servers_modules_all_load_from_these_files_alone(tmp_path: Path) -> None:
    files = runtime_files()
    for name, path in files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in files
        if "__main__" not in name
    )
    script = f"import importlib, sys\nsys.path.insert(0, {str(tmp_path)!r})\n" + "".join(
        f"assert importlib.import_module({name!r}).__file__.startswith({str(tmp_path)!r})\n"
        for name in modules
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True)
    assert not {name.split("/")[1] for name in files} & {
        "store",
        "service",
        "capture",
        "packaging",
        "magics",
        "cli",
    }
