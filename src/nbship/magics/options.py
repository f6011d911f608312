"""``%config Nbship``: the settings of nbship in a running kernel."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Float, Int, List, Unicode
from traitlets.config import Configurable

__all__ = ["Nbship"]


class Nbship(Configurable):
    """Settings of this kernel; what is not set here comes from the environment and the project."""

    tracking_uri = Unicode(None, allow_none=True, help="MLflow tracking URI").tag(config=True)
    experiment = Unicode(None, allow_none=True, help="MLflow experiment of new runs").tag(config=True)
    notebook = Unicode(
        None, allow_none=True, help="Name of this notebook, where the front end does not tell"
    ).tag(config=True)
    quiet = Bool(
        None, allow_none=True, help="Show nothing under tracked cells unless something is wrong"
    ).tag(config=True)
    fingerprints = Bool(None, allow_none=True, help="Record content digests of the data that cells read").tag(
        config=True
    )
    profiles = Bool(
        None, allow_none=True, help="Record statistical summaries of the tables that cells read"
    ).tag(config=True)
    profile_min_count = Int(
        None, allow_none=True, help="Withhold levels that fewer rows have from these summaries"
    ).tag(config=True)
    models = Bool(None, allow_none=True, help="Save the estimator that a tracked cell fits").tag(config=True)
    files = Bool(None, allow_none=True, help="Record the files that cells read").tag(config=True)
    environment = Bool(None, allow_none=True, help="Record Python, platform and packages").tag(config=True)
    git = Bool(None, allow_none=True, help="Record commit, branch and uncommitted changes").tag(config=True)
    exit_wait_seconds = Float(
        None, allow_none=True, help="How long a kernel that ends waits for the recorder, in seconds"
    ).tag(config=True)
    base_image = Unicode(None, allow_none=True, help="What images are based on").tag(config=True)
    trusted_models = List(
        Unicode(), None, allow_none=True, help="SHA-256 of pickles and names of types that may be read"
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.observe(self._forget)
        self._overrides: dict[str, Any] | None = None

    def overrides(self) -> dict[str, Any]:
        """Return the settings that were set here; asked for several times a cell."""
        if self._overrides is None:
            values = {name: getattr(self, name) for name in self.trait_names(config=True)}
            self._overrides = {name: value for name, value in values.items() if value is not None}
        return self._overrides

    def _forget(self, _change: object) -> None:
        self._overrides = None
