"""The environment of this kernel: interpreter, machine, installed and loaded versions, settings."""

from __future__ import annotations

import os
import platform
import sys
import threading
from typing import TYPE_CHECKING, Any

from nbship.capture.distributions import distributions_of, installed_versions, search_path_state
from nbship.capture.files import ignore_this_thread
from nbship.capture.secrets import MASK, Masker, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EnvironmentCache", "distributions_of", "requirements_text", "snapshot_environment"]

_NAMES = frozenset(
    {
        *(
            "OMP_NUM_THREADS",
            "NUMEXPR_NUM_THREADS",
            "NUMBA_NUM_THREADS",
            "VECLIB_MAXIMUM_THREADS",
            "POLARS_MAX_THREADS",
        ),
        *(
            "PYTHONHASHSEED",
            "PYTHONPATH",
            "PYTHONOPTIMIZE",
            "PYTHONWARNINGS",
            "PYTHONUTF8",
            "VIRTUAL_ENV",
            "TZ",
        ),
        *(
            "LANG",
            "LC_ALL",
            "KMP_AFFINITY",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "MALLOC_ARENA_MAX",
            "SLURM_JOB_ID",
        ),
        *(
            "WORLD_SIZE",
            "RANK",
            "LOCAL_RANK",
            "TOKENIZERS_PARALLELISM",
            "KAGGLE_KERNEL_RUN_TYPE",
            "COLAB_RELEASE_TAG",
        ),
    }
)
_PREFIXES = (
    *("CUDA_", "CUBLAS_", "NVIDIA_", "NCCL_", "ROCR_", "HIP_", "MKL_", "OPENBLAS_", "BLIS_", "KMP_", "OMP_"),
    *("CONDA_", "MLFLOW_", "NBSHIP_", "JUPYTER", "JPY_", "HF_", "TRANSFORMERS_", "TORCH_", "PYTORCH_", "TF_"),
    *(
        "XLA_",
        "JAX_",
        "KERAS_",
        "SKLEARN_",
        "SCIPY_",
        "NUMBA_",
        "POLARS_",
        "ARROW_",
        "DASK_",
        "SPARK_",
        "PAPERMILL_",
    ),
)


def snapshot_environment(masker: Masker | None = None) -> dict[str, Any]:
    """Describe the environment as JSON types.

    Parameters
    ----------
    masker
        Hides secrets in the values of environment variables; those with secret names are hidden whole.

    Returns
    -------
    dict
        ``python``, ``platform``, ``distributions`` (name to version), ``loaded`` (distributions whose imported version
        is not the installed one: they were upgraded under the running kernel) and ``variables``.
    """
    return {
        "python": _python(),
        "platform": _platform(),
        "distributions": installed_versions(),
        "loaded": _loaded_versions(),
        "variables": _variables(os.environ, masker or Masker()),
    }


def requirements_text(environment: dict[str, Any]) -> str:
    """Return the distributions of a snapshot as a requirements file."""
    versions: dict[str, str] = environment["distributions"]
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


class EnvironmentCache:
    """The snapshot of this process, taken in the background and again when packages were installed.

    Parameters
    ----------
    masker
        As for `snapshot_environment`.
    """

    def __init__(self, masker: Masker | None = None) -> None:
        self._masker = masker or Masker()
        self._lock = threading.Lock()
        self._state: tuple[tuple[str, int], ...] | None = None
        self._ready = threading.Event()
        self._snapshot: dict[str, Any] | None = None

    def start(self) -> None:
        """Begin to compute, unless what is known (or being computed) is still right."""
        state = search_path_state()
        with self._lock:
            if state == self._state:
                return
            self._state, self._ready = state, threading.Event()
            arguments = (self._ready,)
        threading.Thread(target=self._compute, args=arguments, name="nbship-environment", daemon=True).start()

    def get(self, timeout: float | None = None) -> dict[str, Any] | None:
        """Return the snapshot, with the environment variables of this moment; None when `timeout` seconds pass."""
        self.start()
        with self._lock:
            ready = self._ready
        if not ready.wait(timeout) or self._snapshot is None:
            return None
        return {
            **self._snapshot,
            "loaded": _loaded_versions(),
            "variables": _variables(os.environ, self._masker),
        }

    def _compute(self, ready: threading.Event) -> None:
        ignore_this_thread()
        try:
            snapshot = snapshot_environment(self._masker)
            with self._lock:
                if ready is self._ready:  # else packages changed meanwhile, and a newer thread is at work
                    self._snapshot = snapshot
        finally:
            ready.set()


def _python() -> dict[str, Any]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "compiler": platform.python_compiler(),
        "executable": sys.executable,
    }


def _platform() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
        "usable_cpu_count": _usable_cpus(),
        "memory_bytes": _memory_bytes(),
    }


def _usable_cpus() -> int | None:
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity is not None else os.cpu_count()


def _memory_bytes() -> int | None:
    import psutil  # noqa: PLC0415 - 10 ms, and this runs in the background

    return int(psutil.virtual_memory().total)


def _loaded_versions() -> dict[str, str]:
    """Return the loaded version of each distribution whose installed version is another one."""
    modules = [(name, module) for name, module in list(sys.modules.items()) if "." not in name]
    # `vars`, as attribute access can run a module's own `__getattr__`, which may warn or import.
    loaded = {
        name: vars(module).get("__version__") for name, module in modules if hasattr(module, "__dict__")
    }
    versions = {name: version for name, version in loaded.items() if isinstance(version, str)}
    differing: dict[str, str] = {}
    for module, requirement in distributions_of(versions).items():
        name, _, installed = requirement.partition("==")
        if _plain(versions[module]) != _plain(installed):
            differing[name] = versions[module]
    return differing


def _plain(version: str) -> tuple[str, ...]:
    """Return a version without what says nothing: a leading ``v``, trailing zeros, the local part."""
    return tuple(version.lstrip("v").partition("+")[0].removesuffix(".0").removesuffix(".0").split("."))


def _variables(environment: Mapping[str, str], masker: Masker) -> dict[str, str]:
    chosen = {
        name: value for name, value in environment.items() if name in _NAMES or name.startswith(_PREFIXES)
    }
    return {
        name: MASK if is_secret_name(name) and value else masker.mask(value, python=False).text
        for name, value in sorted(chosen.items())
    }
