from __future__ import annotations

import argparse

import pytest

from nbship.errors import UsageError
from nbship.service.shipping.grammar import (
    PACKAGE_OPTIONS,
    SERVE_OPTIONS,
    PackageRequest,
    ServeRequest,
    given,
    request_words,
)


def parsed(kind, options, words):
    parser = argparse.ArgumentParser()
    parser.add_argument("what")
    for flags, keywords in options:
        parser.add_argument(*flags, **keywords)
    return kind(**given(parser.parse_args(words), kind))


@pytest.mark.parametrize(
    "request_",
    [
        PackageRequest("latest"),
        PackageRequest("a", trust_pickle=True, load=False, verify=True, push="r.example/a:1", base="b"),
        PackageRequest("a", context="/c d", name="x", method="predict_proba", model_file="m.skops"),
        PackageRequest("a", archive="/i.tar", platform="linux/arm64", reference="n:t"),
    ],
)
def test_a_packaging_request_is_the_same_after_its_words(request_):
    words = [*request_words(request_, PACKAGE_OPTIONS), "--", request_.what]
    assert parsed(PackageRequest, PACKAGE_OPTIONS, words) == request_


@pytest.mark.parametrize(
    "request_",
    [
        ServeRequest("latest"),
        ServeRequest("a", kind="process", port=8081, replace=True),
        ServeRequest("a", kind="container", method="predict_proba"),
    ],
)
def test_a_serving_request_is_the_same_after_its_words(request_):
    words = [*request_words(request_, SERVE_OPTIONS), "--", request_.what]
    assert parsed(ServeRequest, SERVE_OPTIONS, words) == request_


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_there_is_none_of_is_refused(port):
    with pytest.raises(UsageError, match="from 1 to 65535"):
        ServeRequest("a", port=port)


@pytest.mark.parametrize("other", [{"archive": "a.tar"}, {"push": "r/a"}, {"verify": True}])
def test_a_context_goes_with_no_image(other):
    with pytest.raises(UsageError, match="--context writes no image"):
        PackageRequest("a", context="c", **other)
