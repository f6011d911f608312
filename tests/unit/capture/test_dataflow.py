from __future__ import annotations

import textwrap
import warnings

import pytest

from nbship.capture.dataflow import CellFlow, analyse, source_hash


def flow(source: str) -> CellFlow:
    return analyse(textwrap.dedent(source).strip("\n"))


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("x = y + 1", {"y"}),
        ("y = 1\nx = y", set()),
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("if a:\n    y = 1\nz = y", {"a", "y"}),
        ("if a:\n    y = 1\nelse:\n    y = 2\nz = y", {"a"}),
        ("if a:\n    y = 1\nelse:\n    raise ValueError\nz = y", {"a"}),
        ("for i in xs:\n    t = i\nprint(t, i)", {"xs", "t", "i"}),
        ("for i in xs:\n    print(seen)\n    seen = i", {"xs", "seen"}),
        ("while n > 0:\n    n -= 1", {"n"}),
        ("try:\n    y = f()\nexcept E:\n    y = 0\nprint(y)", {"f", "E"}),
        ("try:\n    y = f()\nexcept E as error:\n    print(error)\nprint(y)", {"f", "E", "y"}),
        ("try:\n    pass\nexcept E as error:\n    pass\nprint(error)", {"E", "error"}),
        ("with open(p) as f:\n    t = f.read()\nprint(t)", {"p"}),
        ("[a * k for a in rows if a > limit]", {"k", "rows", "limit"}),
        ("[x for x in x]", {"x"}),
        ("[[b for b in a] for a in m]", {"m"}),
        ("{k: v for k, v in d.items()}", {"d"}),
        ("print(any((hit := r) for r in rows))\nprint(hit)", {"rows", "hit"}),
        ("if (n := size()) > 3:\n    print(n)", {"size"}),
        ("df['a'] = 1", {"df"}),
        ("m.a.b = v", {"m", "v"}),
        ("del x", set()),
        ("x = 1\ndel x\nprint(x)", {"x"}),
        ("def f(a=d):\n    return a + g", {"d"}),
        ("def f() -> T:\n    pass", {"T"}),
        ("def f():\n    return g\nf()", {"g"}),
        ("def f():\n    return g\ng = 1\nf()", set()),
        ("def f():\n    return h()\ndef h():\n    return k\nprint(f())", {"k"}),
        (
            "def f():\n    y = 1\n    def inner():\n        nonlocal y\n        y += z\n    return inner\nf()",
            {"z"},
        ),
        ("f = lambda r: r * k\nf(2)", {"k"}),
        ("f = lambda r: r * k", set()),
        ("df.apply(lambda r: r * k)", {"df", "k"}),
        ("@wrap\ndef f():\n    return g", {"wrap", "g"}),
        (
            "class A(Base):\n    n = size\n    m = n\n    def go(self):\n        return later",
            {"Base", "size"},
        ),
        ("class A:\n    def go(self):\n        return later\nA().go()", {"later"}),
        ("class A:\n    n = n", {"n"}),
        (
            "match v:\n    case {'a': x, **rest}:\n        print(x, rest)\n    case K.B:\n        pass",
            {"v", "K"},
        ),
        ("match v:\n    case 1:\n        y = 1\n    case _:\n        y = 2\nprint(y)", {"v"}),
        ("import a.b as c, d.e\nprint(c, d)", set()),
        ("print(len(max(1, 2)), display(3), get_ipython())", set()),
        ("x: int\nprint(x)", {"x"}),
        ("a, (b, *c) = v\nprint(a, b, c)", {"v"}),
        ("print(f'{name!r:>{width}}')", {"name", "width"}),
        ("await job()", {"job"}),
        ("global x\nx = 1\nprint(x)", set()),
    ],
)
def test_reads_are_names_whose_value_at_the_start_can_matter(source, reads):
    assert flow(source).reads == reads


def test_a_function_of_the_cell_defers_its_globals_until_it_is_used():
    found = flow("""
        def score(model):
            def inner(x):
                return metric(x, TABLE)
            return [inner(row) for row in model.rows]
    """)
    assert found.deferred == {"score": {"metric", "TABLE"}}
    assert found.reads == found.calls_deferred == set()
    used = flow("""
        def score(model):
            return metric(model, TABLE)
        TABLE = 1
        result = score(m)
    """)
    assert used.calls_deferred == {"metric"}
    assert used.reads == {"metric", "m"}


def test_classes_and_lambdas_defer_too():
    found = flow("""
        scale = lambda v: v * factor
        class Model:
            depth = 3
            def fit(self):
                return depth + rows
    """)
    assert found.deferred == {"scale": {"factor"}, "Model": {"depth", "rows"}}


def test_either_of_two_definitions_may_be_called():
    assert flow("if a:\n    def f(): return b\nelse:\n    def f(): return c").deferred["f"] == {"b", "c"}


