from __future__ import annotations

import socket

import pytest

from nbship.errors import PackagingError, UsageError
from nbship.model.image import ServedModel
from nbship.packaging.service_records import ServiceRecord, claim_service, read_records
from nbship.service.shipping.berth import reserved


def record(home, name):
    """Write down a service of another machine: of it nobody here can say that it has ended."""
    model = ServedModel(name=name, kind="process", endpoint="http://e:1", state="ready", run_id="r", pid=1)
    with claim_service(home, name) as claim:
        claim.write(ServiceRecord(model, 1, "elsewhere"))


def fail_beside(home, take):
    """Fail, after another has asked for the same name."""
    with pytest.raises(UsageError, match="just being started elsewhere"), reserved(home, "a"):
        pass
    assert take().folder.is_dir()
    _ = 1 / 0


def test_a_name_is_taken_before_the_work_and_given_up_when_that_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), reserved(tmp_path, "a") as take:
        fail_beside(tmp_path, take)
    assert not list((tmp_path / "services").glob("[!.]*"))


def test_a_name_that_is_served_is_refused_and_left_alone_by_a_replacement_that_fails(tmp_path):
    record(tmp_path, "a")
    with pytest.raises(UsageError, match=r"nbship stop a.*--replace"), reserved(tmp_path, "a"):
        pass
    with pytest.raises(ZeroDivisionError), reserved(tmp_path, "a", replaced=True):
        _ = 1 / 0
    assert [one.model.name for one in read_records(tmp_path)] == ["a"]


def test_a_port_in_use_is_told_before_the_work(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PackagingError, match=f"port {port} is in use"), reserved(tmp_path, "a", port):
            pass
