"""Parameters from YAML, as papermill reads them: dates stay text until the parameter's type says otherwise."""

from __future__ import annotations

from typing import Any

from nbship.errors import UsageError

__all__ = ["load_mapping"]

_TIMESTAMP = "tag:yaml.org,2002:timestamp"


def load_mapping(text: str, origin: str) -> dict[str, Any]:
    """Return the mapping that a YAML (or JSON) text holds; an empty text holds none.

    Raises
    ------
    UsageError
        When it is no YAML, or something else than a mapping of names.
    """
    import yaml  # noqa: PLC0415 - for these options only

    try:
        value = yaml.load(text, Loader=_without_dates())  # noqa: S506 - a safe loader, less its dates
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{origin} is not YAML: {' '.join(str(error).split())}") from error
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise UsageError(
            f"{origin} must map parameter names to values, got {text.strip()[:80]!r}. Write: name: value"
        )
    return value


def _without_dates() -> Any:
    import yaml  # noqa: PLC0415 - see load_mapping

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
