"""``%drift``: how the current data differs from the reference, under the cell."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbship import service
from nbship.errors import NbshipError, UsageError
from nbship.service.drift_grammar import OPTIONS, drift_options, drift_roles, two_sides

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from nbship.magics.hooks import CellHooks
    from nbship.model.drift import DriftOptions, DriftReport, SelfCheck

__all__ = ["DriftMagics"]


def _with_options(function: Any) -> Any:
    for flags, keywords in reversed(OPTIONS):
        function = argument(*flags, **keywords)(function)
    return function


@magics_class
class DriftMagics(Magics):
    """Compare data."""

    def __init__(self, hooks: CellHooks) -> None:
        super().__init__(hooks.shell)
        self.tracker = hooks.tracker

    @no_var_expand
    @magic_arguments()
    @argument(
        "sides",
        nargs="*",
        metavar="REF CUR",
        help="each a variable, an expression without blanks or in quotes, a file, or RUN:dataset",
    )
    @_with_options
    @argument("--live", action="store_true", help="a view with controls, as long as the kernel lives")
    @argument("--html", metavar="FILE", help="write the report as one HTML file")
    @argument(
        "--json",
        metavar="FILE",
        nargs="?",
        const="-",
        help="write the result as JSON; to the cell without FILE",
    )
    @line_magic
    def drift(self, line: str) -> Any:
        """Say which columns of the current data drifted from the reference.

        ``%drift reference current`` compares two frames, files, or datasets of runs (``RUN:dataset``).
        ``%drift selfcheck reference`` splits one again and again, and shows the rate of false alarms.
        The report is the value of the line: ``report = %drift reference current``.
        """
        self.tracker.settle()
        try:
            options = type(self).drift.parser.parse_args(_words(line))
            words, options.json = two_sides(options.sides, options.json)
            if words[0] == "selfcheck" and "selfcheck" not in self.shell.user_ns:
                return _written(self._selfcheck(words[1], options), options)
            return self._report(words, options)
        except (NbshipError, ValueError) as error:
            raise IPythonUsageError(str(error)) from None

    def _report(self, words: list[str], options: argparse.Namespace) -> Any:
        reference, current = (self._meant(word) for word in words)

        def compute(chosen: DriftOptions) -> DriftReport:
            request = service.DriftRequest(
                reference, current, chosen, (words[0], words[1]), options.model, drift_roles(options)
            )
            return service.drift(self.tracker.settings(), request, apart=True)

        report = compute(drift_options(options))
        return _live(report, compute) if options.live else _written(report, options)

    def _selfcheck(self, word: str, options: argparse.Namespace) -> SelfCheck:
        return service.selfcheck(
            self.tracker.settings(),
            self._meant(word),
            name=word,
            options=drift_options(options),
            splits=options.splits,
            apart=True,
        )

    def _meant(self, word: str) -> object:
        """Return what a word stands for: a variable, an expression that begins with one, or the word itself."""
        if word in self.shell.user_ns:
            return self.shell.user_ns[word]
        root = re.split(r"[\[.(]", word, maxsplit=1)[0]
        if root == word or root not in self.shell.user_ns or Path(word).exists():
            return word
        try:
            return self.shell.ev(word)
        except Exception as error:
            raise UsageError(f"{word}: {type(error).__name__}: {error}") from error


def _words(line: str) -> list[str]:
    """Split as a shell does, except that brackets keep together what stands in them: ``df[df["a"] > 1]``."""
    words, depth, word = [], 0, ""
    quote = ""
    for char in line:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        depth += (char in "[(") - (char in "])") if not quote else 0
        if char.isspace() and not quote and depth <= 0:
            words.append(word)
            word = ""
        else:
            word += char
    return [_unquoted(part) for part in (*words, word) if part]


def _unquoted(word: str) -> str:
    if any(bracket in word for bracket in "[("):
        return word[1:-1] if word[0] in "\"'" and word[-1] == word[0] else word
    return " ".join(shlex.split(word)) if set(word) & set("\"'") else word


def _live(report: DriftReport, compute: Callable[[DriftOptions], DriftReport]) -> Any:
    try:
        from nbship.widgets.drift_view import DriftView  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(f"--live needs ipywidgets ({error}). Write: pip install 'nbship[live]'") from None
    return DriftView(report, compute)


def _written(result: DriftReport | SelfCheck, options: argparse.Namespace) -> Any:
    """Write the files that were asked for; return what the cell shows."""
    if options.html:
        Path(options.html).expanduser().write_text(result.to_html(), encoding="utf-8")
    if options.json == "-":
        return result.to_dict()
    if options.json:
        text = json.dumps(result.to_dict(), indent=1)
        Path(options.json).expanduser().write_text(text, encoding="utf-8")
    return result
