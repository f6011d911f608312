from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape
from html.parser import HTMLParser

import pytest

from nbship.display.graph_layers import layered
from nbship.display.graph_layout import laid_out
from nbship.display.pipeline_graph import pipeline_bundle
from nbship.display.state_look import counts, standing
from nbship.model.pipeline import PipelineReport, StepReport
from nbship.model.step import StepFailure, StepProgress, StepState

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=y>"
FAILURE = StepFailure("exception", "ValueError: no rows", cell=3, execution_count=2, source="frame.iloc[0]")


def report(*steps: StepReport, edges=(), **parts) -> PipelineReport:
    return PipelineReport(
        **{"name": "churn", "path": "pipeline.toml", "steps": steps, "edges": edges, **parts}
    )


def html(*steps: StepReport, **parts) -> str:
    return pipeline_bundle(report(*steps, **parts))["text/html"]


def svg(text: str) -> ET.Element:
    return ET.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])


def boxes(text: str) -> dict[str, tuple[float, float]]:
    """Left and top of each box, by the first line of its title."""
    found = {}
    for group in svg(text).iter("g"):
        frame = group.find("rect")
        assert frame is not None
        found[(group.findtext("title") or "").partition(":")[0]] = (
            float(frame.attrib["x"]),
            float(frame.attrib["y"]),
        )
    return found


