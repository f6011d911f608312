from __future__ import annotations

import ast

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbship.magics import transformer
from nbship.magics.transformer import rewrite_track, strip_cell_magics


@pytest.fixture
def shell():
    made = InteractiveShell()
    made.history_manager.enabled = False
    transformer.install(made)
    yield made
    transformer.remove(made)
    made.history_manager.end_session()


def rewritten(cell: str) -> str:
    return "".join(rewrite_track(cell.splitlines(keepends=True)))


def call(arguments: str = "") -> str:
    return f"get_ipython().run_line_magic('_begin_track', {arguments!r})"


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("%%track", ""),
        ("%%track   ", ""),
        ("%%track forest -p lr=0.1", "forest -p lr=0.1"),
        ('%%track -t note="it\'s \\n"', '-t note="it\'s \\n"'),
        ("%%track\tforest", "forest"),
        ("%%track größe-😀", "größe-😀"),
    ],
)
def test_the_first_line_becomes_a_call_and_the_rest_stays(line, arguments):
    assert rewritten(f"{line}\nx = 1\n\ny = 2") == f"{call(arguments)}\nx = 1\n\ny = 2"


def test_windows_line_ends_do_not_reach_the_arguments(shell):
    assert (
        ast.unparse(ast.parse(shell.transform_cell("%%track forest\r\nx = 1\r\n")))
        == f"{call('forest')}\nx = 1"
    )


@pytest.mark.parametrize(
    "cell",
    [
        "x = 1\n%%track\n",
        "# a comment\n%%track\n",
        "%%tracker\nx = 1",
        "%%track?",
        "%%track??",
        "%track on",
        "%%time\nx = 1",
        "",
        "\n\n",
    ],
)
def test_anything_else_is_left_alone(cell):
    assert rewritten(cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "%%track\n1/0",
        "\n\n%%track a\nx = 1\n1/0",
        "%%track\n\n\n    x = 1\n    1/0",
        "%%track\n# comment\nfrom __future__ import annotations\n1/0",
        "%%track\nif True:\n    1/0",
    ],
)
def test_tracebacks_keep_their_line(shell, cell):
    def line_of_failure(text: str) -> set[int]:
        tree = ast.parse(shell.transform_cell(text))
        return {node.lineno for node in ast.walk(tree) if isinstance(node, ast.BinOp)}

    # IPython itself takes out blank lines before the first one, so the untracked cell is what counts.
    untracked = "\n".join("#" if line.startswith("%%track") else line for line in cell.split("\n"))
    assert line_of_failure(cell) == line_of_failure(
        untracked.replace("    ", "" if "    x" in cell else "    ")
    )


@pytest.mark.parametrize(
    "body",
    [
        "%timeit x",
        "!ls",
        "y = !ls",
        "await job()",
        "x?",
        "    x = 1\n    y = 2",
        "%%time\nx = 1",
        "%%bash\nls",
    ],
)
def test_the_body_is_what_ipython_makes_of_it_alone(shell, body):
    alone = shell.transform_cell(body)
    tracked = shell.transform_cell(f"%%track\n{body}")
    assert tracked == f"{call()}\n{alone}"


def test_an_import_of_the_future_stays_first(shell):
    code = shell.transform_cell("%%track a\nfrom __future__ import annotations\nx: Unknown = 1\n")
    namespace = {"get_ipython": lambda: shell}
    shell.register_magic_function(lambda line: namespace.setdefault("begun", line), "line", "_begin_track")
    exec(compile(code, "cell", "exec"), namespace)
    assert (namespace["begun"], namespace["x"]) == ("a", 1)


def test_the_body_displays_its_last_expression(shell):
    shell.register_magic_function(lambda line: None, "line", "_begin_track")
    result = shell.run_cell("%%track a -p x=1\n40 + 2")
    assert (result.success, result.result) == (True, 42)


@pytest.mark.parametrize(
    "cell", ["%%track", "%%track forest", "%%track\n", "%%track\n# only a comment", "%%track\n\n\n"]
)
def test_a_cell_without_code_is_python_too(shell, cell):
    ast.parse(shell.transform_cell(cell))


def test_a_terminal_waits_for_the_rest_of_the_cell(shell):
    assert shell.check_complete("%%track forest\n")[0] == "incomplete"
    assert shell.check_complete("%%track forest\nx = 1\n\n")[0] == "complete"


def test_removing_leaves_nothing_and_can_be_done_twice(shell):
    assert shell.input_transformers_cleanup[-1] is rewrite_track
    transformer.remove(shell)
    assert rewrite_track not in shell.input_transformers_cleanup
    transformer.remove(shell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("%%track a\nx = 1", "x = 1"),
        ("\n%%track\n%%time\n\nx = 1", "x = 1"),
        ("%%capture out\nx = 1", "x = 1"),
        ("%%bash\nls", "%%bash\nls"),
        ("%%trackable\nx", "%%trackable\nx"),
        ("x = 1\n%%time", "x = 1\n%%time"),
        ("%%track", ""),
        ("", ""),
    ],
)
def test_magics_whose_body_is_python_are_taken_off(cell, code):
    assert strip_cell_magics(cell) == code
