from __future__ import annotations

import base64
from types import SimpleNamespace

import nbformat
import pytest

from nbship.capture.outputs import OutputLimits, collect_outputs, error_output, plain_traceback
from nbship.capture.secrets import Masker
from nbship.model.cell import CellError


def out(text, kind="out_stream"):
    return SimpleNamespace(output_type=kind, bundle={"stream": text if isinstance(text, list) else [text]})


def shown(kind="display_data", **data):
    return SimpleNamespace(
        output_type=kind, bundle={name.replace("__", "/"): value for name, value in data.items()}
    )


def collect(*recorded, limits=None, masker=None):
    outputs, truncated = collect_outputs(recorded, 7, masker=masker or Masker(), limits=limits)
    for output in outputs:
        nbformat.validate(output, ref="output", version=4, version_minor=5)
    return outputs, truncated


def stream(output):
    return output["name"], output["text"]


def test_neighbouring_writes_to_one_stream_are_one_output():
    outputs, truncated = collect(
        out(["a", "b\n"]), out("c"), out("e", "err_stream"), shown(text__plain="x"), out("d")
    )
    assert [stream(outputs[0]), stream(outputs[1]), stream(outputs[3])] == [
        ("stdout", "ab\nc"),
        ("stderr", "e"),
        ("stdout", "d"),
    ]
    assert outputs[2] == {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x"}}
    assert not truncated


def test_results_bear_the_number_of_the_execution():
    outputs, _ = collect(shown("execute_result", text__plain="3", text__html="<b>3</b>"))
    assert outputs[0]["execution_count"] == 7
    assert outputs[0]["data"] == {"text/plain": "3", "text/html": "<b>3</b>"}


def test_text_is_masked_and_pictures_are_not():
    picture = base64.b64encode(b"\x89PNG" + bytes(300)).decode()
    outputs, _ = collect(
        out(["tok", "en='abc-", "123'\n"]),
        shown(text__plain="password: hunter2", image__png=picture),
        shown(application__json={"password": "hunter2", "n": [1, 2.5, None]}),
    )
    assert outputs[0]["text"] == "token='***'\n"
    assert outputs[1]["data"] == {"text/plain": "password: ***", "image/png": picture}
    assert outputs[2]["data"]["application/json"] == {"password": "***", "n": [1, 2.5, None]}


def test_raw_bytes_become_base64():
    outputs, _ = collect(shown(image__png=b"\x89PNG"))
    assert base64.b64decode(outputs[0]["data"]["image/png"]) == b"\x89PNG"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("10%\r50%\r100%\n", "100%\n"),
        ("10%\r50%\r100%", "100%"),
        ("\r10%\r20%\rdone\r\nnext", "done\nnext"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("50%\r", "50%"),
        ("plain\n", "plain\n"),
        ("\x1b[2K\rline", "line"),
    ],
)
def test_of_a_progress_bar_the_last_state_is_kept(written, kept):
    assert collect(out(list(written)))[0][0]["text"] == kept


def test_long_text_keeps_head_and_tail():
    limits = OutputLimits(text=100)
    outputs, truncated = collect(out("a" * 500 + "z" * 500), limits=limits)
    text = outputs[0]["text"]
    assert truncated
    assert text == "a" * 50 + "\n[nbship: 900 characters were left out here]\n" + "z" * 50


def test_large_pictures_are_replaced_by_a_note():
    outputs, truncated = collect(
        shown(image__png="A" * 2_000_001), shown(image__png="A" * 2_000_001, text__plain="<Figure>")
    )
    assert truncated
    assert outputs[0]["data"] == {"text/plain": "[nbship: an output of this kind and size is not kept]"}
    assert outputs[1]["data"] == {"text/plain": "<Figure>"}


def test_a_cell_keeps_no_more_than_its_share():
    outputs, truncated = collect(*(shown(image__png="A" * 1_500_000) for _ in range(5)))
    assert truncated
    assert len(outputs) == 3
    assert "further outputs were left out" in outputs[-1]["text"]


def test_of_very_many_outputs_the_first_and_the_last_are_kept():
    outputs, truncated = collect(*(shown(text__plain=str(index)) for index in range(1000)))
    assert truncated
    assert len(outputs) == 201
    assert (outputs[0]["data"], outputs[-1]["data"]) == ({"text/plain": "0"}, {"text/plain": "999"})
    assert "800 outputs were left out" in outputs[100]["text"]


def test_what_ipython_really_records_is_understood():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    try:
        source = "import sys\nprint('one')\nprint('two', file=sys.stderr)\ndisplay(3)\n4"
        shell.run_cell(source, store_history=True)
        outputs, truncated = collect(*shell.history_manager.outputs[1])
    finally:
        shell.history_manager.end_session()
    assert not truncated
    assert ("stdout", "one\n") in [stream(item) for item in outputs if item["output_type"] == "stream"]
    assert outputs[-1]["data"] == {"text/plain": "4"}


def test_unknown_records_are_passed_over():
    assert collect(SimpleNamespace(output_type="later_kind", bundle={})) == ((), False)


def test_an_error_is_an_output():
    error = CellError("ValueError", "no", ("Traceback", "ValueError: no"))
    output = error_output(error)
    nbformat.validate(output, ref="output", version=4, version_minor=5)
    assert output["traceback"] == ["Traceback", "ValueError: no"]


def test_tracebacks_lose_their_colours():
    lines = [
        "\x1b[31m---\x1b[39m\n\x1b[38;5;28;01mValueError\x1b[39;00m: x",
        "\x1b]8;;file://a\x07link\x1b]8;;\x07",
    ]
    assert plain_traceback(lines) == ("---", "ValueError: x", "link")
