from __future__ import annotations

import pytest

from nbship.errors import UsageError
from nbship.packaging.references import ImageReference, parse_reference

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "reference", "familiar"),
    [
        ("iris", ImageReference("docker.io", "library/iris", "latest"), "iris:latest"),
        ("iris:1", ImageReference("docker.io", "library/iris", "1"), "iris:1"),
        ("team/iris:1", ImageReference("docker.io", "team/iris", "1"), "team/iris:1"),
        ("docker.io/iris:1", ImageReference("docker.io", "library/iris", "1"), "iris:1"),
        ("index.docker.io/team/iris", ImageReference("docker.io", "team/iris", "latest"), "team/iris:latest"),
        ("localhost/iris:1", ImageReference("localhost", "iris", "1"), "localhost/iris:1"),
        ("localhost:5000/a/b:1", ImageReference("localhost:5000", "a/b", "1"), "localhost:5000/a/b:1"),
        ("[::1]:5000/iris:1", ImageReference("[::1]:5000", "iris", "1"), "[::1]:5000/iris:1"),
        (f"ghcr.io/a/b@{DIGEST}", ImageReference("ghcr.io", "a/b", "", DIGEST), f"ghcr.io/a/b@{DIGEST}"),
        (f"ghcr.io/a/b:1@{DIGEST}", ImageReference("ghcr.io", "a/b", "1", DIGEST), f"ghcr.io/a/b:1@{DIGEST}"),
        (
            " my_team/iris-flower__2.0:V1_2.3 ",
            ImageReference("docker.io", "my_team/iris-flower__2.0", "V1_2.3"),
            None,
        ),
    ],
)
def test_a_name_is_read_as_docker_reads_it(text, reference, familiar):
    assert parse_reference(text) == reference
    assert familiar is None or reference.familiar == familiar
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the name of the image is missing"),
        ("localhost:5000/", "the name of the image is missing"),
        ("Iris", "write 'iris'"),
        ("iris flower", "other characters"),
        ("iris..flower", "other characters"),
        ("-iris", "other characters"),
        ("iris:", "the tag ''"),
        ("iris:a b", "the tag 'a b'"),
        ("iris:" + "a" * 129, "or over 128"),
        ("iris@sha256:123", "64 hexadecimal digits"),
        ("https://ghcr.io/iris", "leave the scheme out"),
        ("ho_st.example:5000/iris", "no host name"),
        ("a" * 256, "other characters"),
        ("iris; rm -rf /", "other characters"),
    ],
)
def test_what_is_no_name_is_refused_with_the_reason(text, reason):
    with pytest.raises(UsageError, match="is no name of an image") as told:
        parse_reference(text)
    assert reason in str(told.value)


def test_another_tag_drops_the_digest():
    assert str(parse_reference(f"ghcr.io/a/b:1@{DIGEST}").with_tag("2")) == "ghcr.io/a/b:2"


def test_a_manifest_is_asked_for_by_digest_first():
    assert parse_reference(f"a:1@{DIGEST}").target == DIGEST
    assert parse_reference("a:1").target == "1"
