"""``%drift``: how the current data differs from the reference, under the cell."""

from __future__ import annotations

import json
import re
import shlex
from collections import ChainMap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbship import service
from nbship.errors import NbshipError, UsageError
from nbship.magics.lines import filled_in, parsed
from nbship.service.drift_grammar import OPTIONS, JsonFile, drift_options, drift_roles, two_sides
from nbship.service.report_files import check_files, write_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

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
    @needs_local_scope
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
        action=JsonFile,
        help="write the result as JSON; to the cell without FILE",
    )
    @line_magic
    def drift(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Say which columns of the current data drifted from the reference.

        ``%drift reference current`` compares two frames, files, or datasets of runs (``RUN:dataset``).
        ``%drift selfcheck reference`` splits one again and again, and shows the rate of false alarms.
        The report is the value of the line: ``report = %drift reference current``.
        """
        self.tracker.settle()
        try:
            options = parsed("drift", type(self).drift.parser, _words(line), "sides")
            names = ChainMap(local_ns or {}, self.shell.user_ns)
            words, options.json = two_sides(options)
            options.html, options.json = (
                path and filled_in(path, names) for path in (options.html, options.json)
            )
            check_files(options.html, options.json)
            if words[0] == "selfcheck" and "selfcheck" not in names:
                return self._selfcheck(words[1], names, options)
            return self._report(words, names, options)
        except (NbshipError, ValueError) as error:
            raise IPythonUsageError(str(error)) from None

    def _report(self, words: list[str], names: Mapping[str, Any], options: argparse.Namespace) -> Any:
        if options.live and options.json == "-":
            raise UsageError("--live and --json both want to be what the cell shows; give --json a FILE")
        reference, current = (self._meant(word, names) for word in words)

        def compute(chosen: DriftOptions) -> DriftReport:
            request = service.DriftRequest(
                reference, current, chosen, (words[0], words[1]), options.model, drift_roles(options)
            )
            return service.drift(self.tracker.settings(), request, apart=True)

        report = compute(drift_options(options))
        shown = _written(report, options)
        return _live(report, compute) if options.live else shown

    def _selfcheck(self, word: str, names: Mapping[str, Any], options: argparse.Namespace) -> Any:
        if options.live:
            raise UsageError("selfcheck has no live view; leave --live out")
        check = service.selfcheck(
            self.tracker.settings(),
            self._meant(word, names),
            name=word,
            options=drift_options(options),
            splits=options.splits,
            apart=True,
        )
        return _written(check, options)

    def _meant(self, word: str, names: Mapping[str, Any]) -> object:
        """Return what a word stands for: a variable, an expression that begins with one, or the word itself."""
        signed = re.fullmatch(r"\$(\w+)|\{(\w+)\}", word)
        name = signed[1] or signed[2] if signed else word
        if name in names:
            return names[name]
        root = re.split(r"[\[.(]", word, maxsplit=1)[0]
        if root == word or root not in names or Path(word).exists():
            return self._own(filled_in(word, names))
        try:
            return eval(word, self.shell.user_global_ns, names)  # noqa: S307 - as if the cell said so
        except Exception as error:
            reason = " ".join(str(error).split())
            raise UsageError(f"{word}: {type(error).__name__}: {reason}") from error

    def _own(self, word: str) -> str:
        """Return the word with the run of this kernel in the place of its name."""
        name, colon, dataset = word.partition(":")
        return word if Path(word).exists() else f"{self.tracker.own_run(name)}{colon}{dataset}"


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
    if quote:
        raise UsageError(f"{line.strip()}: a quotation mark ({quote}) is not closed")
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
    if options.html is not None:
        write_file(options.html, result.to_html())
    if options.json == "-":
        return result.to_dict()
    if options.json is not None:
        write_file(options.json, json.dumps(result.to_dict(), indent=1))
    return result
