from __future__ import annotations

import json
import sys
import types

import pytest

from nbship.capture.local_modules import is_installed, local_modules
from nbship.hashing import digest_file


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    package = folder / "flights"
    package.mkdir(parents=True)
    (folder / "clean_of_test.py").write_text("x = 1\n")
    (package / "__init__.py").write_text("")
    (package / "model.py").write_text("y = 2\n")
    (tmp_path / "elsewhere_of_test.py").write_text("z = 3\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        del sys.modules[name]


def own(found):
    return {path: digest for path, digest in found.items() if "of_test" in path or "flights" in path}


def test_modules_of_the_user_are_found_with_what_they_hold(project):
    import clean_of_test
    import elsewhere_of_test
    import flights.model

    assert own(local_modules(project)) == {
        "clean_of_test.py": digest_file(project / "clean_of_test.py"),
        "flights/__init__.py": digest_file(project / "flights" / "__init__.py"),
        "flights/model.py": digest_file(project / "flights" / "model.py"),
        str(project.parent / "elsewhere_of_test.py"): digest_file(project.parent / "elsewhere_of_test.py"),
    }
    assert (clean_of_test.x, elsewhere_of_test.z, flights.model.y) == (1, 3, 2)


def test_an_edit_changes_the_digest(project):
    import clean_of_test

    before = own(local_modules(project))
    (project / "clean_of_test.py").write_text("x = 4\n")
    assert own(local_modules(project)) != before
    assert clean_of_test.x == 1


def test_what_is_not_imported_or_gone_is_left_out(project):
    import clean_of_test

    (project / "clean_of_test.py").unlink()
    assert own(local_modules(project)) == {}
    assert clean_of_test.x == 1


def test_python_installed_packages_and_nbship_are_left_out(project):
    found = local_modules(project)
    assert not any(path.endswith(("/json/__init__.py", "/pytest/__init__.py")) for path in found)
    assert not any("/src/nbship/" in path for path in found)
    assert is_installed(json.__file__)
    assert is_installed(pytest.__file__)


def test_strange_modules_do_no_harm(project, monkeypatch):
    class Angry(types.ModuleType):
        def __getattr__(self, name):
            raise RuntimeError(name)

    monkeypatch.setitem(sys.modules, "angry_of_test", Angry("angry_of_test"))
    monkeypatch.setitem(sys.modules, "none_of_test", None)
    monkeypatch.setitem(sys.modules, "number_of_test", 3)
    module = types.ModuleType("file_of_test")
    module.__file__ = None
    monkeypatch.setitem(sys.modules, "file_of_test", module)
    extension = types.ModuleType("binary_of_test")
    extension.__file__ = str(project / "binary_of_test.so")
    monkeypatch.setitem(sys.modules, "binary_of_test", extension)
    assert own(local_modules(project)) == {}


def test_a_module_behind_a_link_is_named_by_its_own_path(project, monkeypatch):
    (project / "link_of_test.py").symlink_to(project / "clean_of_test.py")
    import link_of_test

    assert list(own(local_modules(project))) == ["clean_of_test.py"]
    assert link_of_test.x == 1
