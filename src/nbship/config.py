"""Settings, and where each value came from.

A setting is looked for, in this order: ``%config Nbship`` in the running kernel, environment variables,
``[tool.nbship]`` of the project's ``pyproject.toml``, and its default.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import threading
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "ENVIRONMENT",
    "Settings",
    "find_project",
    "load_settings",
    "prepare_home",
    "shown_uri",
    "source_values",
    "wait_seconds",
]

ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "tracking_uri": ("NBSHIP_TRACKING_URI", "MLFLOW_TRACKING_URI"),
    "experiment": ("NBSHIP_EXPERIMENT", "MLFLOW_EXPERIMENT_NAME"),
    "notebook": ("NBSHIP_NOTEBOOK",),
    "quiet": ("NBSHIP_QUIET",),
    "fingerprints": ("NBSHIP_FINGERPRINTS",),
    "profiles": ("NBSHIP_PROFILES",),
    "profile_min_count": ("NBSHIP_PROFILE_MIN_COUNT",),
    "models": ("NBSHIP_MODELS",),
    "files": ("NBSHIP_FILES",),
    "environment": ("NBSHIP_ENVIRONMENT",),
    "git": ("NBSHIP_GIT",),
    "exit_wait_seconds": ("NBSHIP_EXIT_WAIT_SECONDS",),
    "base_image": ("NBSHIP_BASE_IMAGE",),
    "trusted_models": ("NBSHIP_TRUSTED_MODELS",),
}
"""Every environment variable that changes a setting; the first one that is set wins."""

_PASSWORD = re.compile(r"(://[^:/?#@]*):[^/?#]*@")
_MARKERS = (".nbship", ".git", "pyproject.toml")
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a project, all resolved.

    Attributes
    ----------
    project
        The folder that holds ``.nbship``, ``.git`` or ``pyproject.toml``, else the starting folder.
    home
        Where nbship keeps its own files: ``.nbship`` in the project, or a folder among the user's data where the
        project cannot be written.
    tracking_uri
        MLflow tracking URI; by default a SQLite database in `home`.
    artifact_root
        Artifact location for experiments that nbship creates in a database store; None where a server decides.
    experiment
        MLflow experiment; by default the name of the project folder.
    notebook
        Name of the notebook, where the front end does not tell.
    quiet
        True shows nothing under a tracked cell, unless something went wrong.
    fingerprints, profiles, models, files, environment, git
        What is captured; each is on by default. Profiles are of the tables that are fingerprinted.
    profile_min_count
        Levels of a column that fewer rows have are withheld from its profile; 0 withholds none.
    exit_wait_seconds
        How long a kernel that ends waits for the recorder, in seconds; 0 does not wait.
    base_image
        What images are based on; empty for the ``python:VERSION-slim`` of the model's Python.
    trusted_models
        SHA-256 of pickles that may be read, and names of types that skops may read, besides those that are known.
    origins
        Setting name to where its value came from.
    """

    project: Path
    home: Path
    tracking_uri: str
    artifact_root: str | None
    experiment: str
    notebook: str | None = None
    quiet: bool = False
    fingerprints: bool = True
    profiles: bool = True
    profile_min_count: int = 0
    models: bool = True
    files: bool = True
    environment: bool = True
    git: bool = True
    exit_wait_seconds: float = 10.0
    base_image: str = ""
    trusted_models: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def spool(self) -> Path:
        """The folder of the local queue."""
        return self.home / "spool"

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, value and origin of each setting, for a person to read."""
        for item in fields(self):
            if item.name != "origins":
                value = getattr(self, item.name)
                text = (
                    ", ".join(value)
                    if isinstance(value, tuple)
                    else ""
                    if value is None
                    else shown_uri(str(value))
                )
                yield item.name, text, self.origins.get(item.name, "default")


def find_project(start: Path | None = None) -> tuple[Path, str]:
    """Return the project folder and what marks it, looking upward from `start` (default: the current folder)."""
    folder = (start or _current_folder()).resolve()
    for candidate in (folder, *folder.parents):
        for marker in _MARKERS:
            if (candidate / marker).exists():
                return candidate, f"has {marker}"
    return folder, "the current folder"


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise ConfigurationError("the current folder does not exist any more; change to another") from error


def shown_uri(uri: str) -> str:
    """Return an address as it may be shown and kept in a notebook: without the password."""
    return _PASSWORD.sub(r"\1:***@", uri)


def load_settings(start: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Resolve every setting for the project around `start`.

    Raises
    ------
    ConfigurationError
        When a value has the wrong type or ``pyproject.toml`` cannot be read; the message names the origin.
    """
    project, marker = find_project(start)
    found = {
        **_from_pyproject(project),
        **_from_environment(),
        **{name: (value, "%config Nbship") for name, value in (overrides or {}).items()},
    }
    values = {name: _checked(name, value, origin) for name, (value, origin) in found.items()}
    origins = {name: origin for name, (_, origin) in found.items()} | {"project": marker}
    home, origins["home"] = _home(project)
    uri = _absolute_uri(values.pop("tracking_uri", None) or f"sqlite:///{home / 'mlflow.db'}", project)
    return Settings(
        project=project,
        home=home,
        tracking_uri=uri,
        artifact_root=_artifact_root(uri, home),
        experiment=values.pop("experiment", None) or project.name or "nbship",
        origins=origins,
        **values,
    )


