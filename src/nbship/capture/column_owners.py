"""From which input column each column of prepared data comes.

Public: `column_owners`. Understood are scikit-learn's pipelines, its ColumnTransformer, and every transformer that names
its output so that there is no doubt.
"""

from __future__ import annotations

from typing import Any

__all__ = ["column_owners"]


def column_owners(preparation: Any, inputs: list[str]) -> list[int]:
    """Return the position among `inputs` of what each output column is made of.

    Parameters
    ----------
    preparation
        A fitted transformer or pipeline of them; None, and the word ``passthrough``, change nothing.
    inputs
        Names of the columns it was fitted on; ``x0``, ``x1``, … for an array.

    Raises
    ------
    LookupError
        When an output is made of several columns, or cannot be told from its name.
    """
    if preparation is None or isinstance(preparation, str):
        return list(range(len(inputs)))
    if hasattr(preparation, "steps"):
        return _through_steps([step for _, step in preparation.steps], inputs)
    if hasattr(preparation, "output_indices_"):
        return _through_blocks(preparation, inputs)
    outputs = [str(name) for name in preparation.get_feature_names_out()]
    if len(inputs) == 1:
        return [0] * len(outputs)
    return [_owner(output, inputs) for output in outputs]


def _through_steps(steps: list[Any], inputs: list[str]) -> list[int]:
    owners, names = list(range(len(inputs))), inputs
    for step in steps:
        through = column_owners(step, names)
        owners = [owners[position] for position in through]
        if step is not None and not isinstance(step, str):
            names = _names_for_the_next(step, len(owners))
    return owners


def _names_for_the_next(step: Any, count: int) -> list[str]:
    """Return the names that the next step knows its input by: frames keep them, arrays have none."""
    framed = getattr(step, "_sklearn_output_config", {}).get("transform") in ("pandas", "polars")
    return (
        [str(name) for name in step.get_feature_names_out()]
        if framed
        else [f"x{place}" for place in range(count)]
    )


def _through_blocks(preparation: Any, inputs: list[str]) -> list[int]:
    """Follow the transformers of a ColumnTransformer, each of which sees some columns only."""
    # The resolved positions have no public name; without them nothing is certain.
    chosen = getattr(preparation, "_transformer_to_input_indices", None)
    if chosen is None:
        raise LookupError("this ColumnTransformer does not tell which columns its parts take")
    owners: dict[int, int] = {}
    for name, transformer, _ in preparation.transformers_:
        places = preparation.output_indices_[name]
        outputs = range(places.start, places.stop)
        if not outputs:
            continue
        columns = [int(position) for position in chosen[name]]
        through = column_owners(transformer, [inputs[position] for position in columns])
        owners.update(zip(outputs, (columns[position] for position in through), strict=True))
    return [owners[place] for place in range(len(owners))]


def _owner(output: str, inputs: list[str]) -> int:
    """Return the only input that an output is named after: ``carrier_AA`` comes from ``carrier``."""
    found = [place for place, name in enumerate(inputs) if output == name or output.startswith(f"{name}_")]
    if len(found) != 1:
        raise LookupError(f"{output!r} is named after {len(found)} columns")
    return found[0]
