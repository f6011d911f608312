from __future__ import annotations

import os
import pickle

import pytest

from model_sources import make_source
from nbship.errors import UntrustedModelError, UsageError
from nbship.model.bundle import Bundle, ModelFormat
from nbship.packaging.trust import decide_trust, served_trust, skops_types


class Harmful:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.fixture
def source(tmp_path):
    return make_source(tmp_path / "model", Harmful())


@pytest.fixture
def skops_file(tmp_path):
    import skops.io
    from sklearn.linear_model import LinearRegression

    path = tmp_path / "model.skops"
    skops.io.dump(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), path)
    return path


def test_a_pickle_of_ones_own_kernel_is_trusted(source):
    digest = source.files["model.pkl"]
    decision = decide_trust(source, own={digest})
    assert decision.kind == "own"
    assert decision.trusted == (digest,)


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_a_pickle_that_the_settings_name_is_trusted(source, prefix):
    digest = source.files["model.pkl"]
    assert decide_trust(source, own=(), named=(f"{prefix}{digest}", "a.Type")).kind == "named"


def test_a_pickle_that_the_user_chose_is_trusted(source):
    assert decide_trust(source, own=(), trust_pickle=True).kind == "asked"


def test_any_other_pickle_is_refused_with_what_it_would_import_and_the_ways_out(source):
    with pytest.raises(UntrustedModelError, match=r"posix\.system") as raised:
        decide_trust(source, own={"0" * 64}, named=("some.Type",))
    for offer in ("--trust-pickle", "--resave", source.files["model.pkl"]):
        assert offer in str(raised.value)


def test_files_beside_a_pickle_are_vouched_for_by_nobody_but_the_user(tmp_path):
    source = make_source(tmp_path / "model", Harmful(), code=("code",))
    digest = source.files["model.pkl"]
    with pytest.raises(UntrustedModelError, match="code"):
        decide_trust(source, own={digest}, named=(digest,))
    assert decide_trust(source, own={digest}, trust_pickle=True).kind == "asked"


def test_a_skops_file_needs_no_leave_and_takes_named_types_along(tmp_path):
    source = make_source(tmp_path / "model", serialization="skops")
    decision = decide_trust(source, own=(), named=("my.Type", "f" * 64))
    assert (decision.kind, decision.trusted) == ("skops", ("my.Type",))


def test_the_types_of_a_skops_file_are_read_without_loading_it(skops_file):
    assert "sklearn.linear_model._base.LinearRegression" in skops_types(skops_file)


def test_what_is_no_skops_file_is_said_to_be_none(tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(pickle.dumps(1))
    with pytest.raises(UsageError, match="no skops file"):
        skops_types(path)


def test_a_server_trusts_only_what_its_bundle_needs(tmp_path, skops_file, source):
    used = "sklearn.linear_model._base.LinearRegression"
    given = make_source(tmp_path / "other", serialization="skops")
    decision = decide_trust(given, own=(), named=(used, "another.Type", "f" * 64))
    bundle = Bundle("m", "r", ModelFormat.SKOPS, skops_file.name, "d")
    assert served_trust(decision, tmp_path, bundle) == (used,)
    pickled = Bundle("m", "r", ModelFormat.PICKLE, "model.pkl", "d" * 64)
    assert served_trust(decide_trust(source, own=(), trust_pickle=True), tmp_path, pickled) == ("d" * 64,)
