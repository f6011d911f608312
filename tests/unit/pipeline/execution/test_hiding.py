from __future__ import annotations

import json

import nbformat
import pytest

from nbship.pipeline.execution.hiding import Hider, hidden, shown_forms
from nbship.pipeline.parameters.secrets import Secret
from step_fakes import notebook


@pytest.mark.parametrize("secret", ["hunter22", 'a"b\\c', "zürich-ß", "tab\there", "it's"])
@pytest.mark.parametrize("form", [str, repr, json.dumps, lambda s: json.dumps(s, ensure_ascii=False)])
def test_a_secret_is_hidden_in_every_form_it_is_shown(secret, form):
    text = f"before {form(secret)} after"
    shown = Hider([secret]).hide(text)
    assert shown in {text.replace(form(secret), word) for word in ("***", "'***'", '"***"')}


def test_longer_secrets_go_first():
    assert Hider(["abc", "abcdef"]).hide("abcdef abc") == "*** ***"


def test_each_longer_line_of_a_secret_is_one():
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nab\n-----END KEY-----"
    hide = Hider([key]).hide
    assert hide(key) == "***"
    assert hide("MIIEvQIBADANBg") == "***"
    assert hide("ab") == "ab"


def test_nothing_to_hide_costs_nothing():
    assert Hider([]).hide_or_none is None
    assert Hider([""]).hide_or_none is None
    assert Hider([""]).hide("text") == "text"
    assert Hider(["x"]).hide_or_none is not None


def test_texts_keys_and_lists_of_a_notebook_are_hidden():
    data = {"application/json": {"hunter22": {"a": ["hunter22", 1, None]}}}
    book = notebook("x = 'hunter22'")
    book["cells"][0]["outputs"] = [nbformat.v4.new_output("display_data", data)]
    book["metadata"]["owner"] = "hunter22"
    found = hidden(book, Hider(["hunter22"]).hide)
    assert "hunter22" not in json.dumps(found)
    assert found["cells"][0]["outputs"][0]["data"] == {"application/json": {"***": {"a": ["***", 1, None]}}}
    assert book["cells"][0]["source"] == "x = 'hunter22'"


@pytest.mark.parametrize("secret", ["code", "cells", "source", "stream", "c0", "metadata", "4", "outputs"])
def test_a_secret_that_is_a_word_of_the_format_leaves_a_notebook(secret):
    book = notebook("x = 1")
    book["cells"][0]["outputs"] = [nbformat.v4.new_output("stream", text=f"my {secret}\n")]
    book["metadata"]["kernelspec"]["display_name"] = "Python 3"
    found = hidden(book, Hider([secret]).hide)
    nbformat.validate(nbformat.from_dict(found))
    assert found["cells"][0]["outputs"][0]["text"] == "my ***\n"


def test_a_secret_that_does_not_show_itself_is_hidden_like_its_text():
    assert shown_forms(Secret('a"b\\c')) == shown_forms('a"b\\c')
    assert Hider([Secret("it's")]).hide(repr("it's")) == '"***"'
