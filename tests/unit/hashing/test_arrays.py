"""Arrays of numpy, sparse matrices and tensors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nbship.errors import FingerprintError
from nbship.hashing import fingerprint


@settings(max_examples=150, deadline=None)
@given(
    array=hnp.arrays(
        st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16", "M8[s]", "S3", "U2", "f2", ">i4", "f16"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    )
)
def test_the_layout_of_memory_is_no_content(array):
    expected = fingerprint(array)
    assert fingerprint(np.asfortranarray(array)).digest == expected.digest or not array.ndim
    assert fingerprint(array.copy()) == expected
    assert fingerprint(pickle.loads(pickle.dumps(array))) == expected
    assert fingerprint(array.astype(array.dtype.newbyteorder("S"))) == expected
    strided = np.repeat(array[..., np.newaxis], 2, axis=-1)[..., 0]
    assert fingerprint(strided) == expected


@settings(max_examples=100, deadline=None)
@given(array=hnp.arrays("i8", hnp.array_shapes(max_dims=3, max_side=6)), data=st.data())
def test_any_one_value_counts(array, data):
    place = tuple(data.draw(st.integers(0, length - 1)) for length in array.shape)
    changed = array.copy()
    changed[place] ^= 1 << data.draw(st.integers(0, 62))
    assert fingerprint(changed).digest != fingerprint(array).digest


def test_dtypes_of_one_width_differ():
    zeros = [
        np.zeros(8, kind)
        for kind in ("?", "u1", "i1", "S1", "V1", "f8", "i8", "u8", "M8[ns]", "M8[us]", "m8[ns]", "c8")
    ]
    assert len({fingerprint(array).digest for array in zeros}) == len(zeros)


def test_shapes_differ():
    shapes = [(6,), (2, 3), (3, 2), (6, 1), (1, 6)]
    assert len({fingerprint(np.zeros(shape)).digest for shape in shapes}) == len(shapes)
    assert fingerprint(np.zeros((0, 3))).digest != fingerprint(np.zeros((3, 0))).digest


def test_an_array_is_described():
    found = fingerprint(np.zeros((3, 2), "f4"))
    assert (found.kind, found.rows, found.shape, found.size_bytes, found.columns) == (
        "array",
        3,
        (3, 2),
        24,
        (),
    )
    assert fingerprint(np.array(1.0)).rows is None


@pytest.mark.parametrize("shape", [(100, 20, 20), (10, 100, 200)])
def test_changes_beyond_the_first_ten_thousand_elements_are_caught(shape):
    array = np.zeros(shape)
    changed = array.copy()
    changed[-1, -1, -1] = 1
    assert fingerprint(array).digest != fingerprint(changed).digest


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_arrays_are_equal_in_pieces_and_threads(order):
    array = np.random.default_rng(0).standard_normal((5_000_000, 1)).reshape((1_000_000, 5))
    laid_out = np.asarray(array, order=order)
    assert fingerprint(laid_out) == fingerprint(np.concatenate([array, array], axis=1)[:, :5])


def test_every_nan_is_one_value():
    bits = np.array(
        [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001, 0x7FF4000000000000], np.uint64
    )
    digests = {fingerprint(np.array([1.0, value])).digest for value in bits.view("f8")}
    assert len(digests) == 1
    assert digests.isdisjoint({fingerprint(np.array([1.0, np.inf])).digest})


def test_structured_arrays_have_columns_and_no_padding():
    kind = np.dtype([("a", "i1"), ("b", "f8"), ("c", "f4", (2,))], align=True)
    clean, dirty = np.zeros(3, kind), np.frombuffer(b"\xff" * 3 * kind.itemsize, kind).copy()
    for name in kind.names:
        dirty[name] = clean[name]
    assert fingerprint(clean) == fingerprint(dirty)
    assert [(column.name, column.dtype) for column in fingerprint(clean).columns] == [
        ("a", "int8"),
        ("b", "float64"),
        ("c", "float32"),
    ]
    dirty["b"][1] = 1
    changed = [
        left != right
        for left, right in zip(fingerprint(clean).columns, fingerprint(dirty).columns, strict=True)
    ]
    assert changed == [False, True, False]


def test_object_arrays_are_weak_when_mixed():
    assert fingerprint(np.array([1, "a", None], dtype=object)).weak
    assert fingerprint(np.array([object, None], dtype=object)).weak
    assert not fingerprint(np.array([["a", "b"]], dtype=object)).weak


def test_masked_arrays_hide_what_is_masked():
    left = np.ma.array([1, 2, 3], mask=[0, 1, 0])
    right = np.ma.array([1, 9, 3], mask=[0, 1, 0])
    assert fingerprint(left) == fingerprint(right)
    assert fingerprint(left).digest != fingerprint(np.array([1, 0, 3])).digest


def test_a_memory_map_equals_its_array(tmp_path):
    array = np.arange(10.0)
    np.save(tmp_path / "a.npy", array)
    assert fingerprint(np.load(tmp_path / "a.npy", mmap_mode="r")) == fingerprint(array)


FORMATS = ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_sparse_format_is_the_same_content(kind):
    dense = np.array([[0, 1.5, 0, 0], [2, 0, 0, 0], [0, 0, 0, -3]])
    expected = fingerprint(sp.csr_matrix(dense))
    assert fingerprint(sp.csr_array(dense).asformat(kind)) == expected
    assert (expected.kind, expected.shape) == ("sparse", (3, 4))
    dense[2, 3] = 3
    assert fingerprint(sp.csr_matrix(dense).asformat(kind)).digest != expected.digest


def test_sparse_duplicates_zeros_and_order_are_no_content():
    untidy = sp.csr_matrix(
        (np.array([1.0, 2, 0, 5]), np.array([2, 2, 1, 0]), np.array([0, 3, 4])), shape=(2, 3)
    )
    before = untidy.data.copy()
    assert fingerprint(untidy) == fingerprint(sp.csr_matrix(untidy.toarray()))
    assert (untidy.data == before).all()


def test_sparse_dtype_shape_and_place_count():
    base = sp.csr_matrix(([1.0], ([0], [1])), shape=(2, 3))
    others = [base.astype("f4"), base[::-1], base.T, sp.csr_matrix(([1.0], ([0], [1])), shape=(2, 4))]
    assert len({fingerprint(matrix).digest for matrix in [base, *others]}) == 5


def test_sparse_vectors_are_read():
    assert fingerprint(sp.coo_array(np.array([0, 1, 0]))).shape == (3,)


def test_tensors_equal_their_arrays():
    torch = pytest.importorskip("torch")
    for kind in (torch.float32, torch.int64, torch.bool, torch.complex64, torch.uint8, torch.float16):
        tensor = torch.arange(6).reshape(2, 3).to(kind)
        assert fingerprint(tensor) == fingerprint(tensor.numpy())
        assert fingerprint(tensor.T.contiguous().T) == fingerprint(tensor)
    assert fingerprint(torch.nn.Parameter(torch.ones(3))) == fingerprint(np.ones(3, "f4"))
    assert fingerprint(torch.tensor([1 + 2j]).conj()) == fingerprint(torch.tensor([1 - 2j]))


def test_bfloat16_tensors_have_a_type_of_their_own():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([1.0, float("nan"), 3.0], dtype=torch.bfloat16)
    digests = {
        fingerprint(other).digest
        for other in (tensor, tensor.flip(0), tensor.half(), tensor.view(torch.int16))
    }
    assert len(digests) == 4
    assert fingerprint(tensor) == fingerprint(tensor.clone())


def test_tensors_that_are_not_dense_or_not_here_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(FingerprintError, match="to_dense"):
        fingerprint(torch.eye(3).to_sparse())
    with pytest.raises(FingerprintError, match="cpu"):
        fingerprint(torch.empty(3, device="meta"))
