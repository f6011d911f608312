# ruff: noqa: DTZ001 - parameters are naive as often as not
from __future__ import annotations

import ast
import datetime as dt
import http
import math
import re
import sys
from collections import OrderedDict
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from papermill.translators import translate_parameters

from nbship.errors import UsageError
from nbship.pipeline.parameters.python_source import parameters_source
from nbship.pipeline.parameters.secrets import Secret
from nbship.pipeline.parameters.values import canonical

IMPORTS = """\
%matplotlib inline
from pathlib import Path, PurePosixPath as Pure
import datetime as dt
import numpy as np
import pandas as pd
from decimal import Decimal
"""


def executed(source: str, namespace: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run source and return what it bound."""
    space: dict[str, Any] = dict(namespace or {})
    exec(compile(source, "<cell>", "exec"), space)
    return {name: value for name, value in space.items() if name != "__builtins__"}


def round_trip(value: Any, **options: Any) -> Any:
    bound = executed(parameters_source({"x": value}, **options))
    assert bound.keys() == {"x"}
    return bound["x"]


def identical(left: Any, right: Any) -> bool:
    """Compare type and value, item by item: equality alone takes 1 for True and -0.0 for 0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        pairs = zip(left.items(), right.items(), strict=True)
        return len(left) == len(right) and all(
            identical(one[0], two[0]) and identical(one[1], two[1]) for one, two in pairs
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(identical, left, right))
    return canonical(left) == canonical(right)


def local_member() -> Enum:
    class Local(Enum):
        A = 1

    return Local.A


VALUES = [
    *(None, True, False, 0, -1, 10**30, 2**20_000, 0.1, -0.0, 1e300, 5e-324, math.inf, -math.inf, math.nan),
    *(1j, complex(-0.0, -0.0), complex(math.inf, math.nan), complex(1, -0.0)),
    *(
        "",
        "a",
        "it's",
        'say "hi"',
        "\\n",
        "line\nline",
        "\x00\x7f",
        "äß€",
        "😀",
        "\ud800",
        "\u202e",
        "\u2028",
    ),
    *(
        b"",
        b"\x00'\"",
        [],
        [1],
        (),
        (1,),
        (1, 2),
        set(),
        {1},
        {(1, 2), "a", None},
        frozenset(),
        frozenset({1}),
    ),
    *({}, {1: "a", "1": 1.0, (1, 2): {}}, {True: 1, None: 2, b"x": 3, 1.5: [()]}, [[[]], {}, ()]),
    *(dt.date(2024, 1, 2), dt.date.max, dt.datetime(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4, 5, 6)),
    *(
        dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
        dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
    ),
    *(dt.datetime(2024, 1, 2, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=-5, seconds=1))), dt.UTC),
    *(dt.timezone(dt.timedelta(hours=1), "CET"), dt.time(), dt.time(0, 0, 0, 1), dt.time(1, tzinfo=dt.UTC)),
    *(dt.timedelta(), dt.timedelta(-1, 5, 7), dt.timedelta.min, ZoneInfo("Asia/Tokyo")),
    *(Path("a/b"), PurePosixPath("/x"), PureWindowsPath("c:\\x"), PurePath("a"), Path()),
    *(Decimal("0.10"), Decimal("NaN"), Decimal("-Infinity"), Decimal("1E+9"), Fraction(-1, 3), UUID(int=5)),
    *(range(3), range(5, -5, -2), http.HTTPStatus.OK, re.RegexFlag.IGNORECASE, re.RegexFlag(10)),
]
NUMPY = [
    *(kind(1) for kind in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)),
    *(kind(0.1) for kind in (np.float16, np.float32, np.float64, np.longdouble)),
    *(kind(0.1 + 2j) for kind in (np.complex64, np.complex128, np.clongdouble)),
    *(
        np.bool_(False),
        np.str_("ä\n"),
        np.bytes_(b"\x01"),
        np.float32("nan"),
        np.float64(-0.0),
        np.float16("-inf"),
    ),
    *(np.complex128(complex(-0.0, math.inf)), np.longlong(5), np.longdouble("inf"), np.uint64(2**64 - 1)),
    *(
        np.datetime64("2024-01-02"),
        np.datetime64("2024-01-02T03:04:05.123456789"),
        np.datetime64("2024", "Y"),
    ),
    *(
        np.datetime64("NaT"),
        np.datetime64("NaT", "s"),
        np.datetime64(7, "25s"),
        np.datetime64("1969-12-31T23", "h"),
    ),
    *(np.timedelta64(5, "D"), np.timedelta64(5), np.timedelta64("NaT", "ms"), np.timedelta64(-3, "10us")),
    *(
        np.array([1, 2]),
        np.array([[1.5, math.nan], [-0.0, math.inf]]),
        np.array([], dtype="float32"),
        np.array(3),
    ),
    *(
        np.zeros((2, 0, 3)),
        np.array([0.1], dtype="float16"),
        np.array(["a", "bcd"]),
        np.array([b"a"]),
        np.array([True]),
    ),
    *(
        np.array([1j, complex(-0.0, 2)]),
        np.array([1, 2], dtype=">i4"),
        np.array(["2024-01-02", "NaT"], dtype="M8[s]"),
    ),
    *(
        np.array([1, 2], dtype="m8[ms]"),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(0.1, dtype="f4"),
    ),
]
PANDAS = [
    *(
        pd.Timestamp("2024-01-02"),
        pd.Timestamp("2024-01-02 03:04:05.123456789"),
        pd.Timestamp("2024-01-02", tz="UTC"),
    ),
    *(
        pd.Timestamp("2024-07-27 02:30", tz=ZoneInfo("Europe/Berlin")),
        pd.Timestamp("2024-01-02T00:00:00+05:30"),
    ),
    *(
        pd.Timestamp("2024-01-02").as_unit("ns"),
        pd.Timestamp("2024-01-02").as_unit("s"),
        pd.Timestamp(0),
        pd.NaT,
    ),
    *(pd.Timedelta(0), pd.Timedelta("1 days 02:03:04.000000005"), pd.Timedelta(-5, unit="s"), pd.NA),
    *(pd.Timedelta(3, unit="ns"), pd.Timestamp("2024-10-27 01:30+00:00").tz_convert("Europe/Berlin")),
]


