from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from nbship.errors import ExecutionError, UsageError
from nbship.pipeline.execution.notebook_file import (
    check_target,
    is_local,
    notebook_text,
    parse_notebook,
    read_notebook,
    write_notebook,
)

LINES = "one\ntwo\r\nthree\x0bfour\x1cfive\u2028six\n"
"""`str.splitlines` ends a line at each of these."""


def outputs():
    yield v4.new_output("stream", name="stdout", text=LINES)
    yield v4.new_output("stream", name="stderr", text="")
    yield v4.new_output("execute_result", {"text/plain": "3\n4", "text/html": "<b>\n</b>"}, execution_count=3)
    yield v4.new_output(
        "display_data",
        {
            "image/png": "iVBOR\nw0KG\n",
            "image/svg+xml": "<svg>\n</svg>",
            "application/javascript": "alert(1)\n",
            "application/json": {"a": ["b\nc", 1.5, None, True], "text": "x\ny"},
            "application/vnd.plotly.v1+json": {"data": [{"x": [1, 2]}], "layout": {}},
            "application/x-tex": "a\nb",
            "text/latex": "$x$\n",
        },
        metadata={"image/png": {"width": 3}},
    )
    yield v4.new_output(
        "error", ename="ValueError", evalue="a\nb", traceback=["\x1b[31mTraceback\x1b[0m\n", "x"]
    )


def varied(minor: int):
    cells = [
        v4.new_markdown_cell(f"# Überschrift 🛫\n{LINES}", attachments={"a.png": {"image/png": "iVBOR"}}),
        v4.new_markdown_cell("", attachments={"b.txt": {"text/plain": "x\ny\n"}}),
        v4.new_raw_cell("raw\n\n", metadata={"format": "text/html"}),
        v4.new_code_cell("", metadata={"trusted": True, "collapsed": False}),
        v4.new_code_cell("print('ß')\n# </script>\t\\", execution_count=7, outputs=list(outputs())),
        v4.new_code_cell("x = 1", metadata={"tags": ["parameters"], "zoo": {"b": 1, "a": [1e-300, 10**20]}}),
    ]
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "signature": "sha256:0",
        "orig_nbformat": 3,
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}},
    }
    book = v4.new_notebook(cells=cells, metadata=metadata)
    book.nbformat_minor = minor
    if minor < 5:
        for cell in book.cells:
            del cell["id"]
    return book


def plain(book):
    return json.loads(json.dumps(book))


@pytest.mark.parametrize("minor", range(6))
def test_text_is_what_nbformat_writes(minor):
    book = varied(minor)
    expected = nbformat.writes(book, version=nbformat.NO_CONVERT) + "\n"
    assert notebook_text(plain(book)) == expected
    assert notebook_text(book) == expected
    assert notebook_text(parse_notebook(expected, "a.ipynb")) == expected


def test_text_of_a_read_notebook_is_its_file(tmp_path):
    path = tmp_path / "ä b.ipynb"
    nbformat.write(varied(5), path)
    notebook = read_notebook(path)
    assert write_notebook(notebook, path) == path.stat().st_size
    assert path.read_text(encoding="utf-8") == notebook_text(notebook)
    nbformat.validate(nbformat.read(path, 4))


def test_cells_get_ids_from_format_4_5_on():
    book = plain(varied(5))
    for cell in book["cells"]:
        del cell["id"]
    ids = [cell["id"] for cell in json.loads(notebook_text(book))["cells"]]
    assert len(set(ids)) == len(ids) == 6
    old = plain(varied(5)) | {"nbformat_minor": 4}
    assert not any("id" in cell for cell in json.loads(notebook_text(old))["cells"])


def test_writing_leaves_the_notebook_as_it_is():
    book = plain(varied(4))
    before = json.dumps(book)
    notebook_text(book)
    assert json.dumps(book) == before


