"""A tracked cell behaves exactly as the same cell untracked."""

from __future__ import annotations

import re

import pytest

CELLS = {
    "last expression": "[1, 2]",
    "silenced expression": "[1, 2];",
    "print and value": "print('a')\nprint('b')\n'value'",
    "stderr between": "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')",
    "underscore": "_",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('woke')\n'end'",
    "line magic": "%time x = 1\nx",
    "shell": "!echo from-the-shell",
    "shell assignment": "out = !echo captured\nout[0]",
    "display order": "from IPython.display import display, HTML\nprint('1')\ndisplay(HTML('<b>2</b>'))\nprint('3')\n4",
    "capture": "%%capture held\nprint('hidden')",
    "bash": "%%bash\necho in bash",
    "future import": "from __future__ import annotations\ndef f(x: undefined_name): return 1\nf(0)",
    "docstring": '"""a docstring"""\n',
    "leading blank and comment": "\n\n# comment\n1 + 1",
    "error": "def inner():\n    raise KeyError('k')\n\ninner()",
    "error in a loop": "for i in range(3):\n    print(i)\n    if i == 1:\n        1 / 0",
    "syntax error": "def (:",
    "exit": "raise SystemExit(3)",
    "indented body": "    z = 3\n    z",
    "no code": "# only a comment",
    "help": "len?",
    "underscore names": "_i",
}


def normalised(reply):
    """What the user sees, without addresses, times, and the line that nbship itself adds."""
    seen = []
    for output in reply.outputs:
        if "data" in output:
            if "nbship" in output["data"].get("text/html", ""):
                continue
            seen.append((output["output_type"], output["data"].get("text/plain")))
        elif output["output_type"] == "error":
            seen.append(("error", output["ename"], [_clean(line) for line in output["traceback"]]))
        else:
            seen.append((output["name"], _clean(output["text"])))
    return reply.status, _joined(seen)


def _joined(seen):
    joined = []
    for item in seen:
        if joined and item[0] in ("stdout", "stderr") and joined[-1][0] == item[0]:
            joined[-1] = (item[0], joined[-1][1] + item[1])
        else:
            joined.append(item)
    return joined


def _clean(text):
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(
        r"0x[0-9a-f]+|ipykernel_\d+/\d+|In\[\d+\]|line:? \d+|[\d.]+(?:e[+-]?\d+)? [mnμµ]?s\b", "·", text
    )
    # One line more stands above the body of a tracked cell: the numbers in tracebacks differ by one.
    text = re.sub(r"(?m)^\s*· # %%track.*\n|(?<=·)\s*1 # %%track[^\n]*\n", "", text)
    return re.sub(r"(-+> )?\s*\d+(?= )", lambda m: ("---> " if m[1] else "") + "·", text)


@pytest.fixture(scope="module")
def pair(shared_project):
    return shared_project.kernel(load=False), shared_project.kernel()


@pytest.mark.parametrize("name", CELLS)
def test_same_as_untracked(pair, name):
    plain, tracked = pair
    for kernel in pair:
        kernel.run("'before'")
    expected = plain.run(CELLS[name])
    found = tracked.run("%%track\n" + CELLS[name])

    assert normalised(found) == normalised(expected)


def test_the_namespace_is_the_same(pair):
    plain, tracked = pair
    names = "sorted(n for n in globals() if not n.startswith('_'))"

    assert tracked.run(names).plain == plain.run(names).plain


def test_tracebacks_name_the_right_line(pair):
    _, tracked = pair
    reply = tracked.run("%%track\nx = 1\ny = x / 0")
    error = next(output for output in reply.outputs if output["output_type"] == "error")
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))

    assert "----> 3 y = x / 0" in text
    assert "1 # %%track\n" in text
    assert "_begin_track" not in text


def test_timing_magic_below_track_is_tracked(pair):
    _, tracked = pair
    reply = tracked.run("%%track timed\n%%time\nspeed = len('x' * 1024)")

    assert "Wall time" in reply.text
    assert "speed 1,024" in reply.plain


def test_track_below_another_magic_is_tracked(pair):
    _, tracked = pair
    reply = tracked.run("%%time\n%%track below\nheight = len('x' * 9)")

    assert "below FINISHED" in reply.plain
    assert "height 9" in reply.plain


def test_the_help_of_track_explains_it(pair):
    _, tracked = pair
    page = tracked.run("%%track?").payload[0]["data"]["text/plain"]

    assert "no option is needed" in page
    assert "--snapshot" in page