@pytest.mark.parametrize("value", [*VALUES, *NUMPY, *PANDAS], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("declared", ["", IMPORTS])
def test_a_value_comes_back_with_its_type(value, declared):
    source = parameters_source({"x": value}, declared=declared)
    namespace = executed(declared.partition("\n")[2])
    bound = executed(source, namespace)
    assert bound.keys() - namespace.keys() == {"x"}
    assert identical(bound["x"], value), source


def hashable() -> st.SearchStrategy[Any]:
    zones = st.sampled_from(
        [None, dt.UTC, ZoneInfo("America/New_York"), dt.timezone(dt.timedelta(minutes=30))]
    )
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.complex_numbers(allow_nan=False)
        | st.text(st.characters())
        | st.binary()
        | st.dates()
        | st.datetimes(timezones=zones)
        | st.times()
        | st.timedeltas()
        | st.decimals(allow_nan=False)
        | st.fractions()
        | st.uuids()
        | st.builds(Path, st.text(st.characters(exclude_characters="\x00")))
        | st.builds(np.int16, st.integers(-(2**15), 2**15 - 1))
        | st.builds(np.float32, st.floats(width=32, allow_nan=False))
        | st.builds(np.float16, st.floats(width=16, allow_nan=False))
    )
    return st.recursive(leaves, lambda inner: st.lists(inner).map(tuple) | st.frozensets(inner), max_leaves=4)


def anything() -> st.SearchStrategy[Any]:
    return st.recursive(
        hashable() | st.floats() | st.complex_numbers(),
        lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(hashable(), inner),
        max_leaves=12,
    ) | st.sets(hashable())


@given(anything())
@example([math.nan, {-0.0: [complex(math.nan, -0.0)]}])
def test_any_value_comes_back_with_its_type(value):
    assert identical(round_trip(value), value)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}_", fullmatch=True), anything(), max_size=4))
def test_many_parameters_come_back(values):
    bound = executed(parameters_source(values))
    assert bound.keys() == values.keys()
    assert all(identical(bound[name], value) for name, value in values.items())


@given(anything())
def test_one_value_has_one_source(value):
    source = parameters_source({"x": value})
    assert parameters_source({"x": executed(source)["x"]}) == source


def test_the_cell_begins_as_papermills_does():
    values = {"a": 1, "b": "x", "c": [1.5, None], "d": {"k": True}}
    injected = translate_parameters("python3", "python", values, "Parameters")
    ours = parameters_source(values)
    assert ours.splitlines()[0] == injected.splitlines()[0] == "# Parameters"
    assert executed(ours) == executed(injected)


def test_nothing_given_is_only_the_comment():
    assert parameters_source({}) == "# Parameters"
    assert parameters_source({"a": 1}, comment="Set by the sweep") == "# Set by the sweep\na = 1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Path("x"), "Path('x')"),
        (PurePosixPath("x"), "Pure('x')"),
        (dt.date(2024, 1, 2), "dt.date(2024, 1, 2)"),
        (np.int64(3), "np.int64(3)"),
        (np.float32(0.1), "np.float32(0.1)"),
        (pd.Timestamp("2024-01-02"), "pd.Timestamp('2024-01-02 00:00:00')"),
        (Decimal(1), "Decimal('1')"),
        (UUID(int=1), "__import__(\"uuid\").UUID('00000000-0000-0000-0000-000000000001')"),
        (dt.datetime(2024, 1, 2, tzinfo=dt.UTC), "dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc)"),
    ],
)
def test_the_imports_of_the_notebook_are_used(value, text):
    source = parameters_source({"x": value}, declared=IMPORTS)
    assert source == f"# Parameters\nx = {text}"


