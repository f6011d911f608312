from __future__ import annotations

from html.parser import HTMLParser

import pytest

from images import HOSTILE, packaged, served
from nbship.display import looks  # noqa: F401 - results show themselves
from nbship.model.image import ServedModels, Snippets


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(html: str) -> set[str]:
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser.seen


RESULTS = [packaged(), served(), ServedModels((served(),)), ServedModels(())]


@pytest.mark.parametrize("result", RESULTS)
def test_every_result_shows_itself_as_well_formed_html_and_text(result):
    bundle = result._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    tags(bundle["text/html"])
    tags(result.to_html())


def test_every_layer_has_its_size_and_digest():
    html = packaged()._repr_mimebundle_()["text/html"]
    for words in ("heavy wheels", "61.2 MB", "222222222222", "5.32 kB", "new"):
        assert words in html


@pytest.mark.parametrize(
    "result",
    [
        packaged(
            reference=HOSTILE,
            notes=(HOSTILE,),
            archive=HOSTILE,
            pushed=HOSTILE,
            base=HOSTILE,
            snippets=Snippets(HOSTILE, HOSTILE),
        ),
        served(name=HOSTILE, reason=HOSTILE, endpoint=HOSTILE, log_folder=HOSTILE, run_name=HOSTILE),
        ServedModels((served(name=HOSTILE, endpoint=HOSTILE),)),
    ],
)
def test_hostile_texts_make_no_elements(result):
    for html in (result.to_html(), result._repr_mimebundle_()["text/html"]):
        assert not tags(html) & {"img", "script"}


@pytest.mark.parametrize("result", [packaged(), served(), ServedModels((served(),))])
def test_a_result_survives_its_json_form(result):
    assert type(result).from_dict(result.to_dict()) == result
