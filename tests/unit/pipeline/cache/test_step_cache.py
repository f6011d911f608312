from __future__ import annotations

import json
import multiprocessing
import os
import time
from dataclasses import replace
from importlib import metadata

import pytest

from nbship.hashing import fingerprint
from nbship.model.data import FileRecord
from nbship.model.step import StepResult, StepState
from nbship.pipeline.cache.digest_memory import DigestMemory
from nbship.pipeline.cache.entry import UNKNOWN, CacheEntry, used_by
from nbship.pipeline.cache.key import KeyParts, base_key, cell_digests, kernel_of, secret_digests
from nbship.pipeline.cache.objects import ObjectStore
from nbship.pipeline.cache.step_cache import StepCache
from step_fakes import notebook, settings_of

PARTS = KeyParts(python="3.11", kernel="python3", cells=("a",), parameters={"n": "int:1"})


@pytest.fixture
def cache(tmp_path):
    return StepCache(settings_of(tmp_path))


def digest(path):
    return fingerprint(path).digest


def kept(cache, text="content", parts=PARTS, **fields):
    """Write an output, store its entry and return both."""
    place = cache.project / "out.txt"
    place.write_text(text)
    entry = CacheEntry(parts, outputs={"out": digest(place)}, **fields)
    assert cache.store(entry, {"out": place})
    return entry, place


# Keys