def test_writes_cover_every_kind_of_binding_but_the_name_of_a_caught_exception():
    found = flow("""
        import numpy as np, os.path
        from a import b
        x = 1
        x2: int = 2
        never: int
        x += 1
        for i, (j, *k) in rows: pass
        with ctx() as c: pass
        def f():
            global g
            g = 1
        class K: inside = 1
        if (w := 3): pass
        match v:
            case [m1, *m2]: pass
        try: pass
        except E as e: pass
        [(q := r) for r in rows]
        del x2
    """)
    expected = {"np", "os", "b", "x", "x2", "i", "j", "k", "c", "f", "g", "K", "w", "m1", "m2", "q"}
    assert found.writes == expected
    assert found.deletes == {"x2"}


@pytest.mark.parametrize(
    ("source", "mutates"),
    [
        ("df['x'] = 1", {"df"}),
        ("m.a.b = 1", {"m"}),
        ("del d['k'], o.p", {"d", "o"}),
        ("x += 1", {"x"}),
        ("rows.append(1)", {"rows"}),
        ("d['k'].append(1)", {"d"}),
        ("y = model.fit(X)", {"model"}),
        ("out = df.dropna(inplace=True)", {"df"}),
        ("df.dropna(inplace=False)", set()),
        ("model.compile()\nx = 1", {"model"}),
        ("x = 1\ndf.describe()", set()),
        ("random.shuffle(rows)", {"rows"}),
        ("[seen.add(x) for x in xs]", {"seen"}),
        ("import matplotlib.pyplot as plt\nplt.figure()\nplt.show()", set()),
        ("def f():\n    cache['a'] = 1", set()),
        ("def f():\n    cache['a'] = 1\nf()", {"cache"}),
        ("def f():\n    own = []\n    own.append(1)\nf()", set()),
        ("for a.b in rows: pass", {"a"}),
        ("print(x.y)", set()),
    ],
)
def test_mutates_names_objects_that_change_in_place(source, mutates):
    assert flow(source).mutates == mutates


def test_constants_are_literals_bound_once_at_the_top():
    found = flow("""
        lr, depth = 0.1, 5
        epochs: int = 60 * 60
        a = b = -3
        half = 1e-3 / 2
        name = "x"
        flag = None
        columns = ["a", "b"]
        options = {"k": (1)}
        nested = [[1]]
        text = f"{name}"
        _private = 1
        twice = 1
        twice = 2
        later = 0
        later += 1
        changed = []
        changed.append(1)
        big = 10 ** 10 ** 10
        zero = 1 / 0
        root = (-1) ** 0.5
        if flag:
            inner = 1
        for i in range(3):
            loop = 1
    """)
    assert found.constants == {
        "lr": 0.1,
        "depth": 5,
        "epochs": 3600,
        "a": -3,
        "b": -3,
        "half": 0.0005,
        "name": "x",
        "flag": None,
        "columns": ["a", "b"],
        "options": {"k": 1},
    }
    assert not found.only_constants


def test_large_literals_are_no_parameters():
    assert flow(f"x = {list(range(51))}\ny = {'a' * 501!r}").constants == {}
    assert flow(f"x = {list(range(50))}").constants == {"x": list(range(50))}
    assert flow("x = 1" + "0" * 5000).constants == {}  # more digits than Python prints


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# all\n'''doc'''\nlr = 0.1\na, b = 1, 2", True),
        ("lr: float = 0.1", True),
        ("lr = 0.1\nprint(lr)", False),
        ("lr = 0.1\nlr = 0.2", False),
        ("x = y", False),
        ("'only text'", False),
        ("", False),
        ("d['a'] = 1", False),
    ],
)
def test_a_parameters_cell_is_told_from_its_statements(source, expected):
    assert flow(source).only_constants is expected


def test_computed_are_results_in_the_order_of_their_last_assignment():
    found = flow("""
        import time
        start = time.time()
        now = datetime.now()
        total = 0
        auc = score(m)
        for row in rows:
            total += row
        with ctx() as handle:
            loss = f(handle)
        left, right = 1, g()
        model: Any = fit()
        _tmp = f()
        elapsed = time.perf_counter() - start
        auc = auc * 2
        gone = h()
        gone = 0
        def fn(): return 1
    """)
    assert found.computed == ("total", "loss", "right", "model", "elapsed", "auc")


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("auc", "auc"),
        ("auc;", None),
        ("auc  ; # quiet", None),
        ("auc # ; shown", "auc"),
        ("model.score_", "score_"),
        ("model.score(X, y)", "score"),
        ("roc_auc_score(a, b)", "roc_auc_score"),
        ("round(auc, 3)", "auc"),
        ("round(a + b)", "round"),
        ("a + b", "result"),
        ("x = 1", None),
        ("'é', auc;", None),
        ("await go()", "go"),
        ("f()()", "result"),
        ("", None),
    ],
)
def test_the_displayed_expression_has_a_label(source, label):
    assert flow(source).last_expression == label


