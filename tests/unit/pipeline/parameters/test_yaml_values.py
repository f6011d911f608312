from __future__ import annotations

import pytest

from nbship.errors import UsageError
from nbship.pipeline.parameters.yaml_values import load_mapping


def test_values_are_what_papermill_makes_of_them():
    from papermill.cli import NoDatesSafeLoader
    from yaml import load

    text = "a: 1\nb: 1.5\nc: yes\nd: null\ne: [1, {f: g}]\nh: 2024-01-02\ni: 2024-01-02 03:04:05\nj: '1'\nk: 0x10\nl: é"
    assert load_mapping(text, "-y") == load(text, Loader=NoDatesSafeLoader)
    assert load_mapping(text, "-y")["h"] == "2024-01-02"


def test_json_is_yaml():
    assert load_mapping('{"a": [1, 2.5, null, true]}', "p.json") == {"a": [1, 2.5, None, True]}


@pytest.mark.parametrize("text", ["", "   \n", "# nothing\n", "null"])
def test_an_empty_text_holds_none(text):
    assert load_mapping(text, "-y") == {}


@pytest.mark.parametrize("text", ["3", "[1, 2]", "text", "1: 2", "true: 1"])
def test_what_maps_no_names_is_refused(text):
    with pytest.raises(
        UsageError, match=r"p\.yaml must map parameter names to values, got .*Write: name: value"
    ):
        load_mapping(text, "p.yaml")


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: b: c", "\t- x", "a: !!python/object:os.system x", "a: !!int abc", "a: \x00", "[" * 5000],
)
def test_what_is_no_yaml_is_refused_in_one_line(text):
    with pytest.raises(UsageError, match="-y is not YAML: ") as caught:
        load_mapping(text, "-y")
    assert "\n" not in str(caught.value)


def test_the_loader_of_others_keeps_its_dates():
    import datetime as dt

    import yaml

    load_mapping("a: 2024-01-02", "-y")
    assert yaml.safe_load("2024-01-02") == dt.date(2024, 1, 2)
