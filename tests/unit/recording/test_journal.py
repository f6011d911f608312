from __future__ import annotations

import json
import os
import threading

import pytest

from nbship.errors import SpoolError
from nbship.model.event import MetricPoint, ProcessIdentity, RunLogged, SessionClosed, SessionOpened
from nbship.recording.journal import SpoolWriter, count_events, read_journal

OPENED = SessionOpened("s1", ProcessIdentity(1, 2.0, "h"))


@pytest.fixture
def writer(tmp_path):
    made = SpoolWriter.create(tmp_path / "spool", OPENED)
    yield made
    made.close()


def journal(writer):
    return writer.folder / "journal.jsonl"


def events(writer):
    return [entry.event for entry in read_journal(journal(writer)).entries]


def test_a_kernel_that_never_tracks_leaves_no_trace(writer):
    writer.sync()
    writer.close()
    assert not writer.started
    assert not writer.spool.exists()


def test_events_come_back_as_they_were(writer):
    logged = RunLogged("r", params={"näme": "\ud800 ☃"}, metrics=(MetricPoint("loss", float("inf"), 5, 1),))
    writer.append(logged)
    writer.sync()
    assert events(writer) == [OPENED, logged]
    for line in journal(writer).read_text("ascii").splitlines():
        assert json.loads(line)["e"]["kind"] in ("SessionOpened", "RunLogged")


def test_reading_goes_on_where_it_ended(writer):
    writer.append(SessionClosed(1))
    part = read_journal(journal(writer))
    writer.append(SessionClosed(2))
    more = read_journal(journal(writer), part.end)
    assert [entry.event for entry in more.entries] == [SessionClosed(2)]
    assert more.entries[0].start == part.end
    assert read_journal(journal(writer), more.end).entries == ()


def test_events_are_counted_without_being_read(writer):
    writer.append(SessionClosed(1))
    opening = read_journal(journal(writer)).entries[0]
    with journal(writer).open("ab") as file:
        file.write(b"no event\n\ntorn")
    end = journal(writer).stat().st_size - len(b"torn")
    assert count_events(journal(writer), 0) == (3, end)
    assert count_events(journal(writer), opening.end) == (2, end)
    assert count_events(journal(writer), end) == (0, end)


@pytest.mark.parametrize("length", [1, 10, 30])
def test_a_torn_last_line_is_left_for_later(writer, length):
    writer.append(SessionClosed(1))
    size = journal(writer).stat().st_size
    writer.append(SessionClosed(2))
    os.truncate(journal(writer), size + length)
    part = read_journal(journal(writer))
    assert (part.end, part.torn) == (size, True)
    assert [entry.event for entry in part.entries] == [OPENED, SessionClosed(1)]


@pytest.mark.parametrize(
    "damage",
    [lambda line: line.replace(b"7", b"8"), lambda line: line[1:], lambda _: b"\xff\x00", lambda _: b"{}"],
)
def test_a_corrupt_line_is_named_and_the_rest_is_read(writer, damage):
    writer.append(SessionClosed(7))
    writer.append(SessionClosed(2))
    lines = journal(writer).read_bytes().split(b"\n")
    lines[1] = damage(lines[1])
    journal(writer).write_bytes(b"\n".join(lines))
    first, bad, last = read_journal(journal(writer)).entries
    assert (first.event, bad.event, last.event) == (OPENED, None, SessionClosed(2))
    assert isinstance(bad.error, SpoolError)
    assert str(journal(writer)) in str(bad.error)
    assert f"byte {len(lines[0]) + 1}" in str(bad.error)


def test_an_event_of_an_unknown_kind_is_corrupt(writer):
    import zlib

    writer.append(SessionClosed(7))
    body = b'{"kind":"Sorcery"}'
    with journal(writer).open("ab") as file:
        file.write(b'{"c":"%08x","e":%s}\n' % (zlib.crc32(body), body))
    assert "Sorcery" in str(read_journal(journal(writer)).entries[-1].error)


def test_a_journal_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(SpoolError, match="cannot read"):
        read_journal(tmp_path / "none")


def test_threads_do_not_mix_their_lines(writer):
    def append_many(number):
        for step in range(50):
            writer.append(RunLogged(f"{number}", metrics=(MetricPoint("m" * 500, 1.0, step, step),)))

    threads = [threading.Thread(target=append_many, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [event for event in events(writer) if isinstance(event, RunLogged)]
    assert len(found) == 400
    for number in range(8):
        steps = [event.metrics[0].step for event in found if event.run == str(number)]
        assert steps == list(range(50))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_write_into_the_session_of_its_parent(writer):
    writer.append(SessionClosed(1))
    child = os.fork()
    if child == 0:
        writer.append(SessionClosed(2))
        writer.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    writer.append(SessionClosed(3))
    assert events(writer) == [OPENED, SessionClosed(1), SessionClosed(3)]


def test_a_closed_writer_goes_on_in_the_same_session(writer):
    writer.append(SessionClosed(1))
    writer.close()
    writer.append(SessionClosed(2))
    assert events(writer) == [OPENED, SessionClosed(1), SessionClosed(2)]


def test_blobs_are_kept_as_bytes_or_copies_of_files(writer, tmp_path):
    source = tmp_path / "plot.png"
    source.write_bytes(b"png")
    from_bytes, from_file = writer.put_blob(b"model", ".pkl"), writer.put_blob(source)
    name, path = writer.reserve_blob(".bin")
    path.write_bytes(b"streamed")
    blobs = writer.folder / "blobs"
    assert (blobs / from_bytes).read_bytes() == b"model"
    assert from_bytes.endswith(".pkl")
    assert (blobs / from_file).read_bytes() == b"png"
    assert (blobs / name).read_bytes() == b"streamed"


def test_a_blob_that_cannot_be_read_is_an_error(writer, tmp_path):
    with pytest.raises(SpoolError, match="missing"):
        writer.put_blob(tmp_path / "missing")


def test_a_spool_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SpoolError, match="cannot write the spool"):
        SpoolWriter.create(tmp_path / "file", OPENED).append(SessionClosed(1))


def test_a_line_behind_a_write_that_was_cut_short_stands_for_itself(writer):
    writer.append(SessionClosed(1))
    os.write(writer._fd, b'{"c":"0000')  # what a disk that ran full leaves
    writer._torn = True
    writer.append(SessionClosed(2))
    writer.append(SessionClosed(3))
    assert events(writer) == [OPENED, SessionClosed(1), None, SessionClosed(2), SessionClosed(3)]


def test_a_session_appears_whole_or_not_at_all(tmp_path):
    writer = SpoolWriter.create(tmp_path / "spool", OPENED)
    seen = []

    def look():
        while not writer.started:
            seen.extend(path for path in writer.folder.glob("journal.jsonl") if not path.stat().st_size)

    watcher = threading.Thread(target=look)
    watcher.start()
    writer.append(SessionClosed(1))
    watcher.join()
    writer.close()
    assert seen == []


def test_a_session_that_was_deleted_begins_anew(writer):
    import shutil

    writer.append(SessionClosed(1))
    shutil.rmtree(writer.folder)
    writer.append(SessionClosed(2))
    assert events(writer) == [OPENED, SessionClosed(2)]
    assert writer.put_blob(b"x")