def source_values(overrides: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what the settings of a running kernel depend on, to tell cheaply whether they are still the same."""
    variables = (os.environ.get(variable) for names in ENVIRONMENT.values() for variable in names)
    return (*overrides.items(), *variables)


def prepare_home(settings: Settings) -> Path:
    """Create the home folder with a ``.gitignore`` of its own, and return it."""
    settings.home.mkdir(parents=True, exist_ok=True)
    ignore = settings.home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("# nbship's runs, models and queue; nothing here belongs into version control\n*\n")
    return settings.home


def _from_pyproject(project: Path) -> dict[str, tuple[Any, str]]:
    path = project / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}. Mend the file or move it away.") from error
    table = tool.get("nbship", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError(f"nbship in {path} is {table!r}; expected a table: write [tool.nbship]")
    unknown = sorted(table.keys() - ENVIRONMENT.keys())
    if unknown:
        raise ConfigurationError(
            f"[tool.nbship] in {path} has unknown settings: {', '.join(unknown)}. "
            f"Known are {', '.join(sorted(ENVIRONMENT))}."
        )
    return {name: (value, "pyproject.toml [tool.nbship]") for name, value in table.items()}


def _from_environment() -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for name, variables in ENVIRONMENT.items():
        for variable in variables:
            if os.environ.get(variable):
                found[name] = (os.environ[variable], f"environment variable {variable}")
                break
    return found


def _checked(name: str, value: Any, origin: str) -> Any:
    check, expected = _CHECKS.get(name, (_boolean, "true or false"))
    try:
        return check(value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"setting {name!r} from {origin} is {value!r}; expected {expected}."
        ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value.strip()


def wait_seconds(value: Any) -> float:
    """Return a time to wait.

    Raises
    ------
    TypeError, ValueError
        When the value is no number, or negative.
    """
    number = math.nan if isinstance(value, bool) else float(value)
    if not number >= 0:  # not a number is neither more nor less, and a wait for it would not end
        raise ValueError(value)
    return number


def _whole_number(value: Any) -> int:
    number = -1 if isinstance(value, bool | float) else int(value)
    if number < 0:
        raise ValueError(value)
    return number


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(text)


def _words(value: Any) -> tuple[str, ...]:
    words = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    return tuple(_text(word) for word in words)


_CHECKS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "tracking_uri": (_text, "text"),
    "experiment": (_text, "text"),
    "notebook": (_text, "text"),
    "profile_min_count": (_whole_number, "a whole number, 0 or more"),
    "exit_wait_seconds": (wait_seconds, "a number of seconds, 0 or more"),
    "base_image": (_text, "text"),
    "trusted_models": (_words, "a list of texts"),
}
"""Setting name to what makes its value and what that expects; every other setting is true or false."""


def _home(project: Path) -> tuple[Path, str]:
    inside = project / ".nbship"
    in_the_way = inside.exists() and not inside.is_dir()
    if not in_the_way and _writable(inside if inside.is_dir() else project):
        return inside, "default"
    import platformdirs  # noqa: PLC0415 - only where the project cannot be written

    digest = hashlib.blake2b(str(project).encode(), digest_size=4).hexdigest()
    folder = platformdirs.user_data_path("nbship") / f"{project.name}-{digest}"
    why = f"{inside} is not a folder" if in_the_way else f"the project folder {project} is read-only"
    return folder, why


def _writable(folder: Path) -> bool:
    """Try it: access bits tell nothing about read-only mounts, nor anything to root."""
    # A name for each thread: two that try at once take each other's probe away, and a server has many.
    probe = folder / f".nbship-probe-{os.getpid()}-{threading.get_ident()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _absolute_uri(uri: str, project: Path) -> str:
    """Anchor a relative SQLite path at the project: kernel, recorder and command line have other current folders."""
    prefix = "sqlite:///"
    if (
        uri.startswith(prefix)
        and not uri[len(prefix) :].startswith("/")
        and ":" not in uri[len(prefix) :][:3]
    ):
        return f"{prefix}{project / uri[len(prefix) :]}"
    return uri


def _artifact_root(uri: str, home: Path) -> str | None:
    if not uri.startswith(_DATABASES):
        return None
    return (home / "artifacts").as_uri()
