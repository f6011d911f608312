from __future__ import annotations

import random
import subprocess
import sys

import pytest

from nbship.capture.rng import digest_rng


def test_digests_follow_the_state_of_each_generator():
    import numpy as np
    import numpy.random  # numpy loads it at its first use

    before = digest_rng()
    assert before == digest_rng()
    random.random()
    after = digest_rng()
    assert before["random"] != after["random"]
    assert before["numpy"] == after["numpy"]
    np.random.normal()
    assert digest_rng()["numpy"] != after["numpy"]


def test_the_pending_half_of_a_gaussian_pair_is_part_of_the_state():
    random.seed(1)
    random.gauss(0, 1)
    state = random.getstate()
    first = digest_rng()["random"]
    random.setstate((*state[:2], None))
    assert digest_rng()["random"] != first


def test_taking_a_digest_changes_nothing():
    import numpy as np

    random.seed(3)
    np.random.seed(3)
    expected = (random.random(), np.random.random())
    random.seed(3)
    np.random.seed(3)
    digest_rng()
    assert (random.random(), np.random.random()) == expected


def test_equal_seeds_give_equal_digests():
    random.seed(5)
    first = digest_rng()["random"]
    random.seed(5)
    assert digest_rng()["random"] == first
    assert len(first) == 16


def test_another_bit_generator_behind_the_legacy_functions_is_read():
    import numpy as np

    original = np.random.get_bit_generator()
    try:
        np.random.set_bit_generator(np.random.PCG64(1))
        before = digest_rng()["numpy"]
        np.random.random()
        assert digest_rng()["numpy"] != before
    finally:
        np.random.set_bit_generator(original)


def test_torch_is_read_where_it_is_loaded():
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    before = digest_rng()["torch"]
    torch.rand(1)
    assert digest_rng()["torch"] != before


def test_no_library_is_imported_for_it():
    code = "import sys; from nbship.capture.rng import digest_rng; print(sorted(digest_rng()), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['random'] False"
