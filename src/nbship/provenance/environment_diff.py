"""Packages, interpreter and settings that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.model.comparison import FactDiff, PackageDiff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["diff_packages", "diff_settings", "equal_packages"]

_PYTHON = "Python"

# Those that change results or speed; others differ from one kernel to the next and mean nothing.
_SETTINGS = frozenset({"PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONPATH", "TZ", "LANG", "LC_ALL"})
_SETTING_PREFIXES = (
    "CUBLAS_",
    "CUDA_",
    "JAX_",
    "KMP_",
    "MKL_",
    "NUMBA_",
    "NUMEXPR_",
    "OMP_",
    "OPENBLAS_",
    "POLARS_",
    "PYTORCH_",
    "SKLEARN_",
    "TF_",
    "TORCH_",
    "XLA_",
)


def diff_packages(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[PackageDiff, ...]:
    """Return the packages whose version differs, Python first.

    The version that was loaded counts where it is not the installed one.
    """
    old, new = _versions(left), _versions(right)
    names = sorted(old.keys() | new.keys(), key=lambda name: (name != _PYTHON, name.casefold()))
    return tuple(
        PackageDiff(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    )


def equal_packages(left: Mapping[str, Any], right: Mapping[str, Any]) -> int:
    """Return how many packages have one version in both environments."""
    return len((_versions(left).items() & _versions(right).items()) - {(_PYTHON, _python(left))})


def diff_settings(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[FactDiff, ...]:
    """Return what else of the environments may explain other results or another duration."""
    old, new = dict(_settings(left)), dict(_settings(right))
    names = dict.fromkeys([*old, *new])
    return tuple(
        FactDiff(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    )


def _versions(environment: Mapping[str, Any]) -> dict[str, str]:
    versions = {_PYTHON: _python(environment)}
    for part in ("distributions", "loaded"):
        versions |= {str(name): str(version) for name, version in _part(environment, part).items()}
    return versions


def _python(environment: Mapping[str, Any]) -> str:
    python = _part(environment, "python")
    implementation = python.get("implementation", "CPython")
    version = str(python.get("version", "unknown"))
    return version if implementation == "CPython" else f"{version} ({implementation})"


def _settings(environment: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    platform = _part(environment, "platform")
    if platform:
        yield "platform", f"{platform.get('system', '')} {platform.get('machine', '')}".strip()
        if platform.get("usable_cpu_count"):
            yield "CPUs", str(platform["usable_cpu_count"])
    for name, value in _part(environment, "variables").items():
        if name in _SETTINGS or name.startswith(_SETTING_PREFIXES):
            yield f"${name}", str(value)


def _part(environment: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = environment.get(name)
    return found if isinstance(found, dict) else {}
