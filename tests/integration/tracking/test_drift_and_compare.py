"""`%drift`, `%compare` and their commands, over runs that a real kernel has tracked."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from kernels import Kernel, Project
from nbship.model.comparison import RunsComparison

HOSTILE = "<script>alert(1)</script>"

PREPARE = f"""\
import numpy as np, pandas as pd
rng = np.random.default_rng(7)
def days(n, shift):
    delay = rng.normal(12 + shift, 20, n)
    return pd.DataFrame({{
        "delay": delay, "distance": rng.normal(1000, 300, n), "carrier": rng.choice(["UA", "AA", "B6"], n),
        "{HOSTILE}": rng.normal(size=n), "late": delay + rng.normal(0, 5, n) > 15,
    }})
train, summer = days(3000, 0), days(3000, 15)
features = ["delay", "distance", "{HOSTILE}"]
DEPTH = 3
"""

FIT = """\
%%track {name}
from sklearn.tree import DecisionTreeClassifier
model = DecisionTreeClassifier(max_depth=DEPTH, random_state=0).fit(train[features], train["late"])
accuracy = model.score(summer[features], summer["late"])
"""


@pytest.fixture(scope="module")
def kernel(shared_project) -> Kernel:
    kernel = shared_project.kernel()
    for cell in (PREPARE, FIT.format(name="shallow"), "DEPTH = 8", FIT.format(name="deep")):
        reply = kernel.run(cell)
        assert reply.status == "ok", reply
    assert len(shared_project.runs()) == 2
    return kernel


@pytest.fixture
def inside(kernel, shared_project, monkeypatch) -> Project:
    monkeypatch.chdir(shared_project.folder)
    return shared_project


def asked(kernel: Kernel, expression: str) -> object:
    reply = kernel.run(f"import json; print(json.dumps({expression}))")
    assert reply.status == "ok", reply
    return json.loads(reply.text)


def states(report: dict) -> dict[str, str]:
    return {column["name"]: column["state"] for column in report["columns"]}


# %drift


def test_the_report_is_shown_and_is_the_value_of_the_line(kernel):
    reply = kernel.run("report = %drift train summer\nreport")
    assert reply.status == "ok", reply
    assert "delay" in reply.plain
    assert HOSTILE not in reply.html
    report = asked(kernel, "report.to_dict()")
    assert report["drifted"] is True
    assert states(report) | {"late": ""} == {
        "delay": "drifted",
        "distance": "stable",
        "carrier": "stable",
        HOSTILE: "stable",
        "late": "",
    }
    assert {"name", "drifted", "reason"} <= report["columns"][0].keys()


def test_the_dataset_of_a_run_is_a_reference_and_its_model_tells_what_matters(kernel):
    report = asked(kernel, "get_ipython().run_line_magic('drift', 'shallow:train summer').to_dict()")
    assert report["model"] == "shallow"
    importance = {column["name"]: column["importance"] for column in report["columns"]}
    assert importance["delay"] > 0.9
    assert importance["carrier"] in (None, 0.0)
    assert states(report)["delay"] == "drifted"
    assert report["reference"]["exact"] is False


def test_drift_of_what_the_model_does_not_look_at_is_harmless(kernel):
    kernel.run(
        "far = summer.assign(delay=train['delay'].sample(frac=1, random_state=1).values, distance=summer['distance'] + 900)"
    )
    report = asked(kernel, "get_ipython().run_line_magic('drift', 'train far --model shallow').to_dict()")
    assert states(report)["distance"] == "drifted but harmless"


def test_expressions_and_names_with_blanks_are_understood(kernel):
    first = asked(
        kernel, "get_ipython().run_line_magic('drift', 'train[train[\"delay\"] > 10] summer').to_dict()"
    )
    second = asked(
        kernel, "get_ipython().run_line_magic('drift', '\"train.query(\\'delay > 10\\')\" summer').to_dict()"
    )
    assert first["reference"]["rows"] == second["reference"]["rows"] < 3000
    assert states(first) == states(second)


def test_windows_thresholds_and_columns_reach_the_report(kernel):
    report = asked(
        kernel,
        "get_ipython().run_line_magic('drift', 'train summer --by /3 --columns delay,carrier --correction holm --wasserstein 5').to_dict()",
    )
    assert len(report["windows"]) == 3
    assert states(report) == {"delay": "stable", "carrier": "stable"}
    assert report["options"]["correction"] == "holm"


def test_files_are_written_where_they_are_asked_for(kernel, inside):
    reply = kernel.run("%drift train summer --html report.html --json report.json")
    assert reply.status == "ok", reply
    page = Path("report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert HOSTILE not in page
    assert json.loads(Path("report.json").read_text(encoding="utf-8"))["drifted"] is True


def test_the_rate_of_false_alarms_is_measured_on_the_users_own_data(kernel):
    check = asked(kernel, "get_ipython().run_line_magic('drift', 'selfcheck train --splits 40').to_dict()")
    assert check["splits"] == 40
    assert check["rate"] <= 0.15
    assert check["expected"] == 0.05


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%drift train", "two sides"),
        ("%drift", "two sides"),
        ("%drift train nowhere", "neither a variable here, nor a file, nor a dataset of a run"),
        ("%drift train nowhere.csv", "there is no file"),
        ('%drift train "summer', "is not closed"),
        ("%drift '' summer", "empty text"),
        ("%drift train summer --colums delay", "did you mean --columns"),
        ("%drift --help", "`%drift?` shows"),
        ("%drift train summer --html gone/r.html", "there is no folder gone"),
        ("%drift train summer --json .", "it is a folder"),
        ("%drift train summer --target lat", "did you mean late"),
        ("%drift train summer --live --json", "give --json a FILE"),
        ("%drift selfcheck train --live", "no live view"),
        ("%drift train summer --q 2", "a level lies between 0 and 1"),
        ("%drift train summer --correction sidak", "known are bh, holm, none"),
        ("%drift train summer --columns delai", "did you mean delay"),
        ("%drift train summer --by fortnightly", "fortnightly"),
        ("%drift shallow:trian summer", "train"),
        ("%drift DEPTH summer", "int"),
        ("%drift train[ summer", "train["),
        ("%drift train['gone'] summer", "KeyError"),
        ("%compare 'shallow deep", "No closing quotation"),
        ("%compare shallow deep --htlm c.html", "did you mean --html"),
        ("%compare shallow deep --html gone/c.html", "there is no folder gone"),
        ("%compare shallow", "wants two runs or more"),
        ("%compare shallow shallow", "are the same run"),
        ("%compare shallow nobody", "no run answers to 'nobody'"),
        ("%compare --query nothing-like-it", "no runs to compare"),
    ],
)
def test_wrong_use_is_one_clear_line(kernel, line, says):
    reply = kernel.run(line)
    assert reply.status == "error"
    assert reply.text.startswith("UsageError: ")
    assert says in reply.text
    assert reply.text.count("\n") == 1


def test_sides_keep_their_order_wherever_options_stand(kernel):
    for line in ("train --json summer", "--json train summer", "train --by 1000 summer --json"):
        report = asked(kernel, f"get_ipython().run_line_magic('drift', '{line}')")
        assert (report["reference"]["name"], report["current"]["name"]) == ("train", "summer")


def test_variables_of_a_function_are_sides_and_values_are_filled_in(kernel):
    kernel.run(
        "def check(before, after):\n"
        "    name = 'local'\n"
        "    found = %drift before after[['delay']] --html {name}.html\n"
        "    return found.to_dict()"
    )
    report = asked(kernel, "check(train, summer)")
    assert report["reference"]["rows"] == 3000
    assert states(report)["delay"] == "drifted"
    assert asked(kernel, "__import__('os').path.exists('local.html')")


def test_predictions_of_the_run_on_the_current_side_are_no_new_columns(kernel):
    report = asked(kernel, "get_ipython().run_line_magic('drift', 'train shallow:train').to_dict()")
    assert report["drifted"] is False
    assert set(states(report).values()) == {"stable"}


def test_two_runs_of_one_name_are_told_apart_by_their_ids(kernel, shared_project):
    kernel.run("%%track twin\nrows = len(train)")
    kernel.run("%%track twin\nrows = len(train) + 0")
    ids = [run.id for run in shared_project.runs() if run.name == "twin"]
    line = f"{ids[0]}:train {ids[1]}:train"
    report = asked(kernel, f"get_ipython().run_line_magic('drift', '{line}').to_dict()")
    assert report["reference"]["name"] == f"twin:train ({ids[0][:8]})"
    assert report["current"]["name"] == f"twin:train ({ids[1][:8]})"


def test_a_live_view_is_also_written_to_files(kernel, inside):
    pytest.importorskip("ipywidgets")
    reply = kernel.run("%drift train summer --live --html live.html --json live.json")
    assert reply.status == "ok", reply
    assert "application/vnd.jupyter.widget-view+json" in reply.outputs[-1]["data"]
    assert Path("live.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert json.loads(Path("live.json").read_text(encoding="utf-8"))["drifted"] is True


# %compare


def test_two_runs_are_compared_down_to_the_parameter(kernel):
    reply = kernel.run("comparison = %compare shallow deep\ncomparison")
    assert reply.status == "ok", reply
    comparison = asked(kernel, "comparison.to_dict()")
    assert [run["name"] for run in comparison["runs"]] == ["shallow", "deep"]
    assert {"name": "DEPTH", "left": "3", "right": "8"} in comparison["params"]
    (accuracy,) = [metric for metric in comparison["metrics"] if metric["name"] == "accuracy"]
    assert accuracy["delta"] == pytest.approx(accuracy["right"] - accuracy["left"])
    assert comparison["packages"] == []
    assert HOSTILE not in reply.html


def test_several_runs_give_a_table_and_figures(kernel):
    kernel.run("DEPTH = 5")
    assert kernel.run(FIT.format(name="middle")).status == "ok"
    reply = kernel.run("%compare shallow deep middle")
    assert reply.status == "ok", reply
    kinds = [set(out["data"]) for out in reply.outputs if "data" in out]
    assert any("application/vnd.plotly.v1+json" in kind for kind in kinds)
    assert all("text/html" in kind for kind in kinds)
    assert "DEPTH" in reply.html


def test_runs_are_named_in_a_loop(kernel):
    reply = kernel.run(
        "for name in ['deep']:\n"
        "    found = %compare shallow --html {name}.html {name}\n"
        "    print(found.right.name)"
    )
    assert (reply.status, reply.text) == ("ok", "deep\n")


def test_a_live_pair_shows_what_differs_also_to_readers_without_a_kernel(kernel):
    pytest.importorskip("ipywidgets")
    reply = kernel.run("view = %compare shallow deep --live --html pair.html\nview")
    assert reply.status == "ok", reply
    assert "DEPTH" in reply.plain
    assert "DEPTH" in reply.html
    assert asked(kernel, "[len(view.picked), view._comparison.params]") == [2, ["DEPTH"]]
    assert asked(kernel, "__import__('os').path.exists('pair.html')")


def test_the_value_of_a_charted_comparison_is_one_like_any_other(kernel, inside):
    kernel.run(FIT.format(name="third"))
    names = "shallow", "deep", "third"
    kernel.run(f"import nbship, pickle\nchosen = %compare {' '.join(names)}\nsame = nbship.compare(*{names})")
    assert asked(kernel, "[chosen == same, same == chosen, pickle.loads(pickle.dumps(chosen)) == same]") == [
        True,
        True,
        True,
    ]
    kernel.run("open('chosen.pickle', 'wb').write(pickle.dumps(chosen))")
    found = pickle.loads(Path("chosen.pickle").read_bytes())  # in a process without a running IPython
    assert type(found) is RunsComparison
    assert "runs" in found.to_text()


def test_a_query_in_mlflows_syntax_is_asked_in_another_process(kernel):
    reply = kernel.run('%compare --query "metrics.accuracy > 0" --limit 2')
    assert reply.status == "ok", reply


def test_functions_called_by_name_find_the_project_after_a_change_of_folder(kernel):
    kernel.run("import nbship, os; before = os.getcwd(); os.chdir('/')")
    try:
        assert asked(kernel, "nbship.compare('shallow', 'deep').left.name") == "shallow"
    finally:
        kernel.run("os.chdir(before)")


def test_a_kernel_compares_without_loading_mlflow(kernel):
    assert asked(kernel, "'mlflow' in __import__('sys').modules") is False


# The commands


def test_drift_of_files_says_yes_by_exit_code(inside, kernel, call):
    kernel.run("train.to_parquet('train.parquet'); summer.to_csv('summer.csv', index=False)")
    code, out, err = call("drift", "train.parquet", "summer.csv")
    assert (code, err) == (1, "")
    assert "delay" in out
    code, out, err = call("drift", "train.parquet", "train.parquet")
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    "order", [["--json", "REF", "CUR"], ["REF", "CUR", "--json"], ["REF", "--json", "CUR"]]
)
def test_json_stands_anywhere_on_the_line(inside, kernel, call, order):
    kernel.run("train.to_parquet('train.parquet'); summer.to_csv('summer.csv', index=False)")
    sides = {"REF": "train.parquet", "CUR": "summer.csv"}
    code, out, err = call("drift", *(sides.get(word, word) for word in order))
    assert (code, err) == (1, "")
    assert states(json.loads(out))["delay"] == "drifted"


def test_json_and_html_go_to_files_by_name(inside, kernel, call):
    kernel.run("train.to_parquet('train.parquet'); summer.to_csv('summer.csv', index=False)")
    code, out, _ = call("drift", "train.parquet", "summer.csv", "--json", "d.json", "--html", "d.html")
    assert code == 1
    assert "delay" in out
    assert json.loads(Path("d.json").read_text())["drifted"] is True
    assert Path("d.html").stat().st_size < 200_000


def test_a_run_is_a_reference_for_a_file(inside, kernel, call):
    kernel.run("summer.to_parquet('summer.parquet')")
    code, out, err = call("drift", "shallow:train", "summer.parquet", "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["model"] == "shallow"


def test_a_profile_is_kept_shown_and_used_again(inside, kernel, call):
    kernel.run("train.to_parquet('train.parquet'); summer.to_parquet('summer.parquet')")
    code, out, err = call("profile", "train.parquet", "-o", "train.json")
    assert (code, err) == (0, "")
    assert "delay" in out
    code, _, _ = call("drift", "train.json", "summer.parquet")
    assert code == 1
    code, out, err = call("profile", "shallow:train", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["run"] == "shallow"
    assert sum(told["importance"].values()) == pytest.approx(1)


def test_selfcheck_is_a_command(inside, kernel, call):
    kernel.run("train.to_parquet('train.parquet')")
    code, out, err = call("drift", "selfcheck", "train.parquet", "--splits", "20", "--json")
    assert err == ""
    assert json.loads(out)["splits"] == 20
    assert code in (0, 1)


def test_compare_is_a_command(inside, call):
    code, out, err = call("compare", "shallow", "deep")
    assert (code, err) == (0, "")
    assert "DEPTH" in out
    code, out, _ = call("compare", "shallow", "deep", "--json")
    assert code == 0
    assert json.loads(out)["differs"] is True
    code, out, _ = call("compare", "--query", "e", "--html", "c.html")
    assert code == 0
    assert Path("c.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_options_stand_anywhere_on_the_line(kernel, inside, call, monkeypatch):
    monkeypatch.setenv("HOME", str(inside.folder))
    kernel.run("train.to_parquet('train.parquet'); summer.to_csv('summer.csv', index=False)")
    code, out, err = call("drift", "train.parquet", "--by", "1000", "summer.csv", "--json")
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert [report[side]["name"] for side in ("reference", "current")] == ["train.parquet", "summer.csv"]
    code, out, _ = call("drift", "train.parquet", "--json", "summer.csv")
    assert json.loads(out)["reference"]["name"] == "train.parquet"
    code, out, err = call("compare", "shallow", "--html", "~/between.html", "deep")
    assert (code, err) == (0, "")
    assert (inside.folder / "between.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["drift"], "two sides"),
        (
            ["drift", "train.parquet", "train.parquet", "--html", "no/such/r.html"],
            "there is no folder no/such",
        ),
        (["compare", "shallow", "deep", "--html", "."], "it is a folder"),
        (["drift", "train.parquet", "train.parquet", "--target", "gone"], "no column 'gone'"),
        (["drift", "a.csv", "b.csv", "c.csv"], "two sides"),
        (["drift", "gone.csv", "train.parquet"], "there is no file gone.csv"),
        (["drift", "nobody:train", "train.parquet"], "nobody"),
        (["drift", "shallow:nothing", "train.parquet"], "nothing"),
        (["compare"], "no runs to compare"),
        (["compare", "shallow", "--limit", "5000"], "from 2 to 1,000"),
        (["profile", "train.json", "-o", "no/such/folder.json"], "cannot write"),
    ],
)
def test_wrong_use_of_a_command_exits_with_2(inside, kernel, call, arguments, says):
    kernel.run(
        "train.to_parquet('train.parquet'); import nbship; import json as j; open('train.json', 'w').write(j.dumps(nbship.profile(train).to_dict()))"
    )
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
