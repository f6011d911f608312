from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import shutil
import socket
import subprocess
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from nbship.errors import RegistryError
from nbship.packaging.credentials import Credentials
from nbship.packaging.references import ImageReference
from nbship.packaging.registry import PushBlob, RegistryClient
from registry_tokens import TokenServer

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
EMPTY_TAR = gzip.compress(b"\0" * 10240, mtime=0)

# "lead:open sesame", as `htpasswd -nbB` writes it.
PASSWORDS = "lead:$2b$04$/QHInZYCDI74O3LQAhfkOuOO1Ew4aJOZvn6uBSCNpdqh41eTuVdM2\n"


def blob(data: bytes, *, layer: bool = True, mount_from: ImageReference | None = None) -> PushBlob:
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return PushBlob(digest, len(data), lambda: io.BytesIO(data), mount_from, layer)


def image(*layers: bytes) -> tuple[bytes, list[PushBlob]]:
    """Return the manifest and the blobs of an image that skopeo takes for one."""
    rootfs = {"type": "layers", "diff_ids": [_digest(gzip.decompress(layer)) for layer in layers]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _described(config, "application/vnd.oci.image.config.v1+json"),
        "layers": [_described(layer, LAYER_TYPE) for layer in layers],
    }
    return json.dumps(manifest).encode(), [*map(blob, layers), blob(config, layer=False)]


def _described(data: bytes, media_type: str) -> dict[str, object]:
    return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def two_layers() -> tuple[bytes, list[PushBlob]]:
    return image(EMPTY_TAR, gzip.compress(b"\0" * 20480, mtime=0))


def test_a_second_push_uploads_nothing(registry):
    reference = ImageReference(registry, "second/push", "1")
    manifest, blobs = two_layers()
    with RegistryClient(registry) as client:
        first = client.push(reference, manifest, MANIFEST_TYPE, blobs)
        second = client.push(reference.with_tag("2"), manifest, MANIFEST_TYPE, blobs)
    assert (first.uploaded_layers, len(first.uploaded)) == (2, 3)
    assert first.uploaded_bytes == sum(blob.size_bytes for blob in blobs)
    assert (second.uploaded_layers, second.uploaded, second.uploaded_bytes) == (0, (), 0)
    assert len(second.present) == 3
    assert first.digest == second.digest == _digest(manifest)
    assert first.reference == f"{registry}/second/push:1@{_digest(manifest)}"


def test_what_was_pushed_is_pulled_byte_for_byte(registry, tmp_path):
    reference = ImageReference(registry, "round/trip", "1")
    manifest, blobs = two_layers()
    with RegistryClient(registry) as client:
        client.push(reference, manifest, MANIFEST_TYPE, blobs)
        pulled = client.pull_manifest(reference)
        told: list[int] = []
        path = client.pull_blob(reference, blobs[0].digest, tmp_path / "layer", told.append)
        assert client.read_blob(reference, blobs[2].digest) == blobs[2].open().read()
    assert (pulled.data, pulled.media_type, pulled.digest) == (manifest, MANIFEST_TYPE, _digest(manifest))
    assert path.read_bytes() == EMPTY_TAR
    assert told[-1] == len(EMPTY_TAR)


def test_a_manifest_is_pulled_by_its_digest(registry):
    reference = ImageReference(registry, "by/digest", "1")
    manifest, blobs = two_layers()
    with RegistryClient(registry) as client:
        client.push(reference, manifest, MANIFEST_TYPE, blobs)
        pinned = ImageReference(registry, "by/digest", digest=_digest(manifest))
        assert client.pull_manifest(pinned).data == manifest


def test_skopeo_reads_what_was_pushed(registry, require, tmp_path):
    skopeo = require("oci")["skopeo"]
    manifest, blobs = two_layers()
    with RegistryClient(registry) as client:
        client.push(ImageReference(registry, "for/skopeo", "1"), manifest, MANIFEST_TYPE, blobs)
    source = f"docker://{registry}/for/skopeo:1"
    command = [skopeo, "copy", "--src-tls-verify=false", source, f"oci:{tmp_path / 'copy'}:1"]
    subprocess.run(command, check=True, capture_output=True)
    index = json.loads((tmp_path / "copy" / "index.json").read_text())
    assert index["manifests"][0]["digest"] == _digest(manifest)


