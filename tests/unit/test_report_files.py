from __future__ import annotations

import pytest

from nbship.errors import UsageError
from nbship.service.report_files import check_files, write_file


def test_a_file_is_written_also_below_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    check_files("~/report.html", None, "-")
    write_file("~/report.html", "ü")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "ü"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("gone/report.html", "there is no folder"),
        (".", "it is a folder"),
        ("", "'': it is a folder"),
        ("~nobody-of-that-name/report.html", "home directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_known_before_the_report_is_made(tmp_path, monkeypatch, path, says):
    monkeypatch.chdir(tmp_path)
    for act in (check_files, lambda name: write_file(name, "")):
        with pytest.raises(UsageError, match=says) as caught:
            act(path)
        assert str(caught.value).startswith("cannot write")


def test_what_the_system_says_is_said_without_its_number(tmp_path):
    path = tmp_path / ("x" * 300)
    with pytest.raises(UsageError) as caught:
        write_file(str(path), "")
    assert "[Errno" not in str(caught.value)