def test_reading_joins_sources_and_fills_in_what_old_writers_left_out():
    cells = [{"cell_type": "code", "source": ["a\n", "b"]}, {"cell_type": "markdown"}]
    found = parse_notebook(json.dumps({"nbformat": 4, "cells": cells}), "a.ipynb")
    assert found["cells"][0] == {
        "cell_type": "code",
        "source": "a\nb",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    assert found["cells"][1]["source"] == ""
    assert found["metadata"] == {}
    assert found["nbformat_minor"] == 0


def test_tags_that_are_no_list_are_dropped():
    cell = {"cell_type": "code", "source": "", "metadata": {"tags": None}}
    found = parse_notebook(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}), "a.ipynb")
    assert found["cells"][0]["metadata"] == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no JSON"),
        ("x = 1", "holds no JSON"),
        ("[1]", "no object with cells"),
        ("3", "no object with cells"),
        ("{}", "has no cells"),
        ('{"nbformat": 4}', "has no cells"),
        ('{"nbformat": 4, "cells": {}}', "has no cells"),
        ('{"nbformat": 4, "cells": [], "metadata": []}', "no object with cells"),
        ('{"nbformat": 3, "worksheets": []}', "format 3; nbship runs format 4. Write: jupyter nbconvert"),
        ('{"nbformat": 5, "cells": []}', "format 5"),
        ('{"nbformat": 4, "nbformat_minor": "5", "cells": []}', "nbformat_minor is '5'"),
        ('{"nbformat": 4, "cells": [1]}', "cell 1 has no known cell_type"),
        ('{"nbformat": 4, "cells": [{"cell_type": "heading"}]}', "cell 1 has no known cell_type"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": 1}]}', "metadata of cell 1"),
        ("[" * 100_000, "holds no JSON"),
    ],
)
def test_what_is_no_notebook_of_format_4_is_refused_in_one_line(text, words):
    with pytest.raises(UsageError, match=r"x\.ipynb") as caught:
        parse_notebook(text, "x.ipynb")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_notebook_names_the_nearest_one(tmp_path):
    (tmp_path / "train.ipynb").touch()
    with pytest.raises(UsageError, match=r"no notebook .*tarin.ipynb. Did you mean .*train.ipynb\?"):
        read_notebook(tmp_path / "tarin.ipynb")
    with pytest.raises(UsageError, match="there is no notebook"):
        read_notebook(tmp_path / "no" / "folder.ipynb")


def test_folders_and_other_encodings_are_refused(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        read_notebook(tmp_path)
    path = tmp_path / "latin.ipynb"
    path.write_bytes(b'{"nbformat": 4, "cells": [], "metadata": {"a": "\xe9"}}')
    with pytest.raises(UsageError, match="cannot read the notebook"):
        read_notebook(path)


def test_addresses_are_told_from_paths():
    assert is_local("a.ipynb")
    assert is_local("/a://b")
    assert not is_local("s3://bucket/a.ipynb")
    assert not is_local("-")


def test_an_address_that_papermill_cannot_read_is_wrong_use():
    with pytest.raises(UsageError, match=r"cannot read the notebook https://127.0.0.1:9/a.ipynb: \w+"):
        read_notebook("https://127.0.0.1:9/a.ipynb")
    with pytest.raises(ExecutionError, match=r"cannot write the notebook https://"):
        write_notebook(plain(varied(5)), "https://127.0.0.1:9/a.ipynb")


def test_a_target_in_no_folder_is_refused(tmp_path):
    with pytest.raises(
        UsageError, match=r"the folder .*missing of the output .* does not exist; make it first"
    ):
        check_target(str(tmp_path / "missing" / "a.ipynb"))
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        check_target(str(tmp_path))
    check_target(str(tmp_path / "a.ipynb"))
    check_target("s3://bucket/a.ipynb")
    check_target("-")


def test_a_place_that_takes_no_file_fails(tmp_path):
    with pytest.raises(ExecutionError, match=r"cannot write the notebook .*missing"):
        write_notebook(plain(varied(5)), tmp_path / "missing" / "a.ipynb")


CODE = """
import sys
from nbship.pipeline.execution.notebook_file import read_notebook, write_notebook
write_notebook(read_notebook("-"), "-")
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_the_standard_streams_carry_utf_8_whatever_the_terminal_speaks(encoding):
    text = (nbformat.writes(varied(5), version=nbformat.NO_CONVERT) + "\n").encode()
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input=text,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.stderr == b""
    assert done.stdout == text


def test_streams_without_bytes_do_as_well(monkeypatch):
    text = notebook_text(plain(varied(5)))
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    write_notebook(read_notebook("-"), "-")
    assert sys.stdout.getvalue() == text


def test_bytes_on_the_standard_input_that_are_no_text_are_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    with pytest.raises(UsageError, match="standard input is not UTF-8"):
        read_notebook("-")


def test_half_of_a_surrogate_pair_is_kept(tmp_path):
    book = plain(varied(5))
    book["cells"][5]["source"] = "x = '\ud83d'"
    write_notebook(book, tmp_path / "a.ipynb")
    assert b"x = '\xed\xa0\xbd'" in (tmp_path / "a.ipynb").read_bytes()
