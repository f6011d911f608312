from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import nbship
from nbship.config import load_settings
from nbship.errors import RunNotFoundError, UsageError
from nbship.model.drift import DriftOptions, DriftReport, DriftState
from nbship.service.drift_grammar import OPTIONS, JsonFile, drift_options, drift_roles, two_sides
from nbship.service.here import settings_of_kernel


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


def frame(rows: int = 400, shift: float = 0.0, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": rng.normal(shift, 1, rows),
            "kind": rng.choice(["a", "b"], rows),
            "label": rng.random(rows) < 0.3 + shift / 4,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, rows), "D"),
        }
    )


def test_a_report_knows_its_forms():
    report = nbship.drift(frame(), frame(shift=1, seed=1), names=("winter", "summer"))
    assert isinstance(report, DriftReport)
    assert report.drifted
    assert (report.reference.name, report.current.name) == ("winter", "summer")
    assert "x" in report.to_text(80)
    assert max(map(len, report.to_text(80).splitlines())) <= 80
    assert report.to_html().lower().startswith("<!doctype html>")
    assert report.to_dict()["drifted"] is True
    assert {"text/plain", "text/html"} <= report._repr_mimebundle_().keys()


def test_options_roles_and_windows_reach_the_report():
    report = nbship.drift(
        frame(), frame(shift=1, seed=1), by="MS", columns=["x", "label", "day"], target="label", wasserstein=5
    )
    assert report.column("x").state is DriftState.STABLE
    assert report.column("label").role == "target"
    assert report.column("kind") is None
    assert len(report.windows) == 3
    assert nbship.drift(frame(), frame(seed=1), by=100).windows[0].rows == 100


def test_a_profile_stands_for_its_data():
    whole = nbship.profile(frame(), name="winter")
    parts = [nbship.profile(part, name="winter", like=whole) for part in (frame()[:150], frame()[150:])]
    assert nbship.merge_profiles(parts) == nbship.profile(frame(), name="winter", like=whole)
    assert "winter" in whole.to_text()
    assert nbship.Profile.from_dict(whole.to_dict()) == whole
    report = nbship.drift(whole, frame(shift=1, seed=1))
    assert report.reference.name == "winter"
    assert not report.reference.exact
    assert report.column("x").drifted


def test_nobody_elses_random_numbers_are_touched():
    np.random.seed(7)
    expected = np.random.random(3)
    np.random.seed(7)
    nbship.drift(frame(), frame(shift=1, seed=1), by="MS")
    assert np.random.random(3).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"q": 0}, "lies between 0 and 1"),
        ({"correction": "sidak"}, "known are bh, holm, none"),
        ({"missing": -1}, "not negative"),
        ({"wasserstein": float("nan")}, "not negative"),
        ({"columns": ["kinda"]}, "did you mean kind"),
        ({"time": "never"}, "no column 'never'"),
        ({"target": "lable"}, "did you mean label"),
        ({"prediction": "never"}, "no column 'never'"),
        ({"q": "small"}, "give a number"),
        ({"missing": None}, "give a number"),
        ({"colums": ["x"]}, "did you mean columns"),
        ({"names": "winter"}, "give two"),
        ({"names": ("winter",)}, "give two"),
        ({"model": 7}, "7 is no RUN"),
    ],
)
def test_an_option_that_cannot_be_is_one_clear_error(options, says):
    with pytest.raises(UsageError, match=says):
        nbship.drift(frame(), frame(), **options)


@pytest.mark.parametrize("side", ["", "  "])
def test_an_empty_text_is_no_side(side):
    with pytest.raises(UsageError, match="empty text"):
        nbship.drift(side, frame())


def test_one_column_needs_no_list_and_numbers_name_columns():
    assert [c.name for c in nbship.drift(frame(), frame(), columns="x").columns] == ["x"]
    numbered = pd.DataFrame({1: [1.0, 2.0] * 50, 2: [1.0, 2.0] * 50})
    assert [c.name for c in nbship.drift(numbered, numbered, columns=[2]).columns] == ["2"]


def test_predictions_that_only_one_side_has_are_named_and_no_drift_whichever_side_it_is():
    plain = nbship.profile(frame(), name="winter")
    kept = replace(plain.columns[0], name="prediction", role="prediction")
    predicted = replace(plain, columns=(*plain.columns, kept))
    for sides in ((predicted, frame()), (frame(), predicted), (plain, predicted)):
        report = nbship.drift(*sides)
        assert report.column("prediction") is None
        assert not report.drifted
        assert "prediction" in " ".join(report.notes)
    assert nbship.drift(predicted, predicted).column("prediction").role == "prediction"


@pytest.mark.parametrize("runs", [(1, 2), (["a", "b"],), ("a", None)])
def test_what_is_no_run_is_one_clear_error(runs):
    with pytest.raises(UsageError, match="is no RUN"):
        nbship.compare(*runs)


def test_functions_use_the_settings_of_the_kernel_they_are_called_in(tmp_path):
    elsewhere = replace(load_settings(), tracking_uri=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    settings_of_kernel(lambda: elsewhere)
    try:
        with pytest.raises(RunNotFoundError, match=r"elsewhere\.db"):
            nbship.compare("a", "b")
    finally:
        settings_of_kernel(None)
    with pytest.raises(RunNotFoundError, match=r"mlflow\.db"):
        nbship.compare("a", "b")


# The grammar that the command line and the magic share


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for flags, keywords in OPTIONS:
        parser.add_argument(*flags, **keywords)
    return parser.parse_args(words)


def test_without_options_the_defaults_are_those_of_the_model():
    assert drift_options(parsed()) == DriftOptions()
    assert drift_roles(parsed()) == {}


def test_columns_may_be_given_together_or_again():
    assert drift_options(parsed("--columns", "a, b", "--columns", "c")).columns == ("a", "b", "c")
    assert drift_roles(parsed("--target", "y", "--prediction", "p")) == {"y": "target", "p": "prediction"}


def sides(*words: str) -> tuple[list[str], str | None]:
    parser = argparse.ArgumentParser()
    parser.add_argument("sides", nargs="*")
    parser.add_argument("--json", nargs="?", const="-", action=JsonFile)
    return two_sides(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a b", (["a", "b"], None)),
        ("a b --json", (["a", "b"], "-")),
        ("a b --json out.json", (["a", "b"], "out.json")),
        ("--json a b", (["a", "b"], "-")),
        ("a --json b", (["a", "b"], "-")),
    ],
)
def test_json_gives_back_the_side_that_it_swallowed_in_its_place(words, expected):
    assert sides(*words.split()) == expected


@pytest.mark.parametrize("words", ["", "a", "--json a", "a b c"])
def test_anything_but_two_sides_is_one_clear_error(words):
    with pytest.raises(UsageError, match="two sides"):
        sides(*words.split())


def test_an_empty_list_of_columns_is_not_all_columns():
    with pytest.raises(UsageError, match="names no column"):
        drift_options(parsed("--columns", " , "))
