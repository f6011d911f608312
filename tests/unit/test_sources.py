from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

import nbship
from nbship.config import load_settings
from nbship.errors import RunNotFoundError, UsageError
from nbship.service.sources import find_source


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return load_settings(tmp_path)


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "delay": [1.5, 2.5, None],
            "carrier": ["UA", None, "AA"],
            "day": pd.to_datetime(["2013-01-01", "2013-01-02", "2013-01-03"]),
            "hour": pd.to_datetime(["2013-01-01 05:00", None, "2013-01-03 07:30"]),
        }
    )


def dtypes(data) -> dict[str, str]:
    return {name: str(data[name].dtype) for name in data.columns}


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".CSV"])
def test_a_file_gives_its_table(settings, frame, tmp_path, suffix):
    path = tmp_path / f"part{suffix}"
    kind = suffix.lower().split(".")[1]
    if kind in ("csv", "tsv"):
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    else:
        getattr(frame, f"to_{kind}")(path)
    source = find_source(settings, str(path), "reference")
    assert source.name == str(path)
    columns = getattr(source.data, "column_names", None) or list(source.data.columns)
    assert columns == list(frame.columns)
    assert len(source.data) == 3


def test_dates_of_a_text_file_are_dates(settings, frame, tmp_path):
    frame["mixed"] = ["2013-01-01", "2013-01-02", "tomorrow"]
    frame["zoned"] = ["2013-01-01T00:00:00+01:00", "2013-07-01T00:00:00+02:00", None]
    frame.to_csv(tmp_path / "a.csv", index=False)
    data = find_source(settings, str(tmp_path / "a.csv"), "reference").data
    kinds = dtypes(data)
    assert kinds["day"].startswith("datetime64")
    assert kinds["hour"].startswith("datetime64")
    assert "UTC" in kinds["zoned"]
    assert not kinds["mixed"].startswith("datetime64")
    assert data["zoned"].iloc[0] == pd.Timestamp("2012-12-31T23:00:00Z")


def test_a_profile_of_a_file_is_a_source(settings, frame, tmp_path):
    profile = nbship.profile(frame, name="part")
    (tmp_path / "part.json").write_text(json.dumps(profile.to_dict()))
    source = find_source(settings, str(tmp_path / "part.json"), "reference")
    assert source.data == profile


def test_values_keep_the_name_they_are_given(settings, frame):
    assert find_source(settings, frame, "reference").name == "reference"
    assert find_source(settings, nbship.profile(frame, name="part"), "reference").name == "part"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.parquet", b"delay,carrier\n1,UA\n", "cannot be read as parquet"),
        ("a.feather", b"", "cannot be read as feather"),
        ("a.csv", b"PAR1\0\0\0", "is not text"),
        ("a.csv", b"", "cannot be read as csv"),
        ("a.csv", b"\xff\xfe\xfd,\xe4\n1,2\n", "cannot be read as csv"),
        ("a.csv", b'a,b\n1,2\n1,2,3,4\n"', "cannot be read as csv"),
        ("a.csv.gz", b"delay,carrier\n", "cannot be read as gz"),
        ("a.json", b"[1, 2", "cannot be read as json"),
        ("a.json", b'{"cells": []}', "is no profile"),
        ("a.xlsx", b"PK", "unknown kind of file .xlsx"),
        ("README", b"text", "unknown kind of file without a suffix"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_one_clear_error(settings, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        find_source(settings, str(tmp_path / name), "reference")
    assert says in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_packed_file_that_is_cut_off_is_one_clear_error(settings, tmp_path):
    packed = gzip.compress(b"delay,carrier\n" + b"1,UA\n" * 10_000)
    (tmp_path / "a.csv.gz").write_bytes(packed[:40])
    with pytest.raises(UsageError, match=r"a\.csv\.gz cannot be read"):
        find_source(settings, str(tmp_path / "a.csv.gz"), "reference")


def test_what_is_not_there_is_said_to_be_not_there(settings, tmp_path):
    with pytest.raises(UsageError, match=r"there is no file .*gone\.csv"):
        find_source(settings, str(tmp_path / "gone.csv"), "reference")
    with pytest.raises(UsageError, match="is a folder"):
        find_source(settings, str(tmp_path), "reference")
    with pytest.raises(RunNotFoundError, match="neither a variable here, nor a file, nor a dataset of a run"):
        find_source(settings, "nobody:train", "reference")
