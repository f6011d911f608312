import io
import os
import pickle
import pickletools

import pytest

from nbship.model.pickle_imports import pickle_imports


class Vandal:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def listed(tmp_path, content):
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    return pickle_imports(path)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_a_command_is_listed_without_running_it(tmp_path, protocol):
    trace = tmp_path / "it-ran"

    names = listed(tmp_path, pickle.dumps(Vandal(f"touch {trace}"), protocol=protocol))

    assert names == (f"{os.system.__module__}.system",)
    assert not trace.exists()


@pytest.mark.parametrize("protocol", range(6))
def test_plain_data_imports_nothing(tmp_path, protocol):
    value = {"a": [1, 2.5, "text", None, (True, False)], "b": {3: b"bytes"} if protocol > 2 else {}}

    assert listed(tmp_path, pickle.dumps(value, protocol=protocol)) == ()


def test_a_model_names_its_classes(tmp_path):
    from sklearn.linear_model import LogisticRegression

    names = listed(tmp_path, pickle.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1])))

    assert "sklearn.linear_model._logistic.LogisticRegression" in names
    assert not any("made up" in name for name in names)


def test_a_name_from_the_memo_is_read(tmp_path):
    # The two strings are put down, fetched back and only then joined.
    content = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x9400h\x00h\x01\x93."
    pickletools.dis(content, out=io.StringIO())

    assert listed(tmp_path, content) == ("os.system",)


def test_a_name_that_is_made_up_is_said_to_be(tmp_path):
    # The module is what a call returns.
    content = b"\x80\x04cbuiltins\nstr\n)R\x8c\x06system\x93."

    assert listed(tmp_path, content) == ("(a name that is made up while it loads)", "builtins.str")


def test_bytes_that_are_no_pickle_are_said_to_be(tmp_path):
    (note,) = listed(tmp_path, b"\x80\x04\xff\xff\xff")

    assert "cannot be read" in note


def test_every_pickle_of_a_file_is_read(tmp_path):
    first, second = pickle.dumps([1]), pickle.dumps(Vandal("true"))

    assert listed(tmp_path, first + second) == (f"{os.system.__module__}.system",)
