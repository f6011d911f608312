"""Dense tensors of torch that live in the memory of the CPU."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbship.errors import FingerprintError
from nbship.hashing.arrays import feed_array
from nbship.hashing.canonical import Content, array_fingerprint

if TYPE_CHECKING:
    from nbship.model.data import Fingerprint

__all__ = ["fingerprint_tensor"]


def fingerprint_tensor(tensor: Any) -> Fingerprint:
    """Return the fingerprint of a tensor; that of the equal numpy array, where numpy has the dtype."""
    if tensor.device.type != "cpu":
        raise FingerprintError(
            f"cannot fingerprint a tensor on {tensor.device}: call .cpu() and use the result"
        )
    if str(tensor.layout) != "torch.strided" or tensor.is_quantized:
        raise FingerprintError(
            f"cannot fingerprint a tensor of layout {tensor.layout}, dtype {tensor.dtype}: "
            "call .to_dense() or .dequantize() and use the result"
        )
    label = str(tensor.dtype).removeprefix("torch.")
    array = _as_array(tensor.detach().resolve_conj().resolve_neg())
    content = Content(label, array.nbytes)
    feed_array(content, array)
    return array_fingerprint("array", tensor.shape, content)


def _as_array(tensor: Any) -> Any:
    """Return the tensor as a numpy array; bits as integers where numpy lacks the dtype (bfloat16, float8)."""
    torch = sys.modules["torch"]
    try:
        return tensor.numpy()
    except TypeError:
        bits = {1: torch.uint8, 2: torch.int16}[tensor.element_size()]
    if tensor.dtype == torch.bfloat16:
        tensor = torch.where(
            torch.isnan(tensor), torch.full_like(tensor, torch.nan), tensor
        )  # one NaN, as elsewhere
    return tensor.view(bits).numpy()