def test_comments_formatting_outputs_and_markdown_do_not_count():
    plain = notebook("x = 1\nprint( x )")
    dressed = notebook("# what\nx=1   # one\n\nprint(x)")
    dressed["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    dressed["cells"].insert(0, {"cell_type": "markdown", "source": "# Title", "metadata": {}})
    assert cell_digests(plain) == cell_digests(dressed)


def test_an_empty_cell_changes_no_key_and_a_statement_does():
    def key(*cells):
        return base_key(replace(PARTS, cells=cell_digests(notebook(*cells))))

    assert key("x = 1") == key("x = 1", "", "# nothing")
    assert key("x = 1") != key("x = 2")
    assert key("x = 1", "y = 2") != key("y = 2", "x = 1")


def test_cells_with_magics_count_by_their_text():
    assert cell_digests(notebook("%%bash\nls")) == cell_digests(notebook("%%bash\nls   \n"))
    assert cell_digests(notebook("%%bash\nls")) != cell_digests(notebook("%%bash\nls -l"))


def test_a_skipped_cell_does_not_count_and_a_tag_that_changes_the_execution_does():
    assert cell_digests(notebook("a", "b", tags={1: ["skip"]})) == cell_digests(notebook("a"))
    assert cell_digests(notebook("a", tags={0: ["raises-exception"]})) != cell_digests(notebook("a"))
    assert cell_digests(notebook("a", tags={0: ["mine"]})) == cell_digests(notebook("a"))


def test_deeply_nested_source_has_a_digest():
    assert cell_digests(notebook("x = " + "+".join(["1"] * 5000)))[0]


@pytest.mark.parametrize(
    "change",
    [
        {"python": "3.12"},
        {"kernel": "ir"},
        {"cells": ("b",)},
        {"parameters": {"n": "float:1"}},
        {"secrets": {"token": "x"}},
        {"inputs": {"a": "x"}},
        {"outputs": {"a": "x"}},
    ],
)
def test_every_part_is_in_the_key(change):
    assert base_key(replace(PARTS, **change)) != base_key(PARTS)


def test_the_key_does_not_depend_on_order_or_on_what_is_shown():
    one = replace(PARTS, parameters={"a": "1", "b": "2"}, shown={"a": "x"})
    assert base_key(one) == base_key(replace(one, parameters={"b": "2", "a": "1"}, shown={}))


def test_secrets_are_digested_under_a_key_of_the_project(tmp_path):
    first = secret_digests({"token": "hunter2"}, tmp_path / "a" / "key")
    assert first == secret_digests({"token": "hunter2"}, tmp_path / "a" / "key")
    assert first != secret_digests({"token": "hunter3"}, tmp_path / "a" / "key")
    assert first != secret_digests({"token": "hunter2"}, tmp_path / "b" / "key")
    assert (tmp_path / "a" / "key").stat().st_mode & 0o077 == 0
    assert secret_digests({}, tmp_path / "c" / "key") == {}
    assert not (tmp_path / "c").exists()


def test_the_kernel_is_the_step_s_or_the_notebook_s():
    assert kernel_of(notebook(), None) == "python3"
    assert kernel_of(notebook(), "ir") == "ir"
    assert kernel_of({"metadata": {}}, None) == "python3"


# Hits and misses


def test_what_was_stored_is_found_and_restored(cache):
    entry, place = kept(cache, metrics={"auc": 0.9}, run="r1")
    place.unlink()
    found = cache.find(PARTS)
    assert found == entry
    assert cache.restore(found, {"out": place})
    assert place.read_text() == "content"


def test_another_key_is_a_miss(cache):
    kept(cache)
    assert cache.find(replace(PARTS, cells=("b",))) is None


def test_an_edited_file_is_a_miss_even_with_the_same_size_and_time(cache):
    data = cache.project / "data.csv"
    data.write_text("1")
    kept(cache, files={"data.csv": digest(data)})
    assert cache.find(PARTS) is not None
    before = data.stat()
    data.write_text("2")
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.find(PARTS) is None
    data.write_text("1")
    assert cache.find(PARTS) is not None
    entry = cache.find(PARTS)
    data.unlink()
    assert [(item.name, item.now) for item in cache.differences(entry)] == [("data.csv", None)]


def test_a_changed_module_or_distribution_is_a_miss(cache):
    module = cache.project / "clean.py"
    module.write_text("a = 1")
    version = metadata.version("pytest")
    kept(cache, modules={"clean.py": digest(module)}, distributions={"pytest": version})
    entry = cache.find(PARTS)
    module.write_text("a = 2")
    assert [(item.kind, item.name) for item in cache.differences(entry)] == [("module", "clean.py")]
    assert cache.find(PARTS) is None
    kept(cache, distributions={"pytest": "0.1"}, parts=replace(PARTS, cells=("d",)))
    assert cache.find(replace(PARTS, cells=("d",))) is None


def test_one_key_holds_several_entries_and_the_one_that_fits_is_found(cache):
    data = cache.project / "data.csv"
    for text in ("1", "2"):
        data.write_text(text)
        kept(cache, f"result {text}", files={"data.csv": digest(data)})
    data.write_text("1")
    found = cache.find(PARTS)
    assert cache.restore(found, {"out": cache.project / "out.txt"})
    assert (cache.project / "out.txt").read_text() == "result 1"


def test_the_newest_eight_entries_of_a_key_are_kept(cache):
    for number in range(12):
        kept(cache, run=f"r{number}")
    files = cache._entry_files(base_key(PARTS))
    assert [json.loads(file.read_text())["run"] for file in files] == [
        f"r{number}" for number in range(11, 3, -1)
    ]


def test_damaged_and_foreign_entries_are_passed_over(cache):
    kept(cache, run="good")
    file = cache._entry_files(base_key(PARTS))[0]
    for number, text in enumerate(
        ['{"parts"', "[]", '{"format_version": 1}', '{"format_version": 99, "parts": {}}']
    ):
        file.with_name(f"9{number:019d}-x.json").write_text(text)
    assert cache.find(PARTS).run == "good"


# Objects


def test_editing_a_restored_file_in_place_does_not_touch_the_cache(cache):
    entry, place = kept(cache)
    place.unlink()
    cache.restore(entry, {"out": place})
    with place.open("r+") as file:
        file.write("EDITED!")
    assert cache.restore(entry, {"out": place})
    assert place.read_text() == "content"


def test_a_damaged_object_is_not_restored_and_is_dropped(cache):
    entry, place = kept(cache)
    place.write_text("mine")
    cache.objects.path(entry.outputs["out"]).write_text("CONTENT")
    assert not cache.restore(entry, {"out": place})
    assert place.read_text() == "mine"
    assert entry.outputs["out"] not in cache.objects


def test_outputs_are_restored_all_or_none(cache):
    first, second = cache.project / "a", cache.project / "b"
    first.write_text("a")
    second.write_text("b")
    entry = CacheEntry(PARTS, outputs={"a": digest(first), "b": digest(second)})
    assert cache.store(entry, {"a": first, "b": second})
    first.write_text("new")
    second.unlink()
    cache.objects.drop(entry.outputs["b"])
    assert not cache.restore(entry, {"a": first, "b": second})
    assert first.read_text() == "new"
    assert sorted(path.name for path in cache.project.iterdir()) == [".nbship", "a"]


def test_what_is_in_place_already_is_left_alone(cache):
    entry, place = kept(cache)
    before = place.stat()
    assert cache.restore(entry, {"out": place})
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_folders_come_back_as_they_were_with_links_and_modes(tmp_path):
    store, folder = ObjectStore(tmp_path / "objects"), tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "weights").write_bytes(bytes(range(256)))
    (folder / "run.sh").write_text("echo")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("deep", target_is_directory=True)
    (tmp_path / "elsewhere").write_text("followed")
    (folder / "file-link").symlink_to(tmp_path / "elsewhere")
    known = digest(folder)
    assert store.put(folder, known)
    (folder / "deep" / "more").write_text("later")
    assert store.restore({folder: known})
    assert digest(folder) == known
    assert not (folder / "deep" / "more").exists()
    assert (folder / "link").is_symlink()
    assert not (folder / "file-link").is_symlink()
    assert os.access(folder / "run.sh", os.X_OK)


def test_a_folder_takes_the_place_of_a_file_and_the_other_way_round(tmp_path):
    store, target = ObjectStore(tmp_path / "objects"), tmp_path / "target"
    target.write_text("file")
    as_file = digest(target)
    store.put(target, as_file)
    target.unlink()
    target.mkdir()
    (target / "x").write_text("x")
    as_folder = digest(target)
    store.put(target, as_folder)
    assert store.restore({target: as_file})
    assert target.read_text() == "file"
    assert store.restore({target: as_folder})
    assert (target / "x").read_text() == "x"


