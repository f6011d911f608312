from __future__ import annotations

import json
import os
import subprocess

import pytest

from nbship.capture.git import snapshot_git
from nbship.capture.secrets import Masker


@pytest.fixture
def git(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    def run(*arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    return run


def commit(git, folder, name="a.py", text="x = 1\n") -> str:
    (folder / name).write_text(text)
    git("add", "-A")
    git("commit", "-qm", "first")
    return git("rev-parse", "HEAD")


def test_a_clean_repository(git, tmp_path):
    head = commit(git, tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    state = snapshot_git(tmp_path / "deep" / "er")
    assert (state.root, state.commit, state.branch) == (str(tmp_path), head, "main")
    assert (state.dirty, state.diff, state.diff_truncated, state.remote) == (False, "", False, None)


def test_changes_are_kept_as_a_diff_staged_ones_included(git, tmp_path):
    commit(git, tmp_path)
    (tmp_path / "a.py").write_text("x = 2\n")
    (tmp_path / "b.py").write_text("y = 1\n")
    git("add", "b.py")
    (tmp_path / "loose é.txt").write_text("z")
    state = snapshot_git(tmp_path)
    assert state.dirty
    assert "-x = 1\n+x = 2\n" in state.diff
    assert "+y = 1\n" in state.diff
    assert (state.untracked_count, state.untracked) == (1, ("loose é.txt",))


def test_untracked_files_alone_leave_a_repository_clean(git, tmp_path):
    commit(git, tmp_path)
    for index in range(120):
        (tmp_path / f"{index:03}.txt").write_text("z")
    state = snapshot_git(tmp_path)
    assert not state.dirty
    assert (state.untracked_count, len(state.untracked)) == (120, 100)


def test_a_repository_without_commits(git, tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    git("add", "a.py")
    state = snapshot_git(tmp_path)
    assert (state.commit, state.branch, state.dirty) == (None, "main", True)
    assert "+x = 1\n" in state.diff


def test_a_detached_head_has_no_branch(git, tmp_path):
    head = commit(git, tmp_path)
    git("checkout", "-q", "--detach")
    assert (snapshot_git(tmp_path).branch, snapshot_git(tmp_path).commit) == (None, head)


def test_a_linked_working_tree_is_a_repository(git, tmp_path):
    commit(git, tmp_path)
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    assert snapshot_git(tmp_path / "tree").branch == "side"


def test_secrets_of_remote_and_diff_are_hidden(git, tmp_path):
    commit(git, tmp_path)
    git("remote", "add", "upstream", "https://other.example/x.git")
    git("remote", "add", "origin", "https://bob:pa55word@example.org/x.git")
    (tmp_path / "a.py").write_text('password = "hunter2"\n')
    masker = Masker(["x = 1"])
    state = snapshot_git(tmp_path, masker)
    assert state.remote == "https://bob:***@example.org/x.git"
    assert '+password = "***"' in state.diff
    assert "x = 1" not in state.diff


def test_binary_files_and_long_ones_stay_small(git, tmp_path):
    (tmp_path / "pic.bin").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "nb.ipynb").write_text(json.dumps({"cells": []}))
    commit(git, tmp_path)
    (tmp_path / "pic.bin").write_bytes(bytes(range(255, -1, -1)) * 100)
    (tmp_path / "nb.ipynb").write_text("\n".join(f"line {index}" for index in range(100_000)))
    (tmp_path / "a.py").write_text("x = 3\n")
    state = snapshot_git(tmp_path)
    assert state.diff_truncated
    assert len(state.diff) < 110_000
    assert "Binary files a/pic.bin and b/pic.bin differ" in state.diff
    assert "more characters of this file were left out]" in state.diff
    assert "+x = 3\n" in state.diff


def test_a_diff_of_many_files_is_capped_as_a_whole(git, tmp_path):
    commit(git, tmp_path)
    for index in range(15):
        (tmp_path / f"{index}.txt").write_text("\n".join(f"line {line}" for line in range(9000)))
    git("add", "-A")
    state = snapshot_git(tmp_path)
    assert len(state.diff) < 1_001_000
    assert state.diff.endswith("more characters of the diff were left out]\n")


def test_outside_a_repository_there_is_nothing(tmp_path):
    assert snapshot_git(tmp_path) is None
    assert snapshot_git(tmp_path / "missing") is None


def test_without_the_program_there_is_nothing(git, tmp_path, monkeypatch):
    commit(git, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert snapshot_git(tmp_path) is None


def test_a_damaged_repository_is_nothing(tmp_path):
    (tmp_path / ".git").mkdir()
    assert snapshot_git(tmp_path) is None


def test_the_index_is_not_touched(git, tmp_path):
    commit(git, tmp_path)
    os.utime(tmp_path / "a.py", (1, 1))  # `git status` would refresh the index for it
    before = (tmp_path / ".git" / "index").read_bytes()
    state = snapshot_git(tmp_path)
    assert (state.dirty, state.diff) == (False, "")
    assert (tmp_path / ".git" / "index").read_bytes() == before