def test_without_an_import_no_name_is_bound():
    assert parameters_source({"x": dt.date(2024, 1, 2)}).endswith(
        'x = __import__("datetime").date(2024, 1, 2)'
    )


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("from datetime import date\ndate: date = date(2024, 1, 1)", {"date": dt.date(2024, 1, 2)}),
        ("from datetime import date", {"date": 3, "x": dt.date(2024, 1, 2)}),
        ("import numpy as np\nnp = 3", {"x": np.int64(3)}),
        ("if True:\n    from pathlib import PurePath as Path", {"x": Path("x")}),
        ("try:\n    import numpy as np\nexcept ImportError:\n    np = None", {"x": np.int64(3)}),
        ("float = 3", {"x": math.inf}),
        ("def set(): pass", {"x": set()}),
        ("", {"set": set(), "range": range(3), "x": range(4), "frozenset": 1, "y": frozenset()}),
        ("from y import complex", {"x": 1j}),
        ("this is no python", {"x": Path("x")}),
    ],
)
def test_a_name_that_means_something_else_is_not_used(declared, values):
    bound = executed(parameters_source(values, declared=declared), {"np": None, "Path": None, "float": None})
    assert all(identical(bound[name], value) for name, value in values.items())


def test_long_containers_are_laid_out_in_lines():
    value = {"columns": [f"column_{number}" for number in range(8)], "sizes": (1, 2), "inner": {"a": {1, 2}}}
    assert parameters_source({"x": value}) == (
        "# Parameters\n"
        "x = {\n"
        "    'columns': [\n"
        "        'column_0',\n        'column_1',\n        'column_2',\n        'column_3',\n"
        "        'column_4',\n        'column_5',\n        'column_6',\n        'column_7',\n"
        "    ],\n"
        "    'sizes': (1, 2),\n"
        "    'inner': {'a': {1, 2}},\n"
        "}"
    )


@given(st.recursive(st.integers(0, 9), lambda inner: st.lists(inner, max_size=30), max_leaves=80))
def test_lines_are_no_longer_than_88(value):
    assert max(map(len, parameters_source({"x": value}).splitlines())) <= 88


def test_a_list_of_a_thousand_items_is_quick_to_write_and_exact():
    value = {f"k{number}": [number, {"deep": [[number] * 5]}] for number in range(1000)}
    assert identical(round_trip(value), value)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (object(), "builtins.object"),
        ([{"a": object()}], "builtins.object"),
        (OrderedDict(a=1), "collections.OrderedDict"),
        (pd.DataFrame(), "DataFrame"),
        (local_member(), "Local"),
        (np.zeros(1001), "1,001 items"),
        (np.array([None]), "dtype object"),
        (np.zeros(1, dtype=[("a", "i4")])[0], "dtype"),
        (np.zeros(2, dtype="longdouble"), "longdouble|float128"),
        (dt.datetime(2024, 1, 1, tzinfo=pd.Timestamp("2024", tz="dateutil/UTC").tzinfo), "tz"),
        (lambda: 1, "function"),
        (int, "type"),
        ([Secret("hunter22")], "Secret"),
        (type("Sub", (int,), {})(3), "Sub"),
    ],
)
def test_what_has_no_exact_source_is_refused_by_name_and_type(value, named):
    with pytest.raises(UsageError, match=rf"'x' cannot be written as Python source: .*({named})"):
        parameters_source({"x": value})


def test_a_secret_is_never_written():
    with pytest.raises(UsageError, match="'x' is a secret") as raised:
        parameters_source({"x": Secret("hunter22")})
    assert "hunter22" not in str(raised.value)


def test_nesting_beyond_pythons_limit_is_refused():
    value: list[Any] = []
    for _ in range(sys.getrecursionlimit()):
        value = [value]
    with pytest.raises(UsageError, match="nested too deeply"):
        parameters_source({"x": value})


@pytest.mark.parametrize("name", ["a-b", "for", "1x", "a b", "a\nb = 1", "__debug__"])
def test_names_that_python_cannot_bind_are_refused(name):
    for given_names in ({"values": {name: 1}}, {"values": {}, "secrets": [name]}):
        with pytest.raises(UsageError, match="cannot be a parameter"):
            parameters_source(**given_names)


def test_secrets_are_taken_from_the_environment_of_the_step():
    assert parameters_source({"n": 1}, secrets=["api_key"]) == (
        '# Parameters\nn = 1\napi_key = __import__("nbship").Secret.from_step("api_key")'
    )
    assert parameters_source({}, secrets=["k"], declared="from nbship import Secret").endswith(
        'k = Secret.from_step("k")'
    )
    assert parameters_source({}, secrets=["k"], declared="import nbship").endswith(
        'k = nbship.Secret.from_step("k")'
    )


def test_the_source_is_plain_python():
    source = parameters_source(dict(zip("abcdefgh", VALUES[:8], strict=True)))
    assert [type(item) for item in ast.parse(source).body] == [ast.Assign] * 8