def test_a_blob_of_another_repository_is_mounted_and_not_opened(registry):
    manifest, blobs = two_layers()
    base = ImageReference(registry, "mount/base", "1")

    def must_not_open():
        raise AssertionError("the registry has it already")

    with RegistryClient(registry) as client:
        client.push(base, manifest, MANIFEST_TYPE, blobs)
        mounted = [PushBlob(item.digest, item.size_bytes, must_not_open, base, item.layer) for item in blobs]
        result = client.push(ImageReference(registry, "mount/child", "1"), manifest, MANIFEST_TYPE, mounted)
    assert result.uploaded == ()
    assert set(result.mounted) == {item.digest for item in blobs}


def test_progress_ends_at_all_of_it(registry):
    manifest, blobs = image(gzip.compress(b"progress" * 100_000, mtime=0), EMPTY_TAR)
    told: list[float] = []
    with RegistryClient(registry) as client:
        reference = ImageReference(registry, "with/progress", "1")
        client.push(reference, manifest, MANIFEST_TYPE, blobs, lambda done, _: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_password_of_docker_login_is_used(start_registry, tmp_path, monkeypatch):
    address = _registry_with_passwords(start_registry, tmp_path)
    auth = base64.b64encode(b"lead:open sesame").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {address: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    manifest, blobs = two_layers()
    with RegistryClient(address) as client:
        result = client.push(ImageReference(address, "private/iris", "1"), manifest, MANIFEST_TYPE, blobs)
    assert result.uploaded_layers == 2


def test_without_a_password_the_next_step_is_told(start_registry, tmp_path, monkeypatch):
    address = _registry_with_passwords(start_registry, tmp_path)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nowhere"))
    with RegistryClient(address) as client, pytest.raises(RegistryError, match=f"docker login {address}"):
        client.pull_manifest(ImageReference(address, "private/iris", "1"))


def test_a_wrong_password_is_told_and_never_shown(start_registry, tmp_path):
    address = _registry_with_passwords(start_registry, tmp_path)
    wrong = Credentials("lead", "open barley")
    with RegistryClient(address, credentials=wrong) as client, pytest.raises(RegistryError) as told:
        client.pull_manifest(ImageReference(address, "private/iris", "1"))
    assert "refused the user 'lead'" in str(told.value)
    assert "barley" not in str(told.value) + repr(wrong)


def _registry_with_passwords(start_registry, tmp_path: Path) -> str:
    passwords = tmp_path / "htpasswd"
    passwords.write_text(PASSWORDS)
    return start_registry(auth=f"auth:\n  htpasswd: {{realm: tests, path: {passwords}}}\n")


@pytest.fixture
def token_server(tmp_path):
    with TokenServer(tmp_path) as server:
        yield server


def test_a_token_is_fetched_for_what_is_done(start_registry, token_server):
    address = start_registry(auth=token_server.configuration)
    manifest, blobs = two_layers()
    base = ImageReference(address, "team/base", "1")
    with RegistryClient(address, credentials=Credentials("lead", "open sesame")) as client:
        client.push(base, manifest, MANIFEST_TYPE, blobs)
        child = [PushBlob(item.digest, item.size_bytes, item.open, base, item.layer) for item in blobs]
        result = client.push(ImageReference(address, "team/iris", "1"), manifest, MANIFEST_TYPE, child)
        client.pull_manifest(base)
    assert len(result.mounted) == 3
    assert token_server.asked == [
        ["repository:team/base:pull,push"],
        ["repository:team/iris:pull,push", "repository:team/base:pull"],
        ["repository:team/base:pull"],
    ]


def test_an_identity_token_is_exchanged(start_registry, token_server):
    address = start_registry(auth=token_server.configuration)
    manifest, blobs = two_layers()
    with RegistryClient(address, credentials=Credentials(identity_token="open sesame")) as client:
        client.push(ImageReference(address, "team/iris", "1"), manifest, MANIFEST_TYPE, blobs)


@pytest.mark.parametrize("credentials", [Credentials("lead", "wrong"), Credentials(identity_token="wrong")])
def test_a_refused_token_names_the_next_step(start_registry, token_server, credentials):
    address = start_registry(auth=token_server.configuration)
    with (
        RegistryClient(address, credentials=credentials) as client,
        pytest.raises(RegistryError, match=f"docker login {address}"),
    ):
        client.pull_manifest(ImageReference(address, "team/iris", "1"))


def test_a_user_who_may_not_push_is_told(start_registry, token_server):
    address = start_registry(auth=token_server.configuration)
    manifest, blobs = two_layers()
    with (
        RegistryClient(address, credentials=Credentials("reader", "open sesame")) as client,
        pytest.raises(RegistryError, match="refused the user 'reader'"),
    ):
        client.push(ImageReference(address, "team/iris", "1"), manifest, MANIFEST_TYPE, blobs)


def test_an_image_that_is_not_there_is_told(registry):
    with (
        RegistryClient(registry) as client,
        pytest.raises(RegistryError, match=r"does not have it.*Check the name"),
    ):
        client.pull_manifest(ImageReference(registry, "no/such", "1"))


def test_a_registry_that_is_not_there_is_told():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    with RegistryClient(address) as client, pytest.raises(RegistryError, match="nothing listens there"):
        client.pull_manifest(ImageReference(address, "iris", "1"))


def test_a_registry_of_an_unknown_host_is_told():
    address = "registry.invalid"
    with RegistryClient(address) as client, pytest.raises(RegistryError, match=r"no host of that name"):
        client.pull_manifest(ImageReference(address, "iris", "1"))


def test_a_registry_without_encryption_is_told(registry):
    with (
        RegistryClient(registry, insecure=False) as client,
        pytest.raises(RegistryError, match="it speaks plain HTTP"),
    ):
        client.pull_manifest(ImageReference(registry, "iris", "1"))


def test_a_blob_that_is_not_what_it_says_never_gets_a_tag(registry):
    manifest, blobs = two_layers()
    wrong = PushBlob(blobs[0].digest, 5, lambda: io.BytesIO(b"other"))
    reference = ImageReference(registry, "wrong/blob", "1")
    with RegistryClient(registry) as client:
        # Under a name of its own, or the registry would have the right one from another test.
        with pytest.raises(RegistryError, match="the upload of sha256:"):
            client.push(reference, manifest, MANIFEST_TYPE, [wrong, *blobs[1:]])
        with pytest.raises(RegistryError, match="does not have it"):
            client.pull_manifest(reference)


class _Flaky(BaseHTTPRequestHandler):
    """Answers with what `answers` holds, one after another."""

    answers: list[tuple[int, bytes]]

    def do_GET(self):
        status, body = self.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def flaky():
    """Return a function that starts a server which answers as it is told."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Flaky,), {"answers": []})) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()

        def start(*answers: tuple[int, bytes]) -> tuple[str, list[tuple[int, bytes]]]:
            server.RequestHandlerClass.answers[:] = answers
            return f"127.0.0.1:{server.server_port}", server.RequestHandlerClass.answers

        yield start
        server.shutdown()
        thread.join()


def test_an_overloaded_registry_is_asked_again(flaky):
    address, _ = flaky((503, b""), (429, b""), (200, b"{}"))
    with RegistryClient(address) as client:
        assert client.pull_manifest(ImageReference(address, "iris", "1")).data == b"{}"


def test_asking_again_has_an_end(flaky):
    address, left = flaky(*[(500, b"")] * 9)
    with RegistryClient(address) as client, pytest.raises(RegistryError, match="answered 500"):
        client.pull_manifest(ImageReference(address, "iris", "1"))
    assert len(left) == 5


def test_altered_bytes_are_never_kept(flaky, tmp_path):
    address, _ = flaky((200, b"altered"))
    reference = ImageReference(address, "iris", "1")
    with RegistryClient(address) as client, pytest.raises(RegistryError, match="altered on the way"):
        client.pull_blob(reference, _digest(b"original"), tmp_path / "layer")
    assert not list(tmp_path.iterdir())


def test_an_endless_manifest_is_not_read_to_its_end(flaky):
    address, _ = flaky((200, b" " * (5 << 20)))
    with RegistryClient(address) as client, pytest.raises(RegistryError, match="more than 4,194,304 bytes"):
        client.pull_manifest(ImageReference(address, "iris", "1"))


def test_a_full_disk_leaves_nothing(registry, tmp_path):
    if shutil.which("mount") is None:
        pytest.skip("no mount here")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can make a small disk")
    data = bytes(range(256)) * 4096
    reference = ImageReference(registry, "large/blob", "1")
    manifest, blobs = image(gzip.compress(b"", mtime=0))
    try:
        with RegistryClient(registry) as client:
            client.push(reference, manifest, MANIFEST_TYPE, [*blobs, blob(data)])
            with pytest.raises(RegistryError, match="No space left"):
                client.pull_blob(reference, _digest(data), small / "layer")
        assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)
