from __future__ import annotations

from nbship.model.comparison import FactDiff
from nbship.provenance.evidence import RunEvidence
from nbship.provenance.git_diff import diff_git


def changes(*names, line="+new"):
    return "".join(
        f"diff --git a/{name} b/{name}\nindex 12ab..34cd 100644\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-old\n{line}\n"
        for name in names
    )


def evidence(make_run, name, *, diff="", code=(), **tags):
    given = {f"mlflow.source.git.{key}": value for key, value in tags.items()}
    return RunEvidence(make_run(name, tags=given), code=code, changes=diff)


def told(make_run, left, right):
    return diff_git(evidence(make_run, "one", **left), evidence(make_run, "two", **right))


def test_commit_and_branch_are_told(make_run):
    left, right = {"commit": "a" * 40, "branch": "main"}, {"commit": "b" * 40, "branch": "fix"}
    assert told(make_run, left, right) == (
        FactDiff("commit", "a" * 40, "b" * 40),
        FactDiff("branch", "main", "fix"),
    )


def test_uncommitted_changes_are_summed_up(make_run):
    right = {"dirty": "true", "diff": changes("a.py", "b.py", "c.py", "d.py")}
    (found,) = told(make_run, {"dirty": "false"}, right)
    assert found == FactDiff("uncommitted changes", "none", "in a.py, b.py, c.py and 1 more (+4 -4)")


def test_other_changes_of_the_same_size_are_told_apart(make_run):
    (found,) = told(
        make_run,
        {"dirty": "true", "diff": changes("a.py")},
        {"dirty": "true", "diff": changes("a.py", line="+other")},
    )
    assert found.left != found.right
    assert found.left.startswith("in a.py (+1 -1) [")


def test_secrets_that_are_masked_alike_are_equal(make_run):
    diff = changes("a.py", line="+key = '***'")
    right = {"dirty": "true", "diff": diff.replace("34cd", "99ff")}
    assert told(make_run, {"dirty": "true", "diff": diff}, right) == ()


def test_saving_the_notebook_is_no_difference(make_run):
    assert told(make_run, {"dirty": "false"}, {"dirty": "true", "diff": changes("a.ipynb")}) == ()


def test_a_changed_notebook_counts_where_cells_are_unknown(make_run):
    left, right = {"dirty": "false", "code": None}, {"dirty": "true", "diff": changes("a.ipynb")}
    assert told(make_run, left, right)[0].right == "in a.ipynb (+1 -1)"


def test_a_dirty_state_without_a_diff_is_told(make_run):
    assert told(make_run, {"dirty": "false"}, {"dirty": "true"})[0].right == "some"
    assert diff_git(evidence(make_run, "x"), evidence(make_run, "y", dirty="false"))[0].left is None
