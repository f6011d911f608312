"""CSV with a header, as ``DataFrame.to_csv`` writes it, to cells."""

from __future__ import annotations

import csv
import io

from nbship.serving.decoding import decode_text
from nbship.serving.problems import BadRequestError, Reason

__all__ = ["MAX_CELLS", "read_csv"]

MAX_CELLS = 2_000_000
"""How many cells a body may hold: an empty one takes one byte of a body, but eight of memory in each list."""


def read_csv(body: bytes, max_rows: int) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows; empty lines are left out.

    Raises
    ------
    BadRequestError
        When the body is no UTF-8, no CSV, empty, or has more than `max_rows` rows or `MAX_CELLS` cells.
    """
    if body.count(b",") > MAX_CELLS:
        message = f"the body has more than {MAX_CELLS:,} cells"
        raise BadRequestError.of(Reason.TOO_LARGE, message, status=413)
    text = decode_text(body)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > max_rows + 1:
                message = f"the request has more than {max_rows:,} rows"
                raise BadRequestError.of(Reason.TOO_LARGE, message, status=413)
    except csv.Error:
        message = f"the body is no CSV: line {reader.line_num}"
        raise BadRequestError.of(Reason.CSV, message) from None
    if len(rows) < 2:  # noqa: PLR2004 - the header and a row
        raise BadRequestError.of(Reason.EMPTY, "the request has no rows below a header")
    return rows[0], rows[1:]
