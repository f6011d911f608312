from __future__ import annotations

import tarfile

import pytest

from nbship.packaging.oci.image_tree import ImageTree


def member(name: str, link: str | None = None) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    if link is not None:
        info.type, info.linkname = tarfile.SYMTYPE, link
    return info


def tree_of(*layers: dict[str, str | None]) -> ImageTree:
    tree = ImageTree()
    for layer in layers:
        tree.start_layer()
        for name, link in layer.items():
            tree.add(member(name, link))
    return tree


@pytest.mark.parametrize(
    "path", ["/bin/python3", "usr/bin/python3", "/usr/bin/../bin/python3", "/etc/alternatives/python"]
)
def test_links_are_followed_absolute_relative_and_of_folders(path: str) -> None:
    tree = tree_of(
        {
            "./bin": "usr/bin",
            "./usr/bin/python3.11": None,
            "./usr/bin/python3": "./python3.11",
            "etc/alternatives/python": "/usr/bin/../../bin/python3",
        }
    )
    assert tree.resolve(path) == "usr/bin/python3.11"


def test_what_is_not_there_leads_nowhere_and_circles_end() -> None:
    tree = tree_of({"a": "b", "b": "a", "dangling": "/nowhere"})
    assert [tree.resolve(path) for path in ("a", "dangling", "/missing", "")] == ["", "", "", ""]


def test_a_later_layer_replaces_removes_and_empties() -> None:
    below: dict[str, str | None] = {
        "bin/python3": "python3.11",
        "bin/python3.11": None,
        "opt/a/x": None,
        "opt/b/y": None,
    }
    above: dict[str, str | None] = {
        "bin/.wh.python3.11": None,
        "bin/python3": None,
        "opt/a/.wh..wh..opq": None,
        "opt/a/new": None,
        "opt/.wh.b": None,
    }
    tree = tree_of(below, above)
    assert sorted(tree.names()) == ["bin/python3", "opt/a/new"]
    assert sorted(tree_of(below, dict(reversed(above.items()))).names()) == ["bin/python3", "opt/a/new"]
