"""A bundle that is loaded, with the model behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from nbship.serving.metrics import Metrics
from nbship.serving.served_bundle import load
from nbship.serving.settings import ServeSettings
from served_bundles import write_pickled

COUNTING = """
class Model:
    def predict(self, rows):
        return [len(rows)] * len(rows)
"""


@pytest.mark.parametrize(("row_wise", "expected"), [(True, [[6, 6]] * 3), (False, [[2, 2]] * 3)])
def test_requests_are_joined_only_where_rows_are_answered_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row_wise: bool, expected: list[list[int]]
) -> None:
    folder = tmp_path / "bundle"
    digest, pickled = write_pickled(folder, COUNTING, context_first=False, row_wise=row_wise)
    monkeypatch.setenv("NBSHIP_SERVE_TRUSTED", pickled)
    served = load(ServeSettings(folder, digest, log=False), Metrics())

    async def work() -> list[list[int]]:
        rows = [[1.0, 2.0, 3.0, 4.0]] * 2
        return await asyncio.gather(*(served.batcher.predict(rows) for _ in range(3)))

    assert asyncio.run(asyncio.wait_for(work(), 30)) == expected
    served.close()
