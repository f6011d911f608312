"""What may be read as a model, decided by whoever runs the server and never by the bundle.

Public: `TrustPolicy`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.errors import UntrustedModelError
from nbship.model.pickle_imports import pickle_imports

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["KNOWN_TYPES", "TRUSTED_VARIABLE", "TrustPolicy"]

TRUSTED_VARIABLE = "NBSHIP_SERVE_TRUSTED"
"""Comma list of what is trusted: the SHA-256 of a pickle, or the full name of a type in a skops file."""

_DISTANCES = [
    "BrayCurtis",
    "Canberra",
    "Chebyshev",
    "Cosine",
    "Dice",
    "Euclidean",
    "Hamming",
    "Haversine",
    "Jaccard",
    "Mahalanobis",
    "Manhattan",
    "Minkowski",
    "RogersTanimoto",
    "RussellRao",
    "SEuclidean",
    "SokalSneath",
    "Yule",
]
_KERNELS = [
    "CompoundKernel",
    "ConstantKernel",
    "DotProduct",
    "ExpSineSquared",
    "Exponentiation",
    "Matern",
    "PairwiseKernel",
    "Product",
    "RBF",
    "RationalQuadratic",
    "Sum",
    "WhiteKernel",
]

KNOWN_TYPES = frozenset(
    {
        # Trees and neighbours index their arrays without looking: a forged file could crash the server. The SHA-256
        # of every file is checked before it is read, so a file is as its packager wrote it.
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        *(f"sklearn.neighbors._{kind}_tree.{cls}" for kind, cls in (("kd", "KDTree"), ("ball", "BallTree"))),
        *(f"sklearn.neighbors._kd_tree.KDTree{bits}" for bits in (32, 64)),
        *(f"sklearn.neighbors._ball_tree.BallTree{bits}" for bits in (32, 64)),
        *(
            f"sklearn.metrics._dist_metrics.{name}Distance{bits}"
            for name in _DISTANCES
            for bits in ("", 32, 64)
        ),
        # Parts of scikit-learn's own estimators that hold numbers only.
        *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.cluster._bisect_k_means._BisectingTree",
        "sklearn.cluster._kmeans._kmeans_single_elkan",
        "sklearn.cluster._kmeans._kmeans_single_lloyd",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.feature_selection._univariate_selection.f_regression",
        "sklearn.feature_selection._mutual_info.mutual_info_classif",
        "sklearn.feature_selection._mutual_info.mutual_info_regression",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.preprocessing._label.LabelBinarizer",
        "sklearn.utils._bunch.Bunch",
        "numpy.dtype",
        "numpy.mean",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
    }
)
"""What skops does not know by itself and is let through: parts of scikit-learn that run no code of a file."""


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """What may be read.

    Attributes
    ----------
    trusted
        SHA-256 (hexadecimal) of pickles, and full names of types in skops files, beyond those that are always known.
    """

    trusted: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls) -> TrustPolicy:
        """Read the policy of this process: ``NBSHIP_SERVE_TRUSTED``, a comma list."""
        given = os.environ.get(TRUSTED_VARIABLE, "")
        return cls(frozenset(item.strip() for item in given.split(",") if item.strip()))

    def trusts_pickle(self, sha256: str) -> bool:
        """Whether the pickle with that content may be run."""
        return sha256.lower() in {item.lower().removeprefix("sha256:") for item in self.trusted}

    def strangers(self, types: Iterable[str]) -> tuple[str, ...]:
        """Return those of the types that may not be read, sorted."""
        return tuple(sorted(set(types) - KNOWN_TYPES - self.trusted))

    def check_pickle(self, path: Path, sha256: str) -> None:
        """Raise unless the pickle with that content may be run.

        Raises
        ------
        UntrustedModelError
            With what it would import; it is not run to find out.
        """
        if self.trusts_pickle(sha256):
            return
        names = pickle_imports(path)
        raise UntrustedModelError(
            f"{path.name} is a pickle, which runs code when it is read, and nobody has said that it may: "
            f"it would import {_listed(names)}. Its SHA-256 is {sha256}; if you trust whoever wrote it, name that in "
            f"{TRUSTED_VARIABLE}, or save the model as skops, which runs no code"
        )

    def check_types(self, path: Path, types: Iterable[str]) -> None:
        """Raise unless every one of the types of a skops file may be read.

        Raises
        ------
        UntrustedModelError
            With the types that are not known.
        """
        if found := self.strangers(types):
            raise UntrustedModelError(
                f"{path.name} has objects of types that are not known: {_listed(found)}. "
                f"If you trust whoever wrote it, name them in {TRUSTED_VARIABLE}"
            )


_MAX_LISTED = 40


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_MAX_LISTED]) or "nothing"
    return shown if len(names) <= _MAX_LISTED else f"{shown} and {len(names) - _MAX_LISTED} more"
