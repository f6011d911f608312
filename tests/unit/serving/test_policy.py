import hashlib
import os
import pickle

import pytest

from nbship.errors import UntrustedModelError
from nbship.serving.integrity import sha256_of
from nbship.serving.policy import TRUSTED_VARIABLE, TrustPolicy
from nbship.serving.predictor import load_predictor
from served_models import bundle_of


class Vandal:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def pickled(folder, value):
    import pandas as pd

    path = folder / "model" / "model.pkl"
    path.parent.mkdir()
    path.write_bytes(pickle.dumps(value))
    return bundle_of(pd.DataFrame({"a": [1.0]}), model_digest=sha256_of(path)), path


def test_a_pickle_that_would_run_a_command_is_refused_with_its_list(tmp_path):
    trace = tmp_path / "it-ran"
    bundle, path = pickled(tmp_path, Vandal(f"touch {trace}"))

    with pytest.raises(UntrustedModelError, match=rf"{os.system.__module__}\.system.*{sha256_of(path)}"):
        load_predictor(tmp_path, bundle, TrustPolicy())

    assert not trace.exists()


def test_trust_is_of_the_content_and_not_of_what_the_bundle_says(tmp_path):
    trusted = hashlib.sha256(b"another pickle").hexdigest()
    bundle, _ = pickled(tmp_path, Vandal("true"))
    import dataclasses

    lying = dataclasses.replace(bundle, model_digest=trusted)

    with pytest.raises(UntrustedModelError):
        load_predictor(tmp_path, lying, TrustPolicy(frozenset({trusted})))


def test_a_trusted_pickle_is_read(tmp_path):
    from sklearn.linear_model import LinearRegression

    bundle, path = pickled(tmp_path, LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]))

    predictor = load_predictor(tmp_path, bundle, TrustPolicy(frozenset({sha256_of(path).upper()})))

    assert predictor.predict([[3.0]]) == [pytest.approx(6.0)]


def test_the_policy_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv(TRUSTED_VARIABLE, " a.B , ,c.D")
    assert TrustPolicy.from_environment() == TrustPolicy(frozenset({"a.B", "c.D"}))
    monkeypatch.delenv(TRUSTED_VARIABLE)
    assert TrustPolicy.from_environment() == TrustPolicy()


def test_types_of_a_skops_file_are_known_or_named(tmp_path):
    policy = TrustPolicy(frozenset({"mine.Own"}))

    assert policy.strangers(["sklearn.tree._tree.Tree", "mine.Own", "os.system"]) == ("os.system",)
    with pytest.raises(UntrustedModelError, match=r"os\.system"):
        policy.check_types(tmp_path / "m.skops", ["os.system"])


def test_a_skops_file_of_unknown_types_is_refused(tmp_path):
    import dataclasses

    import pandas as pd
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    from nbship.model.bundle import ModelFormat

    (tmp_path / "model").mkdir()
    path = tmp_path / "model" / "model.skops"
    skops.io.dump(FunctionTransformer(os.path.join), path)
    bundle = dataclasses.replace(
        bundle_of(pd.DataFrame({"a": [1.0]})), format=ModelFormat.SKOPS, model_path="model/model.skops"
    )

    with pytest.raises(UntrustedModelError, match="posixpath"):
        load_predictor(tmp_path, bundle, TrustPolicy())


@pytest.mark.parametrize("name", ["model.pkl", "model.skops"])
def test_a_damaged_file_is_told_in_one_line(tmp_path, name):
    import dataclasses

    import pandas as pd

    from nbship.errors import PackagingError
    from nbship.model.bundle import ModelFormat

    path = tmp_path / "model" / name
    path.parent.mkdir()
    path.write_bytes(b"\x80\x04 no model")
    form = ModelFormat.SKOPS if name.endswith("skops") else ModelFormat.PICKLE
    bundle = dataclasses.replace(
        bundle_of(pd.DataFrame({"a": [1.0]})), format=form, model_path=f"model/{name}"
    )

    with pytest.raises(PackagingError, match=rf"{name} cannot be read"):
        load_predictor(tmp_path, bundle, TrustPolicy(frozenset({sha256_of(path)})))
