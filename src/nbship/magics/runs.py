"""``%runs``: what was tracked."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbship import service
from nbship.display.run_table import runs_bundle
from nbship.errors import NbshipError

if TYPE_CHECKING:
    from nbship.magics.hooks import CellHooks

__all__ = ["RunsMagics"]


@magics_class
class RunsMagics(Magics):
    """Look back at runs."""

    def __init__(self, hooks: CellHooks) -> None:
        super().__init__(hooks.shell)
        self.tracker = hooks.tracker

    @no_var_expand
    @magic_arguments()
    @argument("query", nargs="*", help="words, or MLflow's filter syntax such as metrics.auc > 0.8")
    @argument("--limit", type=int, default=20, help="how many runs to show")
    @argument(
        "--sort",
        metavar="K",
        help="a metric, a parameter, name, started or duration; -K for the largest first",
    )
    @argument("-e", "--experiment", metavar="E", help="only the runs of this experiment")
    @line_magic
    def runs(self, line: str) -> None:
        """List runs, newest first."""
        self.tracker.settle()
        try:
            options = type(self).runs.parser.parse_args(shlex.split(line, posix="'" not in line))
            page = service.runs(
                self.tracker.settings(),
                " ".join(options.query) or None,
                limit=options.limit,
                sort=options.sort,
                experiment=options.experiment,
                apart=True,
            )
        except (NbshipError, ValueError) as error:
            raise IPythonUsageError(str(error)) from None
        self.shell.display_pub.publish(data=runs_bundle(page))
