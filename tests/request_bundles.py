"""Bundles with the signatures that requests are tested against; there is no model behind them."""

from __future__ import annotations

from nbship.model.bundle import Bundle, InputColumn, InputTensor, ModelFormat, OutputColumn

WHOLE = (OutputColumn("", "long"),)
TYPES = ("double", "long", "boolean", "string", "datetime", "float", "integer", "binary")


def column_bundle(*columns, outputs=WHOLE, **rest):
    """Return a bundle of columns: names (double), pairs of name and type, or whole `InputColumn`."""
    inputs = tuple(
        column
        if isinstance(column, InputColumn)
        else InputColumn(*((column, "double") if isinstance(column, str) else column))
        for column in columns
    )
    return _bundle(inputs=inputs, outputs=tuple(outputs), **rest)


def tensor_bundle(dtype="float64", shape=(-1, 3), name="", *, nullable=False, **rest):
    return _bundle(tensor=InputTensor(dtype, tuple(shape), name, nullable), **rest)


def mixed_bundle(**rest):
    """Return a bundle with a column of every type, named after it, and an optional one."""
    columns = [InputColumn(kind, kind) for kind in TYPES]
    return column_bundle(*columns, InputColumn("spare", "double", required=False), **rest)


def iris_bundle(**rest):
    names = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    columns = [
        InputColumn(name, "double", example=value)
        for name, value in zip(names, (5.1, 3.5, 1.4, 0.2), strict=True)
    ]
    return column_bundle(*columns, **rest)


def _bundle(**rest):
    given = {
        "name": "iris",
        "run_id": "0123456789abcdef",
        "model_path": "model/model.skops",
        "model_digest": "d" * 64,
    }
    return Bundle(**(given | {"format": ModelFormat.SKOPS} | rest))