class Table(HTMLParser):
    """The rows of the table, as text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True
        elif tag == "br" and self.open:
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


def test_steps_stand_from_left_to_right_as_they_follow_one_another():
    names = ("load", "clean", "train", "report")
    edges = (("load", "clean"), ("clean", "train"), ("load", "train"), ("train", "report"))
    found = boxes(html(*(StepReport(name) for name in names), edges=edges))
    assert [found[name][0] for name in names] == sorted({found[name][0] for name in names})


def test_every_edge_is_a_line_with_a_head_and_no_id_that_could_clash():
    text = html(StepReport("a"), StepReport("b"), StepReport("c"), edges=(("a", "b"), ("a", "c")))
    paths = [path.attrib["class"] for path in svg(text).iter("path")]
    assert paths.count("nbship-edge") == paths.count("nbship-arrow") == 2
    assert " id=" not in text
    assert "url(" not in text
    assert "<script" not in text


def test_the_drawing_says_in_words_what_it_shows():
    text = html(
        StepReport("load", StepState.COMPLETED),
        StepReport("train", StepState.FAILED, "clean.py changed", failure=FAILURE, run="0123456789"),
        edges=(("load", "train"),),
    )
    drawing = svg(text)
    assert drawing.attrib["role"] == "img"
    assert drawing.attrib["aria-label"] == "Graph of pipeline churn: load completed; train failed, after load"
    titles = [group.findtext("title") for group in drawing.iter("g")]
    assert titles[1] == (
        "train: failed\nclean.py changed\ncell 4 (In [2]) · ValueError: no rows\nnbship show 01234567"
    )


@pytest.mark.parametrize("state", StepState)
def test_a_state_is_a_sign_and_a_word_in_graph_and_table(state):
    text = html(StepReport("only", state))
    words = "".join(svg(text).itertext())
    assert state.value in words
    assert any(state.value in cell and len(cell.split()[0]) == 1 for row in Table(text).rows for cell in row)


def test_a_cached_step_looks_different_from_a_completed_one():
    frames = [
        next(iter(svg(html(StepReport("a", state))).iter("g"))).findall("rect")[1]
        for state in (StepState.COMPLETED, StepState.CACHED)
    ]
    assert "stroke-dasharray" not in frames[0].attrib
    assert "stroke-dasharray" in frames[1].attrib


def test_a_running_step_has_a_bar_and_counts_its_cells():
    progress = StepProgress("train", 3, 4, 6.0, "fit()")
    text = html(StepReport("train", StepState.RUNNING, progress=progress))
    widths = [float(rect.attrib["width"]) for rect in svg(text).iter("rect")][-2:]
    assert widths[1] / widths[0] == pytest.approx(0.75, abs=0.01)
    assert "3/4 cells · 6 s" in "".join(svg(text).itertext())
    assert "about 2 s left" in "".join(svg(text).itertext())


def test_the_table_tells_what_the_boxes_have_no_room_for():
    rows = Table(
        html(
            StepReport("load", StepState.CACHED, "nothing changed", metrics={"rows": 336776}, run="a" * 32),
            StepReport(
                "train",
                StepState.FAILED,
                "input frame changed",
                4.2,
                3,
                run="b" * 32,
                output_path="out/train.ipynb",
                failure=FAILURE,
            ),
            edges=(("load", "train"),),
        )
    ).rows
    assert rows[0] == ["step", "state", "after", "why", "time", "metrics", "run"]
    assert rows[1] == ["load", "≡ cached", "", "nothing changed", "", "rows 336,776", "aaaaaaaa"]
    assert rows[2][3].split("\n") == [
        "input frame changed",
        "3 attempts",
        "ValueError: no rows — cell 4 (In [2])",
        "notebook out/train.ipynb",
    ]


def test_a_pipeline_that_has_not_run_is_drawn_without_empty_columns():
    text = html(StepReport("load"), StepReport("train"), edges=(("load", "train"),))
    assert Table(text).rows[0] == ["step", "state", "after"]
    assert "not run yet" in text
    assert "2 steps: 2 waiting" in text


def test_a_pipeline_without_steps_is_a_line():
    bundle = pipeline_bundle(report())
    assert "no steps" in bundle["text/html"]
    assert "<svg" not in bundle["text/html"]
    assert "no steps" in bundle["text/plain"]


def test_hostile_strings_stay_text():
    text = html(
        StepReport(
            HOSTILE,
            StepState.FAILED,
            HOSTILE,
            metrics={HOSTILE: float("nan")},
            run=HOSTILE,
            output_path=HOSTILE,
            failure=StepFailure("exception", HOSTILE, 1, source=HOSTILE),
        ),
        StepReport("b", StepState.COMPLETED, metrics={HOSTILE: 1.0}),
        edges=((HOSTILE, "b"),),
        name=HOSTILE,
        path=HOSTILE,
        run=HOSTILE,
        warnings=(HOSTILE,),
    )
    assert "<script" not in text
    assert "<img" not in text
    assert escape(HOSTILE) in text
    assert svg(text) is not None


def test_edges_that_lead_nowhere_back_or_to_themselves_are_not_drawn():
    edges = (("a", "b"), ("b", "a"), ("a", "a"), ("gone", "b"), ("a", "b"))
    text = html(StepReport("a"), StepReport("b"), edges=edges)
    assert sum(path.attrib["class"] == "nbship-edge" for path in svg(text).iter("path")) == 1


def test_no_box_covers_another_and_no_long_edge_runs_through_a_box():
    count = 40
    edges = tuple(
        {((7 * i) % i if i else 0, i) for i in range(1, count)} | {(i // 3, i) for i in range(3, count)}
    )
    layout = laid_out((150.0,) * count, tuple(sorted(edges)), 60.0)
    for index, (left, top, width, height) in enumerate(layout.boxes):
        assert left >= 0
        assert left + width <= layout.width
        assert top + height <= layout.height
        for other in layout.boxes[index + 1 :]:
            apart = abs(left - other[0]) >= width or abs(top - other[1]) >= height
            assert apart, (index, other)
    for _, _, points in layout.edges:
        for (x1, y1), (x2, _) in zip(points[1:-1:2], points[2:-1:2], strict=True):
            inside = [box for box in layout.boxes if box[0] >= x1 - 1 and box[0] + box[2] <= x2 + 1]
            assert all(not box[1] < y1 < box[1] + box[3] for box in inside)


def test_ordering_takes_crossings_out_that_need_not_be():
    edges = [(0, 5), (1, 4), (2, 3), (0, 4)]
    assert layered(6, edges).crossings() == 0


def test_a_source_stands_just_before_its_first_user():
    layers = layered(4, [(0, 1), (1, 3), (2, 3)])
    assert [sorted(layer) for layer in layers.order] == [[0], [1, 2], [3]]


def test_a_very_tall_graph_shows_fewer_lines_a_box():
    few = html(*(StepReport(f"s{i}", StepState.COMPLETED, "because") for i in range(3)))
    many = html(*(StepReport(f"s{i}", StepState.COMPLETED, "because") for i in range(20)))
    assert "because" in "".join(text.text or "" for text in svg(few).iter("text"))
    assert "because" not in "".join(text.text or "" for text in svg(many).iter("text"))


@pytest.mark.parametrize(
    ("states", "word"),
    [
        (["waiting", "waiting"], "not run yet"),
        (["cached", "waiting"], "to run"),
        (["completed", "waiting"], "running"),
        (["running"], "running"),
        (["failed", "running"], "failing"),
        (["failed", "not run"], "failed"),
        (["timed out"], "failed"),
        (["completed", "cached"], "completed"),
    ],
)
def test_the_whole_stands_as_its_steps_do(states, word):
    assert standing(map(StepState, states))[1] == word
    assert standing(map(StepState, states), interrupted=True)[1] == "interrupted"


def test_states_are_counted_in_one_order():
    assert counts([StepState.WAITING, StepState.COMPLETED, StepState.WAITING]) == "1 completed, 2 waiting"
