"""Tables to profiles: mergeable summaries that hold none of the rows."""

from nbship.profiling.build import profile, profile_column
from nbship.profiling.merge import merge
from nbship.profiling.moments import mean, std
from nbship.profiling.ordered import count_like
from nbship.profiling.quantiles import bin_bounds, quantiles
from nbship.profiling.table import Column, Table, read_table

__all__ = [
    "Column",
    "Table",
    "bin_bounds",
    "count_like",
    "mean",
    "merge",
    "profile",
    "profile_column",
    "quantiles",
    "read_table",
    "std",
]
