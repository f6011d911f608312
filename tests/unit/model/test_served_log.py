from __future__ import annotations

import json

import pytest

from nbship.model.served_log import is_served_log, read_log

HEADER = {"nbship_log": 1, "model_digest": "d1", "run_id": "r1", "columns": [{"name": "a", "type": "double"}]}


def line(time_ms, request_id="x", row=0, **more):
    return {"ts_ms": time_ms, "id": request_id, "row": row, "inputs": {"a": time_ms}, "prediction": 1, **more}


def segment(path, *records, torn=""):
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + torn)
    return path


def test_segments_are_joined_in_the_order_of_time(tmp_path):
    segment(tmp_path / "b.jsonl", HEADER | {"model_digest": "d2"}, line(3, "z"))
    segment(tmp_path / "a.jsonl", HEADER, line(5, "y"), line(1))
    found = read_log(tmp_path)
    assert found.times_ms == [1, 3, 5]
    assert found.model_digests == ("d1", "d2")
    assert found.table() == {"a": [1, 3, 5]}


def test_a_single_segment_is_a_log(tmp_path):
    assert read_log(segment(tmp_path / "a.jsonl", HEADER, line(1))).predictions == [1]


def test_torn_and_foreign_lines_are_counted(tmp_path):
    path = segment(
        tmp_path / "a.jsonl",
        HEADER,
        line(1),
        {"ts_ms": 1},
        [1],
        {"id": 3, "row": 0, "ts_ms": 1},
        torn='{"ts_ms": 2, "id": "q", "row": 0, "inp',
    )
    found = read_log(path)
    assert len(found.rows) == 1
    assert found.broken_lines == 4


def test_columns_of_different_models_are_put_together(tmp_path):
    other = HEADER | {"columns": [{"name": "b", "type": "string"}]}
    segment(tmp_path / "a.jsonl", HEADER, line(1))
    segment(tmp_path / "b.jsonl", other, line(2) | {"inputs": {"b": "x"}})
    found = read_log(tmp_path)
    assert [column.name for column in found.columns] == ["a", "b"]
    assert found.rows == [[1, None], [None, "x"]]


def test_the_last_word_of_feedback_counts(tmp_path):
    truths = [{"ts_ms": 9, "id": "x", "row": 0, "target": value} for value in ("first", "last")]
    found = read_log(segment(tmp_path / "a.jsonl", HEADER, truths[0], line(1), truths[1]))
    assert found.targets == ["last"]


def test_feedback_in_a_later_segment_finds_its_row(tmp_path):
    segment(tmp_path / "a.jsonl", HEADER, line(1))
    segment(tmp_path / "b.jsonl", HEADER, {"ts_ms": 9, "id": "x", "row": 0, "target": 7})
    assert read_log(tmp_path).targets == [7]


def test_what_is_no_log_is_refused(tmp_path):
    segment(tmp_path / "a.jsonl", {"other": 1})
    assert not is_served_log(tmp_path)
    with pytest.raises(ValueError, match="holds no prediction log"):
        read_log(tmp_path)


def test_a_log_is_told_from_other_files(tmp_path):
    segment(tmp_path / "a.jsonl", {"other": 1})
    assert is_served_log(segment(tmp_path / "b.jsonl", HEADER))
    assert is_served_log(tmp_path)


def test_a_log_of_a_later_version_is_refused(tmp_path):
    with pytest.raises(ValueError, match="update nbship"):
        read_log(segment(tmp_path / "a.jsonl", HEADER | {"nbship_log": 2}))