def test_an_output_that_changes_while_it_is_stored_is_not_kept(cache):
    place = cache.project / "out.txt"
    place.write_text("later")
    assert not cache.store(CacheEntry(PARTS, outputs={"out": "0" * 32}), {"out": place})
    assert cache.find(PARTS) is None
    assert list(cache.objects.objects()) == []


def test_prune_removes_what_was_not_used_for_longest(cache):
    old, _place = kept(cache, "o" * 1000, parts=replace(PARTS, cells=("old",)))
    new, _ = kept(cache, "n" * 1000, parts=replace(PARTS, cells=("new",)))
    os.utime(cache.objects.path(old.outputs["out"]), ns=(1, 1))
    assert cache.prune(1500) == 1000
    assert cache.find(old.parts) is None
    assert cache.find(new.parts) is not None
    assert cache.prune(1500) == 0
    assert cache.prune(0) == 1000
    assert list(cache.objects.objects()) == []


def _store_many(folder, start):
    cache = StepCache(settings_of(folder))
    start.wait()
    for number in range(30):
        place = folder / f"{os.getpid()}.txt"
        place.write_text(f"text {number % 5}")
        entry = CacheEntry(PARTS, outputs={"out": digest(place)}, run=str(number))
        assert cache.store(entry, {"out": place})
        assert cache.find(PARTS) is not None
        assert cache.restore(cache.find(PARTS), {"out": place})
        cache.save()


def test_two_processes_use_the_cache_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    workers = [context.Process(target=_store_many, args=(tmp_path, start)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert not [
        path for path in (tmp_path / ".nbship" / "cache" / "objects").iterdir() if path.name.startswith(".")
    ]


# What counts as read


def read_by(cache, *records, apart=()):
    result = StepResult("s", StepState.COMPLETED, files_read=records)
    return used_by(result, cache.project, [cache.project / path for path in apart], cache.memory)


def test_declared_inputs_and_outputs_are_not_among_what_was_read(cache):
    records = [FileRecord(path, path, 1, 1) for path in ("read.csv", "input.csv", "models/new.pkl")]
    assert read_by(cache, *records, apart=["input.csv", "models"]) == {"read.csv": "read.csv"}


def test_a_file_without_a_digest_gets_one_if_it_is_still_what_was_read(cache):
    file = cache.project / "data.csv"
    file.write_text("1")
    status = file.stat()
    record = FileRecord("data.csv", None, status.st_size, int(status.st_mtime * 1000))
    assert read_by(cache, record) == {"data.csv": digest(file)}
    assert read_by(cache, replace(record, size_bytes=2)) == {"data.csv": UNKNOWN}
    assert read_by(cache, replace(record, modified_ms=record.modified_ms - 5)) == {"data.csv": UNKNOWN}
    assert read_by(cache, replace(record, path="gone.csv")) == {"gone.csv": UNKNOWN}


def test_an_entry_with_an_unknown_file_never_holds(cache):
    (cache.project / "data.csv").write_text("1")
    kept(cache, files={"data.csv": UNKNOWN})
    assert cache.find(PARTS) is None
    (cache.project / "data.csv").unlink()
    assert cache.find(PARTS) is None


# Digests


def test_a_settled_file_is_not_read_again_by_another_process(tmp_path):
    file, memory = tmp_path / "data.bin", tmp_path / "digests.json"
    file.write_bytes(b"12345")
    old = time.time() - 60
    os.utime(file, (old, old))
    first = DigestMemory(memory)
    known = first.digest(file)
    first.save()
    entries = json.loads(memory.read_text())
    entries[str(file)][1] = "remembered"
    memory.write_text(json.dumps(entries))
    again = DigestMemory(memory)
    assert again.digest(file) == "remembered"
    file.write_bytes(b"54321")
    assert again.digest(file) == digest(file) != known


def test_a_young_file_is_not_remembered(tmp_path):
    file = tmp_path / "young"
    file.write_text("1")
    memory = DigestMemory(tmp_path / "digests.json")
    memory.digest(file)
    memory.save()
    assert not (tmp_path / "digests.json").exists()


def test_folders_are_remembered_by_all_their_members(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_text("1")
    old = time.time() - 60
    for path in (folder / "a", folder):
        os.utime(path, (old, old))
    memory = DigestMemory(tmp_path / "digests.json")
    first = memory.digest(folder)
    assert memory._known[str(folder)][1] == first == digest(folder)
    (folder / "a").write_text("2")
    assert memory.digest(folder) == digest(folder) != first


def test_what_is_missing_has_no_digest(tmp_path):
    assert DigestMemory(tmp_path / "digests.json").digest(tmp_path / "missing") is None


def test_a_damaged_memory_is_as_good_as_none(tmp_path):
    (tmp_path / "digests.json").write_text('{"a": 1, "b": ["x"]')
    assert DigestMemory(tmp_path / "digests.json")._known == {}
    (tmp_path / "digests.json").write_text('{"a": 1, "b": ["x"], "c": ["s", "d"]}')
    assert DigestMemory(tmp_path / "digests.json")._known == {"c": ["s", "d"]}
