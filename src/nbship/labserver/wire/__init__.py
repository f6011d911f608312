"""The JSON of the panel: every name that goes over the wire, once, a module a feature.

Where an answer is what a command prints with ``--json``, its shape here is that of the ``to_dict`` of the result.
"""

from __future__ import annotations

__all__: list[str] = []
