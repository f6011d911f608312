from __future__ import annotations

from nbship.display.parameter_help import help_text
from nbship.model.parameter import Parameter, ParameterKind, ParameterSchema, ParameterType

INT = ParameterType(ParameterKind.INT)
STR = ParameterType(ParameterKind.STR)
RATE = ParameterType(ParameterKind.FLOAT, exclusive_minimum=0, maximum=1)
MODE = ParameterType(ParameterKind.CHOICE, choices=("fast", "exact"))

SCHEMA = ParameterSchema(
    (
        Parameter("msg", default_source="None", has_default=True, help="What to say."),
        Parameter("n_estimators", INT, "100", has_default=True, default=100, help="Number of trees"),
        Parameter("learning_rate", RATE, "0.1", has_default=True, default=0.1, help="How fast it learns"),
        Parameter("mode", MODE, "'fast'", has_default=True, default="fast"),
        Parameter("data", STR),
        Parameter("api_key", STR, secret=True, help="Key of the service."),
        Parameter("model", default_source="Model()", has_default=True, computed=True, annotation="Model"),
    ),
    tagged=True,
)


HELP = """\
Usage: nbship run train.ipynb [OUTPUT] [-p NAME VALUE]... [--secret NAME=env:VAR]...

Trains the model.

Parameters inferred for notebook 'train.ipynb':
  msg: Unknown type (default None)          What to say.
  n_estimators: int (default 100)           Number of trees
  learning_rate: float, 0 < x <= 1 (default 0.1)
                                            How fast it learns
  mode: 'fast' or 'exact' (default 'fast')
  data: str (required)
  api_key: secret (required)                Key of the service. Pass it with --secret
                                            api_key=env:VAR
  model: Model (default Model())"""


def test_the_help_of_a_notebook():
    assert help_text(SCHEMA, "train.ipynb", description="Trains\nthe model.") == HELP


def test_papermills_words_are_kept():
    text = help_text(SCHEMA, "x.ipynb")
    assert "Parameters inferred for notebook 'x.ipynb':" in text
    assert "  msg: Unknown type (default None)" in text
    assert "No cell tagged 'parameters'" in help_text(ParameterSchema(), "x.ipynb")


def test_a_cell_without_parameters_is_told():
    assert help_text(ParameterSchema(tagged=True), "x.ipynb").endswith("assigns no name.")


def test_help_texts_are_aligned_and_wrapped():
    words = "many words " * 30
    schema = ParameterSchema((Parameter("a", INT, "1", has_default=True, help=words),), tagged=True)
    lines = help_text(schema, "x.ipynb").splitlines()[3:]
    assert len(lines) > 3
    assert max(map(len, lines)) <= 100
    column = lines[0].index("many")
    assert all(line[:column].isspace() for line in lines[1:])


def test_a_long_default_is_cut():
    schema = ParameterSchema((Parameter("a", STR, repr("x" * 200), has_default=True),), tagged=True)
    line = help_text(schema, "x.ipynb").splitlines()[-1]
    assert len(line) < 70
    assert line.endswith("…)")


def test_without_secrets_the_usage_does_not_speak_of_them():
    assert "--secret" not in help_text(ParameterSchema((Parameter("a", INT),), tagged=True), "x.ipynb")
