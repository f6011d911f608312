from __future__ import annotations

import pickle
import re

import pytest

from nbship import errors

CLASSES = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_has_the_root_a_docstring_and_a_place_in_the_tree(kind):
    assert issubclass(kind, errors.NbshipError)
    assert kind.__doc__
    assert re.search(rf"\b{kind.__name__}\b", errors.__doc__)


@pytest.mark.parametrize("kind", CLASSES)
def test_the_message_is_what_was_given_and_survives_a_pickle(kind):
    error = pickle.loads(pickle.dumps(kind("what happened, what to do")))
    assert type(error) is kind
    assert str(error) == "what happened, what to do"


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.UsageError, ValueError),
        (errors.ConfigurationError, ValueError),
        (errors.AmbiguousRunError, ValueError),
        (errors.RunNotFoundError, LookupError),
        (errors.FingerprintError, TypeError),
        (errors.ModelSaveError, RuntimeError),
        (errors.SpoolError, OSError),
        (errors.StoreError, ConnectionError),
        (errors.ExecutionError, RuntimeError),
        (errors.PackagingError, RuntimeError),
    ],
)
def test_each_is_also_the_builtin_that_callers_expect(kind, builtin):
    assert issubclass(kind, builtin)
    assert f"{kind.__name__} ({builtin.__name__})" in errors.__doc__ or kind.__base__ is errors.UsageError


@pytest.mark.parametrize("kind", CLASSES)
def test_wrong_use_exits_with_2_and_failed_work_with_3(kind):
    wrong_use = issubclass(kind, errors.UsageError | errors.RunNotFoundError)
    assert kind.exit_code == (2 if wrong_use else 3)