def test_fits_name_the_estimator_and_its_data():
    found = flow("""
        model.fit(X_train, y)
        clf = make_pipeline(Scaler(), LR()).fit(df[["a", "b"]], y)
        for m in models:
            m.partial_fit(batch.data[:, 0])
        Z = scaler.fit_transform(prepare(X))
        W = Scaler().fit_transform(X)
        net.fit(X=train)
        def later():
            other.fit(X)
    """)
    assert found.fits == (
        ("model", "X_train"),
        ("clf", "df[['a', 'b']]"),
        ("m", "batch.data[:, 0]"),
        ("scaler", None),
        ("net", "train"),
    )


def test_paths_are_what_native_readers_may_open():
    found = flow("""
        a = pd.read_parquet("a.parquet")
        b = pl.scan_csv(source=where)
        c = sqlite3.connect("c.db")
        d = pq.ParquetFile(Path("d.parquet"))
        e = np.load(f"{x}.npy")
        def f(own):
            return pd.read_csv(own), pd.read_csv(shared), joblib.load("g.pkl")
        print("no.csv")
    """)
    assert set(found.paths) == {
        ("literal", "a.parquet"),
        ("name", "where"),
        ("literal", "c.db"),
        ("literal", "d.parquet"),
        ("name", "shared"),
        ("literal", "g.pkl"),
    }


def test_imports_and_use_of_mlflow_are_seen():
    assert flow("import a.b, c as d\nfrom e.f import g\ndef h():\n    import i").imports == {
        "a",
        "c",
        "e",
        "i",
    }
    assert flow("import mlflow").uses_mlflow
    assert flow("mlflow.log_metric('a', 1)").uses_mlflow
    assert flow("def f():\n    mlflow.log_metric('a', 1)").uses_mlflow
    assert not flow("x = 1").uses_mlflow


def test_python_inside_magics_is_followed():
    cell = "get_ipython().run_cell_magic('time', '', 'auc = score(model)\\nauc\\n')\n"
    assert flow(cell).reads == {"score", "model"}
    assert flow(cell).computed == ("auc",)
    assert flow(cell).last_expression == "auc"
    assert flow(cell.replace("'time'", "'capture'")).last_expression is None
    assert flow("get_ipython().run_line_magic('time', 'm.fit(X)')").fits == (("m", "X"),)
    assert flow("r = get_ipython().run_line_magic('time', 'f(X)')").computed == ("r",)
    timed = flow("get_ipython().run_line_magic('timeit', '-n 10 z = f(X)')")
    assert (timed.reads, timed.writes) == ({"f", "X"}, set())
    assert flow("get_ipython().run_cell_magic('bash', '', 'echo x = y')").reads == set()


@pytest.mark.parametrize("source", ["def", "x = \0", "(" * 5000, "x = " + "-" * 50_000 + "1", "\ud800"])
def test_what_cannot_be_analysed_has_an_empty_flow(source):
    assert analyse(source) == CellFlow()


def test_deep_expressions_do_not_fail():
    assert analyse("x = " + " + ".join(["y"] * 5000)).reads <= {"y"}
    assert flow("x = " + " + ".join(["y"] * 200)).reads == {"y"}


def test_the_warnings_of_the_users_source_are_not_repeated():
    filters = list(warnings.filters)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert analyse('pattern = "\\d+"').constants == {"pattern": "\\d+"}
    assert not seen
    assert list(warnings.filters) == filters


def test_flows_are_shared_between_calls():
    assert analyse("x = 1 + y") is analyse("x = 1 + y")


def test_the_hash_of_a_source_ignores_what_does_not_count():
    plain = source_hash("x = 1\ny = 2")
    assert len(plain) == 16
    for same in (
        "%%track run -p a=1\nx = 1\ny = 2\n",
        "%_begin_track run\nx = 1\ny = 2",
        "\n\nx = 1  \r\ny = 2\t\r\n\r\n",
    ):
        assert source_hash(same) == plain
    for other in ("x = 1\ny = 3", " x = 1\ny = 2", "x = 1\n\ny = 2", "%%tracker\nx = 1\ny = 2"):
        assert source_hash(other) != plain
    assert source_hash("%%track") == source_hash("")


@pytest.mark.parametrize(
    ("call", "data", "column"),
    [
        ("fit(train[columns], train['late'])", "train[columns]", ("literal", "late")),
        ("fit(df.drop(columns='y'), df.y)", None, None),
        ("fit(X, df.loc[mask, 'y'].to_numpy().astype(int))", "X", ("literal", "y")),
        ("fit(X=X, y=df[TARGET].values)", "X", ("name", "TARGET")),
        ("fit(X, y)", "X", None),
        ("fit(X, df[['a', 'b']])", "X", None),
        ("fit(X)", "X", None),
        ("fit(load())", None, None),
    ],
)
def test_what_a_model_is_fitted_on_and_for_is_told(call, data, column):
    expected = {} if data is None else {"m": (data, column)}
    assert analyse(f"m = Model().{call}").trained == expected
    assert analyse(f"m.{call}").trained == expected


def test_what_a_model_is_asked_about_is_noted_for_those_that_are_never_fitted():
    found = flow("rule = Rule(5)\nshare = float(rule.predict(df[['a', 'b']]).mean())\nother.predict(f(x))")
    assert found.asked == {"rule": "df[['a', 'b']]"}
    assert found.fits == ()
