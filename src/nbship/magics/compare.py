"""``%compare``: what differs between runs, under the cell."""

from __future__ import annotations

import json
from collections import ChainMap
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbship import service
from nbship.errors import NbshipError, UsageError
from nbship.magics.lines import filled_in, parsed, split_line
from nbship.model.comparison import Comparison, RunsComparison
from nbship.model.shown import Look, shown_with
from nbship.service.report_files import check_files, write_file

if TYPE_CHECKING:
    from nbship.magics.hooks import CellHooks

__all__ = ["CompareMagics"]


class _Charted(RunsComparison):
    """A comparison whose charts stand under the cell already; in all else it is one like any other."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunsComparison) and _values(self) == _values(other)

    __hash__ = RunsComparison.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        # Where it is read again there may be no IPython, and there are no charts above it.
        return RunsComparison, _values(self)


def _values(comparison: RunsComparison) -> tuple[Any, ...]:
    return tuple(getattr(comparison, field.name) for field in fields(RunsComparison))


@magics_class
class CompareMagics(Magics):
    """Compare runs."""

    def __init__(self, hooks: CellHooks) -> None:
        super().__init__(hooks.shell)
        self.tracker = hooks.tracker

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("runs", nargs="*", metavar="RUN", help="a run id, an unambiguous prefix, a run name, or latest")
    @argument("--query", metavar="Q", help="add the runs that %%runs Q lists")
    @argument("-e", "--experiment", metavar="E", help="only runs of this experiment; alone: all of them")
    @argument("--limit", type=int, default=1000, help="how many of those at most")
    @argument("--live", action="store_true", help="a view with controls, as long as the kernel lives")
    @argument("--html", metavar="FILE", help="write the comparison as one HTML file")
    @argument("--json", metavar="FILE", help="write the comparison as JSON")
    @line_magic
    def compare(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Show what differs between two runs, or what varies over many.

        The comparison is the value of the line: ``comparison = %compare A B``.
        """
        self.tracker.settle()
        try:
            names = ChainMap(local_ns or {}, self.shell.user_ns)
            words = [filled_in(word, names) for word in split_line(line)]
            options = parsed("compare", type(self).compare.parser, words, "runs")
            check_files(options.html, options.json)
            runs = [self.tracker.own_run(run) for run in options.runs]
            comparison = self._compare(runs, options.query, options.limit, options.experiment)
            if options.html is not None:
                write_file(options.html, comparison.to_html())
            if options.json is not None:
                write_file(options.json, json.dumps(comparison.to_dict(), indent=1))
            if options.live:
                return self._live(comparison)
        except (NbshipError, ValueError) as error:
            raise IPythonUsageError(str(error)) from None
        return self._with_charts(comparison) if isinstance(comparison, RunsComparison) else comparison

    def _with_charts(self, comparison: RunsComparison) -> RunsComparison:
        """Draw the charts above the table, and return the comparison as one that shows the table only."""
        from nbship.display.runs_comparison_figures import runs_comparison_figures  # noqa: PLC0415 - seldom
        from nbship.display.runs_comparison_page import runs_comparison_bundle, runs_comparison_page  # noqa: PLC0415
        from nbship.display.runs_comparison_text import runs_comparison_text  # noqa: PLC0415

        for figure in runs_comparison_figures(comparison):
            self.shell.display_pub.publish(data=figure)
        table = partial(runs_comparison_bundle, drawings=False)
        shown_with(_Charted, Look(runs_comparison_text, runs_comparison_page, table))
        return _Charted(*_values(comparison))

    def _compare(
        self, runs: list[str], query: str | None, limit: int, experiment: str | None
    ) -> Comparison | RunsComparison:
        return service.compare(
            self.tracker.settings(), runs, query=query, limit=limit, experiment=experiment, apart=True
        )

    def _live(self, comparison: Comparison | RunsComparison) -> Any:
        try:
            from nbship.widgets.compare_view import CompareView  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise UsageError(
                f"--live needs ipywidgets ({error}). Write: pip install 'nbship[live]'"
            ) from None
        whole = service.table_of(comparison) if isinstance(comparison, Comparison) else comparison

        def pair(left: str, right: str) -> Comparison:
            if isinstance(comparison, Comparison) and (left, right) == (
                comparison.left.id,
                comparison.right.id,
            ):
                return comparison  # read already, for the view to begin with
            found = self._compare([left, right], None, 2, None)
            if not isinstance(found, Comparison):
                raise UsageError(f"{left} and {right} are not two runs")
            return found

        return CompareView(whole, pair)
