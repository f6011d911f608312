from __future__ import annotations

import zipfile

import numpy as np
import pytest

from nbship.packaging.skops_file import make_canonical


def models():
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return [make_pipeline(StandardScaler(), LogisticRegression()), RandomForestClassifier(5, random_state=0)]


@pytest.mark.parametrize("place", [0, 1])
def test_the_same_model_saved_twice_is_one_file_and_answers_as_before(tmp_path, place):
    import skops.io

    rows, labels = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    model = models()[place].fit(rows, labels)
    one, two = tmp_path / "one.skops", tmp_path / "two.skops"
    skops.io.dump(model, one)
    skops.io.dump(skops.io.load(one, trusted=skops.io.get_untrusted_types(file=one)), two)
    assert one.read_bytes() != two.read_bytes()
    make_canonical(one)
    make_canonical(two)
    assert one.read_bytes() == two.read_bytes()
    again = skops.io.load(one, trusted=skops.io.get_untrusted_types(file=one))
    np.testing.assert_array_equal(again.predict_proba(rows), model.predict_proba(rows))


def test_a_canonical_file_stays_as_it_is(tmp_path):
    import skops.io

    path = tmp_path / "model.skops"
    shared = np.arange(3)
    skops.io.dump({"a": shared, "b": shared, "c": "schema.json"}, path)
    make_canonical(path)
    before = path.read_bytes()
    make_canonical(path)
    assert path.read_bytes() == before
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["schema.json", "1.npy"]
    found = skops.io.load(path)
    assert found["a"] is found["b"]
    assert found["c"] == "schema.json"
